"""Which other plugins somebody who looks at one may want to see, each with the reason.

In: a card and the view. Out: a few cards with reasons, the same for the same catalogue. It looks at a handful of
neighbours on the shelves where the plugin stands, however long those are, and never at all plugins.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain, islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pluginry.model.names import PluginId
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Relative:
    """A plugin, why it is shown, and what the reason is about: a tag, a category, a plugin; ``host`` they share."""

    card: Card
    reason: Reason
    about: str = ""
    host: str = ""


def relatives_of(card: Card, view: CatalogueView) -> tuple[Relative, ...]:
    """Return plugins related to `card`: those that its developers named, then few for each other reason."""
    found: dict[PluginId, Relative] = {}
    for group in _groups(card, view):
        new = (relative for relative in group if relative.card.id != card.id and relative.card.id not in found)
        found.update((relative.card.id, relative) for relative in islice(new, _OF_A_KIND))
        if len(found) >= _SHOWN:
            break
    return tuple(islice(found.values(), _SHOWN))


def _groups(card: Card, view: CatalogueView) -> Iterator[Iterable[Relative]]:
    """Yield groups of plugins with the same reason, the best reasons first."""
    named = (view.cards[plugin] for plugin in card.glance.related if plugin in view.cards)
    yield from ([Relative(card=other, reason=Reason.NAMED)] for other in named if other.glance.is_offered)
    for dependent in view.dependents.get(card.id, ())[:_OF_A_KIND]:
        yield _beside(view.cards[dependent], view)
    shelves = [
        (len(view.by_topic[reason, topic, host]), reason, topic, host)
        for host in card.glance.hosts
        for reason, topics in ((Reason.TAG, card.glance.tags), (Reason.CATEGORY, card.glance.categories))
        for topic in topics
    ]
    for _, reason, topic, host in sorted(shelves):  # the rarest topic says most
        about = topic if reason is Reason.TAG else view.category_title(topic)
        near = _after(card, view.by_topic[reason, topic, host])
        yield (Relative(card=other, reason=reason, about=about, host=view.host_title(host)) for other in near)
    near = _after(card, view.by_namespace[card.id.namespace])
    yield (Relative(card=other, reason=Reason.PUBLISHER) for other in near)


def _beside(user: Card, view: CatalogueView) -> Iterator[Relative]:
    """Yield what `user` needs."""
    for plugin in islice(user.glance.needs, _LOOKED_AT):
        other = view.cards.get(plugin)
        if other and _is_recommended(other):
            yield Relative(card=other, reason=Reason.TOGETHER, about=user.name)


def _after(card: Card, shelf: Sequence[Card]) -> Iterator[Card]:
    """Yield those that stand next to `card` on a shelf in order of names; it begins anew at its end."""
    at = bisect_right(shelf, card.place, key=lambda one: one.place)
    near = islice(chain(islice(shelf, at, None), islice(shelf, at)), _LOOKED_AT)
    return (one for one in near if _is_recommended(one))


def _is_recommended(card: Card) -> bool:
    return card.glance.is_offered and not card.is_deprecated
