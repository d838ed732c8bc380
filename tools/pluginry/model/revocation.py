"""Revocations: what clients must not install or run any more, as an append-only list that they never let shrink."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from pluginry.errors import DocumentError
from pluginry.model.advisory import Affected, RevokedSigner, Subject, is_hit
from pluginry.model.digest import Digest

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pluginry.model.advisory import Advisory


_ADVISORY_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}\Z")


class Verdict(StrEnum):
    """What an entry does, mildest first; ``restore`` lifts what was said before under the same advisory."""

    RESTORE = "restore"
    WARN = "warn"
    BLOCK_INSTALL = "block-install"
    DISABLE = "disable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Revocation:
    """A line of ``revocations.jsonl``: the whole word of one ``advisory``; the last one about it counts.

    ``n`` counts the lines from 1. What is hit: ``affected`` plugins in exactly those versions, packages with one of
    the ``digests``, releases of one of the ``signers``.
    """

    n: int
    at: datetime
    advisory: str
    action: Verdict
    summary: str = ""
    reason: str = ""
    url: str = ""
    affected: tuple[Affected, ...] = ()
    digests: tuple[Digest, ...] = ()
    signers: tuple[RevokedSigner, ...] = ()

    def __post_init__(self) -> None:
        if not _ADVISORY_ID.match(self.advisory):
            raise DocumentError("this is not the id of an advisory", why="it is shown to people as it stands")

    @property
    def blocks_installing(self) -> bool:
        """Whether what is hit is not offered any more."""
        return self.action in (Verdict.BLOCK_INSTALL, Verdict.DISABLE)

    def hits(self, subject: Subject) -> bool:
        """Return whether `subject` is meant."""
        return is_hit(subject, affected=self.affected, digests=self.digests, signers=self.signers)


def revocation_of(advisory: Advisory, *, n: int) -> Revocation:
    """Return what `advisory` says now, as entry number `n`; it is a pure function of both."""
    if advisory.withdrawn is not None:
        return Revocation(n=n, at=advisory.withdrawn, advisory=advisory.id, action=Verdict.RESTORE)
    ours = advisory.database_specific
    return Revocation(
        n=n,
        at=advisory.modified,
        advisory=advisory.id,
        action=Verdict(ours.action.value),
        summary=advisory.summary,
        reason=ours.reason,
        url=next((reference.url for reference in advisory.references), ""),
        affected=advisory.affected,
        digests=ours.digests,
        signers=ours.signers,
    )


def in_force(entries: Iterable[Revocation], advisories: Iterable[Advisory]) -> tuple[Revocation, ...]:
    """Return what counts now, worst first: the last entry of each advisory.

    `advisories` that no entry is about count as they stand: their marketplace keeps no list of revocations yet.
    """
    last = {advisory.id: revocation_of(advisory, n=0) for advisory in advisories}
    last |= {entry.advisory: entry for entry in entries}
    return worst_first(entry for entry in last.values() if entry.action is not Verdict.RESTORE)


def worst_first(entries: Iterable[Revocation]) -> tuple[Revocation, ...]:
    """Return `entries` by what they do, the worst first."""
    return tuple(sorted(entries, key=lambda entry: (-tuple(Verdict).index(entry.action), entry.advisory)))
