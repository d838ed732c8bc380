"""A store whose trust metadata stands still while a publication is prepared.

In: a store. Out: the same store, but each file of trust metadata is read at most once: whoever looks again and again
sees one state and costs no more requests. For a short time only; it never writes on its own.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pluginry.model.layout import METADATA_PREFIX, TARGETS_PREFIX

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pluginry.model.published import PublishedObject, StoredObject
    from pluginry.ports import ObjectStore


@dataclass(frozen=True, slots=True)
class MetadataView:
    """`store`, with what was read of its trust metadata remembered; an `ObjectStore`."""

    store: ObjectStore
    _read: dict[str, bytes] = field(default_factory=dict, init=False)

    @property
    def location(self) -> str:
        """That of the store."""
        return self.store.location

    @property
    def parallelism(self) -> int:
        """That of the store."""
        return self.store.parallelism

    def read(self, key: str) -> bytes:
        """Return the object, as it was when it was read first."""
        if not key.startswith((METADATA_PREFIX, TARGETS_PREFIX)):
            return self.store.read(key)
        if key not in self._read:
            self._read[key] = self.store.read(key)
        return self._read[key]

    def find(self, key: str) -> StoredObject | None:
        """Ask the store."""
        return self.store.find(key)

    def create(self, published: PublishedObject) -> bool:
        """Let the store do it."""
        return self.store.create(published)

    def replace(self, published: PublishedObject, *, expected: str | None) -> None:
        """Let the store do it, and forget what was read."""
        self._read.pop(published.key, None)
        self.store.replace(published, expected=expected)

    def list(self, prefix: str = "") -> Iterator[StoredObject]:
        """Ask the store."""
        return self.store.list(prefix)

    def remove(self, key: str) -> None:
        """Let the store do it, and forget what was read."""
        self._read.pop(key, None)
        self.store.remove(key)
