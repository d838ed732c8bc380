"""What can be offered of what the ledgers say: releases with all bytes at hand, signed as clients ask for.

In: ledgers, the registry, access to objects, the policy, a verifier. Out: an `Offer`: what is offered, and why the rest
is left out. Of plugins whose records can be kept, everything was at hand the last time and still is: of them nothing is
looked at but the signatures, which may count no more.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pluginry.model import layout
from pluginry.model.on_demand import Later
from pluginry.publisher.acceptance import checked, not_accepted, releases_of, unavailable
from pluginry.publisher.withdrawn import withdrawn_releases

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from pluginry.model.attestation import VerifiedStatement
    from pluginry.model.digest import BlobRef, Digest
    from pluginry.model.index import TrustPolicy
    from pluginry.model.ledger import AttestationFact, Ledger, Released
    from pluginry.model.names import PluginId
    from pluginry.model.quarantine import Quarantined
    from pluginry.model.registry import Registry
    from pluginry.model.versions import Version
    from pluginry.ports import Verifier
    from pluginry.publisher.kept_records import KeptRecord
    from pluginry.publisher.object_access import ObjectAccess


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """Records that are ``kept``, and the ``ledgers`` of all other plugins; ``manifests`` and ``facts`` are of both.

    Of the ledgers, the releases of what is ``left_out`` are not offered, those that were ``refused`` because their
    signatures count no more; ``withheld`` bundles are nowhere, or prove nothing. ``access`` knows what was withdrawn.
    """

    ledgers: Mapping[PluginId, Ledger]
    kept: Mapping[PluginId, KeptRecord]
    manifests: Mapping[Digest, BlobRef]
    facts: Mapping[Digest, BlobRef]
    signatures: Mapping[Digest, VerifiedStatement]
    left_out: tuple[Quarantined, ...]
    refused: tuple[Quarantined, ...]
    withheld: frozenset[Digest]
    access: ObjectAccess

    @property
    def skipped(self) -> frozenset[tuple[PluginId, Version]]:
        """The releases that are left out."""
        return releases_of(self.left_out)


def offer_of(
    registry: Registry,
    recorded: Mapping[PluginId, Ledger],
    *,
    trusted_root: bytes,
    access: ObjectAccess,
    policy: TrustPolicy,
    verifier: Verifier | None,
    kept: Mapping[PluginId, KeptRecord],
    not_built: tuple[Quarantined, ...],
    as_if_signed: bool,
) -> Offer:
    """Return what is offered of what is `recorded` of the plugins of `registry`.

    With `as_if_signed` signatures may be still to come.
    """
    proved, spoiled = _still_good((recorded[plugin] for plugin in kept), access, policy, trusted_root, verifier)
    kept = {plugin: one for plugin, one in kept.items() if not (spoiled and recorded[plugin].has_any(spoiled))}
    ledgers = {plugin: recorded[plugin] for plugin in recorded if plugin in registry.plugins and plugin not in kept}
    access = replace(access, withdrawn=withdrawn_releases(registry.advisories, ledgers.values()))
    is_strict = policy.publish_attestation == "required" and not as_if_signed
    left_out = (*not_built, *unavailable(ledgers, not_built, access, needs_signature=is_strict))
    at_hand = _without(ledgers.values(), left_out)
    bundles = [known for ledger, released in at_hand for known in ledger.attestations_of(released.version)]
    withheld = frozenset(known.sha256 for known in bundles if not access.has_bundle(known))
    access.bring(_documents_of(at_hand))
    access.bring(_keys_of(known for known in bundles if verifier is not None and known.sha256 not in withheld))
    signatures, refused = checked(at_hand, access, policy, trusted_root, verifier)
    unsigned_now = tuple(not_accepted(at_hand, signatures, refused))
    offered = _without(ledgers.values(), (*left_out, *unsigned_now))
    return Offer(
        ledgers=ledgers,
        kept=kept,
        manifests=_by_digest(
            (released.manifest for _, released in offered),
            lambda: (ref for one in kept.values() for ref in one.manifests),
        ),
        facts=_by_digest(
            (ledger.facts_of(released.version) for ledger, released in offered),
            lambda: (ref for one in kept.values() for ref in one.facts),
        ),
        signatures=proved | signatures,
        left_out=(*left_out, *unsigned_now),
        refused=unsigned_now,
        withheld=withheld | refused.keys(),
        access=access,
    )


def _by_digest(offered: Iterable[BlobRef], kept: Callable[[], Iterable[BlobRef]]) -> Mapping[Digest, BlobRef]:
    """Return what is `offered`, and what is `kept`, which is looked for when somebody asks for it."""
    return Later(lambda: {ref.sha256: ref for ref in kept()}, {ref.sha256: ref for ref in offered})


def _still_good(
    ledgers: Iterable[Ledger], access: ObjectAccess, policy: TrustPolicy, trusted_root: bytes, verifier: Verifier | None
) -> tuple[dict[Digest, VerifiedStatement], dict[Digest, str]]:
    """Return what `checked` returns of all releases in `ledgers`; nothing is parsed where nobody verifies."""
    if verifier is None:
        return {}, {}
    releases = _without(ledgers, ())
    access.bring(_keys_of(known for ledger, one in releases for known in ledger.attestations_of(one.version)))
    return checked(releases, access, policy, trusted_root, verifier)


def _without(ledgers: Iterable[Ledger], left_out: Iterable[Quarantined]) -> list[tuple[Ledger, Released]]:
    skipped = releases_of(left_out)
    return [
        (ledger, released)
        for ledger in ledgers
        for released in ledger.releases.values()
        if (ledger.id, released.version) not in skipped
    ]


def _documents_of(offered: Iterable[tuple[Ledger, Released]]) -> Iterator[tuple[BlobRef, str]]:
    for ledger, released in offered:
        for ref in (released.manifest, ledger.facts_of(released.version)):
            yield ref, layout.node_key(ref.sha256)


def _keys_of(bundles: Iterable[AttestationFact]) -> Iterator[tuple[BlobRef, str]]:
    return ((known.blob, layout.attestation_key(known.sha256)) for known in bundles)
