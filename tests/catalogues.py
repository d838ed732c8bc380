"""Whole catalogues in memory: plugins described in a few words become registry, ledgers, manifests, facts and index."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from pluginry.encoding import documents
from pluginry.model.advisory import (
    Action,
    Advisory,
    Affected,
    AffectedPackage,
    AffectedRange,
    Directive,
    RangeEvent,
    Reference,
)
from pluginry.model.attestation import PUBLISH_PREDICATE, AcceptedSigner
from pluginry.model.channel import Channel
from pluginry.model.digest import BlobRef, Digest
from pluginry.model.facts import ArtifactFacts, Facts, ScanFinding
from pluginry.model.host import EntryPointGroup, Harm, HostProfile, PermissionMeaning, RuntimeKind, ScopeMeaning
from pluginry.model.index import Catalogue, TrustPolicy
from pluginry.model.ledger import Amended, ArtifactFact, AttestationFact, Attested, Ledger, Listed, Released
from pluginry.model.listing import Account, Listing, Namespace, Proof
from pluginry.model.manifest import Change, EntryPoint, Manifest, Permission, Runtime
from pluginry.model.names import Name, Platform, PluginId
from pluginry.model.registry import Category, PluginEntry, Registry, RegistryConfig, Reserved, Tombstone
from pluginry.model.site_settings import SiteFiles
from pluginry.model.status import Status
from pluginry.model.versions import Version, VersionRange
from pluginry.publisher.catalogue_rows import catalogue_rows
from pluginry.publisher.index import IndexInput, build_records
from pluginry.publisher.site import CatalogueInput

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pluginry.model.published import PublishedObject
    from pluginry.model.rule import Rule

EPOCH = datetime(2026, 1, 5, 9, 30, tzinfo=UTC)
BUILT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
SIGNER = AcceptedSigner(
    issuer="https://token.actions.githubusercontent.com",
    san="https://github.com/example/registry/.github/workflows/publish.yml@refs/heads/main",
)
POLICY = TrustPolicy(epoch=1, publish_attestation="required", registry_identities=(SIGNER,), instance="public-good")
PUBLISHED_ELSEWHERE = ("v1/",)
"""What pages may link to that other stages publish."""


@dataclass(frozen=True, kw_only=True)
class ARelease:
    """A release in a few words; ``day`` counts from the marketplace's first."""

    version: str = "1.0.0"
    channel: Channel = Channel.STABLE
    day: int = 0
    hosts: Mapping[str, str] = field(default_factory=lambda: {"mairust": ">=0.4,<1"})
    amended_hosts: Mapping[str, str] = field(default_factory=dict)
    permissions: tuple[Permission, ...] = ()
    dependencies: Mapping[str, str] = field(default_factory=dict)
    conflicts: Mapping[str, str] = field(default_factory=dict)
    changes: tuple[Change, ...] = (Change(kind="added", text="First release."),)
    entry_points: Mapping[str, tuple[EntryPoint, ...]] = field(default_factory=dict)
    platforms: tuple[str, ...] = ("any",)
    yanked: str | None = None
    is_attested: bool = True
    findings: tuple[ScanFinding, ...] = ()


def a_listing(**changed: object) -> Listing:
    """Return a listing that is valid; give what should be different."""
    fields: dict[str, object] = {
        "name": "Spam Filter",
        "summary": "Scores incoming mail and files what is probably spam.",
        "hosts": (Name("mairust"),),
        "categories": ("security",),
        "tags": ("mail", "spam"),
        "license": "Apache-2.0",
        "owners": (Account(login="acme-dev", id=1001),),
        "sources": ("https://example.com/",),
        "status": Status.ACTIVE,
        "homepage": "https://example.com/spam-filter",
        "source": "https://example.com/git/spam-filter",
        "issues": "https://example.com/git/spam-filter/issues",
    }
    return Listing(**(fields | changed))  # type: ignore[arg-type]  # a builder: the model itself is strict


@dataclass(frozen=True, kw_only=True)
class APlugin:
    """A plugin in a few words."""

    id: str = "acme/spam-filter"
    listing: Listing = field(default_factory=a_listing)
    releases: tuple[ARelease, ...] = (ARelease(),)
    readme: str = "# Spam Filter\n\nScores *incoming* mail.\n"
    icon: bytes | None = None
    screenshots: Mapping[str, bytes] = field(default_factory=dict)
    readmes: Mapping[str, str] = field(default_factory=dict)

    @property
    def plugin_id(self) -> PluginId:
        """The id as a value."""
        return PluginId.parse(self.id)


def a_host(name: str = "mairust", title: str = "Mairust", **changed: object) -> HostProfile:
    """Return a host profile that is valid; give what should be different."""
    fields: dict[str, object] = {
        "id": Name(name),
        "title": title,
        "summary": "A mail server for people who read their own mail.",
        "versions": (Version("0.4.0"), Version("0.5.0"), Version("1.0.0")),
        "runtimes": (RuntimeKind(kind="python", summary="Python in a process of its own"),),
        "permissions": (
            PermissionMeaning(
                type="mail.headers",
                severity=Harm.MEDIUM,
                says="Read sender, recipients and subject of {scope}",
                scopes=(
                    ScopeMeaning(name="inbound", says="incoming mail"),
                    ScopeMeaning(name="outbound", says="outgoing mail"),
                ),
            ),
            PermissionMeaning(type="mail.body", severity=Harm.HIGH, says="Read the text of {scope}"),
            PermissionMeaning(type="network", severity=Harm.HIGH, says="Connect to {scope} over the network"),
        ),
        "entry_points": (EntryPointGroup(group="hooks", summary="Called for each message"),),
        "homepage": "https://example.com/mairust",
    }
    return HostProfile(**(fields | changed))  # type: ignore[arg-type]  # a builder: the model itself is strict


def an_advisory(plugin: str = "acme/spam-filter", **changed: object) -> Advisory:
    """Return an advisory about versions of `plugin` before 1.0.1; give what should be different."""
    span = AffectedRange(type="SEMVER", events=(RangeEvent(introduced="0"), RangeEvent(fixed="1.0.1")))
    fields: dict[str, object] = {
        "schema_version": "1.6.0",
        "id": "PLG-2026-0001",
        "modified": EPOCH + timedelta(days=41),
        "published": EPOCH + timedelta(days=40),
        "summary": "Crafted headers could fill the disk",
        "details": "Long header lines were **kept** without a limit.",
        "affected": (
            Affected(package=AffectedPackage(ecosystem="Pluginry", name=PluginId.parse(plugin)), ranges=(span,)),
        ),
        "database_specific": Directive(action=Action.BLOCK_INSTALL, reason="Remote, without login."),
        "references": (Reference(type="ADVISORY", url="https://example.com/advisories/1"),),
    }
    return Advisory(**(fields | changed))  # type: ignore[arg-type]  # a builder: the model itself is strict


def a_permission(kind: str = "mail.headers", scope: str = "inbound", reason: str = "Scores the sender") -> Permission:
    """Return a permission that is asked for."""
    return Permission(type=kind, scope=scope, reason=reason)


def a_catalogue(
    plugins: Iterable[APlugin] = (),
    *,
    hosts: Iterable[HostProfile] = (),
    advisories: tuple[Advisory, ...] = (),
    tombstones: tuple[Tombstone, ...] = (),
    config: RegistryConfig | None = None,
    namespaces: Iterable[Namespace] | None = None,
    policy: TrustPolicy = POLICY,
    serial: int = 7,
    generated: datetime = BUILT,
    rules: tuple[Rule, ...] = (),
    site_files: SiteFiles | None = None,
) -> CatalogueInput:
    """Return all that the site is made of."""
    described = {plugin.plugin_id: plugin for plugin in plugins}
    registry = Registry(
        config=config or a_config(),
        hosts={host.id: host for host in (tuple(hosts) or (a_host(),))},
        namespaces={n.namespace: n for n in (namespaces if namespaces is not None else _namespaces(described))},
        reserved=Reserved(tombstones=tombstones),
        plugins={plugin: _entry(plugin, one) for plugin, one in described.items()},
        advisories=advisories,
        site=site_files or SiteFiles(),
    )
    manifests: dict[Digest, Manifest] = {}
    facts: dict[Digest, Facts] = {}
    ledgers = {plugin: _ledger(plugin, one, manifests, facts) for plugin, one in described.items()}
    records = build_records(IndexInput(registry=registry, ledgers=ledgers, manifests=manifests))
    catalogue = documents.decode(Catalogue, catalogue_rows(registry, records).joined(), what="catalogue")
    return CatalogueInput(
        registry=registry,
        records=records,
        manifests=manifests,
        facts=facts,
        summaries={one.id: one for one in catalogue.plugins},
        policy=policy,
        serial=serial,
        generated=generated,
        rules=rules,
    )


def a_config(**changed: object) -> RegistryConfig:
    """Return the settings of a marketplace; give what should be different."""
    fields: dict[str, object] = {
        "name": "Harbour",
        "summary": "Plugins for small servers and the people who run them.",
        "default_channel": Channel.STABLE,
        "categories": (
            Category(id="security", title="Security", summary="Keeps things out, and in."),
            Category(id="interface", title="Interface", summary="What you see."),
        ),
    }
    return RegistryConfig(**(fields | changed))  # type: ignore[arg-type]  # a builder: the model itself is strict


def a_picture(width: int = 64, height: int = 64, kind: str = "PNG", colour: str = "teal") -> bytes:
    """Return a picture of one colour."""
    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(out, kind)
    return out.getvalue()


def as_files(objects: Iterable[PublishedObject]) -> dict[str, bytes]:
    """Return bodies by key; a key that comes twice is an error."""
    files: dict[str, bytes] = {}
    for published in objects:
        assert published.key not in files, f"{published.key} is published twice"
        assert isinstance(published.body, bytes)
        files[published.key] = published.body
    return files


def _namespaces(described: Mapping[PluginId, APlugin]) -> Iterable[Namespace]:
    for name in sorted({plugin.namespace for plugin in described}):
        yield Namespace(
            namespace=name,
            title=f"{name.title()} and Company",
            owners=(Account(login=f"{name}-dev", id=1001),),
            proof=Proof(kind="domain", value=f"{name}.example", checked_at=EPOCH),
            status="active",
        )


def _entry(plugin: PluginId, described: APlugin) -> PluginEntry:
    return PluginEntry(
        id=plugin,
        folder=f"plugins/{plugin}",
        listing=described.listing,
        releases={},
        readme=described.readme,
        readmes=described.readmes,
        icon=described.icon,
        screenshots=described.screenshots,
    )


def _ledger(
    plugin: PluginId, described: APlugin, manifests: dict[Digest, Manifest], facts: dict[Digest, Facts]
) -> Ledger:
    first = EPOCH + timedelta(days=min((release.day for release in described.releases), default=0))
    listing = described.listing
    events: list[object] = [
        Listed(
            at=first,
            status=listing.status,
            publisher=listing.publisher,
            replaced_by=listing.replaced_by,
            aliases=listing.aliases,
        )
    ]
    for release in described.releases:
        events.extend(_events(plugin, release, manifests, facts))
    return Ledger(id=plugin, events=tuple(events))  # type: ignore[arg-type]  # every one is an event


def _events(
    plugin: PluginId, release: ARelease, manifests: dict[Digest, Manifest], facts: dict[Digest, Facts]
) -> Iterable[object]:
    version = Version(release.version)
    at = EPOCH + timedelta(days=release.day)
    manifest = _manifest(plugin, release)
    manifest_ref = BlobRef.of(documents.encode(manifest))
    manifests[manifest_ref.sha256] = manifest
    artifacts = tuple(
        ArtifactFact(
            platform=Platform(platform),
            sha256=Digest.of(f"{plugin} {version} {platform}".encode()),
            size=10_423 + 977 * position,
        )
        for position, platform in enumerate(release.platforms)
    )
    seen = Facts(
        id=plugin,
        version=version,
        artifacts=tuple(
            ArtifactFacts(
                platform=a.platform, sha256=a.sha256, files=7, unpacked_size=31_337, suffixes={".py": 5, ".json": 2}
            )
            for a in artifacts
        ),
        scanners={"secrets": "3", "python-calls": "2"},
        findings=release.findings,
    )
    facts_ref = BlobRef.of(documents.encode(seen))
    facts[facts_ref.sha256] = seen
    yield Released(
        at=at, version=version, channel=release.channel, manifest=manifest_ref, facts=facts_ref, artifacts=artifacts
    )
    if release.is_attested:
        yield Attested(at=at, version=version, attestations=tuple(_attestation(a) for a in artifacts))
    if release.yanked is not None or release.amended_hosts:
        hosts = {Name(host): VersionRange(span) for host, span in release.amended_hosts.items()}
        yield Amended(at=at + timedelta(days=1), version=version, yanked=release.yanked, hosts=hosts)


def _manifest(plugin: PluginId, release: ARelease) -> Manifest:
    def ranges(plain: Mapping[str, str]) -> dict[PluginId, VersionRange]:
        return {PluginId.parse(other): VersionRange(span) for other, span in plain.items()}

    return Manifest(
        id=plugin,
        version=Version(release.version),
        hosts={Name(host): VersionRange(span) for host, span in release.hosts.items()},
        runtime=Runtime(kind="python", entry_point=f"{plugin.name.replace('-', '_')}:Plugin"),
        permissions=release.permissions,
        dependencies=ranges(release.dependencies),
        conflicts=ranges(release.conflicts),
        entry_points=release.entry_points,
        changes=release.changes,
    )


def _attestation(artifact: ArtifactFact) -> AttestationFact:
    return AttestationFact(
        artifact=artifact.sha256,
        type=PUBLISH_PREDICATE,
        sha256=Digest.of(b"bundle" + artifact.sha256.hex.encode()),
        size=4_321,
    )
