"""The writer: the same bytes everywhere, and nothing that the reader would refuse."""

from __future__ import annotations

import hashlib
import io
import os
import zipfile
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pluginry.encoding.archive import read_archive
from pluginry.encoding.archive_writer import NewMember, write_archive
from pluginry.encoding.member_names import TakenNames, check_package_name
from pluginry.errors import ArchiveError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

MANIFEST = NewMember(name="plugin.json", body=b'{"id":"acme/demo"}')
FIXED = (
    MANIFEST,
    NewMember(name="src/main.py", body=b"print('hello')\n"),
    NewMember(name="bin/tool", body=b"#!/bin/sh\nexit 0\n", executable=True),
    NewMember(name="locale/espa\u00f1ol.txt", body="\u00a1Hola!".encode()),
    NewMember(name="empty", body=b""),
    NewMember(name="Z", body=bytes(range(256))),
)
FIXED_SHA256 = "e4b1728cd5ea3094f8e460d49c0403165f1ec419b56884528631ca90303b65e0"


def packed(members: Iterable[NewMember]) -> bytes:
    out = io.BytesIO()
    write_archive(out, members)
    return out.getvalue()


def refused_rule(members: Iterable[NewMember]) -> str:
    out = io.BytesIO()
    with pytest.raises(ArchiveError) as refused:
        write_archive(out, members)
    assert out.getvalue() == b""
    return refused.value.rule


@st.composite
def member_sets(draw: st.DrawFn) -> list[NewMember]:
    """Draw members that may be packed together, next to the manifest."""
    letters = st.characters(codec="utf-8", exclude_characters="/") | st.sampled_from("ab. ")
    parts = st.text(letters, min_size=1, max_size=8)
    names = draw(st.lists(st.lists(parts, min_size=1, max_size=4).map("/".join), max_size=8))
    taken = TakenNames()
    taken.add(MANIFEST.name, is_directory=False)
    members = [MANIFEST]
    for name in names:
        try:
            check_package_name(name)
            taken.add(name, is_directory=False)
        except ArchiveError:
            continue
        members.append(NewMember(name=name, body=draw(st.binary(max_size=50)), executable=draw(st.booleans())))
    return members


@given(member_sets(), st.randoms())
def test_what_is_written_is_read_back_in_whatever_order_it_came(members: list[NewMember], random: object) -> None:
    data = packed(members)
    archive = read_archive(io.BytesIO(data))
    found = [
        NewMember(name=m.name, body=archive.read(m.name, max_bytes=m.size), executable=m.executable)
        for m in archive.members
    ]
    assert found == sorted(members, key=lambda member: member.name.encode())
    random.shuffle(members)  # type: ignore[attr-defined] # hypothesis gives a random.Random
    assert packed(members) == data


def test_the_bytes_of_an_archive_never_change() -> None:
    assert hashlib.sha256(packed(FIXED)).hexdigest() == FIXED_SHA256
    assert hashlib.sha256(packed(reversed(FIXED))).hexdigest() == FIXED_SHA256


def test_a_file_is_packed_like_its_content(tmp_path: Path) -> None:
    content = bytes(range(256)) * 10_000
    path = tmp_path / "data"
    path.write_bytes(content)
    os.utime(path, (0, 0))
    path.chmod(0o777)
    from_disk = packed([MANIFEST, NewMember(name="data", body=path)])
    assert from_disk == packed([NewMember(name="data", body=content), MANIFEST])


def test_the_output_need_not_be_seekable() -> None:
    class Sink(io.RawIOBase):
        def __init__(self) -> None:
            self.data = bytearray()

        def writable(self) -> bool:
            return True

        def write(self, data: bytes) -> int:  # type: ignore[override] # narrower, as only bytes are written
            self.data += data
            return len(data)

    sink = Sink()
    write_archive(sink, FIXED)  # type: ignore[arg-type] # a raw stream does for writing
    assert bytes(sink.data) == packed(FIXED)


def test_other_programs_read_names_contents_and_modes() -> None:
    with zipfile.ZipFile(io.BytesIO(packed(FIXED))) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["Z", "bin/tool", "empty", "locale/espa\u00f1ol.txt", "plugin.json", "src/main.py"]
        assert archive.read("locale/espa\u00f1ol.txt").decode() == "\u00a1Hola!"
        assert archive.getinfo("bin/tool").external_attr == 0o100755 << 16
        assert archive.getinfo("Z").external_attr == 0o100644 << 16
        assert archive.getinfo("Z").date_time == (1980, 1, 1, 0, 0, 0)
        assert {info.filename: info.flag_bits for info in archive.infolist() if info.flag_bits} == {
            "locale/espa\u00f1ol.txt": 0x800
        }


@pytest.mark.parametrize(
    ("names", "rule"),
    [
        (["../evil"], "archive.name-traversal"),
        (["NUL"], "archive.name-device"),
        (["folder/"], "archive.name-traversal"),
        (["a", "a"], "archive.name-duplicate"),
        (["a", "A"], "archive.name-collision"),
        (["a", "a/b"], "archive.name-file-and-directory"),
        (["\udce9"], "archive.name-unprintable"),
    ],
)
def test_a_bad_name_is_refused_before_anything_is_written(names: list[str], rule: str) -> None:
    assert refused_rule([MANIFEST, *(NewMember(name=name, body=b"") for name in names)]) == rule


def test_a_package_without_a_manifest_is_refused() -> None:
    assert refused_rule([]) == "archive.no-manifest"
    assert refused_rule([NewMember(name="d/plugin.json", body=b"{}")]) == "archive.no-manifest"


def test_too_many_members_are_refused() -> None:
    assert refused_rule(NewMember(name=str(number), body=b"") for number in range(10_001)) == "archive.entries"


def test_too_many_bytes_are_refused() -> None:
    block = bytes(64 << 20)
    members = (NewMember(name=str(number), body=block) for number in range(9))
    assert refused_rule(members) == "archive.expanded-size"


def test_links_pipes_and_folders_are_not_packed(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(b"of another user")
    link, pipe = tmp_path / "link", tmp_path / "pipe"
    link.symlink_to(secret)
    os.mkfifo(pipe)
    for path in (link, pipe, tmp_path):
        assert refused_rule([MANIFEST, NewMember(name="a", body=path)]) == "archive.file-type"


def test_a_file_that_is_missing_is_an_error_of_the_disk(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        packed([MANIFEST, NewMember(name="a", body=tmp_path / "missing")])


def test_a_file_that_changes_while_it_is_packed_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"one line\n")

    class Meanwhile(io.BytesIO):
        def write(self, data: bytes) -> int:  # type: ignore[override] # narrower, as only bytes are written
            path.write_bytes(b"one line\nand another\n")
            return super().write(data)

    with pytest.raises(ArchiveError) as refused:
        write_archive(Meanwhile(), [MANIFEST, NewMember(name="log", body=path)])
    assert refused.value.rule == "archive.changed-while-packing"
