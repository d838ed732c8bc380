from __future__ import annotations

import socket
import threading
from typing import TYPE_CHECKING

import pytest

from loopback import LoopbackServer
from pluginry.adapters.deadline import Deadline, watch
from pluginry.adapters.http_transport import HttpTransport
from pluginry.errors import TransportError
from pluginry.hosts.connections import Connections

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
        assert deadline.passed is not None


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
    assert deadline.passed is None


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


def test_one_deadline_inside_another_ends_with_the_first_of_them(pair: tuple[socket.socket, socket.socket]) -> None:
    ours, _ = pair
    with Deadline(SHORT) as outer, Deadline(LONG) as inner:
        inner.watch(ours)
        assert ours.recv(1) == b""
        assert inner.passed is outer


def test_a_deadline_that_was_left_gives_way_to_the_one_around_it() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs, Deadline(SHORT) as outer:
        with Deadline(LONG):
            pass
        watch(ours)
        assert ours.recv(1) == b""
        assert outer.passed is outer


def test_many_quick_answers_together_keep_to_one_limit() -> None:
    objects = {f"v1/{number}": b"x" for number in range(10_000)}
    with LoopbackServer(objects) as server:
        transport = HttpTransport(server.address)

        def fetch_all() -> None:
            with Connections().time_limit(0.3):
                for key in objects:
                    transport.fetch(key, max_bytes=1)

        with pytest.raises(TransportError, match=r"too long.*0\.3 s"):
            fetch_all()
        assert 0 < len(server.requests) < len(objects)
        assert transport.fetch("v1/1", max_bytes=1) == b"x"
