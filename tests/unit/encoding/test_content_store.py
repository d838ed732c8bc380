from __future__ import annotations

import subprocess
import sys
import threading
from typing import TYPE_CHECKING, BinaryIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pluginry.encoding import content_store
from pluginry.encoding.content_store import ContentStore
from pluginry.model.digest import BlobRef

if TYPE_CHECKING:
    from pathlib import Path

DATA = b"some object"
REF = BlobRef.of(DATA)


@pytest.fixture
def store(tmp_path: Path) -> ContentStore:
    return ContentStore(tmp_path / "objects")


def everything_in(store: ContentStore) -> list[str]:
    return sorted(path.relative_to(store.folder).as_posix() for path in store.folder.rglob("*") if path.is_file())


def test_what_was_added_is_found_under_its_digest(store: ContentStore) -> None:
    assert store.add(DATA) == REF
    assert store.read(REF) == DATA
    found = store.find(REF)
    assert found == store.path_of(REF.sha256) == store.folder / REF.sha256.hex[:2] / REF.sha256.hex
    assert found.read_bytes() == DATA
    assert everything_in(store) == [f"{REF.sha256.hex[:2]}/{REF.sha256.hex}"]


@given(st.binary(max_size=200))
def test_any_content_comes_back(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    store = ContentStore(tmp_path_factory.getbasetemp() / "any-content")
    assert store.read(store.add(data)) == data


def test_a_file_is_copied_and_left_alone(store: ContentStore, tmp_path: Path) -> None:
    original = tmp_path / "original"
    original.write_bytes(DATA)
    assert store.add_file(original) == REF
    assert original.read_bytes() == store.read(REF) == DATA


def test_what_was_never_added_is_not_there(store: ContentStore) -> None:
    assert store.find(REF) is None
    assert store.read(REF) is None


def test_the_size_belongs_to_the_name(store: ContentStore) -> None:
    store.add(DATA)
    assert store.read(BlobRef(sha256=REF.sha256, size=REF.size + 1)) is None


@pytest.mark.parametrize("altered", [b"", b"another object", DATA + b"!", DATA[:-1], b"X" + DATA[1:]])
def test_an_altered_object_is_as_good_as_none_and_comes_back_by_adding_it(store: ContentStore, altered: bytes) -> None:
    path = store.path_of(store.add(DATA).sha256)
    for look in (store.find, store.read):
        path.write_bytes(altered)
        assert look(REF) is None
        assert not path.exists()
        store.add(DATA)
        assert store.read(REF) == DATA


def test_an_altered_object_is_replaced_by_a_file_too(store: ContentStore, tmp_path: Path) -> None:
    path = store.path_of(store.add(DATA).sha256)
    path.write_bytes(b"altered")
    original = tmp_path / "original"
    original.write_bytes(DATA)
    store.add_file(original)
    assert store.read(REF) == DATA


def test_a_folder_in_place_of_an_object_is_no_object(store: ContentStore) -> None:
    store.path_of(REF.sha256).mkdir(parents=True)
    assert store.find(REF) is None
    assert store.read(REF) is None


def test_a_file_in_place_of_the_store_holds_no_object(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    store = ContentStore(tmp_path / "file")
    assert store.find(REF) is None
    assert store.read(REF) is None


def test_a_file_that_comes_in_is_gone_unless_it_is_kept(store: ContentStore) -> None:
    with store.incoming() as path:
        assert path.read_bytes() == b""
        path.write_bytes(DATA)
    assert everything_in(store) == []
    with pytest.raises(ZeroDivisionError), store.incoming() as path:
        _ = 1 / 0
    assert everything_in(store) == []


def test_a_file_that_comes_in_can_be_added_before_it_goes(store: ContentStore) -> None:
    with store.incoming() as path:
        path.write_bytes(DATA)
        assert store.add_file(path) == REF
    assert store.read(REF) == DATA


def test_threads_that_add_the_same_object_do_not_disturb_each_other(store: ContentStore) -> None:
    bodies = [b"object %d" % (number % 3) for number in range(60)]
    found: list[bytes | None] = []
    threads = [threading.Thread(target=lambda body=body: found.append(store.read(store.add(body)))) for body in bodies]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(str, found)) == sorted(map(str, bodies))
    assert len(everything_in(store)) == 3


PROGRAM = """
import sys
from pathlib import Path
from pluginry.encoding.content_store import ContentStore
store = ContentStore(Path(sys.argv[1]))
for number in range(200):
    body = b"object %d" % (number % 5) * 1000
    ref = store.add(body)
    assert store.read(ref) == body
    assert store.find(ref).read_bytes() == body
"""


def test_processes_that_add_the_same_objects_do_not_disturb_each_other(store: ContentStore) -> None:
    running = [subprocess.Popen([sys.executable, "-c", PROGRAM, str(store.folder)]) for _ in range(3)]
    assert [process.wait(timeout=60) for process in running] == [0, 0, 0]
    assert len(everything_in(store)) == 5


def test_what_was_sound_is_not_hashed_again_to_know_that_it_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ref = ContentStore(tmp_path).add(b"an object")
    store = ContentStore(tmp_path)
    hashed: list[object] = []
    hash_of = content_store.blob_ref_of_stream

    def counting(stream: BinaryIO) -> BlobRef:
        hashed.append(stream.name)
        return hash_of(stream)

    monkeypatch.setattr(content_store, "blob_ref_of_stream", counting)
    assert store.holds(ref)
    assert store.holds(ref)
    assert len(hashed) == 1
    store.path_of(ref.sha256).write_bytes(b"something")
    assert store.read(ref) is None  # whoever reads looks again, and forgets it
    assert not store.holds(ref)
    store.add(b"an object")
    store.path_of(ref.sha256).unlink()
    assert not store.holds(ref)
