"""The objects of the index for simple clients: the catalogue, advisories, numbers, and a document for each plugin.

In: a built index and what it was built from. Out: pages, but for those that are known to be published. Clients that
verify read none of them.
"""

from __future__ import annotations

from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeAlias

from pluginry.encoding import documents
from pluginry.model import layout
from pluginry.model.advisory_book import AdvisoryBook
from pluginry.model.project_links import project_links
from pluginry.model.published import json_page
from pluginry.publisher import friendly
from pluginry.publisher.catalogue_rows import standing
from pluginry.publisher.fingerprint import only
from pluginry.publisher.index import advisory_objects
from pluginry.publisher.reuse import AFRESH

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pluginry.model.attestation import VerifiedStatement
    from pluginry.model.digest import Digest
    from pluginry.model.index import PluginRecord
    from pluginry.model.listing import Listing
    from pluginry.model.manifest import Manifest
    from pluginry.model.names import PluginId
    from pluginry.model.project_links import ProjectLink
    from pluginry.model.published import PublishedObject
    from pluginry.publisher.glance import Glance
    from pluginry.publisher.index import BuiltIndex, IndexInput
    from pluginry.publisher.reuse import Afresh


_Parts: TypeAlias = "tuple[Listing, PluginRecord, Mapping[Digest, Manifest], tuple[str, ...], tuple[ProjectLink, ...]]"


def friendly_objects(
    given: IndexInput,
    built: BuiltIndex,
    glances: Mapping[PluginId, Glance],
    proved: Mapping[Digest, VerifiedStatement] = MappingProxyType({}),
    reuse: Afresh = AFRESH,
) -> Iterator[PublishedObject]:
    """Yield the documents for simple clients; what bundles `proved` decides which links are verified."""
    yield json_page(layout.CATALOGUE_KEY, built.catalogue)
    yield from advisory_objects(given.registry)
    stats = friendly.stats_document(built.root, glances.values())
    yield json_page(layout.STATS_KEY, documents.encode(stats))
    book = AdvisoryBook.of(given.registry.advisories)
    warned = book.about_each(built.records)
    default = given.registry.config.default_channel

    def parts_of(plugin: PluginId) -> _Parts:
        plugin_record = built.records[plugin]
        return (
            given.registry.plugins[plugin].listing,
            plugin_record,
            only(given.manifests, (one.manifest.sha256 for one in plugin_record.releases)),
            standing(book, plugin_record),
            project_links(plugin_record, plugin_record.newest(default), proved),
        )

    def make(plugin: PluginId) -> tuple[PublishedObject]:
        return _friendly_plugin(*parts_of(plugin))

    names = {str(plugin): "" if plugin in warned else glance.listed for plugin, glance in glances.items()}
    same = reuse.same("documents", default.value, names)
    for plugin, glance in glances.items():
        key = layout.plugin_key(plugin)
        if str(plugin) in same and reuse.keep(key):
            continue
        about = warned.get(plugin)
        name = f"{glance.listed} {default}" if glance.listed else ""
        made_of: object = (name, about) if name and about else name or parts_of(plugin)
        yield from reuse.objects(key, made_of, partial(make, plugin))


def _friendly_plugin(
    listing: Listing,
    plugin_record: PluginRecord,
    manifests: Mapping[Digest, Manifest],
    advisories: tuple[str, ...],
    links: tuple[ProjectLink, ...],
) -> tuple[PublishedObject]:
    document = friendly.plugin_document(listing, plugin_record, manifests, advisories, links=links)
    return (json_page(layout.plugin_key(plugin_record.id), documents.encode(document)),)
