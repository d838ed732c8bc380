"""The lab's five keys and two long-lived certificates, and their one file.

In: a moment, or the bytes of a key file. Out: `LabKeys`, or such bytes. It does no input or output itself,
and never changes keys once made: they are the lab's identity.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from pluginry.adapters.sigstore_lab.names import LAB_HOST, LAB_NOTICE
from pluginry.errors import DocumentError

_LIFETIME = timedelta(days=3650)


@dataclass(frozen=True, slots=True, kw_only=True)
class LabKeys:
    """A P-256 key for each role, and the certificates of the two roles that clients meet in chains."""

    authority: ec.EllipticCurvePrivateKey
    certificate_log: ec.EllipticCurvePrivateKey
    entry_log: ec.EllipticCurvePrivateKey
    timestamps: ec.EllipticCurvePrivateKey
    tokens: ec.EllipticCurvePrivateKey
    authority_certificate: x509.Certificate
    timestamps_certificate: x509.Certificate

    @property
    def created(self) -> datetime:
        """When the lab was made, in whole seconds: nothing of it is valid before."""
        return self.authority_certificate.not_valid_before_utc


def create_keys(now: datetime) -> LabKeys:
    """Return a new set of keys, valid from `now` on for ten years."""
    created = now.astimezone(UTC).replace(microsecond=0)
    authority, certificate_log, entry_log, timestamps, tokens = (
        ec.generate_private_key(ec.SECP256R1()) for _ in range(5)
    )
    return LabKeys(
        authority=authority,
        certificate_log=certificate_log,
        entry_log=entry_log,
        timestamps=timestamps,
        tokens=tokens,
        authority_certificate=_authority_certificate(authority, created),
        timestamps_certificate=_timestamps_certificate(timestamps, authority, created),
    )


def encode_keys(keys: LabKeys) -> bytes:
    """Return `keys` as JSON: PEM text under the name of each role."""
    values = {field.name: getattr(keys, field.name) for field in fields(keys)}
    return json.dumps({name: _to_pem(value) for name, value in values.items()}, indent=1).encode()


def decode_keys(data: bytes) -> LabKeys:
    """Return the keys in `data`.

    Raises:
        DocumentError: it is not what `encode_keys` wrote.

    """
    try:
        document = json.loads(data)
        values: dict[str, Any] = {field.name: _from_pem(document[field.name]) for field in fields(LabKeys)}
        return LabKeys(**values)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DocumentError(
            "the lab's key file cannot be read",
            why=str(error),
            hint="remove the lab's folder; a new lab has another trusted root",
        ) from error


def key_id(key: ec.EllipticCurvePrivateKey) -> bytes:
    """Return the RFC 6962 id of a log: the SHA-256 of its public key."""
    return hashlib.sha256(public_bytes(key)).digest()


def public_bytes(key: ec.EllipticCurvePrivateKey) -> bytes:
    """Return the public half of `key` as DER SubjectPublicKeyInfo."""
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def sign(key: ec.EllipticCurvePrivateKey, message: bytes) -> bytes:
    """Return the ECDSA signature (DER, SHA-256) of `key` over `message`."""
    return key.sign(message, ec.ECDSA(SHA256()))


def digital_signature_only() -> x509.KeyUsage:
    """Return the key usage of a leaf: it signs data and no certificates."""
    return _usage(signs_data=True)


def _authority_certificate(key: ec.EllipticCurvePrivateKey, created: datetime) -> x509.Certificate:
    name = _name(LAB_NOTICE)
    return (
        _certificate(subject=name, issuer=name, key=key, created=created)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_data=False), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, SHA256())
    )


def _timestamps_certificate(
    key: ec.EllipticCurvePrivateKey, authority: ec.EllipticCurvePrivateKey, created: datetime
) -> x509.Certificate:
    subject = _name("Pluginry LAB timestamps - proves nothing")
    purpose = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
    issued_by = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.public_key())
    return (
        _certificate(subject=subject, issuer=_name(LAB_NOTICE), key=key, created=created)
        .add_extension(digital_signature_only(), critical=True)
        .add_extension(purpose, critical=True)
        .add_extension(issued_by, critical=False)
        .sign(authority, SHA256())
    )


def _certificate(
    *, subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, created: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(created)
        .not_valid_after(created + _LIFETIME)
    )


def _name(common_name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, LAB_HOST),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


def _usage(*, signs_data: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=signs_data,
        key_cert_sign=not signs_data,
        crl_sign=not signs_data,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _to_pem(value: ec.EllipticCurvePrivateKey | x509.Certificate) -> str:
    if isinstance(value, x509.Certificate):
        return value.public_bytes(Encoding.PEM).decode()
    return value.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def _from_pem(text: str) -> ec.EllipticCurvePrivateKey | x509.Certificate:
    if "CERTIFICATE" in text:
        return x509.load_pem_x509_certificate(text.encode())
    key = load_pem_private_key(text.encode(), password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise ValueError("a key is not on an elliptic curve")  # noqa: TRY004 - the file is wrong, not the caller
    return key
