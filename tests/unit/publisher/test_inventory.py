from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

from memory_store import MemoryStore
from pluginry.model.published import json_node, json_page
from pluginry.publisher.inventory import NOTHING_KNOWN, Inventory, InventoryFile, is_mark_of, mark_of
from watched_store import WatchedStore

if TYPE_CHECKING:
    from pathlib import Path

KNOWN = Inventory(marks={"v1/index.json": "a" * 64, "v1/t/aa/x.json": "-"}, is_complete=True)


def test_a_listing_says_what_is_there_and_what_is_not() -> None:
    store = MemoryStore(location="here")
    store.objects = {"v1/index.json": b"one", "v1/t/x.json": b"node", "not a key\n": b"somebody else's"}
    known = Inventory.of(store)
    assert known.marks.keys() == {"v1/index.json", "v1/t/x.json"}
    assert known.has(json_page("v1/index.json", b"one"))
    assert not known.has(json_page("v1/index.json", b"two"))
    assert known.lacks("v1/other.json")
    assert not known.lacks("v1/index.json")


def test_a_listing_takes_one_request_for_a_thousand_keys() -> None:
    store = WatchedStore(MemoryStore(location="here", objects={f"v1/t/{n}.json": b"" for n in range(2500)}))
    assert len(Inventory.of(store).marks) == 2500
    assert len(store.requests) == 3


def test_digests_vouch_for_immutable_objects_but_not_for_metadata() -> None:
    known = Inventory(marks={"v1/t/x.json": "any", "v1/metadata/2.snapshot.json": "any"})
    assert known.has(json_node("v1/t/x.json", b"node"))
    ours = json_node("v1/metadata/2.snapshot.json", b"ours")
    assert not known.has(ours)
    assert known.with_written({ours.key: mark_of(ours)}).has(ours)


def test_who_knows_nothing_claims_nothing() -> None:
    assert not NOTHING_KNOWN.lacks("v1/index.json")
    assert not NOTHING_KNOWN.holds("v1/index.json")


@pytest.mark.parametrize(
    ("mark", "proves"),
    [
        (hashlib.sha256(b"body").hexdigest(), True),
        (hashlib.md5(b"body", usedforsecurity=False).hexdigest(), True),
        (f'"{hashlib.md5(b"body", usedforsecurity=False).hexdigest()}"', True),
        (hashlib.sha256(b"other").hexdigest(), False),
        (hashlib.md5(b"body", usedforsecurity=False).hexdigest() + "-2", False),
        ("-", False),
        ("", False),
    ],
)
def test_only_a_digest_of_the_body_proves_it(mark: str, proves: bool) -> None:
    assert is_mark_of(mark, b"body") is proves


def test_what_was_kept_is_good_for_its_turn(tmp_path: Path) -> None:
    file = InventoryFile.within(tmp_path / "new", MemoryStore(location="here"))
    file.keep(KNOWN, "turn-1")
    assert file.load("turn-1") == KNOWN
    assert file.load("turn-2") is None
    assert file.load(None) is None
    file.forget()
    file.forget()
    assert file.load("turn-1") is None
    assert list((tmp_path / "new").iterdir()) == []


def test_each_store_has_its_own(tmp_path: Path) -> None:
    here, there = (InventoryFile.within(tmp_path, MemoryStore(location=name)) for name in ("here", "there"))
    here.keep(KNOWN, "turn-1")
    assert there.load("turn-1") is None


def test_what_is_not_complete_or_has_no_turn_is_not_kept(tmp_path: Path) -> None:
    file = InventoryFile.within(tmp_path, MemoryStore(location="here"))
    file.keep(NOTHING_KNOWN, "turn-1")
    file.keep(KNOWN, None)
    assert list(tmp_path.iterdir()) == []
    InventoryFile.within(None, MemoryStore(location="here")).keep(KNOWN, "turn-1")


def test_a_damaged_file_is_worth_nothing(tmp_path: Path) -> None:
    file = InventoryFile.within(tmp_path, MemoryStore(location="here"))
    file.keep(KNOWN, "turn-1")
    assert file.path is not None
    whole = file.path.read_bytes()
    for cut in range(len(whole)):
        file.path.write_bytes(whole[:cut])
        assert file.load("turn-1") is None
    for position in range(len(whole)):
        file.path.write_bytes(whole[:position] + bytes([whole[position] ^ 1]) + whole[position + 1 :])
        assert file.load("turn-1") is None
    file.path.write_bytes(b"\xff\xfe\n")
    assert file.load("turn-1") is None


def test_a_folder_that_cannot_be_written_does_not_spoil_a_publication(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"in the way")
    file = InventoryFile.within(tmp_path / "file", MemoryStore(location="here"))
    file.keep(KNOWN, "turn-1")
    assert file.load("turn-1") is None
