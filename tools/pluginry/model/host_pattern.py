r"""Patterns of host profiles: the regular part of regular expressions, matched in time that no pattern can blow up.

In: a pattern as a host profile writes it (``(net|fs)\.[a-z]{1,20}``) and a text. Out: whether it is that text, whole.
Never backtracks: the pattern becomes an automaton whose positions are followed all at once (Glushkov's construction).
What needs backtracking (look-around, back references, possessive repeats) is refused; ``\d \w \s`` are ASCII.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import NamedTuple

from pluginry.errors import DocumentError

MAX_POSITIONS = 500
_MAX_NESTING = 20
_LAST_CODE_POINT = 0x10FFFF
_REPEAT = re.compile(r"(?:([*+?])|\{([0-9]{1,3})(,?)([0-9]{0,3})\})(\??)(?![+*?{])")
_LITERAL_ESCAPES = {"n": "\n", "r": "\r", "t": "\t"}

Ranges = tuple[tuple[int, int], ...]
"""Code points from the first to the last of each pair."""


def _complement(ranges: Ranges) -> Ranges:
    gaps, start = [], 0
    for low, high in sorted(ranges):
        if low > start:
            gaps.append((start, low - 1))
        start = max(start, high + 1)
    return (*gaps, (start, _LAST_CODE_POINT))


_DIGIT: Ranges = ((48, 57),)
_WORD: Ranges = (*_DIGIT, (65, 90), (95, 95), (97, 122))
_SPACE: Ranges = ((9, 13), (32, 32))
_CLASSES = {"d": _DIGIT, "w": _WORD, "s": _SPACE}
_CLASSES |= {name.upper(): _complement(ranges) for name, ranges in _CLASSES.items()}
_NOT_LINE_FEED = _complement(((10, 10),))


class _Sequence(NamedTuple):
    parts: tuple[_Node, ...]


class _Choice(NamedTuple):
    parts: tuple[_Node, ...]


class _Repeat(NamedTuple):
    part: _Node
    least: int
    most: int | None


class _Characters(NamedTuple):
    ranges: Ranges


_Node = _Sequence | _Choice | _Repeat | _Characters


class _Ends(NamedTuple):
    """Where a part of the automaton can begin and end, and whether it can be passed without a character."""

    empty: bool
    first: frozenset[int]
    last: frozenset[int]


_NOTHING = _Ends(empty=True, first=frozenset(), last=frozenset())


@dataclass(slots=True)
class HostPattern:
    """A pattern that matches texts whole; ``^`` and ``$`` around it add nothing.

    Raises:
        DocumentError: not a pattern, one that needs backtracking, or one that is too large.

    """

    text: str
    _characters: list[Ranges] = field(default_factory=list, init=False, repr=False)
    _follow: list[set[int]] = field(default_factory=list, init=False, repr=False)
    _ends: _Ends = field(default=_NOTHING, init=False, repr=False)

    def __post_init__(self) -> None:
        self._ends = self._build(_Parser(self.text).parse())

    def matches(self, text: str) -> bool:
        """Return whether the whole of `text` fits; time grows with its length, not with what it holds."""
        if not text:
            return self._ends.empty
        expected: set[int] = set(self._ends.first)
        reached: set[int] = set()
        for character in text:
            code = ord(character)
            reached = {at for at in expected if any(low <= code <= high for low, high in self._characters[at])}
            expected = set().union(*(self._follow[at] for at in reached))
        return not reached.isdisjoint(self._ends.last)

    def _build(self, node: _Node) -> _Ends:
        match node:
            case _Characters(ranges):
                return self._position(ranges)
            case _Choice(parts):
                choices = [self._build(part) for part in parts]
                return _Ends(
                    empty=any(choice.empty for choice in choices),
                    first=frozenset().union(*(choice.first for choice in choices)),
                    last=frozenset().union(*(choice.last for choice in choices)),
                )
            case _Sequence(parts):
                whole = _NOTHING
                for part in parts:
                    whole = self._join(whole, self._build(part))
                return whole
            case _Repeat(part, least, most):
                return self._repeat(part, least, most)

    def _position(self, ranges: Ranges) -> _Ends:
        if len(self._characters) == MAX_POSITIONS:
            raise _refusal(self.text, "it is too large: repeats are counted as often as they repeat")
        here = frozenset([len(self._characters)])
        self._characters.append(ranges)
        self._follow.append(set())
        return _Ends(empty=False, first=here, last=here)

    def _join(self, left: _Ends, right: _Ends) -> _Ends:
        for at in left.last:
            self._follow[at] |= right.first
        return _Ends(
            empty=left.empty and right.empty,
            first=left.first | right.first if left.empty else left.first,
            last=left.last | right.last if right.empty else right.last,
        )

    def _repeat(self, part: _Node, least: int, most: int | None) -> _Ends:
        whole = _NOTHING
        for count in range(max(least, 1) if most is None else most):
            copy = self._build(part)
            if not copy.first:  # it holds no characters, however often it is repeated
                return _NOTHING
            whole = self._join(whole, copy if count < least else copy._replace(empty=True))
            if most is None and count + 1 >= least:
                self._join(copy, copy)
        return whole


class _Parser:
    """Reads a pattern from left to right."""

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        body = pattern.removeprefix("^")
        escaped = len(body) - len(body[:-1].rstrip("\\")) - 1
        self._rest = body[:-1] if body.endswith("$") and escaped % 2 == 0 else body
        self._nesting = 0

    def parse(self) -> _Node:
        node = self._choice()
        if self._rest:
            raise self._refusal("a ) closes nothing")
        return node

    def _choice(self) -> _Node:
        parts = [self._sequence()]
        while self._accept("|"):
            parts.append(self._sequence())
        return _Choice(tuple(parts))

    def _sequence(self) -> _Node:
        parts: list[_Node] = []
        while self._rest and self._rest[0] not in "|)":
            parts.append(self._repeated(self._atom()))
        return _Sequence(tuple(parts))

    def _repeated(self, node: _Node) -> _Node:
        if not self._rest or self._rest[0] not in "*+?{":
            return node
        match = _REPEAT.match(self._rest)
        if match is None:
            raise self._refusal("a repeat is one of * + ? {2} {2,} {2,5}, and only one of them")
        self._rest = self._rest[match.end() :]
        sign, low, comma, high, _ = match.groups()
        if sign:
            return _Repeat(node, 1 if sign == "+" else 0, 1 if sign == "?" else None)
        most = int(high) if high else None if comma else int(low)
        if (high and not comma) or (most is not None and most < int(low)):
            raise self._refusal("a repeat goes from the smaller to the larger number")
        return _Repeat(node, int(low), most)

    def _atom(self) -> _Node:
        if self._accept("("):
            return self._group()
        if self._accept("["):
            return _Characters(self._class())
        character = self._take()
        if character == ".":
            return _Characters(_NOT_LINE_FEED)
        if character in "^$*+?{":
            raise self._refusal(f"{character!r} has nothing to stand for here; write \\{character}")
        return _Characters(self._escape() if character == "\\" else ((ord(character), ord(character)),))

    def _group(self) -> _Node:
        if not self._accept("?:") and self._rest.startswith("?"):
            raise self._refusal("groups that start with (? are not read, but for (?:")
        self._nesting += 1
        if self._nesting > _MAX_NESTING:
            raise self._refusal("groups are nested too deeply")
        node = self._choice()
        if not self._accept(")"):
            raise self._refusal("a ( is not closed")
        self._nesting -= 1
        return node

    def _class(self) -> Ranges:
        negated = self._accept("^")
        ranges: list[tuple[int, int]] = []
        if self._rest.startswith("]"):  # languages disagree whether this ] closes the class
            raise self._refusal("a class of characters starts with ], which is written \\]")
        while not self._accept("]"):
            ranges.extend(self._class_item())
        return _complement(tuple(ranges)) if negated else tuple(ranges)

    def _class_item(self) -> Ranges:
        low = self._class_character()
        if len(self._rest) > 1 and self._rest[0] == "-" and self._rest[1] != "]":
            self._take()
            high = self._class_character()
            if len(low) != 1 or len(high) != 1 or low[0][0] != low[0][1] or low[0][0] > high[0][1]:
                raise self._refusal("a range of characters goes from the smaller to the larger")
            return ((low[0][0], high[0][1]),)
        return low

    def _class_character(self) -> Ranges:
        character = self._take()
        if character == "[":
            raise self._refusal("a [ inside of a class is written \\[")
        return self._escape() if character == "\\" else ((ord(character), ord(character)),)

    def _escape(self) -> Ranges:
        character = self._take()
        if character in _CLASSES:
            return _CLASSES[character]
        character = _LITERAL_ESCAPES.get(character, character)
        if character.isalnum():
            raise self._refusal(f"\\{character} is not read")
        return ((ord(character), ord(character)),)

    def _take(self) -> str:
        if not self._rest:
            raise self._refusal("it ends too early")
        character, self._rest = self._rest[0], self._rest[1:]
        return character

    def _accept(self, text: str) -> bool:
        if not self._rest.startswith(text):
            return False
        self._rest = self._rest[len(text) :]
        return True

    def _refusal(self, why: str) -> DocumentError:
        return _refusal(self._pattern, why)


def _refusal(pattern: str, why: str) -> DocumentError:
    return DocumentError(
        f"{pattern[:80]!r} is not a pattern of a host profile",
        why=why,
        hint="use characters, classes, groups, choices and repeats; look-around and back references are not read",
    )
