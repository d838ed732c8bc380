"""Reads a published marketplace over HTTPS (plain HTTP on loopback only).

One pool of connections; no redirects; limits on the size of what is unpacked (content_encoding.py); a deadline over
the whole object and not only between two bytes. Proxy, certificates and credential are those of an `Access`, found when
they are first needed. Never puts credentials into addresses or messages, and never sends them to another host.
"""

from __future__ import annotations

import io
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol
from urllib.parse import quote, urlsplit

from pluginry.adapters.content_encoding import ACCEPTED, unpacked
from pluginry.adapters.http_failures import OK, check_answer, encoding_of, late, unreachable
from pluginry.errors import AuthError, UsageError
from pluginry.model.access import NO_ACCESS, Access
from pluginry.model.layout import parts_of_key

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import urllib3

    from pluginry.adapters.deadline import Deadline
    from pluginry.adapters.proxies import Proxy
    from pluginry.errors import PluginryError
    from pluginry.ports import Progress

_CHUNK_BYTES = 1 << 16
NO_HEADERS: Mapping[str, str] = MappingProxyType({})
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_MAX_REFUSAL_BYTES = 4096


class RequestSigner(Protocol):
    """Makes requests ours where a header that stays the same would not do."""

    def headers(self, method: str, url: str) -> Mapping[str, str]:
        """Return the headers for one request."""

    def refusal(self, body: bytes, url: str) -> PluginryError | None:
        """Return what the beginning of a refusal means, or None when its status says enough."""


@dataclass(slots=True)
class HttpTransport:
    """Objects below the address ``base``, known to people by its ``name``; ``deadline_s`` seconds for each of them."""

    base: str
    access: Access = NO_ACCESS
    deadline_s: float = 120.0
    connect_timeout_s: float = 10.0
    name: str = ""
    signer: RequestSigner | None = None
    _pool: urllib3.PoolManager | None = field(default=None, init=False, repr=False)
    _proxy: Proxy | None = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        self.base = _checked_address(self.base)

    @property
    def location(self) -> str:
        """The address."""
        return self.name or self.base

    def fetch(self, key: str, *, max_bytes: int) -> bytes:
        """Return the whole object; see `Transport`. Also raises an `AuthError` when a credential is at fault."""
        stream = io.BytesIO()
        self.download(key, stream, max_bytes=max_bytes)
        return stream.getvalue()

    def download(self, key: str, into: BinaryIO, *, max_bytes: int, progress: Progress | None = None) -> None:
        """Read the whole object; see `Transport` and `fetch`."""
        url = self.address_of(key)
        with self._answer("GET", url) as (response, deadline):
            encoding = encoding_of(response.headers, url)
            for chunk in unpacked(_arriving(response, deadline, url), encoding, max_bytes=max_bytes, where=url):
                into.write(chunk)
                if progress:
                    progress(len(chunk))

    def size_of(self, key: str) -> int | None:
        """Return the size of an object; see `SizedTransport`."""
        with self._answer("HEAD", self.address_of(key), {"Accept-Encoding": "identity"}) as (response, _):
            length = response.headers.get("Content-Length", "")
            return int(length) if length.isascii() and length.isdecimal() else None

    @contextmanager
    def _answer(
        self, method: str, url: str, headers: Mapping[str, str] = NO_HEADERS
    ) -> Iterator[tuple[urllib3.BaseHTTPResponse, Deadline]]:
        """Yield the answer to a request while its time lasts, if it is one that can be used."""
        import urllib3

        from pluginry.adapters.deadline import Deadline

        connections = self._connections()
        signed = self.signer.headers(method, url) if self.signer else NO_HEADERS
        with Deadline(self.deadline_s) as deadline:
            if deadline.passed:
                raise late(deadline.passed, url)
            try:
                with connections.request(
                    method,
                    url,
                    headers={**connections.headers, **headers, **signed},
                    preload_content=False,
                    redirect=False,
                ) as response:
                    self._check(response, url)
                    yield response, deadline
            except urllib3.exceptions.HTTPError as error:
                if deadline.passed:
                    raise late(deadline.passed, url) from error
                raise unreachable(error, url, proxy=self._proxy.address if self._proxy else "") from error

    def address_of(self, key: str) -> str:
        """Return where the object lies.

        Raises:
            TransportError: it leads somewhere else.

        """
        return self.base + "/".join(map(quote, parts_of_key(key)))

    def _check(self, response: urllib3.BaseHTTPResponse, url: str) -> None:
        if self.signer and response.status != OK:
            refusal = self.signer.refusal(response.read(_MAX_REFUSAL_BYTES), url)
            if refusal is not None:
                raise refusal
        try:
            check_answer(response.status, response.headers, url, with_credential=bool(self.access.credential))
        except AuthError:
            self._pool = None  # tokens expire: the next request fetches the credential anew
            raise

    def _connections(self) -> urllib3.PoolManager:
        if self._pool is None:
            import urllib3

            from pluginry.adapters.watched_pools import watched_pools

            self._pool = watched_pools(
                **self._way_there(),
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
                headers={"Accept-Encoding": ACCEPTED, "User-Agent": "pluginry", **self._authorization()},
            )
        return self._pool

    def _way_there(self) -> dict[str, Any]:
        """Return proxy and TLS contexts; plain HTTP never leaves this machine, and so meets no proxy."""
        if urlsplit(self.base).scheme == "http":
            return {}
        from pluginry.adapters.proxies import proxy_for
        from pluginry.adapters.tls_trust import tls_context

        self._proxy = proxy_for(self.base, self.access)
        way: dict[str, Any] = {"ssl_context": tls_context(self.access)}
        if self._proxy is not None:
            # The proxy is not shown our certificate.
            way |= {"proxy": self._proxy, "proxy_tls": tls_context(Access(ca_file=self.access.ca_file))}
        return way

    def _authorization(self) -> dict[str, str]:
        if not self.access.credential:
            return {}
        from pluginry.adapters.credentials import authorization

        header = authorization(self.access.credential, host=urlsplit(self.base).hostname or "")
        return {"Authorization": header} if header else {}


def _arriving(response: urllib3.BaseHTTPResponse, deadline: Deadline, url: str) -> Iterator[bytes]:
    """Yield the body as it comes from the connection; one without a length ends when the connection does."""
    yield from response.stream(_CHUNK_BYTES, decode_content=False)
    if deadline.passed:
        raise late(deadline.passed, url)


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
        raise UsageError(
            "an address may not hold credentials", where=shown, hint="keep them elsewhere, and say where: --credential"
        )
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
        raise UsageError("a marketplace is read over https", where=shown, hint="use an https:// address")
    if not has_host:
        raise UsageError("this address has no host", where=shown)
    if parts.query or parts.fragment:
        raise UsageError("an address of a marketplace has no query and no fragment", where=shown)
    return address if address.endswith("/") else f"{address}/"
