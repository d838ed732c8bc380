"""Tells a copy that lags behind a change of keys from one that lies.

In: the timestamp that a place gave, the roots that this client trusted, the timestamp that it trusted last. Out:
whether the place may simply not have heard of the new keys yet. Nothing is accepted here: such a place is passed over,
for whoever holds a key that was replaced could have made all of it.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from tuf.api.exceptions import RepositoryError
from tuf.api.metadata import Metadata, Root, Timestamp

from pluginry.adapters.tuf_roles import TIMESTAMP

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_HISTORY = "root_history"


def lags_behind(body: bytes, *, first_root: bytes, folder: Path, trusted: Path) -> bool:
    """Return whether the timestamp in `body` is genuine under a root before the newest, and no newer than ours.

    The newest root and those before it lie in `folder`, as python-tuf keeps them, and begin with `first_root`; the
    timestamp that was trusted last is the file `trusted`, if there is one. When the newest root vouches for that one,
    `body` must not claim to be good for longer: a copy from before the change of keys cannot be.
    """
    *before, newest = _trusted_roots(first_root, folder / _HISTORY)
    found = _timestamp(body)
    if found is None or not any(_vouches(root, found) for root in before):
        return False
    ours = _timestamp(trusted.read_bytes()) if trusted.is_file() else None
    return ours is None or not _vouches(newest, ours) or found.signed.expires <= ours.signed.expires


def _trusted_roots(first: bytes, history: Path) -> Iterator[Root]:
    """Yield the first root and each one after it that the one before, and it itself, signed."""
    metadata = Metadata[Root].from_bytes(first)
    while True:
        trusted = metadata.signed
        yield trusted
        file = history / f"{trusted.version + 1}.root.json"
        try:
            metadata = Metadata[Root].from_bytes(file.read_bytes())
            for signer in (trusted, metadata.signed):
                signer.verify_delegate(Root.type, metadata.signed_bytes, metadata.signatures)
        except (OSError, RepositoryError):
            return


def _timestamp(body: bytes) -> Metadata[Timestamp] | None:
    with suppress(RepositoryError):
        found = Metadata[Timestamp].from_bytes(body)
        if isinstance(found.signed, Timestamp):
            return found
    return None


def _vouches(root: Root, timestamp: Metadata[Timestamp]) -> bool:
    with suppress(RepositoryError):
        root.verify_delegate(TIMESTAMP, timestamp.signed_bytes, timestamp.signatures)
        return True
    return False
