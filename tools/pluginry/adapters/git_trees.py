"""Folders as git keeps them: what ``git cat-file --batch`` prints of tree objects, taken apart.

In: bytes that git printed. Out: names and ids. It runs nothing and follows nothing.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

_FOLDER: Final = b"40000"


class Entry(NamedTuple):
    """What a folder holds under a ``name``, and git's ``id`` of its content in hexadecimal digits."""

    name: str
    id: str
    is_folder: bool


def trees_in(printed: bytes) -> Iterator[tuple[Entry, ...]]:
    """Yield the folders that git printed one after the other; nothing is in those that it did not find."""
    at = 0
    while at < len(printed):
        start = printed.index(b"\n", at) + 1
        header = printed[at : start - 1].split(b" ")
        if header[-1] == b"missing" or header[1] != b"tree":
            size = -1 if header[-1] == b"missing" else int(header[2])
            yield ()
        else:
            size = int(header[2])
            yield tuple(_entries(printed[start : start + size], len(header[0]) // 2))
        at = start + size + 1


def _entries(tree: bytes, id_size: int) -> Iterator[Entry]:
    at = 0
    while at < len(tree):
        end = tree.index(b"\0", at)
        mode, _, name = tree[at:end].partition(b" ")
        at = end + 1 + id_size
        yield Entry(os.fsdecode(name), tree[end + 1 : at].hex(), mode == _FOLDER)
