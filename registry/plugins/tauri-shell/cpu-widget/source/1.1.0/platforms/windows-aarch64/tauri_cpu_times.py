"""Processor times on Windows for ARM64: core by core, since fast and slow cores stand side by side there.

Out: a pair of idle and total time for each core since the start of the system, in units of 100 nanoseconds.
"""

from __future__ import annotations

import ctypes
import struct

Times = tuple[tuple[int, int], ...]
_PERFORMANCE_OF_EACH_CORE = 8
_MOST_CORES = 64  # of one processor group
# SYSTEM_PROCESSOR_PERFORMANCE_INFORMATION: idle, kernel, user, two reserved times, an interrupt count, padding.
_RECORD = struct.Struct("<qqqqqI4x")


def read_times() -> Times:
    """Return the idle and total time of each core.

    Raises:
        OSError: Windows refused to say.
    """
    buffer = ctypes.create_string_buffer(_RECORD.size * _MOST_CORES)
    used = ctypes.c_ulong()
    status = ctypes.WinDLL("ntdll").NtQuerySystemInformation(
        _PERFORMANCE_OF_EACH_CORE, buffer, len(buffer), ctypes.byref(used)
    )
    if status != 0:
        raise OSError(f"NtQuerySystemInformation failed with status {status & 0xFFFFFFFF:#010x}")
    return from_records(buffer.raw[: used.value])


def from_records(data: bytes) -> Times:
    """Return idle and total time of each core from the records of Windows, which counts idle time as kernel time."""
    return tuple((idle, kernel + user) for idle, kernel, user, *_ in _RECORD.iter_unpack(data))
