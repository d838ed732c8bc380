from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st

from plugins.plugin_sources import load

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

PLUGIN = "mlebotics/threshold-alert"
ALERT = load(PLUGIN)


def readings(*values: float) -> list[dict[str, Any]]:
    return [{"at": f"t{number}", "value": value} for number, value in enumerate(values)]


def states(plugin: Any, *values: float) -> list[tuple[str, str]]:
    return [(alert["at"], alert["state"]) for alert in plugin.evaluate(readings=readings(*values))["alerts"]]


def test_an_alert_begins_and_ends(tmp_path: Path) -> None:
    plugin = ALERT.Plugin({"low": 5, "high": 30}, str(tmp_path))
    answer = plugin.evaluate(readings=readings(20, 30, 31, 32, 29, 4, 6))
    assert answer == {
        "state": "normal",
        "alerts": [
            {"at": "t2", "value": 31, "state": "high"},
            {"at": "t4", "value": 29, "state": "normal"},
            {"at": "t5", "value": 4, "state": "low"},
            {"at": "t6", "value": 6, "state": "normal"},
        ],
    }


def test_with_a_margin_an_alert_does_not_flap(tmp_path: Path) -> None:
    trembling = (29.9, 30.1, 29.9, 30.1, 28.1, 30.1, 28, 29.9)
    assert states(ALERT.Plugin({"high": 30, "margin": 2}, str(tmp_path / "a")), *trembling) == [
        ("t1", "high"),
        ("t6", "normal"),
    ]
    assert len(states(ALERT.Plugin({"high": 30}, str(tmp_path / "b")), *trembling)) == 6


def test_an_alert_wants_so_many_readings_in_a_row(tmp_path: Path) -> None:
    plugin = ALERT.Plugin({"high": 30, "margin": 2, "needed": 3}, str(tmp_path))
    assert states(plugin, 29.8, 30.4, 30.1, 29, 30.4, 30.1, 30.6, 29.5, 27.9) == [("t6", "high"), ("t8", "normal")]


def test_readings_in_a_row_are_counted_over_calls_and_restarts(tmp_path: Path) -> None:
    config = {"high": 30, "needed": 3}
    assert states(ALERT.Plugin(config, str(tmp_path)), 31, 31) == []
    assert states(ALERT.Plugin(config, str(tmp_path)), 31) == [("t0", "high")]


def test_a_restart_repeats_no_alert(tmp_path: Path) -> None:
    assert states(ALERT.Plugin({"high": 30}, str(tmp_path)), 31) == [("t0", "high")]
    again = ALERT.Plugin({"high": 30}, str(tmp_path))
    assert again.evaluate(readings=readings(32)) == {"state": "high", "alerts": []}


def test_without_limits_everything_is_normal(tmp_path: Path) -> None:
    assert states(ALERT.Plugin({}, str(tmp_path)), -1e9, 1e9) == []


def test_it_watches_a_file_through_the_csv_sensor(tmp_path: Path) -> None:
    file = tmp_path / "hall.csv"
    file.write_text("time;value\n09:00;29,5\n09:05;30,5\n", encoding="utf-8")
    plugin = ALERT.Plugin({"high": 30, "file": str(file), "delimiter": ";", "decimal": ","}, str(tmp_path / "data"))
    assert plugin.watch() == {"state": "high", "alerts": [{"at": "09:05", "value": 30.5, "state": "high"}]}
    assert plugin.watch() == {"state": "high", "alerts": []}


def test_without_a_file_there_is_nothing_to_watch(tmp_path: Path) -> None:
    assert ALERT.Plugin({}, str(tmp_path)).watch()["note"] == "no file is set"


@given(st.lists(st.floats(-100, 100), max_size=30), st.integers(0, 30), st.integers(1, 4))
def test_it_does_not_matter_how_readings_are_grouped(
    tmp_path_factory: pytest.TempPathFactory, values: list[float], cut: int, needed: int
) -> None:
    config = {"low": -10, "high": 10, "margin": 3, "needed": needed}
    at_once = ALERT.Plugin(config, str(tmp_path_factory.mktemp("one"))).evaluate(readings=readings(*values))
    folder = str(tmp_path_factory.mktemp("two"))
    first = ALERT.Plugin(config, folder).evaluate(readings=readings(*values)[:cut])
    second = ALERT.Plugin(config, folder).evaluate(readings=readings(*values)[cut:])
    assert at_once == {"state": second["state"], "alerts": first["alerts"] + second["alerts"]}


@given(st.lists(st.floats(-100, 100), max_size=50))
def test_states_take_turns(values: list[float]) -> None:
    limits = ALERT.Limits(low=-10, high=10, margin=3, needed=2)
    memory = ALERT.Memory()
    for value in values:
        before, memory = memory, memory.after(value, limits)
        if memory.state == "high" != before.state:
            assert value > 10
        if memory.state == "normal" != before.state:
            assert (
                -7 <= value <= 7 or (before.state == "high" and value <= 7) or (before.state == "low" and value >= -7)
            )


def test_the_first_version_repeated_an_alert_after_a_restart(tmp_path: Path) -> None:
    first = load(PLUGIN, "1.0.0")
    for _ in range(2):
        assert states(first.Plugin({"high": 30}, str(tmp_path)), 31) == [("t0", "high")]
