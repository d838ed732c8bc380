"""Which pictures a marketplace gives other sites for its links: its own, and if the operator wants so, one per plugin.

In: the view. Out: PNG files. There are none where the address of the marketplace is not known: pages could not name
them. Where the card of a plugin cannot be drawn, the one of the marketplace lies in its place.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pluginry.model.published import CachePolicy, Phase, PublishedObject, media_type_of
from pluginry.publisher.pages import addresses
from pluginry.publisher.pages.companions import Companion
from pluginry.publisher.pages.social_card import ACCENT, SocialCard, draw

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pluginry.publisher.pages.kept_pictures import KeptPictures
    from pluginry.publisher.pages.view import Card, CatalogueView


def card_of_marketplace(view: CatalogueView, drawing: KeptPictures) -> Iterator[PublishedObject]:
    """Yield the marketplace's own card, if its address is known."""
    if view.given.registry.config.base_url:
        yield _drawn(addresses.SITE_CARD, _of_marketplace(view), view.given.registry.site.logo, drawing)


def social_cards(drawing: KeptPictures) -> Companion:
    """Return how to make the card of a plugin, if the operator wants these."""

    def make(card: Card, view: CatalogueView) -> Iterator[PublishedObject]:
        if _are_wanted(view):
            entry, key = view.given.registry.plugins[card.id], addresses.plugin_card(card.id)
            yield _drawn(key, _of_plugin(card, view), entry.icon, drawing)

    def instead(card: Card, view: CatalogueView) -> Iterator[PublishedObject]:
        if _are_wanted(view):
            yield from (replace(one, key=addresses.plugin_card(card.id)) for one in card_of_marketplace(view, drawing))

    return Companion(doing="drawing its card", make=make, instead=instead)


def _are_wanted(view: CatalogueView) -> bool:
    config = view.given.registry.config
    return bool(config.base_url) and config.site.social_cards


def _of_marketplace(view: CatalogueView) -> SocialCard:
    config = view.given.registry.config
    initial = config.name[:1].lower()
    return SocialCard(
        title=(config.name, _place(view)),
        market=(_place(view),),
        summary=config.summary,
        letter=initial if initial.isascii() and initial.isalnum() else _place(view)[0],
        hue=0,
        accent=_accent(view),
    )


def _of_plugin(card: Card, view: CatalogueView) -> SocialCard:
    namespace = view.given.registry.namespaces.get(card.id.namespace)
    return SocialCard(
        title=(str(card.listing.name), card.id.name),
        market=(view.given.registry.config.name, _place(view)),
        summary=str(card.listing.summary),
        publisher=(namespace.title if namespace else "") or card.id.namespace,
        letter=card.id.name[0],
        hue=addresses.hue_of(card.id),
        accent=_accent(view),
    )


def _accent(view: CatalogueView) -> str:
    accent = view.given.registry.config.site.accent
    return accent.light if accent else ACCENT


def _place(view: CatalogueView) -> str:
    return urlsplit(view.given.registry.config.base_url).netloc


def _drawn(key: str, card: SocialCard, icon: bytes | None, drawing: KeptPictures) -> PublishedObject:
    picture = drawing.icon(icon) if icon else None
    body = draw(replace(card, icon=picture.body if picture else None))
    return PublishedObject(key=key, body=body, media_type=media_type_of(key), cache=CachePolicy.SHORT, phase=Phase.PAGE)
