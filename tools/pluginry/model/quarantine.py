"""Quarantine: what is not published as the registry claims it, whose fault that is, and what stands in its place."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from pluginry.model.names import PluginId
from pluginry.model.versions import Version

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pluginry.model.finding import Finding

_SHOWN_CAUSES = 5
_LONGEST_TEXT = 500


class Fault(StrEnum):
    """Who has to act: the ``author`` of the plugin, or whoever runs the ``infrastructure``, perhaps by trying again."""

    AUTHOR = "author"
    INFRASTRUCTURE = "infrastructure"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """A finding that put something into quarantine, as everybody may read it; ``where`` is written ``file:1:2``."""

    rule: str
    where: str
    message: str
    hint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarantined:
    """A plugin, or only its release ``version``, or only the file ``part``, that is not published as claimed.

    ``part`` is relative to ``plugins/``; without ``id`` it belongs to no plugin. ``kept`` says in words what is offered
    instead; empty when nothing is. ``since`` is when a publication first left it out.
    """

    id: PluginId | None = None
    version: Version | None = None
    part: str = ""
    kind: Fault
    reason: str
    causes: tuple[Cause, ...] = ()
    kept: str = ""
    since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicationStatus:
    """``v1/status.json``: how the last publication went, and what it had to leave in quarantine."""

    format: int = field(default=1, metadata={"always": True})
    serial: int
    generated: datetime
    plugins: int = field(default=0, metadata={"always": True})
    releases: int = field(default=0, metadata={"always": True})
    author_faults: int = field(default=0, metadata={"always": True})
    infrastructure_faults: int = field(default=0, metadata={"always": True})
    quarantined: tuple[Quarantined, ...] = field(default=(), metadata={"always": True})
    commit: str = ""


def quarantined_for(
    findings: Iterable[Finding],
    *,
    plugin: PluginId | None = None,
    version: Version | None = None,
    part: str = "",
    kept: str = "",
) -> Quarantined:
    """Return what `findings` about a plugin, or only about one `version` or `part` of it, put into quarantine."""
    found = tuple(findings)
    rest = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
    return Quarantined(
        id=plugin,
        version=version,
        part=part,
        kind=Fault.AUTHOR,
        reason=clipped(f"{found[0].where}: {found[0].message}") + rest,
        causes=tuple(
            Cause(rule=f.rule, where=str(f.where), message=clipped(f.message), hint=clipped(f.hint))
            for f in found[:_SHOWN_CAUSES]
        ),
        kept=kept,
    )


def clipped(text: str) -> str:
    """Return `text` as one line that a status can bear."""
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST_TEXT else f"{line[:_LONGEST_TEXT]}..."


def faults(quarantined: Iterable[Quarantined], kind: Fault) -> int:
    """Return how many of `quarantined` are somebody's fault."""
    return sum(item.kind is kind for item in quarantined)
