from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.plugin_sources import load

if TYPE_CHECKING:
    from pathlib import Path

PLUGIN = "mlebotics/csv-sensor"
SENSOR = load(PLUGIN)


def a_sensor(folder: Path, **config: Any) -> tuple[Any, Path]:
    file = folder / "hall.csv"
    return SENSOR.Plugin({"file": str(file), **config}, str(folder / "data")), file


def add(file: Path, text: str) -> None:
    with file.open("a", encoding="utf-8", newline="") as stream:
        stream.write(text)


def test_each_reading_is_returned_once(tmp_path: Path) -> None:
    sensor, file = a_sensor(tmp_path)
    add(file, "time,value\n09:00,21.4\n09:05,21.9\n")
    assert sensor.poll() == {
        "readings": [{"at": "09:00", "value": 21.4}, {"at": "09:05", "value": 21.9}],
        "skipped": 0,
    }
    assert sensor.poll() == {"readings": [], "skipped": 0}
    add(file, "09:10,22\n")
    assert sensor.poll()["readings"] == [{"at": "09:10", "value": 22.0}]


def test_a_restart_does_not_repeat_readings(tmp_path: Path) -> None:
    sensor, file = a_sensor(tmp_path)
    add(file, "time,value\n09:00,1\n")
    sensor.poll()
    add(file, "09:05,2\n")
    again, _ = a_sensor(tmp_path)
    assert [reading["value"] for reading in again.poll()["readings"]] == [2.0]


def test_another_file_is_read_from_its_beginning(tmp_path: Path) -> None:
    sensor, file = a_sensor(tmp_path)
    add(file, "time,value\n09:00,1\n")
    sensor.poll()
    other = tmp_path / "other.csv"
    add(other, "time,value\n09:00,7\n")
    assert SENSOR.Plugin({"file": str(other)}, str(tmp_path / "data")).poll()["readings"][0]["value"] == 7.0


def test_a_line_that_is_half_written_waits_for_its_end(tmp_path: Path) -> None:
    sensor, file = a_sensor(tmp_path)
    add(file, "time,value\n09:00,2")
    assert sensor.poll()["readings"] == []
    add(file, "1.5\n")
    assert sensor.poll()["readings"] == [{"at": "09:00", "value": 21.5}]


def test_a_file_that_was_started_anew_is_read_again(tmp_path: Path) -> None:
    sensor, file = a_sensor(tmp_path)
    add(file, "time,value\n09:00,1\n09:05,2\n")
    sensor.poll()
    file.write_text("time,value\n10:00,3\n", encoding="utf-8")
    assert sensor.poll()["readings"] == [{"at": "10:00", "value": 3.0}]


def test_spreadsheets_of_other_countries_are_read(tmp_path: Path) -> None:
    sensor, file = a_sensor(tmp_path, time_column="Zeit", value_column="°C", delimiter=";", decimal=",")
    file.write_bytes('\ufeffZeit;Ort;°C\r\n09:00;"Halle; Süd";21,4\r\n'.encode())
    assert sensor.poll() == {"readings": [{"at": "09:00", "value": 21.4}], "skipped": 0}


@pytest.mark.parametrize("line", ["09:00,", "09:00", ",5", "09:00,abc", "09:00,nan", "09:00,-inf", "09:00,1e999"])
def test_lines_without_a_number_are_counted_and_left_out(tmp_path: Path, line: str) -> None:
    sensor, file = a_sensor(tmp_path)
    add(file, f"time,value\n{line}\n09:05,1\n")
    assert sensor.poll() == {"readings": [{"at": "09:05", "value": 1.0}], "skipped": 1}


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    sensor, file = a_sensor(tmp_path, value_column="temperature")
    add(file, "time,value\n09:00,1\n")
    with pytest.raises(ValueError, match="no column temperature"):
        sensor.poll()


def test_a_missing_file_is_the_callers_business(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        a_sensor(tmp_path)[0].poll()


@given(st.lists(st.integers(1, 40), min_size=1, max_size=10))
def test_it_does_not_matter_where_the_file_is_cut_between_polls(
    tmp_path_factory: pytest.TempPathFactory, cuts: list[int]
) -> None:
    sensor, file = a_sensor(tmp_path_factory.mktemp("csv"))
    whole = "time,value\n" + "".join(f"09:{minute:02},{minute}\n" for minute in range(20))
    add(file, whole[:11])
    values: list[float] = []
    at = 11
    for cut in [*cuts, len(whole)]:
        add(file, whole[at : at + cut])
        at += cut
        values += [reading["value"] for reading in sensor.poll()["readings"]]
    assert values == [float(minute) for minute in range(20)]


def test_the_first_version_returned_everything_every_time(tmp_path: Path) -> None:
    file = tmp_path / "hall.csv"
    add(file, "time,value\n09:00,1\n09:05,x\n")
    first = load(PLUGIN, "1.0.0").Plugin({"file": str(file)}, str(tmp_path))
    assert first.poll() == first.poll() == {"readings": [{"at": "09:00", "value": 1.0}]}
