"""Atom feeds: every release, new plugins, advisories, and the releases of each plugin, publisher and tag.

In: the view. Out: feeds whose entries keep their ids wherever the marketplace lies. Addresses are whole where that of
the marketplace is known, else relative. A feed is as old as its newest entry, so it changes only when there is news.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from heapq import nsmallest
from itertools import chain
from typing import TYPE_CHECKING
from urllib.parse import quote
from xml.sax.saxutils import escape, quoteattr

from pluginry.model import layout
from pluginry.model.published import CachePolicy, Phase, PublishedObject, media_type_of
from pluginry.publisher.pages import addresses
from pluginry.publisher.pages.words import plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pluginry.publisher.pages.view import Card, CatalogueView, Gone

MAX_ENTRIES = 50
_NO_NEWS = datetime(1970, 1, 1, tzinfo=UTC)
_NOT_IN_XML = re.compile("[\ufffe\uffff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """One piece of news: ``name`` is unique in the marketplace, ``page`` is the key of where it is told.

    ``xml`` is all of it that is the same in every feed.
    """

    name: str
    page: str
    at: datetime
    xml: str

    @property
    def place(self) -> tuple[float, str]:
        """Where it stands in feeds."""
        return -self.at.timestamp(), self.name


def feeds(view: CatalogueView) -> Iterator[PublishedObject]:
    """Yield all feeds."""
    releases = {card.id: tuple(_releases(card, view)) for card in view.cards.values()}
    yield _feed(view, addresses.RELEASES_FEED, "releases", addresses.HOME, chain.from_iterable(releases.values()))
    yield _feed(view, addresses.NEW_FEED, "new plugins", addresses.HOME, _new_plugins(view))
    yield advisory_feed(view)
    for card in view.cards.values():
        page = addresses.plugin_page(card.id)
        yield _feed(view, addresses.plugin_feed(card.id), f"releases of {card.id}", page, releases[card.id])
    for gone in view.gone.values():
        page = addresses.plugin_page(gone.id)
        yield _feed(view, addresses.plugin_feed(gone.id), f"releases of {gone.id}", page, _removal(gone, view))
    for namespace in sorted({*view.given.registry.namespaces, *view.by_namespace}):
        page = addresses.publisher_page(namespace)
        news = chain.from_iterable(releases[card.id] for card in view.by_namespace.get(namespace, ()))
        yield _feed(view, addresses.publisher_feed(namespace), f"releases of {namespace}", page, news)
    for tag, cards in sorted(view.by_tag.items()):
        news = chain.from_iterable(releases[card.id] for card in cards)
        yield _feed(view, addresses.tag_feed(tag), f"releases with the tag {tag}", addresses.tag_page(tag), news)


def advisory_feed(view: CatalogueView) -> PublishedObject:
    """Return the feed of advisories."""
    return _feed(view, addresses.ADVISORIES_FEED, "advisories", addresses.ADVISORIES, _advisories(view))


def _releases(card: Card, view: CatalogueView) -> Iterator[_Entry]:
    """Yield the releases of a plugin, as far as any feed may hold them."""
    for release in nsmallest(MAX_ENTRIES, card.record.releases, key=lambda one: -one.published_at.timestamp()):
        manifest = view.given.manifests[release.manifest.sha256]
        changes = "\n".join(f"{change.kind}: {change.text}" for change in manifest.changes)
        yield _entry(
            view,
            f"release:{card.id}:{release.version}",
            f"{card.listing.name} {release.version}",
            changes or card.listing.summary,
            page=addresses.version_page(card.id, release.version),
            published=release.published_at,
            author=_publisher(card, view),
        )


def _new_plugins(view: CatalogueView) -> Iterator[_Entry]:
    for card in nsmallest(MAX_ENTRIES, view.cards.values(), key=lambda one: (-one.first_published.timestamp(), one.id)):
        yield _entry(
            view,
            f"plugin:{card.id}",
            card.listing.name,
            f"{card.listing.summary} For {', '.join(card.listing.hosts)}.",
            page=addresses.plugin_page(card.id),
            published=card.first_published,
            author=_publisher(card, view),
        )


def _advisories(view: CatalogueView) -> Iterator[_Entry]:
    for advisory in view.advisories:
        yield _entry(
            view,
            f"advisory:{advisory.id}",
            f"{advisory.id}: {advisory.summary}",
            advisory.details or advisory.summary,
            page=addresses.advisory_page(advisory.id),
            published=advisory.published,
            changed=advisory.modified,
        )


def _removal(gone: Gone, view: CatalogueView) -> Iterator[_Entry]:
    """Yield the last news of a plugin that was removed, if it is known when that was."""
    if gone.removed_at:
        title = f"{gone.id} was removed"
        page = addresses.plugin_page(gone.id)
        yield _entry(view, f"removal:{gone.id}", title, gone.reason or title, page=page, published=gone.removed_at)


def _publisher(card: Card, view: CatalogueView) -> str:
    namespace = view.given.registry.namespaces.get(card.id.namespace)
    return (namespace.title if namespace else "") or card.id.namespace


def _entry(
    view: CatalogueView,
    name: str,
    title: str,
    text: str,
    *,
    page: str,
    published: datetime,
    changed: datetime | None = None,
    author: str = "",
) -> _Entry:
    at = changed or published
    by = f"    <author><name>{_text(author)}</name></author>\n" if author else ""
    return _Entry(
        name=name,
        page=page,
        at=at,
        xml=(
            f"    <id>{_id(view, name)}</id>\n"
            f"    <title>{_text(title)}</title>\n"
            f"    <updated>{_time(at)}</updated>\n"
            f"    <published>{_time(published)}</published>\n"
            f"{by}"
            f"    <summary>{_text(text)}</summary>\n"
        ),
    )


def _feed(view: CatalogueView, key: str, what: str, page: str, entries: Iterable[_Entry]) -> PublishedObject:
    """Return the feed of `what`, which for people stands on the page with the key `page`."""
    newest = nsmallest(MAX_ENTRIES, entries, key=lambda entry: entry.place)
    config = view.given.registry.config
    base = addresses.whole(config.base_url)

    def link(kind: str, target: str) -> str:
        return f'<link rel="{kind}" href={quoteattr(base + target if base else layout.relative_address(key, target))}/>'

    body = (
        '<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">\n'
        f"  <id>{_id(view, key)}</id>\n"
        f"  <title>{_text(f'{config.name}: {what}')}</title>\n"
        f"  <updated>{_time(newest[0].at if newest else _NO_NEWS)}</updated>\n"
        f"  <author><name>{_text(config.name)}</name></author>\n"
        f"  {link('self', key)}\n"
        f"  {link('alternate', page)}\n"
        + "".join(f"  <entry>\n{one.xml}    {link('alternate', one.page)}\n  </entry>\n" for one in newest)
        + "</feed>\n"
    )
    return PublishedObject(
        key=key, body=body.encode(), media_type=media_type_of(key), cache=CachePolicy.SHORT, phase=Phase.PAGE
    )


def _id(view: CatalogueView, name: str) -> str:
    """Return a URN that says nothing of where the marketplace lies: a mirror or a move makes nothing new."""
    market = quote(plain(view.given.registry.config.name).casefold(), safe="")
    return f"urn:pluginry:{market}:{quote(name, safe='/:+')}"


def _text(text: str) -> str:
    return escape(_NOT_IN_XML.sub("", plain(text)))


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
