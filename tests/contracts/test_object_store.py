"""What every `ObjectStore` does, the one in memory that other tests use included."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from memory_store import MemoryStore
from pluginry.adapters.folder_store import FolderStore
from pluginry.errors import ObjectMissingError, PublishConflictError
from pluginry.model.published import CachePolicy, Phase, PublishedObject, StoredObject, json_page

if TYPE_CHECKING:
    from pathlib import Path

    from pluginry.ports import ObjectStore

KEY = "v1/index.json"
STORES = ("folder", "memory")


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> ObjectStore:
    if request.param == "folder":
        return FolderStore(tmp_path / "dist")
    return MemoryStore(location="memory")


def an_object(body: bytes | Path = b"one", key: str = KEY) -> PublishedObject:
    return PublishedObject(key=key, body=body, media_type="application/json", cache=CachePolicy.SHORT, phase=Phase.PAGE)


def found_in(store: ObjectStore, key: str = KEY) -> StoredObject:
    found = store.find(key)
    assert found is not None
    return found


def keys_of(store: ObjectStore, prefix: str = "") -> list[str]:
    return [stored.key for stored in store.list(prefix)]


def test_an_empty_store_has_nothing(store: ObjectStore) -> None:
    assert keys_of(store) == []
    assert store.find(KEY) is None
    with pytest.raises(ObjectMissingError):
        store.read(KEY)


def test_what_was_created_can_be_read(store: ObjectStore) -> None:
    assert store.create(an_object(b"one"))
    assert store.read(KEY) == b"one"
    assert (found_in(store).key, found_in(store).size) == (KEY, 3)


@pytest.mark.parametrize("body", [b"", b"\0\xff\n\r\n", bytes(3_000_000)])
def test_any_content_comes_back(store: ObjectStore, body: bytes) -> None:
    assert store.create(an_object(body))
    assert store.read(KEY) == body


def test_a_body_may_lie_in_a_file(store: ObjectStore, tmp_path: Path) -> None:
    file = tmp_path / "package.zip"
    file.write_bytes(b"from a file")
    assert store.create(an_object(file))
    assert store.read(KEY) == b"from a file"
    assert file.read_bytes() == b"from a file"


def test_creating_never_overwrites(store: ObjectStore) -> None:
    assert store.create(an_object(b"one"))
    assert not store.create(an_object(b"two"))
    assert not store.create(an_object(b"one"))
    assert store.read(KEY) == b"one"


def test_replacing_what_is_known_overwrites(store: ObjectStore) -> None:
    store.create(an_object(b"one"))
    store.replace(an_object(b"two"), expected=found_in(store).tag)
    assert store.read(KEY) == b"two"


def test_replacing_nothing_creates(store: ObjectStore) -> None:
    store.replace(an_object(b"one"), expected=None)
    assert store.read(KEY) == b"one"


def test_replacing_what_somebody_changed_is_a_conflict(store: ObjectStore) -> None:
    store.create(an_object(b"one"))
    tag = found_in(store).tag
    store.replace(an_object(b"two"), expected=tag)
    with pytest.raises(PublishConflictError):
        store.replace(an_object(b"three"), expected=tag)
    assert store.read(KEY) == b"two"


def test_replacing_what_somebody_created_is_a_conflict(store: ObjectStore) -> None:
    store.create(an_object(b"one"))
    with pytest.raises(PublishConflictError):
        store.replace(an_object(b"two"), expected=None)
    assert store.read(KEY) == b"one"


def test_replacing_what_is_not_there_is_a_conflict(store: ObjectStore) -> None:
    with pytest.raises(PublishConflictError):
        store.replace(an_object(b"two"), expected="a tag")
    assert store.find(KEY) is None


def test_the_tag_changes_with_the_content(store: ObjectStore) -> None:
    store.create(an_object(b"one"))
    first = found_in(store).tag
    store.replace(an_object(b"two"), expected=first)
    assert found_in(store).tag != first


def test_keys_are_listed_in_byte_order_and_by_prefix(store: ObjectStore) -> None:
    keys = ["v1/t/b.json", "index.html", "v1/index.json", "v1/t-a.json", "v1/t/a.json", "V1/x.json"]
    for key in keys:
        store.create(an_object(key=key))
    assert keys_of(store) == sorted(keys)
    assert keys_of(store, "v1/t") == ["v1/t-a.json", "v1/t/a.json", "v1/t/b.json"]
    assert keys_of(store, "v1/t/") == ["v1/t/a.json", "v1/t/b.json"]
    assert keys_of(store, "v2") == []


def test_a_list_says_what_looking_at_each_says(store: ObjectStore) -> None:
    before = datetime.now(UTC) - timedelta(seconds=5)
    store.create(an_object(b"one", key="v1/a.json"))
    store.create(an_object(b"three", key="v1/b.json"))
    listed = list(store.list())
    assert [(stored.key, stored.tag, stored.size) for stored in listed] == [
        (key, found_in(store, key).tag, found_in(store, key).size) for key in ("v1/a.json", "v1/b.json")
    ]
    assert all(before < stored.modified_at < datetime.now(UTC) + timedelta(seconds=5) for stored in listed)


def test_what_was_removed_is_gone_and_its_neighbours_stay(store: ObjectStore) -> None:
    store.create(an_object(key="v1/t/a.json"))
    store.create(an_object(key="v1/t/b.json"))
    store.remove("v1/t/a.json")
    store.remove("v1/t/a.json")
    assert keys_of(store) == ["v1/t/b.json"]
    with pytest.raises(ObjectMissingError):
        store.read("v1/t/a.json")
    assert store.create(an_object(b"again", key="v1/t/a.json"))
    assert store.read("v1/t/a.json") == b"again"


def test_the_part_before_a_slash_is_no_object(store: ObjectStore) -> None:
    store.create(an_object(key="a/b/c.json"))
    assert store.find("a/b") is None
    with pytest.raises(ObjectMissingError):
        store.read("a/b")


def test_of_many_who_replace_the_same_state_one_wins(store: ObjectStore) -> None:
    store.create(an_object(b"start"))
    tag = found_in(store).tag
    outcomes: list[str] = []

    def replace(number: int) -> None:
        try:
            store.replace(json_page(KEY, b"by %d" % number), expected=tag)
        except PublishConflictError:
            outcomes.append("conflict")
        else:
            outcomes.append(f"by {number}")

    threads = [threading.Thread(target=replace, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    winners = [outcome for outcome in outcomes if outcome != "conflict"]
    assert len(outcomes) == 6
    assert winners == [store.read(KEY).decode()]


def test_its_location_is_for_people(store: ObjectStore) -> None:
    assert store.location
