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

from pluginry.errors import AuthError, TamperedError, UsageError
from pluginry.model.digest import Digest
from pluginry.model.layout import TARGETS_PREFIX, TIMESTAMP_KEY
from pluginry.model.published import JSON_TYPE, CachePolicy, Phase, PublishedObject, json_node

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from securesystemslib.signer import CryptoSigner
    from tuf.api.metadata import Root, Snapshot, Targets, Timestamp

    from pluginry.adapters.tuf_publication import Publication, SignedPart, T
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

    private = CryptoSigner.generate_ed25519().private_bytes
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise UsageError("there is a key already, and keys are never overwritten", where=str(path)) from error
    with os.fdopen(handle, "wb") as stream:
        stream.write(private)


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


def next_root(roots: tuple[bytes, ...], root: CryptoSigner, online: CryptoSigner, *, now: datetime) -> bytes:
    """Return the root after the last of `roots`: another year for `root`, and `online` signs from now on.

    Raises:
        AuthError: `root` is not the key that may change the root.
        TamperedError: the chain of `roots` does not hold.

    """
    from tuf.api.metadata import Metadata

    from pluginry.adapters.tuf_publication import root_chain

    body = root_chain(roots)[-1]
    if root.public_key.keyid not in body.roles["root"].keyids:
        raise AuthError("this is not the root key of this marketplace", hint="it was made by `pluginry trust init`")
    for role in _ONLINE_ROLES:
        for keyid in tuple(body.roles[role].keyids):
            body.revoke_key(keyid, role)
        body.add_key(online.public_key, role)
    body.version += 1
    body.expires = _whole_seconds(now + ROOT_LIFE)
    metadata = Metadata(body)
    metadata.sign(root)
    return metadata.to_bytes()


@dataclass(frozen=True, slots=True, kw_only=True)
class TufRepository:
    """Metadata under one `online` key; `roots` are the public ``N.root.json`` files, oldest first."""

    online: CryptoSigner
    roots: tuple[bytes, ...]

    def sign(self, targets: Mapping[str, bytes], *, store: ObjectStore, now: datetime) -> Iterator[PublishedObject]:
        """Yield the objects that make `targets` current; at most a fresh timestamp when they are already.

        Raises:
            TamperedError: the metadata in the store is not signed by keys of this marketplace.
            AuthError: the newest root does not name the online key, or has expired.

        """
        from pluginry.adapters.tuf_publication import metadata_key, published_now, root_chain

        chain = root_chain(self.roots)
        self._check_key(chain[-1], now)
        current = published_now(store, chain)
        for version, root in enumerate(self.roots, start=1):
            yield json_node(metadata_key(version, "root"), root)
        for path, body in targets.items():
            yield json_node(target_key(path, body), body)
        signed_targets = self._targets(targets, current, store, now)
        if current is None or signed_targets is not current.targets:
            yield json_node(metadata_key(signed_targets.says.version, "targets"), signed_targets.body)
        snapshot = self._snapshot(signed_targets, current, store, now)
        if current is None or snapshot is not current.snapshot:
            yield json_node(metadata_key(snapshot.says.version, "snapshot"), snapshot.body)
        timestamp = self._timestamp(snapshot, current, now)
        if current is None or timestamp is not current.timestamp:
            yield PublishedObject(
                key=TIMESTAMP_KEY,
                body=timestamp.body,
                media_type=JSON_TYPE,
                cache=CachePolicy.SHORT,
                phase=Phase.ROOT,
            )

    def current_target(self, path: str, store: ObjectStore) -> bytes | None:
        """Return the target at `path` as it is published now, or None before the first publication.

        Raises:
            TamperedError: the store's metadata or target is not what keys of this marketplace signed.

        """
        from tuf.api.exceptions import LengthOrHashMismatchError

        from pluginry.adapters.tuf_publication import published_now, root_chain

        current = published_now(store, root_chain(self.roots))
        info = current.targets.says.targets.get(path) if current else None
        if info is None:
            return None
        body = store.read(target_key_of(path, info.hashes["sha256"]))
        try:
            info.verify_length_and_hashes(body)
        except LengthOrHashMismatchError as error:
            raise TamperedError("a published target was changed", where=path) from error
        return body

    def _check_key(self, newest: Root, now: datetime) -> None:
        for role in _ONLINE_ROLES:
            if self.online.public_key.keyid not in newest.roles[role].keyids:
                raise AuthError(
                    "the online key is not the one that the root of trust names",
                    why=f"it may not sign {role}",
                    hint="use the key that was made with this root, or make a new root with the root key",
                )
        if newest.is_expired(now):
            raise AuthError(
                "the root of trust has expired, and no client would accept anything",
                why=f"it was good until {newest.expires:%Y-%m-%d}",
                hint="make the next root with the root key",
            )

    def _targets(
        self, targets: Mapping[str, bytes], current: Publication | None, store: ObjectStore, now: datetime
    ) -> SignedPart[Targets]:
        from tuf.api.metadata import TargetFile, Targets

        files = {path: TargetFile.from_data(path, body, ["sha256"]) for path, body in targets.items()}
        if current and not current.has_old_key:
            known = current.targets
            if known.says.targets == files and _is_fresh(known.says, TARGETS_LIFE, now):
                return known
        version = _free_version("targets", current.targets.says.version if current else 0, store)
        return self._signed(Targets(version=version, expires=_whole_seconds(now + TARGETS_LIFE), targets=files))

    def _snapshot(
        self, targets: SignedPart[Targets], current: Publication | None, store: ObjectStore, now: datetime
    ) -> SignedPart[Snapshot]:
        from tuf.api.metadata import MetaFile, Snapshot

        if current and targets is current.targets and _is_fresh(current.snapshot.says, SNAPSHOT_LIFE, now):
            return current.snapshot
        meta = {"targets.json": MetaFile.from_data(targets.says.version, targets.body, ["sha256"])}
        version = _free_version("snapshot", current.snapshot.says.version if current else 0, store)
        return self._signed(Snapshot(version=version, expires=_whole_seconds(now + SNAPSHOT_LIFE), meta=meta))

    def _timestamp(
        self, snapshot: SignedPart[Snapshot], current: Publication | None, now: datetime
    ) -> SignedPart[Timestamp]:
        from tuf.api.metadata import MetaFile, Timestamp

        if current and snapshot is current.snapshot:
            signed_at = current.timestamp.says.expires - TIMESTAMP_LIFE
            if now - signed_at < RESIGN_TIMESTAMP_AFTER:
                return current.timestamp
        version = current.timestamp.says.version + 1 if current else 1
        meta = MetaFile.from_data(snapshot.says.version, snapshot.body, ["sha256"])
        expires = _whole_seconds(now + TIMESTAMP_LIFE)
        return self._signed(Timestamp(version=version, expires=expires, snapshot_meta=meta))

    def _signed(self, says: T) -> SignedPart[T]:
        from tuf.api.metadata import Metadata

        from pluginry.adapters.tuf_publication import SignedPart

        metadata = Metadata(says)
        metadata.sign(self.online)
        return SignedPart(says=says, body=metadata.to_bytes())


def target_key(path: str, body: bytes) -> str:
    """Return the key of a target: its file name carries its digest, so that it never changes."""
    return target_key_of(path, Digest.of(body).hex)


def target_key_of(path: str, digest: str) -> str:
    """Return the key of the target at `path` whose content has the sha256 `digest`."""
    folder, slash, name = path.rpartition("/")
    return f"{TARGETS_PREFIX}{folder}{slash}{digest}.{name}"


def _free_version(role: str, published: int, store: ObjectStore) -> int:
    """Return the first version after the `published` one that has no file: a run that broke off may have left some."""
    from pluginry.adapters.tuf_publication import metadata_key

    version = published + 1
    while store.find(metadata_key(version, role)) is not None:
        version += 1
    return version


def _is_fresh(says: Targets | Snapshot, life: timedelta, now: datetime) -> bool:
    """Return whether more than half of its life is left."""
    return says.expires - now > life / 2


def _whole_seconds(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(microsecond=0)
