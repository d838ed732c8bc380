"""What every `ObjectStore` does, the one in memory that other tests use included."""

from __future__ import annotations

import itertools
import shutil
import threading
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from memory_store import MemoryStore
from pluginry.adapters.folder_store import FolderStore
from pluginry.adapters.rclone_store import RcloneStore
from pluginry.adapters.s3_client import S3Location, open_client
from pluginry.adapters.s3_store import PARALLELISM, S3Store
from pluginry.adapters.store_lock import PublisherLock
from pluginry.errors import ObjectMissingError, PublishConflictError
from pluginry.model.published import CachePolicy, Phase, PublishedObject, StoredObject, json_node, json_page

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from pluginry.ports import ObjectStore
    from s3_servers import S3Server

KEY = "v1/index.json"
S3_SERVERS = ("moto", "swift", "swift_tls", "radosgw")
RCLONE_REMOTES = ("rclone_folder", "rclone_memory")
STORES = ("folder", "memory", *S3_SERVERS, *RCLONE_REMOTES)


@pytest.fixture(scope="session")
def s3_store(request: pytest.FixtureRequest) -> Callable[[str], S3Store]:
    """Return what makes an empty store in the bucket of a server; all those of one server share a client and a lock."""
    opened: dict[str, tuple[PublisherLock, itertools.count[int]]] = {}

    def make(name: str) -> S3Store:
        if name not in opened:
            server: S3Server = request.getfixturevalue(f"{name}_server")
            with pytest.MonkeyPatch.context() as patch:
                for variable, value in server.environment.items():
                    patch.setenv(variable, value)
                client = open_client(connections=PARALLELISM)
            everywhere = S3Location(bucket=server.bucket, prefix=f"{name}/")
            opened[name] = (PublisherLock(client=client, at=everywhere, key="lock", settles_s=3.0), itertools.count())
        lock, numbers = opened[name]
        at = S3Location(bucket=lock.at.bucket, prefix=f"{lock.at.prefix}{next(numbers)}/")
        return S3Store(client=lock.client, at=at, lock=lock)

    return make


@pytest.fixture
def rclone_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], RcloneStore]]:
    """Yield what opens a store at a remote of rclone: another name for a folder, or one that rclone has in memory."""
    if shutil.which("rclone") is None:
        pytest.skip("rclone is not installed")
    monkeypatch.setenv("RCLONE_CONFIG", "")
    monkeypatch.setenv("RCLONE_CONFIG_RCLONE_FOLDER_TYPE", "alias")
    monkeypatch.setenv("RCLONE_CONFIG_RCLONE_FOLDER_REMOTE", str(tmp_path / "remote"))
    monkeypatch.setenv("RCLONE_CONFIG_RCLONE_MEMORY_TYPE", "memory")
    with ExitStack() as stack:
        yield lambda name: stack.enter_context(RcloneStore.open(f"rclone:{name}:a bucket", is_only_publisher=True))


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> ObjectStore:
    if request.param == "folder":
        return FolderStore(tmp_path / "dist")
    if request.param == "memory":
        return MemoryStore(location="memory")
    opener = "rclone_store" if request.param in RCLONE_REMOTES else "s3_store"
    opened: ObjectStore = request.getfixturevalue(opener)(request.param)
    return opened


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


@pytest.mark.parametrize("is_large", [False, True])
def test_what_never_changes_may_lie_in_a_file_too(store: ObjectStore, tmp_path: Path, *, is_large: bool) -> None:
    file = tmp_path / "package.zip"
    file.write_bytes(b"from a file")
    published = replace(json_node("v1/t/a.json", file if is_large else b"from a file"), file=str(file))
    assert store.create(published)
    assert not store.create(published)
    assert found_in(store, published.key).size == len(b"from a file")
    store.remove(published.key)
    assert file.read_bytes() == b"from a file"
    assert store.create(published)
    assert store.read(published.key) == b"from a file"


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
