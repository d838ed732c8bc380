"""Asks web pages whether they are up, and remembers how often they were not.

In: addresses and the present moment. Out: the state of each page and its share of good answers.
Keeps the last results of each page in one file of its data folder. Reads the first byte of an answer and no more.
"""

from __future__ import annotations

import json
import os
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit


class Answer(NamedTuple):
    """What came back: a status, or why there is none, and after how many milliseconds."""

    status: int | None
    error: str
    took_ms: int


Ask = Callable[[str, float], Answer]


def ask(url: str, timeout_s: float) -> Answer:
    """Return what the page at `url` answers to a GET request."""
    started = time.monotonic()
    status, error = None, ""
    try:
        request = urllib.request.Request(url, headers={"User-Agent": "oko-uptime-check"})
        with urllib.request.urlopen(request, timeout=timeout_s) as response:
            response.read(1)
            status = response.status
    except urllib.error.HTTPError as refused:
        with refused:
            status = refused.code
    except OSError as failure:
        error = str(getattr(failure, "reason", failure))
    return Answer(status, error, round(1000 * (time.monotonic() - started)))


class Plugin:
    """What the dashboard loads."""

    def __init__(self, config: dict[str, Any], data_dir: str, *, ask: Ask = ask) -> None:
        self._pages = [page for page in config.get("pages", []) if urlsplit(page["url"]).scheme in ("http", "https")]
        self._timeout_s = config.get("timeout_s", 5)
        self._slow_ms = config.get("slow_ms", 1000)
        self._keep = config.get("keep", 288)
        self._file = Path(data_dir) / "results.json"
        self._ask = ask

    def check(self, now: str) -> dict[str, Any]:
        """Ask every page once, and return its state: up, slow or down; `now` stands beside the result."""
        results = self._results()
        rows = []
        for page in self._pages:
            answer = self._ask(page["url"], self._timeout_s)
            state = self._state(answer, page.get("expect", 200))
            kept = [*results.get(page["name"], []), {"at": now, "state": state, "took_ms": answer.took_ms}]
            results[page["name"]] = kept[-self._keep :]
            rows.append(
                {
                    "name": page["name"],
                    "state": state,
                    "status": answer.status,
                    "took_ms": answer.took_ms,
                    "up_percent": _up_percent(results[page["name"]]),
                    **({"error": answer.error} if answer.error else {}),
                }
            )
        self._write({page["name"]: results[page["name"]] for page in self._pages})
        return {"checked_at": now, "rows": rows}

    def history(self, name: str) -> dict[str, Any]:
        """Return the kept results of the page called `name`, oldest first."""
        kept = self._results().get(name, [])
        return {"name": name, "results": kept, "up_percent": _up_percent(kept)}

    def _state(self, answer: Answer, expected: int) -> str:
        if answer.status != expected:
            return "down"
        return "slow" if answer.took_ms > self._slow_ms else "up"

    def _results(self) -> dict[str, list[dict[str, Any]]]:
        return json.loads(self._file.read_text(encoding="utf-8")) if self._file.exists() else {}

    def _write(self, results: dict[str, list[dict[str, Any]]]) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        beside = self._file.with_suffix(".new")
        beside.write_text(json.dumps(results), encoding="utf-8")
        os.replace(beside, self._file)


def _up_percent(results: list[dict[str, Any]]) -> float | None:
    if not results:
        return None
    return round(100 * sum(result["state"] != "down" for result in results) / len(results), 1)
