"""How long the sigstore library waits for a service that does not answer: it would do so for ever.

In: the library's signing context, seconds. Out: sessions of the calling thread that give up. There is no public way to
say it, so it is said to the sessions that the library keeps; a test with a silent service holds it to that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from requests.adapters import HTTPAdapter

if TYPE_CHECKING:
    from requests import PreparedRequest, Response, Session
    from sigstore.sign import SigningContext


class _Impatient(HTTPAdapter):
    """Waits `seconds` for each answer, unless the request says how long."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self._seconds = seconds

    def send(self, request: PreparedRequest, *arguments: Any, **options: Any) -> Response:
        """Send `request`; see the library."""
        options["timeout"] = options.get("timeout") or self._seconds
        return super().send(request, *arguments, **options)


def limit_waiting(context: SigningContext, seconds: float) -> None:
    """Let the sessions of this thread wait no longer than `seconds` for an answer."""
    # The library makes one session for certificates, and one in each thread for the log.
    _limit(context._fulcio.session, seconds)  # noqa: SLF001 - see the module
    _limit(context._rekor._session, seconds)  # type: ignore[attr-defined]  # noqa: SLF001 - see the module


def _limit(session: Session, seconds: float) -> None:
    if not isinstance(session.get_adapter("https://"), _Impatient):
        for scheme in ("https://", "http://"):
            session.mount(scheme, _Impatient(seconds))
