"""Connections of urllib3 that keep to the deadline of the thread that uses them (deadline.py).

In: options of a pool manager, perhaps a proxy. Out: the pool manager. It is apart from the deadline, so that whoever
reads a folder under a deadline imports no HTTP library.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager, ProxyManager
from urllib3.connection import HTTPConnection, HTTPSConnection

from pluginry.adapters.deadline import watch

if TYPE_CHECKING:
    import socket
    import ssl

    from pluginry.adapters.proxies import Proxy


def watched_pools(
    *, proxy: Proxy | None = None, proxy_tls: ssl.SSLContext | None = None, **options: Any
) -> PoolManager:
    """Return a pool manager whose connections keep to the `Deadline` of the thread that uses them."""
    manager = (
        ProxyManager(proxy.address, proxy_headers=dict(proxy.headers), proxy_ssl_context=proxy_tls, **options)
        if proxy
        else PoolManager(**options)
    )
    manager.pool_classes_by_scheme = {"http": _WatchedHttpPool, "https": _WatchedHttpsPool}
    return manager


class _WatchedHttp(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        connected = super()._new_conn()
        watch(connected)  # from here on: proxies and shaking hands take time too
        return connected

    def getresponse(self) -> Any:
        watch(self.sock)  # it may be older than the deadline
        return super().getresponse()


class _WatchedHttps(_WatchedHttp, HTTPSConnection):
    pass


class _WatchedHttpPool(HTTPConnectionPool):
    ConnectionCls = _WatchedHttp


class _WatchedHttpsPool(HTTPSConnectionPool):
    ConnectionCls = _WatchedHttps
