from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from plugins.plugin_sources import load, newest_of, tree_of

if TYPE_CHECKING:
    from pathlib import Path

PLUGIN = "oko/world-clock"
CLOCK = load(PLUGIN)
LOCALES = tree_of(PLUGIN, newest_of(PLUGIN)) / "locales"
SATURDAY = "2026-08-01T09:00:00Z"
MONDAY = "2026-08-03T09:00:00Z"


def rows(folder: Path, now: str, **config: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = CLOCK.Plugin(config, str(folder)).clocks(now=now)["rows"]
    return found


def test_clocks_show_the_time_of_each_place(tmp_path: Path) -> None:
    assert [(row["name"], row["time"], row["day"], row["offset"]) for row in rows(tmp_path, MONDAY)] == [
        ("Tokyo", "18:00", "Monday", "UTC+09:00"),
        ("Berlin", "11:00", "Monday", "UTC+02:00"),
        ("New York", "05:00", "Monday", "UTC-04:00"),
    ]


def test_people_work_on_weekdays_between_their_hours(tmp_path: Path) -> None:
    assert [row["at_work"] for row in rows(tmp_path, MONDAY)] == [False, True, False]
    assert [row["at_work"] for row in rows(tmp_path, SATURDAY)] == [False, False, False]
    assert [row["at_work"] for row in rows(tmp_path, MONDAY, work_hours=[5, 11])] == [False, False, True]


@pytest.mark.parametrize(
    ("zone", "now", "time", "offset"),
    [
        ("Asia/Kolkata", "2026-08-01T20:00:00Z", "01:30", "UTC+05:30"),
        ("America/St_Johns", "2026-01-01T00:00:00Z", "20:30", "UTC-03:30"),
        ("Europe/Berlin", "2026-10-25T00:30:00Z", "02:30", "UTC+02:00"),
        ("Europe/Berlin", "2026-10-25T01:30:00Z", "02:30", "UTC+01:00"),
        ("UTC", "2026-08-01T09:00:00+09:00", "00:00", "UTC+00:00"),
    ],
)
def test_half_hours_and_summer_time_are_right(tmp_path: Path, zone: str, now: str, time: str, offset: str) -> None:
    [row] = rows(tmp_path, now, places=[{"name": "there", "zone": zone}])
    assert (row["time"], row["offset"]) == (time, offset)


@pytest.mark.parametrize("zone", ["Mars/Olympus", "../../etc/passwd", "/etc/passwd", ""])
def test_an_unknown_zone_does_not_hide_the_other_clocks(tmp_path: Path, zone: str) -> None:
    places = [{"name": "nowhere", "zone": zone}, {"name": "Tokyo", "zone": "Asia/Tokyo"}]
    broken, fine = rows(tmp_path, MONDAY, places=places)
    assert broken == {"name": "nowhere", "error": f"{zone} is not a time zone that this computer knows"}
    assert fine["time"] == "18:00"


def test_words_come_in_the_language_of_the_settings(tmp_path: Path) -> None:
    berlin = [{"name": "Berlin", "zone": "Europe/Berlin"}]
    german = CLOCK.Plugin({"language": "de", "places": berlin}, str(tmp_path)).clocks(now=MONDAY)
    assert (german["title"], german["rows"][0]["day"], german["rows"][0]["says"]) == (
        "Weltuhr",
        "Montag",
        "bei der Arbeit",
    )
    assert CLOCK.Plugin({"language": "ja"}, str(tmp_path)).clocks(now=MONDAY)["title"] == "世界時計"
    assert CLOCK.Plugin({"language": "../en"}, str(tmp_path)).clocks(now=MONDAY)["title"] == "World clock"


def test_every_language_has_every_word() -> None:
    english = json.loads((LOCALES / "en.json").read_bytes())
    for file in LOCALES.iterdir():
        words = json.loads(file.read_bytes())
        assert words.keys() == english.keys(), file.name
        assert len(words["weekdays"]) == 7
        assert "{zone}" in words["unknown_zone"]


def test_the_first_version_spoke_english_only(tmp_path: Path) -> None:
    first = load(PLUGIN, "1.0.0").Plugin({"language": "de"}, str(tmp_path)).clocks(now=MONDAY)
    assert first["rows"][0] == {"name": "Tokyo", "time": "18:00", "day": "Monday"}
