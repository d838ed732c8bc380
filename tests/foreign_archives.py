"""Archives as other registries have them: small wheels, npm packages, tarballs and ZIP files, good or hostile.

A ``tar`` entry is a ``TarInfo`` with its content, so that a test can set any field. Times and owners are fixed: the
same arguments give the same bytes.
"""

from __future__ import annotations

import gzip
import io
import json
import tarfile
import zipfile
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

WHEEL_NAME = "demo_plugin-1.2.0-py3-none-any.whl"


def tar_entry(name: str, content: bytes = b"", *, kind: bytes = tarfile.REGTYPE, mode: int = 0o644) -> tarfile.TarInfo:
    """Return the header of an entry; its size is that of `content`."""
    entry = tarfile.TarInfo(name)
    entry.type = kind
    entry.mode = mode
    entry.size = len(content)
    return entry


def tar_bytes(
    entries: Iterable[tuple[tarfile.TarInfo, bytes]], *, tar_format: int = tarfile.PAX_FORMAT, end: bool = True
) -> bytes:
    """Return an uncompressed tar file."""
    out = io.BytesIO()
    for entry, content in entries:
        out.write(entry.tobuf(tar_format))
        out.write(content + b"\0" * (-len(content) % tarfile.BLOCKSIZE))
    return out.getvalue() + (b"\0" * 2 * tarfile.BLOCKSIZE if end else b"")


def a_tarball(path: Path, files: Mapping[str, bytes], *, programs: Iterable[str] = ()) -> Path:
    """Write a ``tar.gz`` file with `files`, of which `programs` are executable."""
    executable = set(programs)
    entries = [
        (tar_entry(name, content, mode=0o755 if name in executable else 0o644), content)
        for name, content in files.items()
    ]
    return packed(path, tar_bytes(entries))


def packed(path: Path, data: bytes) -> Path:
    """Write `data` compressed with gzip."""
    path.write_bytes(gzip.compress(data, mtime=0))
    return path


def a_zip(path: Path, files: Mapping[str, bytes | zipfile.ZipInfo]) -> Path:
    """Write a ZIP file; a ``ZipInfo`` instead of a content makes an empty member with these attributes."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            if isinstance(content, zipfile.ZipInfo):
                archive.writestr(content, b"target")
            else:
                info = zipfile.ZipInfo(name, (2024, 1, 1, 0, 0, 0))
                info.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(info, content)
    return path


def a_wheel(
    folder: Path,
    *,
    name: str = "demo-plugin",
    version: str = "1.2.0",
    headers: Iterable[str] = ("Requires-Python: >=3.10", "Requires-Dist: pytest>=7,<9", "License-Expression: MIT"),
    description: str = "",
    entry_points: str = "[pytest11]\ndemo = demo_plugin.hooks\n",
    files: Mapping[str, bytes] | None = None,
) -> Path:
    """Write a wheel whose METADATA has these further `headers`."""
    stem = f"{name.replace('-', '_')}-{version}"
    metadata = "\n".join(["Metadata-Version: 2.4", f"Name: {name}", f"Version: {version}", *headers, "", description])
    wheel = "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    contents: dict[str, bytes | zipfile.ZipInfo] = {
        "demo_plugin/__init__.py": b"",
        "demo_plugin/hooks.py": b"def pytest_configure(): ...\n",
        **(files or {}),
        f"{stem}.dist-info/METADATA": metadata.encode(),
        f"{stem}.dist-info/WHEEL": wheel.encode(),
        f"{stem}.dist-info/RECORD": b"",
        f"{stem}.dist-info/licenses/LICENSE.txt": b"Permission is granted.\n",
    }
    if entry_points:
        contents[f"{stem}.dist-info/entry_points.txt"] = entry_points.encode()
    return a_zip(folder / f"{stem}-py3-none-any.whl", contents)


def an_npm_package(
    folder: Path, *, files: Mapping[str, bytes] | None = None, top: str = "package", **fields: Any
) -> Path:
    """Write the tarball of an npm package whose package.json has these further `fields`."""
    package = {
        "name": "eslint-plugin-demo",
        "version": "1.2.0",
        "description": "Rules for demonstrations",
        "license": "MIT",
        "main": "./lib/index.js",
        "peerDependencies": {"eslint": "^8.0.0 || ^9.0.0"},
        "engines": {"node": ">=18"},
        **fields,
    }
    contents = {
        f"{top}/package.json": json.dumps(package).encode(),
        f"{top}/lib/index.js": b"module.exports = {};\n",
        f"{top}/LICENSE": b"Permission is granted.\n",
        **{f"{top}/{name}": content for name, content in (files or {}).items()},
    }
    return a_tarball(folder / "eslint-plugin-demo-1.2.0.tgz", contents)
