"""Stage *index*: from registry and ledgers to the published index.

In: what is claimed, the ledgers, and the manifests they name. Out: records and the catalogue as values,
and the objects that hold them. Pure: the same input gives the same bytes, whoever builds it, whenever.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from pluginry.encoding import documents, tree
from pluginry.model import layout
from pluginry.model.advisory import AdvisoryList
from pluginry.model.digest import BlobRef
from pluginry.model.index import (
    PluginRecord,
    PluginSummary,
    ReleaseRecord,
    TreeRoot,
)
from pluginry.model.on_demand import OnDemand
from pluginry.model.project_links import claimed_links
from pluginry.model.published import json_node, json_page
from pluginry.model.status import Status
from pluginry.publisher.catalogue_rows import catalogue_rows, summary_in
from pluginry.publisher.kept_records import NOTHING_KEPT, record_in

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterator, Mapping
    from datetime import datetime
    from pathlib import Path

    from pluginry.model.digest import Digest
    from pluginry.model.ledger import Ledger, Released
    from pluginry.model.manifest import Manifest
    from pluginry.model.names import PluginId
    from pluginry.model.published import PublishedObject
    from pluginry.model.registry import Registry
    from pluginry.model.versions import Version
    from pluginry.publisher.catalogue_history import CatalogueHistory
    from pluginry.publisher.kept_records import KeptRecords


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexInput:
    """All that the index is made of.

    Records of unchanged plugins are ``kept``, and their ``ledgers`` are not here. ``manifests`` holds those of
    every release that is offered; ``left_out`` are recorded releases that cannot be, and ``withheld`` bundles that are
    nowhere any more. With ``as_if_signed`` a release without a statement of the registry counts as one whose statement
    is still to come.
    """

    registry: Registry
    ledgers: Mapping[PluginId, Ledger]
    manifests: Mapping[Digest, Manifest]
    left_out: frozenset[tuple[PluginId, Version]] = frozenset()
    withheld: frozenset[Digest] = frozenset()
    as_if_signed: bool = False
    kept: KeptRecords = field(default_factory=lambda: NOTHING_KEPT)


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltIndex:
    """The index as values: ``root`` carries the serial and time it was built with.

    ``bodies`` are those of all records, as texts by name, and ``refs`` name them. The ``catalogue`` holds the
    ``summaries``. The ``node_bodies``, which lack those that are published with records that were kept, end with it.
    """

    records: Mapping[PluginId, PluginRecord]
    bodies: Mapping[str, str]
    refs: Mapping[PluginId, BlobRef]
    summaries: Mapping[PluginId, PluginSummary]
    catalogue: bytes
    root: TreeRoot
    node_bodies: tuple[bytes, ...]
    history: CatalogueHistory | None = None


def build_index(
    given: IndexInput,
    *,
    previous: TreeRoot | None,
    previous_digest: Digest | None,
    epoch: int,
    now: datetime,
    commit: str,
    follow: Callable[[bytes], CatalogueHistory | None] = lambda _catalogue: None,
) -> BuiltIndex:
    """Return the index of `given`; serial and time are those of `previous` when nothing else differs.

    `follow` tells how clients come to a catalogue from those before, if they can.
    A new epoch counts from one: whoever made the old one unusable may have counted as far as numbers go.
    """
    kept, published, folded = given.kept, given.kept.published, build_records(given)
    fresh = {plugin: documents.encode(plugin_record) for plugin, plugin_record in folded.items()}
    refs = {
        plugin: BlobRef.of(fresh[plugin]) if plugin in fresh else published.refs[plugin]
        for plugin in sorted((*kept, *fresh))
    }
    bodies = {str(plugin): published.bodies[str(plugin)] for plugin in kept}
    bodies |= {str(plugin): body.decode() for plugin, body in fresh.items()}
    # All are read back, so that what is made of a record does not depend on whether it was kept.
    records = OnDemand(refs, lambda plugin: record_in(bodies[str(plugin)], plugin))
    rows = catalogue_rows(given.registry, records, kept=kept, as_if_signed=given.as_if_signed)
    catalogue = rows.joined()
    planted = tree.plant(refs, published.tree, (*fresh, *(plugin for plugin in published.refs if plugin not in refs)))
    history = follow(catalogue)
    root = TreeRoot(
        epoch=epoch,
        serial=previous.serial if previous and previous.epoch == epoch else 0,
        generated=previous.generated if previous else now,
        previous=previous.previous if previous else None,
        commit=previous.commit if previous else commit,
        min_client=previous.min_client if previous else "",
        plugins=len(records),
        releases=kept.releases + sum(len(one.releases) for one in folded.values()),
        catalogue=BlobRef.of(catalogue),
        catalogue_log=history.log if history else None,
        fanout=planted.fanout,
        nodes=planted.nodes,
        shard=planted.shard,
        soak_hours=given.registry.config.soak_hours,
    )
    if root != previous:
        root = replace(root, serial=root.serial + 1, generated=now, previous=previous_digest, commit=commit)
    return BuiltIndex(
        records=records,
        bodies=bodies,
        refs=refs,
        summaries=OnDemand(refs, lambda plugin: summary_in(rows.rows[str(plugin).encode()], plugin)),
        catalogue=catalogue,
        root=root,
        node_bodies=(*fresh.values(), *planted.bodies, catalogue),
        history=history,
    )


def node_objects(
    built: BuiltIndex, read: Callable[[BlobRef], bytes | Path], kept: Container[PluginId] = ()
) -> Iterator[PublishedObject]:
    """Yield the nodes of the tree, and the manifests and facts they name; but for records that were `kept`."""
    for body in built.node_bodies:
        yield json_node(layout.node_key(BlobRef.of(body).sha256), body)
    seen: set[Digest] = set()
    for plugin in built.records:
        for release in () if plugin in kept else built.records[plugin].releases:
            for ref in (release.manifest, release.facts):
                if ref.sha256 not in seen:
                    seen.add(ref.sha256)
                    yield json_node(layout.node_key(ref.sha256), read(ref))


def advisory_objects(registry: Registry) -> Iterator[PublishedObject]:
    """Yield the advisories for everybody: all in one document, and each as OSV tools read it."""
    yield json_page(layout.ADVISORIES_KEY, advisories_body(registry))
    for advisory in registry.advisories:
        yield json_page(layout.osv_key(advisory.id), documents.encode(advisory))


def advisories_body(registry: Registry) -> bytes:
    """Return the list of advisories, the same bytes for the friendly copy and for the trust metadata."""
    return documents.encode(AdvisoryList(advisories=tuple(sorted(registry.advisories, key=lambda a: a.id))))


def build_records(given: IndexInput) -> dict[PluginId, PluginRecord]:
    """Return the record of every plugin: the fold of its ledger, without what was left out."""
    records = {}
    for plugin, ledger in sorted(given.ledgers.items()):
        if plugin not in given.registry.plugins or ledger.standing is None:
            continue
        is_removed = ledger.standing.status is Status.REMOVED
        offered = {} if is_removed else {v: r for v, r in ledger.releases.items() if (plugin, v) not in given.left_out}
        releases = tuple(_release_record(ledger, offered[v], given) for v in sorted(offered, reverse=True))
        if releases or is_removed:
            records[plugin] = PluginRecord(
                id=plugin,
                seq=ledger.seq,
                status=ledger.standing.status,
                replaced_by=ledger.standing.replaced_by,
                publisher=ledger.standing.publisher,
                aliases=ledger.standing.aliases,
                transfers=ledger.transfers,
                links=claimed_links(given.registry.plugins[plugin].listing),
                releases=releases,
            )
    return records


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
        deltas=released.deltas,
        yanked=amended.yanked if amended else None,
    )
