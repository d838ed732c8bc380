"""Which recorded releases can be offered: bytes at hand, and signed as clients under today's policy ask for.

In: ledgers, the objects they name, the policy, a verifier. Out: what bundles prove, and the releases that are left out,
with the reason and what to do. It signs nothing: a release whose signatures are refused is not signed again, for that
would hide it. What is damaged is left out like what is lost, until it is mended: nobody is offered less proof instead.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pluginry.encoding.provenance_statement import developer
from pluginry.errors import TamperedError
from pluginry.model import layout
from pluginry.model.attestation import BACKFILL_PREDICATE, PROVENANCE_PREDICATE, RELEASE_PREDICATES
from pluginry.model.ledger import Listed
from pluginry.model.quarantine import Fault, Quarantined, clipped

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What bundles ``proved``; why others are ``refused``, and which are ``damaged``, by the digests of bundles."""

    proved: dict[Digest, VerifiedStatement] = field(default_factory=dict)
    refused: dict[Digest, str] = field(default_factory=dict)
    damaged: dict[Digest, str] = field(default_factory=dict)

    def __contains__(self, bundle: object) -> bool:
        return bundle in self.proved or bundle in self.refused or bundle in self.damaged


def checked(
    offered: Iterable[tuple[Ledger, Released]],
    access: ObjectAccess,
    policy: TrustPolicy,
    trusted_root: bytes,
    verifier: Verifier | None,
) -> Checked:
    """Return what the bundles prove, and why others are refused: under a new policy they may count no more."""
    found = Checked()
    if verifier is None:
        return found
    for ledger, released in offered:
        signers = {kind: policy.signers_of(kind) for kind in RELEASE_PREDICATES}
        signers[PROVENANCE_PREDICATE] = _developers(ledger)
        for known in ledger.attestations_of(released.version):
            if known.type == BACKFILL_PREDICATE and known.sha256 in found:
                continue  # the bundle of many packages
            if known.type in signers and access.has_bundle(known):
                if known.type == BACKFILL_PREDICATE and not signers[known.type]:
                    found.refused[known.sha256] = "the policy accepts nobody's statements about many packages"
                    continue
                try:
                    bundle = access.bundle(known)
                except TamperedError:
                    found.damaged[known.sha256] = _damaged(f"signature {layout.attestation_key(known.sha256)}")
                    continue
                try:
                    found.proved[known.sha256] = verifier.verify(
                        bundle, trusted_root=trusted_root, identities=signers[known.type]
                    )
                except TamperedError as error:
                    found.refused[known.sha256] = str(error)
    return found


def _developers(ledger: Ledger) -> tuple[AcceptedSigner, ...]:
    """Return everybody who was the publisher of a plugin: a release stays the work of whoever made it."""
    known = (event.publisher for event in ledger.events if isinstance(event, Listed))
    return tuple(developer(publisher) for publisher in dict.fromkeys(known) if publisher)


def not_accepted(
    offered: Iterable[tuple[Ledger, Released]],
    proved: Mapping[Digest, VerifiedStatement],
    bad: Mapping[Digest, str],
) -> Iterator[Quarantined]:
    """Yield releases with a package of whose signatures none is good, and one `bad`: signing again would hide that."""
    for ledger, released in offered:
        known = ledger.attestations_of(released.version)
        good = {_part(fact) for fact in known if fact.sha256 in proved}
        reasons = [bad[fact.sha256] for fact in known if fact.sha256 in bad and _part(fact) not in good]
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
            at_hand = [known for known in ledger.attestations_of(version) if access.has_bundle(known)]
            signed = {fact.artifact for fact in at_hand if fact.type in RELEASE_PREDICATES}
            if missing := access.missing_from(ledger, version):
                yield _unoffered(plugin, version, f"not at hand, and built again next time: {missing}")
            elif lost := _lost_provenance(ledger.attestations_of(version), at_hand):
                yield _unoffered(plugin, version, f"not at hand, put it back where it was published: {lost}")
            elif needs_signature and not {a.sha256 for a in released.artifacts} <= signed:
                yield _unoffered(plugin, version, "not signed yet")


def damaged(offered: Iterable[tuple[Ledger, Released]], access: ObjectAccess) -> Iterator[Quarantined]:
    """Yield releases of which a document is not what the ledger says, neither here nor where it is published.

    Raises:
        ObjectMissingError: one is nowhere, though the store was remembered to hold it.

    """
    for ledger, released in offered:
        if documents := access.damaged_in(ledger, released.version):
            yield _unoffered(ledger.id, released.version, _damaged(documents))


def _damaged(what: str) -> str:
    mend = "put back what was there, or remove it there and publish with --relist, which makes it anew if that can be"
    return f"damaged where it is published, and not at hand here ({mend}): {what}"


def _unoffered(plugin: PluginId, version: Version, reason: str) -> Quarantined:
    return Quarantined(id=plugin, version=version, kind=Fault.INFRASTRUCTURE, reason=clipped(reason))


def releases_of(items: Iterable[Quarantined]) -> frozenset[tuple[PluginId, Version]]:
    """Return the releases among `items`."""
    return frozenset((item.id, item.version) for item in items if item.id is not None and item.version is not None)


def _lost_provenance(known: Iterable[AttestationFact], at_hand: Iterable[AttestationFact]) -> str:
    """Return what is missing when provenance that was published is nowhere any more: nobody goes on with less proof."""
    lost = {fact.sha256 for fact in known if fact.type == PROVENANCE_PREDICATE} - {fact.sha256 for fact in at_hand}
    return ", ".join(f"provenance {layout.attestation_key(one)}" for one in sorted(lost, key=str))
