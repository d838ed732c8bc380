"""A sensor whose measurements stand in a CSV file that another machine keeps writing.

In: a CSV file. Out: readings that were not read before. Remembers how far it came in one small file of its data folder.
"""

from __future__ import annotations

import csv
import io
import json
import math
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A measurement: ``at`` as the file says it, and a finite number."""

    at: str
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """How to read a line: names of two columns, the delimiter and the decimal sign."""

    time: str = "time"
    value: str = "value"
    delimiter: str = ","
    decimal: str = "."

    @classmethod
    def of(cls, config: Mapping[str, Any]) -> Columns:
        """Return the columns that the settings name."""
        return cls(
            time=config.get("time_column", "time"),
            value=config.get("value_column", "value"),
            delimiter=config.get("delimiter", ","),
            decimal=config.get("decimal", "."),
        )


def readings_in(header: str, lines: str, columns: Columns) -> tuple[list[Reading], int]:
    """Return the readings of `lines` and how many lines hold none; `header` names the columns.

    Raises:
        ValueError: a column is missing.
    """
    rows = csv.DictReader(io.StringIO(f"{header.rstrip()}\n{lines}"), delimiter=columns.delimiter)
    missing = {columns.time, columns.value} - set(rows.fieldnames or ())
    if missing:
        raise ValueError(f"the file has no column {' and no column '.join(sorted(missing))}")
    readings: list[Reading] = []
    skipped = 0
    for row in rows:
        value = _number(row[columns.value], columns.decimal)
        if value is None or not row[columns.time]:
            skipped += 1
        else:
            readings.append(Reading(at=row[columns.time].strip(), value=value))
    return readings, skipped


def _number(text: str | None, decimal: str) -> float | None:
    try:
        value = float((text or "").strip().replace(decimal, "."))
    except ValueError:
        return None
    return value if math.isfinite(value) else None


class CsvSensor:
    """Reads what was added to `file` since the last time; `memory` is where it remembers how far it came."""

    def __init__(self, file: Path, columns: Columns, memory: Path) -> None:
        self._file = file
        self._columns = columns
        self._memory = memory

    def poll(self) -> tuple[list[Reading], int]:
        """Return new readings and how many lines were skipped.

        Raises:
            OSError: the file cannot be read.
            ValueError: a column is missing.
        """
        start = self._remembered()
        with self._file.open("rb") as stream:
            header = stream.readline()
            # A file that is shorter than it was has been started anew.
            if start > os.fstat(stream.fileno()).st_size or start < len(header):
                start = len(header)
            stream.seek(start)
            added = stream.read()
        complete = added[: added.rfind(b"\n") + 1]  # the last line may be half written
        found = readings_in(header.decode("utf-8-sig"), complete.decode("utf-8", "replace"), self._columns)
        self._remember(start + len(complete))
        return found

    def _remembered(self) -> int:
        if not self._memory.exists():
            return 0
        kept = json.loads(self._memory.read_text(encoding="utf-8"))
        return int(kept["offset"]) if kept["file"] == str(self._file) else 0

    def _remember(self, offset: int) -> None:
        self._memory.parent.mkdir(parents=True, exist_ok=True)
        beside = self._memory.with_suffix(".new")
        beside.write_text(json.dumps({"file": str(self._file), "offset": offset}), encoding="utf-8")
        os.replace(beside, self._memory)


class Plugin:
    """What the platform loads."""

    def __init__(self, config: dict[str, Any], data_dir: str) -> None:
        self._sensor = CsvSensor(
            Path(config.get("file", Path(data_dir) / "readings.csv")),
            Columns.of(config),
            Path(data_dir) / "position.json",
        )

    def poll(self) -> dict[str, Any]:
        """Return the readings that were added since the last call."""
        readings, skipped = self._sensor.poll()
        return {"readings": [asdict(reading) for reading in readings], "skipped": skipped}
