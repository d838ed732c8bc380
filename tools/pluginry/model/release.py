"""A release as it is claimed in the registry: where its bytes come from, and what was found out later."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from pluginry.model.channel import Channel
from pluginry.model.digest import Digest
from pluginry.model.manifest import Change, EntryPoint, Origin, Permission, Runtime
from pluginry.model.names import Name, Platform
from pluginry.model.versions import Version, VersionRange


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where bytes come from: exactly one of ``url``, ``path``, ``git``, ``pypi``, ``npm`` is set."""

    url: str = ""
    path: str = ""
    git: str = ""
    commit: str = ""
    subdir: str = ""
    pypi: str = ""
    npm: str = ""
    version: str = ""
    file: str = ""

    @property
    def kind(self) -> str:
        """Which of the five it is."""
        return next(kind for kind in ("url", "path", "git", "pypi", "npm") if getattr(self, kind))

    @property
    def is_tree(self) -> bool:
        """Whether it names a folder of sources, to be packed, and not a finished file."""
        return bool(self.path or self.git)

    def __str__(self) -> str:
        kind = self.kind
        value = getattr(self, kind)
        if kind == "url":
            return str(value)
        extra = {"git": f"@{self.commit[:12]}", "pypi": f"=={self.version}", "npm": f"@{self.version}"}
        return f"{kind}:{value}{extra.get(kind, '')}"


@dataclass(frozen=True, slots=True, kw_only=True)
class WrapFile:
    """A file to take out of a foreign archive: ``source`` pattern and ``target`` path."""

    source: str = field(metadata={"key": "from"})
    target: str = field(metadata={"key": "to"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrap:
    """How to make a package from a foreign archive; what is given here goes before what is derived."""

    format: str
    hosts: Mapping[Name, VersionRange]
    runtime: Runtime | None = None
    permissions: tuple[Permission, ...] = ()
    entry_points: Mapping[str, tuple[EntryPoint, ...]] = field(default_factory=lambda: MappingProxyType({}))
    files: tuple[WrapFile, ...] = ()
    origin: Origin | None = None
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvenanceClaim:
    """The developer's signed word on where an artifact was built: a sigstore bundle."""

    url: str
    sha256: Digest


@dataclass(frozen=True, slots=True, kw_only=True)
class ArtifactClaim:
    """One artifact as claimed. ``sha256`` is of the upstream file; of the package, when the source is a tree."""

    platform: Platform
    source: Source
    sha256: Digest
    size: int | None = None
    wrap: Wrap | None = None
    provenance: ProvenanceClaim | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Amendments:
    """What was found out after the release, without a new one."""

    hosts: Mapping[Name, VersionRange] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """``releases/<version>.yaml``."""

    schema: int = field(default=1, metadata={"always": True})
    version: Version
    channel: Channel
    artifacts: tuple[ArtifactClaim, ...]
    yanked: str | None = None
    amends: Amendments = field(default_factory=Amendments)
