"""The strict reader of packages (profile zip-1), the same for the registry and for clients.

In: a seekable binary file from anybody. Out: an `Archive`, which only `read_archive` makes: the list of
its members, and their contents, checked while they are read. What it accepts, every ZIP program reads
alike. Never: repairs, guesses, writes, or opens archives inside the archive.
"""

from __future__ import annotations

import os
import zlib
from typing import TYPE_CHECKING, BinaryIO

from pluginry.encoding.archive_member import Member, checked_member, listing_at
from pluginry.encoding.archive_profile import DEFAULT_LIMITS, MANIFEST_NAME, refusal, refuse_if
from pluginry.encoding.member_names import MAX_PATH_BYTES, TakenNames
from pluginry.encoding.zip_records import (
    ALL_ONES_16,
    ALL_ONES_32,
    CENTRAL_BYTES,
    DEFLATED,
    END_BYTES,
    END_SIGNATURE,
    LOCAL_SIGNATURE,
    ZIP64_LOCATOR_BYTES,
    ZIP64_LOCATOR_SIGNATURE,
    EndRecord,
    differing_fields,
)
from pluginry.model.digest import CHUNK_BYTES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pluginry.encoding.archive_member import Listing
    from pluginry.encoding.archive_profile import ArchiveLimits
    from pluginry.errors import ArchiveError

_MAX_COMMENT_BYTES = 0xFFFF
_MAX_LISTING_BYTES = CENTRAL_BYTES + MAX_PATH_BYTES + len("/")


class Archive:
    """A package that obeys the profile. It reads from the file it was made from, which stays open.

    ``members`` are in the order of the file. Contents are checked when they are read, not before.
    """

    __slots__ = ("_by_name", "_stream", "members")

    def __init__(self, members: tuple[Member, ...], stream: BinaryIO) -> None:
        self.members = members
        self._by_name = {member.name: member for member in members}
        self._stream = stream

    def find(self, name: str) -> Member | None:
        """Return the member called exactly `name`, if there is one."""
        return self._by_name.get(name)

    def read(self, name: str, *, max_bytes: int) -> bytes:
        """Return the checked content of the file `name`, at most `max_bytes` long.

        Raises:
            ArchiveError: no such file, a longer file, or damaged content.
        """
        member = self.find(name)
        if member is None or member.is_directory:
            raise refusal("archive.no-such-member", "the archive has no such file", name)
        if member.size > max_bytes:
            raise refusal("archive.member-too-large", f"{member.size} bytes, at most {max_bytes} are allowed", name)
        return b"".join(self.open_chunks(member))

    def open_chunks(self, member: Member) -> Iterator[bytes]:
        """Yield the content of `member` in pieces; only when they end is it known to be the right content.

        Raises:
            ArchiveError: length, CRC-32 or the deflate stream is wrong.
        """
        chunks = self._packed_chunks(member)
        if member.method == DEFLATED:
            chunks = _inflated(chunks, member)
        size = crc = 0
        for chunk in chunks:
            size += len(chunk)
            if size > member.size:
                break
            crc = zlib.crc32(chunk, crc)
            yield chunk
        if size != member.size:
            raise refusal("archive.member-size", f"the content is not {member.size} bytes long", member.name)
        if crc != member.crc32:
            raise refusal("archive.checksum", "the content does not match its CRC-32", member.name)

    def check_contents(self) -> None:
        """Read every member to its end and keep nothing.

        Raises:
            ArchiveError: the content of a member is damaged.
        """
        for member in self.members:
            for _ in self.open_chunks(member):
                pass

    def _packed_chunks(self, member: Member) -> Iterator[bytes]:
        position, end = member.offset, member.offset + member.compressed_size
        while position < end:
            # Sought each time: several members may be read by turns.
            chunk = _read_at(self._stream, position, min(CHUNK_BYTES, end - position))
            position += len(chunk)
            yield chunk


def read_archive(stream: BinaryIO, *, limits: ArchiveLimits = DEFAULT_LIMITS) -> Archive:
    """Return the archive in the seekable `stream`, from its first to its last byte, within `limits`.

    Raises:
        ArchiveError: it does not obey profile zip-1; ``rule`` says where.
    """
    end = _read_end_record(stream, limits)
    directory = _read_at(stream, end.directory_offset, end.directory_size)
    members: list[Member] = []
    names = TakenNames()
    expanded = position = cursor = 0
    for _ in range(end.entries):
        listing = listing_at(directory, cursor)
        member = checked_member(listing, limits)
        _check_position(position, listing.entry.offset, listing.label)
        _check_local_header(stream, listing)
        names.add(member.name, is_directory=member.is_directory)
        expanded += member.size
        if expanded > limits.expanded_bytes:
            raise refusal("archive.expanded-size", f"more than {limits.expanded_bytes} bytes when expanded")
        members.append(member)
        cursor += listing.length
        position = member.offset + member.compressed_size
    if cursor != len(directory):
        raise refusal("archive.directory-damaged", f"{len(directory) - cursor} bytes follow the last entry")
    _check_position(position, end.directory_offset, "the central directory")
    if not names.has_file(MANIFEST_NAME):
        raise refusal("archive.no-manifest", f"there is no file {MANIFEST_NAME} at the top level")
    return Archive(tuple(members), stream)


def _read_at(stream: BinaryIO, position: int, size: int) -> bytes:
    stream.seek(position)
    data = stream.read(size)
    if len(data) != size:
        raise refusal("archive.truncated", f"the file has no {size} bytes at {position}")
    return data


def _read_end_record(stream: BinaryIO, limits: ArchiveLimits) -> EndRecord:
    file_size = stream.seek(0, os.SEEK_END)
    tail_size = min(file_size, END_BYTES + ZIP64_LOCATOR_BYTES)
    tail = _read_at(stream, file_size - tail_size, tail_size)
    record = tail[-END_BYTES:]
    if len(record) < END_BYTES or not record.startswith(END_SIGNATURE):
        raise _no_end_record(stream, file_size)
    end = EndRecord.unpack(record)
    checks = (
        (end.comment_size, "archive.comment", "the archive has a comment"),
        (
            tail.startswith(ZIP64_LOCATOR_SIGNATURE)
            or ALL_ONES_16 in (end.entries, end.entries_on_disk, end.disk, end.directory_disk)
            or ALL_ONES_32 in (end.directory_size, end.directory_offset),
            "archive.zip64",
            "the archive has ZIP64 records",
        ),
        (end.disk or end.directory_disk, "archive.multi-disk", "the archive is split"),
        (end.entries != end.entries_on_disk, "archive.count", "the end record has two counts of entries"),
        (end.entries > limits.entries, "archive.entries", f"more than {limits.entries} entries"),
        (
            end.directory_offset + end.directory_size + END_BYTES != file_size,
            "archive.directory-position",
            "the central directory does not end at the end record",
        ),
        (
            end.directory_size > end.entries * _MAX_LISTING_BYTES,
            "archive.directory-damaged",
            "the central directory is longer than its entries can be",
        ),
    )
    refuse_if(checks)
    return end


def _no_end_record(stream: BinaryIO, file_size: int) -> ArchiveError:
    """Return what to say of a file whose last bytes are no end record."""
    tail_size = min(file_size, END_BYTES + _MAX_COMMENT_BYTES)
    tail = _read_at(stream, file_size - tail_size, tail_size)
    start = tail.rfind(END_SIGNATURE)
    record = tail[start : start + END_BYTES]
    if start < 0 or len(record) < END_BYTES:
        return refusal("archive.no-end-record", "this is no ZIP file, or its end is missing")
    following = tail_size - start - END_BYTES
    if EndRecord.unpack(record).comment_size == following:
        return refusal("archive.comment", "the archive has a comment")
    return refusal("archive.trailing-data", f"{following} bytes follow the end record")


def _check_local_header(stream: BinaryIO, listing: Listing) -> None:
    entry, raw_name, label = listing
    expected = entry.local_header(raw_name)
    header = _read_at(stream, entry.offset, len(expected))
    if header == expected:
        return
    if not header.startswith(LOCAL_SIGNATURE):
        raise refusal("archive.gap", f"there is no member at byte {entry.offset}", label)
    fields = ", ".join(differing_fields(header, expected))
    raise refusal("archive.header-mismatch", f"the header before the member has another {fields}", label)


def _check_position(position: int, claimed: int, label: str) -> None:
    if claimed > position:
        raise refusal("archive.gap", f"{claimed - position} bytes before it belong to no member", label)
    if claimed < position:
        raise refusal("archive.overlap", f"it starts {position - claimed} bytes inside another member", label)


def _inflated(packed: Iterator[bytes], member: Member) -> Iterator[bytes]:
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    for data in packed:
        pending, output = data, b""
        # A full output buffer means that there may be more, even when all input is taken.
        while pending or len(output) == CHUNK_BYTES:
            if inflater.eof:
                break
            try:
                output = inflater.decompress(pending, CHUNK_BYTES)
            except zlib.error as error:
                raise refusal("archive.deflate", "the compressed data is damaged", member.name) from error
            pending = inflater.unconsumed_tail
            yield output
        if inflater.unused_data or (inflater.eof and pending):
            raise refusal("archive.deflate", "bytes follow the compressed data", member.name)
    if not inflater.eof:
        raise refusal("archive.deflate", "the compressed data has no end", member.name)
