"""Shows how busy the processor is: a number, its cores and a short history.

In: processor times of the platform's own module. Out: what the widget draws. Never keeps anything on disk.
"""

from __future__ import annotations

import importlib.util
import platform
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

Times = tuple[tuple[int, int], ...]
ReadTimes = Callable[[], Times]
_BARS = "▁▂▃▄▅▆▇█"
_FOLDERS = {"amd64": "windows-x86_64", "arm64": "windows-aarch64"}


def platform_reader(system: str | None = None, machine: str | None = None) -> ReadTimes:
    """Return the function of this package that reads processor times here.

    Raises:
        OSError: the package has nothing for this platform.
    """
    system, machine = system or platform.system(), (machine or platform.machine()).lower()
    file = Path(__file__).parent / "platforms" / _FOLDERS.get(machine, "none") / "tauri_cpu_times.py"
    if system != "Windows" or not file.exists():
        raise OSError(f"this package cannot read processor times on {system} {machine}")
    spec = importlib.util.spec_from_file_location("tauri_cpu_times", file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.read_times


def busy_percent(before: tuple[int, int], after: tuple[int, int]) -> int:
    """Return which part of the time between two samples was not idle, in percent."""
    idle, total = after[0] - before[0], after[1] - before[1]
    return 0 if total <= 0 else max(0, min(100, round(100 * (total - idle) / total)))


class Plugin:
    """What the shell loads."""

    def __init__(self, config: dict[str, Any], data_dir: str, *, read_times: ReadTimes | None = None) -> None:
        self._read = read_times or platform_reader()
        self._warn_above = config.get("warn_above_percent", 90)
        self._history: deque[int] = deque(maxlen=config.get("history", 30))
        self._last = self._read()

    def sample(self) -> dict[str, Any]:
        """Return how busy the processor was since the last call, in percent."""
        before, self._last = self._last, self._read()
        cores = [busy_percent(*pair) for pair in zip(before, self._last, strict=False)]
        busy = round(sum(cores) / len(cores)) if cores else 0
        self._history.append(busy)
        return {
            "busy_percent": busy,
            "cores": cores,
            "warn": busy > self._warn_above,
            "graph": "".join(_BARS[min(7, percent * 8 // 100)] for percent in self._history),
        }
