"""Files that only save time: whole under their name or not there, and never a reason to fail.

In: a path, bytes. Out: the file, in place of the one before. Several processes may keep the same one at once.
"""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path


def keep_file(path: Path, body: bytes) -> None:
    """Write `body` to `path`, whose folder is made when it is missing; where that can't be done, nothing is kept."""
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, fresh = tempfile.mkstemp(prefix=".new-", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(body)
            Path(fresh).replace(path)
        finally:
            Path(fresh).unlink(missing_ok=True)
