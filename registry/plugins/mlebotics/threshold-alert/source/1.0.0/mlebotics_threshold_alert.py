"""A step that raises an alert when measurements leave their range.

In: readings. Out: changes of state.
"""

from __future__ import annotations

from typing import Any


class Plugin:
    """What the platform loads."""

    def __init__(self, config: dict[str, Any], data_dir: str) -> None:
        self._low = config.get("low")
        self._high = config.get("high")
        self._state = "normal"

    def evaluate(self, readings: list[dict[str, Any]]) -> dict[str, Any]:
        """Return an alert for each change of state; a reading is ``{at, value}``."""
        alerts = []
        for reading in readings:
            state = self._state_of(reading["value"])
            if state != self._state:
                alerts.append({"at": reading["at"], "value": reading["value"], "state": state})
            self._state = state
        return {"state": self._state, "alerts": alerts}

    def _state_of(self, value: float) -> str:
        if self._high is not None and value > self._high:
            return "high"
        if self._low is not None and value < self._low:
            return "low"
        return "normal"
