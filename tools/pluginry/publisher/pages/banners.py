"""A quiet picture for plugins that bring none: boards held by dovetails, cut where the id of the plugin says.

In: an id. Out: the outlines of two boards, to be drawn within the page (no file, no request), and the number of a
colour, which is that of the letter icon. The colours themselves belong to the style sheet, which knows light and dark.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pluginry.publisher.pages import addresses

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pluginry.model.names import PluginId

WIDTH: Final = 1200
HEIGHT: Final = 96
_JOINTS: Final = (38, 70)
_DEPTH: Final = 16
_SPLAY: Final = 7
_STEP: Final = 12
"""Boards begin and end on a grid, as if they were cut with one jig."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Banner:
    """The outlines of ``boards``, each over the one before it, as path data in a box of `WIDTH` by `HEIGHT`."""

    hue: int
    boards: tuple[str, ...]


def banner_of(plugin: PluginId) -> Banner:
    """Return the banner of `plugin`, the same for ever."""
    chance = hashlib.sha256(str(plugin).encode()).digest()
    half = len(chance) // len(_JOINTS)
    boards = (
        _board(y, chance[number * half : (number + 1) * half], starts_at=number * _STEP)
        for number, y in enumerate(_JOINTS)
    )
    return Banner(hue=addresses.hue_of(plugin), boards=tuple(boards))


def _board(y: int, chance: bytes, *, starts_at: int) -> str:
    """Return a board from the height `y` to the bottom, whose upper edge has tails that reach into the one above."""
    return f"M0 {y}h{starts_at}{''.join(_edge(chance, WIDTH - starts_at))}V{HEIGHT}H0z"


def _edge(chance: bytes, length: int) -> Iterator[str]:
    for byte in chance * 2:
        run, tail = _STEP * (3 + byte % 13), _STEP * (3 + byte // 13 % 5)
        if run + tail > length:
            break
        yield f"h{run}l-{_SPLAY}-{_DEPTH}h{tail + 2 * _SPLAY}l-{_SPLAY} {_DEPTH}"
        length -= run + tail
    yield f"h{length}"
