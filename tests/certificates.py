"""A certificate authority for servers on loopback and for clients, as a company runs one for itself."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """Vouches for keys; ``file`` is what others must know to believe it."""

    folder: Path
    name: str
    _key: ec.EllipticCurvePrivateKey

    @classmethod
    def at(cls, folder: Path, name: str = "authority") -> Authority:
        folder.mkdir(parents=True, exist_ok=True)
        authority = cls(folder=folder, name=name, _key=ec.generate_private_key(ec.SECP256R1()))
        authority.file.write_bytes(authority._certificate(name, authority._key, ca=True))
        return authority

    @property
    def file(self) -> Path:
        return self.folder / f"{self.name}.pem"

    def issue(self, name: str, *, password: bytes = b"") -> Path:
        """Return a PEM file with a new key and its certificate."""
        key = ec.generate_private_key(ec.SECP256R1())
        lock = BestAvailableEncryption(password) if password else NoEncryption()
        path = self.folder / f"{name}.pem"
        path.write_bytes(
            key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, lock) + self._certificate(name, key, ca=False)
        )
        return path

    def server(self, *, demands: Authority | None = None) -> ssl.SSLContext:
        """Return the TLS of a server on loopback, which wants clients to show a certificate of `demands`."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.issue("server"))
        if demands:
            context.load_verify_locations(demands.file)
            context.verify_mode = ssl.CERT_REQUIRED
            context.maximum_version = ssl.TLSVersion.TLSv1_2  # later ones complain only when data comes
        return context

    def _certificate(self, name: str, key: ec.EllipticCurvePrivateKey, *, ca: bool) -> bytes:
        now = datetime.now(UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(_named(name))
            .issuer_name(_named(self.name))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
            .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        )
        return builder.sign(self._key, hashes.SHA256()).public_bytes(Encoding.PEM)


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
