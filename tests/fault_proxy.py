"""A proxy on loopback in front of a server, and everything that can go wrong between the two, where a test wants it.

with FaultProxy("http://127.0.0.1:9000") as proxy:          # a client of proxy.address reaches that server
    proxy.strike(answering(503), at=2)                      # the third request from now on is answered with 503
    proxy.strike(cut_after, method="PUT", at=0, times=3)    # the next three PUTs arrive, and nobody says so
    proxy.strike(cut_before, path="timestamp.json")         # the next request with this in its path never arrives
    ...
    assert [asked.path for asked in proxy.requests if asked.method == "PUT"] == [...]

A fault counts the requests that are its own (`method`, `path`) from the moment of `strike`, and strikes at number `at`
and at the `times - 1` after it: the same each time, whatever the clock says. Faults:

- `answering(status, body)`: an answer with this status, perhaps with a body; the server never hears of the request.
- `answering(status, after=True)`: the same, after the server did what it was asked for.
- `cut_before`: the connection ends before the server hears of the request. `cut_after`: after it did what it was asked.
- `cut_within`: the connection ends in the middle of the body of the server's answer.
- `slow_answer(gap_s)`: the body of the answer comes in pieces of 1 KiB with a gap before each.
- `slow_request(pause_s)`: the request lies around before it is read.
- `held(event)`: the request waits for a `threading.Event` before it goes on to the server.
- `changing(change)`: the body goes on to the server as ``change(body)``, its headers as they were.
- `forgetting("If-Match")`: the server is not told these headers. With ``times=ALWAYS``: one that does not know them.

With ``tls`` it ends a TLS connection, and speaks plain HTTP to the server behind it. Bodies are held in memory.
"""

from __future__ import annotations

import http.client
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Self
from urllib.parse import urlsplit

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable

    Fault = Callable[["Exchange"], None]

ALWAYS = 1 << 60
_PIECE_BYTES = 1024
_PATIENCE_S = 60
_OF_THE_CONNECTION = ("connection", "expect", "transfer-encoding", "content-length")


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it came in."""

    method: str
    path: str


class _Cut(Exception):  # noqa: N818 - it is no error, but what a test asked for
    """The connection ends here."""


@dataclass(slots=True)
class _Strike:
    fault: Fault
    method: str
    path: str
    at: int
    times: int
    seen: int = 0

    def hits(self, asked: Asked) -> bool:
        if asked.method != (self.method or asked.method) or self.path not in asked.path:
            return False
        self.seen += 1
        return self.at <= self.seen - 1 < self.at + self.times


@dataclass(slots=True)
class FaultProxy:
    """In front of the server at ``upstream``; ``requests`` are all that came in, in this order."""

    upstream: str
    tls: ssl.SSLContext | None = None
    requests: list[Asked] = field(default_factory=list)
    _strikes: list[_Strike] = field(default_factory=list)
    _guard: threading.Lock = field(default_factory=threading.Lock)
    _server: _Server = field(init=False)

    def __enter__(self) -> Self:
        self._server = _Server(("127.0.0.1", 0), _handler(self))
        if self.tls is not None:
            self._server.socket = self.tls.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def address(self) -> str:
        """Where clients find the server now."""
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self._server.server_address[1]}"

    def strike(self, fault: Fault, *, method: str = "", path: str = "", at: int = 0, times: int = 1) -> None:
        """Let `fault` befall requests; see above. When several would, the first one that was asked for does."""
        with self._guard:
            self._strikes.append(_Strike(fault, method, path, at, times))

    def clear(self) -> None:
        """Forget all faults, and what came in so far."""
        with self._guard:
            self._strikes.clear()
            self.requests.clear()

    def fault_of(self, asked: Asked) -> Fault:
        """Note a request, and return what is to happen to it."""
        with self._guard:
            self.requests.append(asked)
            hits = [strike.fault for strike in self._strikes if strike.hits(asked)]
        return hits[0] if hits else _nothing


@dataclass(slots=True)
class Exchange:
    """One request, and the answer on its way back; a fault drives it."""

    handler: BaseHTTPRequestHandler
    upstream: str
    body: bytes = b""

    @property
    def _is_chunked(self) -> bool:
        return self.handler.headers.get("Transfer-Encoding", "").lower() == "chunked"

    def receive(self) -> None:
        """Read the body of the request."""
        stream = self.handler.rfile
        if not self._is_chunked:
            self.body = stream.read(int(self.handler.headers.get("Content-Length", 0)))
            return
        chunks = []
        while size := int(stream.readline().partition(b";")[0], 16):
            chunks.append(stream.read(size))
            stream.readline()
        stream.readline()
        self.body = b"".join(chunks)

    def forward(self) -> tuple[http.client.HTTPResponse, bytes]:
        """Let the server do what it was asked for, and return its answer."""
        parts = urlsplit(self.upstream)
        server = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=_PATIENCE_S)
        try:
            server.putrequest(self.handler.command, self.handler.path, skip_host=True, skip_accept_encoding=True)
            for name, value in self.handler.headers.items():
                if name.lower() not in _OF_THE_CONNECTION:
                    server.putheader(name, value)
            if self._is_chunked:
                server.putheader("Transfer-Encoding", "chunked")
                server.endheaders([self.body], encode_chunked=True)
            else:
                if self.body or "Content-Length" in self.handler.headers:
                    server.putheader("Content-Length", str(len(self.body)))
                server.endheaders(self.body or None)
            answer = server.getresponse()
            return answer, answer.read()
        finally:
            server.close()

    def reply(self, answer: http.client.HTTPResponse, body: bytes, *, send: Callable[[bytes], None]) -> None:
        """Pass the server's answer on, its body through `send`."""
        self.handler.send_response_only(answer.status, answer.reason)
        for name, value in answer.getheaders():
            if name.lower() not in _OF_THE_CONNECTION:
                self.handler.send_header(name, value)
        has_own_length = self.handler.command == "HEAD"
        length = answer.getheader("Content-Length", "0") if has_own_length else str(len(body))
        self.handler.send_header("Content-Length", length)
        self.handler.end_headers()
        send(body)

    def answer(self, status: int, body: bytes) -> None:
        """Answer in the place of the server."""
        self.handler.send_response_only(status)
        self.handler.send_header("Content-Length", str(len(body)))
        self.handler.end_headers()
        self.handler.wfile.write(body)


def _nothing(exchange: Exchange) -> None:
    exchange.receive()
    exchange.reply(*exchange.forward(), send=exchange.handler.wfile.write)


def answering(status: int, body: bytes = b"", *, after: bool = False) -> Fault:
    def strike(exchange: Exchange) -> None:
        exchange.receive()
        if after:
            exchange.forward()
        exchange.answer(status, body)

    return strike


def cut_before(exchange: Exchange) -> None:
    exchange.receive()
    raise _Cut


def cut_after(exchange: Exchange) -> None:
    exchange.receive()
    exchange.forward()
    raise _Cut


def cut_within(exchange: Exchange) -> None:
    def send(body: bytes) -> None:
        exchange.handler.wfile.write(body[: len(body) // 2])
        raise _Cut

    exchange.receive()
    exchange.reply(*exchange.forward(), send=send)


def slow_answer(gap_s: float) -> Fault:
    def strike(exchange: Exchange) -> None:
        def send(body: bytes) -> None:
            for start in range(0, len(body), _PIECE_BYTES):
                threading.Event().wait(gap_s)
                exchange.handler.wfile.write(body[start : start + _PIECE_BYTES])
                exchange.handler.wfile.flush()

        exchange.receive()
        exchange.reply(*exchange.forward(), send=send)

    return strike


def slow_request(pause_s: float) -> Fault:
    def strike(exchange: Exchange) -> None:
        threading.Event().wait(pause_s)
        _nothing(exchange)

    return strike


def held(until: threading.Event) -> Fault:
    def strike(exchange: Exchange) -> None:
        exchange.receive()
        until.wait(_PATIENCE_S)
        exchange.reply(*exchange.forward(), send=exchange.handler.wfile.write)

    return strike


def changing(change: Callable[[bytes], bytes]) -> Fault:
    def strike(exchange: Exchange) -> None:
        exchange.receive()
        exchange.body = change(exchange.body)
        exchange.reply(*exchange.forward(), send=exchange.handler.wfile.write)

    return strike


def forgetting(*headers: str) -> Fault:
    def strike(exchange: Exchange) -> None:
        for header in headers:
            del exchange.handler.headers[header]
        _nothing(exchange)

    return strike


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: object, client_address: object) -> None:
        """Keep quiet: that connections break is what this is for."""


def _handler(proxy: FaultProxy) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            fault = proxy.fault_of(Asked(self.command, self.path))
            self.wfile.flush()
            with suppress(OSError, _Cut):
                fault(Exchange(self, proxy.upstream))
                return
            self.close_connection = True

        def log_message(self, *_: object) -> None:
            pass

    for method in ("HEAD", "PUT", "POST", "DELETE"):
        setattr(Handler, f"do_{method}", Handler.do_GET)
    return Handler
