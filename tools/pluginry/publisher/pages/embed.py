"""Cards of plugins that other sites show in a frame, and the lines that authors put into their READMEs.

In: the view. Out: a small page without scripts for every plugin, also for one that was removed, and texts to copy.
Only these pages may be framed; `model/headers.py` says so to servers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pluginry.model.headers import EMBEDDED_POLICY
from pluginry.publisher.pages import addresses
from pluginry.publisher.pages.badges import KINDS, Standing, standing_of
from pluginry.publisher.pages.companions import Companion

if TYPE_CHECKING:
    from pluginry.model.names import PluginId
    from pluginry.model.published import PublishedObject
    from pluginry.publisher.pages.renderer import Renderer
    from pluginry.publisher.pages.view import Card, CatalogueView

WIDTH_PX, HEIGHT_PX = 420, 170
SOME_ADDRESS = "https://ADDRESS-OF-THE-MARKETPLACE"
"""Stands in the lines to copy where the marketplace does not know its own address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What a card shows of a plugin; empty is what there is nothing to say of."""

    id: PluginId
    name: str
    icon: str
    standing: Standing
    summary: str = ""
    version: str = ""
    publisher: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """What an author copies: badges in Markdown and in HTML, and a frame with the card."""

    markdown: str
    html: str
    frame: str
    has_address: bool


def embedded_cards(renderer: Renderer) -> Companion:
    """Return how to make the card of a plugin; for what is rescued, and for what was removed, one that says so."""
    return Companion(
        doing="drawing its card for other sites",
        make=lambda card, view: (_page(_shown(card, view), renderer),),
        instead=lambda card, _: (_page(_bare(card.id, Standing.UNKNOWN), renderer),),
        gone=lambda gone, _: (_page(_bare(gone.id, Standing.REMOVED), renderer),),
    )


def lines_for(plugin: PluginId, base_url: str) -> Lines:
    """Return what the authors of `plugin` copy; addresses are those below `base_url` where that is known."""
    base = base_url.rstrip("/") or SOME_ADDRESS
    page = f"{base}/{addresses.plugin_page(plugin)}"
    pictures = {kind: f"{base}/{addresses.badge(plugin, kind)}" for kind in KINDS}
    return Lines(
        markdown="\n".join(f"[![{plugin}: {kind}]({picture})]({page})" for kind, picture in pictures.items()),
        html="\n".join(
            f'<a href="{page}"><img src="{picture}" alt="{plugin}: {kind}" height="20"></a>'
            for kind, picture in pictures.items()
        ),
        frame=f'<iframe src="{base}/{addresses.embedded_card(plugin)}" title="{plugin}" width="{WIDTH_PX}"'
        f' height="{HEIGHT_PX}" style="border:0;max-width:100%" loading="lazy"></iframe>',
        has_address=bool(base_url),
    )


def _shown(card: Card, view: CatalogueView) -> Shown:
    namespace = view.given.registry.namespaces.get(card.id.namespace)
    return Shown(
        id=card.id,
        name=card.listing.name,
        icon=view.pictures[card.id].icon,
        standing=standing_of(card, view),
        summary=card.listing.summary,
        version=str((card.newest or card.record.releases[0]).version),
        publisher=namespace.title if namespace else card.id.namespace,
    )


def _bare(plugin: PluginId, standing: Standing) -> Shown:
    return Shown(id=plugin, name=str(plugin), icon=addresses.MARK, standing=standing)


def _page(shown: Shown, renderer: Renderer) -> PublishedObject:
    return renderer.page(addresses.embedded_card(shown.id), "embed.html", shown=shown, policy=EMBEDDED_POLICY)
