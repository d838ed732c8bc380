"""The same work for many things, in several processes: for what takes the processor's time, not that of a store.

In: things, and what to do with each. Out: what gives the results, in the order of the things; a few are made ahead. The
processes are copies of this one, so nothing but the number of a thing goes there, and nothing but a result comes back.
They are begun only where there is enough to do, and only while this process has no other threads, which copies would
lack. What fails in one of them is done again here, where it fails in the open and whoever rescues it sees it all.
"""

from __future__ import annotations

import ctypes
import gc
import multiprocessing
import os
import signal
import sys
import threading
from collections import deque
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, TypeVar

from pluginry.errors import PluginryError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from concurrent.futures import Future

T = TypeVar("T")
R = TypeVar("R")

ENOUGH: Final = 200
"""So many things at least are worth the beginning of processes."""
_PARCEL: Final = 16  # things on their way together
_AHEAD: Final = 2  # parcels for each process, one of them under way
_PR_SET_PDEATHSIG: Final = 1  # a call of Linux
_inherited: list[Callable[[int], Any]] = []  # what copies of this process do


def processors() -> int:
    """Return how many processes may work at once here: one where they could not be copies of this one."""
    if sys.platform != "linux" or threading.active_count() > 1:
        return 1
    return len(os.sched_getaffinity(0))


def side_by_side(
    things: Sequence[T], work: Callable[[T], R], *, processes: int | None = None
) -> Iterator[Callable[[], R]]:
    """Yield for each of `things` a function that returns what `work` makes of it, or raises what that raises.

    There are so many `processes`; unless that is said one for each processor, where there are things enough. Results
    are values that `pickle` can write.

    Raises:
        PluginryError: one of the processes was ended from outside.

    """
    if things:
        yield partial(work, things[0])  # here, so that what all of them need is there when they begin
    count = processes if processes is not None else processors() if len(things) >= ENOUGH else 1
    if count <= 1:
        yield from (partial(work, thing) for thing in things[1:])
        return
    results = _elsewhere(lambda number: work(things[number]), len(things), count)
    for thing, (is_done, result) in zip(things[1:], results, strict=True):
        yield partial(_given, result) if is_done else partial(work, thing)


def _elsewhere(work: Callable[[int], R], count: int, processes: int) -> Iterator[tuple[bool, Any]]:
    """Yield for each number from 1 below `count` whether that went well, and the result."""
    parcels = iter([range(start, min(start + _PARCEL, count)) for start in range(1, count, _PARCEL)])
    under_way: deque[Future[list[tuple[bool, Any]]]] = deque()
    _inherited.append(work)
    pool = ProcessPoolExecutor(processes, mp_context=multiprocessing.get_context("fork"), initializer=_begin)
    try:
        under_way.extend(pool.submit(_done, parcel) for parcel in islice(parcels, processes * _AHEAD))
        while under_way:
            results = under_way.popleft().result()
            under_way.extend(pool.submit(_done, parcel) for parcel in islice(parcels, 1))
            yield from results
    except BrokenProcessPool as error:
        raise PluginryError(
            "a process that was making pages was ended from outside",
            why=str(error),
            hint="run the command again, on a machine with more memory if this one has little",
        ) from error
    finally:
        pool.shutdown(cancel_futures=True)
        _inherited.remove(work)


def _given(result: R) -> R:
    return result


def _begin() -> None:
    """Leave interruptions to the process that this is a copy of, end with it, and share its memory as it is."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    gc.freeze()


def _done(numbers: range) -> list[tuple[bool, Any]]:
    return [_tried(number) for number in numbers]


def _tried(number: int) -> tuple[bool, Any]:
    try:
        return True, _inherited[-1](number)
    except Exception:  # noqa: BLE001 - it is raised where the work is done again
        return False, None
