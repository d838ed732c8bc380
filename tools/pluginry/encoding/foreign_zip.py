"""Unpacks ZIP files that others made: wheels, add-ons, release archives.

In: a file whose digest is known, but whose author is not trusted. Out: its regular files below a new folder.
More lenient than the reader of packages, since nobody else has to read the same bytes alike: what is unpacked is
packed again. Never: decrypts, follows links, or believes a size before it has counted the bytes.
"""

from __future__ import annotations

import stat
import struct
import zipfile
import zlib
from itertools import pairwise
from typing import TYPE_CHECKING, BinaryIO

from pluginry.encoding.archive_profile import DEFAULT_LIMITS
from pluginry.encoding.unpacking import UnpackedFile, Unpacking, foreign_refusal
from pluginry.encoding.zip_records import SYSTEM_UNIX
from pluginry.model.digest import chunks_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pluginry.encoding.archive_profile import ArchiveLimits

_ENCRYPTED_FLAG = 0x1
_UTF8_FLAG = 0x800
_CENTRAL_SIGNATURE = b"PK\x01\x02"
_LOCAL_BYTES = 30
# What zipfile raises for damaged files depends on where they are damaged.
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, ValueError, OverflowError, struct.error)
_SIGNATURES_PER_ENTRY = 10  # archives inside the archive bring signatures of their own


def unpack_zip(archive: Path, into: Path, *, limits: ArchiveLimits = DEFAULT_LIMITS) -> tuple[UnpackedFile, ...]:
    """Write the files of the ZIP file `archive` below the new folder `into` and return them in order of name.

    After an error the folder holds a part of the archive and is to be thrown away.

    Raises:
        ArchiveError: damaged, encrypted, too large, with links, or with names that are unsafe or taken.
        OSError: the disk refused.
    """
    unpacking = Unpacking(into, packed_bytes=archive.stat().st_size, limits=limits)
    try:
        with archive.open("rb") as stream:
            _check_listing_size(stream, limits)
            with zipfile.ZipFile(stream) as opened:
                _check_positions(opened)
                for info in opened.infolist():
                    unpacking.count_entry()
                    _unpack_entry(opened, info, unpacking)
    except _DAMAGED as error:
        raise foreign_refusal("archive.directory-damaged", "this is not a ZIP file, or it is damaged") from error
    return tuple(sorted(unpacking.files, key=lambda file: file.name))


def _unpack_entry(opened: zipfile.ZipFile, info: zipfile.ZipInfo, unpacking: Unpacking) -> None:
    name = info.filename
    mode = info.external_attr >> 16 if info.create_system == SYSTEM_UNIX else 0
    if info.flag_bits & _ENCRYPTED_FLAG:
        raise foreign_refusal("archive.encrypted", "what is encrypted cannot be reviewed", name)
    if not info.flag_bits & _UTF8_FLAG and not name.isascii():
        raise foreign_refusal("archive.name-encoding", "the name is in an encoding that nobody can be sure of", name)
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise foreign_refusal("archive.method", "members are stored or deflated", name)
    if stat.S_IFMT(mode) not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise foreign_refusal("archive.file-type", "an archive holds files and folders, no links or devices", name)
    if not name.endswith("/"):
        unpacking.add(name, _content(opened, info), executable=bool(mode & stat.S_IXUSR))


def _content(opened: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[bytes]:
    with opened.open(info) as stream:
        yield from chunks_of(stream)  # type: ignore[arg-type]  # ZipExtFile reads like a BinaryIO and cannot write


def _check_listing_size(stream: BinaryIO, limits: ArchiveLimits) -> None:
    """Refuse a listing with far too many entries before zipfile keeps an object for each."""
    most = limits.entries * _SIGNATURES_PER_ENTRY
    if sum(chunk.count(_CENTRAL_SIGNATURE) for chunk in chunks_of(stream)) > most:
        raise foreign_refusal("archive.entries", f"more than {limits.entries} entries")
    stream.seek(0)


def _check_positions(opened: zipfile.ZipFile) -> None:
    """Refuse members that share bytes: that is how a small file becomes a huge one."""
    by_position = sorted(opened.infolist(), key=lambda info: info.header_offset)
    if by_position and by_position[0].header_offset < 0:
        raise foreign_refusal("archive.directory-position", "a member starts before the file", by_position[0].filename)
    for info, following in pairwise(by_position):
        if info.header_offset + _LOCAL_BYTES + info.compress_size > following.header_offset:
            raise foreign_refusal("archive.overlap", "it shares bytes with another member", following.filename)
