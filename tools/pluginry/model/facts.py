"""What the scan saw in a release, kept as a content-addressed object."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from pluginry.model.digest import Digest
from pluginry.model.names import Platform, PluginId
from pluginry.model.versions import Version


@dataclass(frozen=True, slots=True, kw_only=True)
class ArtifactFacts:
    """One package: number of files, unpacked size in bytes, count of files by suffix, what is special in it.

    ``executables`` are programs and scripts, ``native`` those of machine code, ``archives`` what was not opened.
    """

    platform: Platform
    sha256: Digest
    files: int
    unpacked_size: int
    executables: tuple[str, ...] = ()
    suffixes: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    native: tuple[str, ...] = ()
    archives: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanFinding:
    """A finding about a file of the package."""

    rule: str
    severity: str
    message: str
    file: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class SeenPlace:
    """Where a kind of access was seen, and by which name the source gets it."""

    file: str
    line: int
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservedAccess:
    """A ``kind`` of access that the source reaches for, in ``says`` in words.

    It was seen ``count`` times, also in ``places``; ``declared`` are the permissions of the manifest that cover it.
    """

    kind: str
    says: str
    count: int
    places: tuple[SeenPlace, ...]
    declared: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class VendoredPackage:
    """A package of another ``ecosystem`` (PyPI or npm) inside this one, as ``file`` names it."""

    ecosystem: str
    name: str
    version: str
    file: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """All that was seen; ``scanners`` maps each scanner to the version of its rules, ``not_run`` others to why not."""

    format: int = field(default=1, metadata={"always": True})
    id: PluginId
    version: Version
    artifacts: tuple[ArtifactFacts, ...]
    scanners: Mapping[str, str]
    findings: tuple[ScanFinding, ...] = ()
    observed: tuple[ObservedAccess, ...] = ()
    vendored: tuple[VendoredPackage, ...] = ()
    not_run: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
