"""Input for the index in a few words: releases become manifests, facts, claims and a ledger written by *record*.

    market = SmallMarketplace()
    market.release("acme/demo", "1.0.0", permissions=[("network", "*")])
    index = build_index(market.given(), ...)

Nothing is signed and nothing is published; `objects` holds what the ledgers name, by digest.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from claims import Claims, ranges
from pluginry.model.attestation import PUBLISH_PREDICATE
from pluginry.model.channel import Channel
from pluginry.model.host import Harm, HostProfile, PermissionMeaning, RuntimeKind, ScopeMeaning
from pluginry.model.ledger import ArtifactFact, AttestationFact, Ledger
from pluginry.model.manifest import Manifest, Permission, Runtime
from pluginry.model.names import Name, Platform, PluginId
from pluginry.model.versions import Version, VersionRange
from pluginry.publisher.index import IndexInput
from pluginry.publisher.record import BuiltRelease, attested, record

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pluginry.model.advisory import Advisory
    from pluginry.model.digest import BlobRef, Digest

START = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
MAIL = HostProfile(
    id=Name("mail"),
    title="Example Mail",
    summary="A mail server",
    versions=(Version("0.4.0"), Version("1.0.0")),
    runtimes=(RuntimeKind(kind="files", summary="Files"),),
    permissions=(
        PermissionMeaning(
            type="mail.headers",
            severity=Harm.LOW,
            says="Reads {scope}",
            scopes=(ScopeMeaning(name="inbound", says="incoming headers"),),
        ),
        PermissionMeaning(type="network", severity=Harm.HIGH, says="Connects to {scope}"),
    ),
)


@dataclass(slots=True, kw_only=True)
class SmallMarketplace(Claims):
    """Claims and what was built from them; `now` is the time of the next event and moves on by itself."""

    now: datetime = START
    hosts: tuple[HostProfile, ...] = (MAIL,)
    ledgers: dict[PluginId, Ledger] = field(default_factory=dict)

    @property
    def objects(self) -> dict[Digest, bytes]:
        """What the ledgers name, by digest."""
        return self.blobs

    def release(
        self,
        plugin: str,
        version: str = "1.0.0",
        *,
        channel: str = "stable",
        hosts: Mapping[str, str] | None = None,
        permissions: Iterable[tuple[str, str]] = (),
        dependencies: Mapping[str, str] | None = None,
        platforms: Iterable[str] = ("any",),
        is_signed: bool = True,
    ) -> BuiltRelease:
        """Claim a release, build it, record it and, if it `is_signed`, say so."""
        manifest = Manifest(
            id=PluginId.parse(plugin),
            version=Version(version),
            hosts={Name(name): VersionRange(span) for name, span in (hosts or {"mail": ">=0.4"}).items()},
            runtime=Runtime(kind="files"),
            permissions=tuple(Permission(type=t, scope=s, reason=f"Needs {t}") for t, s in permissions),
            dependencies=ranges(dependencies),
        )
        bodies = {Platform(name): f"{plugin} {version} {name}".encode() for name in platforms}
        built = self.claim(manifest, Channel(channel), bodies)
        self.record(plugin, {manifest.version: built})
        if is_signed:
            facts = [self._attestation(artifact) for artifact in built.artifacts]
            ledger = self.ledgers[manifest.id]
            event = attested(manifest.version, facts, at=self.now)
            self.ledgers[manifest.id] = replace(ledger, events=(*ledger.events, event))
        return built

    def describe(self, plugin: str, **listing: Any) -> None:
        """Change the listing of a plugin, and record it."""
        Claims.describe(self, plugin, **listing)
        self.record(plugin)

    def amend(
        self, plugin: str, version: str, *, yanked: str | None = None, hosts: Mapping[str, str] | None = None
    ) -> None:
        """Say what was found out after a release, and record it."""
        Claims.amend(self, plugin, version, yanked=yanked, hosts=hosts)
        self.record(plugin)

    def record(self, plugin: str, built: Mapping[Version, BuiltRelease] | None = None) -> None:
        """Append what the stage *record* finds, an hour later."""
        self.now += timedelta(hours=1)
        entry = self.entries[PluginId.parse(plugin)]
        ledger = self.ledgers.get(entry.id, Ledger(id=entry.id))
        events = record(entry, ledger, built or {}, at=self.now, registry_commit="c" * 40)
        self.ledgers[entry.id] = replace(ledger, events=(*ledger.events, *events))

    def given(
        self, *, advisories: tuple[Advisory, ...] = (), left_out: Iterable[tuple[PluginId, str]] = ()
    ) -> IndexInput:
        """Return the input of the index."""
        return IndexInput(
            registry=self.registry(self.hosts, advisories),
            ledgers=dict(self.ledgers),
            manifests=dict(self.manifests),
            left_out=frozenset((plugin, Version(version)) for plugin, version in left_out),
        )

    def read(self, ref: BlobRef) -> bytes:
        """Return an object that a ledger names."""
        return self.objects[ref.sha256]

    def _attestation(self, artifact: ArtifactFact) -> AttestationFact:
        bundle = self.keep(b"bundle about " + artifact.sha256.hex.encode())
        return AttestationFact(artifact=artifact.sha256, type=PUBLISH_PREDICATE, sha256=bundle.sha256, size=bundle.size)
