"""A step that raises an alert when measurements leave their range, and ends it when they are safely back.

In: readings. Out: changes of state. Remembers the state in one small file, so that a restart repeats no alert.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from mlebotics_csv_sensor import Columns, CsvSensor

NORMAL, HIGH, LOW = "normal", "high", "low"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The wanted range. An alert ends only `margin` inside it, and starts after `needed` readings in a row outside."""

    low: float | None
    high: float | None
    margin: float = 0.0
    needed: int = 1

    def state_of(self, value: float, state: str) -> str:
        """Return the state that `value` asks for when the present one is `state`."""
        high_ends = self.margin if state == HIGH else 0.0
        low_ends = self.margin if state == LOW else 0.0
        if self.high is not None and value > self.high - high_ends:
            return HIGH
        if self.low is not None and value < self.low + low_ends:
            return LOW
        return NORMAL


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """The present state, and a state that was asked for by the last ``times`` readings but not often enough."""

    state: str = NORMAL
    asked: str = NORMAL
    times: int = 0

    def after(self, value: float, limits: Limits) -> Memory:
        """Return the memory after one more reading."""
        asked = limits.state_of(value, self.state)
        times = self.times + 1 if asked == self.asked else 1
        # The way back to normal has its margin; only the way out of it must be confirmed.
        enough = asked == NORMAL or times >= limits.needed
        return Memory(state=asked if enough else self.state, asked=asked, times=times)


class Plugin:
    """What the platform loads."""

    def __init__(self, config: dict[str, Any], data_dir: str) -> None:
        self._limits = Limits(
            low=config.get("low"),
            high=config.get("high"),
            margin=config.get("margin", 0),
            needed=config.get("needed", 1),
        )
        self._file = Path(data_dir) / "state.json"
        self._sensor = None
        if "file" in config:
            self._sensor = CsvSensor(Path(config["file"]), Columns.of(config), Path(data_dir) / "position.json")

    def evaluate(self, readings: list[dict[str, Any]]) -> dict[str, Any]:
        """Return an alert for each change of state; a reading is ``{at, value}``."""
        memory = self._remembered()
        alerts = []
        for reading in readings:
            before, memory = memory, memory.after(reading["value"], self._limits)
            if memory.state != before.state:
                alerts.append({"at": reading["at"], "value": reading["value"], "state": memory.state})
        self._remember(memory)
        return {"state": memory.state, "alerts": alerts}

    def watch(self) -> dict[str, Any]:
        """Evaluate what was added to the CSV file of the settings since the last call."""
        if self._sensor is None:
            return {"state": self._remembered().state, "alerts": [], "note": "no file is set"}
        readings, _ = self._sensor.poll()
        return self.evaluate([asdict(reading) for reading in readings])

    def _remembered(self) -> Memory:
        return Memory(**json.loads(self._file.read_text(encoding="utf-8"))) if self._file.exists() else Memory()

    def _remember(self, memory: Memory) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        beside = self._file.with_suffix(".new")
        beside.write_text(json.dumps(asdict(memory)), encoding="utf-8")
        os.replace(beside, self._file)
