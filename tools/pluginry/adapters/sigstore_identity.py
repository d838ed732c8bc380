"""Signs statements under an OIDC identity, by way of a sigstore instance.

In: the configuration of an instance, something that yields identity tokens, and in-toto statements. Out: sigstore
bundles v0.3 as JSON. Every certificate lives for minutes, so a new one is asked for with a new token when
needed. It never stores a token or a private key, and never hands out a bundle that names another signer.
"""

from __future__ import annotations

import json
import threading
from base64 import urlsafe_b64decode
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from pluginry.errors import AuthError, DocumentError, PluginryError, TamperedError, TransportError
from pluginry.model.attestation import SignerIdentity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from cryptography.x509 import Certificate
    from sigstore.oidc import IdentityToken
    from sigstore.sign import Signer, SigningContext

MARGIN: Final = timedelta(seconds=60)
"""How long before its end a token or certificate is replaced: more than one signature takes."""
_ANSWER_TIMEOUT_S: Final = 60.0
"""How long a service may be silent. The library would wait for ever."""
_REFUSALS: Final = frozenset({400, 401, 403})
_LONGEST_REASON: Final = 300
_IN_CI: Final = (
    "a job needs `permissions: id-token: write` (GitHub Actions), or the id token SIGSTORE_ID_TOKEN (GitLab CI)"
)


def ambient_token() -> str:
    """Return the identity token that the continuous integration around this process offers.

    Raises:
        AuthError: there is none, or it cannot be had.

    """
    from sigstore.oidc import detect_credential

    try:
        token = detect_credential()
    except Exception as error:  # broken connections come through in the classes of another library
        raise AuthError("no identity token could be had", why=_plain(error), hint=_IN_CI) from error
    if token is None:
        raise AuthError("nothing around this process offers an identity token", hint=_IN_CI)
    return token


def _system_clock() -> datetime:
    return datetime.now(UTC)


@dataclass(slots=True)
class _Token:
    """An identity token, whom it names, and when it is too old to be used."""

    content: IdentityToken
    identity: SignerIdentity
    stale_at: datetime


@dataclass(slots=True)
class _Certified:
    """A key with a certificate; ``stale_at`` is known once the first bundle shows the certificate."""

    signer: Signer
    identity: SignerIdentity
    stale_at: datetime


class SigstoreSigner:
    """The `Signer` for a sigstore instance; safe to use from several threads.

    `token` is called whenever a new identity token is needed; a certificate is replaced `margin` before its end.
    """

    def __init__(
        self,
        context: SigningContext,
        *,
        token: Callable[[], str] = ambient_token,
        clock: Callable[[], datetime] = _system_clock,
        margin: timedelta = MARGIN,
        timeout_s: float = _ANSWER_TIMEOUT_S,
    ) -> None:
        self._context = context
        self._provider = token
        self._clock = clock
        self._margin = margin
        self._timeout_s = timeout_s
        self._lock = threading.Lock()
        self._token: _Token | None = None
        self._certified: _Certified | None = None

    @classmethod
    def from_trust_config(
        cls,
        trust_config: str,
        *,
        token: Callable[[], str] = ambient_token,
        clock: Callable[[], datetime] = _system_clock,
        margin: timedelta = MARGIN,
        timeout_s: float = _ANSWER_TIMEOUT_S,
    ) -> SigstoreSigner:
        """Return a signer for the instance that a client trust configuration (JSON) describes.

        Raises:
            DocumentError: `trust_config` is not such a configuration.

        """
        from sigstore.models import ClientTrustConfig
        from sigstore.sign import SigningContext

        try:
            context = SigningContext.from_trust_config(ClientTrustConfig.from_json(trust_config))
        except Exception as error:  # the library has no common class for what a document can provoke
            raise DocumentError("the client trust configuration cannot be used", why=_plain(error)) from error
        return cls(context, token=token, clock=clock, margin=margin, timeout_s=timeout_s)

    @classmethod
    def public_good(cls, *, token: Callable[[], str] = ambient_token) -> SigstoreSigner:
        """Return a signer for the public instance, whose current configuration is fetched and checked.

        Raises:
            TransportError: it cannot be fetched.

        """
        from sigstore.models import ClientTrustConfig
        from sigstore.sign import SigningContext

        with _translated("the configuration of the public sigstore instance cannot be had"):
            context = SigningContext.from_trust_config(ClientTrustConfig.production())
        return cls(context, token=token)

    @property
    def identity(self) -> SignerIdentity:
        """Who signs, as the identity token has it.

        Raises:
            AuthError: there is no usable token.

        """
        with self._lock:
            return self._current_token().identity

    def attest(self, statement: bytes) -> bytes:
        """Return a sigstore bundle (v0.3 JSON) that holds the in-toto `statement` in a signed envelope.

        Raises:
            DocumentError: `statement` is not an in-toto Statement v1.
            AuthError: there is no usable token, or the certificate authority refuses it.
            TransportError: a service is not reachable, or broken.
            TamperedError: an answer is not from the instance that the configuration describes.

        """
        from sigstore.dsse import Statement
        from sigstore.errors import Error

        from pluginry.adapters.sigstore_waiting import limit_waiting

        try:
            parsed = Statement(statement)
        except Error as error:
            raise DocumentError("only an in-toto statement can be signed", why=_plain(error)) from error
        certified = self._current_certificate()
        with _translated("the statement could not be signed"):
            limit_waiting(self._context, self._timeout_s)
            bundle = certified.signer.sign_dsse(parsed)
            _check_names(bundle.signing_certificate, certified.identity)
        end = bundle.signing_certificate.not_valid_after_utc
        certified.stale_at = end - self._margin
        if self._clock() >= end:
            # The log's entry may be of a time after the certificate's, and then nobody would accept the bundle.
            raise TransportError("the signing certificate ran out before the log had answered")
        return bundle.to_json().encode()

    def _current_certificate(self) -> _Certified:
        from sigstore.sign import Signer

        from pluginry.adapters.sigstore_waiting import limit_waiting

        with self._lock:
            now = self._clock()
            if self._certified is None or now >= self._certified.stale_at:
                token = self._current_token()
                with _translated("no signing certificate could be had"):
                    limit_waiting(self._context, self._timeout_s)
                    signer = Signer(token.content, self._context)
                self._certified = _Certified(signer, token.identity, stale_at=now + self._margin)
            return self._certified

    def _current_token(self) -> _Token:
        if self._token is None or self._clock() >= self._token.stale_at:
            fresh = _read_token(self._provider())
            if self._token is not None and fresh.identity != self._token.identity:
                raise AuthError("the new identity token names another signer", why=fresh.identity.san)
            self._token = fresh
        return self._token


def identity_in(claims: Mapping[str, Any]) -> SignerIdentity:
    """Return whom a certificate for a token with `claims` will name.

    A certificate names workflows of GitHub and GitLab by file and ref, people by e-mail address, and others
    by the token's subject.

    Raises:
        AuthError: the claims name nobody.

    """
    if "job_workflow_ref" in claims:
        san = f"https://github.com/{claims['job_workflow_ref']}"
    elif "ci_config_ref_uri" in claims:
        san = f"https://{claims['ci_config_ref_uri']}"
    else:
        san = str(claims.get("email") or claims.get("sub") or "")
    issuer = str(claims.get("iss") or "")
    if not san or not issuer:
        raise AuthError("the identity token names nobody")
    return SignerIdentity(issuer=issuer, san=san)


def _read_token(raw: str) -> _Token:
    from sigstore.oidc import IdentityToken

    try:
        content = IdentityToken(raw)
        body = raw.split(".")[1]
        claims = json.loads(urlsafe_b64decode(body + "=" * (-len(body) % 4)))
        stale_at = datetime.fromtimestamp(int(claims["exp"]), UTC) - MARGIN
    except Exception as error:  # the token comes from outside, and its claims may be of any type and size
        raise AuthError("the identity token cannot be used", why=_plain(error)) from error
    return _Token(content, identity_in(claims | {"iss": content.federated_issuer}), stale_at)


def _check_names(certificate: Certificate, identity: SignerIdentity) -> None:
    from sigstore.errors import VerificationError
    from sigstore.verify.policy import Identity

    try:
        Identity(identity=identity.san, issuer=identity.issuer).verify(certificate)
    except VerificationError as error:
        raise AuthError("the certificate names another signer than the identity token", why=_plain(error)) from error


@contextmanager
def _translated(what: str) -> Iterator[None]:
    """Turn whatever the library raises into ours: its classes are private, so the cause decides."""
    from sigstore.errors import VerificationError

    try:
        yield
    except PluginryError:
        raise
    except VerificationError as error:
        raise TamperedError(what, why=_plain(error)) from error
    except Exception as error:
        answer = _answer_behind(error)
        if answer is not None and answer.status_code in _REFUSALS:
            raise AuthError(
                what, where=answer.url, why=_plain(f"{answer.status_code} {answer.text}"), hint=_IN_CI
            ) from error
        raise TransportError(what, why=_plain(error) or type(error).__name__) from error


def _answer_behind(error: BaseException | None) -> Any:
    """Return the HTTP answer that started a chain of exceptions, or None."""
    while error is not None:
        answer = getattr(error, "response", None)
        if answer is not None:
            return answer
        error = error.__cause__ or error.__context__
    return None


def _plain(reason: object) -> str:
    """Return a reason that came from outside, fit for a terminal."""
    return "".join(one if one.isprintable() else " " for one in str(reason)[:_LONGEST_REASON])
