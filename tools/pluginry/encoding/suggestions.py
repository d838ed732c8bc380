"""Did you mean: the known words that a mistyped word is closest to.

In: a word from outside and the words that would have been right. Out: words or a sentence for a hint.
Never decides anything: a suggestion is for a person to read.
"""

from __future__ import annotations

import difflib
from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_LONGEST_WORD = 100  # comparing is quadratic in the length, and nobody mistypes more than this
_SIMILARITY = 0.6
_LOOKED_AT = 8


def closest(word: str, candidates: Iterable[str], *, count: int = 1) -> tuple[str, ...]:
    """Return up to `count` of `candidates` that look like `word`, the best first, ignoring case and ``_`` for ``-``.

    Of ids and paths the last part has to look alike by itself: a namespace in common makes nobody mean another plugin.
    """
    if len(word) > _LONGEST_WORD:
        return ()
    by_shape: dict[str, str] = {}
    for candidate in candidates:
        by_shape.setdefault(_shape(candidate), candidate)
    shape = _shape(word)
    shapes = difflib.get_close_matches(shape, by_shape, n=max(count, _LOOKED_AT), cutoff=_SIMILARITY)
    alike = (found for found in shapes if _is_alike(_last(found), _last(shape)))
    return tuple(by_shape[found] for found in islice(alike, count))


def _is_alike(one: str, other: str) -> bool:
    return difflib.SequenceMatcher(None, one, other).ratio() >= _SIMILARITY


def _last(shape: str) -> str:
    return shape.rpartition("/")[2]


def did_you_mean(word: str, candidates: Iterable[str]) -> str:
    """Return ``did you mean 'name'?`` for the closest of `candidates`, or empty text."""
    found = closest(word, candidates)
    return f"did you mean {found[0]!r}?" if found else ""


def _shape(word: str) -> str:
    return word.casefold().replace("_", "-")
