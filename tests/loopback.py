r"""A web server on loopback that serves objects, and answers as badly as a test wants.

with LoopbackServer({"v1/index.json": b"{}"}) as server:
    server.answers["v1/slow"] = dripping(b"HTTP/1.1 200 OK\r\n")
    transport = HttpTransport(server.address)
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Self
from urllib.parse import unquote

if TYPE_CHECKING:
    import socket
    import ssl
    from collections.abc import Callable

    Answer = Callable[[socket.socket], None]

_GAP_S = 0.05
_LONGEST_DRIP = 400


@dataclass(slots=True)
class LoopbackServer:
    """`objects` by key, unless `answers` has something else to send for it; `requests` are the keys asked for."""

    objects: dict[str, bytes]
    answers: dict[str, Answer] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    connections: int = 0
    tls: ssl.SSLContext | None = None
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
        """Host and port."""
        return f"127.0.0.1:{self._server.server_address[1]}"

    @property
    def address(self) -> str:
        """The address below which the objects lie."""
        return f"{'https' if self.tls else 'http'}://{self.authority}/market/"


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: object, client_address: object) -> None:
        """Keep quiet: that clients hang up is what these tests are about."""


def _handler(server: LoopbackServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            server.connections += 1
            super().setup()

        def do_GET(self) -> None:
            key = unquote(self.path).removeprefix("/market/")
            server.requests.append(key)
            server.headers.append(dict(self.headers))
            if key in server.answers:
                self.close_connection = True
                server.answers[key](self.connection)
                return
            body = server.objects.get(key)
            self.send_response(404 if body is None else 200)
            self.send_header("Content-Length", str(len(body or b"")))
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(body or b"")

        def do_HEAD(self) -> None:
            self.do_GET()

        def log_message(self, *_: object) -> None:
            pass

    return Handler


def answer(status: str, body: bytes = b"", **headers: str) -> Answer:
    """Return an answer with this status line, ``404 Not Found``; ``retry_after="1"`` adds a header."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return raw("\r\n".join([*lines, "", ""]).encode() + body)


def raw(data: bytes) -> Answer:
    """Return an answer of exactly these bytes; then the connection ends."""
    return lambda connection: connection.sendall(data)


def dripping(beginning: bytes, drop: bytes = b"x") -> Answer:
    """Return an answer that goes on after its `beginning`, a `drop` at a time, for much longer than any test."""

    def send(connection: socket.socket) -> None:
        connection.sendall(beginning)
        for _ in range(_LONGEST_DRIP):
            connection.sendall(drop)
            threading.Event().wait(_GAP_S)

    return send


def silence(connection: socket.socket) -> None:
    """Say nothing until the other side hangs up."""
    connection.recv(1)
