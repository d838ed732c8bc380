"""Stage *record*: from claims and built releases to new events of the ledger.

In: what the registry claims of a plugin, its ledger so far, and the releases that were built. Out: the
events to append. It never changes or drops an event, and refuses a release that is not what it was.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pluginry.errors import TamperedError
from pluginry.model.ledger import (
    Amended,
    ArtifactFact,
    AttestationFact,
    Attested,
    DeltaFact,
    Event,
    Ledger,
    Listed,
    Released,
    Rescanned,
    Transferred,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from pluginry.model.digest import BlobRef
    from pluginry.model.registry import PluginEntry
    from pluginry.model.release import Release
    from pluginry.model.versions import Version


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltRelease:
    """What came out of acquiring, scanning and packing a release; the content lies in the object store."""

    manifest: BlobRef
    facts: BlobRef
    artifacts: tuple[ArtifactFact, ...]
    provenance: tuple[AttestationFact, ...] = ()
    deltas: tuple[DeltaFact, ...] = ()


def record(
    entry: PluginEntry,
    ledger: Ledger,
    built: Mapping[Version, BuiltRelease],
    *,
    at: datetime,
    registry_commit: str,
) -> tuple[Event, ...]:
    """Return the events that bring `ledger` up to what `entry` claims and what was `built`.

    Raises:
        TamperedError: a published release was built again and is not what the ledger says.

    """
    return tuple(_events(entry, ledger, built, at, registry_commit))


def refuse_changed(ledger: Ledger, known: Released | None, built: BuiltRelease) -> None:
    """Check that a release that was built again is what was published before (`known`).

    Raises:
        TamperedError: it is not.

    """
    if known is not None and (known.manifest, {*known.artifacts}) != (built.manifest, {*built.artifacts}):
        raise TamperedError(
            f"release {known.version} of {ledger.id} is not what was published",
            why=f"the ledger says {_digests(known.artifacts)}, the sources now give {_digests(built.artifacts)}",
            hint="a published release never changes: restore its sources and publish a new version",
        )


def attested(version: Version, attestations: Iterable[AttestationFact], *, at: datetime) -> Attested:
    """Return the event that says that artifacts of `version` were signed."""
    return Attested(at=at, version=version, attestations=tuple(attestations))


def _events(
    entry: PluginEntry, ledger: Ledger, built: Mapping[Version, BuiltRelease], at: datetime, commit: str
) -> Iterator[Event]:
    listing = entry.listing
    listed = Listed(
        at=at,
        status=listing.status,
        publisher=listing.publisher,
        replaced_by=listing.replaced_by,
        aliases=listing.aliases,
    )
    yield from _transfers(entry, ledger, at)
    if ledger.standing is None or _without_time(ledger.standing) != _without_time(listed):
        yield listed
    for version in sorted(entry.releases):
        release = entry.releases[version]
        known = ledger.releases.get(version)
        if version in built:
            yield from _build_events(release, ledger, known, built[version], at, commit)
        if known is not None or version in built:
            yield from _amendments(release, ledger, at)


def _transfers(entry: PluginEntry, ledger: Ledger, at: datetime) -> Iterator[Event]:
    """Yield the hand-over that the listing announces, if it is from whoever the ledger knows to be the publisher."""
    before, after, transfer = ledger.standing, entry.listing.publisher, entry.listing.transfer
    if before and after and transfer and before.publisher == transfer.previous != after:
        yield Transferred(at=at, previous=transfer.previous, publisher=after, reason=transfer.reason)


def _build_events(
    release: Release, ledger: Ledger, known: Released | None, built: BuiltRelease, at: datetime, commit: str
) -> Iterator[Event]:
    if known is None:
        yield Released(
            at=at,
            version=release.version,
            channel=release.channel,
            manifest=built.manifest,
            facts=built.facts,
            artifacts=built.artifacts,
            deltas=built.deltas,
            registry_commit=commit,
        )
        if built.provenance:
            yield attested(release.version, built.provenance, at=at)
        return
    refuse_changed(ledger, known, built)
    if ledger.facts_of(release.version) != built.facts:
        yield Rescanned(at=at, version=release.version, facts=built.facts)


def _amendments(release: Release, ledger: Ledger, at: datetime) -> Iterator[Event]:
    now = Amended(at=at, version=release.version, yanked=release.yanked, hosts=release.amends.hosts)
    before = ledger.amendment_of(release.version)
    nothing_before = before is None and release.yanked is None and not release.amends.hosts
    if not nothing_before and (before is None or _without_time(before) != _without_time(now)):
        yield now


def _without_time(event: Listed | Amended) -> tuple[object, ...]:
    if isinstance(event, Listed):
        return (event.status, event.publisher, event.replaced_by, event.aliases)
    return (event.version, event.yanked, dict(event.hosts))


def _digests(artifacts: tuple[ArtifactFact, ...]) -> str:
    return ", ".join(f"{artifact.platform} {artifact.sha256.short}" for artifact in artifacts)
