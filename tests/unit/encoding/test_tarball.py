from __future__ import annotations

import gzip
import stat
import tarfile
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from foreign_archives import a_tarball, packed, tar_bytes, tar_entry
from pluginry.encoding.archive_profile import ArchiveLimits
from pluginry.encoding.tarball import unpack_tarball
from pluginry.errors import ArchiveError

if TYPE_CHECKING:
    from pathlib import Path

LONG = "package/" + "deep-folder/" * 12 + "file-with-a-long-name.txt"


def test_files_are_unpacked_with_their_contents_and_modes(tmp_path: Path) -> None:
    archive = a_tarball(
        tmp_path / "a.tgz", {"./bin/run": b"#!/bin/sh\n", "package/a.txt": b"a" * 700}, programs=["./bin/run"]
    )

    files = unpack_tarball(archive, tmp_path / "out")

    assert [(file.name, file.size, file.executable) for file in files] == [
        ("bin/run", 10, True),
        ("package/a.txt", 700, False),
    ]
    assert (tmp_path / "out/package/a.txt").read_bytes() == b"a" * 700
    assert stat.S_IMODE((tmp_path / "out/bin/run").stat().st_mode) == 0o755


@pytest.mark.parametrize("tar_format", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT, tarfile.USTAR_FORMAT])
def test_long_names_are_read_in_every_notation(tmp_path: Path, tar_format: int) -> None:
    archive = packed(tmp_path / "a.tgz", tar_bytes([(tar_entry(LONG, b"x"), b"x")], tar_format=tar_format))

    assert [file.name for file in unpack_tarball(archive, tmp_path / "out")] == [LONG]


def test_folders_comments_and_a_missing_end_are_no_harm(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "a.tar", "w", format=tarfile.PAX_FORMAT, pax_headers={"comment": "a" * 40}) as out:
        out.addfile(tar_entry("package", kind=tarfile.DIRTYPE, mode=0o755))
    body = (tmp_path / "a.tar").read_bytes().rstrip(b"\0")
    body += b"\0" * (-len(body) % tarfile.BLOCKSIZE)
    archive = packed(tmp_path / "a.tgz", body + tar_bytes([(tar_entry("package/a.txt", b"a"), b"a")], end=False))

    assert [file.name for file in unpack_tarball(archive, tmp_path / "out")] == ["package/a.txt"]


@pytest.mark.parametrize(
    ("rule", "entries"),
    [
        ("archive.name-traversal", [tar_entry("package/../../escape")]),
        ("archive.name-absolute", [tar_entry("/etc/passwd")]),
        ("archive.name-duplicate", [tar_entry("a"), tar_entry("a")]),
        ("archive.name-collision", [tar_entry("a"), tar_entry("A")]),
        ("archive.name-unprintable", [tar_entry("a\u202eb")]),
        ("archive.file-type", [tar_entry("a", kind=tarfile.SYMTYPE)]),
        ("archive.file-type", [tar_entry("a", kind=tarfile.LNKTYPE)]),
        ("archive.file-type", [tar_entry("a", kind=tarfile.CHRTYPE)]),
        ("archive.file-type", [tar_entry("a", kind=tarfile.FIFOTYPE)]),
        ("archive.file-type", [tar_entry("a", kind=tarfile.GNUTYPE_SPARSE)]),
    ],
)
def test_hostile_entries_are_refused(tmp_path: Path, rule: str, entries: list[tarfile.TarInfo]) -> None:
    archive = packed(tmp_path / "a.tgz", tar_bytes([(entry, b"") for entry in entries]))

    with pytest.raises(ArchiveError) as caught:
        unpack_tarball(archive, tmp_path / "out")

    assert caught.value.rule == rule


def _with_records(records: bytes) -> bytes:
    header = tar_entry("records", records, kind=tarfile.XHDTYPE)
    return tar_bytes([(header, records), (tar_entry("a", b"a"), b"a")], tar_format=tarfile.USTAR_FORMAT)


@pytest.mark.parametrize(
    "records",
    [b"10 size=9\n", b"19 GNU.sparse.map=0\n", b"99 path=x\n", b"x path=y\n", b"0 path=y\n", b"2 ", b"\xb2 path=y\n"],
)
def test_strange_extended_headers_are_refused(tmp_path: Path, records: bytes) -> None:
    archive = packed(tmp_path / "a.tgz", _with_records(records))

    with pytest.raises(ArchiveError):
        unpack_tarball(archive, tmp_path / "out")


def test_a_header_that_would_fill_the_memory_is_refused(tmp_path: Path) -> None:
    entry = tar_entry("records", kind=tarfile.XHDTYPE)
    entry.size = 1 << 30
    archive = packed(tmp_path / "a.tgz", entry.tobuf(tarfile.USTAR_FORMAT))

    with pytest.raises(ArchiveError) as caught:
        unpack_tarball(archive, tmp_path / "out")

    assert caught.value.rule == "archive.name-length"


def test_a_size_below_zero_is_refused(tmp_path: Path) -> None:
    entry = tar_entry("a")
    entry.size = -512
    archive = packed(tmp_path / "a.tgz", entry.tobuf(tarfile.GNU_FORMAT))

    with pytest.raises(ArchiveError):
        unpack_tarball(archive, tmp_path / "out")


@pytest.mark.parametrize(
    ("rule", "limits"),
    [
        ("archive.entries", ArchiveLimits(entries=2)),
        ("archive.expanded-size", ArchiveLimits(expanded_bytes=1000)),
        ("archive.expanded-size", ArchiveLimits(ratio=10, ratio_free_bytes=100)),
    ],
)
def test_an_archive_that_grows_too_much_is_refused(tmp_path: Path, rule: str, limits: ArchiveLimits) -> None:
    archive = a_tarball(tmp_path / "a.tgz", {f"{number}.txt": b"0" * 4000 for number in range(3)})

    with pytest.raises(ArchiveError) as caught:
        unpack_tarball(archive, tmp_path / "out", limits=limits)

    assert caught.value.rule == rule


@pytest.mark.parametrize("cut", [5, 30, 200])
def test_half_an_archive_is_refused(tmp_path: Path, cut: int) -> None:
    archive = a_tarball(tmp_path / "a.tgz", {f"{number}": bytes(range(256)) * 8 for number in range(9)})
    archive.write_bytes(archive.read_bytes()[:cut])

    with pytest.raises(ArchiveError):
        unpack_tarball(archive, tmp_path / "out")


@pytest.mark.parametrize("data", [b"", b"not gzip at all", gzip.compress(b"x" * 2000, mtime=0)])
def test_another_file_is_refused_or_empty(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "a.tgz").write_bytes(data)

    if not data:
        assert unpack_tarball(tmp_path / "a.tgz", tmp_path / "out") == ()
        return
    with pytest.raises(ArchiveError):
        unpack_tarball(tmp_path / "a.tgz", tmp_path / "out")


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_mutation_ends_in_anything_but_an_archive_error(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("mutated")
    content = bytearray(tar_bytes([(tar_entry(LONG, b"x" * 600), b"x" * 600), (tar_entry("b"), b"")]))
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    archive = packed(folder / "a.tgz", bytes(content))
    try:
        files = unpack_tarball(archive, folder / "out")
    except ArchiveError:
        return
    assert all((folder / "out" / file.name).stat().st_size == file.size for file in files)
