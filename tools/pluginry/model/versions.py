"""Versions and ranges in one portable form that SemVer 2 and PEP 440 read and order alike.

In: text. Out: values that compare. The form is so narrow that a tuple of five numbers orders it; the tests hold that to
what the library `packaging` says, which every host would have to import otherwise.
"""

from __future__ import annotations

import operator
import re
from dataclasses import dataclass, field
from functools import lru_cache, total_ordering
from types import MappingProxyType
from typing import TYPE_CHECKING

from pluginry.errors import DocumentError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_Order = tuple[int, int, int, int, int]
"""Three numbers of the version, its phase, the number in the phase."""
_PHASES = MappingProxyType({"alpha": 0, "beta": 1, "rc": 2})
_FINISHED = 3
_NUMBER = r"(?:0|[1-9][0-9]{0,8})"
_VERSION = re.compile(rf"{_NUMBER}\.{_NUMBER}\.{_NUMBER}(?:-(?:alpha|beta|rc)\.{_NUMBER})?\Z")
_COMPARATOR = rf"(?:>=|<=|==|!=|>|<) ?{_NUMBER}(?:\.{_NUMBER}){{0,2}}(?:-(?:alpha|beta|rc)\.{_NUMBER})?"
_RANGE = re.compile(rf"(?:\*|{_COMPARATOR}(?:, ?{_COMPARATOR})*)\Z")
_MAX_SHOWN = 80
_REMEMBERED = 1 << 12
"""The places of so many versions are known: most of a marketplace are the same few."""
_SIGNS: Mapping[str, Callable[[_Order, _Order], bool]] = MappingProxyType(
    {
        ">=": operator.ge,
        "<=": operator.le,
        "==": operator.eq,
        "!=": operator.ne,
        ">": operator.gt,
        "<": lambda version, bound: version < bound and not _leads_up_to(version, bound),
    }
)


@total_ordering
@dataclass(frozen=True, slots=True, eq=False)
class Version:
    """``X.Y.Z`` or ``X.Y.Z-(alpha|beta|rc).N``."""

    text: str
    _order: _Order = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_order", _order_of_version(self.text))

    def __str__(self) -> str:
        return self.text

    def __eq__(self, other: object) -> bool:
        return self.text == other.text if isinstance(other, Version) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.text)

    def __lt__(self, other: object) -> bool:
        return self._order < other._order if isinstance(other, Version) else NotImplemented

    @property
    def is_prerelease(self) -> bool:
        """Whether this is an alpha, beta or release candidate."""
        return self._order[3] != _FINISHED


@dataclass(frozen=True, slots=True)
class VersionRange:
    """Comma-separated comparators such as ``>=1.2,<2``; ``*`` holds every version."""

    text: str
    _bounds: tuple[tuple[str, _Order], ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not _RANGE.match(self.text):
            raise DocumentError(
                f"{self.text[:_MAX_SHOWN]!r} is not a range of versions",
                why="a range is a list of comparators such as >=1.2,<2, or *",
            )
        comparators = re.findall(r"([<>=!]+) ?([^,]+)", self.text)
        object.__setattr__(self, "_bounds", tuple((sign, _order_of(bound)) for sign, bound in comparators))

    def __str__(self) -> str:
        return self.text

    def __contains__(self, version: Version) -> bool:
        return all(_SIGNS[sign](version._order, bound) for sign, bound in self._bounds)  # noqa: SLF001 - one module


@lru_cache(_REMEMBERED)
def _order_of_version(text: str) -> _Order:
    if not _VERSION.match(text):
        raise DocumentError(
            f"{text[:_MAX_SHOWN]!r} is not a version",
            why="a version is X.Y.Z or X.Y.Z-(alpha|beta|rc).N without leading zeros",
        )
    return _order_of(text)


def _order_of(text: str) -> _Order:
    """Return the place of a version among all others; the numbers that a bound leaves out are zero."""
    numbers, _, prerelease = text.partition("-")
    major, minor, patch, *_ = [*map(int, numbers.split(".")), 0, 0]
    phase, _, number = prerelease.partition(".")
    return (major, minor, patch, _PHASES[phase], int(number)) if prerelease else (major, minor, patch, _FINISHED, 0)


def _leads_up_to(version: _Order, bound: _Order) -> bool:
    """Return whether `version` is a prerelease of the finished `bound`: ``<2`` means the versions of the 1 series."""
    return version[:3] == bound[:3] and bound[3] == _FINISHED


EVERY_VERSION = VersionRange("*")
