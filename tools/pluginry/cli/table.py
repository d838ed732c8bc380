"""Plain text for terminals: single lines, tables whose columns line up, counted things, and ages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pluginry.cli.console import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

_GAP = "  "
_HOUR_S, _DAY_S = 3600, 86400


def one_line(text: str) -> str:
    """Return `text` on one line: what a stranger wrote must not look like a line of ours."""
    return " ".join(text.splitlines())


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Yield the lines of a table under the column names `head`; nothing at all when there are no rows."""
    cells = [[printable(one_line(cell)) for cell in row] for row in rows]
    if not cells:
        return
    widths = [max(map(len, column)) for column in zip(head, *cells, strict=True)]
    for row in (head, *cells):
        yield _GAP.join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def age(moment: datetime, *, now: datetime) -> str:
    """Return how long before `now` it was, such as ``3 days ago``."""
    seconds = (now - moment).total_seconds()
    if seconds < _HOUR_S:
        return "just now"
    if seconds < 2 * _DAY_S:
        return counted(int(seconds // _HOUR_S), "hour") + " ago"
    return counted(int(seconds // _DAY_S), "day") + " ago"


def counted(number: int, thing: str) -> str:
    """Return `number` with the right form of `thing`: ``1 plugin``, ``2 plugins``."""
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"
