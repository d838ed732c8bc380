"""The end of the log files that the settings name, as a page of the panel.

In: the number of a file. Out: its last lines.
"""

from __future__ import annotations

import os
from typing import Any

_MOST_BYTES = 1 << 20


class Plugin:
    """What the panel loads."""

    def __init__(self, config: dict[str, Any], data_dir: str) -> None:
        self._files = config.get("files", ["/var/log/syslog"])
        self._lines = config.get("lines", 100)

    def page(self, number: int = 0) -> dict[str, Any]:
        """Return the page: the end of the file with this `number` in the settings, from 0."""
        if not 0 <= number < len(self._files):
            return {"title": "", "lines": [], "error": f"the settings name {len(self._files)} files"}
        path = self._files[number]
        try:
            with open(path, "rb") as stream:
                stream.seek(max(0, stream.seek(0, os.SEEK_END) - _MOST_BYTES))
                lines = stream.read(_MOST_BYTES).decode("utf-8", "replace").splitlines()
        except OSError as error:
            return {"title": path, "lines": [], "error": str(error)}
        return {"title": path, "lines": lines[-self._lines :]}
