"""What time it is elsewhere, and whether people are at work there.

In: the present moment. Out: a row for each place. Words come from the files in ``locales``. Keeps nothing.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_PLACES = [
    {"name": "Tokyo", "zone": "Asia/Tokyo"},
    {"name": "Berlin", "zone": "Europe/Berlin"},
    {"name": "New York", "zone": "America/New_York"},
]
_LOCALES = Path(__file__).parent / "locales"


def words(language: str) -> dict[str, Any]:
    """Return the words of `language`, or the English ones when there is no file for it."""
    known = {file.stem: file for file in _LOCALES.glob("*.json")}
    return json.loads(known.get(language, known["en"]).read_text(encoding="utf-8"))


class Plugin:
    """What the dashboard loads."""

    def __init__(self, config: dict[str, Any], data_dir: str) -> None:
        self._places = config.get("places", _PLACES)
        self._work_from, self._work_until = config.get("work_hours", [9, 17])
        self._words = words(config.get("language", "en"))

    def clocks(self, now: str) -> dict[str, Any]:
        """Return a row for each place; `now` is a moment such as 2026-08-01T09:00:00Z."""
        moment = datetime.fromisoformat(now).astimezone(UTC)
        return {"title": self._words["title"], "rows": [self._row(place, moment) for place in self._places]}

    def _row(self, place: dict[str, str], now: datetime) -> dict[str, Any]:
        try:
            there = now.astimezone(ZoneInfo(place["zone"]))
        except (ZoneInfoNotFoundError, ValueError):
            return {"name": place["name"], "error": self._words["unknown_zone"].replace("{zone}", place["zone"])}
        works = there.weekday() < 5 and self._work_from <= there.hour < self._work_until
        return {
            "name": place["name"],
            "time": there.strftime("%H:%M"),
            "day": self._words["weekdays"][there.weekday()],
            "offset": _offset(there),
            "at_work": works,
            "says": self._words["at_work" if works else "not_at_work"],
        }


def _offset(moment: datetime) -> str:
    offset = moment.utcoffset() or timedelta()
    sign = "-" if offset < timedelta() else "+"
    minutes = abs(offset) // timedelta(minutes=1)
    return f"UTC{sign}{minutes // 60:02}:{minutes % 60:02}"
