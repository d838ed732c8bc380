"""The catalogue seen from its pages: what is shown, what is gone, and who is related to whom.

In: `CatalogueInput`. Out: `CatalogueView`, in which every id has its card or tombstone and every list is in
the order in which it is read. It decides what is shown at all: plugins with a record and a place in the index.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from operator import attrgetter
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeVar

from pluginry.model.advisory_book import AdvisoryBook
from pluginry.model.channel import Channel
from pluginry.model.status import Status
from pluginry.publisher.glance import Glance
from pluginry.publisher.pages import addresses
from pluginry.publisher.pages.languages import ENGLISH

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Mapping
    from datetime import datetime

    from pluginry.model.advisory import Advisory
    from pluginry.model.host import HostProfile
    from pluginry.model.index import PluginRecord, PluginSummary, ReleaseRecord
    from pluginry.model.listing import Listing
    from pluginry.model.names import Name, PluginId
    from pluginry.model.versions import Version
    from pluginry.publisher.pages.catalogue_input import CatalogueInput
    from pluginry.publisher.pages.languages import Language
    from pluginry.publisher.pages.plugin_pictures import Pictures

K = TypeVar("K")


@dataclass(frozen=True, kw_only=True, eq=False)
class Card:
    """A plugin in lists: what its ``glance`` says is at hand, the rest is read when somebody asks for it.

    That what lists show of it stands in its glance and its ``summary``, which takes a tenth of reading its files.
    """

    id: PluginId
    glance: Glance
    first_published: datetime
    last_published: datetime
    _given: CatalogueInput = field(repr=False)
    _language: Language = field(repr=False)

    @cached_property
    def listing(self) -> Listing:
        """What its authors say of it."""
        return self._given.registry.plugins[self.id].listing

    @cached_property
    def record(self) -> PluginRecord:
        """What the index says of it."""
        return self._given.records[self.id]

    @cached_property
    def summary(self) -> PluginSummary:
        """What the catalogue of the index says of it."""
        return self._given.summaries[self.id]

    @cached_property
    def newest(self) -> ReleaseRecord | None:
        """What an ordinary installation gets, None when every release was yanked."""
        return self.record.newest(self._given.registry.config.default_channel)

    @cached_property
    def name(self) -> str:
        """What it is called, for pages in this language."""
        return self.listing.name if self.glance.is_translated else self._language.theirs(self.glance.name)

    @cached_property
    def about(self) -> str:
        """What it says of itself in a line, for pages in this language."""
        return self.listing.summary if self.glance.is_translated else self._language.theirs(self.summary.summary)

    @cached_property
    def offer(self) -> tuple[Version, Channel] | None:
        """Version and channel of the `newest` release, without its record."""
        channels = self.summary.channels
        order = (self._given.registry.config.default_channel, *Channel)
        return next(((channels[one], one) for one in order if one in channels), None)

    @cached_property
    def place(self) -> tuple[str, PluginId]:
        """Where it stands on every shelf."""
        return self.name.casefold(), self.id

    @cached_property
    def is_deprecated(self) -> bool:
        """Whether its own developers advise against it."""
        return self.glance.status is Status.DEPRECATED

    @property
    def was_updated(self) -> bool:
        """Whether there was a release after the first."""
        return self.glance.releases > 1

    def made_of_parts(self) -> tuple[object, ...]:
        """Return all that lists can show of it, or a name for that where there is one."""
        return (self.glance.listed or (self.listing, self.summary, self.record, self.newest),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """A plugin that was removed: its id stays taken, and its page and those of its ``versions`` say why."""

    id: PluginId
    reason: str
    removed_at: datetime | None
    replaced_by: PluginId | None
    advisories: tuple[Advisory, ...]
    versions: tuple[Version, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueView:
    """Everything that pages look up. Lists of cards are in order of their display names.

    ``warned`` are the advisories about each plugin that has some, and ``publishing_since`` says when a namespace
    published for the first time. ``language`` is that of the pages. ``pictures`` are those of every card; they come
    last, because only plugins that are shown have theirs decoded. Those of who is ``undrawn`` failed this time.
    """

    given: CatalogueInput
    cards: Mapping[PluginId, Card]
    gone: Mapping[PluginId, Gone]
    book: AdvisoryBook
    warned: Mapping[PluginId, tuple[Advisory, ...]]
    dependents: Mapping[PluginId, tuple[PluginId, ...]]
    by_category: Mapping[str, tuple[Card, ...]]
    by_tag: Mapping[str, tuple[Card, ...]]
    by_namespace: Mapping[Name, tuple[Card, ...]]
    by_host: Mapping[Name, tuple[Card, ...]]
    publishing_since: Mapping[Name, datetime]
    language: Language = ENGLISH
    pictures: Mapping[PluginId, Pictures] = field(default_factory=lambda: MappingProxyType({}))
    undrawn: frozenset[PluginId] = frozenset()

    def page_of(self, plugin: PluginId) -> str:
        """Return the key of the page of `plugin`, or an empty string when it has none."""
        return addresses.plugin_page(plugin) if plugin in self.cards or plugin in self.gone else ""

    def title_of(self, plugin: PluginId) -> str:
        """Return what `plugin` is called."""
        entry = self.given.registry.plugins.get(plugin)
        return entry.listing.name if entry else str(plugin)

    def host(self, host: Name) -> HostProfile | None:
        """Return the profile of `host`, or None when the registry has none."""
        return self.given.registry.hosts.get(host)

    def host_title(self, host: Name) -> str:
        """Return what the application is called."""
        profile = self.host(host)
        return profile.title if profile else host

    def category_title(self, category: str) -> str:
        """Return what the category is called."""
        return next((c.title for c in self.given.registry.config.categories if c.id == category), category)

    @property
    def advisories(self) -> tuple[Advisory, ...]:
        """All of them, newest first."""
        return self.book.advisories

    def advisories_for(self, plugin: PluginId, release: ReleaseRecord) -> tuple[Advisory, ...]:
        """Return the advisories that are in force for one release, newest first."""
        return self.book.hitting(self.cards[plugin].record, release)


def view_of(given: CatalogueInput, language: Language = ENGLISH) -> CatalogueView:
    """Return `given` as pages in `language` see it, without pictures yet."""
    book = AdvisoryBook.of(advisory for advisory in given.registry.advisories if addresses.is_segment(advisory.id))
    cards = _cards(given, language)
    in_order = tuple(cards.values())
    by_tag = _shelves(in_order, attrgetter("glance.tags"))
    return CatalogueView(
        given=given,
        language=language,
        cards=cards,
        gone=_gone(given, book, shown=cards),
        book=book,
        warned=book.about_each(given.records),
        dependents=_dependents(in_order),
        by_category=_shelves(in_order, attrgetter("glance.categories")),
        by_tag={tag: shelf for tag, shelf in by_tag.items() if addresses.is_segment(tag)},
        by_namespace=_shelves(in_order, lambda card: (card.id.namespace,)),
        by_host=_shelves(in_order, attrgetter("glance.hosts")),
        publishing_since=_since(in_order),
    )


def _cards(given: CatalogueInput, language: Language) -> dict[PluginId, Card]:
    tombstones = {tombstone.id for tombstone in given.registry.reserved.tombstones}
    shown = []
    for plugin in given.summaries:
        glance = given.glances.get(plugin) or _glance(given, plugin)
        if glance and not glance.is_removed and plugin not in tombstones and glance.first_published:
            first, last = glance.first_published, glance.last_published or glance.first_published
            shown.append(
                Card(
                    id=plugin,
                    glance=glance,
                    first_published=first,
                    last_published=last,
                    _given=given,
                    _language=language,
                )
            )
    return {card.id: card for card in sorted(shown, key=attrgetter("place"))}


def _glance(given: CatalogueInput, plugin: PluginId) -> Glance | None:
    entry, record = given.registry.plugins.get(plugin), given.records.get(plugin)
    if entry is None or record is None:
        return None
    return Glance.of(entry, record, given.summaries[plugin], default=given.registry.config.default_channel)


def _is_removed(plugin: PluginId, given: CatalogueInput, tombstones: Container[PluginId]) -> bool:
    entry, record = given.registry.plugins.get(plugin), given.records.get(plugin)
    return (
        entry is None
        or plugin in tombstones
        or entry.listing.status is Status.REMOVED
        or (record is not None and record.status is Status.REMOVED)
    )


def _gone(given: CatalogueInput, book: AdvisoryBook, *, shown: Mapping[PluginId, Card]) -> dict[PluginId, Gone]:
    tombstones = {tombstone.id: tombstone for tombstone in given.registry.reserved.tombstones}
    known = {*tombstones, *given.records, *given.registry.plugins}
    gone = {}
    for plugin in sorted(known - set(shown)):
        if not _is_removed(plugin, given, tombstones):
            continue  # listed, but nothing of it is published yet
        entry, tombstone, record = given.registry.plugins.get(plugin), tombstones.get(plugin), given.records.get(plugin)
        gone[plugin] = Gone(
            id=plugin,
            reason=(tombstone.reason if tombstone else "") or (entry.listing.reason if entry else ""),
            removed_at=tombstone.removed_at if tombstone else None,
            replaced_by=(record.replaced_by if record else None) or (entry.listing.replaced_by if entry else None),
            advisories=book.naming(plugin),
            versions=tuple(sorted(entry.releases, reverse=True)) if entry else (),
        )
    return gone


def _since(cards: Iterable[Card]) -> dict[Name, datetime]:
    since: dict[Name, datetime] = {}
    for card in cards:
        namespace = card.id.namespace
        since[namespace] = min(since.get(namespace, card.first_published), card.first_published)
    return since


def _dependents(cards: Iterable[Card]) -> dict[PluginId, tuple[PluginId, ...]]:
    found: dict[PluginId, list[PluginId]] = defaultdict(list)
    for card in cards:
        for needed in card.glance.needs:
            found[needed].append(card.id)
    return {plugin: tuple(ids) for plugin, ids in found.items()}


def _shelves(cards: Iterable[Card], names: Callable[[Card], Iterable[K]]) -> dict[K, tuple[Card, ...]]:
    shelves: dict[K, list[Card]] = defaultdict(list)
    for card in cards:
        for name in names(card):
            shelves[name].append(card)
    return {name: tuple(some) for name, some in shelves.items()}
