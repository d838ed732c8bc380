"""A publication that remembers the last one leaves in the store what one that remembers nothing would leave."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from memory_store import MemoryStore
from pluginry.encoding import ledger_files, tree
from pluginry.model.digest import Digest
from pluginry.model.layout import TURN_KEY
from pluginry.publisher.known_plugins import KnownPlugins
from pluginry.publisher.load import load_registry
from pluginry.publisher.memory import Memory
from workshop import LISTING, Workshop, units_made, write

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pluginry.model.ledger import Event

PAGE = "plugins/bench/plugin-1/index.html"


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> tuple[Workshop, MemoryStore]:
    """Return a workshop and what it published once; tests work on copies."""
    workshop = Workshop.at(tmp_path_factory.mktemp("first"), plugins=3)
    store = MemoryStore(location="memory:incremental")
    workshop.publish(store)
    return workshop, store


@pytest.fixture
def workshop(published: tuple[Workshop, MemoryStore], tmp_path: Path) -> Workshop:
    root = tmp_path / "again"
    shutil.copytree(published[0].root, root)
    return Workshop(root)


@pytest.fixture
def store(published: tuple[Workshop, MemoryStore]) -> MemoryStore:
    store = MemoryStore(location="memory:incremental")
    store.objects.update(published[1].objects)
    return store


def memories(workshop: Workshop) -> list[Path]:
    return sorted((workshop.root / "inventories").glob("*.memory"))


def release(workshop: Workshop) -> None:
    workshop.release("bench/plugin-1", "1.1.0")


def describe(workshop: Workshop) -> None:
    write(workshop.root / "registry/plugins/bench/plugin-1/README.md", "# A plugin\n\nOther words.\n")


def rename(workshop: Workshop) -> None:
    workshop.change("plugins/bench/plugin-1/listing.yaml", "name: Plugin 1", "name: First of all")


def configure(workshop: Workshop) -> None:
    workshop.change("registry.yaml", "title: Tools", "title: Instruments")


def rename_host(workshop: Workshop) -> None:
    workshop.change("hosts/shell.yaml", "title: Shell", "title: Seashell")


def yank(workshop: Workshop) -> None:
    workshop.change("plugins/bench/plugin-1/releases/1.0.0.yaml", "channel: stable", "channel: stable\nyanked: bad")


def deprecate(workshop: Workshop) -> None:
    workshop.change(
        "plugins/bench/plugin-1/listing.yaml", "status: active", "status: deprecated\nreason: There is better."
    )


def add(workshop: Workshop) -> None:
    workshop.release("bench/plugin-7")


def spoil(workshop: Workshop) -> None:
    write(workshop.root / "registry/plugins/bench/plugin-2/listing.yaml", LISTING % "Two\nname: twice")


def remove(workshop: Workshop) -> None:
    workshop.change("plugins/bench/plugin-1/listing.yaml", "status: active", "status: removed\nreason: It was no good.")


def drop(workshop: Workshop) -> None:
    workshop.change(
        "reserved.yaml", "schema: 1", "schema: 1\ntombstones: [{id: bench/plugin-1, reason: It was no good.}]"
    )
    shutil.rmtree(workshop.root / "registry/plugins/bench/plugin-1")


def relate(workshop: Workshop) -> None:
    workshop.change(
        "plugins/bench/plugin-1/listing.yaml", "status: active", "status: active\nrelated: [bench/plugin-2]"
    )


def hand_over(workshop: Workshop) -> None:
    workshop.change("namespaces/bench.yaml", "title: Generated", "title: Made")


def nothing(workshop: Workshop) -> None:
    assert workshop.root.is_dir()


def test_whatever_happens_the_store_holds_what_a_whole_build_gives(workshop: Workshop, store: MemoryStore) -> None:
    for change in (release, describe, rename, relate, configure, add, yank, hand_over):
        change(workshop)
        outcome = workshop.publish(store)
        assert outcome.quarantined == ()
        assert workshop.differences(store) == (), change.__name__


@pytest.mark.parametrize("change", [rename_host, deprecate, remove, nothing])
def test_one_change_gives_what_a_whole_build_gives(
    workshop: Workshop, store: MemoryStore, change: Callable[[Workshop], None]
) -> None:
    change(workshop)
    outcome = workshop.publish(store)
    assert workshop.differences(store) == ()
    assert change is not nothing or outcome.report.written == 0


def test_a_large_tree_stays_but_for_what_changed_and_is_whole_in_the_store(
    workshop: Workshop, store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tree.plant, "__kwdefaults__", {"inline_limit": 1})
    configure(workshop)
    workshop.publish(store)
    for change in (release, describe, add, remove, nothing):
        change(workshop)
        workshop.publish(store)
        assert workshop.differences(store) == (), change.__name__
    (shard,) = (
        key for key, body in store.objects.items() if body.startswith(b'{"format":1,"plugins":{"bench/plugin-2"')
    )
    lost = store.objects.pop(shard)
    for file in (workshop.root / "inventories").glob("*.txt"):
        file.unlink()
    describe(workshop)
    workshop.publish(store)
    assert store.objects[shard] == lost
    assert workshop.differences(store) == ()


def test_who_goes_for_ever_goes_from_everything_but_its_own_document(workshop: Workshop, store: MemoryStore) -> None:
    drop(workshop)
    workshop.publish(store)
    assert workshop.differences(store) == ("v1/plugins/bench/plugin-1.json",)  # nothing is ever deleted


def test_other_words_change_the_page_and_nothing_else_of_the_catalogue(workshop: Workshop, store: MemoryStore) -> None:
    before = dict(store.objects)
    describe(workshop)
    outcome = workshop.publish(store)
    changed = {key for key, body in store.objects.items() if before.get(key) != body}
    assert changed == {PAGE, TURN_KEY}
    assert outcome.report.replaced == [PAGE]


@pytest.mark.parametrize("damage", [b"", b"pluginry-memory-2 x y\n", b"\xff" * 99])
def test_damaged_memories_cost_work_and_nothing_else(workshop: Workshop, store: MemoryStore, damage: bytes) -> None:
    assert [one.name for one in memories(workshop)] == [
        "catalogue.memory",
        "glances.memory",
        "ledgers.memory",
        "plugins.memory",
        "records.memory",
        "units.memory",
    ]
    for file in memories(workshop):
        file.write_bytes(damage)
    describe(workshop)
    workshop.publish(store)
    assert workshop.differences(store) == ()
    assert all(
        Memory.within(workshop.root / "inventories", name).load() for name in ("ledgers", "plugins", "records", "units")
    )


def test_memories_of_another_marketplace_do_no_harm(workshop: Workshop, store: MemoryStore, tmp_path: Path) -> None:
    other = Workshop.at(tmp_path / "other", plugins=2)
    configure(other)
    other.publish(MemoryStore(location="memory:other"))
    for file in memories(other):
        shutil.copyfile(file, workshop.root / "inventories" / file.name)
    rename(workshop)
    workshop.publish(store)
    assert workshop.differences(store) == ()


def test_another_store_gets_everything(workshop: Workshop, store: MemoryStore) -> None:
    empty = MemoryStore(location="memory:empty")
    workshop.publish(empty)
    assert set(store.objects) <= set(empty.objects)
    assert workshop.differences(empty) == ()


def test_a_page_that_got_lost_is_made_again(workshop: Workshop, store: MemoryStore) -> None:
    lost = store.objects.pop(PAGE)
    for file in (workshop.root / "inventories").glob("*.txt"):
        file.unlink()
    workshop.publish(store)
    assert store.objects[PAGE] == lost


def test_a_page_that_cannot_be_made_is_tried_again(
    workshop: Workshop, store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = store.objects[PAGE]
    with monkeypatch.context() as patched:
        patched.setattr("pluginry.publisher.pages.plugin_pages.readme_html", lambda _text: 1 / 0)
        describe(workshop)
        outcome = workshop.publish(store)
        assert [str(one.id) for one in outcome.quarantined] == ["bench/plugin-1"]
        assert store.objects[PAGE] != good
    outcome = workshop.publish(store)
    assert outcome.quarantined == ()
    assert b"Other words" in store.objects[PAGE]
    assert workshop.differences(store) == ()


def test_a_plugin_in_quarantine_is_told_each_time(workshop: Workshop, store: MemoryStore) -> None:
    spoil(workshop)
    for _ in range(2):
        assert [str(one.id) for one in workshop.publish(store).quarantined] == ["bench/plugin-2"]
        assert workshop.differences(store) == ("v1/plugins/bench/plugin-2.json",)  # nothing is ever deleted


def test_nothing_is_made_twice(workshop: Workshop, store: MemoryStore, monkeypatch: pytest.MonkeyPatch) -> None:
    made = units_made(monkeypatch)
    workshop.publish(store)
    assert made == []
    describe(workshop)
    workshop.publish(store)
    assert made == [PAGE]


def looked_at(workshop: Workshop, store: MemoryStore, monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Publish, and return the plugins whose ledgers were parsed: of nobody else anything is judged, built or folded."""
    parsed: set[str] = set()
    events = ledger_files._events

    def noting(data: bytes, path: str) -> Iterable[Event]:
        parsed.add("/".join(Path(path).with_suffix("").parts[-2:]))
        return events(data, path)

    with monkeypatch.context() as patched:
        patched.setattr(ledger_files, "_events", noting)
        workshop.publish(store)
    return parsed


def test_of_plugins_that_did_not_change_nothing_is_made(
    workshop: Workshop, store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert looked_at(workshop, store, monkeypatch) == set()
    describe(workshop)
    assert looked_at(workshop, store, monkeypatch) == {"bench/plugin-1"}
    assert looked_at(workshop, store, monkeypatch) == set()
    add(workshop)
    assert looked_at(workshop, store, monkeypatch) == {"bench/plugin-7"}
    configure(workshop)
    assert len(looked_at(workshop, store, monkeypatch)) == 4
    assert workshop.differences(store) == ()


def test_a_package_that_got_lost_is_published_again(workshop: Workshop, store: MemoryStore) -> None:
    (package,) = (key for key in store.objects if key.endswith("plugin-2-1.0.0.zip"))
    lost = store.objects.pop(package)
    for file in (workshop.root / "inventories").glob("*.txt"):
        file.unlink()
    workshop.publish(store)
    assert store.objects[package] == lost
    assert workshop.differences(store) == ()


def test_a_catalogue_that_got_lost_is_published_again(workshop: Workshop, store: MemoryStore) -> None:
    (catalogue,) = (key for key, body in store.objects.items() if key.startswith("v1/t/") and b'"plugins":[{' in body)
    lost = store.objects.pop(catalogue)
    for file in (workshop.root / "inventories").glob("*.txt"):
        file.unlink()
    workshop.publish(store)
    assert store.objects[catalogue] == lost
    assert workshop.differences(store) == ()


def test_what_is_remembered_falsely_holds_back_and_never_brings_in(workshop: Workshop, store: MemoryStore) -> None:
    """Whoever can write to the cache of a build machine can say what they like of plugins."""
    good = {key: body for key, body in store.objects.items() if "/packages/" in key}
    folder = workshop.root / "inventories"
    records, plugins = (Memory.within(folder, name) for name in ("records", "plugins"))
    bodies = records.load()
    first, second = "bench/plugin-1", "bench/plugin-2"
    forged = bodies[first].replace(Digest.of(good[package_of(first)]).hex, Digest.of(b"evil").hex)
    assert forged != bodies[first]
    for lie in ({first: forged}, {first: bodies[second]}, {"bench/evil": forged}):
        records.keep({**bodies, **lie})
        describe(workshop)
        workshop.publish(store)
        assert workshop.differences(store) == ()
    yank(workshop)
    plugins.keep({**plugins.load(), first: as_if_settled(workshop, first)})
    workshop.publish(store)
    assert {key: body for key, body in store.objects.items() if "/packages/" in key} == good
    plugins.keep({})
    workshop.publish(store)
    assert workshop.differences(store) == ()


def test_an_alias_that_is_not_remembered_is_in_the_signed_record(workshop: Workshop, store: MemoryStore) -> None:
    mapped = '\nid_mapping: {pattern: "^com[.][a-z_]+$", example: com.one, template: "com.{name_underscored}"}'
    workshop.change("hosts/shell.yaml", "permissions: []", "permissions: []" + mapped)
    claim = "status: active\naliases: [com.one]"
    workshop.change("plugins/bench/plugin-1/listing.yaml", "status: active", claim)
    assert workshop.publish(store).quarantined == ()
    plugins = Memory.within(workshop.root / "inventories", "plugins")
    texts = plugins.load()
    assert "com.one" in texts["bench/plugin-1"]
    plugins.keep({**texts, "bench/plugin-1": texts["bench/plugin-1"].replace("com.one", "")})
    workshop.change("plugins/bench/plugin-2/listing.yaml", "status: active", claim)
    assert [str(item.id) for item in workshop.publish(store).quarantined] == ["bench/plugin-2"]


def as_if_settled(workshop: Workshop, plugin: str) -> str:
    """Return what would be remembered of `plugin` if it had been published as it is now."""
    digests = workshop.workspace.ledgers().digests
    known = KnownPlugins.among({}, workshop.history.content_names(), digests)
    return known.texts(load_registry(workshop.workspace.registry).registry, digests, ())[plugin]


def package_of(plugin: str) -> str:
    name = plugin.partition("/")[2]
    return f"v1/packages/{plugin}/1.0.0/{name}-1.0.0.zip"
