"""Connections of urllib3 that keep to the deadline of the thread that uses them (deadline.py).

In: options of a pool manager. Out: the pool manager. It is apart from the deadline, so that whoever reads a folder
under a deadline imports no HTTP library.
"""

from __future__ import annotations

from typing import Any

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection

from pluginry.adapters.deadline import watch


def watched_pools(**options: Any) -> PoolManager:
    """Return a pool manager whose connections keep to the `Deadline` of the thread that uses them."""
    manager = PoolManager(**options)
    manager.pool_classes_by_scheme = {"http": _WatchedHttpPool, "https": _WatchedHttpsPool}
    return manager


class _WatchedHttp(HTTPConnection):
    def getresponse(self) -> Any:
        watch(self.sock)
        return super().getresponse()


class _WatchedHttps(HTTPSConnection):
    def getresponse(self) -> Any:
        watch(self.sock)
        return super().getresponse()


class _WatchedHttpPool(HTTPConnectionPool):
    ConnectionCls = _WatchedHttp


class _WatchedHttpsPool(HTTPSConnectionPool):
    ConnectionCls = _WatchedHttps
