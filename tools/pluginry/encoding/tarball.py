"""Unpacks compressed tar files (``tar.gz``) that others made: npm packages, release archives.

In: a file whose digest is known, but whose author is not trusted. Out: its regular files below a new folder.
Read from front to back with bounded memory; headers are taken apart here, because a reader for every kind of entry
would also read the kinds that are refused. Never: follows or makes links, devices or sparse files.
"""

from __future__ import annotations

import gzip
import stat
import tarfile
import zlib
from typing import TYPE_CHECKING, Final

from pluginry.encoding.archive_profile import DEFAULT_LIMITS
from pluginry.encoding.unpacking import UnpackedFile, Unpacking, foreign_refusal
from pluginry.model.digest import CHUNK_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pluginry.encoding.archive_profile import ArchiveLimits
    from pluginry.errors import ArchiveError

_BLOCK: Final = tarfile.BLOCKSIZE
_MAX_HEADER_DATA = 64 << 10  # long names and comments; nothing real comes near
_REGULAR = (tarfile.REGTYPE, tarfile.AREGTYPE)


def unpack_tarball(archive: Path, into: Path, *, limits: ArchiveLimits = DEFAULT_LIMITS) -> tuple[UnpackedFile, ...]:
    """Write the files of the ``tar.gz`` file `archive` below the new folder `into` and return them in order of name.

    After an error the folder holds a part of the archive and is to be thrown away.

    Raises:
        ArchiveError: damaged, too large, with anything but files and folders, or with names unsafe or taken.
        OSError: the disk refused.
    """
    unpacking = Unpacking(into, packed_bytes=archive.stat().st_size, limits=limits)
    try:
        with gzip.open(archive) as stream:
            _unpack(stream, unpacking)
    except (gzip.BadGzipFile, zlib.error, EOFError, tarfile.TarError) as error:
        raise _damaged() from error
    return tuple(sorted(unpacking.files, key=lambda file: file.name))


def _unpack(stream: gzip.GzipFile, unpacking: Unpacking) -> None:
    long_name = ""
    while any(block := stream.read(_BLOCK)):  # a block of zeros, or a missing one, is the end
        unpacking.count_entry()
        entry = tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
        if entry.size < 0:
            raise _damaged()
        if entry.type == tarfile.XGLTYPE:
            _header_data(stream, entry.size)
            continue
        if entry.type == tarfile.XHDTYPE:
            long_name = _name_in_records(_header_data(stream, entry.size)) or long_name
            continue
        if entry.type == tarfile.GNUTYPE_LONGNAME:
            long_name = _text(_header_data(stream, entry.size).rstrip(b"\0"))
            continue
        name, long_name = long_name or entry.name, ""
        if entry.type == tarfile.DIRTYPE:
            continue
        if entry.type not in _REGULAR:
            raise foreign_refusal("archive.file-type", "an archive holds files and folders, no links or devices", name)
        unpacking.add(name, _content(stream, entry.size), executable=bool(entry.mode & stat.S_IXUSR))


def _content(stream: gzip.GzipFile, size: int) -> Iterator[bytes]:
    left = size
    while left:
        chunk = _exactly(stream, min(left, CHUNK_BYTES))
        left -= len(chunk)
        yield chunk
    _exactly(stream, -size % _BLOCK)


def _header_data(stream: gzip.GzipFile, size: int) -> bytes:
    if size > _MAX_HEADER_DATA:
        raise foreign_refusal("archive.name-length", "a header of the archive is far too long")
    return b"".join(_content(stream, size))


def _exactly(stream: gzip.GzipFile, size: int) -> bytes:
    data = stream.read(size)
    if len(data) != size:
        raise _damaged()
    return data


def _name_in_records(data: bytes) -> str:
    """Return the path that extended header records (``length key=value``) give, or empty text.

    Raises:
        ArchiveError: they cannot be read, or give the file another size than its header does.
    """
    name = ""
    while data:
        length, space, _ = data.partition(b" ")
        if not space or not length.isdigit() or not len(length) + 1 < int(length) <= len(data):
            raise _damaged()
        key, _, value = data[len(length) + 1 : int(length)].rstrip(b"\n").partition(b"=")
        if key == b"size" or key.startswith(b"GNU.sparse."):
            raise foreign_refusal("archive.file-type", "an extra header gives a file another size than its own header")
        if key == b"path":
            name = _text(value)
        data = data[int(length) :]
    return name


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")  # what is not UTF-8 is refused with the name


def _damaged() -> ArchiveError:
    return foreign_refusal("archive.truncated", "this is not a tar.gz file, or it is damaged")
