"""Several requests at once: what waits for a store or a network takes its time side by side.

In: items, perhaps a stream of them, and what to do with each. Out: nothing; the work keeps its own results. It never
holds more items than are being worked on, and never begins another one after a failure.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Event, Lock
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

T = TypeVar("T")


def for_each(items: Iterable[T], work: Callable[[T], None], *, at_once: int) -> None:
    """Call `work` with each of `items`, up to `at_once` of them at the same time, in threads.

    Raises:
        Exception: the first failure; what was under way then was waited for, and the rest was not begun.

    """
    if at_once <= 1:
        for item in items:
            work(item)
        return
    source, guard, is_over = iter(items), Lock(), Event()

    def take_and_work() -> None:
        try:
            while not is_over.is_set():
                with guard:
                    try:
                        item = next(source)
                    except StopIteration:
                        return
                work(item)
        except BaseException:
            is_over.set()
            raise

    with ThreadPoolExecutor(at_once) as pool:
        running = [pool.submit(take_and_work) for _ in range(at_once)]
        try:
            for one in running:
                one.result()
        finally:
            is_over.set()
