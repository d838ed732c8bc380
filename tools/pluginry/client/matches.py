"""What a search over all sources found: a sequence of summaries that are read only when they are looked at.

In: the sources, words, filters. Out: `Matches`, best first. A plugin is found only at the one source that serves it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, overload

from pluginry.client.search import Filters, search

if TYPE_CHECKING:
    from pluginry.client.search_table import SearchTable
    from pluginry.client.source_list import SourceList
    from pluginry.model.index import PluginSummary


@dataclass(frozen=True, slots=True)
class Matches(Sequence["PluginSummary"]):
    """Hits as (table, number of the row); taking one out decodes its summary."""

    hits: tuple[tuple[SearchTable, int], ...]

    def __len__(self) -> int:
        return len(self.hits)

    @overload
    def __getitem__(self, index: int) -> PluginSummary: ...

    @overload
    def __getitem__(self, index: slice) -> Matches: ...

    def __getitem__(self, index: int | slice) -> PluginSummary | Matches:
        if isinstance(index, slice):
            return Matches(self.hits[index])
        table, number = self.hits[index]
        return table.summary(number)


def find(sources: SourceList, text: str, filters: Filters) -> Matches:
    """Return what of all `sources` matches, best first, then by id."""
    serving = sources.router()
    found: list[tuple[int, list[str], SearchTable, int]] = []
    for source in sources.all():
        table = source.search_table()
        for score, number in search(table, text, filters):
            plugin = table.id(number)
            if serving(plugin) is source.config:
                found.append((-score, plugin.split("/"), table, number))
    found.sort(key=lambda hit: hit[:2])
    return Matches(tuple((table, number) for _, _, table, number in found))
