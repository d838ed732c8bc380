"""The trust metadata that a store holds now, as the publisher reads it back.

In: a store, and the public roots. Out: metadata whose signatures, hashes and versions were checked.
It never asks how old something is: that is what the publisher signs it anew for.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar

from tuf.api.exceptions import LengthOrHashMismatchError, RepositoryError, UnsignedMetadataError
from tuf.api.metadata import Metadata, Root, Snapshot, Targets, Timestamp

from pluginry.adapters.tuf_roles import INDEX, SNAPSHOT, TARGETS, TIMESTAMP
from pluginry.errors import AuthError, ObjectMissingError, TamperedError, UsageError
from pluginry.model.digest import Digest
from pluginry.model.layout import METADATA_PREFIX, TIMESTAMP_KEY, target_key
from pluginry.model.published import SETTLED_FIELD

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tuf.api.metadata import MetaFile

    from pluginry.ports import ObjectStore

NEWEST_SNAPSHOT = "x-pluginry-newest-snapshot"
"""Stands in a timestamp that goes back: so high the number of a snapshot was already."""
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


@dataclass(frozen=True, slots=True)
class PublishedTargets:
    """Reads back the targets that are published; needs the public ``roots``, oldest first, and no key."""

    roots: tuple[bytes, ...]

    def current_target(self, path: str, store: ObjectStore) -> bytes | None:
        """Return the target at `path` as it is published now, or None before the first publication.

        Raises:
            TamperedError: the store's metadata or target is not what keys of this marketplace signed.

        """
        current = published_now(store, root_chain(self.roots))
        return _target(path, current.listed, store) if current else None

    def current_targets(self, store: ObjectStore) -> dict[str, bytes]:
        """Return all targets that are published now, by path; the errors of `current_target`."""
        current = published_now(store, root_chain(self.roots))
        listed = current.listed if current else {}
        paths = (path for part in listed.values() for path in part.says.targets)
        return {path: body for path in paths if (body := _target(path, listed, store)) is not None}

    def newest_target(self, path: str, store: ObjectStore) -> bytes | None:
        """Return the target at `path` of the newest publication that anybody may have seen; else as `current_target`.

        That is another one than the current after a publication was taken back.
        """
        chain = root_chain(self.roots)
        current = published_now(store, chain)
        if current is None:
            return None
        version = newest_snapshot(current)
        if version == current.snapshot.says.version:
            return _target(path, current.listed, store)
        try:
            body = store.read(metadata_key(version, SNAPSHOT))
            snapshot: SignedPart[Snapshot] = _part(body, Snapshot, SNAPSHOT, chain)
            return _target(path, _listed(snapshot, chain, None, store), store)
        except (RepositoryError, ValueError, ObjectMissingError, TamperedError):
            # Nobody can have accepted what is not whole.
            return _target(path, current.listed, store)


def metadata_key(version: int, role: str) -> str:
    """Return the key of one version of a metadata file; only the timestamp has none."""
    return f"{METADATA_PREFIX}{version}.{role}.json"


def newest_snapshot(current: Publication) -> int:
    """Return the number of the newest snapshot that a timestamp ever named: perhaps of a publication taken back."""
    said = current.timestamp.says.unrecognized_fields.get(NEWEST_SNAPSHOT)
    return max(current.snapshot.says.version, said if type(said) is int else 0)


def settled_input(timestamp: SignedPart[Timestamp]) -> str | None:
    """Return the name of the input of which a timestamp says that nothing is left to be done."""
    said = timestamp.says.unrecognized_fields.get(SETTLED_FIELD)
    made_of = said.get("made_of") if isinstance(said, dict) else None
    return made_of if isinstance(made_of, str) else None


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
    return publication_of(body, store, chain, offline)


def publication_of(
    body: bytes, store: ObjectStore, chain: tuple[Root, ...], offline: Targets | None = None
) -> Publication:
    """Return what the timestamp `body` names, whether or not it is the current one; else as `published_now`."""
    try:
        timestamp: SignedPart[Timestamp] = _part(body, Timestamp, TIMESTAMP, chain)
        snapshot: SignedPart[Snapshot] = _named_part(timestamp.says.snapshot_meta, Snapshot, SNAPSHOT, chain, store)
        listed = _listed(snapshot, chain, offline, store)
    except (RepositoryError, ValueError) as error:
        raise TamperedError(
            "what is published there was not signed by the keys of this marketplace",
            where=store.location,
            why=str(error),
            hint="publish to an empty place, or restore the metadata",
        ) from error
    return Publication(timestamp=timestamp, snapshot=snapshot, targets=listed[TARGETS], index=listed.get(INDEX))


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


def refuse_counting_back(offline: SignedPart[Targets], current: Publication | None) -> None:
    """Refuse the first offline targets when those of profile *simple* counted on past them while people signed.

    Raises:
        AuthError: they did.

    """
    if current is None or current.index is not None or current.snapshot.has_old_key:
        return  # clients forget what a key that was replaced had counted
    if current.targets.says.version >= offline.says.version:
        raise AuthError(
            "what the targets keys signed counts no further than what is published",
            why=f"version {offline.says.version} after {current.targets.says.version}: clients would refuse it",
            hint="propose it anew with `pluginry trust harden`",
        )


def _named_part(
    meta: MetaFile, kind: type[T], role: str, delegators: Sequence[Root | Targets], store: ObjectStore
) -> SignedPart[T]:
    body = store.read(metadata_key(meta.version, role))
    meta.verify_length_and_hashes(body)
    part: SignedPart[T] = _part(body, kind, role, delegators)
    if part.says.version != meta.version:
        raise RepositoryError(f"the {role} has version {part.says.version} instead of {meta.version}")
    return part


def _listed(
    snapshot: SignedPart[Snapshot], chain: tuple[Root, ...], offline: Targets | None, store: ObjectStore
) -> dict[str, SignedPart[Targets]]:
    """Return what a snapshot lists, by role; see `Publication`."""
    targets: SignedPart[Targets] = _named_part(snapshot.says.meta["targets.json"], Targets, TARGETS, chain, store)
    named = snapshot.says.meta.get(f"{INDEX}.json")
    if named is None:
        return {TARGETS: targets}
    return {TARGETS: targets, INDEX: _named_part(named, Targets, INDEX, (targets.says, offline or targets.says), store)}


def _target(path: str, listed: Mapping[str, SignedPart[Targets]], store: ObjectStore) -> bytes | None:
    info = next((part.says.targets[path] for part in listed.values() if path in part.says.targets), None)
    if info is None:
        return None
    body = store.read(target_key(path, Digest(info.hashes["sha256"])))
    try:
        info.verify_length_and_hashes(body)
    except LengthOrHashMismatchError as error:
        raise TamperedError("a published target was changed", where=path) from error
    return body


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
