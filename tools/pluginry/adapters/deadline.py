"""A deadline for HTTP requests, one or many: a server of one byte a second would never end otherwise.

In: seconds, and connections made by watched_pools.py. Out: connections that hang up when the time is over.
It decides nothing else: what a broken connection means is said by whoever made the request.
"""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol, Self

if TYPE_CHECKING:
    from types import TracebackType


class _Connected(Protocol):
    """A socket, or TLS around one."""

    def fileno(self) -> int: ...


_thread = threading.local()


class Deadline:
    """While it is entered, every watched connection of this thread ends `seconds` after the beginning.

    One inside another ends when the first of them does.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._has_passed = False
        self._outer: Deadline | None = None
        self._copies: dict[_Connected, socket.socket] = {}
        self._lock = threading.Lock()
        self._timer = threading.Timer(seconds, self._pass)
        self._timer.daemon = True

    @property
    def passed(self) -> Deadline | None:
        """The deadline that is over: this one, or one around it; None while there is time."""
        if self._has_passed:
            return self
        return self._outer.passed if self._outer else None

    def __enter__(self) -> Self:
        self._outer = getattr(_thread, "deadline", None)
        _thread.deadline = self
        self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        _thread.deadline = self._outer
        self._timer.cancel()
        with self._lock:
            for copy in self._copies.values():
                copy.close()
            self._copies.clear()  # the originals go back to the pool, and to other requests

    def watch(self, connected: _Connected) -> None:
        """End `connected`, and whatever TLS is put around it, when the time is over; at once if it is."""
        with self._lock, suppress(OSError):  # closed already
            if connected not in self._copies:
                # A copy: TLS takes the original's place, and may still be shaking hands when the time is over.
                self._copies[connected] = socket.socket(fileno=socket.dup(connected.fileno()))
            if self._has_passed:
                _hang_up(self._copies[connected])
        if self._outer:
            self._outer.watch(connected)

    def _pass(self) -> None:
        with self._lock:
            self._has_passed = True
            for copy in self._copies.values():
                _hang_up(copy)


def watch(connected: _Connected) -> None:
    """End `connected` when the deadline of this thread is over, if there is one."""
    deadline: Deadline | None = getattr(_thread, "deadline", None)
    if deadline is not None:
        deadline.watch(connected)


def _hang_up(connected: socket.socket) -> None:
    with suppress(OSError):
        connected.shutdown(socket.SHUT_RDWR)
