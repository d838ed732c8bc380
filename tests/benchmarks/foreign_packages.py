"""Packages in the formats of other repositories, as small as they may be, with a payload that makes them all one size.

In: a number, a version, the size of a payload. Out: the bytes of a package that the tools of the peers read. Not for
installing.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import struct
import tarfile
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING

from corpus import incompressible

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_SUMMARY = "A package that only a benchmark reads"


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """One package: ``number`` says which plugin it is of, and with the version what its payload is."""

    number: int
    version: str
    payload_bytes: int

    @property
    def name(self) -> str:
        """The name, of the same length for all."""
        return f"bench-{self.number:06}"

    @property
    def payload(self) -> bytes:
        """Bytes that cannot be compressed, always the same ones for this release."""
        return incompressible(f"{self.name} {self.version}", self.payload_bytes)


def releases(count: int, versions: tuple[str, ...], payload_bytes: int) -> Iterator[Release]:
    """Yield the releases of `count` names, each in all `versions`."""
    for number in range(count):
        for version in versions:
            yield Release(number=number, version=version, payload_bytes=payload_bytes)


def blender_extension(release: Release) -> bytes:
    """Return an extension for Blender: a zip with a manifest."""
    manifest = f"""schema_version = "1.0.0"
id = "{release.name.replace("-", "_")}"
version = "{release.version}"
name = "{release.name}"
tagline = "{_SUMMARY}"
maintainer = "Bench"
type = "add-on"
blender_version_min = "4.2.0"
license = ["SPDX:GPL-3.0-or-later"]
"""
    return _zipped({"blender_manifest.toml": manifest.encode(), "__init__.py": b"", "payload": release.payload})


def wheel_name(release: Release) -> str:
    """Return the name of a wheel, which is all that a simple index needs to know."""
    return f"{release.name.replace('-', '_')}-{release.version}-py3-none-any.whl"


def conda_package(release: Release) -> bytes:
    """Return a package for conda in its older form: a tar, compressed as little as the format allows."""
    index = {
        "name": release.name,
        "version": release.version,
        "build": "0",
        "build_number": 0,
        "depends": ["python >=3.11"],
        "subdir": "noarch",
        "noarch": "generic",
        "license": "MIT",
    }
    about = {"summary": _SUMMARY, "license": "MIT"}
    files = {"info/index.json": json.dumps(index).encode(), "info/about.json": json.dumps(about).encode()}
    return _tarred({**files, "payload": release.payload}, "w:bz2")


def debian_package(release: Release) -> bytes:
    """Return a package for Debian: an ar archive of two compressed tars."""
    control = f"""Package: {release.name}
Version: {release.version}
Architecture: all
Maintainer: Bench <bench@example.org>
Section: misc
Priority: optional
Description: {_SUMMARY}
"""
    members = {
        "debian-binary": b"2.0\n",
        "control.tar.gz": _tarred({"./control": control.encode()}, "w:gz"),
        "data.tar.gz": _tarred({"./payload": release.payload}, "w:gz"),
    }
    body = b"!<arch>\n"
    for name, content in members.items():
        body += f"{name:<16}{0:<12}{0:<6}{0:<6}{100644:<8}{len(content):<10}`\n".encode() + content
        body += b"\n" * (len(content) % 2)
    return body


_INT16, _INT32, _STRING, _BIN, _STRINGS, _I18N = 3, 4, 6, 7, 8, 9
_HEADER_SIGNATURES, _HEADER_IMMUTABLE = 62, 63


def rpm_package(release: Release) -> bytes:
    """Return a package for RPM with one file, as its format (version 3) says: lead, signature, header, payload."""
    payload = gzip.compress(_cpio({"./payload": release.payload}), 1, mtime=0)
    version, _, _ = release.version.partition("-")
    header = _rpm_header(
        _HEADER_IMMUTABLE,
        {
            1000: (_STRING, release.name),
            1001: (_STRING, version),
            1002: (_STRING, "1"),
            1004: (_I18N, _SUMMARY),
            1005: (_I18N, _SUMMARY),
            1006: (_INT32, (1_700_000_000,)),
            1007: (_STRING, "bench.example.org"),
            1009: (_INT32, (release.payload_bytes,)),
            1014: (_STRING, "MIT"),
            1016: (_I18N, "Applications/System"),
            1021: (_STRING, "linux"),
            1022: (_STRING, "noarch"),
            1028: (_INT32, (release.payload_bytes,)),
            1030: (_INT16, (0o100644,)),
            1033: (_INT16, (0,)),
            1034: (_INT32, (1_700_000_000,)),
            1035: (_STRINGS, (hashlib.md5(release.payload, usedforsecurity=False).hexdigest(),)),
            1036: (_STRINGS, ("",)),
            1037: (_INT32, (0,)),
            1039: (_STRINGS, ("root",)),
            1040: (_STRINGS, ("root",)),
            1047: (_STRINGS, (release.name,)),
            1112: (_INT32, (8,)),
            1113: (_STRINGS, (version,)),
            1116: (_INT32, (0,)),
            1117: (_STRINGS, ("payload",)),
            1118: (_STRINGS, ("/usr/share/bench/",)),
            1124: (_STRING, "cpio"),
            1125: (_STRING, "gzip"),
            1126: (_STRING, "1"),
        },
    )
    digest = hashlib.md5(header + payload, usedforsecurity=False).digest()
    signature = _rpm_header(_HEADER_SIGNATURES, {1000: (_INT32, (len(header) + len(payload),)), 1004: (_BIN, digest)})
    signature += b"\0" * (-len(signature) % 8)
    lead = struct.pack(
        ">4sBBhh66shh16s", b"\xed\xab\xee\xdb", 3, 0, 0, 0, f"{release.name}-{version}-1".encode(), 1, 5, b""
    )
    return lead + signature + header + payload


def _rpm_header(region: int, tags: Mapping[int, tuple[int, object]]) -> bytes:
    """Return the structure that RPM calls a header: an index of tags, and what they say."""
    entries, store = [], b""
    for tag, (kind, value) in sorted(tags.items()):
        if kind in (_INT16, _INT32):
            width = 2 if kind == _INT16 else 4
            store += b"\0" * (-len(store) % width)
        body, count = _rpm_value(kind, value)
        entries.append(struct.pack(">iiii", tag, kind, len(store), count))
        store += body
    size = 16 * (len(entries) + 1)
    first = struct.pack(">iiii", region, _BIN, len(store), 16)
    store += struct.pack(">iiii", region, _BIN, -size, 16)
    head = struct.pack(">3sB4sii", b"\x8e\xad\xe8", 1, b"", len(entries) + 1, len(store))
    return head + first + b"".join(entries) + store


def _rpm_value(kind: int, value: object) -> tuple[bytes, int]:
    match value:
        case bytes():
            return value, len(value)
        case str():
            return value.encode() + b"\0", 1
        case tuple() if kind == _STRINGS:
            return b"".join(one.encode() + b"\0" for one in value), len(value)
        case tuple():
            return struct.pack(f">{len(value)}{'H' if kind == _INT16 else 'i'}", *value), len(value)
    raise TypeError(kind)


def _cpio(files: Mapping[str, bytes]) -> bytes:
    body = b""
    for number, (name, content) in enumerate({**files, "TRAILER!!!": b""}.items(), start=1):
        fields = (number, 0o100644, 0, 0, 1, 1_700_000_000, len(content), 0, 0, 0, 0, len(name) + 1, 0)
        body += b"070701" + b"".join(b"%08x" % field for field in fields) + name.encode() + b"\0"
        body += b"\0" * (-len(body) % 4) + content
        body += b"\0" * (-len(body) % 4)
    return body


def _zipped(files: Mapping[str, bytes]) -> bytes:
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w") as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return body.getvalue()


def _tarred(files: Mapping[str, bytes], mode: str) -> bytes:
    body = io.BytesIO()
    with tarfile.open(fileobj=body, mode=mode, compresslevel=1) as archive:  # type: ignore[call-overload]  # any mode
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return body.getvalue()
