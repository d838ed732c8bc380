"""The catalogue in one language, and what of it can stay as it was made the last time.

In: the view, what was made of what the last time. Out: the `Excerpts` that pages are made of, and whether what is made
of nothing but some plugins, and of where these stand, can stay: then nobody looks at what exactly that was. Plugins are
compared by the names of all that is shown of them, and all lists at once by a name for all that decides who is on which
list, and who stands beside whom: it changes when a plugin comes, goes, or says something else of itself.
"""

from __future__ import annotations

import hashlib
from itertools import compress
from typing import TYPE_CHECKING

from pluginry.publisher.fingerprint import Fingerprints
from pluginry.publisher.pages.excerpts import Excerpt, Excerpts
from pluginry.publisher.reuse import AFRESH

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from pluginry.publisher.pages.renderer import Look
    from pluginry.publisher.pages.view import Card, CatalogueView
    from pluginry.publisher.reuse import Afresh


class Edition:
    """What is made of one ``view``, with a `look`, but for what ``reuse`` knows."""

    def __init__(self, view: CatalogueView, reuse: Afresh = AFRESH, look: Look | None = None) -> None:
        self.view = view
        self.reuse = reuse
        self.excerpts = Excerpts(view, look)
        cards, tag, common = view.cards.values(), view.language.tag, self.excerpts.common
        # Both are asked whether the answers are needed or not: what is asked is remembered.
        names = self.excerpts.names()
        self._same = reuse.same(f"plugins/{tag}", common, names)
        self._same_cards = frozenset(compress(cards, map(self._same.__contains__, names)))
        self._stand_still = bool(reuse.same(f"lists/{tag}", common, {"all": _where_they_stand(view)}))

    def keeps(self, unit: str, plugins: Iterable[str]) -> bool:
        """Return whether `unit` stays: it is made of nothing but what is said of these `plugins`, and of lists."""
        return self._stand_still and self.keeps_alone(unit, plugins)

    def keeps_alone(self, unit: str, plugins: Iterable[str]) -> bool:
        """Return whether `unit` stays: it is made of nothing but what is said of these `plugins`."""
        return self._same.issuperset(plugins) and self._keep(unit)

    def keeps_list(self, unit: str, cards: Collection[Card]) -> bool:
        """Return whether the list `unit` stays; what shows no plugins is made of something else."""
        return bool(cards) and self._stand_still and self._same_cards.issuperset(cards) and self._keep(unit)

    def without_plugins(self) -> tuple[Afresh, Excerpt]:
        """Return with what pages are made that show nothing of plugins but what they are given by name."""
        if self.view.given.registry.site.templates:
            return AFRESH, Excerpt(make=lambda: self.view)  # who knows what the operator's templates look at
        return self.reuse, self.excerpts.of(())

    def _keep(self, unit: str) -> bool:
        return self.reuse.keep(unit, self.view.language.key)


def _where_they_stand(view: CatalogueView) -> str:
    """Return a name for all that decides on which lists plugins are, in their order, where that is known.

    Whoever is warned of is in it: so where warnings change, no note of who stands beside whom is believed.
    """
    stands = [card.glance.stands for card in view.cards.values()]
    warned = Fingerprints().of(view.warned) if view.warned else ""
    return hashlib.sha256(" ".join((*stands, warned)).encode()).hexdigest() if all(stands) else ""
