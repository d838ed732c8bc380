"""A deadline for HTTP requests: urllib3 bounds the gap between two bytes, so a server of one byte a second never ends.

In: seconds, and connections made by `watched_pools`. Out: connections that hang up when the time is over.
It decides nothing else: what a broken connection means is said by whoever made the request.
"""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Self

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection

if TYPE_CHECKING:
    from types import TracebackType

_thread = threading.local()


class Deadline:
    """While it is entered, every watched connection of this thread ends `seconds` after the beginning."""

    def __init__(self, seconds: float) -> None:
        self.has_passed = False
        self._sockets: list[socket.socket] = []
        self._lock = threading.Lock()
        self._timer = threading.Timer(seconds, self._pass)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        _thread.deadline = self
        self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        _thread.deadline = None
        self._timer.cancel()
        with self._lock:
            self._sockets.clear()  # they go back to the pool, and to other requests

    def watch(self, connected: socket.socket) -> None:
        """End `connected` when the time is over; at once if it is."""
        with self._lock:
            self._sockets.append(connected)
            if self.has_passed:
                _hang_up(connected)

    def _pass(self) -> None:
        with self._lock:
            self.has_passed = True
            for connected in self._sockets:
                _hang_up(connected)


def watched_pools(**options: Any) -> PoolManager:
    """Return a pool manager whose connections keep to the `Deadline` of the thread that uses them."""
    manager = PoolManager(**options)
    manager.pool_classes_by_scheme = {"http": _WatchedHttpPool, "https": _WatchedHttpsPool}
    return manager


class _WatchedHttp(HTTPConnection):
    def getresponse(self) -> Any:
        _watch(self.sock)
        return super().getresponse()


class _WatchedHttps(HTTPSConnection):
    def getresponse(self) -> Any:
        _watch(self.sock)
        return super().getresponse()


class _WatchedHttpPool(HTTPConnectionPool):
    ConnectionCls = _WatchedHttp


class _WatchedHttpsPool(HTTPSConnectionPool):
    ConnectionCls = _WatchedHttps


def _watch(connected: socket.socket) -> None:
    deadline: Deadline | None = getattr(_thread, "deadline", None)
    if deadline is not None:
        deadline.watch(connected)


def _hang_up(connected: socket.socket) -> None:
    with suppress(OSError):
        # Not the method of a TLS socket: that takes away what another thread is reading from.
        socket.socket.shutdown(connected, socket.SHUT_RDWR)
