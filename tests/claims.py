"""What people claim of plugins, and what a build makes of a claim: the ground that marketplaces for tests stand on.

`SmallMarketplace` (small_marketplace.py) records claims at once and signs nothing; `Simulator` (simulator.py) publishes
them, really signed.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from pluginry.encoding import documents
from pluginry.model.channel import Channel
from pluginry.model.digest import BlobRef, Digest
from pluginry.model.facts import ArtifactFacts, Facts
from pluginry.model.ledger import ArtifactFact
from pluginry.model.listing import Account, Listing
from pluginry.model.names import Name, PluginId
from pluginry.model.registry import Category, PluginEntry, Registry, RegistryConfig, Reserved
from pluginry.model.release import Amendments, ArtifactClaim, Release, Source
from pluginry.model.status import Status
from pluginry.model.versions import Version, VersionRange
from pluginry.publisher.record import BuiltRelease

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pluginry.model.advisory import Advisory
    from pluginry.model.host import HostProfile
    from pluginry.model.manifest import Manifest
    from pluginry.model.names import Platform


@dataclass(slots=True)
class Claims:
    """`entries` are claims by plugin, `blobs` all that was built of them by digest, and `manifests` those in there.

    `soak_hours` are those of ``registry.yaml``.
    """

    entries: dict[PluginId, PluginEntry] = field(default_factory=dict)
    blobs: dict[Digest, bytes] = field(default_factory=dict)
    manifests: dict[Digest, Manifest] = field(default_factory=dict)
    soak_hours: dict[Channel, int] = field(default_factory=dict)

    def claim(self, manifest: Manifest, channel: Channel, bodies: Mapping[Platform, bytes]) -> BuiltRelease:
        """Claim a release whose packages have these bodies, and return what building it gives."""
        seen = tuple(
            ArtifactFacts(platform=platform, sha256=Digest.of(body), files=1, unpacked_size=len(body))
            for platform, body in bodies.items()
        )
        facts = Facts(id=manifest.id, version=manifest.version, artifacts=seen, scanners={"secrets": "1"})
        built = BuiltRelease(
            manifest=self.keep(documents.encode(manifest)),
            facts=self.keep(documents.encode(facts)),
            artifacts=tuple(
                ArtifactFact(platform=platform, sha256=self.keep(body).sha256, size=len(body))
                for platform, body in bodies.items()
            ),
        )
        self.manifests[built.manifest.sha256] = manifest
        claims = tuple(
            ArtifactClaim(platform=made.platform, source=Source(path="source"), sha256=made.sha256)
            for made in built.artifacts
        )
        release = Release(version=manifest.version, channel=channel, artifacts=claims)
        entry = self.entries.get(manifest.id) or _new_entry(manifest)
        self.entries[manifest.id] = replace(entry, releases={**entry.releases, manifest.version: release})
        return built

    def describe(self, plugin: str, **listing: Any) -> None:
        """Change the listing of a plugin: ``describe("acme/demo", status=Status.DEPRECATED)``."""
        entry = self.entries[PluginId.parse(plugin)]
        self.entries[entry.id] = replace(entry, listing=replace(entry.listing, **listing))

    def amend(
        self, plugin: str, version: str, *, yanked: str | None = None, hosts: Mapping[str, str] | None = None
    ) -> None:
        """Withdraw a release, or say later which host versions it is for."""
        entry = self.entries[PluginId.parse(plugin)]
        spans = {Name(host): VersionRange(span) for host, span in (hosts or {}).items()}
        changed = replace(entry.releases[Version(version)], yanked=yanked, amends=Amendments(hosts=spans))
        self.entries[entry.id] = replace(entry, releases={**entry.releases, changed.version: changed})

    def registry(self, hosts: Iterable[HostProfile], advisories: Iterable[Advisory]) -> Registry:
        """Return all claims as they would be loaded."""
        return Registry(
            config=RegistryConfig(
                name="Testing ground",
                default_channel=Channel.STABLE,
                categories=(Category(id="tools", title="Tools"),),
                soak_hours=dict(self.soak_hours),
            ),
            hosts={host.id: host for host in hosts},
            namespaces={},
            reserved=Reserved(),
            plugins=dict(self.entries),
            advisories=tuple(advisories),
        )

    def keep(self, body: bytes) -> BlobRef:
        """Put `body` among the `blobs`, and return its reference."""
        ref = BlobRef.of(body)
        self.blobs[ref.sha256] = body
        return ref


def ranges(plain: Mapping[str, str] | None) -> dict[PluginId, VersionRange]:
    """Return version ranges by plugin, as a manifest has them."""
    return {PluginId.parse(plugin): VersionRange(span) for plugin, span in (plain or {}).items()}


def _new_entry(manifest: Manifest) -> PluginEntry:
    name = manifest.id.name.replace("-", " ").title()
    return PluginEntry(
        id=manifest.id,
        folder=f"plugins/{manifest.id}",
        listing=Listing(
            name=name,
            summary=f"{name} for tests",
            hosts=tuple(manifest.hosts),
            categories=("tools",),
            license="MIT",
            owners=(Account(login="ann", id=1),),
            sources=("path:source/",),
            status=Status.ACTIVE,
        ),
        releases={},
    )
