"""Pages that are lists of plugins: the front page, all plugins, and those of a category, tag, publisher or host.

In: an edition. Out: pages. Lists are in order of name and cut into pages of `CARDS_PER_PAGE`, so that a new release
changes only the pages that mention it. Deprecated plugins stand apart, with their number in plain sight.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from heapq import nlargest
from itertools import chain, islice
from operator import attrgetter
from string import ascii_uppercase, digits
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from pluginry.publisher.pages import addresses

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from pluginry.model.host import HostProfile
    from pluginry.model.names import PluginId
    from pluginry.model.published import PublishedObject
    from pluginry.model.registry import Category
    from pluginry.publisher.pages.edition import Edition
    from pluginry.publisher.pages.renderer import Renderer
    from pluginry.publisher.pages.view import Card, CatalogueView

CARDS_PER_PAGE = 48
_ON_FRONT_PAGE = 6
_HOSTS_ON_FRONT_PAGE = 12
_NEIGHBOURS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Which page of a list this is: ``number`` of ``count``, the list beginning at the key ``first``."""

    first: str
    number: int
    count: int

    @property
    def near(self) -> tuple[int, ...]:
        """The numbers worth a link: first, last, this one and its neighbours; 0 stands for a gap."""
        wanted = [n for n in range(1, self.count + 1) if n in {1, self.count} or abs(n - self.number) <= _NEIGHBOURS]
        shown: list[int] = []
        for number in wanted:
            if shown and number - shown[-1] > 1:
                shown.append(0)
            shown.append(number)
        return tuple(shown)

    def key(self, number: int) -> str:
        """Return the key of page `number`."""
        return addresses.numbered(self.first, number)


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """Where in the list of all plugins names begin with a letter; 0 to 9 share one place, other signs another."""

    text: str
    id: str
    page: int
    first: Card


def front_page(view: CatalogueView, renderer: Renderer) -> PublishedObject:
    """Return the front page: what there is, what is new, and where to go on."""
    active = [card for card in view.cards.values() if not card.is_deprecated and card.glance.is_offered]
    settings = view.given.registry.config.site
    updated = _latest((card for card in active if card.was_updated), "last_published")
    fresh = (card for card in active if card not in updated)
    pictured = (card for card in active if card.glance.is_pictured and view.pictures[card.id].shots)
    return renderer.page(
        addresses.HOME,
        "home.html",
        view=view,
        featured=_shown(settings.featured, view),
        collections=[(one, cards) for one in settings.collections if (cards := _shown(one.plugins, view))],
        updated=updated,
        new=_latest(fresh, "first_published"),
        pictured=list(islice(pictured, _ON_FRONT_PAGE)),
        hosts=_hosts_with_counts(view)[:_HOSTS_ON_FRONT_PAGE],
        categories=_categories_with_counts(view),
        advisories=view.advisories[:3],
    )


def list_pages(edition: Edition, renderer: Renderer) -> Iterator[PublishedObject]:
    """Yield every list and the pages that lead to them, but for what is known."""
    view, write = edition.view, _Writer(renderer=renderer, edition=edition)
    yield from _all_plugins(view, write)
    yield from _collection_pages(view, write)
    yield from _category_pages(view, write)
    yield from _tag_pages(view, write)
    yield from _publisher_pages(view, write)
    yield from _host_pages(view, write)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Writer:
    """Writes pages that look at nothing but the cards they show and what they are given besides."""

    renderer: Renderer
    edition: Edition

    def __call__(
        self,
        key: str,
        template: str,
        lists: Mapping[str, Sequence[Card]] = MappingProxyType({}),
        more: Callable[[], Mapping[str, Any]] = dict,
        **context: Any,
    ) -> Iterator[PublishedObject]:
        """Yield a page with `lists` of cards; what is in the `context`, and `more` of it, holds no others."""
        cards = [*chain.from_iterable(lists.values())]
        if not self.edition.keeps_list(key, cards):
            excerpt = self.edition.excerpts.of(cards)
            yield from self.edition.reuse.page(self.renderer, key, template, excerpt, lists, **context, **more())


def _all_plugins(view: CatalogueView, write: _Writer) -> Iterator[PublishedObject]:
    active = [card for card in view.cards.values() if not card.is_deprecated]
    deprecated = [card for card in view.cards.values() if card.is_deprecated]

    @cache
    def more() -> dict[str, Any]:
        letters = _letters(active)
        return {
            "hosts": _hosts_with_counts(view),
            "categories": _categories_with_counts(view),
            "letters": [(letter.text, letter.page, letter.id) for letter in letters],
            "first_of_letter": {letter.first.id: letter.id for letter in letters},
        }

    for place, cards in _in_pages(addresses.ALL_PLUGINS, active):
        yield from write(
            place.key(place.number),
            "all.html",
            {"cards": cards},
            more,
            place=place,
            total=len(active),
            deprecated_total=len(deprecated),
        )
    if deprecated:
        yield from write(addresses.DEPRECATED_PLUGINS, "deprecated.html", {"cards": deprecated})


def _collection_pages(view: CatalogueView, write: _Writer) -> Iterator[PublishedObject]:
    collections = [(one, _shown(one.plugins, view)) for one in view.given.registry.config.site.collections]
    if collections:
        shown = [card for _, cards in collections for card in cards]
        yield from write(addresses.COLLECTIONS, "collections.html", {"shown": shown}, collections=collections)
    for collection, cards in collections:
        first = addresses.collection_page(collection.id)
        yield from _shelf(write, first, "collection.html", cards, collection=collection)


def _shown(plugins: Sequence[PluginId], view: CatalogueView) -> list[Card]:
    """Return the cards of `plugins` as far as there are any, in the order that somebody chose."""
    return [view.cards[plugin] for plugin in dict.fromkeys(plugins) if plugin in view.cards]


def _category_pages(view: CatalogueView, write: _Writer) -> Iterator[PublishedObject]:
    counted = _categories_with_counts(view)
    yield from write(addresses.CATEGORIES, "categories.html", categories=counted)
    for category, _ in counted:
        first = addresses.category_page(category.id)
        cards = view.by_category.get(category.id, ())
        yield from _shelf(write, first, "category.html", cards, category=category)


def _tag_pages(view: CatalogueView, write: _Writer) -> Iterator[PublishedObject]:
    tags = sorted(view.by_tag)
    counted = [(tag, len(view.by_tag[tag])) for tag in tags]
    yield from write(addresses.TAGS, "tags.html", tags=counted)
    for tag in tags:
        yield from _shelf(write, addresses.tag_page(tag), "tag.html", view.by_tag[tag], tag=tag)


def _publisher_pages(view: CatalogueView, write: _Writer) -> Iterator[PublishedObject]:
    registry = view.given.registry
    names = sorted({*registry.namespaces, *view.by_namespace})
    publishers = [(name, registry.namespaces.get(name), len(view.by_namespace.get(name, ()))) for name in names]
    yield from write(addresses.PUBLISHERS, "publishers.html", publishers=publishers)
    for name, namespace, _ in publishers:
        cards = view.by_namespace.get(name, ())
        since = min((card.first_published for card in cards), default=None)
        first = addresses.publisher_page(name)
        yield from _shelf(write, first, "publisher.html", cards, name=name, namespace=namespace, since=since)


def _host_pages(view: CatalogueView, write: _Writer) -> Iterator[PublishedObject]:
    hosts = sorted(view.given.registry.hosts.items(), key=lambda pair: pair[1].title.casefold())
    counted = [(profile, len(view.by_host.get(host, ()))) for host, profile in hosts]
    yield from write(addresses.HOSTS, "hosts.html", hosts=counted)
    for host, profile in hosts:
        cards = view.by_host.get(host, ())
        yield from _shelf(write, addresses.host_page(host), "host.html", cards, host=profile)


def _shelf(
    write: _Writer, first: str, template: str, cards: Sequence[Card], **context: Any
) -> Iterator[PublishedObject]:
    """Yield a list that keeps its deprecated plugins folded up on its last page."""
    deprecated = [card for card in cards if card.is_deprecated]
    active = [card for card in cards if not card.is_deprecated] if deprecated else cards
    for place, some in _in_pages(first, active):
        folded = deprecated if place.number == place.count else []
        yield from write(
            place.key(place.number),
            template,
            {"cards": some, "deprecated": folded},
            place=place,
            total=len(active),
            **context,
        )


def _in_pages(first: str, cards: Sequence[Card]) -> Iterator[tuple[Place, Sequence[Card]]]:
    count = max(1, -(-len(cards) // CARDS_PER_PAGE))
    for number in range(1, count + 1):
        start = (number - 1) * CARDS_PER_PAGE
        yield Place(first=first, number=number, count=count), cards[start : start + CARDS_PER_PAGE]


def _letters(cards: Sequence[Card]) -> list[Letter]:
    begins: dict[str, tuple[int, Card]] = {}
    for position, card in enumerate(cards):
        begins.setdefault(card.name[:1], (position, card))
    found: dict[str, Letter] = {}
    for first, (position, card) in begins.items():
        text = _letter_of(first)
        name = {"0-9": "digits", "…": "others"}.get(text, text)
        page = position // CARDS_PER_PAGE + 1
        found.setdefault(text, Letter(text=text, id=f"letter-{name.lower()}", page=page, first=card))
    return list(found.values())


def _letter_of(first: str) -> str:
    first = first.upper()
    if first in ascii_uppercase:
        return first
    return "0-9" if first in digits else "…"


def _categories_with_counts(view: CatalogueView) -> list[tuple[Category, int]]:
    known = [c for c in view.given.registry.config.categories if addresses.is_segment(c.id)]
    return [(category, len(view.by_category.get(category.id, ()))) for category in known]


def _hosts_with_counts(view: CatalogueView) -> list[tuple[HostProfile, int]]:
    """Return hosts that have plugins, those with most of them first."""
    counted = [(profile, len(cards)) for host, cards in view.by_host.items() if (profile := view.host(host))]
    return sorted(counted, key=lambda pair: (-pair[1], pair[0].title.casefold()))


def _latest(cards: Iterable[Card], attribute: str) -> list[Card]:
    """Return the few cards that have the latest time in `attribute`; of the same time, the first ones."""
    return nlargest(_ON_FRONT_PAGE, cards, key=attrgetter(attribute))
