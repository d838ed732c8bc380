"""robots.txt, and the sitemap: which pages there are, and of plugins the last news.

In: the view. Out: one sitemap, or several and an index of them where one may not hold all. Times come from
releases, so a sitemap changes only when there is news. Tombstones are never in it, and neither are pages of single
advisories: those are published at times when nothing else is.
"""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from pluginry.model.published import CachePolicy, Phase, PublishedObject, media_type_of
from pluginry.publisher.pages import addresses
from pluginry.publisher.pages.languages import ENGLISH

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from pluginry.publisher.pages.languages import Language
    from pluginry.publisher.pages.view import CatalogueView

SITEMAP = "sitemap.xml"
MAX_URLS = 50_000  # what the protocol allows in one file
_SHELVES = (
    addresses.HOME,
    addresses.ALL_PLUGINS,
    addresses.CATEGORIES,
    addresses.TAGS,
    addresses.PUBLISHERS,
    addresses.HOSTS,
    addresses.ADVISORIES,
    addresses.DOCS,
)


def for_robots(
    view: CatalogueView, languages: tuple[Language, ...] = (ENGLISH,), *, max_urls: int = MAX_URLS
) -> Iterator[PublishedObject]:
    """Yield robots.txt, and a sitemap when the marketplace has an address: sitemaps cannot be relative."""
    base = view.given.registry.config.base_url.rstrip("/")
    lines = ["User-agent: *", "Allow: /", *([f"Sitemap: {base}/{SITEMAP}"] if base else [])]
    yield _text_file("robots.txt", "\n".join(lines) + "\n")
    if not base:
        return
    pages = [(language.key(key), at) for language in languages for key, at in _pages(view)]
    parts = [pages[start : start + max_urls] for start in range(0, len(pages), max_urls)]
    if len(parts) == 1:
        yield _list("urlset", "url", SITEMAP, base, pages)
        return
    names = [f"sitemap-{number}.xml" for number in range(1, len(parts) + 1)]
    for name, part in zip(names, parts, strict=True):
        yield _list("urlset", "url", name, base, part)
    yield _list("sitemapindex", "sitemap", SITEMAP, base, [(name, None) for name in names])


def _pages(view: CatalogueView) -> Iterator[tuple[str, datetime | None]]:
    """Yield the key of each page, and when there was news on it where that is known."""
    yield from ((key, None) for key in _SHELVES)
    yield from ((addresses.host_page(host), None) for host in view.by_host if view.host(host))
    known = (category.id for category in view.given.registry.config.categories)
    yield from ((addresses.category_page(category), None) for category in known if addresses.is_segment(category))
    yield from ((addresses.publisher_page(namespace), None) for namespace in view.by_namespace)
    for card in view.cards.values():
        yield addresses.plugin_page(card.id), card.last_published


def _list(
    root: str, child: str, key: str, base: str, entries: Iterable[tuple[str, datetime | None]]
) -> PublishedObject:
    lines = "".join(f"  <{child}><loc>{escape(f'{base}/{page}')}</loc>{_since(at)}</{child}>\n" for page, at in entries)
    return _text_file(
        key,
        '<?xml version="1.0" encoding="utf-8"?>\n'
        f'<{root} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{lines}</{root}>\n',
    )


def _since(at: datetime | None) -> str:
    return f"<lastmod>{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}</lastmod>" if at else ""


def _text_file(key: str, text: str) -> PublishedObject:
    return PublishedObject(
        key=key, body=text.encode(), media_type=media_type_of(key), cache=CachePolicy.SHORT, phase=Phase.PAGE
    )
