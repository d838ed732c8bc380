"""Says in our own words when a disk is full, read-only or broken, whatever was being written.

In: a block that writes below a folder. Out: nothing, or the error that names the file. Other errors stay what they are.
"""

from __future__ import annotations

import errno
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

from pluginry.errors import HomeUnusableError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_READ_ONLY = (errno.EROFS, errno.EACCES, errno.EPERM)
_TROUBLE = (*_READ_ONLY, errno.ENOSPC, errno.EDQUOT, errno.EIO)


@contextmanager
def told_of_disk_trouble(folder: Path) -> Iterator[None]:
    """Run a block that writes below `folder`.

    Raises:
        HomeUnusableError: the disk is full, read-only or broken.

    """
    try:
        yield
    except OSError as error:
        is_copy = isinstance(error, shutil.Error)  # a whole folder, which tells its reasons only as text
        if not is_copy and error.errno not in _TROUBLE:
            raise
        raise HomeUnusableError(
            "the plugin home cannot be written",
            where=str(error.filename or folder),
            why=str(error.args[0][0][-1]) if is_copy else error.strerror or "",
            hint="nothing was changed; make room or make it writable, and run the command again",
        ) from error


@contextmanager
def unless_read_only() -> Iterator[None]:
    """Run a block that only keeps what can be had again: who may read a home and not write to it goes on without."""
    try:
        yield
    except OSError as error:
        if error.errno not in _READ_ONLY:
            raise
