"""Memory of macOS on Apple silicon, from the system's own commands ``sysctl`` and ``vm_stat``.

Out: total and available bytes.
"""

from __future__ import annotations

import re
import subprocess

_PAGE_SIZE = re.compile(r"page size of (\d+) bytes")
_COUNT = re.compile(r"^Pages (free|inactive|speculative|purgeable):\s+(\d+)\.$", re.MULTILINE)


def read_memory() -> tuple[int, int]:
    """Return total and available memory in bytes.

    Raises:
        OSError: a command is missing or failed.
    """
    return from_commands(_run("/usr/sbin/sysctl", "-n", "hw.memsize"), _run("/usr/bin/vm_stat"))


def from_commands(memsize: str, vm_stat: str) -> tuple[int, int]:
    """Return total and available memory in bytes from what the two commands print.

    Raises:
        OSError: they print something else.
    """
    page_size = _PAGE_SIZE.search(vm_stat)
    pages = [int(count) for _, count in _COUNT.findall(vm_stat)]
    if page_size is None or not pages or not memsize.strip().isdecimal():
        raise OSError("vm_stat or sysctl printed something unknown")
    return int(memsize), sum(pages) * int(page_size[1])


def _run(*command: str) -> str:
    try:
        return subprocess.run(command, capture_output=True, check=True, text=True, timeout=10).stdout
    except subprocess.SubprocessError as error:
        raise OSError(f"{command[0]} failed") from error
