"""Stage *index*: from registry and ledgers to the published index.

In: what is claimed, the ledgers, and the manifests they name. Out: records and the catalogue as values,
and the objects that hold them. Pure: the same input gives the same bytes, whoever builds it, whenever.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from pluginry.encoding import documents, tree
from pluginry.model import layout
from pluginry.model.advisory import AdvisoryList
from pluginry.model.digest import BlobRef
from pluginry.model.index import (
    Catalogue,
    CategorySummary,
    HostSummary,
    PermissionText,
    PluginRecord,
    PluginSummary,
    ReleaseRecord,
    TreeRoot,
)
from pluginry.model.listing import Status
from pluginry.model.published import json_node, json_page

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from datetime import datetime

    from pluginry.model.advisory import Advisory
    from pluginry.model.digest import Digest
    from pluginry.model.host import HostProfile
    from pluginry.model.ledger import Ledger, Released
    from pluginry.model.manifest import Manifest
    from pluginry.model.names import PluginId
    from pluginry.model.published import PublishedObject
    from pluginry.model.registry import PluginEntry, Registry
    from pluginry.model.versions import Version


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """What is not in the index, and why: the ``author``'s fault or the ``infrastructure``'s."""

    id: PluginId
    reason: str
    kind: str
    version: Version | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexInput:
    """All that the index is made of.

    ``manifests`` holds those of every release that is offered; ``withheld`` are bundles that are nowhere any more.
    """

    registry: Registry
    ledgers: Mapping[PluginId, Ledger]
    manifests: Mapping[Digest, Manifest]
    left_out: tuple[LeftOut, ...] = ()
    withheld: frozenset[Digest] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltIndex:
    """The index as values: ``root`` carries the serial and time it was built with."""

    records: Mapping[PluginId, PluginRecord]
    catalogue: Catalogue
    root: TreeRoot
    node_bodies: tuple[bytes, ...]


def build_index(
    given: IndexInput,
    *,
    previous: TreeRoot | None,
    previous_digest: Digest | None,
    epoch: int,
    now: datetime,
    commit: str,
) -> BuiltIndex:
    """Return the index of `given`; serial and time are those of `previous` when nothing else differs."""
    records = build_records(given)
    catalogue = build_catalogue(given.registry, records, given.manifests)
    record_bodies = {plugin: documents.encode(plugin_record) for plugin, plugin_record in records.items()}
    planted = tree.plant({plugin: BlobRef.of(body) for plugin, body in record_bodies.items()})
    catalogue_body = documents.encode(catalogue)
    root = TreeRoot(
        epoch=epoch,
        serial=previous.serial if previous else 0,
        generated=previous.generated if previous else now,
        previous=previous.previous if previous else None,
        commit=previous.commit if previous else commit,
        min_client=previous.min_client if previous else "",
        plugins=len(records),
        releases=sum(len(plugin_record.releases) for plugin_record in records.values()),
        catalogue=BlobRef.of(catalogue_body),
        fanout=planted.fanout,
        nodes=planted.nodes,
        shard=planted.shard,
    )
    if root != previous:
        root = replace(root, serial=root.serial + 1, generated=now, previous=previous_digest, commit=commit)
    bodies = (*record_bodies.values(), *planted.bodies, catalogue_body)
    return BuiltIndex(records=records, catalogue=catalogue, root=root, node_bodies=bodies)


def index_objects(given: IndexInput, built: BuiltIndex, read: Callable[[BlobRef], bytes]) -> Iterator[PublishedObject]:
    """Yield the nodes of the tree, the manifests and facts they name (through `read`), and the friendly documents."""
    for body in built.node_bodies:
        yield json_node(layout.node_key(BlobRef.of(body).sha256), body)
    seen: set[Digest] = set()
    for plugin_record in built.records.values():
        for release in plugin_record.releases:
            for ref in (release.manifest, release.facts):
                if ref.sha256 not in seen:
                    seen.add(ref.sha256)
                    yield json_node(layout.node_key(ref.sha256), read(ref))
    yield json_page(layout.CATALOGUE_KEY, documents.encode(built.catalogue))
    yield json_page(layout.ADVISORIES_KEY, advisories_body(given.registry))
    yield json_page(layout.STATS_KEY, documents.encode(_stats(built)))
    yield json_page(layout.STATUS_KEY, documents.encode(_status(given, built)))
    for plugin, plugin_record in built.records.items():
        friendly = _friendly(given.registry.plugins[plugin], plugin_record, given)
        yield json_page(layout.plugin_key(plugin), documents.encode(friendly))


def advisories_body(registry: Registry) -> bytes:
    """Return the list of advisories, the same bytes for the friendly copy and for the trust metadata."""
    return documents.encode(AdvisoryList(advisories=tuple(sorted(registry.advisories, key=lambda a: a.id))))


def build_records(given: IndexInput) -> dict[PluginId, PluginRecord]:
    """Return the record of every plugin: the fold of its ledger, without what was left out."""
    left_out = {(item.id, item.version) for item in given.left_out}
    records = {}
    for plugin, ledger in sorted(given.ledgers.items()):
        if plugin not in given.registry.plugins or (plugin, None) in left_out or ledger.standing is None:
            continue
        versions = sorted((v for v in ledger.releases if (plugin, v) not in left_out), reverse=True)
        releases = tuple(_release_record(ledger, ledger.releases[v], given) for v in versions)
        if releases or ledger.standing.status is Status.REMOVED:
            records[plugin] = PluginRecord(
                id=plugin,
                seq=ledger.seq,
                status=ledger.standing.status,
                replaced_by=ledger.standing.replaced_by,
                publisher=ledger.standing.publisher,
                aliases=ledger.standing.aliases,
                releases=() if ledger.standing.status is Status.REMOVED else releases,
            )
    return records


def build_catalogue(
    registry: Registry, records: Mapping[PluginId, PluginRecord], manifests: Mapping[Digest, Manifest]
) -> Catalogue:
    """Return the marketplace at a glance."""
    return Catalogue(
        name=registry.config.name,
        default_channel=registry.config.default_channel,
        hosts=tuple(_host_summary(host) for _, host in sorted(registry.hosts.items())),
        categories=tuple(CategorySummary(id=c.id, title=c.title) for c in registry.config.categories),
        plugins=tuple(
            _summary(registry.plugins[plugin], plugin_record, manifests, registry.advisories)
            for plugin, plugin_record in records.items()
        ),
    )


def _release_record(ledger: Ledger, released: Released, given: IndexInput) -> ReleaseRecord:
    manifest = given.manifests[released.manifest.sha256]
    amended = ledger.amendment_of(released.version)
    return ReleaseRecord(
        version=released.version,
        channel=released.channel,
        published_at=released.at,
        hosts={**manifest.hosts, **(amended.hosts if amended else {})},
        dependencies=manifest.dependencies,
        conflicts=manifest.conflicts,
        permissions=tuple(sorted(permission.grant for permission in manifest.permissions)),
        manifest=released.manifest,
        facts=ledger.facts_of(released.version),
        artifacts=released.artifacts,
        attestations=tuple(
            known for known in ledger.attestations_of(released.version) if known.sha256 not in given.withheld
        ),
        yanked=amended.yanked if amended else None,
    )


def _host_summary(host: HostProfile) -> HostSummary:
    return HostSummary(
        id=host.id,
        title=host.title,
        versions=host.versions,
        permissions=tuple(
            PermissionText(
                type=known.type,
                severity=known.severity.value,
                says=known.says,
                scopes={scope.name: scope.says for scope in known.scopes},
            )
            for known in host.permissions
        ),
    )


def _summary(
    entry: PluginEntry,
    plugin_record: PluginRecord,
    manifests: Mapping[Digest, Manifest],
    advisories: Iterable[Advisory],
) -> PluginSummary:
    listing = entry.listing
    offered = [release for release in plugin_record.releases if release.yanked is None]
    newest = offered[0] if offered else None
    permissions = manifests[newest.manifest.sha256].permissions if newest else ()
    return PluginSummary(
        id=entry.id,
        name=listing.name,
        summary=listing.summary,
        hosts=listing.hosts,
        status=plugin_record.status,
        channels={release.channel: release.version for release in reversed(offered)},
        categories=listing.categories,
        tags=listing.tags,
        license=listing.license,
        replaced_by=plugin_record.replaced_by,
        aliases=plugin_record.aliases,
        permissions=tuple(sorted({permission.type for permission in permissions})),
        platforms=tuple(sorted({artifact.platform for release in offered[:1] for artifact in release.artifacts})),
        updated=plugin_record.releases[0].published_at if plugin_record.releases else None,
        advisories=tuple(sorted(a.id for a in advisories if any(x.package.name == entry.id for x in a.affected))),
        origin=listing.origin.kind if listing.origin else "",
    )


def _friendly(entry: PluginEntry, plugin_record: PluginRecord, given: IndexInput) -> dict[str, Any]:
    """Return the plugin's document for simple clients; addresses are relative to the document itself."""
    plain: dict[str, Any] = documents.to_plain(plugin_record)
    key = layout.plugin_key(entry.id)
    plain["listing"] = documents.to_plain(entry.listing)
    plain["advisories"] = [
        a.id for a in given.registry.advisories if any(x.package.name == entry.id for x in a.affected)
    ]
    for release, body in zip(plugin_record.releases, plain["releases"], strict=True):
        attestations = body.pop("attestations", [])
        for name in ("facts", "permissions", "dependencies", "conflicts"):
            body.pop(name, None)
        body["manifest"] = documents.to_plain(given.manifests[release.manifest.sha256])
        for artifact, artifact_body in zip(release.artifacts, body["artifacts"], strict=True):
            package = layout.package_key(entry.id, release.version, artifact.platform)
            artifact_body["url"] = relative_address(key, package)
            artifact_body["attestations"] = [
                {
                    "type": known["type"],
                    "sha256": known["sha256"],
                    "size": known["size"],
                    "url": relative_address(key, layout.attestation_key(fact.sha256)),
                }
                for known, fact in zip(attestations, release.attestations, strict=True)
                if fact.artifact == artifact.sha256
            ]
    return plain


def relative_address(origin: str, target: str) -> str:
    """Return the address of the key `target` as written in the document with the key `origin`."""
    here, there = origin.split("/")[:-1], target.split("/")
    shared = 0
    while shared < min(len(here), len(there) - 1) and here[shared] == there[shared]:
        shared += 1
    return "/".join([".."] * (len(here) - shared) + there[shared:])


def _stats(built: BuiltIndex) -> dict[str, Any]:
    plugins = built.catalogue.plugins
    sizes = {
        artifact.sha256: artifact.size
        for plugin_record in built.records.values()
        for release in plugin_record.releases
        for artifact in release.artifacts
    }
    return {
        "format": 1,
        "plugins": built.root.plugins,
        "releases": built.root.releases,
        "package_bytes": sum(sizes.values()),
        "by_host": _count(host for plugin in plugins for host in plugin.hosts),
        "by_category": _count(category for plugin in plugins for category in plugin.categories),
        "by_status": _count(plugin.status.value for plugin in plugins),
        "method": "Counted from the index. Nobody's downloads or installations are counted.",
    }


def _status(given: IndexInput, built: BuiltIndex) -> dict[str, Any]:
    return {
        "format": 1,
        "serial": built.root.serial,
        "generated": documents.to_plain(built.root.generated),
        **({"commit": built.root.commit} if built.root.commit else {}),
        "plugins": built.root.plugins,
        "releases": built.root.releases,
        "left_out": [
            {
                "id": str(item.id),
                **({"version": str(item.version)} if item.version else {}),
                "reason": item.reason,
                "kind": item.kind,
            }
            for item in given.left_out
        ],
    }


def _count(names: Iterable[str]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for name in sorted(names):
        counts[name] = counts.get(name, 0) + 1
    return counts
