"""Remembers the last texts that were copied.

In: copied texts. Out: lists of them, newest first. Keeps them in one file of its data folder and nowhere else.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


class Plugin:
    """What the shell loads."""

    def __init__(self, config: dict[str, Any], data_dir: str) -> None:
        self._most = config.get("max_entries", 50)
        self._file = Path(data_dir) / "history.json"

    def remember(self, text: str) -> dict[str, Any]:
        """Put `text` on top of the history."""
        texts = [kept for kept in self._texts() if kept != text]
        self._file.parent.mkdir(parents=True, exist_ok=True)
        self._file.write_text(json.dumps([text, *texts][: self._most]), encoding="utf-8")
        return {"kept": True}

    def recent(self, limit: int = 10) -> list[str]:
        """Return the newest texts, at most `limit`."""
        return self._texts()[:limit]

    def clear(self) -> dict[str, Any]:
        """Forget everything."""
        self._file.unlink(missing_ok=True)
        return {"left": 0}

    def _texts(self) -> list[str]:
        return json.loads(self._file.read_text(encoding="utf-8")) if self._file.exists() else []
