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
    """One package: number of files, unpacked size in bytes, executables, count of files by suffix."""

    platform: Platform
    sha256: Digest
    files: int
    unpacked_size: int
    executables: tuple[str, ...] = ()
    suffixes: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanFinding:
    """A finding about a file of the package."""

    rule: str
    severity: str
    message: str
    file: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """All that was seen; ``scanners`` maps each scanner to the version of its rules."""

    format: int = field(default=1, metadata={"always": True})
    id: PluginId
    version: Version
    artifacts: tuple[ArtifactFacts, ...]
    scanners: Mapping[str, str]
    findings: tuple[ScanFinding, ...] = ()
