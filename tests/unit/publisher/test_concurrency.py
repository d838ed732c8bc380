from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from pluginry.publisher.concurrency import for_each

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.mark.parametrize("at_once", [1, 2, 7])
def test_every_item_is_worked_on_once(at_once: int) -> None:
    done: list[int] = []
    for_each(iter(range(100)), done.append, at_once=at_once)
    assert sorted(done) == list(range(100))


def test_so_many_are_under_way_at_once() -> None:
    everybody = threading.Barrier(5, timeout=30)
    for_each(range(20), lambda _item: everybody.wait() and None, at_once=5)
    assert not everybody.broken


@pytest.mark.parametrize("at_once", [1, 3])
def test_the_first_failure_is_raised_and_little_is_begun_after_it(at_once: int) -> None:
    done: list[int] = []

    def work(item: int) -> None:
        if item == 10:
            raise LookupError(item)
        done.append(item)

    with pytest.raises(LookupError):
        for_each(range(1000), work, at_once=at_once)
    assert len(done) < 1000
    assert set(range(10)) - set(done) == set()


@pytest.mark.parametrize("at_once", [1, 3])
def test_a_stream_that_fails_fails(at_once: int) -> None:
    def stream() -> Iterator[int]:
        yield 1
        raise OSError("the stream broke")

    with pytest.raises(OSError, match="the stream broke"):
        for_each(stream(), lambda _item: None, at_once=at_once)


def test_nothing_to_do_is_done() -> None:
    for_each([], print, at_once=4)
