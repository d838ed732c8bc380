"""Reads a published marketplace from a folder or a ``file://`` address: a mount, a stick, a copy."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from pluginry.errors import ObjectMissingError, TransportError

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
        import io

        stream = io.BytesIO()
        self.download(key, stream, max_bytes=max_bytes)
        return stream.getvalue()

    def download(self, key: str, into: BinaryIO, *, max_bytes: int, progress: Progress | None = None) -> None:
        """Copy the whole object; see `Transport`."""
        path = self.root.joinpath(*key.split("/"))
        try:
            with path.open("rb") as stream:
                size = stream.seek(0, 2)
                stream.seek(0)
                if size > max_bytes:
                    raise TransportError(
                        "an object is larger than it may be", where=str(path), why=f"{size:,} of {max_bytes:,} bytes"
                    )
                shutil.copyfileobj(stream, into, _CHUNK_BYTES)
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError) as error:
            raise ObjectMissingError("there is no such object", where=str(path)) from error
        except OSError as error:
            raise TransportError("an object cannot be read", where=str(path), why=str(error)) from error
        if progress:
            progress(size)
