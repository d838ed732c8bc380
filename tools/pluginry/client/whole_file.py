"""Files that are there whole or not at all, even when the machine loses power in between.

In: a path, bytes. Out: the file, replaced in one step. It never leaves half of a file under its name.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def write_whole(path: Path, body: bytes) -> None:
    """Write `body` to `path`, whose folder is made when it is missing."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    new = path.with_name(f".{path.name}.new")
    with new.open("wb") as stream:
        stream.write(body)
        stream.flush()
        os.fsync(stream.fileno())
    new.replace(path)
