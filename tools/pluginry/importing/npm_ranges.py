"""Version ranges in npm's notation (``^1.2 || ~2.0.1``, ``1.x``, ``1.2 - 2``) as ranges of ours.

In: the text of a dependency. Out: the smallest range of ours that holds all of it, with what was widened.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from pluginry.importing.foreign_versions import ConvertedRange, joined
from pluginry.model.versions import EVERY_VERSION

_NUMBER = r"(?:0|[1-9][0-9]{0,7}|[xX*])"
_STAGE = r"(?P<stage>-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?"
_PARTIAL = rf"v?(?P<major>{_NUMBER})(?:\.(?P<minor>{_NUMBER})(?:\.(?P<patch>{_NUMBER}){_STAGE})?)?"
_COMPARATOR = re.compile(rf"(?P<operator>\^|~>?|>=|<=|>|<|=)?\s*{_PARTIAL}", re.ASCII)
_HYPHEN = re.compile(r"(?P<low>\S+)\s+-\s+(?P<high>\S+)")
_BEFORE_RELEASE, _RELEASE = 0, 1


class _Point(NamedTuple):
    """A version, or (when ``stage`` is 0) the first of its pre-releases."""

    major: int
    minor: int
    patch: int
    stage: int = _RELEASE

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.patch}" + "-alpha.0" * (self.stage == _BEFORE_RELEASE)


class _Span(NamedTuple):
    """Versions from ``low`` up to, but not including, ``high``."""

    low: _Point
    high: _Point


_START = _Point(0, 0, 0)
_ENDLESS = _Point(1 << 60, 0, 0)


def range_from_npm(text: str) -> ConvertedRange:
    """Return the npm range `text` as ours; gaps between alternatives are closed, and what is not understood widens."""
    spans = []
    for alternative in text.split("||"):
        span = _span(alternative.strip())
        if span is None:
            return ConvertedRange(range=EVERY_VERSION, lost=(f"it was {text}",))
        if span.low < span.high:
            spans.append(span)
    if not spans:
        return ConvertedRange(range=EVERY_VERSION, lost=(f"it was {text}",))
    spans.sort()
    low, high = spans[0]
    gaps = False
    for span in spans[1:]:
        gaps = gaps or span.low > high
        high = max(high, span.high)
    comparators = [f">={low}"] * (low != _START) + [f"<{high}"] * (high != _ENDLESS)
    return ConvertedRange(range=joined(comparators), lost=(f"it was {text}",) if gaps else ())


def _span(alternative: str) -> _Span | None:
    """Return the versions in which all comparators of `alternative` hold, or None for one that is not understood."""
    if hyphen := _HYPHEN.fullmatch(alternative):
        alternative = f">={hyphen['low']} <={hyphen['high']}"
    low, high = _START, _ENDLESS
    at = 0
    while at < len(alternative):
        found = _COMPARATOR.match(alternative, at)
        if not found:
            return None
        at = found.end()
        if at < len(alternative) and not alternative[at].isspace():
            return None
        while at < len(alternative) and alternative[at].isspace():
            at += 1
        span = _span_of(found)
        low, high = max(low, span.low), min(high, span.high)
    return _Span(low, high)


def _numbers(found: re.Match[str]) -> tuple[int, ...]:
    numbers: list[int] = []
    for part in ("major", "minor", "patch"):
        if found[part] is None or not found[part].isdigit():
            break
        numbers.append(int(found[part]))
    return tuple(numbers)


def _span_of(found: re.Match[str]) -> _Span:
    numbers = _numbers(found)
    low = _point(numbers)._replace(stage=_BEFORE_RELEASE if found["stage"] else _RELEASE)
    following = _after(numbers, len(numbers))
    fixed = next((at for at, number in enumerate(numbers) if number), len(numbers) - 1)
    tilde = _Span(low, _after(numbers, min(2, len(numbers))))
    spans = {
        ">=": _Span(low, _ENDLESS),
        ">": _Span(following, _ENDLESS),
        "<": _Span(_START, low),
        "<=": _Span(_START, following),
        "^": _Span(low, _after(numbers, fixed + 1)),
        "~": tilde,
        "~>": tilde,
    }
    return spans.get(found["operator"], _Span(low, following))


def _after(numbers: tuple[int, ...], kept: int) -> _Point:
    """Return the first version behind all that start with the first `kept` of `numbers`."""
    if not numbers:
        return _ENDLESS
    return _point((*numbers[: kept - 1], numbers[kept - 1] + 1))


def _point(numbers: tuple[int, ...]) -> _Point:
    major, minor, patch = (*numbers, 0, 0, 0)[:3]
    return _Point(major, minor, patch)
