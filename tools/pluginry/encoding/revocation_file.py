"""The list of revocations as bytes: ``revocations.jsonl``, one entry a line, the same in git and as it is published.

In: bytes, entries. Out: entries, bytes. Lines are numbered from 1 without a gap, so that nobody can take one away;
whether a list was ever another one is asked by who remembers the bytes that it began with.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pluginry.encoding import canonical_json, documents, strict_json
from pluginry.errors import DocumentError
from pluginry.model.revocation import Revocation

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

MAX_REVOCATIONS_BYTES = 8 << 20
_HINT = "the list is written by `pluginry publish` only: restore the file from git"


def parse_revocations(data: bytes, *, what: str) -> tuple[Revocation, ...]:
    """Return the entries in `data`, oldest first.

    Raises:
        DocumentError: a line that is not an entry, or not numbered in turn.

    """
    found = []
    for number, value in strict_json.parse_lines(data, what=what, max_bytes=MAX_REVOCATIONS_BYTES):
        entry = documents.construct(Revocation, value, what=f"{what}:{number}")
        if entry.n != number:
            raise DocumentError(f"the entry has the number {entry.n}", where=f"{what}:{number}", hint=_HINT)
        found.append(entry)
    return tuple(found)


def read_revocations(path: Path) -> bytes:
    """Return the list at `path` as it stands there; nothing when there is none yet."""
    return path.read_bytes() if path.exists() else b""


def append_revocations(path: Path, entries: Iterable[Revocation]) -> None:
    """Append `entries` to the list at `path`, all or none of them."""
    lines = b"".join(canonical_json.encode_line(documents.to_plain(entry)) for entry in entries)
    if not lines:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    replacement = path.with_name(f".{path.name}.new")
    replacement.write_bytes(read_revocations(path) + lines)
    replacement.replace(path)
