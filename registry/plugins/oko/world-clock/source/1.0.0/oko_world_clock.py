"""What time it is elsewhere.

In: the present moment. Out: a row for each place. Keeps nothing.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

_PLACES = [
    {"name": "Tokyo", "zone": "Asia/Tokyo"},
    {"name": "Berlin", "zone": "Europe/Berlin"},
    {"name": "New York", "zone": "America/New_York"},
]


class Plugin:
    """What the dashboard loads."""

    def __init__(self, config: dict[str, Any], data_dir: str) -> None:
        self._places = config.get("places", _PLACES)

    def clocks(self, now: str) -> dict[str, Any]:
        """Return a row for each place; `now` is a moment such as 2026-08-01T09:00:00Z."""
        moment = datetime.fromisoformat(now)
        rows = []
        for place in self._places:
            there = moment.astimezone(ZoneInfo(place["zone"]))
            rows.append({"name": place["name"], "time": there.strftime("%H:%M"), "day": there.strftime("%A")})
        return {"title": "World clock", "rows": rows}
