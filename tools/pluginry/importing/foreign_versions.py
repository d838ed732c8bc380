"""Versions and ranges of other registries in our portable form (``X.Y.Z[-(alpha|beta|rc).N]``, comparators).

In: texts in the notation of PEP 440, SemVer 2 or npm. Out: our version or None; our range, with what it could not say.
A range is never made narrower: what we cannot express is left out, and named in ``lost``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from packaging.specifiers import InvalidSpecifier, Specifier, SpecifierSet
from packaging.version import InvalidVersion
from packaging.version import Version as Pep440Version

from pluginry.errors import DocumentError
from pluginry.model.versions import EVERY_VERSION, Version, VersionRange

if TYPE_CHECKING:
    from collections.abc import Iterable

_STAGES: Final = {"a": "alpha", "b": "beta", "rc": "rc"}
_PARTS = 3
_LARGEST = 999_999_999
_SEMVER = re.compile(
    r"v?(?P<release>[0-9]+\.[0-9]+\.[0-9]+)(?:-(?P<stage>alpha|beta|rc)[.-]?(?P<number>[0-9]+)?)?", re.ASCII
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConvertedRange:
    """A range as we can say it, and in words what of the original we cannot."""

    range: VersionRange
    lost: tuple[str, ...] = ()


def version_from_pep440(text: str) -> Version | None:
    """Return the Python version `text` in our form, or None: an epoch, a fourth number, post, dev or local."""
    try:
        version = Pep440Version(text)
    except InvalidVersion:
        return None
    if version.epoch or version.is_devrelease or version.is_postrelease or version.local:
        return None
    if any(version.release[_PARTS:]):
        return None
    release = ".".join(str(part) for part in (*version.release, 0, 0)[:_PARTS])
    return _version(f"{release}-{_STAGES[version.pre[0]]}.{version.pre[1]}" if version.pre else release)


def version_from_semver(text: str) -> Version | None:
    """Return the semantic version `text` (``v`` may stand before it) in our form, or None: any other pre-release."""
    found = _SEMVER.fullmatch(text)
    if not found:
        return None
    stage = f"-{found['stage']}.{int(found['number'] or 0)}" if found["stage"] else ""
    return _version(found["release"] + stage)


def range_from_pep440(text: str) -> ConvertedRange:
    """Return a Python version specifier such as ``>=1.2,<2`` or ``~=1.4`` as our range."""
    try:
        specifiers = sorted(SpecifierSet(text), key=str)
    except InvalidSpecifier:
        return ConvertedRange(range=EVERY_VERSION, lost=(f"it was {text}",))
    comparators: list[str] = []
    lost = []
    for specifier in sorted(specifiers, key=lambda one: not one.operator.startswith(">")):
        found = _comparators(specifier)
        comparators += found
        if not found:
            lost.append(f"without {specifier}")
    return ConvertedRange(range=joined(comparators), lost=tuple(lost))


def joined(comparators: Iterable[str]) -> VersionRange:
    """Return the range in which all of `comparators` hold; of none, every version."""
    return VersionRange(",".join(dict.fromkeys(comparators)) or EVERY_VERSION.text)


def _comparators(specifier: Specifier) -> list[str]:
    """Return comparators of ours that say what `specifier` says, or none."""
    text = specifier.version
    is_prefix = text.endswith(".*")
    number = _bound(text.removesuffix(".*"))
    match specifier.operator:
        case _ if not number:
            return []
        case "==" if is_prefix:
            return [f">={number}", f"<{_next(text.removesuffix('.*'))}"]
        case "~=":
            return [f">={number}", f"<{_next(text.rpartition('.')[0])}"]
        case ">=" | "<=" | ">" | "<" | "==" | "!=" if not is_prefix:
            return [f"{specifier.operator}{number}"]
        case _:
            return []


def _bound(text: str) -> str:
    """Return the version `text` as the number of a comparator (one to three parts), or empty text."""
    version = version_from_pep440(text)
    if version is None:
        return ""
    given = Pep440Version(text)
    if max(given.release) >= _LARGEST:  # its successor could not be written
        return ""
    if given.is_prerelease:
        return version.text
    return ".".join(str(part) for part in given.release[:_PARTS])


def _next(prefix: str) -> str:
    *head, last = Pep440Version(prefix).release[:_PARTS]
    return ".".join(str(part) for part in (*head, last + 1))


def _version(text: str) -> Version | None:
    try:
        return Version(text)
    except DocumentError:
        return None
