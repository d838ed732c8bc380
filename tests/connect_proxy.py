"""A proxy on loopback that connects whoever may with whomever they want, and remembers what it was asked.

with ConnectProxy(accepts="Basic ...") as proxy:
    os.environ["HTTPS_PROXY"] = proxy.address
"""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable


@dataclass(slots=True)
class ConnectProxy:
    """`accepts` is the value of ``Proxy-Authorization`` that it wants; `answer` sends something else than a tunnel."""

    accepts: str = ""
    tls: ssl.SSLContext | None = None
    answer: Callable[[socket.socket], None] | None = None
    targets: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    _server: ThreadingHTTPServer = field(init=False)

    def __enter__(self) -> Self:
        self._server = _Server(("127.0.0.1", 0), _handler(self))
        if self.tls is not None:
            self._server.socket = self.tls.wrap_socket(self._server.socket, server_side=True)
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def authority(self) -> str:
        return f"127.0.0.1:{self._server.server_address[1]}"

    @property
    def address(self) -> str:
        return f"{'https' if self.tls else 'http'}://{self.authority}"


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: object, client_address: object) -> None:
        """Keep quiet: clients hang up."""


def _handler(proxy: ConnectProxy) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_CONNECT(self) -> None:
            proxy.targets.append(self.path)
            proxy.headers.append(dict(self.headers))
            if proxy.answer:
                proxy.answer(self.connection)
            elif proxy.accepts and self.headers.get("Proxy-Authorization") != proxy.accepts:
                self.send_response(407)
                self.send_header("Proxy-Authenticate", 'Basic realm="secret-realm"')
                self.end_headers()
            else:
                host, _, port = self.path.rpartition(":")
                with socket.create_connection((host, int(port))) as target:
                    self.connection.sendall(b"HTTP/1.0 200 Connection established\r\n\r\n")
                    _join(self.connection, target)

        def log_message(self, *_: object) -> None:
            pass

    return Handler


def _join(one: socket.socket, other: socket.socket) -> None:
    """Carry bytes in both directions until both have ended."""

    def carry(source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(1 << 16):
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)

    back = threading.Thread(target=carry, args=(other, one), daemon=True)
    back.start()
    carry(one, other)
    back.join()
