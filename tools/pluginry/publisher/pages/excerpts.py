"""What the pages about one plugin, or of one list, may look at: a view that holds this and nothing else.

In: the view of the whole catalogue. Out: views of the same shape with only what such a page may show. Whoever renders
from an excerpt cannot depend on anything else, so a page that is made of an equal excerpt is the same page.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import UTC, datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from pluginry.model.advisory_book import AdvisoryBook
from pluginry.model.host import HostProfile
from pluginry.model.index import Catalogue, PluginRecord, TrustPolicy
from pluginry.model.listing import Listing, Namespace
from pluginry.model.registry import PluginEntry, RegistryConfig, Reserved
from pluginry.model.site_settings import SiteFiles
from pluginry.publisher.fingerprint import only
from pluginry.publisher.pages.languages import Language
from pluginry.publisher.pages.renderer import Frame, Look
from pluginry.publisher.pages.view import Card

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pluginry.model.advisory import Advisory
    from pluginry.model.names import PluginId
    from pluginry.model.quarantine import Quarantined
    from pluginry.publisher.pages.view import CatalogueView

SHARED: Final = (
    Card,
    Catalogue,
    Frame,
    HostProfile,
    Language,
    Listing,
    Look,
    Namespace,
    PluginEntry,
    PluginRecord,
    RegistryConfig,
    TrustPolicy,
)
"""Classes of values that are part of many excerpts."""
_NO_TIME = datetime(1970, 1, 1, tzinfo=UTC)


class Excerpts:
    """Excerpts of one `view`, which must have its pictures."""

    def __init__(self, view: CatalogueView) -> None:
        given = view.given
        self._view = view
        self._registry = replace(
            given.registry,
            namespaces={},
            reserved=Reserved(),
            plugins={},
            advisories=(),
            left_out=frozenset(),
            site=SiteFiles(),
        )
        self._given = replace(
            given,
            records={},
            manifests={},
            facts={},
            catalogue=replace(given.catalogue, plugins=()),
            advisories=(),
            serial=0,
            generated=_NO_TIME,
            rules=(),
            signatures={},
            refused=(),
        )
        self._nobody = replace(
            view,
            by_category={},
            by_tag={},
            by_namespace={},
            by_host={},
            by_topic={},
            dependents={},
            publishing_since={},
        )
        self._refused: dict[PluginId | None, list[Quarantined]] = defaultdict(list)
        for one in given.refused:
            self._refused[one.id].append(one)
        self._entries: dict[PluginId, PluginEntry] = {}

    def about(self, card: Card, beside: Iterable[PluginId] = ()) -> CatalogueView:
        """Return all there is to say of a plugin; of those that it names or that stand `beside` it, what lists say."""
        view, given, plugin, listing = self._view, self._view.given, card.id, card.listing
        releases = card.record.releases
        named = {other for release in releases for other in (*release.dependencies, *release.conflicts)}
        named.update(
            beside, view.dependents.get(plugin, ()), [card.record.replaced_by] if card.record.replaced_by else ()
        )
        entry = given.registry.plugins[plugin]
        manifests = (release.manifest.sha256 for release in releases)
        facts = (release.facts.sha256 for release in releases)
        bundles = (known.sha256 for release in releases for known in release.attestations)
        namespace = given.registry.namespaces.get(plugin.namespace)
        shown = self.of([plugin, *sorted(named - {plugin})])
        registry = replace(
            shown.given.registry,
            namespaces={plugin.namespace: namespace} if namespace else {},
            plugins={**shown.given.registry.plugins, plugin: _readable(entry)},
        )
        return replace(
            shown,
            given=replace(
                shown.given,
                registry=registry,
                records={plugin: card.record},
                manifests=only(given.manifests, manifests),
                facts=only(given.facts, facts),
                signatures=only(given.signatures, bundles),
                refused=tuple(self._refused.get(plugin, ())),
            ),
            dependents={plugin: view.dependents.get(plugin, ())},
            by_category={category: () for category in listing.categories if category in view.by_category},
            by_tag={tag: () for tag in listing.tags if tag in view.by_tag},
            publishing_since={plugin.namespace: view.publishing_since[plugin.namespace]},
        )

    def of(self, plugins: Iterable[PluginId]) -> CatalogueView:
        """Return what lists say of `plugins`: their cards and pictures, the advisories about them."""
        view = self._view
        plugins = tuple(dict.fromkeys(plugins))
        cards = {plugin: view.cards[plugin] for plugin in plugins if plugin in view.cards}
        entries = {plugin: self._titled(plugin) for plugin in plugins if plugin in view.given.registry.plugins}
        return replace(
            self._nobody,
            given=replace(self._given, registry=replace(self._registry, plugins=entries)),
            cards=cards,
            gone={plugin: view.gone[plugin] for plugin in plugins if plugin in view.gone},
            book=AdvisoryBook.of(self._advisories(cards.values())),
            pictures={plugin: view.pictures[plugin] for plugin in cards},
        )

    def _advisories(self, cards: Iterable[Card]) -> Iterable[Advisory]:
        if not self._view.advisories:
            return ()
        return {one.id: one for card in cards for one in self._view.book.about(card.record)}.values()

    def _titled(self, plugin: PluginId) -> PluginEntry:
        """Return what another plugin's pages may know of an entry; the same object each time."""
        if plugin not in self._entries:
            entry = _readable(self._view.given.registry.plugins[plugin])
            self._entries[plugin] = replace(entry, readme="", reviews=())
        return self._entries[plugin]


def _readable(entry: PluginEntry) -> PluginEntry:
    """Return of an entry what pages are written from: pictures were drawn before, and releases are in the record."""
    return replace(entry, releases={}, icon=None, screenshots=MappingProxyType({}), sources=MappingProxyType({}))
