"""What can be offered of what the ledgers say: releases with all bytes at hand, signed as clients ask for.

In: ledgers, the registry, access to objects, the policy, a verifier. Out: an `Offer`: what is offered, and why the rest
is left out. Of plugins whose records can be kept, everything was at hand and signed the last time and still is: of them
nothing is looked at.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from pluginry.errors import TamperedError
from pluginry.model import layout
from pluginry.model.digest import BlobRef, Digest
from pluginry.publisher.acceptance import checked, damaged, not_accepted, releases_of, unavailable
from pluginry.publisher.proofs import Proofs
from pluginry.publisher.withdrawn import withdrawn_releases

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pluginry.model.attestation import VerifiedStatement
    from pluginry.model.index import TrustPolicy
    from pluginry.model.ledger import AttestationFact, Ledger, Released
    from pluginry.model.names import PluginId
    from pluginry.model.quarantine import Quarantined
    from pluginry.model.registry import Registry
    from pluginry.model.versions import Version
    from pluginry.ports import Verifier
    from pluginry.publisher.kept_records import KeptRecords
    from pluginry.publisher.object_access import ObjectAccess


class _Named(Mapping[Digest, BlobRef]):
    """What is `offered`, and what records that were `kept` name as their `kind`: that is looked for when it is needed.

    It stands in canonical JSON, where no text holds a quote that is not escaped.
    """

    def __init__(self, offered: Iterable[BlobRef], kept: KeptRecords, kind: str) -> None:
        self._offered = {ref.sha256: ref for ref in offered}
        self._kept = kept
        self._pattern = rf'"{kind}":{{"sha256":"([0-9a-f]{{64}})","size":([0-9]+)}}'

    @cached_property
    def _sizes(self) -> Mapping[str, str]:
        """The sizes of what is kept, by digest."""
        bodies = (self._kept.published.bodies[str(plugin)] for plugin in self._kept)
        return dict(re.findall(self._pattern, "\n".join(bodies)))

    def __getitem__(self, digest: Digest) -> BlobRef:
        there = self._offered.get(digest)
        return there or BlobRef(sha256=digest, size=int(self._sizes[digest.hex]))

    def __contains__(self, digest: object) -> bool:
        return digest in self._offered or str(digest) in self._sizes

    def __iter__(self) -> Iterator[Digest]:
        return iter({**self._offered, **dict.fromkeys(map(Digest, self._sizes))})

    def __len__(self) -> int:
        return sum(1 for _ in self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """Records that are ``kept``, and the ``ledgers`` of all other plugins; ``manifests`` and ``facts`` are of both.

    Of the ledgers, the releases of what is ``left_out`` are not offered, those that were ``refused`` because their
    signatures count no more; ``withheld`` bundles are nowhere, or prove nothing. ``access`` knows what was withdrawn.
    """

    ledgers: Mapping[PluginId, Ledger]
    kept: KeptRecords
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
    kept: KeptRecords,
    not_built: tuple[Quarantined, ...],
    as_if_signed: bool,
) -> Offer:
    """Return what is offered of what is `recorded` of the plugins of `registry`.

    With `as_if_signed` signatures may be still to come.
    """
    ledgers = {plugin: recorded[plugin] for plugin in recorded if plugin not in kept and plugin in registry.plugins}
    access = replace(access, withdrawn=withdrawn_releases(registry.advisories, ledgers.values()))
    is_strict = policy.publish_attestation == "required" and not as_if_signed
    left_out = (*not_built, *unavailable(ledgers, not_built, access, needs_signature=is_strict))
    at_hand = _without(ledgers.values(), left_out)
    access.bring(_documents_of(at_hand))
    left_out = (*left_out, *damaged(at_hand, access))
    at_hand = _without(ledgers.values(), left_out)
    bundles = [known for ledger, released in at_hand for known in ledger.attestations_of(released.version)]
    withheld = frozenset(known.sha256 for known in bundles if not access.has_bundle(known))
    access.bring(_keys_of(known for known in bundles if verifier is not None and known.sha256 not in withheld))
    found = checked(at_hand, access, policy, trusted_root, verifier)

    def check(plugin: PluginId) -> Mapping[Digest, VerifiedStatement]:
        again = checked(_without([recorded[plugin]], ()), access, policy, trusted_root, verifier)
        for reason in again.damaged.values():  # with it, what was kept cannot be offered as it was
            raise TamperedError(reason, where=str(plugin))
        return again.proved

    refused = tuple(not_accepted(at_hand, found.proved, found.refused))
    left_out = (*left_out, *refused)
    left_out = (*left_out, *not_accepted(_without(ledgers.values(), left_out), found.proved, found.damaged))
    offered = _without(ledgers.values(), left_out)
    return Offer(
        ledgers=ledgers,
        kept=kept,
        manifests=_Named((released.manifest for _, released in offered), kept, "manifest"),
        facts=_Named((ledger.facts_of(released.version) for ledger, released in offered), kept, "facts"),
        signatures=Proofs(found.proved, kept, check) if verifier else {},
        left_out=left_out,
        refused=refused,
        withheld=withheld | found.refused.keys() | found.damaged.keys(),
        access=access,
    )


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
