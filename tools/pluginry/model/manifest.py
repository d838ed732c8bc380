"""What a plugin says of itself, inside its package: ``plugin.json`` and ``files.json``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from pluginry.model.digest import Digest
from pluginry.model.names import Name, Platform, PluginId
from pluginry.model.versions import Version, VersionRange

NOTHING: Mapping[str, str] = MappingProxyType({})
MANIFEST_FILE = "plugin.json"
FILES_FILE = "files.json"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Permission:
    """What a plugin asks for: ``type`` of the host's vocabulary, how far (``scope``), and why (``reason``)."""

    type: str
    scope: str
    reason: str = field(compare=False)

    @property
    def grant(self) -> str:
        """How a consent to it is written: ``type:scope``."""
        return f"{self.type}:{self.scope}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Runtime:
    """How the host runs it: ``kind``, what it starts (``entry_point``), where modules lie (``paths``)."""

    kind: str
    entry_point: str = ""
    paths: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryPoint:
    """One thing that the plugin offers to its host."""

    name: str
    target: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One line of the release notes; ``kind`` is added, changed, deprecated, removed, fixed or security."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Assets:
    """Files with a meaning: icons by edge length in pixels, folders of docs, locales and platforms."""

    icons: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    docs: str = ""
    locales: str = ""
    platforms: Mapping[Platform, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Environment:
    """What the host's environment must provide; the client never installs it."""

    runtime: str = ""
    requirements: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where a foreign package came from."""

    kind: str
    name: str
    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """``plugin.json``. ``data_version`` rises when a release writes its data in a form that older ones cannot read."""

    schema: int = field(default=1, metadata={"always": True})
    id: PluginId
    version: Version
    hosts: Mapping[Name, VersionRange]
    runtime: Runtime
    permissions: tuple[Permission, ...] = ()
    dependencies: Mapping[PluginId, VersionRange] = field(default_factory=lambda: MappingProxyType({}))
    conflicts: Mapping[PluginId, VersionRange] = field(default_factory=lambda: MappingProxyType({}))
    entry_points: Mapping[str, tuple[EntryPoint, ...]] = field(default_factory=lambda: MappingProxyType({}))
    changes: tuple[Change, ...] = ()
    config_schema: str = ""
    data_version: int = 0
    assets: Assets = field(default_factory=Assets)
    license_files: tuple[str, ...] = ()
    environment: Environment = field(default_factory=Environment)
    origin: Origin | None = None


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class FileEntry:
    """A member of a package: path with ``/``, digest, size in bytes."""

    path: str
    sha256: Digest
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FileList:
    """``files.json``: every member but itself."""

    format: int = field(default=1, metadata={"always": True})
    files: tuple[FileEntry, ...]
