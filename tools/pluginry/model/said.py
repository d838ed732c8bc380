"""Sentences of ours that remember how they were put together, so that pages can say them in other languages.

In: an English sentence with places for names. Out: a `Said`: plain text to everybody who does not ask for more. The
sentences stand in the catalogues of translations; names are put in as they are.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class Said(str):
    """An English text, the ``sentence`` that it was made from, and the ``names`` that were put in.

    A sentence that counts has a form for ``many``, and its ``number`` decides.
    """

    __slots__ = ("many", "names", "number", "sentence")

    sentence: str
    names: Mapping[str, object]
    many: str
    number: int


def said(sentence: str, /, **names: object) -> Said:
    """Return `sentence` with `names` in its places ``%(name)s``."""
    return _made(sentence % names if names else sentence, sentence, names)


def counted(one: str, many: str, /, count: int, **names: object) -> Said:
    """Return the sentence for `count` things, which stands in its place ``%(count)s``."""
    names = {**names, "count": in_digits(count)}
    made = _made((one if count == 1 else many) % names, one, names)
    made.many, made.number = many, count
    return made


def in_digits(count: float) -> str:
    """Return `count` as English pages write it: 1 234 567, with narrow spaces that do not break."""
    return f"{count:,}".replace(",", "\u202f")


def _made(text: str, sentence: str, names: Mapping[str, object]) -> Said:
    made = Said(text)
    made.sentence, made.names, made.many, made.number = sentence, MappingProxyType(dict(names)), "", 0
    return made
