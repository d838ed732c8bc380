from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pluginry.adapters.folder_store import FolderStore
from pluginry.errors import ObjectMissingError, PublishConflictError, TamperedError, TransportError
from pluginry.model.digest import BlobRef, Digest
from pluginry.model.published import CachePolicy, Phase, PublishedObject, json_node, json_page
from pluginry.publisher.object_access import ObjectAccess
from workshop import Workshop

KEY = "v1/t/ab/node.json"


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path / "dist")


def files_in(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_an_object_is_a_file_under_its_key_that_everybody_may_read(store: FolderStore) -> None:
    store.create(json_node(KEY, b"body"))
    path = store.root / KEY
    assert path.read_bytes() == b"body"
    assert path.stat().st_mode & 0o777 == 0o644
    assert path.stat().st_nlink == 1
    assert store.location == str(store.root)


def test_everybody_may_read_an_object_whatever_the_umask(store: FolderStore) -> None:
    before = os.umask(0o077)
    try:
        store.create(json_node(KEY, b"body"))
    finally:
        os.umask(before)
    assert (store.root / KEY).stat().st_mode & 0o777 == 0o644


def test_the_tag_is_the_digest_of_the_content(store: FolderStore) -> None:
    store.create(json_node(KEY, b"body"))
    found = store.find(KEY)
    assert found is not None
    assert found.tag == Digest.of(b"body").hex


def test_nothing_but_objects_is_left_behind(store: FolderStore) -> None:
    store.create(json_node(KEY, b"one"))
    store.create(json_node(KEY, b"two"))
    store.replace(json_page("v1/index.json", b"one"), expected=None)
    with pytest.raises(PublishConflictError):
        store.replace(json_page("v1/index.json", b"two"), expected="stale")
    assert files_in(store.root) == [KEY, "v1/index.json"] or files_in(store.root) == ["v1/index.json", KEY]


def test_files_that_are_being_written_are_no_objects(store: FolderStore) -> None:
    store.create(json_node(KEY, b"body"))
    (store.root / "v1" / ".pluginry-incoming-x").write_bytes(b"half")
    assert [stored.key for stored in store.list()] == [KEY]
    with pytest.raises(TransportError, match="being written"):
        store.read("v1/.pluginry-incoming-x")
    with pytest.raises(TransportError, match="being written"):
        store.create(json_node("v1/.pluginry-incoming-y", b""))


def test_files_of_others_that_cannot_be_keys_are_not_listed(store: FolderStore) -> None:
    store.create(json_node(KEY, b"body"))
    (store.root / "My Notes.txt").write_bytes(b"")
    assert [stored.key for stored in store.list()] == [KEY]


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """Return a file of the publisher, as old as the release that it belongs to."""
    file = tmp_path / "objects" / "ab"
    file.parent.mkdir()
    file.write_bytes(b"body")
    file.chmod(0o600)
    os.utime(file, (1, 1))
    return file


def a_package(kept: Path, *, is_large: bool = False) -> PublishedObject:
    """Return what lies in the file `kept`, too."""
    return replace(json_node(KEY, kept if is_large else b"body"), file=str(kept))


@pytest.mark.parametrize("is_large", [False, True])
def test_what_never_changes_is_the_publishers_own_file_that_everybody_may_read_and_came_now(
    store: FolderStore, kept: Path, *, is_large: bool
) -> None:
    assert store.create(a_package(kept, is_large=is_large))
    path, found = store.root / KEY, store.find(KEY)
    assert path.samefile(kept)
    assert path.read_bytes() == b"body"
    assert path.stat().st_mode & 0o777 == 0o644
    assert found is not None
    assert datetime.now(UTC) - found.modified_at < timedelta(hours=1)
    assert files_in(store.root) == [KEY]


@pytest.mark.parametrize("is_large", [False, True])
def test_what_is_replaced_some_day_has_a_file_of_its_own(store: FolderStore, kept: Path, *, is_large: bool) -> None:
    page = replace(a_package(kept, is_large=is_large), cache=CachePolicy.SHORT, phase=Phase.PAGE)
    for write in (
        lambda: store.replace(page, expected=None),
        lambda: store.replace(page, expected=Digest.of(b"body").hex),
        lambda: store.create(replace(page, key="v1/index.json")),
    ):
        write()
        assert not any(path.samefile(kept) for path in store.root.rglob("*.json"))
        assert store.read(KEY) == b"body"


@pytest.mark.parametrize("is_large", [False, True])
@pytest.mark.parametrize("reason", [errno.EXDEV, errno.EPERM, errno.EMLINK, errno.EOPNOTSUPP])
def test_where_a_file_can_have_no_second_name_it_is_copied(
    store: FolderStore, kept: Path, monkeypatch: pytest.MonkeyPatch, reason: int, *, is_large: bool
) -> None:
    link = os.link

    def refusing(source: str, path: str) -> None:
        if Path(source) == kept:
            raise OSError(reason, os.strerror(reason))
        link(source, path)

    monkeypatch.setattr(os, "link", refusing)
    assert store.create(a_package(kept, is_large=is_large))
    assert store.read(KEY) == b"body"
    assert not (store.root / KEY).samefile(kept)
    assert (store.root / KEY).stat().st_mode & 0o777 == 0o644
    assert files_in(store.root) == [KEY]


@pytest.mark.parametrize("meanwhile", ["gone", "shorter", "a link", "a folder"])
def test_a_file_that_is_not_what_was_read_is_not_taken(store: FolderStore, kept: Path, meanwhile: str) -> None:
    kept.unlink()
    if meanwhile == "shorter":
        kept.write_bytes(b"bod")
    elif meanwhile == "a link":
        (kept.parent / "other").write_bytes(b"body")
        kept.symlink_to("other")
    elif meanwhile == "a folder":
        kept.mkdir()
    assert store.create(a_package(kept))
    assert store.read(KEY) == b"body"
    assert not (store.root / KEY).is_symlink()
    assert (store.root / KEY).stat().st_nlink == 1


def test_a_name_that_is_taken_keeps_its_file(store: FolderStore, kept: Path) -> None:
    store.create(json_node(KEY, b"first"))
    assert not store.create(a_package(kept))
    assert store.read(KEY) == b"first"
    assert (kept.stat().st_nlink, kept.stat().st_mtime) == (1, 1)


def test_what_is_removed_from_the_store_stays_with_the_publisher(store: FolderStore, kept: Path) -> None:
    store.create(a_package(kept))
    store.remove(KEY)
    assert files_in(store.root) == []
    assert kept.read_bytes() == b"body"


def test_a_published_package_that_was_edited_is_refused_and_comes_back_when_it_is_gone(tmp_path: Path) -> None:
    workshop, store = Workshop.at(tmp_path / "workshop", plugins=1), FolderStore(tmp_path / "dist")
    workshop.publish(store)
    ours = workshop.workspace.objects.folder
    inodes = {path.stat().st_ino for path in ours.rglob("*") if path.is_file()}
    shared = [path for path in store.root.rglob("*") if path.is_file() and path.stat().st_ino in inodes]
    assert shared
    assert {path.suffix for path in shared} == {".zip"}, "what is small is here twice, to heal from"
    before = {path: path.read_bytes() for path in shared}
    for path in shared:
        path.write_bytes(b"X" + before[path][1:])
        key = path.relative_to(store.root).as_posix()
        access = ObjectAccess(workshop.workspace.objects, store)
        with pytest.raises(TamperedError) as caught:
            access.to_publish(BlobRef.of(before[path]), key)
        assert caught.value.where == key
        path.unlink()
    shutil.rmtree(tmp_path / "workshop" / "inventories")
    workshop.publish(store)
    assert {path: path.read_bytes() for path in shared} == before


ESCAPES = ["../evil", "v1/../../evil", "/evil", "", ".", "..", "v1//x", "v1/", "v1\\..\\evil", "v1/x\0", "v1/./x"]


@pytest.mark.parametrize("key", ESCAPES)
def test_no_key_leads_out_of_the_folder(store: FolderStore, key: str) -> None:
    published = json_node(key, b"evil")
    for attempt in (
        lambda: store.create(published),
        lambda: store.replace(published, expected=None),
        lambda: store.read(key),
        lambda: store.find(key),
    ):
        with pytest.raises(TransportError, match="not a key") as caught:
            attempt()
        assert not isinstance(caught.value, ObjectMissingError)
    assert files_in(store.root.parent) == []


def test_a_file_where_a_folder_must_be_is_an_error_of_the_store(store: FolderStore) -> None:
    store.create(json_node("v1/t", b"in the way"))
    for attempt in (
        lambda: store.create(json_node("v1/t/ab.json", b"")),
        lambda: store.replace(json_page("v1/t/ab.json", b""), expected=None),
    ):
        with pytest.raises(TransportError, match="cannot be written"):
            attempt()
    assert store.find("v1/t/ab.json") is None


def test_a_name_that_no_file_can_have_is_an_error_of_the_store(store: FolderStore) -> None:
    store.create(json_node(KEY, b""))
    with pytest.raises(TransportError, match="cannot be read") as caught:
        store.find("v1/" + "x" * 300)
    assert not isinstance(caught.value, ObjectMissingError)


def test_a_body_that_is_not_there_is_an_error_of_the_store_and_leaves_nothing(
    store: FolderStore, tmp_path: Path
) -> None:
    lost = json_node(KEY, b"")
    gone = PublishedObject(
        key=KEY, body=tmp_path / "gone.zip", media_type=lost.media_type, cache=lost.cache, phase=lost.phase
    )
    with pytest.raises(TransportError, match="cannot be written"):
        store.create(gone)
    assert files_in(store.root) == []


def test_the_lock_lies_beside_the_folder_and_not_in_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "dist"
    folder.mkdir()
    monkeypatch.chdir(folder)
    FolderStore(Path()).replace(json_page("v1/index.json", b"{}"), expected=None)
    assert files_in(folder) == ["v1/index.json"]


def test_of_many_threads_that_create_the_same_object_one_does(store: FolderStore) -> None:
    created: list[bytes] = []

    def create(body: bytes) -> None:
        if store.create(json_node(KEY, body)):
            created.append(body)

    threads = [threading.Thread(target=create, args=(b"by %d" % number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert created == [store.read(KEY)]
    assert files_in(store.root) == [KEY]


PROGRAM = """
import sys
from pathlib import Path
from pluginry.adapters.folder_store import FolderStore
from pluginry.errors import PublishConflictError
from pluginry.model.published import json_node, json_page
store, me = FolderStore(Path(sys.argv[1])), sys.argv[2].encode() * 10_000
won = [n for n in range(40) if store.create(json_node(f"v1/t/{n}.json", me))]
for _ in range(15):
    while True:
        found = store.find("v1/counter")
        count = int(store.read("v1/counter")) if found else 0
        try:
            store.replace(json_page("v1/counter", b"%d" % (count + 1)), expected=found.tag if found else None)
        except PublishConflictError:
            continue
        break
print(*won)
"""


def test_processes_exclude_each_other(store: FolderStore) -> None:
    running = [
        subprocess.Popen([sys.executable, "-c", PROGRAM, str(store.root), name], stdout=subprocess.PIPE, text=True)
        for name in "abc"
    ]
    won = {name: process.communicate(timeout=60)[0].split() for name, process in zip("abc", running, strict=True)}
    assert [process.returncode for process in running] == [0, 0, 0]
    assert sorted(number for numbers in won.values() for number in numbers) == sorted(map(str, range(40)))
    for name, numbers in won.items():
        assert all(store.read(f"v1/t/{number}.json") == name.encode() * 10_000 for number in numbers)
    assert store.read("v1/counter") == b"45"
