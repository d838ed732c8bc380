"""What one process costs, from its start to its end, as the system counts it.

In: a command. Out: seconds and memory. A command that fails has no cost: its time would be worthless.
"""

from __future__ import annotations

import os
import subprocess
import time
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path


class Cost(NamedTuple):
    """What one process took: ``wall`` and ``processor`` in seconds, ``peak_mb`` of memory."""

    wall: float
    processor: float
    peak_mb: float


def cost_of(command: Sequence[str], *, cwd: Path | None = None, environment: Mapping[str, str] | None = None) -> Cost:
    """Run `command` and return what it took; what it prints is thrown away, but for errors.

    Raises:
        RuntimeError: it failed.

    """
    started = time.perf_counter()
    process = subprocess.Popen(
        command, cwd=cwd, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    said = process.stderr.read()
    _, status, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{command[0]} ended with {process.returncode}: {said}")
    return Cost(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)
