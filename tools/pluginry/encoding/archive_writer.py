"""The writer of packages (profile zip-1): the same members give the same bytes on every machine.

In: names with contents. Out: one archive that `read_archive` accepts. Members are sorted, stored and
dated 1980-01-01: deflate output differs between builds of zlib, and transfer compression and deltas save
the bytes instead. Never: writes a byte before all members are checked.
"""

from __future__ import annotations

import io
import stat
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from pluginry.encoding.archive_profile import DEFAULT_LIMITS, MANIFEST_NAME, refusal
from pluginry.encoding.member_names import TakenNames, check_package_name
from pluginry.encoding.zip_records import (
    CENTRAL_SIGNATURE,
    END_SIGNATURE,
    STORED,
    SYSTEM_UNIX,
    UTF8_FLAG,
    CentralEntry,
    EndRecord,
)
from pluginry.model.digest import chunks_of

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_VERSION = 20
_DATE_1980_01_01 = 0x21
_FILE_MODE = stat.S_IFREG | 0o644
_PROGRAM_MODE = stat.S_IFREG | 0o755


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMember:
    """A file to be packed as ``name``; ``body`` is its content, or the regular file that has it."""

    name: str
    body: bytes | Path
    executable: bool = False


class _Measured(NamedTuple):
    member: NewMember
    size: int
    crc32: int


def write_archive(out: BinaryIO, members: Iterable[NewMember]) -> None:
    """Write the archive of `members`, given in any order, to `out`, which need not be seekable.

    Raises:
        ArchiveError: a name, a file or the whole does not obey the profile; nothing was written. Or a file
            changed meanwhile; then `out` holds a part of an archive.
        OSError: a file cannot be read, or `out` not written.
    """
    directory = bytearray()
    position = entries = 0
    for measured in _measure_all(members):
        name = measured.member.name.encode()
        entry = _central_entry(measured, len(name), position)
        header = entry.local_header(name)
        out.write(header)
        _copy_body(measured, out)
        directory += entry.pack() + name
        position += len(header) + measured.size
        entries += 1
    out.write(directory)
    out.write(
        EndRecord(
            signature=END_SIGNATURE,
            disk=0,
            directory_disk=0,
            entries_on_disk=entries,
            entries=entries,
            directory_size=len(directory),
            directory_offset=position,
            comment_size=0,
        ).pack()
    )


def _measure_all(members: Iterable[NewMember]) -> list[_Measured]:
    """Return `members` by the bytes of their names, with sizes and checksums, if they can be one archive."""
    limits = DEFAULT_LIMITS
    names = TakenNames()
    measured: list[_Measured] = []
    expanded = 0
    for member in members:
        check_package_name(member.name)
        names.add(member.name, is_directory=False)
        measured.append(_measure(member))
        expanded += measured[-1].size
        if len(measured) > limits.entries:
            raise refusal("archive.entries", f"more than {limits.entries} entries")
        if expanded > limits.expanded_bytes:
            raise refusal("archive.expanded-size", f"more than {limits.expanded_bytes} bytes when expanded")
    if not names.has_file(MANIFEST_NAME):
        raise refusal("archive.no-manifest", f"there is no file {MANIFEST_NAME} at the top level")
    return sorted(measured, key=lambda one: one.member.name.encode())


def _measure(member: NewMember) -> _Measured:
    # Checked before it is opened: a link may lead out of the folder that is packed, a pipe may never end.
    if not isinstance(member.body, bytes) and not stat.S_ISREG(member.body.lstat().st_mode):
        raise refusal("archive.file-type", f"{member.body.name} is not a regular file", member.name)
    size = crc = 0
    with _opened(member.body) as stream:
        for chunk in chunks_of(stream):
            size += len(chunk)
            crc = zlib.crc32(chunk, crc)
    return _Measured(member, size, crc)


def _copy_body(measured: _Measured, out: BinaryIO) -> None:
    size = crc = 0
    with _opened(measured.member.body) as stream:
        for chunk in chunks_of(stream):
            size += len(chunk)
            crc = zlib.crc32(chunk, crc)
            out.write(chunk)
    if (size, crc) != (measured.size, measured.crc32):
        raise refusal("archive.changed-while-packing", "the file changed", measured.member.name)


def _opened(body: bytes | Path) -> BinaryIO:
    return io.BytesIO(body) if isinstance(body, bytes) else body.open("rb")


def _central_entry(measured: _Measured, name_size: int, offset: int) -> CentralEntry:
    mode = _PROGRAM_MODE if measured.member.executable else _FILE_MODE
    return CentralEntry(
        signature=CENTRAL_SIGNATURE,
        made_by=SYSTEM_UNIX << 8 | _VERSION,
        needed=_VERSION,
        flags=0 if measured.member.name.isascii() else UTF8_FLAG,
        method=STORED,
        time=0,
        date=_DATE_1980_01_01,
        crc32=measured.crc32,
        compressed_size=measured.size,
        size=measured.size,
        name_size=name_size,
        extra_size=0,
        comment_size=0,
        disk=0,
        internal_attributes=0,
        external_attributes=mode << 16,
        offset=offset,
    )
