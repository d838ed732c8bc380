"""Work in several processes gives what it gives in one, in the same order, and fails in the same way."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
import time
from collections import deque
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, TypeVar

import pytest

from in_new_process import in_new_process
from pluginry.errors import PluginryError
from pluginry.publisher.side_by_side import ENOUGH, processors, side_by_side

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

T = TypeVar("T")
THINGS = tuple(range(1000, 1100))


def several_processes_give_results_in_order() -> None:
    with TemporaryDirectory() as folder:

        def work(thing: int) -> tuple[int, int]:
            """Double it once two copies are at work: one could have done all of it before another began."""
            Path(folder, str(os.getpid())).touch()
            last = time.monotonic() + 60
            while os.getpid() != parent and len(list(Path(folder).iterdir())) <= 2 and time.monotonic() < last:
                time.sleep(0.01)
            return thing * 2, os.getpid()

        parent = os.getpid()
        results = [take() for take in side_by_side(THINGS, work, processes=3)]
    assert [doubled for doubled, _ in results] == [thing * 2 for thing in THINGS]
    assert len({process for _, process in results} - {parent}) > 1
    assert not multiprocessing.active_children()


def a_failure_is_raised_where_its_turn_comes() -> None:
    def work(thing: int) -> int:
        if thing % 7 == 0:
            raise LookupError(thing, os.getpid())
        return thing

    for thing, take in zip(THINGS, side_by_side(THINGS, work, processes=2), strict=True):
        if thing % 7:
            assert take() == thing
            continue
        with pytest.raises(LookupError) as raised:
            take()
        assert raised.value.args == (thing, os.getpid())  # it came from here, with all that tells where


def a_process_that_dies_ends_it() -> None:
    parent = os.getpid()

    def work(thing: int) -> int:
        if thing == THINGS[50] and os.getpid() != parent:
            os._exit(9)
        return thing

    with pytest.raises(PluginryError, match="ended from outside"):
        deque(take() for take in side_by_side(THINGS, work, processes=2))
    assert not multiprocessing.active_children()


def little_is_made_ahead_and_nothing_after_the_end() -> None:
    with TemporaryDirectory() as folder:
        takes = side_by_side(range(100_000), lambda thing: Path(folder, str(thing)).touch(), processes=2)
        for _ in range(100):
            next(takes)()
        takes.close()  # type: ignore[attr-defined]  # it is a generator
        assert 100 <= sum(1 for _ in Path(folder).iterdir()) <= 250
    assert not multiprocessing.active_children()


def with_their_parent_they_end() -> None:
    with TemporaryDirectory() as folder:
        parent = os.fork()
        if not parent:
            for take in side_by_side(
                range(100_000), lambda _thing: Path(folder, str(os.getpid())).touch(), processes=2
            ):
                take()
            os._exit(0)
        workers = wait_for(lambda: {int(path.name) for path in Path(folder).iterdir()} - {parent})
        os.kill(parent, signal.SIGKILL)
        os.waitpid(parent, 0)
        assert wait_for(lambda: not any(map(is_alive, workers)))


def wait_for(what: Callable[[], T]) -> T:
    while not (found := what()):
        time.sleep(0.01)
    return found


def is_alive(process: int) -> bool:
    try:
        return " Z " not in Path(f"/proc/{process}/stat").read_text()
    except FileNotFoundError:
        return False


def other_threads_keep_it_in_one_process() -> None:
    assert processors() == (len(os.sched_getaffinity(0)) if sys.platform == "linux" else 1)
    end = threading.Event()
    other = threading.Thread(target=end.wait)
    other.start()
    many = range(ENOUGH * 2)
    assert {take() for take in side_by_side(many, lambda _thing: os.getpid())} == {os.getpid()}
    end.set()
    other.join()


@pytest.mark.parametrize(
    "scene",
    [
        several_processes_give_results_in_order,
        a_failure_is_raised_where_its_turn_comes,
        a_process_that_dies_ends_it,
        little_is_made_ahead_and_nothing_after_the_end,
        with_their_parent_they_end,
        other_threads_keep_it_in_one_process,
    ],
)
def test_in_several_processes(scene: Callable[[], None]) -> None:
    in_new_process(scene)


@pytest.mark.parametrize("things", [(), (1,), range(ENOUGH - 1)])
def test_a_few_things_are_done_here(things: Sequence[int]) -> None:
    assert [take() for take in side_by_side(things, lambda thing: (thing, os.getpid()))] == [
        (thing, os.getpid()) for thing in things
    ]
