"""Stage *attest* for everything that waits for a signature, several packages at once.

In: ledgers, the objects they name, a patient signer. Out: bundles in the workspace's store, new lines of the ledger,
and how many packages still wait. A line is written as soon as its signature is there, so a run that was killed has lost
only what was under way. It never signs a package that has a signature at hand, or whose bytes are nowhere.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import groupby
from threading import Lock
from typing import TYPE_CHECKING, Final

from pluginry.encoding.ledger_files import append_events
from pluginry.errors import TransportError
from pluginry.model.attestation import MAX_SUBJECTS, RELEASE_PREDICATES
from pluginry.publisher.attest import Package, attest, attest_together
from pluginry.publisher.concurrency import for_each
from pluginry.publisher.outcome import SigningRun
from pluginry.publisher.record import attested

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from pluginry.model.ledger import AttestationFact, Ledger
    from pluginry.model.names import PluginId
    from pluginry.model.versions import Version
    from pluginry.publisher.object_access import ObjectAccess
    from pluginry.publisher.patient_signer import PatientSigner
    from pluginry.publisher.workspace import Workspace

WORKERS: Final = 8
"""Waiting for the log is most of a signature, and eight at once are no burden to a public service."""


def unsigned_packages(ledgers: Iterable[Ledger], access: ObjectAccess) -> Iterator[Package]:
    """Yield every package that is at hand and has no statement of the registry at hand, release by release."""
    for ledger in ledgers:
        for version, release in ledger.releases.items():
            signed = {
                known.artifact
                for known in ledger.attestations_of(version)
                if known.type in RELEASE_PREDICATES and access.has_bundle(known)
            }
            unsigned = [artifact for artifact in release.artifacts if artifact.sha256 not in signed]
            if unsigned and not access.missing_from(ledger, version):
                yield from (Package(plugin=ledger.id, release=release, artifact=artifact) for artifact in unsigned)


def sign_packages(
    packages: Sequence[Package],
    *,
    workspace: Workspace,
    signer: PatientSigner,
    backfill: bool,
    workers: int,
    at: datetime,
) -> SigningRun:
    """Sign `packages`, `workers` statements at a time: one for each package, or with `backfill` one for many.

    Raises:
        AuthError: the signer is refused; what was signed before is in the ledger.
        TamperedError: as `AuthError`, an answer was not from the signing instance.

    """
    run = _Run(workspace=workspace, signer=signer, backfill=backfill, at=at)
    for_each(run.while_it_makes_sense(_jobs(packages, backfill=backfill)), run.sign, at_once=workers)
    return SigningRun(
        signed=run.signed, bundles=run.bundles, waiting=len(packages) - run.signed, stopped_by=run.stopped_by
    )


def _jobs(packages: Sequence[Package], *, backfill: bool) -> Iterator[Sequence[Package]]:
    """Yield what is signed, and written down, together: as many packages as fit in a statement, or a release."""
    if backfill:
        for start in range(0, len(packages), MAX_SUBJECTS):
            yield packages[start : start + MAX_SUBJECTS]
    else:
        for _, release in groupby(packages, key=_release_of):
            yield tuple(release)


@dataclass(slots=True, kw_only=True)
class _Run:
    workspace: Workspace
    signer: PatientSigner
    backfill: bool
    at: datetime
    signed: int = 0
    bundles: int = 0
    stopped_by: TransportError | None = None
    _guard: Lock = field(default_factory=Lock)

    def while_it_makes_sense(self, jobs: Iterator[Sequence[Package]]) -> Iterator[Sequence[Package]]:
        """Yield jobs until the signer has given up."""
        while not self.signer.has_given_up and (job := next(jobs, ())):
            yield job

    def sign(self, job: Sequence[Package]) -> None:
        """Sign what belongs together and write it down; what the services left unsigned waits for the next run."""
        try:
            bundles, facts = self._attest(job)
        except TransportError as error:
            self.stopped_by = self.stopped_by or error
            return
        for bundle in bundles:
            self.workspace.objects.add(bundle)
        with self._guard:
            self._write_down(zip(job, facts, strict=True))
            self.signed += len(job)
            self.bundles += len(bundles)

    def _attest(self, job: Sequence[Package]) -> tuple[Sequence[bytes], Sequence[AttestationFact]]:
        if self.backfill:
            bundle, facts = attest_together(job, signer=self.signer)
            return (bundle,), facts
        pairs = [attest(one.plugin, one.release, one.artifact, signer=self.signer) for one in job]
        return [bundle for bundle, _ in pairs], [fact for _, fact in pairs]

    def _write_down(self, signed: Iterable[tuple[Package, AttestationFact]]) -> None:
        for plugin, ours in groupby(signed, key=lambda pair: pair[0].plugin):
            events = [
                attested(version, (fact for _, fact in pairs), at=self.at)
                for (_, version), pairs in groupby(ours, key=lambda pair: _release_of(pair[0]))
            ]
            append_events(self.workspace.ledger, plugin, events)


def _release_of(package: Package) -> tuple[PluginId, Version]:
    return package.plugin, package.release.version
