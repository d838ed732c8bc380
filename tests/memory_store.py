"""Published objects in memory: the publisher's `ObjectStore` and the client's `Transport` in one."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from pluginry.errors import ObjectMissingError, ObjectTooLargeError, PublishConflictError, TransportError
from pluginry.model.digest import Digest
from pluginry.model.published import PublishedObject, StoredObject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pluginry.ports import Progress


@dataclass(slots=True, kw_only=True)
class MemoryStore:
    """`objects` by key, last written at `modified_at` (now unless set).

    `requests` lists what clients asked for; when it `is_down`, they get nothing.
    """

    location: str
    objects: dict[str, bytes] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    is_down: bool = False
    parallelism: int = 1
    modified_at: dict[str, datetime] = field(default_factory=dict)

    # As a Transport

    def fetch(self, key: str, *, max_bytes: int) -> bytes:
        stream = io.BytesIO()
        self.download(key, stream, max_bytes=max_bytes)
        return stream.getvalue()

    def download(self, key: str, into: BinaryIO, *, max_bytes: int, progress: Progress | None = None) -> None:
        self.requests.append(key)
        if self.is_down:
            raise TransportError("the marketplace does not answer", where=self.location)
        data = self.read(key)
        if len(data) > max_bytes:
            raise ObjectTooLargeError("an object is larger than it may be", where=key)
        into.write(data)
        if progress:
            progress(len(data))

    # As an ObjectStore

    def read(self, key: str) -> bytes:
        if key not in self.objects:
            raise ObjectMissingError("there is no such object", where=key)
        return self.objects[key]

    def find(self, key: str) -> StoredObject | None:
        data = self.objects.get(key)
        if data is None:
            return None
        modified_at = self.modified_at.get(key, datetime.now(UTC))
        return StoredObject(key=key, tag=Digest.of(data).hex, size=len(data), modified_at=modified_at)

    def create(self, published: PublishedObject) -> bool:
        if published.key in self.objects:
            return False
        self.objects[published.key] = _body(published)
        return True

    def replace(self, published: PublishedObject, *, expected: str | None) -> None:
        found = self.find(published.key)
        if (found.tag if found else None) != expected:
            raise PublishConflictError("somebody else published meanwhile", where=published.key)
        self.objects[published.key] = _body(published)

    def list(self, prefix: str = "") -> Iterator[StoredObject]:
        found = (self.find(key) for key in sorted(self.objects) if key.startswith(prefix))
        yield from (stored for stored in found if stored)

    def remove(self, key: str) -> None:
        self.objects.pop(key, None)
        self.modified_at.pop(key, None)


def _body(published: PublishedObject) -> bytes:
    return published.body.read_bytes() if isinstance(published.body, Path) else published.body
