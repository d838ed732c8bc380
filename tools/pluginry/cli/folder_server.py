"""Serves the files of one folder over HTTP, for looking at a marketplace on this machine.

In: a folder. Out: a server that answers GET and HEAD, with single ranges. It never lists a folder, never leaves
it (not by ``..``, not by links), never shows hidden files and never writes. It is not meant for the open network.
"""

from __future__ import annotations

import os
import re
import socket
from dataclasses import dataclass
from email.utils import formatdate
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, BinaryIO
from urllib.parse import unquote, urlsplit

from pluginry.model.layout import is_key

if TYPE_CHECKING:
    from pathlib import Path

TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".atom": "application/atom+xml",
    ".xml": "application/xml",
    ".txt": "text/plain; charset=utf-8",
    ".svg": "image/svg+xml",
    ".webp": "image/webp",
    ".png": "image/png",
    ".zip": "application/zip",
}
_OTHER_TYPE = "application/octet-stream"
_SAFETY = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Content-Security-Policy": "default-src 'none'; img-src 'self'; style-src 'self'; script-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
}
_RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})\Z")
_SILENT_CLIENT_S = 30
_CHUNK_BYTES = 1 << 18
_INDEX = "index.html"


@dataclass(frozen=True, slots=True)
class Span:
    """Bytes of a file: the first, and how many."""

    first: int
    length: int


class FolderServer(ThreadingHTTPServer):
    """Listens at once, answers once `serve_forever` runs."""

    daemon_threads = True

    def __init__(self, folder: Path, *, host: str, port: int) -> None:
        """Listen on `host` and `port` (0 for any that is free) for what lies in `folder`.

        Raises:
            OSError: the address cannot be had.

        """
        self.folder = folder.resolve()
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        super().__init__((host, port), _Answer)

    @property
    def address(self) -> str:
        """Where it can be reached."""
        host, port = self.server_address[:2]
        return f"http://[{host!s}]:{port}/" if ":" in str(host) else f"http://{host!s}:{port}/"

    def handle_error(self, request: socket.socket | tuple[bytes, socket.socket], client_address: object) -> None:
        """Say nothing: visitors who leave before the answer is complete are nobody's news."""


def find_file(folder: Path, path: str) -> Path | None:
    """Return the file in `folder` that the path of a request asks for, or None."""
    key = path.removeprefix("/")
    if not key or key.endswith("/"):
        key += _INDEX
    if not is_key(key) or any(part.startswith(".") for part in key.split("/")):
        return None
    try:
        found = folder.joinpath(*key.split("/")).resolve(strict=True)
    except (OSError, RuntimeError):  # not there, or links that lead in a circle
        return None
    return found if found.is_file() and found.is_relative_to(folder) else None


def span_of(header: str, size_bytes: int) -> Span | None:
    """Return the bytes that a ``Range`` header asks for; None for the whole, which is a right answer to any.

    Raises:
        ValueError: it asks for bytes behind the end.

    """
    match = _RANGE.match(header)
    if not match or match[0] == "bytes=-":
        return None
    first, last = match.groups()
    if not first:
        length = min(int(last), size_bytes)
        if length == 0:
            raise ValueError(header)
        return Span(size_bytes - length, length)
    begin = int(first)
    end = min(int(last), size_bytes - 1) if last else size_bytes - 1
    if begin >= size_bytes:
        raise ValueError(header)
    return Span(begin, end - begin + 1) if begin <= end else None


class _Answer(BaseHTTPRequestHandler):
    server: FolderServer
    protocol_version = "HTTP/1.1"
    timeout = _SILENT_CLIENT_S

    def do_GET(self) -> None:
        """Answer with headers and body."""
        self._answer(with_body=True)

    def do_HEAD(self) -> None:
        """Answer with headers."""
        self._answer(with_body=False)

    def version_string(self) -> str:
        """Return who answers, and nothing about versions."""
        return "pluginry"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's signature
        """Say nothing: who looks at pages is not worth a line."""

    def _answer(self, *, with_body: bool) -> None:
        if "Content-Length" in self.headers or "Transfer-Encoding" in self.headers:
            self.close_connection = True  # a body that nobody reads must not be taken for the next request
        path = unquote(urlsplit(self.path).path)
        found = find_file(self.server.folder, path)
        if found:
            with found.open("rb") as stream:
                self._send_file(found.suffix, stream, with_body=with_body)
        elif not path.endswith("/") and find_file(self.server.folder, f"{path}/"):
            self.send_response(HTTPStatus.MOVED_PERMANENTLY)
            self.send_header("Location", f"{path.rpartition('/')[2]}/")
            self.send_header("Content-Length", "0")
            self.end_headers()
        else:
            self._refuse(HTTPStatus.NOT_FOUND, "There is no such file.", with_body=with_body)

    def _send_file(self, suffix: str, stream: BinaryIO, *, with_body: bool) -> None:
        state = os.fstat(stream.fileno())
        tag = f'"{state.st_mtime_ns:x}-{state.st_size:x}"'
        if self.headers.get("If-None-Match") == tag:
            self.send_response(HTTPStatus.NOT_MODIFIED)
            self.send_header("ETag", tag)
            self.end_headers()
            return
        try:
            same = self.headers.get("If-Range", tag) == tag
            span = span_of(self.headers.get("Range", ""), state.st_size) if same else None
        except ValueError:
            size = {"Content-Range": f"bytes */{state.st_size}"}
            self._refuse(HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE, "It ends before.", with_body=with_body, **size)
            return
        self.send_response(HTTPStatus.PARTIAL_CONTENT if span else HTTPStatus.OK)
        if span:
            last = span.first + span.length - 1
            self.send_header("Content-Range", f"bytes {span.first}-{last}/{state.st_size}")
        length = span.length if span else state.st_size
        self.send_header("Content-Type", TYPES.get(suffix, _OTHER_TYPE))
        self.send_header("Content-Length", str(length))
        self.send_header("Accept-Ranges", "bytes")
        self.send_header("ETag", tag)
        self.send_header("Last-Modified", formatdate(state.st_mtime, usegmt=True))
        self.send_header("Cache-Control", "no-cache")
        self.end_headers()
        if with_body:
            stream.seek(span.first if span else 0)
            self._copy(stream, length)

    def _copy(self, stream: BinaryIO, length: int) -> None:
        left = length
        while left and (chunk := stream.read(min(left, _CHUNK_BYTES))):
            self.wfile.write(chunk)
            left -= len(chunk)
        if left:
            self.close_connection = True  # the file became shorter meanwhile: the promised length cannot be kept

    def _refuse(self, status: HTTPStatus, sentence: str, *, with_body: bool, **headers: str) -> None:
        body = f"{sentence}\n".encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if with_body:
            self.wfile.write(body)

    def end_headers(self) -> None:
        """Finish the headers with those that every answer has."""
        for name, value in _SAFETY.items():
            self.send_header(name, value)
        super().end_headers()
