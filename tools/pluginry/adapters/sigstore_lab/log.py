"""The transparency log: an append-only file, the Merkle tree over it, and signatures over both.

In: entry bodies and the moment they arrive. Out: entries as the Rekor v1 interface answers them, with a signed
promise, an inclusion proof and a signed checkpoint. It never changes or drops a line it has answered for.
"""

from __future__ import annotations

import threading
from base64 import b64encode
from typing import TYPE_CHECKING, Any, Final

import rfc8785

from pluginry.adapters.sigstore_lab.keys import key_id, sign
from pluginry.adapters.sigstore_lab.merkle import MerkleTree, leaf_hash
from pluginry.adapters.sigstore_lab.names import LOG_NAME
from pluginry.errors import DocumentError

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

_TREE_ID: Final = 1
ORIGIN: Final = f"{LOG_NAME} - {_TREE_ID}"


class TransparencyLog:
    """The log in the file `path`, one line for each entry: seconds since 1970, a space, the canonical body.

    Only one instance may have the file open for writing. Safe to use from several threads.

    Raises:
        DocumentError: the file holds something else.

    """

    def __init__(self, path: Path, *, key: EllipticCurvePrivateKey) -> None:
        self._path = path
        self._key = key
        self._id = key_id(key)
        self._tree = MerkleTree()
        self._lock = threading.Lock()
        self._load()

    @property
    def size(self) -> int:
        """The number of entries."""
        return self._tree.size

    def append(self, body: bytes, *, now: datetime) -> dict[str, Any]:
        """Write `body` down and return the entry as a Rekor v1 answer: ``{uuid: entry}``."""
        seconds = int(now.timestamp())
        with self._lock:
            with self._path.open("ab") as file:
                file.write(b"%d %s\n" % (seconds, body))
            index = self._tree.append(body)
            proof = self._proof(index)
        entry: dict[str, Any] = {
            "body": b64encode(body).decode(),
            "integratedTime": seconds,
            "logID": self._id.hex(),
            "logIndex": index,
        }
        promise = sign(self._key, rfc8785.dumps(entry))
        entry["verification"] = {
            "inclusionProof": proof,
            "signedEntryTimestamp": b64encode(promise).decode(),
        }
        return {f"{_TREE_ID:016x}{leaf_hash(body).hex()}": entry}

    def _proof(self, index: int) -> dict[str, Any]:
        root = self._tree.root()
        return {
            "checkpoint": self._checkpoint(root),
            "hashes": [step.hex() for step in self._tree.inclusion_proof(index)],
            "logIndex": index,
            "rootHash": root.hex(),
            "treeSize": self._tree.size,
        }

    def _checkpoint(self, root: bytes) -> str:
        """Return a signed note about the tree; the first bytes of the log's id say which key signed it."""
        note = f"{ORIGIN}\n{self._tree.size}\n{b64encode(root).decode()}\n"
        signature = b64encode(self._id[:4] + sign(self._key, note.encode())).decode()
        return f"{note}\n\N{EM DASH} {LOG_NAME} {signature}\n"

    def _load(self) -> None:
        self._path.touch(mode=0o600)
        data = self._path.read_bytes()
        complete = data[: data.rfind(b"\n") + 1]
        if len(complete) < len(data):
            # The lab died in the middle of a line, before it could answer for the entry.
            with self._path.open("rb+") as file:
                file.truncate(len(complete))
        for number, line in enumerate(complete.splitlines(), start=1):
            seconds, _, body = line.partition(b" ")
            if not seconds.isdigit() or not body:
                raise DocumentError(
                    "the lab's log is damaged",
                    where=f"{self._path.name}:{number}",
                    hint="remove the lab's folder; a new lab has another trusted root",
                )
            self._tree.append(body)
