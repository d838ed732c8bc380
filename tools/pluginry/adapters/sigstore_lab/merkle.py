"""The Merkle tree of RFC 6962: roots and inclusion proofs of a list that only grows.

In: leaves, one after the other. Out: root hashes and proofs, each in logarithmic time. It keeps hashes only,
never the leaves, and forgets nothing.
"""

from __future__ import annotations

import hashlib
from typing import Final

_LEAF: Final = b"\x00"
_NODE: Final = b"\x01"
EMPTY_ROOT: Final = hashlib.sha256().digest()


def leaf_hash(leaf: bytes) -> bytes:
    """Return the hash under which `leaf` stands in a tree."""
    return hashlib.sha256(_LEAF + leaf).digest()


class MerkleTree:
    """A growing tree; ``size`` is the number of its leaves."""

    def __init__(self) -> None:
        # _complete[k][i] is the root of the leaves i * 2**k up to (i + 1) * 2**k, once all of them exist.
        self._complete: list[list[bytes]] = [[]]

    @property
    def size(self) -> int:
        """The number of leaves."""
        return len(self._complete[0])

    def append(self, leaf: bytes) -> int:
        """Add `leaf` at the end and return its index."""
        index = self.size
        self._complete[0].append(leaf_hash(leaf))
        level = 0
        while len(self._complete[level]) % 2 == 0:
            if level + 1 == len(self._complete):
                self._complete.append([])
            left, right = self._complete[level][-2:]
            self._complete[level + 1].append(_node(left, right))
            level += 1
        return index

    def root(self) -> bytes:
        """Return the root hash of the whole tree."""
        return self._root(0, self.size) if self.size else EMPTY_ROOT

    def inclusion_proof(self, index: int) -> tuple[bytes, ...]:
        """Return the hashes that lead from leaf `index` to the root, lowest first.

        Raises:
            IndexError: there is no such leaf.

        """
        if not 0 <= index < self.size:
            raise IndexError(index)
        return tuple(self._path(index, 0, self.size))

    def _root(self, start: int, end: int) -> bytes:
        width = end - start
        if width & (width - 1) == 0:
            level = width.bit_length() - 1
            return self._complete[level][start >> level]
        middle = start + _left_width(width)
        return _node(self._root(start, middle), self._root(middle, end))

    def _path(self, index: int, start: int, end: int) -> list[bytes]:
        if end - start == 1:
            return []
        middle = start + _left_width(end - start)
        if index < middle:
            return [*self._path(index, start, middle), self._root(middle, end)]
        return [*self._path(index, middle, end), self._root(start, middle)]


def _left_width(width: int) -> int:
    """Return the largest power of two below `width`: the left subtree is always complete."""
    return 1 << (width - 1).bit_length() - 1


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(_NODE + left + right).digest()
