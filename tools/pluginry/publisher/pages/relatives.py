"""Which other plugins somebody who looks at one may want to see, each with the reason.

In: a card and the view. Out: a few cards with reasons, the same for the same catalogue. It looks at a handful of
neighbours on the shelves where the plugin stands, however long those are, and never at all plugins.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cache, cached_property, partial
from itertools import chain, islice
from typing import TYPE_CHECKING

from pluginry.model.names import Name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pluginry.publisher.pages.view import Card, CatalogueView

_SHOWN = 6
_OF_A_KIND = 2
_LOOKED_AT = 12


class Reason(StrEnum):
    """Why a plugin is shown beside another."""

    NAMED = "named"
    TOGETHER = "together"
    TAG = "tag"
    CATEGORY = "category"
    PUBLISHER = "publisher"


@dataclass(frozen=True, kw_only=True)
class Why:
    """Why a plugin is shown, and what the reason is about: a tag, a category, a plugin; the ``host`` they share."""

    reason: Reason
    about: str = ""
    host: str = ""

    @cached_property
    def name(self) -> str:
        """All of it as one text."""
        return repr((self.reason.value, self.about, self.host))


class Relatives:
    """Finds relatives in one `view`; who comes next on a shelf is looked up once for all who stand there."""

    def __init__(self, view: CatalogueView) -> None:
        self._view = view
        self._shelf_of = cache(partial(_Shelf.of, view))

    def of(self, card: Card) -> dict[Card, Why]:
        """Return plugins related to `card`: those that its developers named, then few for each other reason."""
        found: dict[Card, Why] = {}
        for why, group in self._groups(card):
            new = (other for other in group if other not in found and other is not card)
            found.update(dict.fromkeys([*islice(new, _OF_A_KIND)], why))
            if len(found) >= _SHOWN:
                break
        return dict(islice(found.items(), _SHOWN))

    def _groups(self, card: Card) -> Iterator[tuple[Why, Iterable[Card]]]:
        """Yield groups of plugins with the same reason, the best reasons first."""
        view, glance = self._view, card.glance
        named = (view.cards[plugin] for plugin in glance.related if plugin in view.cards)
        yield from ((Why(reason=Reason.NAMED), (other,)) for other in named if other.glance.is_offered)
        for dependent in view.dependents.get(card.id, ())[:_OF_A_KIND]:
            user = view.cards[dependent]
            needed = (view.cards[plugin] for plugin in user.glance.needs[:_LOOKED_AT] if plugin in view.cards)
            yield Why(reason=Reason.TOGETHER, about=user.name), filter(_is_recommended, needed)
        topics = [(Reason.TAG, topic) for topic in glance.tags if topic in view.by_tag]
        topics += [(Reason.CATEGORY, topic) for topic in glance.categories]
        names = [(len(self._shelf_of(*topic, host)), *topic, host) for host in glance.hosts for topic in topics]
        shelves = (self._shelf_of(*name) for _, *name in sorted(names))  # the rarest topic says most
        for shelf in chain(shelves, [self._shelf_of(Reason.PUBLISHER, card.id.namespace, None)]):
            yield shelf.why, shelf.after(card)


class _Shelf:
    """Cards in order of names, which begins anew at its end; ``why`` they are related."""

    def __init__(self, why: Why, cards: Sequence[Card]) -> None:
        self.why = why
        self._circle = (*cards, *cards)
        self._near = min(_LOOKED_AT, len(cards))
        self._next = {card: at for at, card in enumerate(cards, start=1)}

    def __len__(self) -> int:
        return len(self._next)

    @classmethod
    def of(cls, view: CatalogueView, reason: Reason, about: str, host: Name | None) -> _Shelf:
        """Return the shelf of a topic for one host, or that of a publisher."""
        if host is None:
            return cls(Why(reason=reason), view.by_namespace[Name(about)])
        is_tag = reason is Reason.TAG
        title, cards = (about, view.by_tag[about]) if is_tag else (view.category_title(about), view.by_category[about])
        why = Why(reason=reason, about=title, host=view.host_title(host))
        return cls(why, [card for card in cards if host in card.glance.hosts])

    def after(self, card: Card) -> Iterable[Card]:
        """Return those who come after `card`, as far as they are recommended."""
        at = self._next[card]
        return filter(_is_recommended, self._circle[at : at + self._near])


def _is_recommended(card: Card) -> bool:
    return card.glance.is_offered and not card.is_deprecated
