"""Reads a marketplace straight from the store that it is published to: for the publisher, who has the credentials."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from pluginry.errors import ObjectTooLargeError
from pluginry.model.layout import parts_of_key

if TYPE_CHECKING:
    from pluginry.ports import ObjectStore, Progress


@dataclass(frozen=True, slots=True)
class StoreTransport:
    """A `Transport` over an `ObjectStore`; an object is held in memory as a whole."""

    store: ObjectStore

    @property
    def location(self) -> str:
        """That of the store."""
        return self.store.location

    def fetch(self, key: str, *, max_bytes: int) -> bytes:
        """Return the whole object; see `Transport`."""
        data = self.store.read("/".join(parts_of_key(key)))
        if len(data) > max_bytes:
            where = f"{self.location} {key}"
            raise ObjectTooLargeError("an object is larger than it may be", where=where, why=f"{len(data):,} bytes")
        return data

    def download(self, key: str, into: BinaryIO, *, max_bytes: int, progress: Progress | None = None) -> None:
        """Append the whole object to `into`; see `Transport`."""
        data = self.fetch(key, max_bytes=max_bytes)
        into.write(data)
        if progress:
            progress(len(data))
