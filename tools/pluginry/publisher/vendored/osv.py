"""A database of known vulnerabilities on this machine: OSV documents in a folder or a zip, as osv.dev exports them.

In: a path. Out: which documents hit a version of a package. It asks nobody; what the database does not know is not
known. Documents that were withdrawn do not count. A document that cannot be read is counted, not an error.
"""

from __future__ import annotations

import hashlib
import json
import re
import zipfile
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from packaging.version import InvalidVersion
from packaging.version import Version as PypiVersion

from pluginry.errors import DocumentError
from pluginry.publisher.vendored.recognise import NPM, PYPI, pypi_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_MAX_DOCUMENT_BYTES: Final = 8 << 20
_UNREADABLE: Final = "the database of vulnerabilities cannot be read"
_SEMVER = re.compile(r"v?(\d+)(?:\.(\d+))?(?:\.(\d+))?(?:-([0-9A-Za-z.-]+))?(?:\+.*)?\Z")
_Order = tuple[Any, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownProblem:
    """A document about a package: its id and summary, and which versions it hits."""

    id: str
    summary: str
    affected: tuple[Mapping[str, Any], ...]

    def hits(self, ecosystem: str, version: str) -> bool:
        """Return whether it is about `version`; of versions that cannot be compared, only those listed by name."""
        return any(_is_hit(one, ecosystem, version) for one in self.affected)


@dataclass(frozen=True, slots=True, kw_only=True)
class OsvDatabase:
    """Problems by ecosystem and name; ``digest`` is of all that was read, ``unreadable`` counts the other documents."""

    problems: Mapping[tuple[str, str], tuple[KnownProblem, ...]]
    digest: str
    unreadable: int

    def problems_of(self, ecosystem: str, name: str, version: str) -> tuple[KnownProblem, ...]:
        """Return what is known of this version of a package."""
        return tuple(known for known in self.problems.get((ecosystem, name), ()) if known.hits(ecosystem, version))


def open_database(path: Path) -> OsvDatabase:
    """Return the database at `path`, read once in a process, and again when another one lies there.

    Raises:
        DocumentError: there is none, or it has no documents.
    """
    try:
        return _opened(path, path.stat().st_mtime_ns)
    except OSError as error:
        raise DocumentError(_UNREADABLE, where=str(path), why=str(error)) from error


@lru_cache(maxsize=1)
def _opened(path: Path, changed_at: int) -> OsvDatabase:  # noqa: ARG001 - it tells one database from the next
    found: dict[tuple[str, str], list[KnownProblem]] = {}
    digest = hashlib.sha256()
    unreadable = documents = 0
    for body in _bodies(path):
        documents += 1
        digest.update(body)
        try:
            document = json.loads(body)
            about = _by_package(document)
        except (ValueError, RecursionError, AttributeError, TypeError, KeyError):
            unreadable += 1
            continue
        for package, problem in about:
            found.setdefault(package, []).append(problem)
    if documents == unreadable:
        raise DocumentError("this is no database of vulnerabilities", where=str(path), why="it has no OSV documents")
    problems = {package: tuple(sorted(known, key=lambda one: one.id)) for package, known in found.items()}
    return OsvDatabase(problems=problems, digest=digest.hexdigest()[:12], unreadable=unreadable)


def _bodies(path: Path) -> Iterator[bytes]:
    try:
        if path.is_dir():
            for file in sorted(path.rglob("*.json")):
                yield file.read_bytes()
            return
        with zipfile.ZipFile(path) as archive:
            for member in sorted(archive.infolist(), key=lambda one: one.filename):
                if member.filename.endswith(".json") and member.file_size <= _MAX_DOCUMENT_BYTES:
                    yield archive.read(member)
    except (OSError, zipfile.BadZipFile) as error:
        raise DocumentError(_UNREADABLE, where=str(path), why=str(error)) from error


def _by_package(document: Any) -> list[tuple[tuple[str, str], KnownProblem]]:
    """Return the packages of an OSV document with what it says of them."""
    about: dict[tuple[str, str], list[Any]] = {}
    if not document.get("withdrawn"):
        for one in document.get("affected", ()):
            package = one.get("package", {})
            ecosystem, name = str(package.get("ecosystem", "")), str(package.get("name", ""))
            if ecosystem in (PYPI, NPM):
                about.setdefault((ecosystem, pypi_name(name) if ecosystem == PYPI else name), []).append(one)
    summary = str(document.get("summary", ""))[:200]
    return [(key, KnownProblem(id=str(document["id"]), summary=summary, affected=tuple(n))) for key, n in about.items()]


def _is_hit(affected: Mapping[str, Any], ecosystem: str, version: str) -> bool:
    order = _order_of(ecosystem, version)
    for listed in affected.get("versions", ()):
        if listed == version or (order is not None and _order_of(ecosystem, str(listed)) == order):
            return True
    if order is None:
        return False
    ranges = (one for one in affected.get("ranges", ()) if one.get("type") in ("SEMVER", "ECOSYSTEM"))
    return any(_is_in_range(one.get("events", ()), ecosystem, order) for one in ranges)


def _is_in_range(events: Any, ecosystem: str, order: _Order) -> bool:
    """Go along the events in their order: a version is hit if the last one at or before it let the problem in."""
    is_hit = False
    for kind, bound in sorted(_bounds(events, ecosystem), key=lambda one: one[1] or ()):
        if kind == "introduced" and (bound is None or order >= bound):
            is_hit = True
        elif bound is not None and (
            (kind == "fixed" and order >= bound) or (kind == "last_affected" and order > bound)
        ):
            is_hit = False
    return is_hit


def _bounds(events: Any, ecosystem: str) -> Iterator[tuple[str, _Order | None]]:
    for event in events:
        for kind in ("introduced", "fixed", "last_affected"):
            if kind in event:
                text = str(event[kind])
                bound = None if text == "0" else _order_of(ecosystem, text)
                if text == "0" or bound is not None:
                    yield kind, bound


def _order_of(ecosystem: str, version: str) -> _Order | None:
    """Return what versions of `ecosystem` are compared by, or None for what is no version."""
    if ecosystem == PYPI:
        try:
            return (PypiVersion(version),)
        except InvalidVersion:
            return None
    match = _SEMVER.match(version)
    if match is None:
        return None
    numbers = tuple(int(part or 0) for part in match.groups()[:3])
    if match[4] is None:
        return (*numbers, 1)
    parts = (((0, int(part), "") if part.isdigit() else (1, 0, part)) for part in match[4].split("."))
    return (*numbers, 0, tuple(parts))
