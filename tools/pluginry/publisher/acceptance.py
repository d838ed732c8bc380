"""Which recorded releases can be offered: bytes at hand, and signed as clients under today's policy ask for.

In: ledgers, the objects they name, the policy, a verifier. Out: what bundles prove, and the releases that are left out,
with the reason. It signs nothing: a release whose signatures are refused is not signed again, for that would hide it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pluginry.encoding.provenance_statement import developer
from pluginry.errors import TamperedError
from pluginry.model.attestation import BACKFILL_PREDICATE, PROVENANCE_PREDICATE, RELEASE_PREDICATES
from pluginry.model.ledger import Listed
from pluginry.model.quarantine import Fault, Quarantined

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from pluginry.model.attestation import AcceptedSigner, VerifiedStatement
    from pluginry.model.digest import Digest
    from pluginry.model.index import TrustPolicy
    from pluginry.model.ledger import AttestationFact, Ledger, Released
    from pluginry.model.names import PluginId
    from pluginry.model.versions import Version
    from pluginry.ports import Verifier
    from pluginry.publisher.object_access import ObjectAccess


def checked(
    offered: Iterable[tuple[Ledger, Released]],
    access: ObjectAccess,
    policy: TrustPolicy,
    trusted_root: bytes,
    verifier: Verifier | None,
) -> tuple[dict[Digest, VerifiedStatement], dict[Digest, str]]:
    """Return what the bundles prove, and why others are refused: under a new policy they may count no more."""
    proved: dict[Digest, VerifiedStatement] = {}
    refused: dict[Digest, str] = {}
    if verifier is None:
        return proved, refused
    for ledger, released in offered:
        signers = {kind: policy.signers_of(kind) for kind in RELEASE_PREDICATES}
        signers[PROVENANCE_PREDICATE] = _developers(ledger)
        for known in ledger.attestations_of(released.version):
            if known.type == BACKFILL_PREDICATE and (known.sha256 in proved or known.sha256 in refused):
                continue  # the bundle of many packages
            if known.type in signers and access.has_bundle(known):
                if known.type == BACKFILL_PREDICATE and not signers[known.type]:
                    refused[known.sha256] = "the policy accepts nobody's statements about many packages"
                    continue
                try:
                    proved[known.sha256] = verifier.verify(
                        access.bundle(known), trusted_root=trusted_root, identities=signers[known.type]
                    )
                except TamperedError as error:
                    refused[known.sha256] = str(error)
    return proved, refused


def _developers(ledger: Ledger) -> tuple[AcceptedSigner, ...]:
    """Return everybody who was the publisher of a plugin: a release stays the work of whoever made it."""
    known = (event.publisher for event in ledger.events if isinstance(event, Listed))
    return tuple(developer(publisher) for publisher in dict.fromkeys(known) if publisher)


def not_accepted(
    offered: Iterable[tuple[Ledger, Released]],
    signatures: Mapping[Digest, VerifiedStatement],
    refused: Mapping[Digest, str],
) -> Iterator[Quarantined]:
    """Yield releases with a package whose signatures are all refused: signing it again would hide that."""
    for ledger, released in offered:
        known = ledger.attestations_of(released.version)
        good = {_part(fact) for fact in known if fact.sha256 in signatures}
        bad = (fact for fact in known if fact.sha256 in refused and _part(fact) not in good)
        reasons = [refused[fact.sha256] for fact in bad]
        if reasons:
            yield _unoffered(ledger.id, released.version, reasons[0])


def _part(fact: AttestationFact) -> tuple[Digest, bool]:
    """Return what a signature is one of perhaps several for: the registry's about a package, or the developer's."""
    return fact.artifact, fact.type in RELEASE_PREDICATES


def unavailable(
    ledgers: Mapping[PluginId, Ledger],
    not_built: Iterable[Quarantined],
    access: ObjectAccess,
    *,
    needs_signature: bool,
) -> Iterator[Quarantined]:
    """Yield recorded releases that cannot be offered: bytes that are nowhere, or a signature still to come."""
    known = releases_of(not_built)
    for plugin, ledger in ledgers.items():
        for version, released in ledger.releases.items():
            if (plugin, version) in known:
                continue
            missing = access.missing_from(ledger, version)
            at_hand = [known for known in ledger.attestations_of(version) if access.has_bundle(known)]
            signed = {fact.artifact for fact in at_hand if fact.type in RELEASE_PREDICATES}
            missing = missing or _lost_provenance(ledger.attestations_of(version), at_hand)
            if missing:
                yield _unoffered(plugin, version, f"not at hand: {missing}")
            elif needs_signature and not {a.sha256 for a in released.artifacts} <= signed:
                yield _unoffered(plugin, version, "not signed yet")


def _unoffered(plugin: PluginId, version: Version, reason: str) -> Quarantined:
    return Quarantined(id=plugin, version=version, kind=Fault.INFRASTRUCTURE, reason=reason)


def releases_of(items: Iterable[Quarantined]) -> frozenset[tuple[PluginId, Version]]:
    """Return the releases among `items`."""
    return frozenset((item.id, item.version) for item in items if item.id is not None and item.version is not None)


def _lost_provenance(known: Iterable[AttestationFact], at_hand: Iterable[AttestationFact]) -> str:
    """Return what is missing when provenance that was published is nowhere any more: nobody goes on with less proof."""
    lost = {fact for fact in known if fact.type == PROVENANCE_PREDICATE} - {*at_hand}
    return "provenance" if lost else ""
