from __future__ import annotations

import ssl
import threading
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from socket import create_server
from typing import TYPE_CHECKING, Any

import pytest

from plugins.plugin_sources import load

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PLUGIN = "panel/cert-expiry"
CERT = load(PLUGIN)
NOW = datetime(2026, 8, 1, 9, tzinfo=UTC)
DAYS_LEFT = {"fine.example": 60, "soon.example": 29, "urgent.example": 6, "over.example": -1, "today.example": 0}


def fetch(host: str, port: int, timeout_s: float) -> datetime:
    assert (port, timeout_s) == (443, 5)
    if host not in DAYS_LEFT:
        raise CERT.NoCertificate("not reached: connection refused")
    return NOW + timedelta(days=DAYS_LEFT[host], hours=1)


def a_page(folder: Path, *servers: str, **config: Any) -> list[dict[str, Any]]:
    plugin = CERT.Plugin({"servers": list(servers), **config}, str(folder), fetch=fetch)
    rows: list[dict[str, Any]] = plugin.page(now="2026-08-01T09:00:00Z")["rows"]
    return rows


def test_the_most_urgent_server_stands_first(tmp_path: Path) -> None:
    rows = a_page(tmp_path, "fine.example", "gone.example", "soon.example", "over.example", "urgent.example")
    assert [(row["server"], row["level"]) for row in rows] == [
        ("over.example:443", "expired"),
        ("gone.example:443", "failed"),
        ("urgent.example:443", "urgent"),
        ("soon.example:443", "soon"),
        ("fine.example:443", "fine"),
    ]
    assert rows[1]["error"] == "not reached: connection refused"
    assert rows[2] == {
        "server": "urgent.example:443",
        "level": "urgent",
        "days_left": 6,
        "expires_at": "2026-08-07T10:00:00Z",
    }


def test_limits_can_be_chosen(tmp_path: Path) -> None:
    [row] = a_page(tmp_path, "fine.example", soon_days=90, urgent_days=60)
    assert row["level"] == "soon"
    assert a_page(tmp_path, "today.example")[0]["level"] == "urgent"


@pytest.mark.parametrize(
    ("text", "server"),
    [
        ("example.com", ("example.com", 443)),
        ("example.com:993", ("example.com", 993)),
        ("192.0.2.1:8443", ("192.0.2.1", 8443)),
        ("[2001:db8::25]:8443", ("2001:db8::25", 8443)),
        ("[2001:db8::25]", ("2001:db8::25", 443)),
        ("2001:db8::25", ("2001:db8::25", 443)),
    ],
)
def test_servers_are_written_with_or_without_port(text: str, server: tuple[str, int]) -> None:
    assert CERT.split_server(text) == server


@pytest.mark.parametrize("text", ["example.com:", "example.com:0", "example.com:65536", "example.com:https"])
def test_a_port_that_cannot_be_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="has no port"):
        CERT.split_server(text)


class Server:
    """A TLS server on loopback with a certificate that its own file vouches for."""

    def __init__(self, folder: Path, *, ends_at: datetime) -> None:
        self.file = folder / "server.pem"
        self.file.write_bytes(a_certificate(ends_at))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.file)
        self._socket = create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self._context = context
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        connection, _ = self._socket.accept()
        with connection:
            try:
                self._context.wrap_socket(connection, server_side=True).close()
            except OSError:
                return  # the client does not trust it, which is what some tests want

    def close(self) -> None:
        self._thread.join()
        self._socket.close()


def a_certificate(ends_at: datetime) -> bytes:
    """Return a key and a certificate for 127.0.0.1 as PEM."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "loopback")])
    builder = x509.CertificateBuilder(issuer_name=name, subject_name=name, public_key=key.public_key())
    builder = builder.serial_number(7).not_valid_before(ends_at - timedelta(days=30)).not_valid_after(ends_at)
    addresses = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    builder = builder.add_extension(addresses, critical=False)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    certificate = builder.sign(key, hashes.SHA256())
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return private + certificate.public_bytes(serialization.Encoding.PEM)


@pytest.fixture
def ends_at(request: pytest.FixtureRequest) -> datetime:
    moment: datetime = datetime.now(UTC).replace(microsecond=0) + request.param
    return moment


@pytest.fixture
def server(tmp_path: Path, ends_at: datetime) -> Iterator[Server]:
    running = Server(tmp_path, ends_at=ends_at)
    yield running
    running.close()


@pytest.mark.parametrize("ends_at", [timedelta(days=20)], indirect=True)
def test_a_real_server_is_asked_over_tls(server: Server, ends_at: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(server.file))
    assert CERT.fetch_expiry("127.0.0.1", server.port, 5) == ends_at


@pytest.mark.parametrize("ends_at", [timedelta(days=-1)], indirect=True)
def test_a_certificate_that_is_over_is_called_expired(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(server.file))
    plugin = CERT.Plugin({"servers": [f"127.0.0.1:{server.port}"]}, str(tmp_path))
    [row] = plugin.page(now="2026-08-01T09:00:00Z")["rows"]
    assert (row["level"], row["error"]) == ("expired", "certificate has expired")


@pytest.mark.parametrize("ends_at", [timedelta(days=20)], indirect=True)
def test_a_certificate_that_nobody_vouches_for_has_failed(server: Server, tmp_path: Path) -> None:
    plugin = CERT.Plugin({"servers": [f"127.0.0.1:{server.port}"]}, str(tmp_path))
    [row] = plugin.page(now="2026-08-01T09:00:00Z")["rows"]
    assert row["level"] == "failed"


def test_a_server_that_is_not_there_has_failed(tmp_path: Path) -> None:
    with create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    plugin = CERT.Plugin({"servers": [f"127.0.0.1:{port}"]}, str(tmp_path))
    [row] = plugin.page(now="2026-08-01T09:00:00Z")["rows"]
    assert row["level"] == "failed"
    assert row["error"].startswith("not reached: ")


def test_the_first_version_knew_no_levels(tmp_path: Path) -> None:
    def old_fetch(host: str) -> datetime:
        return fetch(host, 443, 5)

    first = load(PLUGIN, "1.0.0").Plugin({"servers": ["fine.example"]}, str(tmp_path), fetch=old_fetch)
    assert first.page(now="2026-08-01T09:00:00Z")["rows"] == [{"server": "fine.example", "days_left": 60}]
