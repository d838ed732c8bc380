"""How full the disks are, as a page of the panel.

In: paths of mounted disks. Out: the rows of a table. Only reads numbers of the file system.
"""

from __future__ import annotations

import shutil
from typing import Any


class Plugin:
    """What the panel loads."""

    def __init__(self, config: dict[str, Any], data_dir: str) -> None:
        self._disks = config.get("disks", ["/"])

    def page(self) -> dict[str, Any]:
        """Return the page: a title and a row for each disk."""
        return {"title": "Disks", "disks": [self._disk(path) for path in self._disks]}

    def _disk(self, path: str) -> dict[str, Any]:
        usage = shutil.disk_usage(path)
        return {"path": path, "total_bytes": usage.total, "used_bytes": usage.used, "free_bytes": usage.free}
