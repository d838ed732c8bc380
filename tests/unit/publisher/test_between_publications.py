"""Whatever happens between two publications, the second one makes only what changed, or what it cannot be sure of."""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING
from unittest.mock import ANY

import pytest

from memory_store import MemoryStore
from pluginry.errors import TransportError
from pluginry.model import layout
from pluginry.model.turn import Doing
from pluginry.model.versions import Version
from pluginry.publisher.inventory import Inventory, InventoryFile
from pluginry.publisher.object_access import ObjectAccess
from pluginry.publisher.turn import LASTS
from queues import a_queue
from watched_store import WatchedStore
from workshop import Workshop, units_made

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable
    from pathlib import Path

    from pluginry.model.digest import BlobRef
    from pluginry.model.ledger import Ledger
    from pluginry.model.published import StoredObject
    from watched_store import Request

FIRST, SECOND = "the first input", "the second input"


class Md5Store(MemoryStore):
    """A store whose version tags are those of S3."""

    def find(self, key: str) -> StoredObject | None:
        found = super().find(key)
        tag = hashlib.md5(self.objects.get(key, b""), usedforsecurity=False).hexdigest()
        return found and replace(found, tag=f'"{tag}"')


class CoarseStore(MemoryStore):
    """A store whose tags are size and time, as rclone's where the remote knows no digests, and all in one second."""

    def find(self, key: str) -> StoredObject | None:
        found = super().find(key)
        return found and replace(found, tag=f"{found.size}-2026-03-01T12:00:00Z")


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    return Workshop.at(tmp_path / "here", plugins=3)


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    return units_made(monkeypatch)


def listings(store: WatchedStore) -> int:
    return sum(request.operation == "list" for request in store.requests)


def published_queues(workshop: Workshop, store: WatchedStore) -> None:
    for title in ("one", "two"):
        assert workshop.publish(store, made_of=FIRST, queue=a_queue(title)).report.written


def renewed_metadata(workshop: Workshop, store: WatchedStore) -> None:
    for _ in range(2):
        workshop.now += timedelta(days=40)
        assert workshop.publish(store, made_of=FIRST).report.created


def both(workshop: Workshop, store: WatchedStore) -> None:
    published_queues(workshop, store)
    renewed_metadata(workshop, store)
    published_queues(workshop, store)


@pytest.mark.parametrize("meanwhile", [published_queues, renewed_metadata, both])
def test_what_takes_a_turn_with_few_objects_leaves_the_inventory_good(
    workshop: Workshop, made: list[str], meanwhile: Callable[[Workshop, WatchedStore], None]
) -> None:
    store = WatchedStore(MemoryStore(location="memory:meanwhile"))
    workshop.publish(store, made_of=FIRST)
    meanwhile(workshop, store)
    workshop.change("plugins/bench/plugin-1/README.md", "Generated.", "Written by hand.")
    store.requests.clear()
    made.clear()
    assert not workshop.publish(store, made_of=SECOND).is_unchanged
    assert listings(store) == 0
    assert made == ["plugins/bench/plugin-1/index.html"]
    assert workshop.differences(store) == ()


def test_what_was_written_meanwhile_is_known_to_be_another(workshop: Workshop) -> None:
    store = WatchedStore(MemoryStore(location="memory:meanwhile"))
    for title in ("one", "two"):
        workshop.publish(store, made_of=FIRST, queue=a_queue(title))
    before = store.read(layout.QUEUE_KEY)
    workshop.change("plugins/bench/plugin-1/README.md", "Generated.", "Written by hand.")
    workshop.publish(store, made_of=SECOND, queue=a_queue("one"))  # as it was when the inventory was written
    assert store.read(layout.QUEUE_KEY) != before


def test_after_somebody_else_the_store_is_listed_all_the_same(workshop: Workshop, tmp_path: Path) -> None:
    store = WatchedStore(MemoryStore(location="memory:meanwhile"))
    workshop.publish(store, made_of=FIRST)
    published_queues(workshop, store)
    rival = workshop.copy(tmp_path / "rival")
    rival.release("bench/plugin-7")
    rival.publish(store)
    store.requests.clear()
    workshop.publish(store, made_of=SECOND, allow_shrink=2)
    assert listings(store) == 1


def test_two_turns_in_one_second_are_told_apart_whatever_the_tags_of_the_store_are(
    workshop: Workshop, tmp_path: Path
) -> None:
    store = CoarseStore(location="memory:coarse")
    workshop.publish(store)
    rival = workshop.copy(tmp_path / "rival")
    rival.change("plugins/bench/plugin-1/README.md", "Generated.", "What the rival says.")
    before = store.find(layout.TURN_KEY)
    rival.publish(store)
    assert store.find(layout.TURN_KEY) == replace(before, modified_at=ANY)
    workshop.publish(store)
    assert workshop.differences(store) == ()


def test_after_a_turn_that_somebody_left_open_nothing_is_carried_on(workshop: Workshop, tmp_path: Path) -> None:
    store = WatchedStore(MemoryStore(location="memory:meanwhile"))
    workshop.publish(store, made_of=FIRST)
    rival = workshop.copy(tmp_path / "rival")
    rival.change("plugins/bench/plugin-0/README.md", "Generated.", "Written by hand.")

    def cut(request: object) -> None:
        if getattr(request, "operation", "") == "replace" and getattr(request, "key", "").startswith("plugins/"):
            raise KeyboardInterrupt

    store.after = cut
    with pytest.raises(KeyboardInterrupt):
        rival.publish(store)
    store.after = lambda _request: None
    published_queues(workshop, store)
    store.requests.clear()
    workshop.publish(store, made_of=SECOND)
    assert listings(store) > 0
    assert workshop.differences(store) == ()


def test_pages_of_a_rival_that_was_overtaken_and_then_killed_are_replaced(workshop: Workshop, tmp_path: Path) -> None:
    """It goes on writing after others have published, ended their turns and kept what they know of the store."""
    store = MemoryStore(location="memory:meanwhile")
    workshop.publish(store, made_of=FIRST)
    store.modified_at[layout.TURN_KEY] = workshop.now
    rival = workshop.copy(tmp_path / "rival")
    for plugin in ("plugin-0", "plugin-2"):  # the turn is taken for the first of them
        rival.change(f"plugins/bench/{plugin}/README.md", "Generated.", "What the rival says.")
    page = "plugins/bench/plugin-2/index.html"

    def overtake(request: Request) -> None:
        if (request.operation, request.key) == ("find", page):
            for text in ("Overtaken.", "Overtaken twice."):
                workshop.change("plugins/bench/plugin-1/README.md", "Generated.", f"Generated. {text}")
                workshop.publish(store)

    def kill(request: Request) -> None:
        if (request.operation, request.key) == ("replace", page):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        rival.publish(WatchedStore(store, before=overtake, after=kill))
    assert b"What the rival says." in store.objects[page]
    workshop.publish(store)
    assert workshop.differences(store) == ()
    workshop.now += LASTS[Doing.PUBLISHING]
    workshop.publish(store)  # and from now on nobody has to look any more
    watched = WatchedStore(store)
    workshop.change("plugins/bench/plugin-1/README.md", "Generated.", "By hand.")
    workshop.publish(watched)
    assert listings(watched) == 0
    assert workshop.differences(store) == ()


def forget_inventory(workshop: Workshop) -> None:
    for file in (workshop.root / "inventories").glob("*.txt"):
        file.unlink()


def test_a_listing_proves_what_is_stored_whatever_the_tags_of_the_store_are(
    workshop: Workshop, made: list[str]
) -> None:
    for kind in (MemoryStore, Md5Store):
        here = workshop.copy(workshop.root.with_name(kind.__name__))
        shutil.copytree(workshop.root / "registry", here.root / "registry", dirs_exist_ok=True)
        store = kind(location="memory:tags")
        here.publish(store)
        for text in ("One.", "Two.", "Three."):  # the second and third time the inventory has marks of both kinds
            here.change("plugins/bench/plugin-1/README.md", "Generated.", f"Generated. {text}")
            if text == "One.":
                forget_inventory(here)
            made.clear()
            here.publish(store)
            assert made == ["plugins/bench/plugin-1/index.html"]
        assert here.differences(store) == ()


def test_a_unit_of_which_some_was_listed_and_some_written_is_made_once(workshop: Workshop, made: list[str]) -> None:
    store = Md5Store(location="memory:tags")
    workshop.publish(store)
    forget_inventory(workshop)
    for version in ("1.1.0", "1.2.0"):
        workshop.release("bench/plugin-1", version)
        workshop.publish(store)
    made.clear()
    workshop.change("plugins/bench/plugin-0/README.md", "Generated.", "Written by hand.")
    workshop.publish(store)
    assert made == ["plugins/bench/plugin-0/index.html"]


def test_a_page_that_was_damaged_is_made_again_after_a_listing(workshop: Workshop) -> None:
    store = Md5Store(location="memory:tags")
    workshop.publish(store)
    page = "plugins/bench/plugin-1/index.html"
    before = store.objects[page]
    store.objects[page] = b"damaged"
    forget_inventory(workshop)
    workshop.publish(store)
    assert store.objects[page] == before


def test_another_checkout_goes_on_from_memories_alone(workshop: Workshop, made: list[str], tmp_path: Path) -> None:
    """As in continuous integration, where nothing else is kept from run to run."""
    store = WatchedStore(MemoryStore(location="memory:elsewhere"))
    workshop.publish(store)
    fresh = workshop.copy(tmp_path / "fresh")
    shutil.copytree(workshop.root / "inventories", fresh.root / "inventories")
    fresh.change("plugins/bench/plugin-1/README.md", "Generated.", "Written by hand.")
    store.requests.clear()
    made.clear()
    fresh.publish(store)
    assert made == ["plugins/bench/plugin-1/index.html"]
    assert listings(store) == 0
    assert fresh.differences(store) == ()


def test_what_feeds_tell_of_others_is_brought_at_once(
    made: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where no objects are kept, as in continuous integration: pages of a few plugins are made, feeds tell of all."""
    workshop = Workshop.at(tmp_path / "many", plugins=12)
    store = WatchedStore(MemoryStore(location="memory:elsewhere"))
    workshop.publish(store)
    fresh = workshop.copy(tmp_path / "fresh")
    shutil.copytree(workshop.root / "inventories", fresh.root / "inventories")
    fresh.release("bench/plugin-1", "1.1.0")
    brought: list[str] = []
    bring = ObjectAccess.bring

    def watched(access: ObjectAccess, wanted: Iterable[tuple[BlobRef, str]]) -> None:
        found = [*wanted]
        brought.extend(key for _, key in found)
        bring(access, found)

    monkeypatch.setattr(ObjectAccess, "bring", watched)
    store.requests.clear()
    made.clear()
    fresh.publish(store)
    without_pages = [f"bench/plugin-{n}" for n in range(12) if f"plugins/bench/plugin-{n}/index.html" not in made]
    manifests = {ledger.releases[Version("1.0.0")].manifest for ledger in ledgers_of(fresh, without_pages)}
    keys = {layout.node_key(ref.sha256) for ref in manifests}
    assert len(keys) > 5
    assert keys <= {*brought}
    reads = [request.key for request in store.requests if request.operation == "read" and request.key in keys]
    assert sorted(reads) == sorted(keys)


def ledgers_of(workshop: Workshop, plugins: Collection[str]) -> list[Ledger]:
    return [ledger for plugin, ledger in workshop.workspace.ledgers().items() if str(plugin) in plugins]


def test_a_note_without_its_inventory_is_worth_nothing(tmp_path: Path) -> None:
    file = InventoryFile.within(tmp_path, MemoryStore(location="here"))
    file.carry_on({"v1/queue.json": "a" * 64}, "turn-1", "turn-2")
    assert file.load("turn-2") is None
    file.carry_on({"v1/queue.json": "a" * 64}, None, "turn-3")
    assert file.load("turn-3") is None
    file.forget()
    assert list(tmp_path.iterdir()) == []
    InventoryFile(None).carry_on({}, "turn-1", "turn-2")


def test_a_note_of_before_spoils_no_inventory(tmp_path: Path) -> None:
    file = InventoryFile.within(tmp_path, MemoryStore(location="here"))
    file.carry_on({"v1/queue.json": "a" * 64}, "turn-1", "turn-2")  # of turn 1 nothing is known
    known = Inventory(marks={"v1/index.json": "b" * 64}, is_complete=True)
    file.keep(known, "turn-2")
    assert file.load("turn-2") == known
    file.carry_on({"v1/queue.json": "c" * 64}, "turn-2", "turn-3")
    assert file.load("turn-3") == known.with_written({"v1/queue.json": "c" * 64})


def test_metadata_that_was_renewed_is_current_whatever_becomes_of_the_turn(workshop: Workshop) -> None:
    store = WatchedStore(MemoryStore(location="memory:meanwhile"))
    workshop.publish(store, made_of=FIRST)
    is_current: list[str] = []

    def fail_the_end(request: Request) -> None:
        if request.operation == "replace" and request.key == layout.TIMESTAMP_KEY:
            is_current.append(request.key)
        if is_current and request.operation == "replace" and request.key == layout.TURN_KEY:
            raise TransportError("the store is gone")

    store.before = fail_the_end
    workshop.now += timedelta(days=40)
    assert workshop.publish(store, made_of=FIRST).is_unchanged
    assert is_current
    store.before = lambda _request: None
    store.requests.clear()
    workshop.publish(store, made_of=SECOND)
    assert listings(store) > 0
