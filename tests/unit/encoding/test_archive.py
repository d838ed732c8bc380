"""The reader refuses everything but profile zip-1, and says which rule was broken."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forged_zips import ForgedMember, deflated, forged_zip
from hostile_zips import GOOD, HOSTILE_ZIPS, MANIFEST, MIB, HostileZip
from pluginry.encoding.archive import Archive, read_archive
from pluginry.encoding.archive_profile import ArchiveLimits
from pluginry.encoding.archive_writer import NewMember, write_archive
from pluginry.errors import ArchiveError

if TYPE_CHECKING:
    from collections.abc import Callable

Seen = list[tuple[str, bool, bool, bytes]]


def opened(data: bytes, **limits: int) -> Archive:
    return read_archive(io.BytesIO(data), limits=ArchiveLimits(**limits))


def seen_in(data: bytes) -> Seen:
    archive = opened(data)
    return [(m.name, m.is_directory, m.executable, b"".join(archive.open_chunks(m))) for m in archive.members]


def written() -> bytes:
    out = io.BytesIO()
    members = [("plugin.json", b"{}", False), ("bin/tool", b"#!/bin/sh\n", True), ("l\u00f6sung.txt", b"42", False)]
    write_archive(out, [NewMember(name=name, body=body, executable=x) for name, body, x in members])
    return out.getvalue()


def zipped() -> bytes:
    """Return what the zipfile module writes to a seekable file: a folder, a deflated and a stored file."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body, mode in (("plugin.json", b"{}" * 40, 0o100644), ("d/run.py", b"print()", 0o100755)):
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = mode << 16
            archive.writestr(info, body)
        folder = zipfile.ZipInfo("d/")
        folder.external_attr = 0o040755 << 16 | 0x10
        archive.writestr(folder, b"")
    return out.getvalue()


@pytest.mark.parametrize("hostile", HOSTILE_ZIPS, ids=lambda hostile: hostile.about)
def test_every_hostile_archive_is_refused_by_its_rule(hostile: HostileZip) -> None:
    with pytest.raises(ArchiveError) as refused:
        opened(hostile.data).check_contents()
    assert refused.value.rule == hostile.rule
    assert refused.value.hint
    assert str(refused.value).isprintable()


@pytest.mark.parametrize("hostile", HOSTILE_ZIPS, ids=lambda hostile: hostile.about)
def test_only_damaged_contents_are_left_for_reading(hostile: HostileZip) -> None:
    if hostile.in_content:
        assert opened(hostile.data).find("plugin.json") is not None
    else:
        with pytest.raises(ArchiveError):
            opened(hostile.data)


@pytest.mark.parametrize("make", [written, zipped])
def test_an_archive_cut_off_anywhere_is_refused(make: Callable[[], bytes]) -> None:
    data = make()
    for end in range(len(data)):
        with pytest.raises(ArchiveError):
            seen_in(data[:end])


@pytest.mark.parametrize("make", [written, zipped])
def test_an_archive_without_its_first_bytes_is_refused(make: Callable[[], bytes]) -> None:
    data = make()
    for start in range(1, len(data)):
        with pytest.raises(ArchiveError):
            seen_in(data[start:])


@pytest.mark.parametrize("flip", [0xFF, *(1 << bit for bit in range(8))])
@pytest.mark.parametrize("make", [written, zipped])
def test_a_flipped_byte_is_refused_or_changes_nothing(make: Callable[[], bytes], flip: int) -> None:
    # Nothing in a ZIP file protects modes: another valid mode is only noticed by the digest of the package.
    data = make()
    expected = seen_in(data)
    for position in range(len(data)):
        changed = bytearray(data)
        changed[position] ^= flip
        try:
            found = seen_in(bytes(changed))
        except ArchiveError:
            continue
        assert found == expected, position


def check_that_zipfile_agrees(data: bytes) -> None:
    """If we accept `data`, the standard library sees the same members."""
    try:
        found = seen_in(data)
    except ArchiveError:
        return
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        other = [(info.filename, archive.read(info)) for info in archive.infolist()]
    assert [(f"{name}/" if is_directory else name, body) for name, is_directory, _, body in found] == other


@given(st.sampled_from([written(), zipped(), GOOD]), st.data())
def test_a_spliced_archive_is_refused_or_read_like_the_standard_library_does(base: bytes, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(base)))
    end = data.draw(st.integers(start, min(len(base), start + 40)))
    source = data.draw(st.integers(0, len(base)))
    patch = data.draw(st.binary(max_size=8) | st.just(base[source : source + 40]))
    check_that_zipfile_agrees(base[:start] + patch + base[end:])


@given(st.binary(max_size=200), st.binary(min_size=18, max_size=18))
def test_random_bytes_raise_nothing_but_archive_errors(head: bytes, fields: bytes) -> None:
    for data in (
        head,
        head + b"PK\5\6" + fields,
        b"PK\3\4" + head,
        b"PK\1\2" + head + b"PK\5\6" + fields[:-2] + b"\0\0",
    ):
        check_that_zipfile_agrees(data)


def test_members_come_in_the_order_of_the_file_with_all_their_facts() -> None:
    archive = opened(zipped())
    assert [(m.name, m.is_directory, m.executable, m.method, m.size) for m in archive.members] == [
        ("plugin.json", False, False, 8, 80),
        ("d/run.py", False, True, 8, 7),
        ("d", True, False, 0, 0),
    ]
    first = archive.members[0]
    assert zipped()[first.offset : first.offset + first.compressed_size] == deflated(b"{}" * 40)
    assert first.crc32 == zipfile.ZipFile(io.BytesIO(zipped())).getinfo("plugin.json").CRC


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
@pytest.mark.parametrize("size", [0, 1, MIB - 1, MIB, MIB + 1, 3 * MIB])
def test_what_zipfile_writes_to_a_file_is_accepted(compression: int, size: int) -> None:
    body = bytes(range(256)) * (size // 256 + 1)
    body = bytes(b ^ (i >> 8 & 0xFF) for i, b in enumerate(body[:4096])) + body[4096:]
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive:
        archive.writestr("plugin.json", "{}")
        archive.writestr("gr\u00f6\u00dfe.bin", body[:size])
    assert opened(out.getvalue(), ratio=10_000).read("gr\u00f6\u00dfe.bin", max_bytes=size) == body[:size]


def test_output_that_fills_the_buffer_exactly_is_read_to_its_end() -> None:
    body = bytes(2 * MIB)
    data = forged_zip(MANIFEST, ForgedMember(name=b"zeros", body=body, method=8))
    archive = opened(data, ratio=2000)
    member = archive.find("zeros")
    assert member is not None
    chunks = list(archive.open_chunks(member))
    assert b"".join(chunks) == body
    assert max(map(len, chunks)) <= MIB


def test_members_may_be_read_by_turns() -> None:
    noise = bytes((i * i * 31 + i) & 0xFF for i in range(3 * MIB // 2))
    members = [ForgedMember(name=name, body=noise[i:]) for i, name in enumerate((b"one", b"two"))]
    archive = opened(forged_zip(MANIFEST, *members))
    one, two = (archive.open_chunks(member) for member in archive.members[1:])
    pairs = list(zip(one, two, strict=True))
    assert len(pairs) == 2
    assert b"".join(first for first, _ in pairs) == noise
    assert b"".join(second for _, second in pairs) == noise[1:]


@pytest.mark.parametrize("name", ["nothing", "d", "D/run.py", "plugin.json/", "../plugin.json", "", "\x1b"])
def test_a_file_that_is_not_there_is_refused(name: str) -> None:
    with pytest.raises(ArchiveError) as refused:
        opened(zipped()).read(name, max_bytes=99)
    assert refused.value.rule == "archive.no-such-member"


def test_a_file_may_be_as_long_as_asked_and_no_longer() -> None:
    archive = opened(zipped())
    assert archive.read("d/run.py", max_bytes=7) == b"print()"
    with pytest.raises(ArchiveError) as refused:
        archive.read("d/run.py", max_bytes=6)
    assert refused.value.rule == "archive.member-too-large"


def test_a_file_that_shrinks_while_it_is_read_is_refused() -> None:
    stream = io.BytesIO(written())
    archive = read_archive(stream)
    stream.truncate(40)
    with pytest.raises(ArchiveError) as refused:
        archive.check_contents()
    assert refused.value.rule == "archive.truncated"


@pytest.mark.parametrize(
    ("limits", "rule"),
    [
        ({"entries": 2}, "archive.entries"),
        ({"expanded_bytes": 13}, "archive.expanded-size"),
        ({"ratio": 1, "ratio_free_bytes": 30}, "archive.ratio"),
    ],
)
def test_limits_can_be_tighter(limits: dict[str, int], rule: str) -> None:
    data = written() if rule != "archive.ratio" else zipped()
    with pytest.raises(ArchiveError) as refused:
        opened(data, **limits)
    assert refused.value.rule == rule


def test_limits_include_their_bounds() -> None:
    assert len(opened(written(), entries=3, expanded_bytes=14).members) == 3


@pytest.mark.parametrize(
    "data",
    [
        forged_zip(MANIFEST, ForgedMember(name=b"inner.zip", body=GOOD)),
        forged_zip(MANIFEST, ForgedMember(name=b"end", body=GOOD[-22:])),
        forged_zip(MANIFEST, ForgedMember(name=b"a", both={"flags": 0x800})),
        forged_zip(MANIFEST, ForgedMember(name=b"a", both={"needed": 10, "made_by": 10, "external": 0x20})),
        forged_zip(MANIFEST, ForgedMember(name=b"a", mode=0o100600)),
        forged_zip(MANIFEST, ForgedMember(name=b"a/b"), ForgedMember(name=b"a/", body=b"", mode=0o040775)),
        forged_zip(MANIFEST, ForgedMember(name=b"a/plugin.json")),
        forged_zip(MANIFEST, ForgedMember(name=b"n" * 255)),
        forged_zip(MANIFEST, ForgedMember(name=b"/".join([b"d"] * 32))),
        forged_zip(MANIFEST, ForgedMember(name=b"empty", body=b"", method=8)),
    ],
    ids=[
        "an archive inside, which is not opened",
        "an end record as content",
        "an ASCII name with the UTF-8 flag",
        "made on DOS",
        "a private file",
        "a folder listed behind its file",
        "a second manifest in a folder",
        "a long name",
        "a deep path",
        "a deflated empty file",
    ],
)
def test_the_unusual_is_accepted_where_every_program_agrees(data: bytes) -> None:
    opened(data).check_contents()
    check_that_zipfile_agrees(data)


@pytest.mark.parametrize(
    ("mode", "executable"),
    [(0o100644, False), (0o100755, True), (0o100700, True), (0o100750, True), (0o100664, False), (0, False)],
)
def test_the_executable_flag_is_the_unix_bit(mode: int, executable: bool) -> None:
    archive = opened(forged_zip(MANIFEST, ForgedMember(name=b"tool", mode=mode)))
    assert archive.members[1].executable is executable


def test_ten_thousand_members_are_read() -> None:
    members = [ForgedMember(name=b"folder/%d/file.txt" % number) for number in range(9_999)]
    assert len(opened(forged_zip(MANIFEST, *members)).members) == 10_000
