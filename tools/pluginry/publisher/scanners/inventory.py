"""Scanner *inventory*: what is in a package by number, size and kind.

Counting is not judging: the only findings are notes about contents that no scanner can look into.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import islice
from types import MappingProxyType
from typing import TYPE_CHECKING

from pluginry.model.finding import Severity
from pluginry.model.rule import Rule
from pluginry.publisher.programs import HEAD_BYTES, is_native_code, is_program
from pluginry.publisher.scanners.scanner import Scanner, at

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from pluginry.encoding.archive_member import Member
    from pluginry.model.finding import Finding
    from pluginry.publisher.scanners.scanner import ScannedPackage

NATIVE_CODE = Rule(
    id="scan.native-code",
    title="The package has machine code",
    why="Nobody can read it: what it does is known only from where it comes.",
    fix="tell the reviewer how it was built, best by a build that others can repeat",
    severity=Severity.NOTE,
)
NESTED_ARCHIVE = Rule(
    id="scan.nested-archive",
    title="The package has an archive inside",
    why="Archives inside packages are not opened, so nobody looked at what is in them.",
    fix="put the files into the package themselves",
    severity=Severity.NOTE,
)

NO_SUFFIX = "(none)"
OTHER_SUFFIX = "(other)"
_MAX_SUFFIX_LENGTH = 12
_MAX_SUFFIXES = 100
_MAX_NAMED = 100
_ARCHIVE_STARTS = (
    b"PK\x03\x04",
    b"\x1f\x8b",
    b"BZh",
    b"\xfd7zXZ\x00",
    b"7z\xbc\xaf\x27\x1c",
    b"Rar!\x1a\x07",
    b"\x28\xb5\x2f\xfd",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Inventory:
    """Number of files, their bytes together, names of programs, and how many files have which suffix.

    ``native`` and ``archives`` name the first files of machine code and the first archives inside.
    """

    files: int
    size_bytes: int
    executables: tuple[str, ...]
    suffixes: Mapping[str, int]
    native: tuple[str, ...]
    archives: tuple[str, ...]


def _scan(package: ScannedPackage) -> Iterator[Finding]:
    """Yield notes about machine code and archives."""
    for file in package.files:
        head = package.head_of(file)[:HEAD_BYTES]
        if is_native_code(head):
            yield NATIVE_CODE.finding(at(file))
        elif head.startswith(_ARCHIVE_STARTS):
            yield NESTED_ARCHIVE.finding(at(file))


def take_inventory(package: ScannedPackage) -> Inventory:
    """Return what is in `package`. A program is what is marked as one, or starts as one."""
    files = package.files
    return Inventory(
        files=len(files),
        size_bytes=sum(file.size for file in files),
        executables=tuple(
            file.name for file in files if file.executable or is_program(package.head_of(file)[:HEAD_BYTES])
        ),
        suffixes=_suffixes([file.name for file in files]),
        native=_named(file for file in files if is_native_code(package.head_of(file)[:HEAD_BYTES])),
        archives=_named(file for file in files if package.head_of(file).startswith(_ARCHIVE_STARTS)),
    )


def _named(files: Iterable[Member]) -> tuple[str, ...]:
    return tuple(file.name for file in islice(files, _MAX_NAMED))


def _suffixes(names: list[str]) -> Mapping[str, int]:
    """Return the commonest suffixes with their counts; names come from strangers, so the rest is put together."""
    counts = Counter(map(_suffix, names))
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    shown = dict(ranked[:_MAX_SUFFIXES])
    if rest := sum(count for _, count in ranked[_MAX_SUFFIXES:]):
        shown[OTHER_SUFFIX] = shown.get(OTHER_SUFFIX, 0) + rest
    return MappingProxyType(dict(sorted(shown.items())))


def _suffix(name: str) -> str:
    stem, dot, suffix = name.rpartition("/")[2].rpartition(".")
    if not (stem and dot):
        return NO_SUFFIX
    return f".{suffix.lower()}" if len(suffix) <= _MAX_SUFFIX_LENGTH else OTHER_SUFFIX


SCANNER = Scanner(name="inventory", version="2", rules=(NATIVE_CODE, NESTED_ARCHIVE), scan=_scan)
