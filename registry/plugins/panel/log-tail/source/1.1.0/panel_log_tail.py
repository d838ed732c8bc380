"""The end of a log file, as a page of the panel.

In: the name of a file below the log folder. Out: its last lines, if wanted only those that hold a text.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

_MOST_BYTES = 1 << 20


def last_lines(path: str, count: int, containing: str = "") -> list[str]:
    """Return the last `count` lines of `path` within its last MiB, of those that hold `containing`."""
    with open(path, "rb") as stream:
        size = stream.seek(0, os.SEEK_END)
        stream.seek(max(0, size - _MOST_BYTES))
        lines = stream.read(_MOST_BYTES).decode("utf-8", "replace").splitlines()
    return [line for line in lines if containing in line][-count:]


class Plugin:
    """What the panel loads."""

    def __init__(self, config: dict[str, Any], data_dir: str) -> None:
        self._folder = config.get("folder", "/var/log")
        self._lines = config.get("lines", 100)

    def files(self) -> dict[str, Any]:
        """Return the names of the log files."""
        found = (path for path in Path(self._folder).rglob("*") if path.is_file())
        return {"files": sorted(path.relative_to(self._folder).as_posix() for path in found)}

    def page(self, file: str, containing: str = "", lines: int | None = None) -> dict[str, Any]:
        """Return the page: the end of `file`, or why there is none."""
        path = os.path.join(self._folder, file)
        if not path.startswith(self._folder):
            return {"title": file, "lines": [], "error": f"{file!r} is not in the log folder"}
        try:
            return {"title": file, "lines": last_lines(path, lines or self._lines, containing)}
        except OSError as error:
            return {"title": file, "lines": [], "error": str(error)}
