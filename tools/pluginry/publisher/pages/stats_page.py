"""The page of numbers: what can be counted in the catalogue, and what the published documents say besides.

In: the view. Out: one page. It counts what is shown and nothing that anybody does: where downloads are counted
elsewhere, the script of the page reads them from the published statistics.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from pluginry.publisher.pages import addresses

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pluginry.model.published import PublishedObject
    from pluginry.publisher.pages.renderer import Renderer
    from pluginry.publisher.pages.view import Card, CatalogueView

Title = TypeVar("Title", bound=str)
_SHOWN = 20


def stats_page(view: CatalogueView, renderer: Renderer) -> PublishedObject:
    """Return the page of numbers."""
    glances = [card.glance for card in view.cards.values()]
    return renderer.page(
        addresses.STATS,
        "stats.html",
        view=view,
        releases=sum(glance.releases for glance in glances),
        package_bytes=sum(dict(package for glance in glances for package in glance.packages).values()),
        by_host=_longest(view.by_host),
        by_category=_longest(view.by_category),
        asking_nothing=sum(glance.asks_for_nothing for glance in glances),
        deprecated=sum(card.is_deprecated for card in view.cards.values()),
    )


def _longest(shelves: Mapping[Title, tuple[Card, ...]]) -> list[tuple[Title, int]]:
    """Return names and lengths of the longest of `shelves`, the longest first."""
    lengths = ((name, len(cards)) for name, cards in shelves.items())
    return sorted(lengths, key=lambda pair: (-pair[1], pair[0]))[:_SHOWN]
