"""What lies beside the page of each plugin and is made of this plugin alone: its feed, its badges, its cards.

In: an edition, and the kinds of such files. Out: the files of every plugin, also of removed ones, but for what is known
to be published. All of a plugin are one unit, for none of them changes without a change of the plugin. Where
one kind is rescued, something else takes its place, and all of the plugin are made again the next time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pluginry.publisher.pages.rescue import nobody
from pluginry.publisher.reuse import untold

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from pluginry.model.published import PublishedObject
    from pluginry.publisher.pages.edition import Edition
    from pluginry.publisher.pages.excerpts import Excerpt
    from pluginry.publisher.pages.rescue import Rescuing
    from pluginry.publisher.pages.view import Card, CatalogueView, Gone
    from pluginry.publisher.reuse import Tell


@dataclass(frozen=True, slots=True, kw_only=True)
class Companion:
    """One kind of files: how to ``make`` those of a plugin from a view that holds nothing but the plugin.

    While that is rescued, from ``doing`` so, there is something ``instead``; another thing where a plugin is ``gone``.
    """

    doing: str
    make: Callable[[Card, CatalogueView], Iterable[PublishedObject]]
    instead: Callable[[Card, CatalogueView], Iterable[PublishedObject]]
    gone: Callable[[Gone, CatalogueView], Iterable[PublishedObject]] = lambda _gone, _view: ()


def companions(edition: Edition, kinds: Iterable[Companion], rescuing: Rescuing = nobody) -> Iterator[PublishedObject]:
    """Yield the files of all `kinds` of every plugin, but for what is known."""
    kinds, view = tuple(kinds), edition.view
    for card in view.cards.values():
        plugin = str(card.id)
        unit = f"beside/{plugin}"
        if edition.keeps_alone(unit, (plugin,)):
            continue
        excerpt = edition.excerpts.alone(card)
        tell: Tell | None = untold  # what goes wrong here goes wrong again where files are made
        with rescuing(card.id, "comparing it"):
            tell = edition.reuse.begin(unit, excerpt.made_of())
        if tell:
            yield from _files(card, excerpt, kinds, view, rescuing, tell)
    for gone in view.gone.values():
        for kind in kinds:
            yield from kind.gone(gone, view)


def _files(
    card: Card, excerpt: Excerpt, kinds: tuple[Companion, ...], view: CatalogueView, rescuing: Rescuing, tell: Tell
) -> Iterator[PublishedObject]:
    made: list[PublishedObject] = []
    is_whole = True
    for kind in kinds:
        files: tuple[PublishedObject, ...] | None = None
        with rescuing(card.id, kind.doing):
            files = tuple(kind.make(card, excerpt.view))
        is_whole = is_whole and files is not None
        made += kind.instead(card, view) if files is None else files
    if is_whole:
        tell(made)
    yield from made
