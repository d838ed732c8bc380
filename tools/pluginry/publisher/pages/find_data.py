"""What the catalogue's script searches and filters: every plugin in columns, cut into parts, and a table of contents.

In: an edition. Out: ``find/index.json`` with counts for a first look, and parts ``find/<number>.json`` that are read
once somebody searches. A plugin's id decides its part, so a new release changes its part and the table, and nothing
else. It is presentation, like all of the site: programs read ``v1/``.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping  # noqa: TC003 - the decoder looks at it
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any
from zlib import crc32

from pluginry.encoding import canonical_json
from pluginry.model.published import json_page
from pluginry.model.trust_statement import TrustWord
from pluginry.publisher.pages import addresses, words
from pluginry.publisher.pages.languages import Text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from pluginry.model.published import PublishedObject
    from pluginry.publisher.pages.edition import Edition
    from pluginry.publisher.pages.excerpts import Excerpt
    from pluginry.publisher.pages.view import Card, CatalogueView

PLUGINS_PER_PART = 1024
VALUES_IN_TABLE = 100
ASKS_FOR_NOTHING, ASKS_FOR_NO_NETWORK = "nothing", "no-network"
FACETS = (
    "category",
    "host",
    "version",
    "permission",
    "platform",
    "licence",
    "trust",
    "price",
    "channel",
    "lifecycle",
    "tag",
)
_DAY_S = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How many plugins there are for each value of each of `FACETS`; deprecated ones count as such, and no further."""

    facets: Mapping[str, Mapping[str, int]]

    @classmethod
    def of(cls, view: CatalogueView) -> Counts:
        """Return the counts of all plugins in `view`."""
        counts: dict[str, Counter[str]] = {facet: Counter() for facet in FACETS}
        for card in view.cards.values():
            for facet, values in facets_of(card, view).items():
                if facet == "lifecycle" or not card.is_deprecated:
                    counts[facet].update(set(values))
        return cls(facets=counts)

    def with_more(self, other: Counts) -> Counts:
        """Return the sum of both."""
        return Counts(
            facets={facet: Counter(self.facets.get(facet, {})) + Counter(some) for facet, some in other.facets.items()}
        )


def find_data(edition: Edition) -> Iterator[PublishedObject]:
    """Yield the table of contents, and every part that is not known."""
    view = edition.view
    parts: dict[int, list[Card]] = defaultdict(list)
    count = number_of_parts(len(view.cards))
    for card in view.cards.values():
        parts[part_of(card, count)].append(card)
    counts = Counts(facets={})
    for number in range(count):
        excerpt = edition.excerpts.of(parts[number])
        key, make = addresses.find_part(number), partial(_part_file, number, excerpt)
        some, files = edition.reuse.with_value(key, excerpt.made_of(), make, Counts, view.language.key)
        counts = counts.with_more(some)
        yield from files
    yield json_page(addresses.FIND_TABLE, _encoded(_table(counts, view, count)))


def _part_file(number: int, excerpt: Excerpt) -> tuple[Counts, tuple[PublishedObject]]:
    view = excerpt.view
    file = json_page(addresses.find_part(number), _encoded(_part(tuple(view.cards.values()), view)))
    return Counts.of(view), (file,)


def number_of_parts(plugins: int) -> int:
    """Return into how many parts `plugins` are cut: a power of two, so that it seldom changes."""
    count = 1
    while plugins > count * PLUGINS_PER_PART:
        count *= 2
    return count


def part_of(card: Card, count: int) -> int:
    """Return the number of the part, of `count`, that a plugin is in."""
    return crc32(str(card.id).encode()) % count


def facets_of(card: Card, view: CatalogueView) -> dict[str, tuple[str, ...]]:
    """Return what a plugin is sorted by: some values under each of `FACETS`."""
    glance, summary = card.glance, card.summary
    kinds = sorted({grant.partition(":")[0] for grant in summary.permissions})
    return {
        "category": glance.categories,
        "host": tuple(map(str, glance.hosts)),
        "version": tuple(_versions(card, view)),
        "permission": (*_restraint(kinds), *kinds),
        "platform": tuple(map(str, summary.platforms)),
        "licence": (summary.license,),
        "trust": summary.trust,
        "price": (glance.price,),
        "channel": tuple(channel.value for channel in summary.channels),
        "lifecycle": (glance.status.value,),
        "tag": glance.tags,
    }


def _restraint(kinds: Sequence[str]) -> Iterator[str]:
    """Yield the good things to say of a plugin that asks for permissions of these `kinds`."""
    if not kinds:
        yield ASKS_FOR_NOTHING
    if not any(kind.partition(".")[0] == "network" for kind in kinds):
        yield ASKS_FOR_NO_NETWORK


def _versions(card: Card, view: CatalogueView) -> Iterator[str]:
    """Yield the known versions of hosts that the plugin works with, each after the name of its host."""
    for host, span in card.summary.works_with.items():
        profile = view.host(host)
        yield from (f"{host} {version}" for version in (profile.versions if profile else ()) if version in span)


def _part(cards: Sequence[Card], view: CatalogueView) -> dict[str, Any]:
    sorted_by = [facets_of(card, view) for card in cards]
    return {
        "format": 1,
        "id": [str(card.id) for card in cards],
        "name": [card.name for card in cards],
        "summary": [card.about for card in cards],
        **_languages(cards),
        "aliases": [list(card.summary.aliases) for card in cards],
        "icon": [view.pictures[card.id].icon for card in cards],
        "newest": [str(card.offer[0]) if card.offer else "" for card in cards],
        "stage": [card.offer[1].value if card.offer else "" for card in cards],
        "advisories": [len(card.summary.advisories) for card in cards],
        "published": [_day(card.first_published) for card in cards],
        "updated": [_day(card.last_published) for card in cards],
        "facets": {facet: _column([row[facet] for row in sorted_by]) for facet in FACETS},
    }


def _languages(cards: Sequence[Card]) -> dict[str, Any]:
    """Return in which languages names and summaries are, if any of them is not in that of the pages."""
    texts = [(card.name, card.about) for card in cards]
    spoken = [[one.language if isinstance(one, Text) else "" for one in pair] for pair in texts]
    return {"languages": spoken} if any(map(any, spoken)) else {}


def _column(rows: Sequence[Sequence[str]]) -> dict[str, Any]:
    """Return the values that occur, and for each row the positions of its own."""
    values = sorted({value for row in rows for value in row})
    position = {value: at for at, value in enumerate(values)}
    return {"values": values, "rows": [[position[value] for value in dict.fromkeys(row)] for row in rows]}


def _table(counts: Counts, view: CatalogueView, parts: int) -> dict[str, Any]:
    return {
        "format": 1,
        "parts": parts,
        "plugins": len(view.cards),
        "full_text": view.given.registry.config.site.full_text,
        "facets": {facet: _most_frequent(counts.facets.get(facet, {})) for facet in FACETS},
        "titles": {
            "category": {c.id: c.title for c in view.given.registry.config.categories},
            "host": {str(host): profile.title for host, profile in view.given.registry.hosts.items()},
            "trust": {word.value: view.language.in_words(word.heading) for word in TrustWord},
        },
    }


def _most_frequent(counted: Mapping[str, int]) -> list[list[Any]]:
    in_order = sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))
    return [[value, count] for value, count in in_order[:VALUES_IN_TABLE]]


def _encoded(value: Any) -> bytes:
    return canonical_json.encode(_readable(value))


def _readable(value: Any) -> Any:
    """Return `value` with every text in it as pages show it: without characters that trick readers."""
    if isinstance(value, str):
        return str(words.plain(value))
    if isinstance(value, dict):
        return {_readable(key): _readable(item) for key, item in value.items()}
    return [_readable(item) for item in value] if isinstance(value, list) else value


def _day(moment: datetime) -> int:
    return int(moment.timestamp()) // _DAY_S
