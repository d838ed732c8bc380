from __future__ import annotations

import platform
from typing import TYPE_CHECKING

import pytest

from plugins.plugin_sources import load, load_file, newest_of, tree_of

if TYPE_CHECKING:
    from pathlib import Path

PLUGIN = "oko/memory-gauge"
GAUGE = load(PLUGIN)
PLATFORMS = tree_of(PLUGIN, newest_of(PLUGIN)) / "platforms"
LINUX = load_file(PLATFORMS / "linux-x86_64" / "oko_memory_reader.py")
MACOS = load_file(PLATFORMS / "macos-aarch64" / "oko_memory_reader.py")
GIB = 1 << 30

MEMINFO = """\
MemTotal:       16252928 kB
MemFree:         1032192 kB
MemAvailable:    8493466 kB
HugePages_Total:       0
"""
VM_STAT = """\
Mach Virtual Memory Statistics: (page size of 16384 bytes)
Pages free:                              100000.
Pages active:                            300000.
Pages inactive:                          200000.
Pages speculative:                         5000.
Pages throttled:                              0.
Pages wired down:                        150000.
Pages purgeable:                           1000.
"""


def test_the_gauge_shows_what_programs_could_not_get(tmp_path: Path) -> None:
    plugin = GAUGE.Plugin({}, str(tmp_path), read_memory=lambda: (16 * GIB, 4 * GIB))
    assert plugin.gauge() == {
        "total_bytes": 16 * GIB,
        "used_bytes": 12 * GIB,
        "used_percent": 75,
        "warn": False,
        "says": "12.0 of 16.0 GiB used",
    }


def test_the_limit_of_the_warning_can_be_chosen(tmp_path: Path) -> None:
    plugin = GAUGE.Plugin({"warn_above_percent": 50}, str(tmp_path), read_memory=lambda: (16 * GIB, 4 * GIB))
    assert plugin.gauge()["warn"] is True


@pytest.mark.parametrize(("total", "available"), [(0, 0), (GIB, 2 * GIB)])
def test_strange_numbers_show_an_empty_gauge(tmp_path: Path, total: int, available: int) -> None:
    answer = GAUGE.Plugin({}, str(tmp_path), read_memory=lambda: (total, available)).gauge()
    assert (answer["used_bytes"], answer["used_percent"]) == (0, 0)


def test_linux_counts_in_kib() -> None:
    assert LINUX.from_meminfo(MEMINFO) == (16252928 * 1024, 8493466 * 1024)


def test_a_linux_that_does_not_say_is_an_error() -> None:
    with pytest.raises(OSError, match="does not say"):
        LINUX.from_meminfo("MemTotal: 1 kB\n")


def test_macos_counts_in_pages() -> None:
    assert MACOS.from_commands("17179869184\n", VM_STAT) == (17179869184, 306000 * 16384)


@pytest.mark.parametrize(("memsize", "vm_stat"), [("", VM_STAT), ("x", VM_STAT), ("1", ""), ("1", VM_STAT[:60])])
def test_commands_that_print_something_else_are_an_error(memsize: str, vm_stat: str) -> None:
    with pytest.raises(OSError, match="printed something unknown"):
        MACOS.from_commands(memsize, vm_stat)


@pytest.mark.parametrize(
    ("system", "machine", "folder"),
    [("Linux", "x86_64", "linux-x86_64"), ("Darwin", "arm64", "macos-aarch64")],
)
def test_each_platform_has_its_own_module(system: str, machine: str, folder: str) -> None:
    reader = GAUGE.platform_reader(system, machine)
    assert reader.__code__.co_filename == str(PLATFORMS / folder / "oko_memory_reader.py")


def test_other_platforms_are_refused_with_their_name() -> None:
    with pytest.raises(OSError, match="the memory of Windows AMD64"):
        GAUGE.platform_reader("Windows", "AMD64")


def test_here_it_reads_the_memory_of_this_machine_or_says_that_it_cannot(tmp_path: Path) -> None:
    if (platform.system(), platform.machine()) in (("Linux", "x86_64"), ("Darwin", "arm64")):
        answer = GAUGE.Plugin({}, str(tmp_path)).gauge()
        assert 0 < answer["used_bytes"] < answer["total_bytes"]
        assert 0 < answer["used_percent"] <= 100
    else:
        with pytest.raises(OSError, match="cannot read the memory"):
            GAUGE.Plugin({}, str(tmp_path))
