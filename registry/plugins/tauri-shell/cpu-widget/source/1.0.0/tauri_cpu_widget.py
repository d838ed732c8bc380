"""Shows how busy the processor is.

In: processor times of the platform's own module. Out: what the widget draws. Never keeps anything on disk.
"""

from __future__ import annotations

import importlib.util
import platform
from collections.abc import Callable
from pathlib import Path
from typing import Any

Times = tuple[tuple[int, int], ...]
ReadTimes = Callable[[], Times]


def platform_reader() -> ReadTimes:
    """Return the function of this package that reads processor times here.

    Raises:
        OSError: the package has nothing for this platform.
    """
    file = Path(__file__).parent / "platforms" / "windows-x86_64" / "tauri_cpu_times.py"
    if platform.system() != "Windows" or platform.machine() != "AMD64":
        raise OSError(f"this package cannot read processor times on {platform.system()} {platform.machine()}")
    spec = importlib.util.spec_from_file_location("tauri_cpu_times", file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.read_times


class Plugin:
    """What the shell loads."""

    def __init__(self, config: dict[str, Any], data_dir: str, *, read_times: ReadTimes | None = None) -> None:
        self._read = read_times or platform_reader()
        self._last = self._read()

    def sample(self) -> dict[str, Any]:
        """Return how busy the processor was since the last call, in percent."""
        (before,), (after,) = self._last, self._read()
        self._last = (after,)
        idle, total = after[0] - before[0], after[1] - before[1]
        return {"busy_percent": 0 if total <= 0 else round(100 * (total - idle) / total)}
