from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.plugin_sources import load, load_file, newest_of, tree_of

if TYPE_CHECKING:
    from pathlib import Path

PLUGIN = "tauri-shell/cpu-widget"
CPU = load(PLUGIN)
PLATFORMS = tree_of(PLUGIN, newest_of(PLUGIN)) / "platforms"
INTEL = load_file(PLATFORMS / "windows-x86_64" / "tauri_cpu_times.py")
ARM = load_file(PLATFORMS / "windows-aarch64" / "tauri_cpu_times.py")


def a_widget(folder: Path, *samples: Any, **config: Any) -> Any:
    source = iter(samples)
    return CPU.Plugin(config, str(folder), read_times=lambda: next(source))


def test_the_load_is_what_was_not_idle_between_two_samples(tmp_path: Path) -> None:
    widget = a_widget(tmp_path, ((1000, 2000),), ((1630, 3000),), ((1630, 4000),))
    assert widget.sample() == {"busy_percent": 37, "cores": [37], "warn": False, "graph": "▃"}
    assert widget.sample() == {"busy_percent": 100, "cores": [100], "warn": True, "graph": "▃█"}


def test_each_core_counts_alike(tmp_path: Path) -> None:
    widget = a_widget(tmp_path, ((0, 0), (0, 0)), ((100, 100), (20, 100)))
    assert widget.sample() == {"busy_percent": 40, "cores": [0, 80], "warn": False, "graph": "▄"}


def test_the_graph_is_as_long_as_the_settings_say(tmp_path: Path) -> None:
    samples = [((0, n * 100),) for n in range(10)]
    widget = a_widget(tmp_path, *samples, history=5, warn_above_percent=99)
    answers = [widget.sample() for _ in range(9)]
    assert answers[-1]["graph"] == "█████"
    assert answers[-1]["warn"] is True


def test_two_samples_at_the_same_moment_show_no_load(tmp_path: Path) -> None:
    widget = a_widget(tmp_path, ((5, 10),), ((5, 10),), ())
    assert widget.sample()["busy_percent"] == 0
    assert widget.sample()["cores"] == []


times = st.tuples(st.integers(0, 2**62), st.integers(0, 2**62))


@given(times, times)
def test_the_load_is_always_a_percentage(before: tuple[int, int], after: tuple[int, int]) -> None:
    assert 0 <= CPU.busy_percent(before, after) <= 100


def test_windows_counts_idle_time_as_kernel_time() -> None:
    assert INTEL.from_counters(600, 700, 300) == (600, 1000)


def test_the_records_of_windows_on_arm_are_read_core_by_core() -> None:
    first = struct.pack("<qqqqqI4x", 600, 700, 300, 1, 2, 3)
    second = struct.pack("<qqqqqI4x", 10, 20, 30, 0, 0, 0)
    assert len(first) == 48  # what Windows writes for each core on 64-bit systems
    assert ARM.from_records(first + second) == ((600, 1000), (10, 50))
    assert ARM.from_records(b"") == ()


@pytest.mark.parametrize(("machine", "folder"), [("AMD64", "windows-x86_64"), ("ARM64", "windows-aarch64")])
def test_each_platform_has_its_own_module(machine: str, folder: str) -> None:
    reader = CPU.platform_reader("Windows", machine)
    assert reader.__code__.co_filename == str(PLATFORMS / folder / "tauri_cpu_times.py")


@pytest.mark.parametrize(("system", "machine"), [("Linux", "x86_64"), ("Windows", "ia64"), ("Linux", "AMD64")])
def test_other_platforms_are_refused_with_their_name(system: str, machine: str) -> None:
    with pytest.raises(OSError, match=f"on {system} {machine.lower()}"):
        CPU.platform_reader(system, machine)


def test_the_first_version_knew_one_platform_and_one_number(tmp_path: Path) -> None:
    source = iter([((0, 0),), ((63, 100),)])
    widget = load(PLUGIN, "1.0.0").Plugin({}, str(tmp_path), read_times=lambda: next(source))
    assert widget.sample() == {"busy_percent": 37}
