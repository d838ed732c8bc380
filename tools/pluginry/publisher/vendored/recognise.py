"""Which packages of PyPI and npm a package holds, or installs from a list of exact versions.

In: file names, and a way to read them. Out: name, version and the file that says so. What is not named by any file
(copied without its metadata) is not recognised. Never resolves ranges, never asks anybody.
"""

from __future__ import annotations

import json
import re
from email.parser import BytesHeaderParser
from typing import TYPE_CHECKING, Any, Final

from pluginry.model.facts import VendoredPackage

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PYPI, NPM = "PyPI", "npm"
MAX_BYTES: Final = 4 << 20
_MAX_NAME: Final = 214
_METADATA = re.compile(r"(?:.*/)?[^/]+\.(?:dist-info/METADATA|egg-info/PKG-INFO)\Z")
_NODE_MODULE = re.compile(r"(?:.*/)?node_modules/(?:@[^/]+/)?[^/@]+/package\.json\Z")
_REQUIREMENTS = re.compile(r"(?:.*/)?requirements[\w.-]*\.(?:txt|lock)\Z", re.IGNORECASE)
_NPM_LOCKS = ("package-lock.json", "npm-shrinkwrap.json")
_VENDOR_LISTS = ("vendor.txt", "vendored.txt")
_PIN = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^\]]*\])?\s*===?\s*([A-Za-z0-9][\w.!+-]*)")
_NPM_NAME = re.compile(r"(?:@[a-z0-9~_.-]+/)?[A-Za-z0-9~_.-]+\Z")
_NPM_VERSION = re.compile(r"\d+\.\d+\.\d+[\w.+-]*\Z")


def packages_in(file: str, read: Callable[[], bytes | None]) -> Iterator[VendoredPackage]:
    """Yield the packages that `file` speaks of; `read` gives its content, or None when it is too long."""
    name = file.rpartition("/")[2]
    if _METADATA.match(file):
        yield from _of_metadata(file, read() or b"")
    elif _NODE_MODULE.match(file):
        yield from _of_package_json(file, _parsed(read()))
    elif name in _NPM_LOCKS:
        yield from _of_npm_lock(file, _parsed(read()))
    elif _REQUIREMENTS.match(file) or name in _VENDOR_LISTS:
        yield from _of_requirements(file, read() or b"")


def pypi_name(name: str) -> str:
    """Return how PyPI compares names."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _of_metadata(file: str, data: bytes) -> Iterator[VendoredPackage]:
    head = BytesHeaderParser().parsebytes(data[:MAX_BYTES], headersonly=True)
    match = _PIN.match(f"{head.get('Name', '')}=={head.get('Version', '')}")
    if match:
        yield VendoredPackage(ecosystem=PYPI, name=pypi_name(match[1]), version=match[2], file=file)


def _of_requirements(file: str, data: bytes) -> Iterator[VendoredPackage]:
    for line in data.decode("utf-8", "replace").splitlines():
        match = _PIN.match(line)
        if match and len(match[1]) <= _MAX_NAME:
            yield VendoredPackage(ecosystem=PYPI, name=pypi_name(match[1]), version=match[2], file=file)


def _of_package_json(file: str, document: Any) -> Iterator[VendoredPackage]:
    if isinstance(document, dict):
        yield from _npm(document.get("name"), document.get("version"), file)


def _of_npm_lock(file: str, document: Any) -> Iterator[VendoredPackage]:
    """Yield the packages of a lock of version 2 or 3, or of the first level of version 1."""
    if not isinstance(document, dict):
        return
    for key in ("packages", "dependencies"):
        listed = document.get(key)
        if isinstance(listed, dict) and listed:
            for place, entry in listed.items():
                if place and isinstance(entry, dict):
                    yield from _npm(
                        entry.get("name") or place.rpartition("node_modules/")[2], entry.get("version"), file
                    )
            return


def _npm(name: object, version: object, file: str) -> Iterator[VendoredPackage]:
    is_named = isinstance(name, str) and len(name) <= _MAX_NAME and _NPM_NAME.match(name)
    if is_named and isinstance(version, str) and _NPM_VERSION.match(version):
        yield VendoredPackage(ecosystem=NPM, name=str(name), version=version, file=file)


def _parsed(data: bytes | None) -> Any:
    try:
        return json.loads(data or b"null")
    except (ValueError, RecursionError):
        return None
