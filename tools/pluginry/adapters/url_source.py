"""Downloads release files over HTTPS: streamed, hashed on the way, within a size and a deadline.

Redirects are followed as long as every hop is https; nothing that could be a credential is sent, and queries (which
may hold signatures) never appear in messages. Plain http is spoken only to loopback, and only when told so.
"""

from __future__ import annotations

import hashlib
import random
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO
from urllib.parse import urljoin, urlsplit

from pluginry.adapters.fetched_file import check_promise
from pluginry.errors import NotFoundError, ObjectTooLargeError, TransportError
from pluginry.model.digest import BlobRef, Digest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import urllib3

    from pluginry.model.release import Source

_CHUNK_BYTES = 1 << 16
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_OK = 200
_MISSING = (404, 410)
_REDIRECTS = (301, 302, 303, 307, 308)
_TRY_AGAIN = (408, 429, 500, 502, 503, 504)
_MAX_REDIRECTS = 5


class _TryAgainError(Exception):
    """Something that may be over in a moment."""


@dataclass(slots=True, kw_only=True)
class UrlSource:
    """Fetches ``url`` sources; ``deadline_s`` seconds for a file with all its attempts.

    ``clock`` counts seconds, ``sleep`` waits for some, ``jitter`` is a number from 0 to 1.
    """

    unsafe_allow_loopback_http: bool = False
    deadline_s: float = 300.0
    timeout_s: float = 15.0
    attempts: int = 4
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    jitter: Callable[[], float] = random.random
    _pool: urllib3.PoolManager | None = field(default=None, init=False, repr=False)

    def fetch(self, source: Source, into: Path, *, expected: BlobRef | None, max_bytes: int) -> Path:
        """Download the file; see `SourceFetcher`.

        Raises:
            NotFoundError: the other side says that there is no such file.
            TamperedError: the file is not `expected`.
            TransportError: an address that is not https, not reachable, too slow, or larger than `max_bytes`.
        """
        path = into / "download"
        ends_at = self.clock() + self.deadline_s
        for attempt in range(self.attempts):
            try:
                with path.open("wb") as file:
                    found = self._download(source.url, file, ends_at=ends_at, max_bytes=max_bytes)
            except _TryAgainError as error:
                pause = self.jitter() * 2**attempt
                if attempt + 1 == self.attempts or self.clock() + pause > ends_at:
                    raise _unreachable(source.url, str(error)) from error.__cause__
                self.sleep(pause)
                continue
            check_promise(found, expected, where=_shown(source.url))
            return path
        raise _unreachable(source.url, "no attempt was allowed")

    def _download(self, url: str, file: BinaryIO, *, ends_at: float, max_bytes: int) -> BlobRef:
        import urllib3

        address = url
        for _ in range(_MAX_REDIRECTS + 1):
            self._check_address(address, url)
            try:
                response = self._connections().request("GET", address, preload_content=False, redirect=False)
                with response:
                    if response.status not in _REDIRECTS:
                        _check_status(response, url, max_bytes)
                        return self._copy(response, file, url, ends_at=ends_at, max_bytes=max_bytes)
                    address = urljoin(address, response.headers.get("location", ""))
            except urllib3.exceptions.SSLError as error:
                raise _unreachable(url, "the other side could not prove who it is (TLS)") from error
            except ValueError as error:  # an address that urllib3 or the redirect cannot mean
                raise _unreachable(url, "the address cannot be read") from error
            except urllib3.exceptions.HTTPError as error:
                raise _TryAgainError("the connection failed") from error
        raise _unreachable(url, f"more than {_MAX_REDIRECTS} redirects")

    def _copy(
        self, response: urllib3.BaseHTTPResponse, file: BinaryIO, url: str, *, ends_at: float, max_bytes: int
    ) -> BlobRef:
        sha256, size = hashlib.sha256(), 0
        for chunk in response.stream(_CHUNK_BYTES, decode_content=False):
            size += len(chunk)
            if size > max_bytes:
                raise _too_large(url, max_bytes)
            if self.clock() > ends_at:
                raise _unreachable(url, f"it takes longer than {self.deadline_s:.0f} seconds")
            sha256.update(chunk)
            file.write(chunk)
        return BlobRef(sha256=Digest(sha256.hexdigest()), size=size)

    def _check_address(self, address: str, url: str) -> None:
        try:
            parts = urlsplit(address)
            host = parts.hostname or ""
        except ValueError as error:
            raise _unreachable(url, "the address cannot be read") from error
        if parts.username is not None or parts.password is not None:
            raise _unreachable(url, "the address holds credentials")
        loopback = self.unsafe_allow_loopback_http and parts.scheme == "http" and host in _LOOPBACK
        if not host or not (parts.scheme == "https" or loopback):
            raise _unreachable(
                url, "only https is spoken" if address == url else "it redirects to something else than https"
            )

    def _connections(self) -> urllib3.PoolManager:
        if self._pool is None:
            import urllib3

            self._pool = urllib3.PoolManager(
                timeout=urllib3.Timeout(connect=self.timeout_s, read=self.timeout_s),
                retries=False,
                headers={"Accept-Encoding": "identity", "User-Agent": "pluginry"},
            )
        return self._pool


def _check_status(response: urllib3.BaseHTTPResponse, url: str, max_bytes: int) -> None:
    if response.status in _MISSING:
        raise NotFoundError("there is no such file", where=_shown(url), why=f"HTTP {response.status}")
    if response.status in _TRY_AGAIN:
        raise _TryAgainError(f"HTTP {response.status}")
    if response.status != _OK:
        raise _unreachable(url, f"HTTP {response.status}")
    length = response.headers.get("content-length", "")
    if length.isdecimal() and int(length) > max_bytes:
        raise _too_large(url, max_bytes)


def _shown(url: str) -> str:
    """Return `url` without what may be secret."""
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "an address that cannot be read"
    return f"{parts.scheme}://{parts.hostname or ''}{port}{parts.path}"


def _unreachable(url: str, why: str) -> TransportError:
    return TransportError("a file could not be fetched", where=_shown(url), why=why)


def _too_large(url: str, max_bytes: int) -> ObjectTooLargeError:
    return ObjectTooLargeError(
        "a file is larger than it may be", where=_shown(url), why=f"more than {max_bytes:,} bytes"
    )
