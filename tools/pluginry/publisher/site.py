"""Stage *site*: from registry, records and index to the catalogue that people browse.

In: `CatalogueInput`. Out: pages, pictures, style, scripts and feeds, all relative, complete without scripts and
free of anything from elsewhere. Pure: the same input gives the same bytes. The site is presentation only; no
client trusts any of it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pluginry.encoding import canonical_json
from pluginry.model import ranking
from pluginry.model.published import PublishedObject, json_page
from pluginry.publisher.pages import addresses
from pluginry.publisher.pages.advisory_pages import advisory_pages, signers_page
from pluginry.publisher.pages.catalogue_input import CatalogueInput
from pluginry.publisher.pages.doc_pages import doc_pages
from pluginry.publisher.pages.feeds import advisory_feed, feeds
from pluginry.publisher.pages.find_data import find_data
from pluginry.publisher.pages.lists import front_page, list_pages
from pluginry.publisher.pages.own_look import frame_of, own_files, own_pages
from pluginry.publisher.pages.plugin_pages import plugin_pages
from pluginry.publisher.pages.plugin_pictures import Pictures, letter_object, pictures_of
from pluginry.publisher.pages.renderer import Renderer
from pluginry.publisher.pages.rescue import nobody
from pluginry.publisher.pages.sitemap import for_robots
from pluginry.publisher.pages.stats_page import stats_page
from pluginry.publisher.pages.view import view_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pluginry.publisher.pages.rescue import Rescuing
    from pluginry.publisher.pages.view import CatalogueView

__all__ = ["CatalogueInput", "advisory_site", "site"]


def site(given: CatalogueInput, *, rescuing: Rescuing = nobody) -> Iterator[PublishedObject]:
    """Yield every file of the catalogue.

    Templates, assets and documentation pages of the registry go before the shipped ones of the same name.
    What goes wrong with one plugin is left to `rescuing`: where that lets the others go on, pages take its place.

    Raises:
        DocumentError: this installation has no templates, or one of them is wrong.

    """
    renderer = _renderer(given)
    view = view_of(given)
    pictures = {}
    for plugin in view.cards:
        pictures[plugin] = Pictures(icon=addresses.letter_icon(plugin))
        files: tuple[PublishedObject, ...] = ()
        with rescuing(plugin, "drawing its pictures"):
            pictures[plugin], files = pictures_of(given.registry.plugins[plugin])
        yield from files
    view = replace(view, pictures=pictures)
    yield from _letters(view)
    yield from renderer.assets()
    yield from own_files(given.registry)
    yield json_page(addresses.RANKING, canonical_json.encode(ranking.as_plain()))
    yield from find_data(view)
    yield from _pages(view, renderer, rescuing)
    yield from feeds(view)
    yield from for_robots(view)


def advisory_site(given: CatalogueInput) -> Iterator[PublishedObject]:
    """Yield the pages and the feed about advisories, with the bytes that `site` gives them; errors as there.

    Of what `given` holds, only the plugins that advisories name or hit are looked at.
    """
    view = view_of(given)
    yield from advisory_pages(view, _renderer(given))
    yield advisory_feed(view)


def _renderer(given: CatalogueInput) -> Renderer:
    return Renderer(frame_of(given.registry, given.policy.instance), given.registry.site.templates)


def _pages(view: CatalogueView, renderer: Renderer, rescuing: Rescuing) -> Iterator[PublishedObject]:
    yield front_page(view, renderer)
    yield from list_pages(view, renderer)
    yield from plugin_pages(view, renderer, rescuing)
    yield from advisory_pages(view, renderer)
    yield signers_page(view, renderer)
    yield stats_page(view, renderer)
    yield from doc_pages(view, renderer)
    yield from own_pages(view, renderer)
    yield renderer.page(addresses.FEEDS, "feeds.html", view=view)
    yield renderer.page(addresses.ABOUT, "about.html", view=view, given=view.given)
    # An error page is shown at any depth: only the path of the marketplace's own address leads back from there.
    root = (
        urlsplit(view.given.registry.config.base_url).path.rstrip("/") + "/"
        if view.given.registry.config.base_url
        else ""
    )
    yield renderer.page(addresses.NOT_FOUND, "not_found.html", root=root, view=view)


def _letters(view: CatalogueView) -> Iterator[PublishedObject]:
    """Yield the letter icons."""
    files = {letter.key: letter for letter in map(letter_object, view.cards)}
    yield from files.values()
