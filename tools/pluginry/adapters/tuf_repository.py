"""Signs the trust metadata of a marketplace with python-tuf: profile *simple*, one root key, one online key.

In: the targets that are to be current, and the store that holds what is current now. Out: metadata and
target objects, the timestamp last. The root key is used only to make a root; it need not be on the
machine that publishes. Never writes a key anywhere but to its own file, readable by its owner only.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from pluginry.errors import AuthError, ObjectMissingError, TamperedError, UsageError
from pluginry.model.digest import Digest
from pluginry.model.layout import METADATA_PREFIX, TARGETS_PREFIX, TIMESTAMP_KEY
from pluginry.model.published import JSON_TYPE, CachePolicy, Phase, PublishedObject, json_node

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from securesystemslib.signer import CryptoSigner
    from tuf.api.metadata import Metadata, Snapshot, Targets, Timestamp

    from pluginry.ports import ObjectStore

ROOT_KEY_FILE = "root.pem"
ONLINE_KEY_FILE = "online.pem"
ROOT_LIFE = timedelta(days=365)
TARGETS_LIFE = timedelta(days=90)
SNAPSHOT_LIFE = timedelta(days=30)
TIMESTAMP_LIFE = timedelta(days=7)
RESIGN_TIMESTAMP_AFTER = timedelta(hours=6)
_ONLINE_ROLES = ("targets", "snapshot", "timestamp")


def create_key(path: Path) -> None:
    """Make an Ed25519 key at `path`, readable by its owner only.

    Raises:
        UsageError: there is a file already; a key is never overwritten.

    """
    from securesystemslib.signer import CryptoSigner

    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise UsageError("there is a key already, and keys are never overwritten", where=str(path)) from error
    with os.fdopen(handle, "wb") as stream:
        stream.write(CryptoSigner.generate_ed25519().private_bytes)


def load_key(path: Path) -> CryptoSigner:
    """Return the signer whose private key lies at `path` (PEM).

    Raises:
        AuthError: no key there, or not one that can be used.

    """
    from cryptography.hazmat.primitives.serialization import load_pem_private_key
    from securesystemslib.signer import CryptoSigner

    try:
        return CryptoSigner(load_pem_private_key(path.read_bytes(), password=None))
    except FileNotFoundError as error:
        raise AuthError(
            "a signing key is missing", where=str(path), hint="make the keys with `pluginry trust init`"
        ) from error
    except Exception as error:
        raise AuthError("this is not a signing key", where=str(path), why=type(error).__name__) from error


def first_root(root: CryptoSigner, online: CryptoSigner, *, now: datetime) -> bytes:
    """Return ``1.root.json``: `root` may change it, `online` signs everything else."""
    from tuf.api.metadata import Metadata, Root

    body = Root(expires=_whole_seconds(now + ROOT_LIFE), consistent_snapshot=True)
    body.add_key(root.public_key, "root")
    for role in _ONLINE_ROLES:
        body.add_key(online.public_key, role)
    metadata = Metadata(body)
    metadata.sign(root)
    return metadata.to_bytes()


@dataclass(frozen=True, slots=True, kw_only=True)
class TufRepository:
    """Metadata under one `online` key; `roots` are the public ``N.root.json`` files, oldest first."""

    online: CryptoSigner
    roots: tuple[bytes, ...]

    def sign(self, targets: Mapping[str, bytes], *, store: ObjectStore, now: datetime) -> Iterator[PublishedObject]:
        """Yield the objects that make `targets` current; nothing but a fresh timestamp when they are already.

        Raises:
            TamperedError: the metadata in the store is not signed by this repository's keys.
            AuthError: the root does not name the online key.

        """
        self._check_key()
        current = self._current(store)
        for number, root in enumerate(self.roots, start=1):
            yield json_node(f"{METADATA_PREFIX}{number}.root.json", root)
        for path, body in targets.items():
            yield json_node(target_key(path, body), body)
        signed_targets = self._targets(targets, current, now)
        snapshot = self._snapshot(signed_targets, current, now)
        yield json_node(f"{METADATA_PREFIX}{signed_targets.signed.version}.targets.json", signed_targets.to_bytes())
        yield json_node(f"{METADATA_PREFIX}{snapshot.signed.version}.snapshot.json", snapshot.to_bytes())
        timestamp = self._timestamp(snapshot, current, now)
        if timestamp is not None:
            yield PublishedObject(
                key=TIMESTAMP_KEY,
                body=timestamp.to_bytes(),
                media_type=JSON_TYPE,
                cache=CachePolicy.SHORT,
                phase=Phase.ROOT,
            )

    def current_target(self, path: str, store: ObjectStore) -> bytes | None:
        """Return the target at `path` as it is published now, or None before the first publication.

        Raises:
            TamperedError: the store's metadata or target is not what these keys signed.

        """
        from tuf.api.exceptions import LengthOrHashMismatchError

        current = self._current(store)
        info = current.targets.signed.targets.get(path) if current else None
        if info is None:
            return None
        body = store.read(target_key_of(path, info.hashes["sha256"]))
        try:
            info.verify_length_and_hashes(body)
        except LengthOrHashMismatchError as error:
            raise TamperedError("a published target was changed", where=path) from error
        return body

    def _check_key(self) -> None:
        from tuf.api.metadata import Metadata, Root

        newest = Metadata[Root].from_bytes(self.roots[-1]).signed
        for role in _ONLINE_ROLES:
            if self.online.public_key.keyid not in newest.roles[role].keyids:
                raise AuthError(
                    "the online key is not the one that the root of trust names",
                    why=f"it may not sign {role}",
                    hint="use the key that was made with this root, or rotate it",
                )

    def _current(self, store: ObjectStore) -> _Current | None:
        """Return the published metadata, each signature checked against the newest root."""
        from tuf.api.exceptions import RepositoryError
        from tuf.api.metadata import Metadata, Root, Snapshot, Targets, Timestamp

        try:
            timestamp_body = store.read(TIMESTAMP_KEY)
        except ObjectMissingError:
            return None
        root = Metadata[Root].from_bytes(self.roots[-1]).signed
        try:
            timestamp = Metadata[Timestamp].from_bytes(timestamp_body)
            root.verify_delegate("timestamp", timestamp.signed_bytes, timestamp.signatures)
            version = timestamp.signed.snapshot_meta.version
            snapshot = Metadata[Snapshot].from_bytes(store.read(f"{METADATA_PREFIX}{version}.snapshot.json"))
            root.verify_delegate("snapshot", snapshot.signed_bytes, snapshot.signatures)
            version = snapshot.signed.meta["targets.json"].version
            targets = Metadata[Targets].from_bytes(store.read(f"{METADATA_PREFIX}{version}.targets.json"))
            root.verify_delegate("targets", targets.signed_bytes, targets.signatures)
        except RepositoryError as error:
            raise TamperedError(
                "what is published there was not signed by these keys",
                where=store.location,
                why=str(error),
                hint="publish to an empty place, or restore the metadata",
            ) from error
        return _Current(timestamp=timestamp, snapshot=snapshot, targets=targets)

    def _targets(self, targets: Mapping[str, bytes], current: _Current | None, now: datetime) -> Metadata[Targets]:
        from tuf.api.metadata import Metadata, TargetFile, Targets

        files = {path: TargetFile.from_data(path, body, ["sha256"]) for path, body in targets.items()}
        if current and current.targets.signed.targets == files and _is_fresh(current.targets, TARGETS_LIFE, now):
            return current.targets
        version = current.targets.signed.version + 1 if current else 1
        metadata = Metadata(Targets(version=version, expires=_whole_seconds(now + TARGETS_LIFE), targets=files))
        metadata.sign(self.online)
        return metadata

    def _snapshot(self, targets: Metadata[Targets], current: _Current | None, now: datetime) -> Metadata[Snapshot]:
        from tuf.api.metadata import Metadata, MetaFile, Snapshot

        if current and targets is current.targets and _is_fresh(current.snapshot, SNAPSHOT_LIFE, now):
            return current.snapshot
        meta = {"targets.json": MetaFile.from_data(targets.signed.version, targets.to_bytes(), ["sha256"])}
        version = current.snapshot.signed.version + 1 if current else 1
        metadata = Metadata(Snapshot(version=version, expires=_whole_seconds(now + SNAPSHOT_LIFE), meta=meta))
        metadata.sign(self.online)
        return metadata

    def _timestamp(
        self, snapshot: Metadata[Snapshot], current: _Current | None, now: datetime
    ) -> Metadata[Timestamp] | None:
        from tuf.api.metadata import Metadata, MetaFile, Timestamp

        if current and snapshot is current.snapshot:
            signed_at = current.timestamp.signed.expires - TIMESTAMP_LIFE
            if now - signed_at < RESIGN_TIMESTAMP_AFTER:
                return None
        version = current.timestamp.signed.version + 1 if current else 1
        meta = MetaFile.from_data(snapshot.signed.version, snapshot.to_bytes(), ["sha256"])
        metadata = Metadata(
            Timestamp(version=version, expires=_whole_seconds(now + TIMESTAMP_LIFE), snapshot_meta=meta)
        )
        metadata.sign(self.online)
        return metadata


@dataclass(frozen=True, slots=True, kw_only=True)
class _Current:
    """The metadata that is published now."""

    timestamp: Metadata[Timestamp]
    snapshot: Metadata[Snapshot]
    targets: Metadata[Targets]


def target_key(path: str, body: bytes) -> str:
    """Return the key of a target: its file name carries its digest, so that it never changes."""
    return target_key_of(path, Digest.of(body).hex)


def target_key_of(path: str, digest: str) -> str:
    """Return the key of the target at `path` whose content has the sha256 `digest`."""
    folder, _, name = path.rpartition("/")
    return f"{TARGETS_PREFIX}{folder}/{digest}.{name}"


def _is_fresh(metadata: Metadata[Targets] | Metadata[Snapshot], life: timedelta, now: datetime) -> bool:
    """Return whether more than half of its life is left."""
    return metadata.signed.expires - now > life / 2


def _whole_seconds(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(microsecond=0)
