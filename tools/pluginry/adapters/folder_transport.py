"""Reads a published marketplace from a folder or a ``file://`` address: a mount, a stick, a copy."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from pluginry.errors import ObjectMissingError, ObjectTooLargeError, TransportError
from pluginry.model.layout import parts_of_key

if TYPE_CHECKING:
    from pathlib import Path

    from pluginry.ports import Progress

_CHUNK_BYTES = 1 << 18


@dataclass(frozen=True, slots=True)
class FolderTransport:
    """Objects below ``root``."""

    root: Path

    @property
    def location(self) -> str:
        """The folder."""
        return str(self.root)

    def fetch(self, key: str, *, max_bytes: int) -> bytes:
        """Return the whole object; see `Transport`."""
        stream = io.BytesIO()
        self.download(key, stream, max_bytes=max_bytes)
        return stream.getvalue()

    def size_of(self, key: str) -> int | None:
        """Return the size of an object; see `SizedTransport`."""
        path = self.root.joinpath(*parts_of_key(key))
        try:
            if not path.is_file():
                raise ObjectMissingError("there is no such object", where=str(path))
            return path.stat().st_size
        except OSError as error:
            raise TransportError("an object cannot be read", where=str(path), why=str(error)) from error

    def download(self, key: str, into: BinaryIO, *, max_bytes: int, progress: Progress | None = None) -> None:
        """Copy the whole object; see `Transport`."""
        path = self.root.joinpath(*parts_of_key(key))
        received = 0
        try:
            # Asked before opening: opening a pipe would wait for ever.
            if not path.is_file():
                raise ObjectMissingError("there is no such object", where=str(path))
            with path.open("rb") as stream:
                while chunk := stream.read(_CHUNK_BYTES):
                    received += len(chunk)
                    if received > max_bytes:
                        raise ObjectTooLargeError(
                            "an object is larger than it may be", where=str(path), why=f"more than {max_bytes:,} bytes"
                        )
                    into.write(chunk)
                    if progress:
                        progress(len(chunk))
        except OSError as error:
            raise TransportError("an object cannot be read", where=str(path), why=str(error)) from error
