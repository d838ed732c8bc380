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

from pluginry.encoding import documents
from pluginry.model.attestation import PUBLISH_PREDICATE
from pluginry.model.digest import BlobRef, Digest
from pluginry.model.facts import ArtifactFacts, Facts
from pluginry.model.host import Harm, HostProfile, PermissionMeaning, RuntimeKind, ScopeMeaning
from pluginry.model.ledger import ArtifactFact, AttestationFact, Ledger
from pluginry.model.listing import Account, Listing, Status
from pluginry.model.manifest import Manifest, Permission, Runtime
from pluginry.model.names import Name, Platform, PluginId
from pluginry.model.registry import Category, PluginEntry, Registry, RegistryConfig, Reserved
from pluginry.model.release import Amendments, ArtifactClaim, Channel, Release, Source
from pluginry.model.versions import Version, VersionRange
from pluginry.publisher.index import IndexInput, LeftOut
from pluginry.publisher.record import BuiltRelease, attested, record

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pluginry.model.advisory import Advisory

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


@dataclass(slots=True)
class SmallMarketplace:
    """Claims and what was built from them; `now` is the time of the next event and moves on by itself."""

    now: datetime = START
    hosts: tuple[HostProfile, ...] = (MAIL,)
    entries: dict[PluginId, PluginEntry] = field(default_factory=dict)
    ledgers: dict[PluginId, Ledger] = field(default_factory=dict)
    manifests: dict[Digest, Manifest] = field(default_factory=dict)
    objects: dict[Digest, bytes] = field(default_factory=dict)

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
            dependencies={PluginId.parse(name): VersionRange(s) for name, s in (dependencies or {}).items()},
        )
        bodies = {Platform(name): f"{plugin} {version} {name}".encode() for name in platforms}
        built = self._build(manifest, bodies)
        self._claim(manifest, Channel(channel), built)
        self.record(plugin, {manifest.version: built})
        if is_signed:
            facts = [self._attestation(artifact) for artifact in built.artifacts]
            ledger = self.ledgers[manifest.id]
            event = attested(manifest.version, facts, at=self.now)
            self.ledgers[manifest.id] = replace(ledger, events=(*ledger.events, event))
        return built

    def describe(self, plugin: str, **listing: Any) -> None:
        """Change the listing of a plugin, and record it."""
        entry = self.entries[PluginId.parse(plugin)]
        self.entries[entry.id] = replace(entry, listing=replace(entry.listing, **listing))
        self.record(plugin)

    def amend(
        self, plugin: str, version: str, *, yanked: str | None = None, hosts: Mapping[str, str] | None = None
    ) -> None:
        """Say what was found out after a release, and record it."""
        entry = self.entries[PluginId.parse(plugin)]
        spans = {Name(name): VersionRange(span) for name, span in (hosts or {}).items()}
        changed = replace(entry.releases[Version(version)], yanked=yanked, amends=Amendments(hosts=spans))
        self.entries[entry.id] = replace(entry, releases={**entry.releases, changed.version: changed})
        self.record(plugin)

    def record(self, plugin: str, built: Mapping[Version, BuiltRelease] | None = None) -> None:
        """Append what the stage *record* finds, an hour later."""
        self.now += timedelta(hours=1)
        entry = self.entries[PluginId.parse(plugin)]
        ledger = self.ledgers.get(entry.id, Ledger(id=entry.id))
        events = record(entry, ledger, built or {}, at=self.now, registry_commit="c" * 40)
        self.ledgers[entry.id] = replace(ledger, events=(*ledger.events, *events))

    def given(self, *, advisories: tuple[Advisory, ...] = (), left_out: tuple[LeftOut, ...] = ()) -> IndexInput:
        """Return the input of the index."""
        registry = Registry(
            config=RegistryConfig(
                name="Small marketplace",
                default_channel=Channel.STABLE,
                categories=(Category(id="tools", title="Tools"),),
            ),
            hosts={host.id: host for host in self.hosts},
            namespaces={},
            reserved=Reserved(),
            plugins=dict(self.entries),
            advisories=advisories,
        )
        return IndexInput(
            registry=registry, ledgers=dict(self.ledgers), manifests=dict(self.manifests), left_out=left_out
        )

    def read(self, ref: BlobRef) -> bytes:
        """Return an object that a ledger names."""
        return self.objects[ref.sha256]

    def _build(self, manifest: Manifest, bodies: Mapping[Platform, bytes]) -> BuiltRelease:
        seen = tuple(
            ArtifactFacts(platform=platform, sha256=Digest.of(body), files=1, unpacked_size=len(body))
            for platform, body in bodies.items()
        )
        facts = Facts(id=manifest.id, version=manifest.version, artifacts=seen, scanners={"secrets": "1"})
        ref = self._keep(documents.encode(manifest))
        self.manifests[ref.sha256] = manifest
        return BuiltRelease(
            manifest=ref,
            facts=self._keep(documents.encode(facts)),
            artifacts=tuple(
                ArtifactFact(platform=platform, sha256=self._keep(body).sha256, size=len(body))
                for platform, body in bodies.items()
            ),
        )

    def _claim(self, manifest: Manifest, channel: Channel, built: BuiltRelease) -> None:
        claims = tuple(
            ArtifactClaim(platform=a.platform, source=Source(path="source"), sha256=a.sha256) for a in built.artifacts
        )
        release = Release(version=manifest.version, channel=channel, artifacts=claims)
        entry = self.entries.get(manifest.id) or PluginEntry(
            id=manifest.id, folder=f"plugins/{manifest.id}", listing=_listing(manifest), releases={}
        )
        self.entries[manifest.id] = replace(entry, releases={**entry.releases, manifest.version: release})

    def _attestation(self, artifact: ArtifactFact) -> AttestationFact:
        bundle = self._keep(b"bundle about " + artifact.sha256.hex.encode())
        return AttestationFact(artifact=artifact.sha256, type=PUBLISH_PREDICATE, sha256=bundle.sha256, size=bundle.size)

    def _keep(self, body: bytes) -> BlobRef:
        ref = BlobRef.of(body)
        self.objects[ref.sha256] = body
        return ref


def _listing(manifest: Manifest) -> Listing:
    name = manifest.id.name.replace("-", " ").title()
    return Listing(
        name=name,
        summary=f"{name} for tests",
        hosts=tuple(manifest.hosts),
        categories=("tools",),
        license="MIT",
        owners=(Account(login="ann", id=1),),
        sources=("path:source/",),
        status=Status.ACTIVE,
    )
