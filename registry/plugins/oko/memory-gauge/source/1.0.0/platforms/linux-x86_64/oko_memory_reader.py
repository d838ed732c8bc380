"""Memory of a Linux system, from what the kernel writes into /proc/meminfo.

Out: total and available bytes.
"""

from __future__ import annotations

from pathlib import Path


def read_memory() -> tuple[int, int]:
    """Return total and available memory in bytes.

    Raises:
        OSError: the kernel does not say.
    """
    return from_meminfo(Path("/proc/meminfo").read_text(encoding="ascii"))


def from_meminfo(text: str) -> tuple[int, int]:
    """Return total and available memory in bytes; the file counts in KiB, whatever it calls them."""
    numbers = {
        name: int(rest.split()[0]) * 1024 for name, _, rest in (line.partition(":") for line in text.splitlines())
    }
    if not {"MemTotal", "MemAvailable"} <= numbers.keys():
        raise OSError("the kernel does not say how much memory is available")
    return numbers["MemTotal"], numbers["MemAvailable"]
