"""The trust metadata that a store holds now, as the publisher reads it back.

In: a store, and the public roots. Out: metadata whose signatures, hashes and versions were checked.
It never asks how old something is: that is what the publisher signs it anew for.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from tuf.api.exceptions import RepositoryError
from tuf.api.metadata import Metadata, Root, Snapshot, Targets, Timestamp

from pluginry.errors import ObjectMissingError, TamperedError, UsageError
from pluginry.model.layout import METADATA_PREFIX, TIMESTAMP_KEY

if TYPE_CHECKING:
    from tuf.api.metadata import MetaFile

    from pluginry.ports import ObjectStore

T = TypeVar("T", Snapshot, Targets, Timestamp)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedPart(Generic[T]):
    """One metadata file: what it says, and its bytes, because hashes of them stand in other files."""

    says: T
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """What the timestamp in a store names. `has_old_key`: the online key was changed since it was signed."""

    timestamp: SignedPart[Timestamp]
    snapshot: SignedPart[Snapshot]
    targets: SignedPart[Targets]
    has_old_key: bool


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


def published_now(store: ObjectStore, chain: tuple[Root, ...]) -> Publication | None:
    """Return what is published in `store`, or None before the first publication.

    After a change of the online key it is still signed by the key before: older roots vouch for it too.

    Raises:
        TamperedError: it is not what keys of this marketplace signed.

    """
    try:
        body = store.read(TIMESTAMP_KEY)
    except ObjectMissingError:
        return None
    try:
        root = _signer_of(body, chain)
        timestamp: SignedPart[Timestamp] = _part(body, Timestamp, root)
        snapshot: SignedPart[Snapshot] = _named_part(timestamp.says.snapshot_meta, Snapshot, root, store)
        targets: SignedPart[Targets] = _named_part(snapshot.says.meta["targets.json"], Targets, root, store)
    except RepositoryError as error:
        raise TamperedError(
            "what is published there was not signed by the keys of this marketplace",
            where=store.location,
            why=str(error),
            hint="publish to an empty place, or restore the metadata",
        ) from error
    return Publication(timestamp=timestamp, snapshot=snapshot, targets=targets, has_old_key=root is not chain[-1])


def _signer_of(timestamp: bytes, chain: tuple[Root, ...]) -> Root:
    """Return the newest root that vouches for `timestamp`."""
    for root in reversed(chain[1:]):
        try:
            _part(timestamp, Timestamp, root)
        except RepositoryError:
            continue
        return root
    return chain[0]


def _named_part(meta: MetaFile, kind: type[T], root: Root, store: ObjectStore) -> SignedPart[T]:
    body = store.read(metadata_key(meta.version, kind.type))
    meta.verify_length_and_hashes(body)
    part: SignedPart[T] = _part(body, kind, root)
    if part.says.version != meta.version:
        raise RepositoryError(f"the {kind.type} has version {part.says.version} instead of {meta.version}")
    return part


def _part(body: bytes, kind: type[T], root: Root) -> SignedPart[T]:
    metadata: Metadata[T] = Metadata.from_bytes(body)
    root.verify_delegate(kind.type, metadata.signed_bytes, metadata.signatures)
    return SignedPart(says=metadata.signed, body=body)
