"""Advisories: OSV 1.x documents about plugins of the marketplace, and what they mean for a version."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from operator import attrgetter
from typing import TYPE_CHECKING

from pluginry.errors import DocumentError
from pluginry.model.digest import Digest
from pluginry.model.names import PluginId
from pluginry.model.versions import Version

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pluginry.model.publisher import Publisher

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

    def includes(self, plugin: PluginId, version: Version) -> bool:
        """Return whether `version` of `plugin` is affected."""
        return self.package.name == plugin and (
            version in self.versions or any(version in span for span in self.ranges)
        )


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
class Subject:
    """A release or an installed plugin that may be affected; ``published_at`` and ``publisher`` as its record says."""

    plugin: PluginId
    version: Version
    digests: tuple[Digest, ...] = ()
    publisher: Publisher | None = None
    published_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RevokedSigner:
    """Everything that an account or a repository published at one forge, in a time from ``after`` to ``before``.

    Ids are those that the forge never gives twice; they count only together with the ``issuer``. With both ids, both
    must be right. What is not known of a release never counts against it.
    """

    issuer: str
    owner_id: str = ""
    repository_id: str = ""
    after: datetime | None = None
    before: datetime | None = None

    def __post_init__(self) -> None:
        if not (self.owner_id or self.repository_id):
            raise DocumentError("a revoked signer without an id would be everybody at its forge")

    @property
    def says(self) -> str:
        """Who and when, in words."""
        named = (("owner", self.owner_id), ("repository", self.repository_id))
        who = f"{' and '.join(f'{what} {number}' for what, number in named if number)} at {self.issuer}"
        after, before = (f"{moment:%Y-%m-%d %H:%M} UTC" if moment else "" for moment in (self.after, self.before))
        if not (after or before):
            return who
        return f"{who}{f' since {after}' if after else ''}{f' until {before}' if before else ''}"

    def made(self, subject: Subject) -> bool:
        """Return whether this signer published `subject` in that time."""
        publisher, moment = subject.publisher, subject.published_at
        if publisher is None or publisher.issuer != self.issuer:
            return False
        if (self.owner_id or publisher.owner_id) != publisher.owner_id:
            return False
        if (self.repository_id or publisher.repository_id) != publisher.repository_id:
            return False
        if self.after is None and self.before is None:
            return True
        if moment is None:
            return False
        return (self.after is None or moment >= self.after) and (self.before is None or moment <= self.before)


def is_hit(
    subject: Subject, *, affected: Iterable[Affected], digests: Iterable[Digest], signers: Iterable[RevokedSigner]
) -> bool:
    """Return whether `subject` is meant: by its version, by one of its packages, or by who published it."""
    return (
        not set(subject.digests).isdisjoint(digests)
        or any(one.includes(subject.plugin, subject.version) for one in affected)
        or any(one.made(subject) for one in signers)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Directive:
    """What is ours in an advisory (OSV's database_specific): the ``action``, and what else is hit.

    ``digests`` name packages, ``signers`` those whose releases are not to be believed.
    """

    action: Action
    digests: tuple[Digest, ...] = ()
    reason: str = ""
    signers: tuple[RevokedSigner, ...] = ()


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

    def hits(self, subject: Subject) -> bool:
        """Return whether `subject` is meant, as long as the advisory stands."""
        ours = self.database_specific
        return self.withdrawn is None and is_hit(
            subject, affected=self.affected, digests=ours.digests, signers=ours.signers
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class AdvisoryList:
    """``v1/advisories.json``."""

    format: int = field(default=1, metadata={"always": True})
    advisories: tuple[Advisory, ...]
