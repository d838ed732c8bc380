"""Files that are there whole or not at all.

In: a path, bytes. Out: the file, replaced in one step. It never leaves half of a file under its name. What is written
first lies beside it in a file that was not there before: in a folder that somebody else filled, such as a clone, a link
could lie under its name and lead to any file of the user's.
"""

from __future__ import annotations

import os
import secrets
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path
    from typing import BinaryIO


def replace_file(path: Path, body: bytes) -> None:
    """Write `body` to `path`, whose folder is made when it is missing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    _replace(path, body, is_lasting=False)


def write_whole(path: Path, body: bytes) -> None:
    """Write `body` to `path` to stay, even when the machine loses power then; a missing folder is made private."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    _replace(path, body, is_lasting=True)


def _replace(path: Path, body: bytes, *, is_lasting: bool) -> None:
    new, stream = _begun(path)
    try:
        with stream:
            stream.write(body)
            if is_lasting:
                stream.flush()
                os.fsync(stream.fileno())
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)


def _begun(path: Path) -> tuple[Path, BinaryIO]:
    """Return a new file beside `path`: under another name where one is left of who was killed, or somebody writes."""
    new = path.with_name(f".{path.name}.new")
    try:
        return new, new.open("xb")
    except FileExistsError:
        other = path.with_name(f".{path.name}.{secrets.token_hex(8)}.new")
        return other, other.open("xb")
