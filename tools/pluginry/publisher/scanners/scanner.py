"""What a scanner is, and what it is shown: all that the stage *scan* knows of the modules in this folder."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pluginry.model.facts import ObservedAccess, VendoredPackage
from pluginry.model.finding import Finding, Location, Severity
from pluginry.model.rule import Rule
from pluginry.publisher.scan_setup import PLAIN_SETUP
from pluginry.publisher.source_reading.reading import (
    MAX_PACKAGE_SOURCE_BYTES,
    MAX_SOURCE_BYTES,
    TOO_LONG,
    TOO_MUCH,
    is_source,
    read_source,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pluginry.encoding.archive import Archive
    from pluginry.encoding.archive_member import Member
    from pluginry.model.manifest import Manifest
    from pluginry.publisher.scan_setup import ScanSetup
    from pluginry.publisher.source_reading.reading import SourceReading

FAILED = Rule(
    id="scan.scanner-failed",
    title="A scanner broke off",
    why="A package that breaks a scanner may be made to do so; what the scanner looks for is not known.",
    fix="look at the package by hand, and report the mistake of the scanner",
    severity=Severity.NEEDS_REVIEW,
)
MISSING = Rule(
    id="scan.scanner-missing",
    title="A scanner that the registry requires cannot run",
    why="The registry wants no release that was not looked at in this way.",
    fix="give the scanner what it lacks, and run again",
    severity=Severity.NEEDS_REVIEW,
)

Noticed = Finding | ObservedAccess | VendoredPackage
"""What a scanner tells: news about content, or a fact that is no news."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScannedPackage:
    """A package as scanners see it: what is inside, what it says of itself, and the ``licence`` of its listing."""

    archive: Archive
    manifest: Manifest
    licence: str = ""
    setup: ScanSetup = PLAIN_SETUP
    _readings: dict[str, SourceReading] = field(default_factory=dict, repr=False, compare=False)

    @property
    def files(self) -> tuple[Member, ...]:
        """The members that are files, in the order of the archive."""
        return tuple(member for member in self.archive.members if not member.is_directory)

    def head_of(self, file: Member) -> bytes:
        """Return the first piece of `file`, which may be all of it."""
        return next(self.archive.open_chunks(file), b"")

    def read(self, file: Member, *, max_bytes: int) -> bytes | None:
        """Return the content of `file`, or None when it is longer."""
        return self.archive.read(file.name, max_bytes=max_bytes) if file.size <= max_bytes else None

    def sources(self) -> Iterator[tuple[Member, SourceReading]]:
        """Yield every file of source text with what it does; each is parsed once, whoever asks."""
        before = 0
        for file in self.files:
            if is_source(file.name):
                if file.name not in self._readings:
                    self._readings[file.name] = self._reading_of(file, before)
                before += file.size
                yield file, self._readings[file.name]

    def _reading_of(self, file: Member, before: int) -> SourceReading:
        """Return what `file` does, unless it is too long, or so is what comes `before` it."""
        if before + file.size > MAX_PACKAGE_SOURCE_BYTES:
            return TOO_MUCH
        data = self.read(file, max_bytes=MAX_SOURCE_BYTES)
        return TOO_LONG if data is None else read_source(file.name, data)


def _nothing(_setup: ScanSetup) -> str:
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scanner:
    """Looks for one thing: ``scan`` reads the package and nothing else, and yields what it noticed by member.

    ``version`` changes whenever the same package may give other findings; ``data`` adds which data it looks with.
    ``hindrance`` says why it cannot run here, and is empty when it can.
    """

    name: str
    version: str
    rules: tuple[Rule, ...]
    scan: Callable[[ScannedPackage], Iterator[Noticed]]
    hindrance: Callable[[ScanSetup], str] = _nothing
    data: Callable[[ScanSetup], str] = _nothing

    def version_with(self, setup: ScanSetup) -> str:
        """Return the version of rules and data together: what facts say was looked with."""
        data = self.data(setup)
        return f"{self.version}+{data}" if data else self.version


def at(file: Member, line: int = 0) -> Location:
    """Return the place in a package that is `line` of `file`, or the file as a whole."""
    return Location(file=file.name, line=line, column=1 if line else 0)
