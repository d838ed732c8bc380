"""Processor times on Windows for x86-64: one sum over all cores, which are alike there.

Out: one pair of idle and total time since the start of the system, in units of 100 nanoseconds.
"""

from __future__ import annotations

import ctypes

Times = tuple[tuple[int, int], ...]


def read_times() -> Times:
    """Return the idle and total time of the whole processor.

    Raises:
        OSError: Windows refused to say.
    """
    idle, kernel, user = (ctypes.c_ulonglong() for _ in range(3))
    kernel32 = ctypes.WinDLL("kernel32", use_last_error=True)
    if not kernel32.GetSystemTimes(ctypes.byref(idle), ctypes.byref(kernel), ctypes.byref(user)):
        raise ctypes.WinError(ctypes.get_last_error())
    return (from_counters(idle.value, kernel.value, user.value),)


def from_counters(idle: int, kernel: int, user: int) -> tuple[int, int]:
    """Return idle and total time; Windows counts idle time as kernel time too."""
    return idle, kernel + user
