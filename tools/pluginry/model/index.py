"""The published index: catalogue for everybody, hash tree and records for clients that verify."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType

from pluginry.model.advisory import Subject
from pluginry.model.attestation import (
    BACKFILL_PREDICATE,
    INDEX_PREDICATE,
    PUBLISH_PREDICATE,
    AcceptedSigner,
    Demand,
    Use,
)
from pluginry.model.channel import Channel
from pluginry.model.digest import BlobRef, Digest
from pluginry.model.ledger import ArtifactFact, AttestationFact, DeltaFact, Transferred
from pluginry.model.names import ANY_PLATFORM, Name, Platform, PluginId
from pluginry.model.publisher import Publisher
from pluginry.model.status import Status
from pluginry.model.versions import Version, VersionRange


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseRecord:
    """One release as a client sees it; ``permissions`` are written ``type:scope``."""

    version: Version
    channel: Channel
    published_at: datetime
    hosts: Mapping[Name, VersionRange]
    manifest: BlobRef
    facts: BlobRef
    artifacts: tuple[ArtifactFact, ...]
    attestations: tuple[AttestationFact, ...] = ()
    deltas: tuple[DeltaFact, ...] = ()
    dependencies: Mapping[PluginId, VersionRange] = field(default_factory=lambda: MappingProxyType({}))
    conflicts: Mapping[PluginId, VersionRange] = field(default_factory=lambda: MappingProxyType({}))
    permissions: tuple[str, ...] = ()
    yanked: str | None = None

    def artifact_for(self, platform: Platform) -> ArtifactFact | None:
        """Return the artifact made for `platform`, or the one for any, or None."""
        by_platform = {artifact.platform: artifact for artifact in self.artifacts}
        return by_platform.get(platform) or by_platform.get(ANY_PLATFORM)


@dataclass(frozen=True, slots=True, kw_only=True)
class PluginRecord:
    """Everything a verifying client knows of a plugin; ``seq`` never falls.

    ``links`` are the addresses that its authors claim, by kind (project_links.py says which of them can be believed).
    """

    format: int = field(default=1, metadata={"always": True})
    id: PluginId
    seq: int
    status: Status
    releases: tuple[ReleaseRecord, ...]
    replaced_by: PluginId | None = None
    publisher: Publisher | None = None
    aliases: tuple[str, ...] = ()
    transfers: tuple[Transferred, ...] = ()
    links: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def newest(self, default: Channel) -> ReleaseRecord | None:
        """Return the newest release on the `default` channel, or on the most finished one that has any to offer."""
        offered = {release.channel: release for release in reversed(self.releases) if release.yanked is None}
        return next((offered[channel] for channel in (default, *Channel) if channel in offered), None)

    def subject_of(self, release: ReleaseRecord) -> Subject:
        """Return one of the releases as advisories see it."""
        return Subject(
            plugin=self.id,
            version=release.version,
            digests=tuple(artifact.sha256 for artifact in release.artifacts),
            publisher=self.publisher,
            published_at=release.published_at,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PluginSummary:
    """A plugin in the catalogue.

    ``permissions``, ``platforms``, ``works_with`` (versions of hosts) and ``trust`` (words of `TrustWord`) are those of
    the release that most people would install.
    """

    id: PluginId
    name: str
    summary: str
    hosts: tuple[Name, ...]
    status: Status
    channels: Mapping[Channel, Version]
    categories: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    license: str = ""
    replaced_by: PluginId | None = None
    aliases: tuple[str, ...] = ()
    icon: str = ""
    permissions: tuple[str, ...] = ()
    platforms: tuple[Platform, ...] = ()
    updated: datetime | None = None
    advisories: tuple[str, ...] = ()
    origin: str = ""
    works_with: Mapping[Name, VersionRange] = field(default_factory=lambda: MappingProxyType({}))
    trust: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PermissionText:
    """A permission of a host, for clients that explain it; ``scopes`` maps scopes to words."""

    type: str
    severity: str
    says: str
    scopes: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True, kw_only=True)
class HostSummary:
    """A host application in the catalogue."""

    id: Name
    title: str
    versions: tuple[Version, ...] = ()
    permissions: tuple[PermissionText, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CategorySummary:
    """A category in the catalogue."""

    id: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """``v1/index.json``: the marketplace at a glance."""

    format: int = field(default=1, metadata={"always": True})
    name: str
    hosts: tuple[HostSummary, ...]
    categories: tuple[CategorySummary, ...]
    plugins: tuple[PluginSummary, ...]
    default_channel: Channel = Channel.STABLE


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeRoot:
    """``index/root.json``: the state of the marketplace. ``nodes`` or ``shard`` point down the hash tree.

    By the ``catalogue_log`` a client follows the catalogue without fetching it again. ``soak_hours`` say how long, by
    channel, a release is out before machines update to it by themselves.
    """

    format: int = field(default=1, metadata={"always": True})
    epoch: int
    serial: int
    generated: datetime
    plugins: int
    releases: int
    catalogue: BlobRef
    catalogue_log: BlobRef | None = None
    fanout: tuple[int, ...] = field(default=(), metadata={"always": True})
    nodes: tuple[tuple[Digest, int], ...] = ()
    shard: Mapping[PluginId, tuple[Digest, int]] = field(default_factory=lambda: MappingProxyType({}))
    previous: Digest | None = None
    commit: str = ""
    min_client: str = ""
    soak_hours: Mapping[Channel, int] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeNode:
    """One level of the hash tree."""

    format: int = field(default=1, metadata={"always": True})
    nodes: tuple[tuple[Digest, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeShard:
    """All plugins whose ids share a hash prefix: also the proof that an id is not there."""

    format: int = field(default=1, metadata={"always": True})
    plugins: Mapping[PluginId, tuple[Digest, int]]


_USES: Mapping[str, tuple[Use, ...]] = MappingProxyType(
    {
        PUBLISH_PREDICATE: (Use.PUBLISH, Use.PUBLISH_BACKFILL),
        BACKFILL_PREDICATE: (Use.PUBLISH_BACKFILL,),
        INDEX_PREDICATE: (Use.INDEX,),
    }
)
"""What a signer must be accepted for to sign a statement of this predicate type."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustPolicy:
    """``trust/policy.json``: whose signatures clients accept, and whether developers must prove their builds."""

    format: int = field(default=1, metadata={"always": True})
    epoch: int
    publish_attestation: str
    registry_identities: tuple[AcceptedSigner, ...]
    instance: str = ""
    index_attestation: Demand = Demand.OPTIONAL
    provenance: Demand = Demand.OPTIONAL
    min_client: str = ""

    def signers_for(self, *uses: Use) -> tuple[AcceptedSigner, ...]:
        """Return the identities whose signatures count for one of `uses`."""
        return tuple(one for one in self.registry_identities if not set(uses).isdisjoint(one.use))

    def signers_of(self, predicate: str) -> tuple[AcceptedSigner, ...]:
        """Return the identities whose signatures count under statements of the type `predicate`: often nobody's."""
        return self.signers_for(*_USES.get(predicate, ()))

    @property
    def release_signers(self) -> tuple[AcceptedSigner, ...]:
        """The identities that sign releases, also those that did so only for older ones."""
        return self.signers_for(Use.PUBLISH, Use.PUBLISH_BACKFILL)
