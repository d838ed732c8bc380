"""Atom feeds: every release, new plugins, advisories, and the releases of each publisher, tag and plugin.

In: an edition. Out: feeds whose entries keep their ids wherever the marketplace lies. Addresses are whole where that of
the marketplace is known, else relative. A feed is as old as its newest entry, so it changes only when there is news.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, partial
from heapq import nsmallest
from itertools import chain
from typing import TYPE_CHECKING
from urllib.parse import quote
from xml.sax.saxutils import escape, quoteattr

from pluginry.model import layout
from pluginry.model.published import CachePolicy, Phase, PublishedObject, media_type_of
from pluginry.publisher.fingerprint import ByDigest
from pluginry.publisher.pages import addresses
from pluginry.publisher.pages.companions import Companion
from pluginry.publisher.pages.words import plain

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

    from pluginry.model.digest import Digest
    from pluginry.model.manifest import Manifest
    from pluginry.model.names import PluginId
    from pluginry.publisher.pages.edition import Edition
    from pluginry.publisher.pages.view import Card, CatalogueView, Gone

MAX_ENTRIES = 50
_NO_NEWS = datetime(1970, 1, 1, tzinfo=UTC)
_NOT_IN_XML = re.compile("[\ufffe\uffff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """One piece of news: ``name`` is unique in the marketplace, ``page`` is the key of where it is told.

    What is new says the ``manifest``, where there is one that says anything, else the ``text``.
    """

    name: str
    title: str
    text: str
    page: str
    published: datetime
    changed: datetime | None = None
    author: str = ""
    manifest: Digest | None = None

    @property
    def at(self) -> datetime:
        """When there was something new last."""
        return self.changed or self.published

    @property
    def place(self) -> tuple[float, str]:
        """Where it stands in feeds."""
        return -self.at.timestamp(), self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class _Contents:
    """What a feed is about, the key of the page on which that stands for people, and how to get its ``news``.

    What the news are ``made_of`` are the cards that they may be of, where these have names, else the news themselves.
    """

    key: str
    what: str
    page: str
    news: Callable[[], Iterable[_Entry]]
    cards: tuple[Card, ...] | None = None

    @property
    def made_of(self) -> object:
        """Return what to compare."""
        names = [card.glance.listed for card in self.cards or ()]
        return names if names and all(names) else _newest(self.news())


def feeds(edition: Edition) -> Iterator[PublishedObject]:
    """Yield all feeds, but for those that are known to be published."""
    view, reuse = edition.view, edition.reuse
    head, told = _head(view), cache(partial(_told, view))
    for one in _contents(edition):
        made_of = (head, view.language, one.key, one.what, one.page, one.made_of)
        yield from reuse.objects(one.key, made_of, partial(_feed_of, head, one, told, view.given.manifests))


def plugin_feeds() -> Companion:
    """Return how to make the feed of a plugin; for what was removed, one that says so."""
    return Companion(
        doing="writing its feed",
        make=lambda card, view: (_feed_of_plugin(card.id, _releases(card, view), view),),
        instead=lambda card, view: (_feed_of_plugin(card.id, (), view),),
        gone=lambda gone, view: (_feed_of_plugin(gone.id, _removal(gone), view),),
    )


def advisory_feed(view: CatalogueView) -> PublishedObject:
    """Return the feed of advisories."""
    what, page, entries = "advisories", addresses.ADVISORIES, _newest(_advisories(view))
    return _feed(_head(view), addresses.ADVISORIES_FEED, what, page, entries, partial(_told, view))


def _contents(edition: Edition) -> Iterator[_Contents]:
    """Yield the contents of each feed that may have changed."""
    view = edition.view

    def releases(key: str, what: str, page: str, cards: Collection[Card]) -> Iterator[_Contents]:
        if not edition.keeps_list(key, cards):
            # No feed holds more than the newest releases of those plugins that had one last.
            some = tuple(nsmallest(MAX_ENTRIES, cards, key=_last_first))
            news = partial(_releases_of, some, view)
            yield _Contents(key=key, what=what, page=page, news=news, cards=some)

    yield from releases(addresses.RELEASES_FEED, "releases", addresses.HOME, view.cards.values())
    newest = tuple(nsmallest(MAX_ENTRIES, view.cards.values(), key=_new_first))
    yield _Contents(
        key=addresses.NEW_FEED,
        what="new plugins",
        page=addresses.HOME,
        news=partial(_new_plugins, newest, view),
        cards=newest,
    )
    yield _Contents(
        key=addresses.ADVISORIES_FEED,
        what="advisories",
        page=addresses.ADVISORIES,
        news=partial(_advisories, view),
    )
    for namespace in sorted({*view.given.registry.namespaces, *view.by_namespace}):
        page, cards = addresses.publisher_page(namespace), view.by_namespace.get(namespace, ())
        yield from releases(addresses.publisher_feed(namespace), f"releases of {namespace}", page, cards)
    for tag, cards in sorted(view.by_tag.items()):
        yield from releases(addresses.tag_feed(tag), f"releases with the tag {tag}", addresses.tag_page(tag), cards)


def _last_first(card: Card) -> tuple[float, str]:
    """Return where the newest entry of a plugin stands among those of others; see `_Entry.place`."""
    return -card.last_published.timestamp(), f"release:{card.id}:"


def _new_first(card: Card) -> tuple[float, PluginId]:
    return -card.first_published.timestamp(), card.id


def _releases_of(cards: Iterable[Card], view: CatalogueView) -> Iterator[_Entry]:
    return chain.from_iterable(_releases(card, view) for card in cards)


def _releases(card: Card, view: CatalogueView) -> Iterator[_Entry]:
    """Yield the releases of a plugin, as far as any feed may hold them."""
    for release in nsmallest(MAX_ENTRIES, card.record.releases, key=lambda one: -one.published_at.timestamp()):
        yield _Entry(
            name=f"release:{card.id}:{release.version}",
            title=f"{card.name} {release.version}",
            text=card.about,
            page=addresses.version_page(card.id, release.version),
            published=release.published_at,
            author=_publisher(card, view),
            manifest=release.manifest.sha256,
        )


def _new_plugins(cards: Iterable[Card], view: CatalogueView) -> Iterator[_Entry]:
    for card in cards:
        yield _Entry(
            name=f"plugin:{card.id}",
            title=card.name,
            text=f"{card.about} For {', '.join(card.glance.hosts)}.",
            page=addresses.plugin_page(card.id),
            published=card.first_published,
            author=_publisher(card, view),
        )


def _advisories(view: CatalogueView) -> Iterator[_Entry]:
    for advisory in view.advisories:
        yield _Entry(
            name=f"advisory:{advisory.id}",
            title=f"{advisory.id}: {advisory.summary}",
            text=advisory.details or advisory.summary,
            page=addresses.advisory_page(advisory.id),
            published=advisory.published,
            changed=advisory.modified,
        )


def _removal(gone: Gone) -> Iterator[_Entry]:
    """Yield the last news of a plugin that was removed, if it is known when that was."""
    if gone.removed_at:
        title, page = f"{gone.id} was removed", addresses.plugin_page(gone.id)
        text = gone.reason or title
        yield _Entry(name=f"removal:{gone.id}", title=title, text=text, page=page, published=gone.removed_at)


def _publisher(card: Card, view: CatalogueView) -> str:
    namespace = view.given.registry.namespaces.get(card.id.namespace)
    return (namespace.title if namespace else "") or card.id.namespace


def _told(view: CatalogueView, entry: _Entry) -> str:
    """Return all of an entry that is the same in every feed."""
    changes = view.given.manifests[entry.manifest].changes if entry.manifest else ()
    text = "\n".join(f"{change.kind}: {change.text}" for change in changes) or entry.text
    by = f"    <author><name>{_text(entry.author)}</name></author>\n" if entry.author else ""
    return (
        f"    <id>{_id(view.given.registry.config.name, entry.name)}</id>\n"
        f"    <title>{_text(entry.title)}</title>\n"
        f"    <updated>{_time(entry.at)}</updated>\n"
        f"    <published>{_time(entry.published)}</published>\n"
        f"{by}"
        f"    <summary>{_text(text)}</summary>\n"
    )


def _newest(entries: Iterable[_Entry]) -> tuple[_Entry, ...]:
    return tuple(nsmallest(MAX_ENTRIES, entries, key=lambda entry: entry.place))


def _head(view: CatalogueView) -> tuple[str, str]:
    """Return what every feed says of the marketplace: its name and its address."""
    config = view.given.registry.config
    return config.name, config.base_url


def _feed_of_plugin(plugin: PluginId, news: Iterable[_Entry], view: CatalogueView) -> PublishedObject:
    key, what, page = addresses.plugin_feed(plugin), f"releases of {plugin}", addresses.plugin_page(plugin)
    return _feed(_head(view), key, what, page, _newest(news), partial(_told, view))


def _feed_of(
    head: tuple[str, str], one: _Contents, told: Callable[[_Entry], str], manifests: Mapping[Digest, Manifest]
) -> Iterator[PublishedObject]:
    newest = _newest(one.news())
    if isinstance(manifests, ByDigest):
        manifests.expect(entry.manifest for entry in newest if entry.manifest)
    yield _feed(head, one.key, one.what, one.page, newest, told)


def _feed(
    head: tuple[str, str],
    key: str,
    what: str,
    page: str,
    newest: Sequence[_Entry],
    told: Callable[[_Entry], str],
) -> PublishedObject:
    """Return the feed of `what`, which for people stands on the page with the key `page`."""
    market, base = head[0], addresses.whole(head[1])

    def link(kind: str, target: str) -> str:
        return f'<link rel="{kind}" href={quoteattr(base + target if base else layout.relative_address(key, target))}/>'

    body = (
        '<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">\n'
        f"  <id>{_id(market, key)}</id>\n"
        f"  <title>{_text(f'{market}: {what}')}</title>\n"
        f"  <updated>{_time(newest[0].at if newest else _NO_NEWS)}</updated>\n"
        f"  <author><name>{_text(market)}</name></author>\n"
        f"  {link('self', key)}\n"
        f"  {link('alternate', page)}\n"
        + "".join(f"  <entry>\n{told(one)}    {link('alternate', one.page)}\n  </entry>\n" for one in newest)
        + "</feed>\n"
    )
    kind = media_type_of(key)
    return PublishedObject(key=key, body=body.encode(), media_type=kind, cache=CachePolicy.SHORT, phase=Phase.PAGE)


def _id(market: str, name: str) -> str:
    """Return a URN that says nothing of where the marketplace lies: a mirror or a move makes nothing new."""
    return f"urn:pluginry:{quote(plain(market).casefold(), safe='')}:{quote(name, safe='/:+')}"


def _text(text: str) -> str:
    return escape(_NOT_IN_XML.sub("", plain(text)))


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
