"""A publication that remembers the last one leaves in the store what one that remembers nothing would leave."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from memory_store import MemoryStore
from pluginry.model.layout import TURN_KEY
from pluginry.publisher.memory import Memory
from pluginry.publisher.reuse import Reuse
from workshop import LISTING, Workshop, write

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

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


def nothing(workshop: Workshop) -> None:
    assert workshop.root.is_dir()


CHANGES = (release, describe, rename, configure, rename_host, yank, deprecate, add, remove, nothing)


def test_whatever_happens_the_store_holds_what_a_whole_build_gives(workshop: Workshop, store: MemoryStore) -> None:
    for change in (release, describe, rename, configure, add, yank):
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


def test_other_words_change_the_page_and_nothing_else_of_the_catalogue(workshop: Workshop, store: MemoryStore) -> None:
    before = dict(store.objects)
    describe(workshop)
    outcome = workshop.publish(store)
    changed = {key for key, body in store.objects.items() if before.get(key) != body}
    assert changed == {PAGE, TURN_KEY}
    assert outcome.report.replaced == [PAGE]


@pytest.mark.parametrize("damage", [b"", b"pluginry-memory-1 x y\n", b"\xff" * 99])
def test_damaged_memories_cost_work_and_nothing_else(workshop: Workshop, store: MemoryStore, damage: bytes) -> None:
    assert [one.name for one in memories(workshop)] == ["documents.memory", "units.memory"]
    for file in memories(workshop):
        file.write_bytes(damage)
    describe(workshop)
    workshop.publish(store)
    assert workshop.differences(store) == ()
    assert all(Memory.within(workshop.root / "inventories", name).load() for name in ("documents", "units"))


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
    made: list[str] = []
    note = Reuse._note

    def noting(self: Reuse, name: str, *rest: object) -> None:
        made.append(name)
        note(self, name, *rest)  # type: ignore[arg-type]  # whatever it takes

    monkeypatch.setattr(Reuse, "_note", noting)
    workshop.publish(store)
    assert made == []
    describe(workshop)
    workshop.publish(store)
    assert made == [PAGE]
