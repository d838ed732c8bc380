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
from pluginry.model.on_demand import OnDemand
from pluginry.model.published import PublishedObject, json_page
from pluginry.publisher.glance import listed_of
from pluginry.publisher.pages import addresses
from pluginry.publisher.pages.advisory_pages import advisory_pages, signers_page
from pluginry.publisher.pages.badges import BADGES
from pluginry.publisher.pages.catalogue_input import CatalogueInput
from pluginry.publisher.pages.companions import companions
from pluginry.publisher.pages.doc_pages import doc_pages
from pluginry.publisher.pages.edition import Edition
from pluginry.publisher.pages.embed import embedded_cards
from pluginry.publisher.pages.feeds import advisory_feed, feeds, plugin_feeds
from pluginry.publisher.pages.find_data import find_data
from pluginry.publisher.pages.kept_pictures import NOT_KEPT
from pluginry.publisher.pages.language_choice import languages_of
from pluginry.publisher.pages.lists import front_page, list_pages
from pluginry.publisher.pages.localised import in_language
from pluginry.publisher.pages.own_look import frame_of, own_files, own_pages
from pluginry.publisher.pages.plugin_pages import plugin_pages
from pluginry.publisher.pages.plugin_pictures import Pictures, letter_object, letter_of, pictures_of
from pluginry.publisher.pages.renderer import Renderer
from pluginry.publisher.pages.rescue import nobody
from pluginry.publisher.pages.script_words import words_of_scripts
from pluginry.publisher.pages.sitemap import for_robots
from pluginry.publisher.pages.social_cards import card_of_marketplace, social_cards
from pluginry.publisher.pages.stats_page import stats_page
from pluginry.publisher.pages.view import view_of
from pluginry.publisher.reuse import AFRESH

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pluginry.model.registry import PluginEntry, Registry
    from pluginry.publisher.pages.kept_pictures import KeptPictures
    from pluginry.publisher.pages.languages import Language
    from pluginry.publisher.pages.rescue import Rescuing
    from pluginry.publisher.pages.view import Card
    from pluginry.publisher.reuse import Afresh

__all__ = ["CatalogueInput", "advisory_site", "site"]


def site(
    given: CatalogueInput, *, rescuing: Rescuing = nobody, reuse: Afresh = AFRESH, drawing: KeptPictures = NOT_KEPT
) -> Iterator[PublishedObject]:
    """Yield every file of the catalogue.

    Templates, assets and documentation pages of the registry go before the shipped ones of the same name.
    What goes wrong with one plugin is left to `rescuing`: where that lets the others go on, pages take its place.
    What `reuse` knows to be published is left out. Pictures are drawn by `drawing`.

    Raises:
        DocumentError: this installation has no templates, or one of them is wrong.

    """
    languages = languages_of(given.registry)
    default = languages[0]
    view = view_of(in_language(given, default), default)
    renderer = _renderer(view.given, languages, default)
    drawn, undrawn = {}, set()
    for plugin in (card.id for card in view.cards.values() if card.glance.is_pictured):
        files: tuple[PublishedObject, ...] = ()
        undrawn.add(plugin)
        with rescuing(plugin, "drawing its pictures"):
            drawn[plugin], files = _pictures(view.cards[plugin], given.registry, reuse, drawing)
            undrawn.remove(plugin)
        yield from files
    pictures = OnDemand(view.cards, letter_of, drawn)
    view = replace(view, pictures=pictures, undrawn=frozenset(undrawn))
    yield from map(letter_object, {addresses.letter_icon(plugin): plugin for plugin in view.cards}.values())
    yield from renderer.assets()
    yield from own_files(given.registry)
    yield from card_of_marketplace(view, drawing)
    kinds = (social_cards(drawing), BADGES, embedded_cards(renderer), plugin_feeds())
    edition = Edition(view, reuse, renderer.made_of)
    yield from companions(edition, kinds, rescuing)
    yield json_page(addresses.RANKING, canonical_json.encode(ranking.as_plain()))
    yield from find_data(edition)
    yield from _pages(edition, renderer, rescuing)
    for language in languages[1:]:
        other = replace(view_of(in_language(given, language), language), pictures=pictures, undrawn=view.undrawn)
        other_renderer = _renderer(other.given, languages, language)
        other_edition = Edition(other, reuse, other_renderer.made_of)
        yield from language.placed(find_data(other_edition))
        yield from language.placed(_pages(other_edition, other_renderer, rescuing))
    yield from words_of_scripts(languages)
    yield from feeds(edition)
    yield from for_robots(view, languages)


def _pictures(
    card: Card, registry: Registry, reuse: Afresh, drawing: KeptPictures
) -> tuple[Pictures, tuple[PublishedObject, ...]]:
    def drawn() -> PluginEntry:
        return listed_of(registry.plugins[card.id])

    made_of = card.glance.listed or drawn()
    return reuse.with_value(f"pictures/{card.id}", made_of, lambda: pictures_of(drawn(), drawing), Pictures)


def advisory_site(given: CatalogueInput) -> Iterator[PublishedObject]:
    """Yield the pages and the feed about advisories, with the bytes that `site` gives them; errors as there.

    Of what `given` holds, only the plugins that advisories name or hit are looked at.
    """
    languages = languages_of(given.registry)
    for language in languages:
        view = view_of(in_language(given, language), language)
        yield from language.placed(advisory_pages(view, _renderer(view.given, languages, language)))
        if language is languages[0]:
            yield advisory_feed(view)


def _renderer(given: CatalogueInput, languages: tuple[Language, ...], language: Language) -> Renderer:
    frame = frame_of(given.registry, given.policy.instance, languages)
    return Renderer(frame, given.registry.site.templates, language)


def _pages(edition: Edition, renderer: Renderer, rescuing: Rescuing) -> Iterator[PublishedObject]:
    view = edition.view
    yield front_page(view, renderer)
    yield from list_pages(edition, renderer)
    yield from plugin_pages(edition, renderer, rescuing)
    yield from advisory_pages(view, renderer, *edition.without_plugins())
    yield signers_page(view, renderer)
    yield stats_page(view, renderer)
    yield from doc_pages(edition, renderer)
    yield from own_pages(view, renderer)
    yield from _plain_pages(edition, renderer)
    releases = sum(card.glance.releases for card in view.cards.values())
    yield renderer.page(addresses.ABOUT, "about.html", view=view, given=view.given, releases=releases)


def _plain_pages(edition: Edition, renderer: Renderer) -> Iterator[PublishedObject]:
    """Yield the pages that say nothing of any plugin."""
    view, (reuse, excerpt) = edition.view, edition.without_plugins()
    yield from reuse.page(renderer, addresses.COMPARE, "compare.html", excerpt)
    yield from reuse.page(renderer, addresses.QUEUE, "queue.html", excerpt)
    yield from reuse.page(renderer, addresses.FEEDS, "feeds.html", excerpt)
    if renderer.language.prefix:
        return
    # An error page is shown at any depth: only the path of the marketplace's own address leads back from there.
    root = (
        urlsplit(view.given.registry.config.base_url).path.rstrip("/") + "/"
        if view.given.registry.config.base_url
        else ""
    )
    yield from reuse.page(renderer, addresses.NOT_FOUND, "not_found.html", excerpt, root=root)
