"""SHA-256 digests as values, and the pair (digest, size) that names every content-addressed object."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from pluginry.errors import DocumentError

if TYPE_CHECKING:
    from collections.abc import Iterator

_HEX = re.compile(r"[0-9a-f]{64}\Z")
CHUNK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True, order=True)
class Digest:
    """A SHA-256 digest as 64 lower-case hexadecimal digits."""

    hex: str

    def __post_init__(self) -> None:
        if not _HEX.match(self.hex):
            raise DocumentError(
                f"{self.hex[:80]!r} is not a sha256 digest",
                why="it takes 64 lower-case hexadecimal digits",
                hint="run sha256sum on the file and copy the first word",
            )

    def __str__(self) -> str:
        return self.hex

    @property
    def short(self) -> str:
        """The first eight digits, for folder names and for people."""
        return self.hex[:8]

    @classmethod
    def of(cls, data: bytes) -> Digest:
        """Return the digest of `data`."""
        return cls(hashlib.sha256(data).hexdigest())


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class BlobRef:
    """Names an object by content: ``sha256`` and ``size`` in bytes."""

    sha256: Digest
    size: int

    @classmethod
    def of(cls, data: bytes) -> BlobRef:
        """Return the reference to `data`."""
        return cls(sha256=Digest.of(data), size=len(data))


def chunks_of(stream: BinaryIO) -> Iterator[bytes]:
    """Yield the rest of `stream` in pieces of `CHUNK_BYTES`."""
    while chunk := stream.read(CHUNK_BYTES):
        yield chunk


def blob_ref_of_stream(stream: BinaryIO) -> BlobRef:
    """Return the reference to what is left in `stream`, read in pieces."""
    sha256 = hashlib.sha256()
    size = 0
    for chunk in chunks_of(stream):
        sha256.update(chunk)
        size += len(chunk)
    return BlobRef(sha256=Digest(sha256.hexdigest()), size=size)
