"""The three records of a ZIP file that profile zip-1 knows, as the format lays them out.

In and out: bytes and named fields. The reader expects exactly what the writer produces, because both take
the header in front of a member from its central entry here. Never: judges a value.
"""

from __future__ import annotations

import struct
from typing import Final, NamedTuple

END_SIGNATURE: Final = b"PK\x05\x06"
CENTRAL_SIGNATURE: Final = b"PK\x01\x02"
LOCAL_SIGNATURE: Final = b"PK\x03\x04"
ZIP64_LOCATOR_SIGNATURE: Final = b"PK\x06\x07"

STORED: Final = 0
DEFLATED: Final = 8
UTF8_FLAG: Final = 0x800
ALL_ONES_16: Final = 0xFFFF
ALL_ONES_32: Final = 0xFFFFFFFF
SYSTEM_DOS: Final = 0
SYSTEM_UNIX: Final = 3

_END = struct.Struct("<4s4H2LH")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_LOCAL = struct.Struct("<4s5H3L2H")
END_BYTES: Final = _END.size
CENTRAL_BYTES: Final = _CENTRAL.size
LOCAL_BYTES: Final = _LOCAL.size
ZIP64_LOCATOR_BYTES: Final = 20

# A central entry repeats the header in front of the member from "version needed" to "extra size".
_SHARED_BYTES = slice(6, 32)
_LOCAL_FIELDS = (
    "signature",
    "version needed",
    "flags",
    "method",
    "time",
    "date",
    "CRC-32",
    "compressed size",
    "size",
    "name length",
    "extra field length",
)


class EndRecord(NamedTuple):
    """The last record of a file: where the central directory is. Sizes and offsets are bytes."""

    signature: bytes
    disk: int
    directory_disk: int
    entries_on_disk: int
    entries: int
    directory_size: int
    directory_offset: int
    comment_size: int

    @classmethod
    def unpack(cls, data: bytes) -> EndRecord:
        """Return the fields of `END_BYTES` bytes."""
        return cls._make(_END.unpack(data))

    def pack(self) -> bytes:
        """Return the record as bytes."""
        return _END.pack(*self)


class CentralEntry(NamedTuple):
    """What the central directory says about one member, without its name. Sizes and offsets are bytes."""

    signature: bytes
    made_by: int
    needed: int
    flags: int
    method: int
    time: int
    date: int
    crc32: int
    compressed_size: int
    size: int
    name_size: int
    extra_size: int
    comment_size: int
    disk: int
    internal_attributes: int
    external_attributes: int
    offset: int

    @classmethod
    def unpack(cls, data: bytes) -> CentralEntry:
        """Return the fields of `CENTRAL_BYTES` bytes."""
        return cls._make(_CENTRAL.unpack(data))

    def pack(self) -> bytes:
        """Return the entry as bytes, to be followed by the name."""
        return _CENTRAL.pack(*self)

    def local_header(self, name: bytes) -> bytes:
        """Return the header, name included, that must stand in front of the member's data."""
        return LOCAL_SIGNATURE + self.pack()[_SHARED_BYTES] + name


def differing_fields(header: bytes, expected: bytes) -> tuple[str, ...]:
    """Return the names of the fields in which two local headers of equal length differ."""
    found, wanted = _LOCAL.unpack_from(header), _LOCAL.unpack_from(expected)
    different = [field for field, one, other in zip(_LOCAL_FIELDS, found, wanted, strict=True) if one != other]
    if header[LOCAL_BYTES:] != expected[LOCAL_BYTES:]:
        different.append("name")
    return tuple(different)
