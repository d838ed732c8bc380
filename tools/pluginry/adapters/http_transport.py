"""Reads a published marketplace over HTTPS (plain HTTP on loopback only).

One pool of connections; no redirects; size limits; a deadline over the whole object and not only between
two bytes. Never puts credentials into addresses or messages.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO
from urllib.parse import quote, urlsplit

from pluginry.errors import ObjectMissingError, ObjectTooLargeError, TransportError, UsageError
from pluginry.model.layout import parts_of_key

if TYPE_CHECKING:
    import urllib3

    from pluginry.adapters.deadline import Deadline
    from pluginry.ports import Progress

_CHUNK_BYTES = 1 << 16
_OK = 200
_MISSING = (403, 404, 410)
"""Buckets that may not be listed answer 403 for what is not there."""
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_MAX_SHOWN = 60


@dataclass(slots=True)
class HttpTransport:
    """Objects below the address ``base``; ``deadline_s`` seconds for each of them."""

    base: str
    deadline_s: float = 120.0
    connect_timeout_s: float = 10.0
    _pool: urllib3.PoolManager | None = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        self.base = _checked_address(self.base)

    @property
    def location(self) -> str:
        """The address."""
        return self.base

    def fetch(self, key: str, *, max_bytes: int) -> bytes:
        """Return the whole object; see `Transport`."""
        stream = io.BytesIO()
        self.download(key, stream, max_bytes=max_bytes)
        return stream.getvalue()

    def download(self, key: str, into: BinaryIO, *, max_bytes: int, progress: Progress | None = None) -> None:
        """Read the whole object; see `Transport`."""
        import urllib3

        from pluginry.adapters.deadline import Deadline

        url = self.base + "/".join(map(quote, parts_of_key(key)))
        with Deadline(self.deadline_s) as deadline:
            if deadline.passed:
                raise _late(deadline.passed, url)
            try:
                with self._connections().request("GET", url, preload_content=False, redirect=False) as response:
                    self._check(response, url)
                    received = 0
                    for chunk in response.stream(_CHUNK_BYTES, decode_content=False):
                        received += len(chunk)
                        if received > max_bytes:
                            raise ObjectTooLargeError(
                                "an object is larger than it may be", where=url, why=f"more than {max_bytes:,} bytes"
                            )
                        into.write(chunk)
                        if progress:
                            progress(len(chunk))
            except urllib3.exceptions.HTTPError as error:
                if deadline.passed:
                    raise _late(deadline.passed, url) from error
                raise TransportError(
                    "the marketplace cannot be reached",
                    where=url,
                    why=_reason(error),
                    hint="check the network, try again",
                ) from error
            if deadline.passed:  # an answer without a length ends when the connection does
                raise _late(deadline.passed, url)

    def _connections(self) -> urllib3.PoolManager:
        if self._pool is None:
            import urllib3

            from pluginry.adapters.watched_pools import watched_pools

            self._pool = watched_pools(
                timeout=urllib3.Timeout(connect=self.connect_timeout_s, read=self.connect_timeout_s),
                retries=urllib3.Retry(
                    total=2,
                    redirect=0,
                    other=0,  # a certificate does not get better by asking again
                    backoff_factor=0.3,
                    status_forcelist=(500, 502, 503, 504),
                    raise_on_status=False,
                    respect_retry_after_header=False,  # a server could ask us to wait for hours
                ),
                headers={"Accept-Encoding": "identity", "User-Agent": "pluginry"},
            )
        return self._pool

    @staticmethod
    def _check(response: urllib3.BaseHTTPResponse, url: str) -> None:
        if response.status in _MISSING:
            raise ObjectMissingError("there is no such object", where=url)
        if response.status != _OK:
            raise TransportError(
                "the marketplace gives no answer that can be used", where=url, why=f"HTTP {response.status}"
            )
        encoding = response.headers.get("Content-Encoding", "identity")
        if encoding != "identity":
            raise TransportError(
                "the marketplace sends another form of the object than it was asked for",
                where=url,
                why=f"Content-Encoding {encoding[:_MAX_SHOWN]}",
                hint="switch compression off for what is published, or for clients that do not ask for it",
            )


def _late(passed: Deadline, url: str) -> TransportError:
    return TransportError("an object takes too long to arrive", where=url, why=f"more than {passed.seconds:g} s")


def _checked_address(address: str) -> str:
    """Return `address` with a slash at its end; what is refused is shown without anything secret."""
    try:
        parts = urlsplit(address)
        shown = f"{parts.scheme}://{parts.hostname}{parts.path}"
        has_host = bool(parts.hostname) and parts.port != 0
    except ValueError as error:
        # The address is not shown: nobody can say which part of it is the password.
        raise UsageError("this is not an address", hint="an address looks like https://host/path/") from error
    if parts.username or parts.password:
        raise UsageError("an address may not hold credentials", where=shown)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        raise UsageError("a marketplace is read over https", where=shown, hint="use an https:// address")
    if not has_host:
        raise UsageError("this address has no host", where=shown)
    if parts.query or parts.fragment:
        raise UsageError("an address of a marketplace has no query and no fragment", where=shown)
    return address if address.endswith("/") else f"{address}/"


def _reason(error: Exception) -> str:
    """Return the innermost reason, without the connection objects around it."""
    reason = getattr(error, "reason", None) or error
    return str(reason).rpartition(": ")[2] or type(reason).__name__
