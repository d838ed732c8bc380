"""From one catalogue to the next by the rows that differ: no row that stayed is parsed, only cut out and put back.

In: catalogues as canonical JSON, and steps of a log. Out: steps, or the catalogue that they lead to. It promises
nothing about what others wrote: whoever applies a log compares the digest of what comes out.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pluginry.errors import DocumentError
from pluginry.model.catalogue_log import CatalogueStep
from pluginry.model.digest import BlobRef
from pluginry.model.names import PluginId

if TYPE_CHECKING:
    from collections.abc import Mapping

_ROWS = b'"plugins":['
"""The last key of a catalogue in canonical JSON."""
_OPEN, _BETWEEN, _CLOSE = b'{"', b'},{"', b"}"
"""Around rows. In canonical JSON no text holds the quote of `_BETWEEN`, and no row holds a list of objects."""
_ID = b'"id":"'
_COMPARED_BYTES = 1 << 16


@dataclass(frozen=True, slots=True)
class CatalogueRows:
    """A catalogue taken apart: the text in front of its rows, and the rows by id, in their order."""

    head: bytes
    rows: Mapping[bytes, bytes]

    @classmethod
    def of(cls, catalogue: bytes) -> CatalogueRows:
        """Return the rows of `catalogue`.

        Raises:
            DocumentError: it is not canonical, or no catalogue.

        """
        front, there, rest = catalogue.partition(_ROWS)
        if not there or not rest.endswith(b"]}"):
            raise DocumentError("this is not a catalogue in canonical JSON")
        rows = rest[len(_OPEN) : -len(_CLOSE + b"]}")].split(_BETWEEN) if len(rest) > len(b"]}") else []
        return cls(front + there, {_id_of(row): row for row in rows})

    @staticmethod
    def row_of(summary: bytes) -> bytes:
        """Return the row that a `summary` in canonical JSON becomes."""
        return summary[len(_OPEN) : -len(_CLOSE)]

    @staticmethod
    def summary_in(row: bytes) -> bytes:
        """Return the summary that became `row`."""
        return _OPEN + row + _CLOSE

    def joined(self) -> bytes:
        """Return the catalogue."""
        rows = _OPEN + _BETWEEN.join(self.rows.values()) + _CLOSE if self.rows else b""
        return self.head + rows + b"]}"


def step_between(before: bytes, after: bytes) -> CatalogueStep:
    """Return what leads from the catalogue `before` to the catalogue `after`.

    Raises:
        DocumentError: one of them is no catalogue in canonical JSON.

    """
    head, old, new = _without_what_stayed(before, after)
    return CatalogueStep(
        before=BlobRef.of(before),
        rows=tuple((_OPEN + row + _CLOSE).decode() for id_, row in new.items() if old.get(id_) != row),
        removed=tuple(PluginId.parse(id_.decode()) for id_ in old if id_ not in new),
        head=head.decode(),
    )


def after_steps(catalogue: bytes, steps: tuple[CatalogueStep, ...]) -> bytes:
    """Return what the catalogue becomes by `steps`, newest first.

    Raises:
        DocumentError: it is no catalogue, or they hold something else than rows.

    """
    parts = CatalogueRows.of(catalogue)
    head, rows = parts.head, dict(parts.rows)
    known = len(rows)
    for step in reversed(steps):
        head = step.head.encode() or head
        for text in step.rows:
            row = text.encode()[len(_OPEN) : -len(_CLOSE)]
            rows[_id_of(row)] = row
    is_in_order = len(rows) == known
    for step in steps:
        for plugin in step.removed:
            rows.pop(str(plugin).encode(), None)
    if not is_in_order:
        rows = dict(sorted(rows.items(), key=lambda item: item[0].split(b"/")))
    return CatalogueRows(head, rows).joined()


def without_repetition(newest: CatalogueStep, older: tuple[CatalogueStep, ...]) -> tuple[CatalogueStep, ...]:
    """Return `older` steps without what the `newest` one says anew: who follows from there reads that one too."""
    again = {_id_of(text.encode()) for text in newest.rows} | {str(plugin).encode() for plugin in newest.removed}
    return tuple(
        replace(
            step,
            rows=tuple(text for text in step.rows if _id_of(text.encode()) not in again),
            removed=tuple(plugin for plugin in step.removed if str(plugin).encode() not in again),
            head="" if newest.head else step.head,
        )
        for step in older
    )


def _without_what_stayed(before: bytes, after: bytes) -> tuple[bytes, Mapping[bytes, bytes], Mapping[bytes, bytes]]:
    """Return the head of `after` if it is another one, and the rows of both from the first to the last that differ.

    One release among many changes a few rows that stand together: the rest is compared, and not taken apart.
    """
    same = _same_bytes(before, after)
    first = before.rfind(_BETWEEN, before.find(_ROWS) + 1, same)
    if first < 0 or before.find(_ROWS) < 0:
        old, new = CatalogueRows.of(before), CatalogueRows.of(after)
        return b"" if old.head == new.head else new.head, old.rows, new.rows
    start = first + len(_BETWEEN)
    rests = before[start:], after[start:]
    same = _same_bytes(rests[0][::-1], rests[1][::-1])
    last = rests[0].find(_BETWEEN, len(rests[0]) - same)
    stays = len(rests[0]) - last if last >= 0 else len(_CLOSE + b"]}")
    old_rows, new_rows = (rest[:-stays].split(_BETWEEN) for rest in rests)
    return b"", {_id_of(row): row for row in old_rows}, {_id_of(row): row for row in new_rows}


def _same_bytes(one: bytes, other: bytes) -> int:
    """Return how many bytes both begin with."""
    same, step = 0, _COMPARED_BYTES
    while step:
        while same + step <= min(len(one), len(other)) and one[same : same + step] == other[same : same + step]:
            same += step
        step //= 2
    return same


def _id_of(row: bytes) -> bytes:
    """Return the id in a row: no text in front of it holds a quote that is not escaped."""
    start = row.find(_ID) + len(_ID)
    end = row.find(b'"', start)
    if start < len(_ID) or end < 0:
        raise DocumentError("a row of a catalogue has no id")
    return row[start:end]
