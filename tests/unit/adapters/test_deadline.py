from __future__ import annotations

import socket
import threading
from typing import TYPE_CHECKING

import pytest

from pluginry.adapters.deadline import Deadline

if TYPE_CHECKING:
    from collections.abc import Iterator

LONG, SHORT = 60.0, 0.01


@pytest.fixture
def pair() -> Iterator[tuple[socket.socket, socket.socket]]:
    ours, theirs = socket.socketpair()
    ours.settimeout(10)
    with ours, theirs:
        yield ours, theirs


def test_whoever_waits_is_woken_when_the_time_is_over(pair: tuple[socket.socket, socket.socket]) -> None:
    ours, _ = pair
    with Deadline(SHORT) as deadline:
        deadline.watch(ours)
        assert ours.recv(1) == b""
        assert deadline.has_passed


def test_a_connection_that_comes_too_late_ends_at_once(pair: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = pair
    with Deadline(SHORT) as deadline:
        deadline.watch(theirs)
        ours.recv(1)
        late, other = socket.socketpair()
        with late, other:
            deadline.watch(late)
            assert late.recv(1) == b""


def test_a_connection_outlives_a_deadline_that_was_left(pair: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = pair
    with Deadline(LONG) as deadline:
        deadline.watch(ours)
    theirs.send(b"x")
    assert ours.recv(1) == b"x"
    assert not deadline.has_passed


def test_a_closed_connection_is_nobodys_concern(pair: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = pair
    closed, _other = socket.socketpair()
    closed.close()
    _other.close()
    with Deadline(SHORT) as deadline:
        deadline.watch(closed)
        deadline.watch(ours)
        assert ours.recv(1) == b""
    assert theirs.recv(1) == b""


def test_no_timer_is_left_behind() -> None:
    before = threading.active_count()
    for _ in range(5):
        with Deadline(LONG) as deadline:
            timer = deadline._timer
        timer.join(10)
    assert threading.active_count() <= before
