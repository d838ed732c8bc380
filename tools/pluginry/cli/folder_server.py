"""Serves the files of one folder over HTTP, for looking at a marketplace on this machine.

In: a folder. Out: a server that answers GET and HEAD, with single ranges and with the headers that every server of a
marketplace should send (model/headers.py). It never lists a folder, never leaves it (not by ``..``, not by links),
never shows hidden files and never writes. It is not meant for the open network.
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
from urllib.parse import unquote

from pluginry.model.headers import headers_of, headers_without
from pluginry.model.layout import VERSION_PREFIX, is_key
from pluginry.model.published import media_type_of

if TYPE_CHECKING:
    from pathlib import Path

_RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})\Z")
_SILENT_CLIENT_S = 30
_CHUNK_BYTES = 1 << 18
_TEXT = media_type_of(".txt")
_INDEX = "index.html"
_NOT_FOUND_PAGE = "404.html"


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


def key_of(path: str) -> str | None:
    """Return the key that the path of a request asks for, as it was sent; None when nothing is served under it.

    What is escaped is read only after the path was cut at its slashes, so an escaped slash separates nothing.
    """
    *folders, name = (unquote(part) for part in path.removeprefix("/").split("/"))
    parts = [*folders, name or _INDEX]
    if any("/" in part or part.startswith(".") or not is_key(part) for part in parts):
        return None
    return "/".join(parts)


def find_file(folder: Path, key: str) -> Path | None:
    """Return the file that lies under `key` in `folder`, or None: links that lead out of it lead nowhere."""
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

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:  # noqa: ARG002 - http.server's
        """Refuse what is no request for a file."""
        self.close_connection = True
        status = HTTPStatus(code)
        self._send(status, headers_without(""), f"{status.phrase}.\n".encode(), Content_Type=_TEXT, Connection="close")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - http.server's signature
        """Say nothing: who looks at pages is not worth a line."""

    def _answer(self, *, with_body: bool) -> None:
        if "Content-Length" in self.headers or "Transfer-Encoding" in self.headers:
            self.close_connection = True  # a body that nobody reads must not be taken for the next request
        folder, key = self.server.folder, key_of(self.path.partition("?")[0])
        found = find_file(folder, key) if key else None
        if key and found:
            with found.open("rb") as stream:
                self._send_file(key, stream, with_body=with_body)
        elif key and find_file(folder, f"{key}/{_INDEX}"):
            self._send(HTTPStatus.MOVED_PERMANENTLY, headers_without(key), Location=f"{key.rpartition('/')[2]}/")
        else:
            self._say_missing(key or "", with_body=with_body)

    def _say_missing(self, key: str, *, with_body: bool) -> None:
        """Show people the page for this; programs, which read what is below ``v1/``, get a sentence."""
        page = None if key.startswith(VERSION_PREFIX) else find_file(self.server.folder, _NOT_FOUND_PAGE)
        body, kind = (
            (page.read_bytes(), media_type_of(_NOT_FOUND_PAGE)) if page else (b"There is no such file.\n", _TEXT)
        )
        self._send(HTTPStatus.NOT_FOUND, headers_without(key), body, with_body=with_body, Content_Type=kind)

    def _send_file(self, key: str, stream: BinaryIO, *, with_body: bool) -> None:
        state = os.fstat(stream.fileno())
        tag = f'"{state.st_mtime_ns:x}-{state.st_size:x}"'
        headers = {**headers_of(key), "ETag": tag, "Last-Modified": formatdate(state.st_mtime, usegmt=True)}
        if _names(self.headers.get("If-None-Match", ""), tag):
            self._begin(HTTPStatus.NOT_MODIFIED, headers)
            return
        try:
            same = self.headers.get("If-Range", tag) == tag
            span = span_of(self.headers.get("Range", ""), state.st_size) if same else None
        except ValueError:
            self._send(
                HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE,
                headers_without(key),
                b"It ends before.\n",
                with_body=with_body,
                Content_Type=_TEXT,
                Content_Range=f"bytes */{state.st_size}",
            )
            return
        part = span or Span(0, state.st_size)
        headers |= {"Content-Length": str(part.length), "Accept-Ranges": "bytes"}
        if span:
            headers["Content-Range"] = f"bytes {part.first}-{part.first + part.length - 1}/{state.st_size}"
        self._begin(HTTPStatus.PARTIAL_CONTENT if span else HTTPStatus.OK, headers)
        if with_body:
            stream.seek(part.first)
            self._copy(stream, part.length)

    def _copy(self, stream: BinaryIO, length: int) -> None:
        left = length
        while left and (chunk := stream.read(min(left, _CHUNK_BYTES))):
            self.wfile.write(chunk)
            left -= len(chunk)
        if left:
            self.close_connection = True  # the file became shorter meanwhile: the promised length cannot be kept

    def _send(
        self,
        status: HTTPStatus,
        headers: dict[str, str],
        body: bytes = b"",
        *,
        with_body: bool = True,
        **more: str,
    ) -> None:
        """Answer with a few bytes; ``Content_Type="..."`` adds a header."""
        added = {name.replace("_", "-"): value for name, value in more.items()}
        self._begin(status, {**headers, **added, "Content-Length": str(len(body))})
        if with_body:
            self.wfile.write(body)

    def _begin(self, status: HTTPStatus, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()


def _names(header: str, tag: str) -> bool:
    """Return whether an ``If-None-Match`` header names `tag`."""
    return tag in (item.strip().removeprefix("W/") for item in header.split(",")) or header.strip() == "*"
