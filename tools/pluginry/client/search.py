"""Find plugins in a catalogue: filters, and the order of model/ranking.py, fast enough to answer while somebody types.

In: words and filters, and a `SearchTable` (search_table.py). Out: the rows that match, best first. It needs no network.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache
from itertools import repeat
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from pluginry.model.names import ANY_PLATFORM
from pluginry.model.ranking import normalised, rank
from pluginry.model.status import Status
from pluginry.model.versions import Version, VersionRange

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from pluginry.client.search_table import SearchTable
    from pluginry.model.channel import Channel
    from pluginry.model.names import Name, Platform

_INACTIVE = (Status.DEPRECATED, Status.REMOVED)
FACETS: Mapping[str, Callable[[Mapping[str, Any]], Iterable[str]]] = MappingProxyType(
    {
        "host": lambda row: row["hosts"],
        "works": lambda row: (f"{host} {versions}" for host, versions in row.get("works_with", {}).items()),
        "category": lambda row: row.get("categories", ()),
        "tag": lambda row: row.get("tags", ()),
        "platform": lambda row: row.get("platforms", ()),
        "channel": lambda row: row["channels"],
        "permission": lambda row: row.get("permissions", ()),
        "trust": lambda row: row.get("trust", ()),
        "status": lambda row: (row["status"],),
        "license": lambda row: (row.get("license", "").casefold(),),
    }
)
"""What a row of ``v1/index.json`` can be filtered by."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What every result must satisfy. ``without_permission`` leaves out plugins that ask for it.

    ``trust`` is a word of `TrustWord`; ``host_version`` counts together with ``host``.
    """

    host: Name | None = None
    host_version: Version | None = None
    category: str = ""
    tag: str = ""
    license: str = ""
    platform: Platform | None = None
    channel: Channel | None = None
    trust: str = ""
    without_permission: tuple[str, ...] = ()
    include_inactive: bool = False


def search(table: SearchTable, text: str, filters: Filters) -> tuple[tuple[int, int], ...]:
    """Return (rank, number) of each row of `table` that matches every word of `text` and all `filters`, best first."""
    from pluginry.client.search_table import text_of

    words, lines = normalised(text).split(), table.lines
    numbers: Sequence[int] = range(len(lines))
    for word in words:  # most rows need no closer look
        numbers = [number for number in numbers if word in lines[number]]
    numbers = _passing(lines, numbers, filters)
    if not words:
        return tuple(zip(repeat(1), numbers, strict=False))
    found: dict[int, list[int]] = defaultdict(list)
    for number in numbers:
        found[rank(text_of(lines[number]), words)].append(number)
    found.pop(0, None)
    return tuple((score, number) for score in sorted(found, reverse=True) for number in found[score])


def facet(kind: str, value: str) -> str:
    """Return how a row says that it has `value` among its facets of a `kind`."""
    return f"|{kind}:{value.replace('|', ' ')}|"


def _passing(lines: Sequence[str], numbers: Sequence[int], filters: Filters) -> Sequence[int]:
    """Return the `numbers` of those `lines` that satisfy `filters`."""
    wanted = (
        ("host", filters.host or ""),
        ("category", filters.category),
        ("tag", filters.tag),
        ("channel", filters.channel or ""),
        ("trust", filters.trust),
    )
    for needed in [facet(kind, value) for kind, value in wanted if value]:
        numbers = [number for number in numbers if needed in lines[number]]
    inactive = () if filters.include_inactive else tuple(("status", status.value) for status in _INACTIVE)
    for unwanted in [facet(*one) for one in (*(("permission", one) for one in filters.without_permission), *inactive)]:
        numbers = [number for number in numbers if unwanted not in lines[number]]
    if filters.platform is not None:
        ours, every = facet("platform", filters.platform), facet("platform", ANY_PLATFORM)
        numbers = [number for number in numbers if ours in lines[number] or every in lines[number]]
    if filters.license:
        part = filters.license.casefold()
        numbers = [number for number in numbers if any(part in one for one in _values(lines[number], "license:"))]
    if filters.host is not None and filters.host_version is not None:
        fits = _fitting(filters.host, filters.host_version)
        numbers = [number for number in numbers if fits(lines[number])]
    return numbers


def _fitting(host: Name, version: Version) -> Callable[[str], bool]:
    """Return what tells rows whose range for `host` holds `version`, or that give none."""
    fits = lru_cache(maxsize=4096)(lambda text: version in VersionRange(text))
    return lambda line: all(fits(text) for text in _values(line, f"works:{host} "))


def _values(line: str, beginning: str) -> Iterator[str]:
    """Yield what follows `beginning` in the facets of a row."""
    start = line.find(f"|{beginning}")
    if start >= 0:
        yield line[start + 1 + len(beginning) :].partition("|")[0]
