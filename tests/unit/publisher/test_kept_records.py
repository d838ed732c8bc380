"""Records are kept only where all that is remembered is what the published index names, and all of it is there."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from memory_store import MemoryStore
from pluginry.encoding import documents
from pluginry.encoding.catalogue_delta import CatalogueRows
from pluginry.model.digest import BlobRef
from pluginry.model.index import TreeRoot
from pluginry.model.layout import INDEX_ROOT_TARGET
from pluginry.model.names import PluginId
from pluginry.publisher.inventory import Inventory
from pluginry.publisher.kept_records import kept_records, record_in
from pluginry.publisher.memory import Memory
from workshop import Workshop

if TYPE_CHECKING:
    from pathlib import Path

FIRST, SECOND, THIRD = (PluginId.parse(f"bench/plugin-{number}") for number in range(3))


class Published:
    """A marketplace that was published once, and what that left behind."""

    def __init__(self, folder: Path) -> None:
        self.workshop = Workshop.at(folder, plugins=3)
        self.store = MemoryStore(location="memory:kept")
        self.workshop.publish(self.store)
        self.bodies = Memory.within(folder / "inventories", "records").load()
        self.catalogue = Memory.within(folder / "inventories", "catalogue").load()["whole"].encode()
        root = self.workshop.repository.current_target(INDEX_ROOT_TARGET, self.store)
        assert root is not None
        self.root = documents.decode(TreeRoot, root, what="root.json")


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Published:
    return Published(tmp_path_factory.mktemp("published"))


def test_a_record_is_kept_with_all_that_is_published_with_it(published: Published) -> None:
    found = kept_records(published.bodies, published.catalogue, published.root, {FIRST, THIRD})
    assert found.keys() == {FIRST, THIRD}
    kept = found[FIRST]
    (release,) = record_in(kept.body, FIRST).releases
    assert documents.encode(record_in(kept.body, FIRST)) == kept.body
    assert kept.ref == BlobRef.of(kept.body)
    assert kept.releases == 1
    assert CatalogueRows.summary_in(kept.row) in published.catalogue
    assert (kept.manifests, kept.facts) == ((release.manifest,), (release.facts,))
    lasting = {key for key in published.store.objects if "plugin-0-1.0.0.zip" in key}
    nodes = {f"v1/index/nodes/{hashlib.sha256(kept.body).hexdigest()}.json"}
    assert set(kept.keys) & (lasting | nodes)
    assert lasting < set(kept.keys) <= set(published.store.objects)


def test_it_is_whole_while_each_of_its_objects_is_there(published: Published) -> None:
    kept = kept_records(published.bodies, published.catalogue, published.root, {FIRST})[FIRST]
    assert kept.is_whole(Inventory.of(published.store))
    for lost in kept.keys:
        assert not kept.is_whole(Inventory(marks=dict.fromkeys(set(kept.keys) - {lost}, "-")))


def test_what_the_published_index_does_not_name_is_not_kept(published: Published) -> None:
    everybody, name = {FIRST, SECOND, THIRD}, str(SECOND)
    other = published.bodies[name].replace('"seq":', '"seq": ')
    assert kept_records(published.bodies, published.catalogue, published.root, everybody).keys() == everybody
    assert kept_records(published.bodies, published.catalogue, None, everybody) == {}
    assert kept_records(published.bodies, published.catalogue, replace(published.root, plugins=4), everybody) == {}
    assert kept_records(published.bodies, published.catalogue, replace(published.root, shard={}), everybody) == {}
    for bodies in (
        {},
        {**published.bodies, name: other},
        {**published.bodies, "bench/plugin-3": other},
        {**published.bodies, "no id": other},
        {("no id" if key == name else key): body for key, body in published.bodies.items()},
        dict.fromkeys(published.bodies, published.bodies[name]),
        {key: body for key, body in published.bodies.items() if key != name},
    ):
        assert kept_records(bodies, published.catalogue, published.root, everybody) == {}
    for catalogue in (b"", published.catalogue.replace(b"Plugin 1", b"Plugin 9"), published.catalogue + b"\n"):
        assert catalogue != published.catalogue
        assert kept_records(published.bodies, catalogue, published.root, everybody) == {}
