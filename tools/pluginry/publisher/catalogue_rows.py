"""The catalogue of the index: a row for each record, and what clients need to know of all of them.

In: the registry, records, and rows that can stay as they are published. Out: the catalogue, in rows. It is
pure, and nothing is read of what can stay.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from pluginry.encoding import documents
from pluginry.encoding.catalogue_delta import CatalogueRows
from pluginry.model import layout
from pluginry.model.advisory_book import AdvisoryBook
from pluginry.model.attestation import PROVENANCE_PREDICATE, PUBLISH_PREDICATE
from pluginry.model.channel import Channel
from pluginry.model.index import (
    Catalogue,
    CategorySummary,
    HostSummary,
    PermissionText,
    PluginRecord,
    PluginSummary,
    ReleaseRecord,
)
from pluginry.model.trust_statement import TrustWord
from pluginry.publisher.kept_records import NOTHING_KEPT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pluginry.model.host import HostProfile
    from pluginry.model.names import PluginId
    from pluginry.model.registry import PluginEntry, Registry
    from pluginry.publisher.kept_records import KeptRecords

_CHANNELS = tuple(Channel)


def catalogue_rows(
    registry: Registry,
    records: Mapping[PluginId, PluginRecord],
    *,
    kept: KeptRecords = NOTHING_KEPT,
    as_if_signed: bool = False,
) -> CatalogueRows:
    """Return the catalogue, which has a row for each of `records`; rows of those that are `kept` stay as they are."""
    empty = Catalogue(
        name=registry.config.name,
        default_channel=registry.config.default_channel,
        hosts=tuple(_host_summary(host) for _, host in sorted(registry.hosts.items())),
        categories=tuple(CategorySummary(id=c.id, title=c.title) for c in registry.config.categories),
        plugins=(),
    )
    book = AdvisoryBook.of(registry.advisories)
    unsigned = TrustWord.SIGNED_BY_REGISTRY if as_if_signed else TrustWord.UNSIGNED

    def row(plugin: PluginId) -> bytes:
        plugin_record = records[plugin]
        summary = summary_of(registry.plugins[plugin], plugin_record, standing(book, plugin_record), unsigned)
        return CatalogueRows.row_of(documents.encode(summary))

    names = {plugin: str(plugin).encode() for plugin in records}
    rows = {name: kept.published.rows[name] if plugin in kept else row(plugin) for plugin, name in names.items()}
    return CatalogueRows(CatalogueRows.of(documents.encode(empty)).head, rows)


def summary_in(row: bytes, plugin: PluginId) -> PluginSummary:
    """Return the summary of `plugin` that stands in a `row`, which was made here or has been signed."""
    plain = json.loads(CatalogueRows.summary_in(row))
    return documents.construct(PluginSummary, plain, what=f"summary of {plugin}")


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


def summary_of(
    entry: PluginEntry,
    plugin_record: PluginRecord,
    advisories: tuple[str, ...] = (),
    unsigned: TrustWord = TrustWord.UNSIGNED,
) -> PluginSummary:
    """Return the row of a plugin, with the ids of `advisories` about it; `unsigned` is said without a signature."""
    listing = entry.listing
    offered = [release for release in plugin_record.releases if release.yanked is None]
    # What most people would install: the newest release of the most finished channel.
    shown = min(offered, key=lambda release: _CHANNELS.index(release.channel), default=None)
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
        icon=layout.relative_address(layout.CATALOGUE_KEY, layout.icon_key(entry.id)) if entry.icon else "",
        permissions=tuple(sorted({grant.partition(":")[0] for grant in shown.permissions})) if shown else (),
        platforms=tuple(sorted({artifact.platform for artifact in shown.artifacts})) if shown else (),
        works_with=shown.hosts if shown else {},
        trust=_trust(shown, unsigned) if shown else (),
        updated=max((release.published_at for release in plugin_record.releases), default=None),
        advisories=advisories,
        origin=listing.origin.kind if listing.origin else "",
    )


def _trust(release: ReleaseRecord, unsigned: TrustWord) -> tuple[str, ...]:
    """Return what the attestations of `release` say, in the words of trust; clients check them when they install."""
    types = {attestation.type for attestation in release.attestations}
    words = {PUBLISH_PREDICATE: TrustWord.SIGNED_BY_REGISTRY, PROVENANCE_PREDICATE: TrustWord.PROVENANCE}
    return tuple(word for kind, word in words.items() if kind in types) or (unsigned,)


def standing(book: AdvisoryBook, plugin_record: PluginRecord) -> tuple[str, ...]:
    """Return the ids of the advisories about a plugin that stand."""
    return tuple(sorted(one.id for one in book.about(plugin_record) if one.withdrawn is None))
