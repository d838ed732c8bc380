"""The registry: everything that people claim, as one value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from pluginry.model.advisory import Advisory
from pluginry.model.channel import Channel
from pluginry.model.host import HostProfile
from pluginry.model.listing import Account, Listing, Namespace, Review
from pluginry.model.manifest import Manifest
from pluginry.model.names import Name, PluginId
from pluginry.model.release import Release
from pluginry.model.site_settings import SiteFiles, SiteSettings
from pluginry.model.versions import Version


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """A shelf of the catalogue."""

    id: str
    title: str
    summary: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Refused above these: sizes in bytes, and how much of the marketplace one publication may drop.

    A publication drops too much when more than ``shrink_count`` and more than ``shrink_percent`` of the plugins, or of
    the releases of plugins that stay, are offered no more.
    """

    package_bytes: int = 64 << 20
    upstream_bytes: int = 64 << 20
    shrink_count: int = 3
    shrink_percent: int = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class DeltaSettings:
    """From how many earlier releases deltas are made, and up to which share of the package they are worth it."""

    releases: int = 3
    percent: int = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class AutoMerge:
    """Which pull requests merge without a registry reviewer."""

    enabled: bool = False
    tiers: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewPolicy:
    """Who decides about pull requests, how many of them it takes, and how large one may be: files, and bytes of all."""

    reviewers: tuple[Account, ...] = ()
    owners_needed: int = 1
    reviewers_needed: int = 1
    max_files: int = 200
    max_bytes: int = 16 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class ScannerSwitches:
    """Whether a scanner runs; whether what it wants reviewed blocks; whether it blocks when it cannot run."""

    enabled: bool = True
    enforced: bool = False
    required: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryConfig:
    """``registry.yaml``."""

    schema: int = field(default=1, metadata={"always": True})
    name: str
    default_channel: Channel
    categories: tuple[Category, ...]
    summary: str = ""
    base_url: str = ""
    limits: Limits = field(default_factory=Limits)
    deltas: DeltaSettings = field(default_factory=DeltaSettings)
    auto_merge: AutoMerge = field(default_factory=AutoMerge)
    review: ReviewPolicy = field(default_factory=ReviewPolicy)
    scanning: Mapping[str, ScannerSwitches] = field(default_factory=lambda: MappingProxyType({}))
    soak_hours: Mapping[Channel, int] = field(default_factory=lambda: MappingProxyType({}))
    site: SiteSettings = field(default_factory=SiteSettings)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReservedName:
    """A namespace that nobody may take."""

    name: Name
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tombstone:
    """The id of a removed plugin: taken for ever."""

    id: PluginId
    reason: str
    removed_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reserved:
    """``reserved.yaml``."""

    schema: int = field(default=1, metadata={"always": True})
    namespaces: tuple[ReservedName, ...] = ()
    tombstones: tuple[Tombstone, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceTree:
    """Sources that live in the registry: ``folder`` is relative to it.

    ``config_schema`` is the content of the file that the manifest names so.
    """

    folder: str
    manifest: Manifest
    config_schema: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PluginEntry:
    """One plugin folder.

    ``folder`` is relative to the registry, ``readme`` is Markdown, as are those in other languages, the ``readmes``.
    Pictures are bytes; ``screenshots`` are keyed by their path in the plugin's folder, as in the listing.
    """

    id: PluginId
    folder: str
    listing: Listing
    releases: Mapping[Version, Release]
    readme: str = ""
    readmes: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    icon: bytes | None = None
    screenshots: Mapping[str, bytes] = field(default_factory=lambda: MappingProxyType({}))
    sources: Mapping[Version, SourceTree] = field(default_factory=lambda: MappingProxyType({}))
    reviews: tuple[Review, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Registry:
    """``registry/`` as a value. Only what could be read is in it; what could not is a finding.

    ``left_out`` names files, plugin folders and source trees that are there but could not be read, relative to the
    registry: whoever refers to one of them is not wrong.
    """

    config: RegistryConfig
    hosts: Mapping[Name, HostProfile]
    namespaces: Mapping[Name, Namespace]
    reserved: Reserved
    plugins: Mapping[PluginId, PluginEntry]
    advisories: tuple[Advisory, ...]
    left_out: frozenset[str] = frozenset()
    site: SiteFiles = field(default_factory=SiteFiles)

    def lacks_releases_of(self, plugin: PluginId) -> bool:
        """Return whether there are releases of `plugin` that could not be read: what is not here may be among them."""
        return any(path.startswith(f"plugins/{plugin}/releases/") for path in self.left_out)
