"""What an HTTP answer that is none, or none that helps, means to people: one error for each, with what to do.

In: statuses, headers, exceptions of urllib3. Out: errors. Texts of strangers are cut, and neither the query of an
address nor anything that was sent along is in them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from pluginry.adapters.content_encoding import ACCEPTED, PLAIN
from pluginry.errors import AuthError, ObjectMissingError, TransportError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pluginry.adapters.deadline import Deadline

OK = 200
_UNAUTHORIZED = 401
_MISSING = (403, 404, 410)
"""Buckets that may not be listed answer 403 for what is not there."""
_REDIRECTS = (301, 302, 303, 307, 308)
_MAX_SHOWN = 60
_TRY_AGAIN = "check the network, try again"
_NAME_IT = "say where its credential is kept: `pluginry source add --credential`, as in env:NAME or netrc"
_AUTHORITY = (
    "if your network has certificates of its own, name the file of their authority: --ca-file, or SSL_CERT_FILE"
)


def check_answer(status: int, headers: Mapping[str, str], url: str, *, with_credential: bool) -> None:
    """Return if the answer holds the object.

    Raises:
        ObjectMissingError: there is no such object, or it is not shown.
        AuthError: the credential is missing or refused.
        TransportError: anything else.

    """
    why = f"HTTP {status}"
    if status in _MISSING:
        raise ObjectMissingError("there is no such object", where=url, why=why)
    if status == _UNAUTHORIZED and with_credential:
        hint = "it may have expired, or be another one's"
        raise AuthError("the marketplace refuses the credential", where=url, why=why, hint=hint)
    if status == _UNAUTHORIZED:
        raise AuthError("the marketplace asks for a credential", where=url, why=why, hint=_NAME_IT)
    if status in _REDIRECTS:
        hint = f"redirects are not followed; use the address that it names: {_origin(url, headers.get('Location', ''))}"
        raise TransportError("the marketplace sends us elsewhere", where=url, why=why, hint=hint)
    if status != OK:
        raise TransportError("the marketplace gives no answer that can be used", where=url, why=why)


def encoding_of(headers: Mapping[str, str], url: str) -> str:
    """Return how the body was packed for the way.

    Raises:
        TransportError: in a way that nobody asked for.

    """
    encoding = headers.get("Content-Encoding", "").strip().lower()
    if encoding not in (*PLAIN, ACCEPTED):
        raise TransportError(
            "the marketplace sends another form of the object than it was asked for",
            where=url,
            why=f"Content-Encoding {encoding[:_MAX_SHOWN]}",
            hint="compress nothing before it is published, and later only in the way that a client asks for",
        )
    return encoding


def late(passed: Deadline, url: str) -> TransportError:
    """Return the error of an object that took longer than a deadline."""
    return TransportError("an object takes too long to arrive", where=url, why=f"more than {passed.seconds:g} s")


def unreachable(error: Exception, url: str, *, proxy: str) -> TransportError | AuthError:
    """Return what an exception of urllib3 means; `proxy` is the address of the proxy, if there is one."""
    from urllib3.exceptions import ProxyError, SSLError

    cause = getattr(error, "reason", None) or error
    why = _innermost(cause)
    if isinstance(cause, ProxyError) and " 407 " in f" {why} ":
        hint = "give its name and password in HTTPS_PROXY, or in a variable that --proxy env:NAME names"
        return AuthError("the proxy asks for a credential", where=proxy, why=why, hint=hint)
    if isinstance(cause, ProxyError):
        hint = "check the proxy; NO_PROXY, or --proxy direct, goes without"
        return TransportError("the proxy does not let us through", where=proxy, why=why, hint=hint)
    if isinstance(cause, SSLError):
        return TransportError("the marketplace cannot be reached", where=url, why=_of_tls(cause), hint=_AUTHORITY)
    return TransportError("the marketplace cannot be reached", where=url, why=why, hint=_TRY_AGAIN)


def _innermost(error: Exception) -> str:
    """Return the innermost reason, without the connection objects around it."""
    if original := getattr(error, "original_error", None):
        return str(original)[: 2 * _MAX_SHOWN]
    return str(error).rpartition(": ")[2] or type(error).__name__


def _of_tls(error: Exception) -> str:
    """Return what OpenSSL says, without where in its sources it says so."""
    cause = error.args[0] if error.args else error
    if verify_message := getattr(cause, "verify_message", ""):
        return f"its certificate is not trusted: {verify_message}"
    return str(getattr(cause, "reason", None) or cause).replace("_", " ").lower()[: 2 * _MAX_SHOWN]


def _origin(url: str, location: str) -> str:
    """Return scheme and host that a redirect names: its path and query may hold what is secret."""
    try:
        parts = urlsplit(urljoin(url, location))
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "(no address)"
    return f"{parts.scheme}://{(parts.hostname or '')[:_MAX_SHOWN]}{port}"
