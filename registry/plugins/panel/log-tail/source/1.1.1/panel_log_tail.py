"""The end of a log file, as a page of the panel.

In: the name of a file below the log folder. Out: its last lines, if wanted only those that hold a text.
Never leaves the log folder, never reads more than the end of a file, and changes nothing.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Any

_MOST_BYTES = 1 << 20
_MOST_LINES = 1000


class LogFolder:
    """The folder that holds the logs; nothing outside it is ever opened."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()

    def names(self) -> list[str]:
        """Return the names of the log files, with ``/`` between folders."""
        found = (path for path in self._folder.rglob("*") if path.is_file() and not path.is_symlink())
        return sorted(path.relative_to(self._folder).as_posix() for path in found)

    def file(self, name: str) -> Path:
        """Return the path of the log file `name`.

        Raises:
            ValueError: it is not a file below the folder.
        """
        if "\0" in name:
            raise ValueError("this is not the name of a file")
        # Links are followed first: only where a name really leads decides whether it is inside.
        path = (self._folder / name).resolve()
        if not path.is_relative_to(self._folder):
            raise ValueError(f"{name!r} is not in the log folder")
        if not path.is_file():
            raise ValueError(f"there is no log file {name!r}")
        return path


def last_lines(path: Path, count: int, containing: str = "") -> list[str]:
    """Return the last `count` lines of `path` within its last MiB, of those that hold `containing` in any case."""
    with path.open("rb") as stream:
        if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
            raise ValueError("this is not a regular file")
        size = stream.seek(0, os.SEEK_END)
        stream.seek(max(0, size - _MOST_BYTES))
        lines = stream.read(_MOST_BYTES).decode("utf-8", "replace").splitlines()
    if size > _MOST_BYTES:
        lines = lines[1:]  # the first one is cut
    wanted = containing.casefold()
    return [line for line in lines if wanted in line.casefold()][-count:]


class Plugin:
    """What the panel loads."""

    def __init__(self, config: dict[str, Any], data_dir: str) -> None:
        self._logs = LogFolder(Path(config.get("folder", "/var/log")))
        self._lines = config.get("lines", 100)

    def files(self) -> dict[str, Any]:
        """Return the names of the log files."""
        return {"files": self._logs.names()}

    def page(self, file: str, containing: str = "", lines: int | None = None) -> dict[str, Any]:
        """Return the page: the end of `file`, or why there is none."""
        try:
            path = self._logs.file(file)
            count = max(1, min(lines or self._lines, _MOST_LINES))
            return {"title": file, "lines": last_lines(path, count, containing)}
        except (OSError, ValueError) as error:
            return {"title": file, "lines": [], "error": str(error)}
