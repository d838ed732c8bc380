"""The ledger: what the build proved, as events; and the record of a plugin, which is nothing but their fold."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from types import MappingProxyType

from pluginry.model.channel import Channel
from pluginry.model.digest import BlobRef, Digest
from pluginry.model.names import Name, Platform, PluginId
from pluginry.model.publisher import Publisher
from pluginry.model.status import Status
from pluginry.model.versions import Version, VersionRange


@dataclass(frozen=True, slots=True, kw_only=True)
class ArtifactFact:
    """A package that was made: its platform and its content."""

    platform: Platform
    sha256: Digest
    size: int

    @property
    def blob(self) -> BlobRef:
        """Its content."""
        return BlobRef(sha256=self.sha256, size=self.size)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeltaFact:
    """A delta (``sha256``, ``size``) from the earlier package with digest ``base`` to the package ``artifact``."""

    artifact: Digest
    base: Digest
    sha256: Digest
    size: int

    @property
    def blob(self) -> BlobRef:
        """Its content."""
        return BlobRef(sha256=self.sha256, size=self.size)


@dataclass(frozen=True, slots=True, kw_only=True)
class AttestationFact:
    """A sigstore bundle (``sha256``, ``size``) about the artifact with digest ``artifact``."""

    artifact: Digest
    type: str
    sha256: Digest
    size: int

    @property
    def blob(self) -> BlobRef:
        """The bundle's content."""
        return BlobRef(sha256=self.sha256, size=self.size)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """The plugin came, or its standing or publisher changed."""

    event: str = field(default="listed", metadata={"always": True})
    at: datetime
    status: Status
    publisher: Publisher | None = None
    replaced_by: PluginId | None = None
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Transferred:
    """The plugin was handed over from its ``previous`` publisher to ``publisher``, as was announced in the registry."""

    event: str = field(default="transferred", metadata={"always": True})
    at: datetime
    previous: Publisher
    publisher: Publisher
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Released:
    """A release was acquired, scanned and packed."""

    event: str = field(default="released", metadata={"always": True})
    at: datetime
    version: Version
    channel: Channel
    manifest: BlobRef
    facts: BlobRef
    artifacts: tuple[ArtifactFact, ...]
    deltas: tuple[DeltaFact, ...] = ()
    registry_commit: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attested:
    """Artifacts of a release were signed."""

    event: str = field(default="attested", metadata={"always": True})
    at: datetime
    version: Version
    attestations: tuple[AttestationFact, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Amended:
    """What may change of a release changed: the whole new state of ``yanked`` and amended ``hosts``."""

    event: str = field(default="amended", metadata={"always": True})
    at: datetime
    version: Version
    yanked: str | None = None
    hosts: Mapping[Name, VersionRange] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Rescanned:
    """A release was scanned again, and other facts were found."""

    event: str = field(default="rescanned", metadata={"always": True})
    at: datetime
    version: Version
    facts: BlobRef


Event = Listed | Transferred | Released | Attested | Amended | Rescanned


@dataclass(frozen=True, kw_only=True)
class Ledger:
    """The events of one plugin, oldest first; what they come to for each release is looked up, not searched for."""

    id: PluginId
    events: tuple[Event, ...] = ()

    @property
    def seq(self) -> int:
        """A number that rises with every change of the record."""
        return len(self.events)

    @property
    def standing(self) -> Listed | None:
        """The last `Listed` event."""
        return next((event for event in reversed(self.events) if isinstance(event, Listed)), None)

    @property
    def transfers(self) -> tuple[Transferred, ...]:
        """Every time the plugin was handed over, oldest first."""
        return tuple(event for event in self.events if isinstance(event, Transferred))

    @cached_property
    def releases(self) -> Mapping[Version, Released]:
        """Releases by version."""
        return {event.version: event for event in self.events if isinstance(event, Released)}

    @cached_property
    def _rescans(self) -> Mapping[Version, Rescanned]:
        return {event.version: event for event in self.events if isinstance(event, Rescanned)}

    @cached_property
    def _amendments(self) -> Mapping[Version, Amended]:
        return {event.version: event for event in self.events if isinstance(event, Amended)}

    @cached_property
    def _attestations(self) -> Mapping[Version, tuple[AttestationFact, ...]]:
        known: dict[Version, tuple[AttestationFact, ...]] = {}
        for event in self.events:
            if isinstance(event, Attested):
                known[event.version] = (*known.get(event.version, ()), *event.attestations)
        return known

    def facts_of(self, version: Version) -> BlobRef:
        """Return the facts of `version` as last scanned."""
        return (self._rescans.get(version) or self.releases[version]).facts

    def attestations_of(self, version: Version) -> tuple[AttestationFact, ...]:
        """Return every attestation of `version`, oldest first."""
        return self._attestations.get(version, ())

    def amendment_of(self, version: Version) -> Amended | None:
        """Return the last amendment of `version`."""
        return self._amendments.get(version)

    def has_any(self, bundles: Container[Digest]) -> bool:
        """Return whether one of the `bundles` is about a release in here."""
        return any(known.sha256 in bundles for e in self.events if isinstance(e, Attested) for known in e.attestations)
