"""Atom feeds: every release, new plugins, advisories.

In: the view. Out: feeds whose addresses are relative and whose entry ids never change. A feed is as old as its
newest entry, so it changes only when there is news.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import quote
from xml.etree import ElementTree as ET

from pluginry.model import layout
from pluginry.model.published import CachePolicy, Phase, PublishedObject, media_type_of
from pluginry.publisher.pages import addresses
from pluginry.publisher.pages.words import plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pluginry.publisher.pages.view import Card, CatalogueView

_NAMESPACE = "http://www.w3.org/2005/Atom"
_MAX_ENTRIES = 50
_NO_NEWS = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One piece of news: ``name`` is unique in the marketplace, ``page`` is the key of where it is told."""

    name: str
    title: str
    text: str
    page: str
    at: datetime
    published: datetime


def feeds(view: CatalogueView) -> Iterator[PublishedObject]:
    """Yield the three feeds."""
    name = view.given.registry.config.name
    yield _feed(view, addresses.RELEASES_FEED, f"{name}: releases", _releases(view))
    yield _feed(view, addresses.NEW_FEED, f"{name}: new plugins", _new_plugins(view))
    yield advisory_feed(view)


def advisory_feed(view: CatalogueView) -> PublishedObject:
    """Return the feed of advisories."""
    name = view.given.registry.config.name
    return _feed(view, addresses.ADVISORIES_FEED, f"{name}: advisories", _advisories(view))


def _releases(view: CatalogueView) -> Iterator[Entry]:
    for card in view.cards.values():
        for release in card.record.releases:
            manifest = view.given.manifests[release.manifest.sha256]
            changes = "\n".join(f"{change.kind}: {change.text}" for change in manifest.changes)
            yield Entry(
                name=f"release:{card.id}:{release.version}",
                title=f"{card.listing.name} {release.version}",
                text=changes or card.listing.summary,
                page=addresses.version_page(card.id, release.version),
                at=release.published_at,
                published=release.published_at,
            )


def _new_plugins(view: CatalogueView) -> Iterator[Entry]:
    for card in view.cards.values():
        yield Entry(
            name=f"plugin:{card.id}",
            title=card.listing.name,
            text=_introduction(card),
            page=addresses.plugin_page(card.id),
            at=card.first_published,
            published=card.first_published,
        )


def _advisories(view: CatalogueView) -> Iterator[Entry]:
    for advisory in view.advisories:
        yield Entry(
            name=f"advisory:{advisory.id}",
            title=f"{advisory.id}: {advisory.summary}",
            text=advisory.details or advisory.summary,
            page=addresses.advisory_page(advisory.id),
            at=advisory.modified,
            published=advisory.published,
        )


def _introduction(card: Card) -> str:
    return f"{card.listing.summary} For {', '.join(card.listing.hosts)}."


def _feed(view: CatalogueView, key: str, title: str, entries: Iterable[Entry]) -> PublishedObject:
    newest = sorted(entries, key=lambda entry: (-entry.at.timestamp(), entry.name))[:_MAX_ENTRIES]
    market = quote(view.given.registry.config.name.casefold(), safe="")
    root = ET.Element("feed", {"xmlns": _NAMESPACE})
    _text(root, "id", f"urn:pluginry:{market}:{quote(key)}")
    _text(root, "title", title)
    _text(root, "updated", _time(newest[0].at if newest else _NO_NEWS))
    _text(ET.SubElement(root, "author"), "name", view.given.registry.config.name)
    ET.SubElement(root, "link", {"rel": "self", "href": layout.relative_address(key, key)})
    ET.SubElement(root, "link", {"rel": "alternate", "href": layout.relative_address(key, addresses.HOME)})
    for entry in newest:
        node = ET.SubElement(root, "entry")
        _text(node, "id", f"urn:pluginry:{market}:{entry.name}")
        _text(node, "title", entry.title)
        _text(node, "updated", _time(entry.at))
        _text(node, "published", _time(entry.published))
        ET.SubElement(node, "link", {"rel": "alternate", "href": layout.relative_address(key, entry.page)})
        _text(node, "summary", entry.text)
    ET.indent(root)
    body = ET.tostring(root, encoding="utf-8", xml_declaration=True) + b"\n"
    return PublishedObject(key=key, body=body, media_type=media_type_of(key), cache=CachePolicy.SHORT, phase=Phase.PAGE)


def _text(parent: ET.Element, tag: str, text: str) -> None:
    ET.SubElement(parent, tag).text = plain(text)


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
