"""What the pages about one plugin, or of one list, may look at: a view that holds this and nothing else.

In: the view of the whole catalogue. Out: views of the same shape with only what such a page may show, each made when it
is looked at. Whoever renders from an excerpt cannot depend on anything else, so a page that is made of an equal excerpt
is the same page. Excerpts are compared by the names of the plugins in them, where these are known: then nothing of them
is read for it.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property, partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from pluginry.model.advisory_book import AdvisoryBook
from pluginry.model.host import HostProfile
from pluginry.model.index import PluginRecord, PluginSummary, TrustPolicy
from pluginry.model.listing import Listing, Namespace
from pluginry.model.on_demand import OnDemand
from pluginry.model.registry import PluginEntry, RegistryConfig, Reserved
from pluginry.model.site_settings import SiteFiles
from pluginry.publisher.fingerprint import Fingerprints, only
from pluginry.publisher.pages.languages import Language
from pluginry.publisher.pages.renderer import Frame, Look
from pluginry.publisher.pages.view import Card

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from pluginry.model.advisory import Advisory
    from pluginry.model.names import PluginId
    from pluginry.model.quarantine import Quarantined
    from pluginry.publisher.pages.view import CatalogueView, Gone

_NO_TIME = datetime(1970, 1, 1, tzinfo=UTC)


SHARED: Final = (
    Card,
    Frame,
    HostProfile,
    Language,
    Listing,
    Look,
    Namespace,
    PluginEntry,
    PluginRecord,
    PluginSummary,
    RegistryConfig,
    TrustPolicy,
)
"""Classes of values that are part of many excerpts."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Excerpt:
    """A part of the view: `make` gives it, and ``name`` stands for all that can be in it, where it has one.

    ``look`` is what else pages are made of that are made of it. Its ``cards`` are those in it.
    """

    make: Callable[[], CatalogueView]
    cards: tuple[Card, ...] = ()
    name: str = ""
    look: Look | None = None

    @cached_property
    def view(self) -> CatalogueView:
        """The part, as pages look at it."""
        return self.make()

    def made_of(self, *more: str) -> object:
        """Return its name, or all that is in it, with what else pages are made of that are made of it."""
        return " ".join((self.name, *more)) if self.name else (self.look, self.view, more)


class Excerpts:
    """Excerpts of one `view`, with those of its pictures that it has, for pages that are made with `look`."""

    def __init__(self, view: CatalogueView, look: Look | None = None) -> None:
        given = view.given
        self._view = view
        self._look = look
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
            summaries={},
            glances={},
            serial=0,
            generated=_NO_TIME,
            rules=(),
            signatures={},
            refused=(),
        )
        self._nobody = replace(
            view,
            given=replace(self._given, registry=self._registry),
            cards={},
            gone={},
            book=AdvisoryBook.of(()),
            warned={},
            pictures={},
            undrawn=frozenset(),
            by_category={},
            by_tag={},
            by_namespace={},
            by_host={},
            dependents={},
            publishing_since={},
        )
        self._fingerprints = Fingerprints(SHARED)
        self.common: Final = self._fingerprints.of((look, self._nobody))
        self._refused: dict[PluginId, list[Quarantined]] = defaultdict(list)
        for one in given.refused:
            if one.id is not None:
                self._refused[one.id].append(one)
        self._since = {namespace: str(since) for namespace, since in view.publishing_since.items()}
        self._entries: dict[PluginId, PluginEntry] = {}

    def names(self) -> dict[str, str]:
        """Return of each card in order, by its id as text, a name for all that is said of it; empty where it has none.

        As long as plugins stand on the same lists, all that `about` returns of one changes only with the names of it
        and of the others there. Nothing is read for it, so nothing can go wrong.
        """
        cards, warned, refused = self._view.cards, self._view.warned, self._refused
        glances = ((plugin, card.glance) for plugin, card in cards.items())
        names = {str(plugin): one.made_of and f"{one.listed} {one.made_of}" for plugin, one in glances}
        for plugin in (one for one in {*warned, *refused} if one in cards and names[str(one)]):
            names[str(plugin)] += " " + self._fingerprints.of((warned.get(plugin), refused.get(plugin)))
        naming = (card for card in cards.values() if card.glance.names)
        names_others = (card.id for card in naming if not cards.keys() >= {*card.glance.names})
        return names | {str(plugin): "" for plugin in (*self._view.undrawn, *names_others) if plugin in cards}

    def about(self, card: Card, beside: Iterable[Card] = ()) -> Excerpt:
        """Return all there is to say of a plugin; of those that it names or that stand `beside` it, what lists say."""
        view, plugin = self._view, card.id
        dependents = view.dependents.get(plugin, ())
        named = (*card.glance.names, *dependents)
        cards = tuple(dict.fromkeys((card, *beside, *(view.cards[one] for one in named if one in view.cards))))
        others = tuple(one for one in named if one not in view.cards)
        more = (card.glance.made_of, self._since[plugin.namespace], *map(str, dependents), *self._refusals(plugin))
        return self._excerpt(cards, partial(self._about, card, cards, others), more, others)

    def alone(self, card: Card) -> Excerpt:
        """Return what there is to say of a plugin without its README and without any other plugin, and its icon."""
        return self._excerpt((card,), partial(self._alone, card, (card,)), self._refusals(card.id))

    def of(self, cards: Iterable[Card]) -> Excerpt:
        """Return what lists say of plugins: their `cards` and pictures, the advisories about them."""
        cards = tuple(cards)
        return self._excerpt(cards, partial(self._of, cards))

    def _excerpt(
        self,
        cards: tuple[Card, ...],
        make: Callable[[], CatalogueView],
        more: Iterable[str] = (),
        others: tuple[PluginId, ...] = (),
    ) -> Excerpt:
        """Return an excerpt that is named by the names of its plugins; where one has none, it has none either.

        Names stand for pictures as they should be.
        """
        names = [card.glance.listed for card in cards]
        undrawn, warned = self._view.undrawn, self._view.warned  # most often nobody is
        if not all(names) or (undrawn and any(card.id in undrawn for card in cards)):
            return Excerpt(make=make, cards=cards, look=self._look)
        if others or (warned and any(card.id in warned for card in cards)):
            without_cards = [(plugin, self._without_card(plugin)) for plugin in others]
            names.append(self._fingerprints.of((without_cards, self._warned(cards))))
        return Excerpt(make=make, cards=cards, name=" ".join((self.common, *names, *more)))

    def _without_card(self, plugin: PluginId) -> tuple[Gone | None, PluginEntry | None]:
        is_listed = plugin in self._view.given.registry.plugins
        return self._view.gone.get(plugin), self._titled(plugin) if is_listed else None

    def _refusals(self, plugin: PluginId) -> tuple[str, ...]:
        return (self._fingerprints.of(self._refused[plugin]),) if self._refused and plugin in self._refused else ()

    def _about(self, card: Card, cards: tuple[Card, ...], others: tuple[PluginId, ...]) -> CatalogueView:
        view, plugin, shown = self._view, card.id, self._alone(card, cards, others)
        entry = _readable(view.given.registry.plugins[plugin])
        registry = replace(shown.given.registry, plugins=self._entries_of(shown, {plugin: entry}))
        return replace(
            shown,
            given=replace(shown.given, registry=registry),
            dependents={plugin: view.dependents.get(plugin, ())},
            by_category={category: () for category in card.listing.categories if category in view.by_category},
            by_tag={tag: () for tag in card.listing.tags if tag in view.by_tag},
            publishing_since={plugin.namespace: view.publishing_since[plugin.namespace]},
        )

    def _alone(self, card: Card, cards: tuple[Card, ...], others: tuple[PluginId, ...] = ()) -> CatalogueView:
        given, plugin, releases = self._view.given, card.id, card.record.releases
        namespace = given.registry.namespaces.get(plugin.namespace)
        shown = self._of(cards, others)
        entry = replace(self._titled(plugin), icon=given.registry.plugins[plugin].icon)
        bundles = (known.sha256 for release in releases for known in release.attestations)
        return replace(
            shown,
            given=replace(
                shown.given,
                registry=replace(
                    shown.given.registry,
                    namespaces={plugin.namespace: namespace} if namespace else {},
                    plugins=self._entries_of(shown, {plugin: entry}),
                ),
                records={plugin: card.record},
                manifests=only(given.manifests, (release.manifest.sha256 for release in releases)),
                facts=only(given.facts, (release.facts.sha256 for release in releases)),
                signatures=only(given.signatures, bundles),
                refused=tuple(self._refused.get(plugin, ())),
            ),
        )

    def _of(self, cards: tuple[Card, ...], others: tuple[PluginId, ...] = ()) -> CatalogueView:
        view, plugins = self._view, dict.fromkeys((*(card.id for card in cards), *others))
        warned = self._warned(cards)
        entries = OnDemand((plugin for plugin in plugins if plugin in view.given.registry.plugins), self._titled)
        return replace(
            self._nobody,
            given=replace(self._given, registry=replace(self._registry, plugins=entries)),
            cards={card.id: card for card in cards},
            gone={plugin: view.gone[plugin] for plugin in others if plugin in view.gone},
            book=AdvisoryBook.of(_each_once(warned)),
            warned=warned,
            pictures={card.id: view.pictures[card.id] for card in cards if card.id in view.pictures},
        )

    def _entries_of(self, shown: CatalogueView, made: Mapping[PluginId, PluginEntry]) -> Mapping[PluginId, PluginEntry]:
        return OnDemand(shown.given.registry.plugins, self._titled, made)

    def _warned(self, cards: Iterable[Card]) -> Mapping[PluginId, tuple[Advisory, ...]]:
        warned = self._view.warned
        return {card.id: warned[card.id] for card in cards if card.id in warned} if warned else {}

    def _titled(self, plugin: PluginId) -> PluginEntry:
        """Return what another plugin's pages may know of an entry; the same object each time."""
        if plugin not in self._entries:
            entry = _readable(self._view.given.registry.plugins[plugin])
            self._entries[plugin] = replace(entry, readme="", readmes={}, reviews=())
        return self._entries[plugin]


def _readable(entry: PluginEntry) -> PluginEntry:
    """Return of an entry what pages are written from: pictures were drawn before, and releases are in the record."""
    return replace(entry, releases={}, icon=None, screenshots=MappingProxyType({}), sources=MappingProxyType({}))


def _each_once(warned: Mapping[PluginId, tuple[Advisory, ...]]) -> Iterable[Advisory]:
    return {one.id: one for about in warned.values() for one in about}.values()
