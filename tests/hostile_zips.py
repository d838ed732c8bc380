"""Archives that must be refused, each with the rule it breaks: for the reader and everything that uses it."""

from __future__ import annotations

import io
import struct
import zipfile
from typing import NamedTuple

from forged_zips import ForgedMember, deflated, forged_zip
from hostile_names import HOSTILE_NAMES, HOSTILE_PAIRS

MANIFEST = ForgedMember(body=b'{"id":"acme/demo"}')
GOOD = forged_zip(MANIFEST, ForgedMember(name=b"readme.txt", body=b"Read me."))
MIB = 1 << 20


class HostileZip(NamedTuple):
    """An archive, the rule it breaks, and a sentence about it. ``in_content``: only seen when it is read."""

    about: str
    rule: str
    data: bytes
    in_content: bool = False


def _second(**changes: object) -> bytes:
    """Return a good archive whose second member is changed."""
    return forged_zip(MANIFEST, ForgedMember(**({"name": b"a.txt", "body": b"hello"} | changes)))  # type: ignore[arg-type] # the tests name the fields


def _both(**fields: object) -> bytes:
    return _second(both=fields)


def _named(name: bytes | str, **fields: object) -> bytes:
    return _second(name=name if isinstance(name, bytes) else name.encode(), both=fields)


def _pair(first: str, second: str) -> bytes:
    members = [
        ForgedMember(name=name.encode(), body=b"" if name.endswith("/") else b"x", mode=0) for name in (first, second)
    ]
    return forged_zip(MANIFEST, *members)


def _frames() -> list[HostileZip]:
    inner = forged_zip(ForgedMember(body=b'{"id":"evil/twin"}'))
    no_manifest_end = forged_zip()
    zip64_end = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, 2, 2, 100, 0)
    locator = struct.pack("<4sLQL", b"PK\6\7", 0, len(GOOD), 1)
    # The one place where a locator can pass for the end of a good central entry: an offset of 0x07064b50.
    posing = b"PK\6\7" + b"sixteen-bytes-xx"
    return [
        HostileZip("an empty file", "archive.no-end-record", b""),
        HostileZip("a text", "archive.no-end-record", b"This is no archive." * 10),
        HostileZip("only the signature of an end record", "archive.no-end-record", b"PK\5\6"),
        HostileZip("the signature just before the end", "archive.no-end-record", b"x" * 100 + b"PK\5\6"),
        HostileZip("a gzip file", "archive.no-end-record", b"\x1f\x8b" + b"\0" * 40),
        HostileZip("a byte at the end", "archive.trailing-data", GOOD + b"\0"),
        HostileZip("a signature block at the end", "archive.trailing-data", GOOD + b"-----BEGIN-----" * 9),
        HostileZip("a tar file at the end", "archive.trailing-data", GOOD + b"\0" * 1024),
        HostileZip("an archive behind the archive", "archive.directory-position", GOOD + inner),
        HostileZip("an archive comment", "archive.comment", forged_zip(MANIFEST, comment=b"hello")),
        HostileZip("an end record in the comment", "archive.directory-position", forged_zip(MANIFEST, comment=inner)),
        HostileZip(
            "an empty archive in the comment",
            "archive.directory-position",
            forged_zip(MANIFEST, comment=no_manifest_end),
        ),
        HostileZip("a comment longer than the file", "archive.comment", forged_zip(MANIFEST, end={"comment_size": 9})),
        HostileZip("a shell script in front, offsets kept", "archive.directory-position", b"#!/bin/sh\nexit\n" + GOOD),
        HostileZip(
            "a shell script in front, offsets moved",
            "archive.gap",
            forged_zip(ForgedMember(before=b"#!/bin/sh\nexit\n")),
        ),
        HostileZip("a marker of split archives in front", "archive.gap", forged_zip(ForgedMember(before=b"PK\7\x08"))),
        HostileZip("bytes between two members", "archive.gap", _second(before=b"hidden")),
        HostileZip(
            "a hidden member between two members",
            "archive.gap",
            forged_zip(MANIFEST, ForgedMember(name=b"evil", only_local=True), ForgedMember(name=b"b")),
        ),
        HostileZip("bytes before the central directory", "archive.gap", forged_zip(MANIFEST, before_directory=b"?")),
        HostileZip(
            "a hidden last member", "archive.gap", forged_zip(MANIFEST, ForgedMember(name=b"evil", only_local=True))
        ),
        HostileZip(
            "bytes behind the central directory", "archive.directory-position", forged_zip(MANIFEST, before_end=b"?")
        ),
        HostileZip(
            "members in another order than the directory",
            "archive.gap",
            forged_zip(ForgedMember(central={"offset": 43}), ForgedMember(name=b"a", central={"offset": 0})),
        ),
        HostileZip(
            "no member where the directory says",
            "archive.gap",
            forged_zip(MANIFEST, ForgedMember(name=b"a", local={"signature": b"PK\3\5"})),
        ),
        HostileZip(
            "a member that is not there",
            "archive.gap",
            forged_zip(MANIFEST, ForgedMember(name=b"a", only_central=True)),
        ),
        HostileZip(
            "two entries for one member",
            "archive.overlap",
            forged_zip(MANIFEST, ForgedMember(name=b"b", only_central=True, central={"offset": 0})),
        ),
        HostileZip("a member inside the data of another", "archive.overlap", _quoted_member()),
        HostileZip(
            "a member that reaches into the directory",
            "archive.overlap",
            _second(both={"compressed_size": 9, "size": 9}),
        ),
        HostileZip(
            "a third entry that is not counted",
            "archive.directory-damaged",
            forged_zip(
                MANIFEST, ForgedMember(name=b"a", body=b"", only_central=True), end={"entries": 1, "entries_on_disk": 1}
            ),
        ),
        HostileZip(
            "an entry less than counted",
            "archive.directory-damaged",
            forged_zip(MANIFEST, end={"entries": 2, "entries_on_disk": 2}),
        ),
        HostileZip(
            "an entry with another signature", "archive.directory-damaged", _second(central={"signature": b"PK\5\5"})
        ),
        HostileZip("a name that is cut off", "archive.directory-damaged", _second(both={"name_size": 500})),
        HostileZip(
            "a huge directory for one entry",
            "archive.directory-damaged",
            forged_zip(MANIFEST, ForgedMember(name=b"n" * 5000), end={"entries": 1, "entries_on_disk": 1}),
        ),
        HostileZip("two different counts", "archive.count", forged_zip(MANIFEST, end={"entries_on_disk": 0})),
        HostileZip(
            "more entries than allowed",
            "archive.entries",
            forged_zip(end={"entries": 10_001, "entries_on_disk": 10_001}),
        ),
        HostileZip("disk number 1", "archive.multi-disk", forged_zip(MANIFEST, end={"disk": 1})),
        HostileZip("directory on disk 1", "archive.multi-disk", forged_zip(MANIFEST, end={"directory_disk": 1})),
        HostileZip("an entry on disk 1", "archive.multi-disk", _both(disk=1)),
        *(
            HostileZip(f"{key} says: see ZIP64", "archive.zip64", forged_zip(MANIFEST, end={key: ones}))
            for key, ones in {
                "disk": 0xFFFF,
                "directory_disk": 0xFFFF,
                "entries": 0xFFFF,
                "entries_on_disk": 0xFFFF,
                "directory_size": 0xFFFFFFFF,
                "directory_offset": 0xFFFFFFFF,
            }.items()
        ),
        HostileZip("ZIP64 end records", "archive.zip64", forged_zip(MANIFEST, before_end=zip64_end + locator)),
        HostileZip("a ZIP64 locator alone", "archive.zip64", forged_zip(MANIFEST, before_end=locator)),
        HostileZip(
            "a ZIP64 locator that poses as an entry",
            "archive.zip64",
            forged_zip(MANIFEST, before_end=posing, end={"directory_size": 77}),
        ),
        HostileZip("an archive of nothing", "archive.no-manifest", forged_zip()),
    ]


def _quoted_member() -> bytes:
    quoted = ForgedMember(name=b"inner", body=b"x" * 50)
    outer = ForgedMember(name=b"outer", body=quoted.local_record())
    start_of_inner = len(outer.local_record()) - len(outer.body)
    inner = ForgedMember(name=b"inner", body=b"x" * 50, only_central=True, central={"offset": start_of_inner})
    return forged_zip(outer, inner, ForgedMember())


def _entries() -> list[HostileZip]:
    zip64_extra = struct.pack("<2H2Q", 1, 16, 5, 5)
    return [
        *(
            HostileZip(f"local and central {key} differ", "archive.header-mismatch", _second(local={key: value}))
            for key, value in {
                "needed": 10,
                "flags": 0x800,
                "method": 8,
                "time": 1,
                "date": 0x22,
                "crc32": 0,
                "compressed_size": 4,
                "size": 6,
                "name": b"b.txt",
                "name_size": 4,
                "extra_size": 4,
            }.items()
        ),
        HostileZip("a local extra field", "archive.header-mismatch", _second(local={"extra": b"\1\0\0\0"})),
        HostileZip("a longer local name", "archive.header-mismatch", _second(local={"name": b"a.txt.exe"})),
        HostileZip("a local data descriptor flag", "archive.header-mismatch", _second(local={"flags": 8})),
        HostileZip("an extra field", "archive.extra-field", _both(extra=struct.pack("<2HL", 0x5455, 4, 0))),
        HostileZip(
            "a Unicode path field", "archive.extra-field", _both(extra=struct.pack("<2HB4s", 0x7075, 5, 1, b""))
        ),
        HostileZip("a central extra field", "archive.extra-field", _second(central={"extra": b"\1\0\0\0"})),
        HostileZip("an entry comment", "archive.comment", _second(central={"comment": b"psst"})),
        HostileZip(
            "ZIP64 sizes", "archive.zip64", _both(size=0xFFFFFFFF, compressed_size=0xFFFFFFFF, extra=zip64_extra)
        ),
        HostileZip("ZIP64 size alone", "archive.zip64", _both(size=0xFFFFFFFF)),
        HostileZip("ZIP64 offset", "archive.zip64", _second(central={"offset": 0xFFFFFFFF})),
        HostileZip("ZIP64 disk", "archive.zip64", _both(disk=0xFFFF)),
        HostileZip("version 4.5", "archive.zip64", _both(needed=45)),
        HostileZip("version 2.1", "archive.version", _both(needed=21)),
        HostileZip("made by a Macintosh", "archive.version", _both(made_by=7 << 8 | 20)),
        HostileZip("encrypted", "archive.encrypted", _both(flags=0x1)),
        HostileZip("strongly encrypted", "archive.encrypted", _both(flags=0x41)),
        HostileZip("encrypted headers", "archive.encrypted", _both(flags=0x2000)),
        HostileZip(
            "a data descriptor",
            "archive.data-descriptor",
            _second(
                both={"flags": 8},
                local={"crc32": 0, "size": 0, "compressed_size": 0},
                after=struct.pack("<4s3L", b"PK\7\x08", 0, 5, 5),
            ),
        ),
        HostileZip("written to a pipe", "archive.data-descriptor", _piped_zip()),
        *(HostileZip(f"flag {bit}", "archive.flags", _both(flags=1 << bit)) for bit in (1, 2, 4, 5, 7, 10, 12, 15)),
        *(HostileZip(f"method {n}", "archive.method", _both(method=n)) for n in (1, 6, 9, 12, 14, 93, 95, 99)),
        *(
            HostileZip(f"mode {mode:o}", "archive.file-type", _second(mode=mode))
            for mode in (0o120777, 0o010644, 0o020644, 0o060644, 0o140644, 0o040755, 0o070644)
        ),
        HostileZip("a link to a folder above", "archive.file-type", _second(mode=0o120777, body=b"../..")),
        HostileZip("a link made on DOS", "archive.file-type", _second(mode=0o120777, both={"made_by": 20})),
        HostileZip("a folder that is a link", "archive.file-type", _second(name=b"d/", body=b"", mode=0o120777)),
        HostileZip("a folder that is a file", "archive.file-type", _second(name=b"d/", body=b"")),
        HostileZip("a file with the DOS folder bit", "archive.file-type", _both(external=0o100644 << 16 | 0x10)),
        HostileZip("a volume label", "archive.file-type", _both(external=0x08)),
        HostileZip("a reparse point", "archive.file-type", _both(external=0x400)),
        *(HostileZip(f"mode {m:o}", "archive.setuid", _second(mode=0o100755 | m)) for m in (0o4000, 0o2000, 0o1000)),
        *(HostileZip(f"mode {m:o}", "archive.mode", _second(mode=m)) for m in (0o744, 0o654, 0o711, 0o111, 0o622)),
        HostileZip("a folder with content", "archive.directory-data", _second(name=b"d/", mode=0o040755)),
        HostileZip(
            "a folder with deflated nothing",
            "archive.directory-data",
            _second(name=b"d/", body=b"", method=8, mode=0o040755),
        ),
        HostileZip(
            "a folder with a checksum",
            "archive.directory-data",
            _second(name=b"d/", body=b"", mode=0o040755, both={"crc32": 1}),
        ),
    ]


def _piped_zip() -> bytes:
    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

        def tell(self) -> int:
            raise io.UnsupportedOperation

    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w") as archive:
        archive.writestr("plugin.json", "{}")
    return pipe.getvalue()


def _contents() -> list[HostileZip]:
    zeros = deflated(b"\0" * MIB)
    many = [
        ForgedMember(name=b"%d.bin" % n, method=8, packed=zeros, both={"size": MIB, "crc32": 0}) for n in range(513)
    ]
    text = b"hello, hello, hello"
    late = deflated(text)
    return [
        HostileZip("513 MiB of zeros", "archive.expanded-size", forged_zip(MANIFEST, *many)),
        HostileZip("2 MiB of zeros", "archive.ratio", _second(method=8, body=b"\0" * 2 * MIB)),
        HostileZip("a size out of nothing", "archive.ratio", _second(method=8, packed=b"\3\0", both={"size": 2 * MIB})),
        HostileZip("a stored member with two sizes", "archive.member-size", _both(size=6)),
        HostileZip("stored and smaller than its space", "archive.member-size", _both(size=4)),
        HostileZip(
            "longer than it says",
            "archive.member-size",
            _second(method=8, body=text, both={"size": 5}),
            in_content=True,
        ),
        HostileZip(
            "shorter than it says",
            "archive.member-size",
            _second(method=8, body=text, both={"size": 50}),
            in_content=True,
        ),
        HostileZip(
            "much longer than it says",
            "archive.member-size",
            _second(method=8, body=b"\0" * 64 * MIB, both={"size": 5}),
            in_content=True,
        ),
        HostileZip(
            "deflated and damaged",
            "archive.deflate",
            _second(method=8, body=text, packed=b"\xff" + late[1:]),
            in_content=True,
        ),
        HostileZip(
            "deflated without an end",
            "archive.deflate",
            _second(method=8, body=text, packed=late[:-1]),
            in_content=True,
        ),
        HostileZip(
            "deflated nothing at all", "archive.deflate", _second(method=8, body=b"", packed=b""), in_content=True
        ),
        HostileZip(
            "bytes behind the deflated data",
            "archive.deflate",
            _second(method=8, body=text, packed=late + b"x"),
            in_content=True,
        ),
        HostileZip(
            "a second deflated stream",
            "archive.deflate",
            _second(method=8, body=text, packed=late + late),
            in_content=True,
        ),
        HostileZip(
            "a mebibyte behind the deflated data",
            "archive.deflate",
            _second(method=8, body=text, packed=late + bytes(MIB)),
            in_content=True,
        ),
        HostileZip(
            "a zlib stream",
            "archive.deflate",
            _second(method=8, body=text, packed=b"\x78\x9c" + late + b"\0\0\0\0"),
            in_content=True,
        ),
        HostileZip("another checksum", "archive.checksum", _both(crc32=1), in_content=True),
        HostileZip(
            "another checksum, deflated",
            "archive.checksum",
            _second(method=8, body=text, both={"crc32": 1}),
            in_content=True,
        ),
    ]


def _names() -> list[HostileZip]:
    alone = []
    for rule, names in HOSTILE_NAMES:
        flags = {} if rule == "archive.name-encoding" else {"flags": 0x800}
        alone += [HostileZip(f"the name {name[:40]!a}", rule, _named(name, **flags)) for name in names]
    together = [
        HostileZip(f"the names {first!a} and {second!a}", rule, _pair(first, second))
        for rule, pairs in HOSTILE_PAIRS
        for first, second in pairs
    ]
    return [
        *alone,
        *together,
        HostileZip("UTF-8 without its flag", "archive.name-encoding", _named("caf\u00e9", flags=0)),
        HostileZip("no UTF-8 in spite of its flag", "archive.name-encoding", _named(b"caf\xe9", flags=0x800)),
        HostileZip("the root as a folder", "archive.name-traversal", _named("/")),
        HostileZip("no manifest", "archive.no-manifest", forged_zip(ForgedMember(name=b"a"))),
        HostileZip("the manifest in a folder", "archive.no-manifest", forged_zip(ForgedMember(name=b"d/plugin.json"))),
        HostileZip("the manifest in capitals", "archive.no-manifest", forged_zip(ForgedMember(name=b"PLUGIN.JSON"))),
        HostileZip(
            "a folder as manifest",
            "archive.no-manifest",
            forged_zip(ForgedMember(name=b"plugin.json/", body=b"", mode=0o040755)),
        ),
        HostileZip(
            "a folder full of manifests",
            "archive.no-manifest",
            forged_zip(ForgedMember(name=b"plugin.json/plugin.json")),
        ),
    ]


HOSTILE_ZIPS = (*_frames(), *_entries(), *_contents(), *_names())
