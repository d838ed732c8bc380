"""Compares a file that was brought here with what was promised of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pluginry.errors import TamperedError, TransportError
from pluginry.model.digest import blob_ref_of_stream

if TYPE_CHECKING:
    from pathlib import Path

    from pluginry.model.digest import BlobRef


def checked(path: Path, source: str, *, expected: BlobRef | None, max_bytes: int) -> Path:
    """Return `path`, the file that `source` stands for, when it is `expected` and small enough.

    Raises:
        TamperedError: it is not the expected file.
        TransportError: it is larger than `max_bytes`.
    """
    if path.stat().st_size > max_bytes:
        raise TransportError("a file is larger than it may be", where=source, why=f"more than {max_bytes:,} bytes")
    with path.open("rb") as stream:
        check_promise(blob_ref_of_stream(stream), expected, where=source)
    return path


def check_promise(found: BlobRef, expected: BlobRef | None, *, where: str) -> None:
    """Check that `found` is what was `expected`, if anything was.

    Raises:
        TamperedError: it is something else.
    """
    if expected is not None and found != expected:
        raise TamperedError(
            "the file is not the one that was promised",
            where=where,
            why=f"sha256 {found.sha256} of {found.size:,} bytes instead of {expected.sha256} of {expected.size:,}",
            hint="if its author replaced it, this needs a new release, never a new digest for the old one",
        )
