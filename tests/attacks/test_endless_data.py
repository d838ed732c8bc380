"""A server sends without end, or so slowly that nothing ever ends."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from loopback import LoopbackServer
from pluginry.adapters.deadline import Deadline
from pluginry.adapters.http_transport import HttpTransport
from pluginry.errors import ObjectTooLargeError, TransportError

if TYPE_CHECKING:
    import socket

KEY = "v1/metadata/timestamp.json"
DROPS, GAP_S = 12, 0.08
DEADLINE_S = 0.3
"""Shorter than all drops together, longer than the gap between two: only a deadline over the whole ends this."""


def drip(connection: socket.socket) -> None:
    connection.sendall(f"HTTP/1.1 200 OK\r\nContent-Length: {DROPS}\r\n\r\n".encode())
    for _ in range(DROPS):
        connection.sendall(b"x")
        threading.Event().wait(GAP_S)


def test_a_server_of_a_byte_at_a_time_is_given_up() -> None:
    with LoopbackServer({}, answers={KEY: drip}) as server, pytest.raises(TransportError, match="too long"):
        HttpTransport(server.address, deadline_s=DEADLINE_S).fetch(KEY, max_bytes=DROPS)


def test_data_without_end_is_cut_off() -> None:
    with LoopbackServer({KEY: b"x" * 5_000_000}) as server, pytest.raises(ObjectTooLargeError):
        HttpTransport(server.address).fetch(KEY, max_bytes=16_384)


def test_without_the_deadline_the_client_would_wait_as_long_as_the_server_likes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Deadline, "_pass", lambda _: None)
    with LoopbackServer({}, answers={KEY: drip}) as server:
        assert HttpTransport(server.address, deadline_s=DEADLINE_S).fetch(KEY, max_bytes=DROPS) == b"x" * DROPS


def test_without_the_limit_everything_would_be_read() -> None:
    with LoopbackServer({KEY: b"x" * 5_000_000}) as server:
        assert len(HttpTransport(server.address).fetch(KEY, max_bytes=1 << 40)) == 5_000_000
