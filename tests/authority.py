"""The keys and the store of a small marketplace, and clients of it: trust metadata and nothing else.

authority = Authority()
authority.publish({"index/root.json": b"one"})
client = authority.client(tmp_path / "metadata")
client.refresh(now=authority.now)
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from securesystemslib.signer import CryptoSigner
from tuf.api.metadata import Metadata

from memory_store import MemoryStore
from pluginry.adapters.signing_keys import sign_with
from pluginry.adapters.tuf_client import TufClient
from pluginry.adapters.tuf_publication import root_chain
from pluginry.adapters.tuf_repository import TufRepository
from pluginry.adapters.tuf_roles import Quorum, next_version, replace_key, root_document
from pluginry.model.layout import METADATA_PREFIX, TIMESTAMP_KEY
from pluginry.model.published import SETTLED_FIELD
from pluginry.publisher.publish import publish

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tuf.api.metadata import Root, Targets

    from pluginry.publisher.outcome import PublishReport

START = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
SETTLED = "the input that is published"
TARGETS = {"index/root.json": b"the root of the index", "trust/policy.json": b"a policy"}


_keys: defaultdict[str, CryptoSigner] = defaultdict(CryptoSigner.generate_ed25519)


def key(name: str) -> CryptoSigner:
    """Return a key that is the same all through a test run."""
    return _keys[name]


def signed(body: Root | Targets, *signers: CryptoSigner) -> bytes:
    """Return a document with the signatures of `signers`."""
    metadata: Metadata[Any] = Metadata(body)
    for signer in signers:
        sign_with(signer, metadata)
    return metadata.to_bytes()


def first_root(root: CryptoSigner, online: CryptoSigner, *, now: datetime) -> bytes:
    """Return the first root of profile *simple*, signed."""
    only, all_else = (Quorum(keys=(signer.public_key,)) for signer in (root, online))
    return signed(root_document(root=only, targets=all_else, online=online.public_key, now=now), root)


def due_at(timestamp: bytes) -> datetime:
    """Return until when nothing has to be signed again, as a `timestamp` over what is `SETTLED` says."""
    said = json.loads(timestamp)["signed"][SETTLED_FIELD]
    assert said["made_of"] == SETTLED
    return datetime.fromisoformat(said["due_at"])


@dataclass(slots=True)
class Authority:
    """One marketplace; `now` stands still until a test moves it."""

    root: CryptoSigner = field(default_factory=lambda: key("root"))
    online: CryptoSigner = field(default_factory=lambda: key("online"))
    now: datetime = START
    store: MemoryStore = field(default_factory=lambda: MemoryStore(location="https://market.test"))
    roots: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        self.roots = self.roots or (first_root(self.root, self.online, now=self.now),)

    @property
    def repository(self) -> TufRepository:
        """The publisher's end."""
        return TufRepository(online=self.online, roots=self.roots)

    def publish(self, targets: Mapping[str, bytes] = TARGETS) -> PublishReport:
        """Make `targets` current, as the publisher does."""
        found = self.store.find(TIMESTAMP_KEY)
        objects = self.repository.sign(targets, store=self.store, now=self.now, settled=SETTLED).objects
        return publish(objects, self.store, timestamp_tag=found.tag if found else None)

    def rotate(self, online: CryptoSigner) -> None:
        """Let another key sign from now on."""
        body = next_version(root_chain(self.roots)[-1], now=self.now)
        if online is not self.online:
            replace_key(body, "timestamp", self.online.public_key.keyid, online.public_key)
        self.roots = (*self.roots, signed(body, self.root))
        self.online = online

    def client(self, folder: Path) -> TufClient:
        """Return a client that began with the first root."""
        return TufClient(folder=folder, root=self.roots[0], transport=self.store)

    def metadata(self, name: str) -> dict[str, Any]:
        """Return a metadata file as it is published: ``timestamp``, ``1.snapshot``."""
        body: dict[str, Any] = json.loads(self.store.objects[f"{METADATA_PREFIX}{name}.json"])
        return body
