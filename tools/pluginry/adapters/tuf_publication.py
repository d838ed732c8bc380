"""The trust metadata that a store holds now, as the publisher reads it back.

In: a store, and the public roots. Out: metadata whose signatures, hashes and versions were checked.
It never asks how old something is: that is what the publisher signs it anew for.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from tuf.api.exceptions import RepositoryError, UnsignedMetadataError
from tuf.api.metadata import Metadata, Root, Snapshot, Targets, Timestamp

from pluginry.adapters.tuf_roles import INDEX, SNAPSHOT, TARGETS, TIMESTAMP
from pluginry.errors import ObjectMissingError, TamperedError, UsageError
from pluginry.model.layout import METADATA_PREFIX, TIMESTAMP_KEY

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tuf.api.metadata import MetaFile

    from pluginry.ports import ObjectStore

T = TypeVar("T", Snapshot, Targets, Timestamp)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedPart(Generic[T]):
    """One metadata file: what it says, and its bytes, because hashes of them stand in other files.

    `has_old_key`: the keys that signed it were replaced since, or left too few to reach the threshold.
    """

    says: T
    body: bytes
    has_old_key: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """What the timestamp in a store names; `index` is the delegated role of profile *hardened*, if there is one."""

    timestamp: SignedPart[Timestamp]
    snapshot: SignedPart[Snapshot]
    targets: SignedPart[Targets]
    index: SignedPart[Targets] | None = None

    @property
    def listed(self) -> Mapping[str, SignedPart[Targets]]:
        """Everything that the snapshot lists, by role, in the order in which clients look for a target."""
        return {TARGETS: self.targets} | ({INDEX: self.index} if self.index else {})


def metadata_key(version: int, role: str) -> str:
    """Return the key of one version of a metadata file; only the timestamp has none."""
    return f"{METADATA_PREFIX}{version}.{role}.json"


def root_chain(roots: tuple[bytes, ...]) -> tuple[Root, ...]:
    """Return the roots, oldest first, each signed by itself and by the one before.

    Raises:
        UsageError: there is none.
        TamperedError: the chain does not hold, and no client would follow it.

    """
    if not roots:
        raise UsageError("this marketplace has no root of trust yet", hint="make one with `pluginry trust init`")
    chain: list[Root] = []
    for version, body in enumerate(roots, start=1):
        try:
            metadata = Metadata[Root].from_bytes(body)
            for signer in (*chain[-1:], metadata.signed):
                signer.verify_delegate(Root.type, metadata.signed_bytes, metadata.signatures)
        except RepositoryError as error:
            raise TamperedError(
                "a root of trust is not signed as it must be", where=f"{version}.root.json", why=str(error)
            ) from error
        if metadata.signed.version != version:
            raise TamperedError("a root of trust has the wrong version", where=f"{version}.root.json")
        chain.append(metadata.signed)
    return tuple(chain)


def published_now(store: ObjectStore, chain: tuple[Root, ...], offline: Targets | None = None) -> Publication | None:
    """Return what is published in `store`, or None before the first publication.

    After a change of keys it is still signed by the keys before: older roots vouch for it too, and the index is read
    under the delegation that is published with it. `offline` is the newest of what the targets keys signed.

    Raises:
        TamperedError: it is not what keys of this marketplace signed.

    """
    try:
        body = store.read(TIMESTAMP_KEY)
    except ObjectMissingError:
        return None
    try:
        timestamp: SignedPart[Timestamp] = _part(body, Timestamp, TIMESTAMP, chain)
        snapshot: SignedPart[Snapshot] = _named_part(timestamp.says.snapshot_meta, Snapshot, SNAPSHOT, chain, store)
        targets: SignedPart[Targets] = _named_part(snapshot.says.meta["targets.json"], Targets, TARGETS, chain, store)
        named = snapshot.says.meta.get(f"{INDEX}.json")
        index: SignedPart[Targets] | None = (
            _named_part(named, Targets, INDEX, (targets.says, offline or targets.says), store) if named else None
        )
    except (RepositoryError, ValueError) as error:
        raise TamperedError(
            "what is published there was not signed by the keys of this marketplace",
            where=store.location,
            why=str(error),
            hint="publish to an empty place, or restore the metadata",
        ) from error
    return Publication(timestamp=timestamp, snapshot=snapshot, targets=targets, index=index)


def offline_part(body: bytes, newest: Root) -> SignedPart[Targets]:
    """Return what the targets keys of profile *hardened* signed.

    Raises:
        TamperedError: not enough of the keys that the `newest` root names did.

    """
    try:
        return _part(body, Targets, TARGETS, (newest,))
    except RepositoryError as error:
        raise TamperedError(
            "the targets of trust are not signed as they must be",
            where="index/trust",
            why=str(error),
            hint="let the targets keys sign: `pluginry trust renew targets` and `pluginry trust sign`",
        ) from error


def _named_part(
    meta: MetaFile, kind: type[T], role: str, delegators: Sequence[Root | Targets], store: ObjectStore
) -> SignedPart[T]:
    body = store.read(metadata_key(meta.version, role))
    meta.verify_length_and_hashes(body)
    part: SignedPart[T] = _part(body, kind, role, delegators)
    if part.says.version != meta.version:
        raise RepositoryError(f"the {role} has version {part.says.version} instead of {meta.version}")
    return part


def _part(body: bytes, kind: type[T], role: str, delegators: Sequence[Root | Targets]) -> SignedPart[T]:
    """Return the metadata in `body`, for which the newest of `delegators` vouches, or one before it."""
    metadata: Metadata[T] = Metadata.from_bytes(body)
    if not isinstance(metadata.signed, kind):
        raise RepositoryError(f"the {role} is {metadata.signed.type} metadata")
    newest = delegators[-1]
    for delegator in reversed(delegators):
        with suppress(UnsignedMetadataError):
            delegator.verify_delegate(role, metadata.signed_bytes, metadata.signatures)
            return SignedPart(says=metadata.signed, body=body, has_old_key=delegator is not newest)
    raise UnsignedMetadataError(f"the {role} is not signed by enough keys")
