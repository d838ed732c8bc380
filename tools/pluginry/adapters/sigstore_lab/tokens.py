"""Identity tokens (JWT, ES256): made for whoever holds the lab, checked before a certificate is issued.

In: claims and a moment, or a token and a moment. Out: a token, or its claims once they are proven.
It never accepts another algorithm, key or audience, and keeps no record of tokens.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import TYPE_CHECKING, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from pluginry.adapters.sigstore_lab.keys import sign
from pluginry.adapters.sigstore_lab.names import LAB_IDENTITY
from pluginry.errors import AuthError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

AUDIENCE: Final = "sigstore"
_LIFETIME_S: Final = 300
_LEEWAY_S: Final = 5
_HALF_BYTES: Final = 32


def issue_token(claims: Mapping[str, object], *, key: EllipticCurvePrivateKey, now: datetime) -> str:
    """Return a token that is good for five minutes; `claims` are added to the lab's own and win over them."""
    moment = int(now.timestamp())
    body = {
        "iss": LAB_IDENTITY.issuer,
        "sub": LAB_IDENTITY.san,
        "aud": AUDIENCE,
        "iat": moment,
        "nbf": moment,
        "exp": moment + _LIFETIME_S,
        **claims,
    }
    signed = f"{_encode_json({'alg': 'ES256', 'typ': 'JWT'})}.{_encode_json(body)}"
    halves = decode_dss_signature(sign(key, signed.encode()))
    return f"{signed}.{_encode(b''.join(half.to_bytes(_HALF_BYTES, 'big') for half in halves))}"


def verify_token(token: str, *, key: EllipticCurvePrivateKey, now: datetime) -> Mapping[str, object]:
    """Return the claims of a token that `key` signed, for this audience and time.

    Raises:
        AuthError: it is anything else.

    """
    try:
        header, body, signature = token.split(".")
        algorithm = json.loads(_decode(header))["alg"]
        claims = json.loads(_decode(body))
        raw = _decode(signature)
        if algorithm != "ES256" or len(raw) != 2 * _HALF_BYTES or not isinstance(claims, dict):
            raise AuthError("the identity token is not a JWT signed with ES256")
        halves = (int.from_bytes(raw[:_HALF_BYTES], "big"), int.from_bytes(raw[_HALF_BYTES:], "big"))
        key.public_key().verify(encode_dss_signature(*halves), f"{header}.{body}".encode(), ECDSA(SHA256()))
    except InvalidSignature as error:
        raise AuthError("the identity token was not signed by this lab") from error
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise AuthError("the identity token is malformed") from error
    _check_claims(claims, int(now.timestamp()))
    return claims


def _check_claims(claims: Mapping[str, object], moment: int) -> None:
    if claims.get("aud") != AUDIENCE:
        raise AuthError("the identity token is meant for another audience")
    starts, ends = claims.get("nbf", claims.get("iat")), claims.get("exp")
    if not isinstance(starts, int) or not isinstance(ends, int):
        raise AuthError("the identity token does not say when it is valid")
    if not starts - _LEEWAY_S <= moment < ends:
        raise AuthError("the identity token is expired, or not valid yet")


def _encode_json(document: Mapping[str, object]) -> str:
    return _encode(json.dumps(document, separators=(",", ":")).encode())


def _encode(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))
