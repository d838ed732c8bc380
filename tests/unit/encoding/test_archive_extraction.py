"""Extraction: below a new folder, plain files with plain modes, and nowhere else."""

from __future__ import annotations

import io
import os
import stat
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forged_zips import ForgedMember, forged_zip
from hostile_zips import HOSTILE_ZIPS, MANIFEST, HostileZip
from pluginry.encoding.archive import read_archive
from pluginry.encoding.archive_extraction import extract
from pluginry.errors import ArchiveError, UsageError

DEEP = b"".join(b"%d\n" % number for number in range(300_000))
TREE = forged_zip(
    MANIFEST,
    ForgedMember(name=b"bin/tool", body=b"#!/bin/sh\n", mode=0o100755),
    ForgedMember(name=b"bin/", body=b"", mode=0o040700),
    ForgedMember(name=b"a/b/c/deep.txt", body=DEEP, method=8),
    ForgedMember(name=b"private", body=b"", mode=0o100600),
    ForgedMember(name=b"empty/folder/", body=b"", mode=0o040777),
    ForgedMember(name="l\u00f6sung".encode(), body=b"42"),
)


def extracted(data: bytes, destination: Path, *, fsync: bool = False) -> None:
    extract(read_archive(io.BytesIO(data)), destination, fsync=fsync)


def tree_of(folder: Path) -> dict[str, tuple[str, int]]:
    return {
        path.relative_to(folder).as_posix(): (stat.filemode(path.lstat().st_mode), path.lstat().st_size)
        for path in folder.rglob("*")
    }


@pytest.mark.parametrize("fsync", [False, True])
@pytest.mark.parametrize("umask", [0o022, 0o077, 0])
def test_files_and_folders_are_written_with_two_modes_whatever_the_umask(
    tmp_path: Path, umask: int, fsync: bool
) -> None:
    before = os.umask(umask)
    try:
        extracted(TREE, tmp_path / "new", fsync=fsync)
    finally:
        os.umask(before)
    assert tree_of(tmp_path / "new") == {
        "plugin.json": ("-rw-r--r--", 18),
        "bin": ("drwxr-xr-x", 0),
        "bin/tool": ("-rwxr-xr-x", 10),
        "a": ("drwxr-xr-x", 0),
        "a/b": ("drwxr-xr-x", 0),
        "a/b/c": ("drwxr-xr-x", 0),
        "a/b/c/deep.txt": ("-rw-r--r--", len(DEEP)),
        "private": ("-rw-r--r--", 0),
        "empty": ("drwxr-xr-x", 0),
        "empty/folder": ("drwxr-xr-x", 0),
        "l\u00f6sung": ("-rw-r--r--", 2),
    } | {
        path.relative_to(tmp_path / "new").as_posix(): ("drwxr-xr-x", path.lstat().st_size)
        for path in (tmp_path / "new").rglob("*")
        if path.is_dir()  # folders have a size that the file system chooses
    }
    assert (tmp_path / "new/a/b/c/deep.txt").read_bytes() == DEEP


def test_an_empty_folder_may_be_there_already(tmp_path: Path) -> None:
    extracted(TREE, tmp_path)
    assert (tmp_path / "plugin.json").read_bytes() == MANIFEST.body


def test_a_folder_with_something_in_it_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "plugin.json").write_bytes(b"mine")
    with pytest.raises(UsageError):
        extracted(TREE, tmp_path)
    assert list(tree_of(tmp_path)) == ["plugin.json"]
    assert (tmp_path / "plugin.json").read_bytes() == b"mine"


def test_a_link_is_no_new_folder(tmp_path: Path) -> None:
    (tmp_path / "target").mkdir()
    (tmp_path / "link").symlink_to("target")
    with pytest.raises(UsageError):
        extracted(TREE, tmp_path / "link")
    assert not any((tmp_path / "target").iterdir())


def test_a_file_or_a_missing_parent_in_the_way_is_an_error_of_the_disk(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"mine")
    with pytest.raises(FileExistsError):
        extracted(TREE, tmp_path / "file")
    with pytest.raises(FileNotFoundError):
        extracted(TREE, tmp_path / "missing/new")
    assert (tmp_path / "file").read_bytes() == b"mine"


def test_an_entry_that_appears_meanwhile_is_not_replaced(tmp_path: Path) -> None:
    class Meanwhile(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            if (tmp_path / "new/plugin.json").exists() and not (tmp_path / "new/private").is_symlink():
                (tmp_path / "new/private").symlink_to(tmp_path / "stolen")
            return super().read(size)

    with pytest.raises(FileExistsError):
        extract(read_archive(Meanwhile(TREE)), tmp_path / "new")
    assert not (tmp_path / "stolen").exists()


@pytest.mark.parametrize("hostile", HOSTILE_ZIPS, ids=lambda hostile: hostile.about)
def test_no_hostile_archive_writes_outside_of_its_folder(hostile: HostileZip, tmp_path: Path) -> None:
    outer = tmp_path / "outer"
    outer.mkdir()
    with pytest.raises(ArchiveError):
        extracted(hostile.data, outer / "new")
    assert [path.name for path in tmp_path.iterdir()] == ["outer"]
    assert {path.name for path in outer.iterdir()} <= {"new"}
    assert not any(path.is_symlink() for path in tmp_path.rglob("*"))


@settings(max_examples=60)
@given(st.lists(st.text(alphabet="a.A/\\ :~\u00e9\0", min_size=1, max_size=10), max_size=5))
def test_whatever_the_names_nothing_lands_outside(names: list[str]) -> None:
    members = [ForgedMember(name=name.encode(), body=b"" if name.endswith("/") else b"x", mode=0) for name in names]
    with tempfile.TemporaryDirectory() as scratch:
        outer = Path(scratch).resolve() / "outer"
        outer.mkdir()
        try:
            extracted(forged_zip(MANIFEST, *members), outer / "new")
        except ArchiveError:
            assert list(outer.iterdir()) == []
        else:
            found = {path.relative_to(outer / "new").as_posix() for path in outer.glob("new/**/*") if path.is_file()}
            assert found == {"plugin.json", *(name for name in names if not name.endswith("/"))}
        assert [path.name for path in Path(scratch).iterdir()] == ["outer"]
