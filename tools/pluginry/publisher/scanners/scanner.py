"""What a scanner is, and what it is shown: all that the stage *scan* knows of the modules in this folder."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pluginry.model.finding import Location

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pluginry.encoding.archive import Archive
    from pluginry.encoding.archive_member import Member
    from pluginry.model.finding import Finding
    from pluginry.model.manifest import Manifest
    from pluginry.model.rule import Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class ScannedPackage:
    """A package as scanners see it: what is inside, and what it says of itself."""

    archive: Archive
    manifest: Manifest

    @property
    def files(self) -> tuple[Member, ...]:
        """The members that are files, in the order of the archive."""
        return tuple(member for member in self.archive.members if not member.is_directory)

    def head_of(self, file: Member) -> bytes:
        """Return the first piece of `file`, which may be all of it."""
        return next(self.archive.open_chunks(file), b"")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scanner:
    """Looks for one thing: ``scan`` reads the package and nothing else, and yields what it noticed by member.

    ``version`` changes whenever the same package may give other findings.
    """

    name: str
    version: str
    rules: tuple[Rule, ...]
    scan: Callable[[ScannedPackage], Iterator[Finding]]


def at(file: Member, line: int = 0) -> Location:
    """Return the place in a package that is `line` of `file`, or the file as a whole."""
    return Location(file=file.name, line=line, column=1 if line else 0)
