"""Versions and ranges in one portable form that SemVer 2 and PEP 440 read and order alike."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import total_ordering

from packaging.specifiers import SpecifierSet
from packaging.version import Version as _Pep440

from pluginry.errors import DocumentError

_NUMBER = r"(?:0|[1-9][0-9]{0,8})"
_VERSION = re.compile(rf"{_NUMBER}\.{_NUMBER}\.{_NUMBER}(?:-(?:alpha|beta|rc)\.{_NUMBER})?\Z")
_COMPARATOR = rf"(?:>=|<=|==|!=|>|<) ?{_NUMBER}(?:\.{_NUMBER}){{0,2}}(?:-(?:alpha|beta|rc)\.{_NUMBER})?"
_RANGE = re.compile(rf"(?:\*|{_COMPARATOR}(?:, ?{_COMPARATOR})*)\Z")
_MAX_SHOWN = 80


@total_ordering
@dataclass(frozen=True, slots=True, eq=False)
class Version:
    """``X.Y.Z`` or ``X.Y.Z-(alpha|beta|rc).N``."""

    text: str
    _order: _Pep440 = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if not _VERSION.match(self.text):
            raise DocumentError(
                f"{self.text[:_MAX_SHOWN]!r} is not a version",
                why="a version is X.Y.Z or X.Y.Z-(alpha|beta|rc).N without leading zeros",
            )
        object.__setattr__(self, "_order", _Pep440(self.text))

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
        return self._order.is_prerelease


@dataclass(frozen=True, slots=True)
class VersionRange:
    """Comma-separated comparators such as ``>=1.2,<2``; ``*`` holds every version."""

    text: str
    _specifiers: SpecifierSet = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not _RANGE.match(self.text):
            raise DocumentError(
                f"{self.text[:_MAX_SHOWN]!r} is not a range of versions",
                why="a range is a list of comparators such as >=1.2,<2, or *",
            )
        object.__setattr__(self, "_specifiers", SpecifierSet("" if self.text == "*" else self.text))

    def __str__(self) -> str:
        return self.text

    def __contains__(self, version: Version) -> bool:
        return self._specifiers.contains(version._order, prereleases=True)  # noqa: SLF001 - one module, one order


EVERY_VERSION = VersionRange("*")
