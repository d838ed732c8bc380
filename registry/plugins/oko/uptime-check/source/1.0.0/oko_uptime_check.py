"""Asks web pages whether they are up.

In: addresses. Out: the state of each page. Keeps nothing.
"""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any

Ask = Callable[[str, float], int | None]


def ask(url: str, timeout_s: float) -> int | None:
    """Return the status that the page at `url` answers, or None when it does not answer."""
    try:
        with urllib.request.urlopen(url, timeout=timeout_s) as response:
            return response.status
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code
    except OSError:
        return None


class Plugin:
    """What the dashboard loads."""

    def __init__(self, config: dict[str, Any], data_dir: str, *, ask: Ask = ask) -> None:
        self._pages = [page for page in config.get("pages", []) if page["url"].startswith(("http://", "https://"))]
        self._timeout_s = config.get("timeout_s", 5)
        self._ask = ask

    def check(self, now: str) -> dict[str, Any]:
        """Ask every page once, and return its state: up or down."""
        rows = []
        for page in self._pages:
            status = self._ask(page["url"], self._timeout_s)
            rows.append({"name": page["name"], "state": "up" if status == 200 else "down", "status": status})
        return {"checked_at": now, "rows": rows}
