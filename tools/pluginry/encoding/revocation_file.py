"""The list of revocations as bytes: ``revocations.jsonl``, one entry a line, the same in git and as it is published.

In: bytes, entries. Out: entries, bytes. Lines are numbered from 1 without a gap, so that nobody can take one away;
whether a list was ever another one is asked by who remembers the bytes that it began with. What is published of a long
list are parts that never change again and the rest, so that one more entry costs nobody all of them; one after the
other they are the file in git.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pluginry.encoding import canonical_json, documents, strict_json
from pluginry.encoding.whole_file import replace_file
from pluginry.errors import DocumentError
from pluginry.model import layout
from pluginry.model.revocation import Revocation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

PART_ENTRIES = 1_000
_HINT = "the list is written by `pluginry publish` only: restore the file from git"


def parse_revocations(data: bytes, *, what: str) -> tuple[Revocation, ...]:
    """Return the entries in `data`, oldest first.

    Raises:
        DocumentError: a line that is not an entry, or not numbered in turn.

    """
    found = []
    for number, value in strict_json.parse_lines(data, what=what, max_bytes=layout.MAX_REVOCATIONS_BYTES):
        entry = documents.construct(Revocation, value, what=f"{what}:{number}")
        if entry.n != number:
            raise DocumentError(f"the entry has the number {entry.n}", where=f"{what}:{number}", hint=_HINT)
        found.append(entry)
    return tuple(found)


def published_parts(data: bytes) -> dict[str, bytes]:
    """Return the targets that a list is published as, by path: complete parts, and the rest under the list's own name.

    A list of up to 1,000 entries is one target; of an empty one none is published.

    Raises:
        DocumentError: it has more parts than clients take.

    """
    *complete, rest = _parts(data)
    if len(complete) > layout.MAX_REVOCATIONS_PARTS:
        raise DocumentError(
            "the list of revocations is too long", hint="a new epoch begins a new one: `pluginry trust new-epoch`"
        )
    parts = {layout.revocations_part(number): part for number, part in enumerate(complete, start=1)}
    return parts | ({layout.REVOCATIONS_TARGET: rest} if rest else {})


def joined_parts(part: Callable[[str], bytes | None]) -> bytes:
    """Return the list whose published targets `part` gives by path; it is empty where none was published."""
    complete = layout.revocations_parts(lambda path: part(path) is not None)
    return b"".join(part(path) or b"" for path in (*complete, layout.REVOCATIONS_TARGET))


def read_revocations(path: Path) -> bytes:
    """Return the list at `path` as it stands there; nothing when there is none yet."""
    return path.read_bytes() if path.exists() else b""


def append_revocations(path: Path, entries: Iterable[Revocation]) -> None:
    """Append `entries` to the list at `path`, all or none of them."""
    lines = b"".join(canonical_json.encode_line(documents.to_plain(entry)) for entry in entries)
    if not lines:
        return
    replace_file(path, read_revocations(path) + lines)


def _parts(data: bytes) -> Iterator[bytes]:
    """Yield the parts of a list, the last one too; where one ends does not depend on what follows it."""
    part: list[bytes] = []
    size = 0
    for line in data.splitlines(keepends=True):
        if len(part) == PART_ENTRIES or (part and size + len(line) > layout.REVOCATIONS_PART_BYTES):
            yield b"".join(part)
            part, size = [], 0
        part.append(line)
        size += len(line)
    yield b"".join(part)
