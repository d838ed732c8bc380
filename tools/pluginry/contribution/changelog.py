"""What a changelog says of one version, as changes of a release.

In: the text of a CHANGELOG.md with a heading for each version. Out: kinds and texts. Never fails: where nothing is
found there are no changes.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from pluginry.model.manifest import Change

if TYPE_CHECKING:
    from pluginry.model.versions import Version

MAX_BYTES: Final = 1 << 20
MAX_CHANGES: Final = 100
MAX_TEXT: Final = 300
_KINDS: Final = ("added", "changed", "deprecated", "removed", "fixed", "security")
_HEADING = re.compile(r"(#{1,4})\s+(.*)")
_BULLET = re.compile(r"\s{0,3}[-*+]\s+(.*)")
_KIND = re.compile(rf"\**({'|'.join(_KINDS)})\**\s*:\**\s*(.*)", re.IGNORECASE)
_NO_TEXT = re.compile(r"[\x00-\x1f\x7f]+")


def changes_of(text: str, version: Version) -> tuple[Change, ...]:
    """Return the changes that the section of `version` lists, under headings such as Added or after such words."""
    kind, depth = "changed", 0
    found: list[tuple[str, str]] = []
    for line in text[:MAX_BYTES].splitlines():
        if heading := _HEADING.match(line):
            level, title = len(heading[1]), heading[2]
            if depth and level <= depth:
                break
            if depth:
                word = title.strip().lower()
                kind = word if word in _KINDS else "changed"
            elif _names(title, version):
                depth = level
        elif depth and (bullet := _BULLET.match(line)):
            named = _KIND.fullmatch(bullet[1].strip())
            found.append((named[1].lower(), named[2]) if named else (kind, bullet[1]))
        elif depth and found and line.startswith("  ") and line.strip():
            found[-1] = (found[-1][0], f"{found[-1][1]} {line.strip()}")
    shown = ((kind, _NO_TEXT.sub(" ", said).strip()) for kind, said in found[:MAX_CHANGES])
    return tuple(Change(kind=kind, text=_cut(said)) for kind, said in shown if said)


def _names(title: str, version: Version) -> bool:
    """Return whether a heading is that of `version`: alone, in brackets, after a v or a name, before a date."""
    return re.search(rf"(?<![0-9.]){re.escape(str(version))}(?![0-9.-])", title) is not None


def _cut(text: str) -> str:
    return text if len(text) <= MAX_TEXT else f"{text[: MAX_TEXT - 3]}..."
