"""Remembers the last texts that were copied, and finds them again.

In: copied texts and the moment of copying. Out: entries, pinned ones first, then newest first.
Keeps them in one file of its data folder and nowhere else.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

_MOST_CHARACTERS = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A copied text; ``copied_at`` is a moment in UTC such as 2026-08-01T09:00:00Z."""

    text: str
    copied_at: str
    pinned: bool = False


class Plugin:
    """What the shell loads."""

    def __init__(self, config: dict[str, Any], data_dir: str) -> None:
        self._most = config.get("max_entries", 50)
        self._file = Path(data_dir) / "history.json"

    def remember(self, text: str, copied_at: str) -> dict[str, Any]:
        """Put `text` on top of the history, unless it is empty or very long."""
        if not text.strip():
            return {"kept": False, "reason": "the text is empty"}
        if len(text) > _MOST_CHARACTERS:
            return {"kept": False, "reason": f"the text is longer than {_MOST_CHARACTERS} characters"}
        entries = self._entries()
        was_pinned = any(entry.pinned for entry in entries if entry.text == text)
        rest = [entry for entry in entries if entry.text != text]
        self._write(self._newest([Entry(text=text, copied_at=copied_at, pinned=was_pinned), *rest]))
        return {"kept": True}

    def recent(self, limit: int = 10) -> list[dict[str, Any]]:
        """Return pinned entries and then the newest, at most `limit`."""
        return [asdict(entry) for entry in _pinned_first(self._entries())[:limit]]

    def search(self, query: str, limit: int = 10) -> list[dict[str, Any]]:
        """Return the entries that hold every word of `query`, in the same order as `recent`."""
        words = query.casefold().split()
        found = [entry for entry in self._entries() if all(word in entry.text.casefold() for word in words)]
        return [asdict(entry) for entry in _pinned_first(found)[:limit]]

    def pin(self, text: str, pinned: bool = True) -> dict[str, Any]:
        """Keep the entry with exactly this `text` for ever, or no longer."""
        entries = self._entries()
        self._write([replace(entry, pinned=pinned) if entry.text == text else entry for entry in entries])
        return {"found": any(entry.text == text for entry in entries)}

    def clear(self) -> dict[str, Any]:
        """Forget everything that is not pinned."""
        pinned = [entry for entry in self._entries() if entry.pinned]
        self._write(pinned)
        return {"left": len(pinned)}

    def _newest(self, entries: list[Entry]) -> list[Entry]:
        unpinned = [entry for entry in entries if not entry.pinned][: self._most]
        return [entry for entry in entries if entry.pinned or entry in unpinned]

    def _entries(self) -> list[Entry]:
        if not self._file.exists():
            return []
        kept = json.loads(self._file.read_text(encoding="utf-8"))
        # Version 1.0 kept bare texts without a moment.
        return [Entry(text=one, copied_at="") if isinstance(one, str) else Entry(**one) for one in kept]

    def _write(self, entries: list[Entry]) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        beside = self._file.with_suffix(".new")
        beside.write_text(json.dumps([asdict(entry) for entry in entries]), encoding="utf-8")
        os.replace(beside, self._file)


def _pinned_first(entries: list[Entry]) -> list[Entry]:
    return sorted(entries, key=lambda entry: not entry.pinned)
