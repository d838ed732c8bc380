"""Who signed what: signer identities, the publish statement, and what is left of a bundle once it is verified."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

STATEMENT_TYPE = "https://in-toto.io/Statement/v1"
PAYLOAD_TYPE = "application/vnd.in-toto+json"
PUBLISH_PREDICATE = "urn:pluginry:attestations:publish:v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignerIdentity:
    """A signer as its certificate names it: OIDC ``issuer`` and subject alternative name ``san``."""

    issuer: str
    san: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedStatement:
    """What a bundle proved: made only by a `Verifier`.

    ``payload`` is the in-toto statement as signed; ``signed_at`` is when the certificate became valid
    (signing happened within ten minutes after it); ``log_index`` is the entry in the transparency log.
    """

    payload_type: str
    payload: bytes
    signer: SignerIdentity
    signed_at: datetime
    log_index: int
