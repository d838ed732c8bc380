"""Builds ZIP files field by field, also impossible ones, independently of the code under test."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass, field
from typing import Any

_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_END = struct.Struct("<4s4H2LH")
END_BYTES = _END.size


def deflated(body: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    return packer.compress(body) + packer.flush()


@dataclass(kw_only=True)
class ForgedMember:
    """A good member unless told otherwise; ``both``, ``local`` and ``central`` replace header fields by name.

    ``packed`` replaces the bytes of the content; ``before`` and ``after`` are bytes that no header mentions.
    """

    name: bytes = b"plugin.json"
    body: bytes = b"{}"
    method: int = 0
    mode: int = 0o100644
    packed: bytes | None = None
    both: dict[str, Any] = field(default_factory=dict)
    local: dict[str, Any] = field(default_factory=dict)
    central: dict[str, Any] = field(default_factory=dict)
    before: bytes = b""
    after: bytes = b""
    only_local: bool = False
    only_central: bool = False

    def fields(self, offset: int) -> dict[str, Any]:
        return {
            "made_by": 3 << 8 | 20,
            "needed": 20,
            "flags": 0 if self.name.isascii() else 0x800,
            "method": self.method,
            "time": 0,
            "date": 0x21,
            "crc32": zlib.crc32(self.body),
            "compressed_size": len(self.content),
            "size": len(self.body),
            "name": self.name,
            "extra": b"",
            "comment": b"",
            "disk": 0,
            "internal": 0,
            "external": self.mode << 16,
            "offset": offset,
        } | self.both

    @property
    def content(self) -> bytes:
        if self.packed is not None:
            return self.packed
        return deflated(self.body) if self.method == 8 else self.body

    def local_record(self) -> bytes:
        f = self.fields(0) | self.local
        numbers = [f[key] for key in ("needed", "flags", "method", "time", "date")]
        sizes = [f[key] for key in ("crc32", "compressed_size", "size")]
        lengths = [f.get("name_size", len(f["name"])), f.get("extra_size", len(f["extra"]))]
        header = _LOCAL.pack(f.get("signature", b"PK\3\4"), *numbers, *sizes, *lengths)
        return b"".join((header, f["name"], f["extra"], self.content))

    def central_record(self, offset: int) -> bytes:
        f = self.fields(offset) | self.central
        numbers = [f[key] for key in ("made_by", "needed", "flags", "method", "time", "date")]
        sizes = [f[key] for key in ("crc32", "compressed_size", "size")]
        lengths = [f.get(f"{key}_size", len(f[key])) for key in ("name", "extra", "comment")]
        rest = [f[key] for key in ("disk", "internal", "external", "offset")]
        header = _CENTRAL.pack(f.get("signature", b"PK\1\2"), *numbers, *sizes, *lengths, *rest)
        return b"".join((header, f["name"], f["extra"], f["comment"]))


def forged_zip(
    *members: ForgedMember,
    before_directory: bytes = b"",
    before_end: bytes = b"",
    comment: bytes = b"",
    end: dict[str, Any] | None = None,
) -> bytes:
    """Return the file; ``end`` replaces fields of the end record."""
    data = bytearray()
    directory = bytearray()
    for member in members:
        data += member.before
        offset = len(data)
        if not member.only_central:
            data += member.local_record()
        if not member.only_local:
            directory += member.central_record(offset)
        data += member.after
    data += before_directory
    entries = sum(not member.only_local for member in members)
    f: dict[str, Any] = {
        "disk": 0,
        "directory_disk": 0,
        "entries_on_disk": entries,
        "entries": entries,
        "directory_size": len(directory),
        "directory_offset": len(data),
        "comment_size": len(comment),
    } | (end or {})
    return bytes(data + directory + before_end + _END.pack(b"PK\5\6", *f.values()) + comment)
