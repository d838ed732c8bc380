"""What an importer of packages has to know of a language's registry: how it is reached, and what its packages say.

Protocols and values only; `package_mirror` is what works with them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from pluginry.ports import SourceFetcher

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pluginry.importing.foreign_versions import ConvertedRange
    from pluginry.importing.target import Target
    from pluginry.model.finding import Finding
    from pluginry.model.names import Name
    from pluginry.model.release import Source
    from pluginry.model.versions import Version


class PackageRegistry(SourceFetcher, Protocol):
    """Another registry, through its own tool."""

    def versions(self, name: str) -> tuple[str, ...]:
        """Return the published versions of a package.

        Raises:
            NotFoundError: there is no such package.
            TransportError: not reachable.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """What one release of a package says of itself, in our words; ``findings`` say what is lost, or what forbids it."""

    hosts: Mapping[Name, ConvertedRange]
    summary: str
    license: str
    homepage: str
    source: str
    issues: str
    tags: tuple[str, ...]
    readme: str
    findings: tuple[Finding, ...] = ()


class PackageKind(Protocol):
    """What is particular about a registry: its notation of versions and its format of packages."""

    kind: str
    wrap_format: str

    def version_of(self, text: str) -> Version | None:
        """Return a version of the registry in our form, or None."""

    def source_of(self, name: str, version: str, file: str = "") -> Source:
        """Return the source of a version, with the name of its ``file`` when that is known."""

    def describe(self, archive: Path, scratch: Path, *, target: Target, host: Name | None, file: str) -> Description:
        """Return what `archive` says of itself; `host` is used when it says nothing of its host.

        Raises:
            DocumentError: it cannot be read.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What to bring in: ``count`` newest releases, or exactly ``versions``; for ``host`` if the package names none."""

    count: int = 3
    versions: tuple[str, ...] = ()
    host: Name | None = None
