"""A catalogue in the form in which it is searched: made once for each state of a marketplace, and kept beside it.

In: the bytes of a catalogue that were checked, or the two files that were made of them. Out: a `SearchTable`: a line of
comparable text for each plugin, with its summary, which is decoded only for what is shown. It is never believed instead
of the index: what is installed is decided by records.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pluginry.client.search import FACETS, facet
from pluginry.encoding import documents, strict_json
from pluginry.errors import DocumentError
from pluginry.model.index import PluginSummary
from pluginry.model.ranking import SearchText

if TYPE_CHECKING:
    from collections.abc import Mapping

_FORMAT = "pluginry search table 1"
_BETWEEN = "\x1f"


@dataclass(frozen=True, slots=True)
class SearchTable:
    """``lines`` are what is searched, in the order of the ids; ``summaries`` holds the plugins' documents."""

    lines: tuple[str, ...]
    summaries: bytes = field(repr=False)

    @classmethod
    def of(cls, catalogue: bytes, *, max_bytes: int) -> SearchTable:
        """Return the table of the document ``v1/index.json``.

        Raises:
            DocumentError: it is no catalogue.

        """
        rows = strict_json.parse(catalogue, what="catalogue", max_bytes=max_bytes)
        lines, bodies, at = [], [], 0
        try:
            for row in sorted(rows["plugins"], key=lambda row: row["id"].split("/")):
                body = json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode()
                bodies.append(body)
                lines.append(_line(row, at, len(body)))
                at += len(body)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise DocumentError("the catalogue cannot be read", why=repr(error)) from error
        return cls(tuple(lines), b"".join(bodies))

    @classmethod
    def parse(cls, text: str, summaries: bytes) -> SearchTable | None:
        """Return the table that was written down as `text`; None when it is damaged: it can be made again."""
        head, *lines = text.split("\n")
        if head != f"{_FORMAT} {len(lines)} {len(summaries)}":
            return None
        return cls(tuple(lines), summaries)

    def text(self) -> str:
        """Return the lines to be written down, beside ``summaries``."""
        return "\n".join((f"{_FORMAT} {len(self.lines)} {len(self.summaries)}", *self.lines))

    def id(self, number: int) -> str:
        """Return the id of a plugin without decoding its summary."""
        return self.lines[number].partition(_BETWEEN)[0]

    def summary(self, number: int) -> PluginSummary:
        """Return the summary of a plugin."""
        start, size = map(int, self.lines[number].rpartition(_BETWEEN)[2].split())
        return documents.decode(PluginSummary, self.summaries[start : start + size], what="summary of a plugin")


def text_of(line: str) -> SearchText:
    """Return what the words of a search are compared with."""
    return SearchText._make(line.split(_BETWEEN, 7)[1:7])


def _line(row: Mapping[str, Any], start: int, size: int) -> str:
    """Return the line of a plugin: its id, the fields of `SearchText`, facets, and where its summary is.

    Neither a field nor a facet can hold what separates them: blanks of any kind are made plain ones.
    """
    text = SearchText.of(
        row["id"],
        name=row["name"],
        summary=row["summary"],
        tags=(*row.get("tags", ()), *row.get("categories", ()), *row["hosts"]),
        aliases=row.get("aliases", ()),
    )
    facets = "".join(facet(kind, value) for kind, values in FACETS.items() for value in values(row))
    return _BETWEEN.join((*(" ".join(part.split()) for part in (row["id"], *text, facets)), f"{start} {size}"))
