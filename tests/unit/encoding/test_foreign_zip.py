from __future__ import annotations

import stat
import zipfile
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from foreign_archives import a_zip
from pluginry.encoding.archive_profile import ArchiveLimits
from pluginry.encoding.foreign_zip import unpack_zip
from pluginry.errors import ArchiveError, UsageError

if TYPE_CHECKING:
    from pathlib import Path


def test_files_are_unpacked_with_their_contents_and_modes(tmp_path: Path) -> None:
    program = zipfile.ZipInfo("bin/run")
    program.create_system = 3
    program.external_attr = (stat.S_IFREG | 0o755) << 16
    archive = a_zip(tmp_path / "a.zip", {"docs/": b"", "docs/readme.md": b"Read me.", "bin/run": program})

    files = unpack_zip(archive, tmp_path / "out")

    assert [(file.name, file.size, file.executable) for file in files] == [
        ("bin/run", 6, True),
        ("docs/readme.md", 8, False),
    ]
    assert (tmp_path / "out/docs/readme.md").read_bytes() == b"Read me."
    assert stat.S_IMODE((tmp_path / "out/bin/run").stat().st_mode) == 0o755
    assert stat.S_IMODE((tmp_path / "out/docs/readme.md").stat().st_mode) == 0o644


def _link() -> zipfile.ZipInfo:
    info = zipfile.ZipInfo("link")
    info.create_system = 3
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info


def _other_encoding() -> zipfile.ZipInfo:
    return zipfile.ZipInfo("a.txt")


@pytest.mark.parametrize(
    ("rule", "files"),
    [
        ("archive.name-traversal", {"../escape.txt": b"x"}),
        ("archive.name-absolute", {"/etc/passwd": b"x"}),
        ("archive.name-character", {"a\\..\\b.txt": b"x"}),
        ("archive.name-device", {"lib/nul.txt": b"x"}),
        ("archive.name-collision", {"README.md": b"x", "readme.md": b"y"}),
        ("archive.name-file-and-directory", {"a": b"x", "a/b": b"y"}),
        ("archive.file-type", {"link": _link()}),
    ],
)
def test_hostile_members_are_refused(tmp_path: Path, rule: str, files: dict[str, bytes]) -> None:
    archive = a_zip(tmp_path / "a.zip", files)

    with pytest.raises(ArchiveError) as caught:
        unpack_zip(archive, tmp_path / "out")

    assert caught.value.rule == rule
    assert not (tmp_path / "escape.txt").exists()


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_members_of_one_name_are_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("a.txt", b"one")
        archive.writestr("a.txt", b"two")

    with pytest.raises(ArchiveError) as caught:
        unpack_zip(tmp_path / "a.zip", tmp_path / "out")

    assert caught.value.rule == "archive.name-duplicate"


@pytest.mark.parametrize(
    ("rule", "limits"),
    [
        ("archive.entries", ArchiveLimits(entries=2)),
        ("archive.expanded-size", ArchiveLimits(expanded_bytes=1000)),
        ("archive.expanded-size", ArchiveLimits(ratio=10, ratio_free_bytes=100)),
    ],
)
def test_an_archive_that_grows_too_much_is_refused(tmp_path: Path, rule: str, limits: ArchiveLimits) -> None:
    archive = a_zip(tmp_path / "a.zip", {f"{number}.txt": b"0" * 4000 for number in range(3)})

    with pytest.raises(ArchiveError) as caught:
        unpack_zip(archive, tmp_path / "out", limits=limits)

    assert caught.value.rule == rule


def test_a_listing_far_beyond_the_limit_is_refused_before_it_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(b"PK\x01\x02" * 50)

    with pytest.raises(ArchiveError) as caught:
        unpack_zip(tmp_path / "a.zip", tmp_path / "out", limits=ArchiveLimits(entries=4))

    assert caught.value.rule == "archive.entries"


def test_members_that_share_bytes_are_refused(tmp_path: Path) -> None:
    archive = a_zip(tmp_path / "a.zip", {"a.txt": b"a" * 500, "b.txt": b"b" * 500})
    data = bytearray(archive.read_bytes())
    second = data.rindex(b"PK\x01\x02")
    data[second + 42 : second + 46] = (1).to_bytes(4, "little")  # its header is said to lie inside the first member
    archive.write_bytes(bytes(data))

    with pytest.raises(ArchiveError) as caught:
        unpack_zip(archive, tmp_path / "out")

    assert caught.value.rule == "archive.overlap"


@pytest.mark.parametrize(
    ("offset", "value", "rule"),
    [
        (8, 0x1, "archive.encrypted"),
        (10, 12, "archive.method"),
    ],
)
def test_what_cannot_be_reviewed_is_refused(tmp_path: Path, offset: int, value: int, rule: str) -> None:
    archive = a_zip(tmp_path / "a.zip", {"a.txt": b"a"})
    data = bytearray(archive.read_bytes())
    entry = data.index(b"PK\x01\x02")
    data[entry + offset] = value
    archive.write_bytes(bytes(data))

    with pytest.raises(ArchiveError) as caught:
        unpack_zip(archive, tmp_path / "out")

    assert caught.value.rule == rule


def test_a_name_in_an_unknown_encoding_is_refused(tmp_path: Path) -> None:
    archive = a_zip(tmp_path / "a.zip", {"aa.txt": b"a"})
    archive.write_bytes(archive.read_bytes().replace(b"aa.txt", b"\x84a.txt"))

    with pytest.raises(ArchiveError) as caught:
        unpack_zip(archive, tmp_path / "out")

    assert caught.value.rule == "archive.name-encoding"


def test_a_damaged_content_is_refused(tmp_path: Path) -> None:
    archive = a_zip(tmp_path / "a.zip", {"a.txt": b"hello, hello, hello"})
    data = bytearray(archive.read_bytes())
    data[40] ^= 0xFF
    archive.write_bytes(bytes(data))

    with pytest.raises(ArchiveError):
        unpack_zip(archive, tmp_path / "out")


def test_only_a_new_folder_is_filled(tmp_path: Path) -> None:
    archive = a_zip(tmp_path / "a.zip", {"a.txt": b"a"})
    (tmp_path / "out").mkdir()
    (tmp_path / "out/mine.txt").write_text("mine")

    with pytest.raises(UsageError):
        unpack_zip(archive, tmp_path / "out")


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_mutation_ends_in_anything_but_an_archive_error(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("mutated")
    archive = a_zip(folder / "a.zip", {"a.txt": b"hello " * 20, "folder/b.bin": bytes(range(64))})
    content = bytearray(archive.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    archive.write_bytes(bytes(content))
    try:
        files = unpack_zip(archive, folder / "out")
    except ArchiveError:
        return
    assert {file.name for file in files} <= {
        path.relative_to(folder / "out").as_posix() for path in (folder / "out").rglob("*")
    }
