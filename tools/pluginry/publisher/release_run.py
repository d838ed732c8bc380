"""All releases that are not published yet, through building, *record* and *attest*.

In: a valid registry, the workspace, adapters. Out: new lines of the ledger, objects in the workspace's
store, and what had to be left out: one plugin that cannot be built never stops the others.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pluginry.encoding.ledger_files import append_events, load_ledgers
from pluginry.errors import DocumentError, NotFoundError, TamperedError, TransportError
from pluginry.model.attestation import PUBLISH_PREDICATE
from pluginry.model.ledger import Ledger
from pluginry.publisher.attest import attest
from pluginry.publisher.index import LeftOut
from pluginry.publisher.object_access import ObjectAccess
from pluginry.publisher.provenance import ProvenanceDesk
from pluginry.publisher.record import attested, record, refuse_changed
from pluginry.publisher.release_build import ReleaseBuilder

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from pluginry.model.ledger import AttestationFact, Attested
    from pluginry.model.registry import PluginEntry, Registry
    from pluginry.model.release import Release
    from pluginry.model.versions import Version
    from pluginry.ports import ObjectStore, Signer, SourceFetcher, Verifier
    from pluginry.publisher.record import BuiltRelease
    from pluginry.publisher.workspace import Workspace


_ENOUGH_FAILURES = 2


@dataclass(slots=True)
class _Reach:
    """Which upstream places do not answer in this run: without a network, one would wait for each release anew."""

    failures: dict[str, int] = field(default_factory=dict)

    def known_to_be_away(self, release: Release) -> str:
        """Return the place of `release` that failed several times in a row; empty when there is none."""
        return next((place for place in _places(release) if self.failures.get(place, 0) >= _ENOUGH_FAILURES), "")

    def came_from(self, release: Release) -> None:
        """Remember that the places of `release` answer."""
        self.failures.update(dict.fromkeys(_places(release), 0))

    def did_not_come_from(self, release: Release) -> None:
        """Remember that a place of `release` did not answer."""
        for place in _places(release):
            self.failures[place] = self.failures.get(place, 0) + 1


def _places(release: Release) -> list[str]:
    """Return where the artifacts of `release` come from: a host, or a package registry as a whole."""
    sources = (claim.source for claim in release.artifacts)
    return [urlsplit(source.url or source.git).hostname or source.kind for source in sources if not source.path]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseRun:
    """What a run did: names of the releases ``built``, number of artifacts ``signed``, what was ``left_out``."""

    built: tuple[str, ...]
    signed: int
    left_out: tuple[LeftOut, ...]


def run_releases(
    workspace: Workspace,
    registry: Registry,
    *,
    fetchers: Mapping[str, SourceFetcher],
    store: ObjectStore,
    signer: Signer | None,
    verifier: Verifier | None,
    commit: str,
    now: datetime,
    advance: Callable[[str], None] = lambda _what: None,
) -> ReleaseRun:
    """Build, record and sign what is not yet; `advance` hears the name of each release."""
    objects = workspace.objects
    desk = ProvenanceDesk(
        verifier=verifier, trusted_root=workspace.trusted_root_bytes, fetchers=fetchers, objects=objects
    )
    builder = ReleaseBuilder(
        registry=registry, folder=workspace.registry, fetchers=fetchers, objects=objects, provenance=desk
    )
    access = ObjectAccess(workspace.objects, store)
    ledgers = load_ledgers(workspace.ledger)
    reach = _Reach()
    names: list[str] = []
    left_out: list[LeftOut] = []
    signed = 0
    for plugin, entry in sorted(registry.plugins.items()):
        ledger = ledgers.get(plugin, Ledger(id=plugin))
        built, failed = _build_new(entry, ledger, builder, access, reach, advance)
        events = record(entry, ledger, built, at=now, registry_commit=commit)
        ledger = replace(ledger, events=(*ledger.events, *events))
        attestations = _sign(ledger, signer, access, now) if signer else []
        append_events(workspace.ledger, plugin, [*events, *attestations])
        names += [f"{plugin} {version}" for version in built]
        left_out += failed
        signed += sum(len(event.attestations) for event in attestations)
    return ReleaseRun(built=tuple(names), signed=signed, left_out=tuple(left_out))


def _build_new(
    entry: PluginEntry,
    ledger: Ledger,
    builder: ReleaseBuilder,
    access: ObjectAccess,
    reach: _Reach,
    advance: Callable[[str], None],
) -> tuple[dict[Version, BuiltRelease], list[LeftOut]]:
    """Build every release of a plugin that is not in the ledger, or whose objects are nowhere any more."""
    built: dict[Version, BuiltRelease] = {}
    failed: list[LeftOut] = []
    for version, release in sorted(entry.releases.items()):
        advance(f"{entry.id} {version}")
        known = ledger.releases.get(version)
        if known is not None and not access.missing_from(ledger, version):
            continue
        away = reach.known_to_be_away(release)
        if away:
            reason = f"{away} could not be reached for the releases before it"
            failed.append(LeftOut(id=entry.id, version=version, reason=reason, kind="infrastructure"))
            continue
        try:
            made = builder.build(entry, release)
            reach.came_from(release)
            refuse_changed(ledger, known, made)
            built[version] = made
        except TransportError as error:
            reach.did_not_come_from(release)
            failed.append(LeftOut(id=entry.id, version=version, reason=error.what, kind="infrastructure"))
        except (DocumentError, TamperedError, NotFoundError) as error:
            failed.append(LeftOut(id=entry.id, version=version, reason=str(error), kind="author"))
    return built, failed


def _sign(ledger: Ledger, signer: Signer, access: ObjectAccess, now: datetime) -> list[Attested]:
    """Sign every artifact that is at hand and has no publish attestation at hand; return the events."""
    events: list[Attested] = []
    for version, released in ledger.releases.items():
        if access.missing_from(ledger, version):
            continue
        signed = {
            known.artifact
            for known in ledger.attestations_of(version)
            if known.type == PUBLISH_PREDICATE and access.has_bundle(known)
        }
        facts: list[AttestationFact] = []
        for artifact in released.artifacts:
            if artifact.sha256 not in signed:
                bundle, fact = attest(ledger.id, released, artifact, signer=signer)
                access.local.add(bundle)
                facts.append(fact)
        if facts:
            events.append(attested(version, facts, at=now))
    return events
