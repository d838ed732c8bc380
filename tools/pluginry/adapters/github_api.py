"""Speaks with the REST interface of GitHub: one request, one answer or one error that says what to do.

In: paths, parameters, a token. Out: plain values. Redirects are not followed, answers are bounded, and the token is
sent to that one address only: it is in no message, no argument of a process and no representation of an object.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode, urlsplit

from pluginry.encoding import strict_json
from pluginry.errors import AuthError, NotFoundError, PolicyError, TransportError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    import urllib3

PUBLIC: Final = "https://api.github.com"
_LOOPBACK: Final = ("127.0.0.1", "localhost", "::1")
_MAX_BYTES: Final = 8 << 20
_MAX_DEPTH: Final = 32
_PAGE: Final = 100
_MAX_PAGES: Final = 30
_PATIENCE_S: Final = 60.0
_OK: Final = range(200, 300)
_UNAUTHORIZED, _FORBIDDEN, _TOO_MANY = 401, 403, 429
_MISSING: Final = (404, 410)
_MOVED: Final = range(300, 400)
_BROKEN: Final = range(500, 600)
_MAX_SHOWN: Final = 200


@dataclass(slots=True, kw_only=True)
class GithubApi:
    """The interface at ``address``; ``sleep`` waits for some seconds, ``clock`` tells seconds since 1970."""

    token: str = field(default="", repr=False)
    address: str = PUBLIC
    timeout_s: float = 20.0
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.time
    _pool: urllib3.PoolManager | None = field(default=None, init=False, repr=False)

    def __post_init__(self) -> None:
        parts = urlsplit(self.address)
        if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _LOOPBACK):
            raise UsageError("the interface of a forge is only spoken to over https", where=parts.hostname or "")

    def get(self, path: str, **query: str | int) -> Any:
        """Return what is at `path`, which begins with a slash.

        Raises:
            AuthError: the token is missing or refused, or may not do this.
            NotFoundError: there is nothing, or it is not shown.
            TransportError: no answer, no JSON, or the forge asks to wait for longer than a minute.

        """
        return self.send("GET", f"{path}?{urlencode(query)}" if query else path)

    def pages(self, path: str, **query: str | int) -> Iterator[Any]:
        """Yield the members of the list at `path`, page after page; errors as `get`."""
        for page in range(1, _MAX_PAGES + 1):
            found = self.get(path, **query, per_page=_PAGE, page=page)
            if not isinstance(found, list):
                raise TransportError("the forge does not answer with a list", where=path)
            yield from found
            if len(found) < _PAGE:
                return

    def send(self, method: str, path: str, content: Mapping[str, Any] | None = None) -> Any:
        """Send `content` and return the answer; errors as `get`, and PolicyError for what the forge refuses.

        What failed for a moment is tried once more; changes only where the forge says that nothing was done.
        """
        status, headers, body = self._once(method, path, content)
        pause = self._pause(status, headers)
        if pause is None and status in _BROKEN and method == "GET":
            pause = 1.0
        if pause is not None and pause <= _PATIENCE_S:
            self.sleep(pause)
            status, headers, body = self._once(method, path, content)
            pause = self._pause(status, headers)
        if pause is not None:
            raise TransportError("the forge asks to wait", where=path, why=f"for {pause:.0f} seconds")
        if status not in _OK:
            raise _refusal(status, path, body, with_token=bool(self.token))
        return strict_json.parse(body, what=path, max_bytes=_MAX_BYTES, max_depth=_MAX_DEPTH) if body else None

    def _once(self, method: str, path: str, content: Mapping[str, Any] | None) -> tuple[int, Mapping[str, str], bytes]:
        import urllib3

        headers = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}
        headers |= {"Authorization": f"Bearer {self.token}"} if self.token else {}
        body = None if content is None else json.dumps(content).encode()
        try:
            response = self._connections().request(
                method, self.address + path, headers=headers, body=body, redirect=False, preload_content=False
            )
            with response:
                data = b"".join(_bounded(response, path))
        except (urllib3.exceptions.HTTPError, OSError) as error:
            hint = "check the network, try again"
            raise TransportError("the forge cannot be reached", where=self.address, hint=hint) from error
        return response.status, response.headers, data

    def _pause(self, status: int, headers: Mapping[str, str]) -> float | None:
        """Return for how many seconds the forge asks to wait, or None when it does not."""
        if status not in (_FORBIDDEN, _TOO_MANY):
            return None
        after, reset = headers.get("Retry-After", ""), headers.get("X-RateLimit-Reset", "")
        if after.isdecimal():
            return float(after)
        if headers.get("X-RateLimit-Remaining") == "0" and reset.isdecimal():
            return max(1.0, float(reset) - self.clock())
        return _PATIENCE_S + 1 if status == _TOO_MANY else None

    def _connections(self) -> urllib3.PoolManager:
        if self._pool is None:
            import urllib3

            timeout = urllib3.Timeout(connect=self.timeout_s, read=self.timeout_s)
            self._pool = urllib3.PoolManager(timeout=timeout, retries=False, headers={"User-Agent": "pluginry"})
        return self._pool


def _bounded(response: urllib3.BaseHTTPResponse, path: str) -> Iterator[bytes]:
    size = 0
    for chunk in response.stream(1 << 16):
        size += len(chunk)
        if size > _MAX_BYTES:
            raise TransportError("the forge answers with more than anybody reads", where=path)
        yield chunk


def _refusal(
    status: int, path: str, body: bytes, *, with_token: bool
) -> AuthError | NotFoundError | PolicyError | TransportError:
    why = f"HTTP {status}{_reason(body)}"
    if status == _UNAUTHORIZED or (status == _FORBIDDEN and not with_token):
        hint = "set GH_TOKEN, or log in with `gh auth login`" if not with_token else "it may have expired; make another"
        return AuthError("the forge does not accept who asks", where=path, why=why, hint=hint)
    if status == _FORBIDDEN:
        hint = "give it the rights to contents and pull requests"
        return AuthError("the token may not do this", where=path, why=why, hint=hint)
    if status in _MISSING:
        return NotFoundError("the forge has no such thing, or does not show it", where=path, why=why)
    if status in _MOVED:
        hint = "use the name that it has now; redirects are not followed"
        return NotFoundError("this was renamed at the forge", where=path, why=why, hint=hint)
    if status in _BROKEN:
        return TransportError("the forge has trouble", where=path, why=why, hint="try again later")
    return PolicyError("the forge refuses this", where=path, why=why)


def _reason(body: bytes) -> str:
    """Return what the forge says is wrong, if it says so: one short line that can be shown."""
    try:
        found = json.loads(body)
        messages = [found["message"], *(str(one.get("message", "")) for one in found.get("errors", ()))]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return ""
    text = "; ".join(str(message) for message in messages if message)
    shown = "".join(character if character.isprintable() else " " for character in text[:_MAX_SHOWN])
    return f": {shown}" if shown else ""
