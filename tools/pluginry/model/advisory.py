"""Advisories: OSV 1.x documents about plugins of the marketplace, and what they mean for a version."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from operator import attrgetter

from pluginry.model.digest import Digest
from pluginry.model.names import PluginId
from pluginry.model.versions import Version

_LOWEST = Version("0.0.0-alpha.0")


class Action(StrEnum):
    """What clients do with affected versions, mildest first."""

    WARN = "warn"
    BLOCK_INSTALL = "block-install"
    DISABLE = "disable"


@dataclass(frozen=True, slots=True, kw_only=True)
class AffectedPackage:
    """The plugin that an advisory is about."""

    ecosystem: str
    name: PluginId


@dataclass(frozen=True, slots=True, kw_only=True)
class RangeEvent:
    """One end of an affected range; exactly one field is set. ``introduced`` may be ``0``: from the beginning.

    An event of a kind that is not known here sets none, and changes nothing.
    """

    introduced: str = ""
    fixed: str = ""
    last_affected: str = ""

    def __post_init__(self) -> None:
        _ = self.version  # refuses text that is no version now, and not when an answer hangs on it

    @property
    def version(self) -> Version:
        """The version that it names; ``0`` is the lowest that there can be."""
        text = self.introduced or self.fixed or self.last_affected
        return _LOWEST if text in ("", "0") else Version(text)


@dataclass(frozen=True, slots=True, kw_only=True)
class AffectedRange:
    """Affected versions as OSV events; they count in order of version, however they are written."""

    type: str
    events: tuple[RangeEvent, ...]

    def __contains__(self, version: Version) -> bool:
        inside = False
        for event in sorted(self.events, key=attrgetter("version")):
            if event.introduced:
                inside = inside or version >= event.version
            elif event.fixed:
                inside = inside and version < event.version
            elif event.last_affected:
                inside = inside and version <= event.version
        return inside


@dataclass(frozen=True, slots=True, kw_only=True)
class Affected:
    """What is affected of one plugin: ranges, and single versions."""

    package: AffectedPackage
    ranges: tuple[AffectedRange, ...] = ()
    versions: tuple[Version, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OsvSeverity:
    """A CVSS vector."""

    type: str
    score: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """Where to read more."""

    type: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Credit:
    """Who helped."""

    name: str
    type: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Directive:
    """What is ours in an advisory (OSV's database_specific): the ``action``, and artifacts named by digest."""

    action: Action
    digests: tuple[Digest, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Advisory:
    """``advisories/<id>.yaml``."""

    schema_version: str
    id: str
    modified: datetime
    published: datetime
    summary: str
    affected: tuple[Affected, ...]
    database_specific: Directive
    withdrawn: datetime | None = None
    aliases: tuple[str, ...] = ()
    related: tuple[str, ...] = ()
    details: str = ""
    severity: tuple[OsvSeverity, ...] = ()
    references: tuple[Reference, ...] = ()
    credits: tuple[Credit, ...] = ()

    @property
    def action(self) -> Action:
        """What clients do."""
        return self.database_specific.action

    def affects(self, plugin: PluginId, version: Version, digests: tuple[Digest, ...] = ()) -> bool:
        """Return whether `version` of `plugin`, or an artifact with one of `digests`, is affected."""
        if self.withdrawn is not None:
            return False
        if set(digests) & set(self.database_specific.digests):
            return True
        return any(
            affected.package.name == plugin
            and (version in affected.versions or any(version in span for span in affected.ranges))
            for affected in self.affected
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class AdvisoryList:
    """``v1/advisories.json``."""

    format: int = field(default=1, metadata={"always": True})
    advisories: tuple[Advisory, ...]
