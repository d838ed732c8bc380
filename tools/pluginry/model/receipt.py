"""What the client writes down: receipts beside installed plugins, generations, settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from pluginry.errors import DocumentError
from pluginry.model.access import NO_ACCESS, Access
from pluginry.model.attestation import CertifiedBuild, Demand, SignerIdentity
from pluginry.model.channel import Channel
from pluginry.model.digest import BlobRef, Digest
from pluginry.model.manifest import FileEntry, Manifest
from pluginry.model.names import Platform, PluginId
from pluginry.model.publisher import Publisher
from pluginry.model.versions import Version

_CENTURY_DAYS = 36_525


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """``receipt.json`` in the installed folder: what, from where, and why it was trusted.

    ``source`` is what the source was called and ``source_root`` which marketplace it was: the fingerprint of its root.
    ``publisher`` and ``published_at`` are as the index said, so that a revocation of the publisher finds it later.
    ``provenance`` is the developer's own build, where a signature proved at the installation that it made the package.
    """

    format: int = field(default=1, metadata={"always": True})
    id: PluginId
    version: Version
    platform: Platform
    channel: Channel
    artifact: BlobRef
    manifest: Manifest
    source: str
    source_root: Digest | None = None
    serial: int
    installed_at: datetime
    files: tuple[FileEntry, ...]
    signer: SignerIdentity | None = None
    log_index: int | None = None
    publisher: Publisher | None = None
    published_at: datetime | None = None
    provenance: CertifiedBuild | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InstalledPlugin:
    """A plugin in a generation; ``requested`` by the user or only needed by others; ``granted`` permissions."""

    id: PluginId
    version: Version
    sha256: Digest
    enabled: bool = field(default=False, metadata={"always": True})
    requested: bool = False
    held: bool = False
    granted: tuple[str, ...] = ()

    @property
    def wanted_again(self) -> str:
        """Its name for `pluginry install`, with the version only if it is held: naming a version holds it."""
        return f"{self.id}@{self.version}" if self.held else str(self.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Generation:
    """``generations/<n>.json``: the whole set at one time, and what ``cause`` made it."""

    format: int = field(default=1, metadata={"always": True})
    number: int
    at: datetime
    cause: str
    plugins: tuple[InstalledPlugin, ...] = field(default=(), metadata={"always": True})

    def find(self, plugin: PluginId) -> InstalledPlugin | None:
        """Return `plugin` as it is in this generation, or None."""
        return next((installed for installed in self.plugins if installed.id == plugin), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceConfig:
    """One marketplace the client uses. ``root_sha256`` is the fingerprint of its first root of trust.

    ``mirrors`` are asked when ``location`` cannot be reached or lags behind; they need no trust.
    ``access`` is how ``location`` is reached; of its secrets, mirrors at other hosts learn nothing.
    """

    name: str
    location: str
    root_sha256: Digest
    namespaces: tuple[str, ...] = ("*",)
    mirrors: tuple[str, ...] = ()
    access: Access = NO_ACCESS

    def is_where(self, receipt: Receipt) -> bool:
        """Return whether this is the marketplace that `receipt` names, whatever it was called then."""
        return self.root_sha256 == receipt.source_root if receipt.source_root else self.name == receipt.source


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """``sources.toml``."""

    schema: int = field(default=1, metadata={"always": True})
    sources: tuple[SourceConfig, ...] = field(default=(), metadata={"always": True})


@dataclass(frozen=True, slots=True, kw_only=True)
class RevocationMark:
    """How far the list of revocations was read: ``n`` entries, in its first ``size`` bytes, with this digest."""

    n: int
    size: int
    sha256: Digest


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceState:
    """``state.json``: what was trusted already, so that nothing older is trusted later.

    ``proven`` are the plugins that were installed with provenance last: one without it needs consent.
    """

    format: int = field(default=1, metadata={"always": True})
    epoch: int
    serial: int
    last_ok: datetime
    max_time: datetime
    root_sha256: Digest | None = None
    plugins: Mapping[PluginId, int] = field(default_factory=lambda: MappingProxyType({}))
    publishers: Mapping[PluginId, Publisher] = field(default_factory=lambda: MappingProxyType({}))
    proven: tuple[PluginId, ...] = ()
    revocations: RevocationMark | None = None


class UpdateMode(StrEnum):
    """What may happen to a plugin without anybody asking for it."""

    MANUAL = "manual"
    NOTIFY = "notify"
    SECURITY_ONLY = "security-only"
    AUTOMATIC = "automatic"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientPolicy:
    """``policy.toml``: when stale is worth a warning, when too stale to install, and what is never allowed.

    With ``provenance`` required, only packages are installed that the developer's own build provably made. A release
    must have been out for ``minimum_release_age_days``, unless it is the first without a known fault.
    ``updates`` is what `pluginry update --scheduled` may do, ``update_overrides`` the same for single plugins, and
    ``update_window`` when, in local time: ``Sat-Sun 02:00-05:00``. Without a window it may always.
    """

    schema: int = field(default=1, metadata={"always": True})
    warn_after_days: int = 7
    max_stale_days: int = 30
    deny_permissions: tuple[str, ...] = ()
    allow_channels: tuple[Channel, ...] = (Channel.STABLE, Channel.BETA, Channel.EXPERIMENTAL)
    provenance: Demand = Demand.OPTIONAL
    minimum_release_age_days: int = 0
    updates: UpdateMode = UpdateMode.NOTIFY
    update_overrides: Mapping[PluginId, UpdateMode] = field(default_factory=lambda: MappingProxyType({}))
    update_window: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in ("warn_after_days", "max_stale_days", "minimum_release_age_days"):
            days = getattr(self, name)
            if not 0 <= days <= _CENTURY_DAYS:
                raise DocumentError(f"{name} is {days}, and a number of days from 0 to {_CENTURY_DAYS} belongs there")
