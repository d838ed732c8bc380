"""How full the memory is, as a widget.

In: total and available bytes from the platform's own module. Out: what the widget draws. Keeps nothing.
"""

from __future__ import annotations

import importlib.util
import platform
from collections.abc import Callable
from pathlib import Path
from typing import Any

ReadMemory = Callable[[], tuple[int, int]]
_FOLDERS = {("Linux", "x86_64"): "linux-x86_64", ("Darwin", "arm64"): "macos-aarch64"}
_GIB = 1 << 30


def platform_reader(system: str | None = None, machine: str | None = None) -> ReadMemory:
    """Return the function of this package that reads the memory here.

    Raises:
        OSError: the package has nothing for this platform.
    """
    here = (system or platform.system(), machine or platform.machine())
    file = Path(__file__).parent / "platforms" / _FOLDERS.get(here, "none") / "oko_memory_reader.py"
    if not file.exists():
        raise OSError(f"this package cannot read the memory of {' '.join(here)}")
    spec = importlib.util.spec_from_file_location("oko_memory_reader", file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.read_memory


class Plugin:
    """What the dashboard loads."""

    def __init__(self, config: dict[str, Any], data_dir: str, *, read_memory: ReadMemory | None = None) -> None:
        self._read = read_memory or platform_reader()
        self._warn_above = config.get("warn_above_percent", 85)

    def gauge(self) -> dict[str, Any]:
        """Return how much memory is used, as bytes, percent and text."""
        total, available = self._read()
        used = max(0, total - available)
        percent = round(100 * used / total) if total else 0
        return {
            "total_bytes": total,
            "used_bytes": used,
            "used_percent": percent,
            "warn": percent > self._warn_above,
            "says": f"{used / _GIB:.1f} of {total / _GIB:.1f} GiB used",
        }
