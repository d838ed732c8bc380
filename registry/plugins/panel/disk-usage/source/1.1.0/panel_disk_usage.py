"""How full the disks are and what fills them, as a page of the panel.

In: paths of disks, and a folder to look into. Out: the rows of two tables. Never opens a file and never follows a link.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from typing import Any

_MOST_ENTRIES = 200_000


def _files_below(folder: str) -> Iterator[os.stat_result]:
    """Yield what the file system says about each file below `folder`, on the same disk; skips what it may not see."""
    try:
        disk = os.lstat(folder).st_dev
    except OSError:
        return
    waiting = [folder]
    while waiting:
        try:
            entries = list(os.scandir(waiting.pop()))
        except OSError:
            continue
        for entry in entries:
            status = entry.stat(follow_symlinks=False)
            if entry.is_dir(follow_symlinks=False):
                if status.st_dev == disk:
                    waiting.append(entry.path)
            elif entry.is_file(follow_symlinks=False):
                yield status


def size_below(folder: str) -> int:
    """Return how many bytes of the disk the files below `folder` take."""
    size = 0
    for count, status in enumerate(_files_below(folder)):
        if count >= _MOST_ENTRIES:
            break
        size += status.st_size
    return size


def largest_folders(parent: str, most: int) -> list[dict[str, Any]]:
    """Return the folders directly in `parent` that take most, largest first."""
    try:
        folders = [entry.path for entry in os.scandir(parent) if entry.is_dir(follow_symlinks=False)]
    except OSError:
        return []
    rows = [{"path": folder, "size_bytes": size_below(folder)} for folder in folders]
    return sorted(rows, key=lambda row: (-row["size_bytes"], row["path"]))[:most]


class Plugin:
    """What the panel loads."""

    def __init__(self, config: dict[str, Any], data_dir: str) -> None:
        self._disks = config.get("disks", ["/"])
        self._below = config.get("below", "/var")
        self._most = config.get("rows", 10)
        self._warn_above = config.get("warn_above_percent", 90)

    def page(self) -> dict[str, Any]:
        """Return the page: a title, a row for each disk, and the folders that take most."""
        return {
            "title": "Disks",
            "disks": [self._disk(path) for path in self._disks],
            "largest": largest_folders(self._below, self._most),
        }

    def _disk(self, path: str) -> dict[str, Any]:
        usage = shutil.disk_usage(path)
        # Of what users can fill: the part that is kept for the administrator counts neither as used nor as free.
        percent = round(100 * usage.used / ((usage.used + usage.free) or 1))
        return {
            "path": path,
            "total_bytes": usage.total,
            "used_bytes": usage.used,
            "free_bytes": usage.free,
            "used_percent": percent,
            "warn": percent > self._warn_above,
        }
