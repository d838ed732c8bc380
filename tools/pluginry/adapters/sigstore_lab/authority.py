"""The certificate authority: turns a signing request and checked claims into a certificate for minutes.

In: a PEM signing request, the claims of a token that was checked, a moment. Out: a PEM chain, leaf first,
whose leaf holds the certificate log's timestamp (SCT). It keeps no list of certificates: the certificate log
only signs, which is all that clients look at.
"""

from __future__ import annotations

import struct
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from asn1crypto.core import OctetString
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, ExtensionOID

from pluginry.adapters.sigstore_lab.claims import extensions_of, subject_of
from pluginry.adapters.sigstore_lab.keys import digital_signature_only, key_id, sign
from pluginry.errors import DocumentError

if TYPE_CHECKING:
    from pluginry.adapters.sigstore_lab.claims import Claims
    from pluginry.adapters.sigstore_lab.keys import LabKeys

LIFETIME: Final = timedelta(minutes=10)
_SCT_V1: Final = 0
_PRECERTIFICATE: Final = 1
_SHA256_ECDSA: Final = b"\x04\x03"


def issue_certificate(
    request: bytes, *, claims: Claims, keys: LabKeys, now: datetime, life: timedelta = LIFETIME
) -> tuple[str, ...]:
    """Return the PEM chain for the key in `request` under the identity in `claims`, good for `life`.

    Raises:
        DocumentError: `request` is not a request for a P-256 key, signed by that key.
        AuthError: the claims name nobody.

    """
    created = now.astimezone(UTC)
    begin = created.replace(microsecond=0)
    draft = _draft(_requested_key(request), claims=claims, keys=keys, begin=begin, end=begin + life)
    unstamped = draft.sign(keys.authority, SHA256())
    stamp = x509.UnrecognizedExtension(
        ExtensionOID.PRECERT_SIGNED_CERTIFICATE_TIMESTAMPS,
        _certificate_timestamps(unstamped.tbs_certificate_bytes, keys=keys, now=created),
    )
    leaf = draft.add_extension(stamp, critical=False).sign(keys.authority, SHA256())
    return tuple(one.public_bytes(Encoding.PEM).decode() for one in (leaf, keys.authority_certificate))


def _requested_key(request: bytes) -> ec.EllipticCurvePublicKey:
    try:  # the parser raises whatever the bytes provoke
        parsed = x509.load_pem_x509_csr(request)
        key, proven = parsed.public_key(), parsed.is_signature_valid
    except Exception as error:
        raise DocumentError("the signing request cannot be read", why=str(error)) from error
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise DocumentError("the signing request is not for a P-256 key")
    if not proven:
        raise DocumentError("the signing request is not signed by its own key")
    return key


def _draft(
    key: ec.EllipticCurvePublicKey, *, claims: Claims, keys: LabKeys, begin: datetime, end: datetime
) -> x509.CertificateBuilder:
    """Return the certificate but for its timestamp; everything in it is settled, the serial number too."""
    issued_by = x509.AuthorityKeyIdentifier.from_issuer_public_key(keys.authority.public_key())
    draft = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([]))
        .issuer_name(keys.authority_certificate.subject)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(end)
        .add_extension(digital_signature_only(), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CODE_SIGNING]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        .add_extension(issued_by, critical=False)
        .add_extension(x509.SubjectAlternativeName([subject_of(claims)]), critical=True)
    )
    for extension in extensions_of(claims):
        draft = draft.add_extension(extension, critical=False)
    return draft


def _certificate_timestamps(to_be_signed: bytes, *, keys: LabKeys, now: datetime) -> bytes:
    """Return a list of one signed certificate timestamp, as RFC 6962 section 3.3 embeds it."""
    milliseconds = int(now.timestamp() * 1000)
    entry = key_id(keys.authority) + len(to_be_signed).to_bytes(3, "big") + to_be_signed
    no_extensions = struct.pack("!H", 0)
    signed = struct.pack("!BBQH", _SCT_V1, 0, milliseconds, _PRECERTIFICATE) + entry + no_extensions
    signature = sign(keys.certificate_log, signed)
    stamp = struct.pack("!B32sQ", _SCT_V1, key_id(keys.certificate_log), milliseconds)
    stamp += no_extensions + _SHA256_ECDSA + struct.pack("!H", len(signature)) + signature
    listed = struct.pack("!H", len(stamp)) + stamp
    return bytes(OctetString(struct.pack("!H", len(listed)) + listed).dump())
