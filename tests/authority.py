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

from memory_store import MemoryStore
from pluginry.adapters.tuf_client import TufClient
from pluginry.adapters.tuf_repository import TufRepository, first_root, next_root
from pluginry.model.layout import METADATA_PREFIX, TIMESTAMP_KEY
from pluginry.publisher.publish import publish

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pluginry.publisher.publish import PublishReport

START = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
TARGETS = {"index/root.json": b"the root of the index", "trust/policy.json": b"a policy"}


_keys: defaultdict[str, CryptoSigner] = defaultdict(CryptoSigner.generate_ed25519)


def key(name: str) -> CryptoSigner:
    """Return a key that is the same all through a test run."""
    return _keys[name]


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
        objects = self.repository.sign(targets, store=self.store, now=self.now)
        return publish(objects, self.store, timestamp_tag=found.tag if found else None)

    def rotate(self, online: CryptoSigner) -> None:
        """Let another key sign from now on."""
        self.roots = (*self.roots, next_root(self.roots, self.root, online, now=self.now))
        self.online = online

    def client(self, folder: Path) -> TufClient:
        """Return a client that began with the first root."""
        return TufClient(folder=folder, root=self.roots[0], transport=self.store)

    def metadata(self, name: str) -> dict[str, Any]:
        """Return a metadata file as it is published: ``timestamp``, ``1.snapshot``."""
        body: dict[str, Any] = json.loads(self.store.objects[f"{METADATA_PREFIX}{name}.json"])
        return body
