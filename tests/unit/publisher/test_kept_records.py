"""Records are kept only where all that is remembered is what the published index names, and all of it is there."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from memory_store import MemoryStore
from pluginry.encoding import canonical_json, documents, tree
from pluginry.encoding.catalogue_delta import CatalogueRows
from pluginry.model.digest import BlobRef, Digest
from pluginry.model.index import PluginRecord, TreeRoot
from pluginry.model.layout import INDEX_ROOT_TARGET, node_key
from pluginry.model.names import PluginId
from pluginry.model.status import Status
from pluginry.publisher.inventory import Inventory
from pluginry.publisher.kept_records import KeptRecords, kept_records, lasting_keys, record_in
from pluginry.publisher.memory import Memory
from workshop import START, Workshop

if TYPE_CHECKING:
    from pathlib import Path

EVERYBODY = FIRST, SECOND, THIRD = tuple(PluginId.parse(f"bench/plugin-{number}") for number in range(3))


class Published:
    """A marketplace that was published once, and what that left behind."""

    def __init__(self, folder: Path) -> None:
        self.workshop = Workshop.at(folder, plugins=3)
        self.store = MemoryStore(location="memory:kept")
        self.workshop.publish(self.store)
        self.bodies = Memory.within(folder / "inventories", "records").load()
        root = self.workshop.repository.current_target(INDEX_ROOT_TARGET, self.store)
        assert root is not None
        self.root = documents.decode(TreeRoot, root, what="root.json")
        self.catalogue = self.store.read(node_key(self.root.catalogue.sha256))

    def kept(self, *plugins: PluginId, **changed: Any) -> KeptRecords:
        """Return what is kept of `plugins`, where some input is `changed`."""
        given = {"bodies": self.bodies, "catalogue": self.catalogue, "root": self.root, **changed}
        return kept_records(**given, settled={*map(str, plugins)}, known=Inventory.of(self.store))


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Published:
    return Published(tmp_path_factory.mktemp("published"))


def test_a_record_is_kept_with_all_that_is_published_with_it(published: Published) -> None:
    found = published.kept(FIRST, THIRD)
    assert found.keys() == {FIRST, THIRD}
    assert (found.releases, found.without({str(FIRST)}).keys()) == (2, {THIRD})
    body, ref, row = found[FIRST].body, found.published.refs[FIRST], found.published.rows[str(FIRST).encode()]
    (release,) = record_in(body, FIRST).releases
    assert documents.encode(record_in(body, FIRST)) == body.encode()
    assert ref == BlobRef.of(body.encode())
    assert CatalogueRows.summary_in(row) in published.catalogue
    keys = {*lasting_keys(record_in(body, FIRST), ref)}
    lasting = {key for key in published.store.objects if "plugin-0-1.0.0.zip" in key}
    nodes = {node_key(one.sha256) for one in (ref, release.manifest, release.facts)}
    assert keys == lasting | nodes
    assert keys < published.store.objects.keys()


def test_a_tree_is_counted_on_only_where_all_of_its_nodes_are_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tree.plant, "__kwdefaults__", {"inline_limit": 1})
    records = {plugin: PluginRecord(id=plugin, seq=1, status=Status.ACTIVE, releases=()) for plugin in (FIRST, SECOND)}
    bodies = {plugin: documents.encode(one) for plugin, one in records.items()}
    rows = {
        str(plugin).encode(): CatalogueRows.row_of(b'{"hosts":[],"id":"%s"}' % str(plugin).encode())
        for plugin in records
    }
    catalogue = CatalogueRows(b'{"plugins":[', rows).joined()
    planted = tree.plant({plugin: BlobRef.of(body) for plugin, body in bodies.items()})
    root = TreeRoot(
        epoch=1,
        serial=1,
        generated=START,
        plugins=2,
        releases=0,
        catalogue=BlobRef.of(catalogue),
        fanout=planted.fanout,
        nodes=planted.nodes,
    )
    texts = {str(plugin): body.decode() for plugin, body in bodies.items()}
    nodes = {node_key(Digest.of(body)) for body in planted.bodies}
    lost = {*sorted(nodes)[1:]}
    for there, is_there in ((nodes, True), (lost, False)):
        found = kept_records(texts, catalogue, root, {str(FIRST)}, Inventory(marks=dict.fromkeys(there, "-")))
        assert found.keys() == {FIRST}
        assert (found.published.tree is not None) == is_there
        assert found.among({str(FIRST)}).published.tree is None


def test_who_names_another_in_its_record_is_found(published: Published) -> None:
    releases = [{"version": "2.0.0"}, {"conflicts": {"a/b": "*"}, "dependencies": {"a/c": ">=1"}, "version": "1.0.0"}]
    texts = ({"releases": releases}, {"replaced_by": "a/b", "releases": []}, {"releases": [{"version": "a/b"}]})
    bodies = {str(plugin): canonical_json.encode(text).decode() for plugin, text in zip(EVERYBODY, texts, strict=True)}
    kept = KeptRecords(replace(published.kept(*EVERYBODY).published, bodies=bodies), EVERYBODY)
    assert kept.naming({"a/b"}) == {str(FIRST), str(SECOND)}
    assert kept.naming({"a/c"}) == kept.without({str(SECOND)}).naming({"a/b"}) == {str(FIRST)}
    assert kept.naming({"a/d"}) == frozenset()


def test_who_has_an_alias_is_found_in_whatever_case(published: Published) -> None:
    rows = {
        b"bench/plugin-0": b'aliases":["com.One"],"id":"bench/plugin-0"',
        b"bench/plugin-1": b'id":"bench/plugin-1"',
    }
    kept = KeptRecords(replace(published.kept(FIRST).published, rows=rows), [FIRST])
    assert kept.called({"com.one", "com.two"}) == {str(FIRST)}
    assert kept.called({"com.two"}) == kept.called(()) == frozenset()


def test_what_the_published_index_does_not_name_is_not_kept(published: Published) -> None:
    name = str(SECOND)
    other = published.bodies[name].replace('"seq":', '"seq": ')
    assert published.kept(*EVERYBODY).keys() == {*EVERYBODY}
    for root in (None, replace(published.root, plugins=4), replace(published.root, shard={})):
        assert published.kept(*EVERYBODY, root=root) == {}
    for bodies in (
        {},
        {**published.bodies, name: other},
        {**published.bodies, "bench/plugin-3": other},
        {**published.bodies, "no id": other},
        {("no id" if key == name else key): body for key, body in published.bodies.items()},
        dict.fromkeys(published.bodies, published.bodies[name]),
        {key: body for key, body in published.bodies.items() if key != name},
    ):
        assert published.kept(*EVERYBODY, bodies=bodies) == {}
    for catalogue in (b"", published.catalogue.replace(b"Plugin 1", b"Plugin 9"), published.catalogue + b"\n"):
        assert catalogue != published.catalogue
        assert published.kept(*EVERYBODY, catalogue=catalogue) == {}
