"""One entry of the central directory: from its bytes to a checked `Member`.

In: the central directory and a position in it. Out: a `Member` that obeys every rule one entry can break
by itself. Never: reads the file; what stands in front of the data is compared by `archive`.
"""

from __future__ import annotations

import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from pluginry.encoding.archive_profile import refusal, refuse_if
from pluginry.encoding.member_names import check_package_name
from pluginry.encoding.zip_records import (
    ALL_ONES_16,
    ALL_ONES_32,
    CENTRAL_BYTES,
    CENTRAL_SIGNATURE,
    DEFLATED,
    LOCAL_BYTES,
    STORED,
    SYSTEM_DOS,
    SYSTEM_UNIX,
    UTF8_FLAG,
    CentralEntry,
)

if TYPE_CHECKING:
    from pluginry.encoding.archive_profile import ArchiveLimits

_ENCRYPTION_FLAGS = 0x2041
_DATA_DESCRIPTOR_FLAG = 0x8
_VERSION_WITH_DEFLATE = 20
_VERSION_WITH_ZIP64 = 45
_DOS_DIRECTORY = 0x10
_DOS_HARMLESS = 0x01 | 0x02 | 0x04 | _DOS_DIRECTORY | 0x20  # read-only, hidden, system, folder, archive


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One file or folder of an archive.

    ``name`` has no ``/`` at its end; ``size`` and ``compressed_size`` are bytes, ``offset`` is where the
    data starts in the file; ``method`` is 0 (stored) or 8 (deflated); ``executable`` is the Unix x bit.
    """

    name: str
    is_directory: bool
    executable: bool
    method: int
    size: int
    compressed_size: int
    crc32: int
    offset: int


class Listing(NamedTuple):
    """A central entry and its name: as bytes, and as text for messages."""

    entry: CentralEntry
    raw_name: bytes
    label: str

    @property
    def length(self) -> int:
        """Bytes that the entry takes in the central directory."""
        return CENTRAL_BYTES + len(self.raw_name)


def listing_at(directory: bytes, cursor: int) -> Listing:
    """Return the entry that starts at byte `cursor` of the central directory, unchecked.

    Raises:
        ArchiveError: no entry starts there, or it is cut off.
    """
    fixed = directory[cursor : cursor + CENTRAL_BYTES]
    if len(fixed) < CENTRAL_BYTES or not fixed.startswith(CENTRAL_SIGNATURE):
        raise refusal("archive.directory-damaged", f"no entry at byte {cursor} of the central directory")
    entry = CentralEntry.unpack(fixed)
    raw_name = directory[cursor + CENTRAL_BYTES : cursor + CENTRAL_BYTES + entry.name_size]
    if len(raw_name) < entry.name_size:
        raise refusal("archive.directory-damaged", f"the name of the entry at byte {cursor} is cut off")
    return Listing(entry, raw_name, raw_name.decode(errors="backslashreplace"))


def checked_member(listing: Listing, limits: ArchiveLimits) -> Member:
    """Return the member that `listing` describes.

    Raises:
        ArchiveError: format, name, sizes or kind are not allowed.
    """
    entry, raw_name, label = listing
    _check_format(entry, label)
    name = _checked_name(listing)
    is_directory = name.endswith("/")
    name = name.removesuffix("/")
    check_package_name(name)
    _check_sizes(entry, label, limits, is_directory=is_directory)
    _check_kind(entry, label, is_directory=is_directory)
    return Member(
        name=name,
        is_directory=is_directory,
        executable=not is_directory and _executable_by(entry) != 0,
        method=entry.method,
        size=entry.size,
        compressed_size=entry.compressed_size,
        crc32=entry.crc32,
        offset=entry.offset + LOCAL_BYTES + len(raw_name),
    )


def _check_format(entry: CentralEntry, label: str) -> None:
    checks = (
        (
            entry.needed >= _VERSION_WITH_ZIP64
            or entry.disk == ALL_ONES_16
            or ALL_ONES_32 in (entry.size, entry.compressed_size, entry.offset),
            "archive.zip64",
            "the entry is a ZIP64 entry",
        ),
        (entry.extra_size, "archive.extra-field", "the entry has an extra field"),
        (entry.comment_size, "archive.comment", "the entry has a comment"),
        (entry.disk, "archive.multi-disk", "the entry is on another disk"),
        (entry.flags & _ENCRYPTION_FLAGS, "archive.encrypted", "the entry is encrypted"),
        (entry.flags & _DATA_DESCRIPTOR_FLAG, "archive.data-descriptor", "the entry has a data descriptor"),
        (entry.flags & ~UTF8_FLAG, "archive.flags", "the entry has flags that are not allowed"),
        (entry.method not in (STORED, DEFLATED), "archive.method", "the entry is not stored or deflated"),
        (
            entry.needed > _VERSION_WITH_DEFLATE or entry.made_by >> 8 not in (SYSTEM_DOS, SYSTEM_UNIX),
            "archive.version",
            "the entry is of a version or system that is not allowed",
        ),
    )
    refuse_if(checks, label)


def _checked_name(listing: Listing) -> str:
    entry, raw_name, label = listing
    if not raw_name.isascii() and not entry.flags & UTF8_FLAG:
        raise refusal("archive.name-encoding", "the name is not flagged as UTF-8", label)
    try:
        return raw_name.decode()
    except UnicodeDecodeError as error:
        raise refusal("archive.name-encoding", "the name is not UTF-8", label) from error


def _check_sizes(entry: CentralEntry, label: str, limits: ArchiveLimits, *, is_directory: bool) -> None:
    checks = (
        (
            is_directory and (entry.size or entry.compressed_size or entry.crc32),
            "archive.directory-data",
            "the folder has content",
        ),
        (
            entry.method == STORED and entry.size != entry.compressed_size,
            "archive.member-size",
            "the entry is stored and has two sizes",
        ),
        (
            entry.size > limits.ratio_free_bytes and entry.size > limits.ratio * entry.compressed_size,
            "archive.ratio",
            "the entry expands too far",
        ),
    )
    refuse_if(checks, label)


def _check_kind(entry: CentralEntry, label: str, *, is_directory: bool) -> None:
    mode, dos = entry.external_attributes >> 16, entry.external_attributes & 0xFFFF
    readable_by, writable_by = (mode & 0o444) >> 2, (mode & 0o222) >> 1
    checks = (
        (
            # An entry without a Unix file type comes from a system that knows none.
            stat.S_IFMT(mode) not in (0, stat.S_IFDIR if is_directory else stat.S_IFREG)
            or dos & ~_DOS_HARMLESS
            or (dos & _DOS_DIRECTORY and not is_directory),
            "archive.file-type",
            "the entry is not what its name says: a regular file, or a folder",
        ),
        (mode & 0o7000, "archive.setuid", "the entry has a setuid, setgid or sticky bit"),
        (
            not is_directory and (_executable_by(entry) not in (0, readable_by) or writable_by & ~readable_by),
            "archive.mode",
            f"the mode {mode & 0o777:03o} says different things to different users",
        ),
    )
    refuse_if(checks, label)


def _executable_by(entry: CentralEntry) -> int:
    return entry.external_attributes >> 16 & 0o111
