"""What a token's claims become in a certificate: the subject alternative name and the OIDC extensions.

In: the claims of a token that was checked. Out: certificate parts, as the public instance makes them for
e-mail addresses, URIs and GitHub workflows. It never decides whether a token is genuine.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from asn1crypto.core import UTF8String
from cryptography import x509

from pluginry.errors import AuthError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    Claims = Mapping[str, object]

_ARC: Final = "1.3.6.1.4.1.57264.1."
_GITHUB: Final = "https://github.com/{}"
_RUN: Final = _GITHUB.format("{}/actions/runs/{}/attempts/{}")

# Extension number -> template and the claims it takes. The first six hold bare text, the later ones DER.
_GITHUB_EXTENSIONS: Final = (
    (2, "{}", ("event_name",)),
    (3, "{}", ("sha",)),
    (4, "{}", ("workflow",)),
    (5, "{}", ("repository",)),
    (6, "{}", ("ref",)),
    (9, _GITHUB, ("job_workflow_ref",)),
    (10, "{}", ("job_workflow_sha",)),
    (11, "{}", ("runner_environment",)),
    (12, _GITHUB, ("repository",)),
    (13, "{}", ("sha",)),
    (14, "{}", ("ref",)),
    (15, "{}", ("repository_id",)),
    (16, _GITHUB, ("repository_owner",)),
    (17, "{}", ("repository_owner_id",)),
    (18, _GITHUB, ("workflow_ref",)),
    (19, "{}", ("workflow_sha",)),
    (20, "{}", ("event_name",)),
    (21, _RUN, ("repository", "run_id", "run_attempt")),
    (22, "{}", ("repository_visibility",)),
)
_LAST_BARE_TEXT: Final = 6


def subject_of(claims: Claims) -> x509.GeneralName:
    """Return whom a certificate for `claims` names: a workflow, an e-mail address, or the URI in ``sub``.

    Raises:
        AuthError: they name nobody whom the lab could certify.

    """
    try:
        if "job_workflow_ref" in claims:
            return x509.UniformResourceIdentifier(_GITHUB.format(_text(claims, "job_workflow_ref")))
        if "email" in claims:
            return _email(claims)
        subject = _text(claims, "sub")
        if not urlsplit(subject).netloc:
            raise AuthError("the token's subject is not a URI", why=subject)
        return x509.UniformResourceIdentifier(subject)
    except ValueError as error:
        raise AuthError("the token names nobody who fits into a certificate", why=str(error)) from error


def extensions_of(claims: Claims) -> Iterator[x509.UnrecognizedExtension]:
    """Yield the issuer in both its spellings, then what the claims say about a GitHub workflow.

    Raises:
        AuthError: a claim is not text.

    """
    yield _extension(1, _text(claims, "iss"))
    if "job_workflow_ref" in claims:
        yield from _github_extensions(claims)
    yield _extension(8, _text(claims, "iss"))


def _github_extensions(claims: Claims) -> Iterator[x509.UnrecognizedExtension]:
    for number, template, names in _GITHUB_EXTENSIONS:
        if all(name in claims for name in names):
            yield _extension(number, template.format(*(_text(claims, name) for name in names)))


def _extension(number: int, value: str) -> x509.UnrecognizedExtension:
    data = value.encode() if number <= _LAST_BARE_TEXT else UTF8String(value).dump()
    return x509.UnrecognizedExtension(x509.ObjectIdentifier(f"{_ARC}{number}"), data)


def _email(claims: Claims) -> x509.RFC822Name:
    if claims.get("email_verified", True) is not True:
        raise AuthError("the token's e-mail address is not verified")
    return x509.RFC822Name(_text(claims, "email"))


def _text(claims: Claims, name: str) -> str:
    value = claims.get(name)
    if not isinstance(value, str) or not value:
        raise AuthError("a claim of the token is missing or not text", where=name)
    return value
