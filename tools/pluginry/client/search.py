"""Find plugins in a catalogue: filters, and the order of model/ranking.py, fast enough to answer while somebody types.

In: words and filters, and a `SearchTable` (search_table.py). Out: the rows that match, best first. It needs no network.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from pluginry.model.listing import Status
from pluginry.model.names import ANY_PLATFORM
from pluginry.model.ranking import normalised, rank
from pluginry.model.versions import Version, VersionRange

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from pluginry.client.search_table import SearchTable
    from pluginry.model.names import Name, Platform
    from pluginry.model.release import Channel

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

    words = normalised(text).split()
    lines: Iterable[tuple[int, str]] = enumerate(table.lines)
    for word in words:  # most rows need no closer look
        lines = [(number, line) for number, line in lines if word in line]
    passing = _passing(lines, filters)
    if not words:
        return tuple((1, number) for number, _ in passing)
    found = [(score, number) for number, line in passing if (score := rank(text_of(line), words))]
    found.sort(key=lambda hit: (-hit[0], hit[1]))
    return tuple(found)


def facet(kind: str, value: str) -> str:
    """Return how a row says that it has `value` among its facets of a `kind`."""
    return f"|{kind}:{value.replace('|', ' ')}|"


def _passing(lines: Iterable[tuple[int, str]], filters: Filters) -> Iterable[tuple[int, str]]:
    """Return those of `lines` that satisfy `filters`."""
    wanted = (
        ("host", filters.host or ""),
        ("category", filters.category),
        ("tag", filters.tag),
        ("channel", filters.channel or ""),
        ("trust", filters.trust),
    )
    for needed in [facet(kind, value) for kind, value in wanted if value]:
        lines = [(number, line) for number, line in lines if needed in line]
    inactive = () if filters.include_inactive else tuple(("status", status.value) for status in _INACTIVE)
    for unwanted in [facet(*one) for one in (*(("permission", one) for one in filters.without_permission), *inactive)]:
        lines = [(number, line) for number, line in lines if unwanted not in line]
    if filters.platform is not None:
        ours, every = facet("platform", filters.platform), facet("platform", ANY_PLATFORM)
        lines = [(number, line) for number, line in lines if ours in line or every in line]
    if filters.license:
        part = filters.license.casefold()
        lines = [(number, line) for number, line in lines if any(part in one for one in _values(line, "license:"))]
    if filters.host is not None and filters.host_version is not None:
        lines = list(_fitting(lines, filters.host, filters.host_version))
    return lines


def _fitting(lines: Iterable[tuple[int, str]], host: Name, version: Version) -> Iterator[tuple[int, str]]:
    """Yield the rows whose range for `host` holds `version`, and those that give none."""
    fits = lru_cache(maxsize=4096)(lambda text: version in VersionRange(text))
    for number, line in lines:
        if all(fits(text) for text in _values(line, f"works:{host} ")):
            yield number, line


def _values(line: str, beginning: str) -> Iterator[str]:
    """Yield what follows `beginning` in the facets of a row."""
    start = line.find(f"|{beginning}")
    if start >= 0:
        yield line[start + 1 + len(beginning) :].partition("|")[0]
