"""A sensor whose measurements stand in a CSV file that another machine keeps writing.

In: a CSV file. Out: all its readings.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A measurement: ``at`` as the file says it, and a number."""

    at: str
    value: float


def readings_in(file: Path, time_column: str, value_column: str) -> Iterator[Reading]:
    """Yield the readings of `file`; lines without a number are left out.

    Raises:
        OSError: the file cannot be read.
        KeyError: a column is missing.
    """
    with file.open(encoding="utf-8-sig", newline="") as stream:
        for row in csv.DictReader(stream):
            try:
                yield Reading(at=row[time_column], value=float(row[value_column]))
            except ValueError:
                continue


class Plugin:
    """What the platform loads."""

    def __init__(self, config: dict[str, Any], data_dir: str) -> None:
        self._file = Path(config.get("file", Path(data_dir) / "readings.csv"))
        self._columns = config.get("time_column", "time"), config.get("value_column", "value")

    def poll(self) -> dict[str, Any]:
        """Return all readings of the file."""
        return {"readings": [asdict(reading) for reading in readings_in(self._file, *self._columns)]}
