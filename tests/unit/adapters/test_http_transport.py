from __future__ import annotations

import socket
import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from loopback import LoopbackServer, answer, dripping, raw, silence
from pluginry.adapters.http_transport import HttpTransport
from pluginry.errors import ObjectMissingError, ObjectTooLargeError, TransportError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

KEY = "v1/index.json"
OK = b"HTTP/1.1 200 OK\r\n"


@pytest.fixture
def server() -> Iterator[LoopbackServer]:
    with LoopbackServer({"v1/good": b"good"}) as running:
        yield running


@pytest.fixture
def transport(server: LoopbackServer) -> HttpTransport:
    return HttpTransport(server.address)


def test_objects_are_asked_for_without_secrets(server: LoopbackServer, transport: HttpTransport) -> None:
    assert transport.fetch("v1/good", max_bytes=4) == b"good"
    (headers,) = server.headers
    assert headers == {"Host": server.authority, "Accept-Encoding": "gzip", "User-Agent": "pluginry"}


def test_one_connection_serves_many_requests(server: LoopbackServer, transport: HttpTransport) -> None:
    for _ in range(5):
        transport.fetch("v1/good", max_bytes=4)
    assert (len(server.requests), server.connections) == (5, 1)


@pytest.mark.parametrize("status", ["403 Forbidden", "404 Not Found", "410 Gone"])
def test_what_a_server_does_not_show_is_missing(server: LoopbackServer, transport: HttpTransport, status: str) -> None:
    server.answers[KEY] = answer(status, b"a page about it")
    with pytest.raises(ObjectMissingError) as caught:
        transport.fetch(KEY, max_bytes=100)
    assert caught.value.where == server.address + KEY
    assert server.requests == [KEY]


@pytest.mark.parametrize(
    "status",
    [
        "201 Created",
        "204 No Content",
        "206 Partial Content",
        "304 Not Modified",
        "400 Bad Request",
        "418 Teapot",
        "429 Too Many",
    ],
)
def test_any_other_answer_cannot_be_used(server: LoopbackServer, transport: HttpTransport, status: str) -> None:
    server.answers[KEY] = answer(status)
    with pytest.raises(TransportError, match=f"HTTP {status[:3]}") as caught:
        transport.fetch(KEY, max_bytes=100)
    assert not isinstance(caught.value, ObjectMissingError)
    assert server.requests == [KEY]


@pytest.mark.parametrize("status", ["500 Error", "503 Unavailable"])
def test_a_server_in_trouble_is_asked_again_and_then_given_up(
    server: LoopbackServer, transport: HttpTransport, status: str
) -> None:
    server.answers[KEY] = answer(status)
    with pytest.raises(TransportError, match=f"HTTP {status[:3]}"):
        transport.fetch(KEY, max_bytes=100)
    assert server.requests == [KEY] * 3


def test_a_server_that_recovers_is_forgiven(server: LoopbackServer, transport: HttpTransport) -> None:
    def recover(connection: socket.socket) -> None:
        server.answers[KEY] = answer("200 OK", b"{}")
        answer("503 Unavailable")(connection)

    server.answers[KEY] = recover
    assert transport.fetch(KEY, max_bytes=100) == b"{}"


@pytest.mark.parametrize("status", ["503 Unavailable", "429 Too Many", "413 Too Large"])
def test_no_server_tells_us_to_wait_for_hours(server: LoopbackServer, transport: HttpTransport, status: str) -> None:
    server.answers[KEY] = answer(status, retry_after="7200")
    with pytest.raises(TransportError, match=f"HTTP {status[:3]}"):
        transport.fetch(KEY, max_bytes=100)


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"])
def test_nobody_sends_us_elsewhere(server: LoopbackServer, transport: HttpTransport, status: str) -> None:
    server.answers[KEY] = answer(status, location=f"{server.address}v1/good")
    with pytest.raises(TransportError, match=f"HTTP {status[:3]}"):
        transport.fetch(KEY, max_bytes=100)
    assert server.requests == [KEY]


@pytest.mark.parametrize(
    "cut",
    [
        OK + b"Content-Length: 10\r\n\r\nhalf",
        OK + b"Content-Length: 10\r\n\r\n",
        OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
        OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhel",
        OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n",
    ],
)
def test_a_body_that_is_cut_off_is_no_body(server: LoopbackServer, transport: HttpTransport, cut: bytes) -> None:
    server.answers[KEY] = raw(cut)
    with pytest.raises(TransportError) as caught:
        transport.fetch(KEY, max_bytes=100)
    assert not isinstance(caught.value, ObjectMissingError)


@pytest.mark.parametrize(
    "nonsense",
    [
        b"",
        b"\0" * 100,
        b"SSH-2.0-OpenSSH\r\n",
        b"HTTP/1.1 abc\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n1",
    ],
)
def test_what_is_no_answer_does_not_arrive(server: LoopbackServer, transport: HttpTransport, nonsense: bytes) -> None:
    server.answers[KEY] = raw(nonsense)
    with pytest.raises(TransportError):
        transport.fetch(KEY, max_bytes=0)


@pytest.mark.parametrize(
    "framing",
    [b"Content-Length: 5\r\n\r\nhello", b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", b"\r\nhello"],
)
def test_every_way_to_frame_a_body_is_understood(
    server: LoopbackServer, transport: HttpTransport, framing: bytes
) -> None:
    server.answers[KEY] = raw(OK + framing)
    assert transport.fetch(KEY, max_bytes=5) == b"hello"
    with pytest.raises(ObjectTooLargeError):
        transport.fetch(KEY, max_bytes=4)


@pytest.mark.parametrize("encoding", ["br", "deflate", "zstd", "gzip, gzip", "x-gzip", "x" * 1000])
def test_a_body_in_a_form_that_nobody_asked_for_is_not_unpacked(
    server: LoopbackServer, transport: HttpTransport, encoding: str
) -> None:
    server.answers[KEY] = answer("200 OK", b"{}", content_encoding=encoding)
    with pytest.raises(TransportError, match="another form") as caught:
        transport.fetch(KEY, max_bytes=100)
    assert len(caught.value.why) < 100


@pytest.mark.parametrize(
    "answered",
    [
        dripping(OK + b"Content-Length: 100000\r\n\r\n"),
        dripping(OK + b"\r\n"),
        dripping(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
        dripping(OK + b"Transfer-Encoding: chunked\r\n\r\n5;"),
        dripping(OK + b"X-Long: "),
        dripping(OK, b"X-Many: x\r\n"),
        dripping(b"HTTP/1.1 200 "),
        silence,
    ],
    ids=["body", "body without length", "chunks", "chunk size", "header", "headers", "status line", "nothing"],
)
def test_a_server_of_a_byte_at_a_time_does_not_hold_us(server: LoopbackServer, answered: object) -> None:
    transport = HttpTransport(server.address, deadline_s=0.3)
    server.answers[KEY] = answered  # type: ignore[assignment]  # every one of them is an answer
    with pytest.raises(TransportError, match="takes too long to arrive") as caught:
        transport.fetch(KEY, max_bytes=1_000_000)
    assert caught.value.where == server.address + KEY
    transport.deadline_s = 60.0
    assert transport.fetch("v1/good", max_bytes=4) == b"good"


def test_a_server_that_never_answers_is_given_up_before_the_deadline(server: LoopbackServer) -> None:
    server.answers[KEY] = silence
    transport = HttpTransport(server.address, deadline_s=30.0, connect_timeout_s=0.05)
    with pytest.raises(TransportError, match="cannot be reached"):
        transport.fetch(KEY, max_bytes=10)


def test_a_server_that_is_not_there_cannot_be_reached() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        transport = HttpTransport(f"http://127.0.0.1:{unused.getsockname()[1]}/", deadline_s=5.0)
        with pytest.raises(TransportError, match="cannot be reached") as caught:
            transport.fetch(KEY, max_bytes=10)
    assert "object at 0x" not in str(caught.value)
    assert caught.value.hint


def test_a_server_without_tls_is_not_taken_for_one_with() -> None:
    with LoopbackServer({KEY: b"{}"}) as server:
        transport = HttpTransport(f"https://{server.authority}/market/", deadline_s=5.0)
        with pytest.raises(TransportError, match="cannot be reached"):
            transport.fetch(KEY, max_bytes=10)
        assert server.requests == []


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a file with a key and a certificate for loopback that signs itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "loopback")])
    now = datetime.now(UTC)
    body = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "loopback.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(private + body.public_bytes(Encoding.PEM))
    return path


@pytest.fixture
def tls_server(certificate: Path) -> Iterator[LoopbackServer]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with LoopbackServer({"v1/good": b"good"}, tls=context) as running:
        yield running


def test_a_certificate_that_nobody_vouches_for_is_refused(tls_server: LoopbackServer) -> None:
    with pytest.raises(TransportError, match="cannot be reached") as caught:
        HttpTransport(tls_server.address).fetch("v1/good", max_bytes=10)
    assert "certificate" in caught.value.why.lower()
    assert tls_server.requests == []


def test_over_tls_everything_is_the_same(
    tls_server: LoopbackServer, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    transport = HttpTransport(tls_server.address)
    assert transport.fetch("v1/good", max_bytes=4) == b"good"
    assert transport.fetch("v1/good", max_bytes=4) == b"good"
    assert tls_server.connections == 1
    tls_server.answers[KEY] = dripping(OK + b"Content-Length: 100000\r\n\r\n")
    transport.deadline_s = 0.3
    with pytest.raises(TransportError, match="takes too long to arrive"):
        transport.fetch(KEY, max_bytes=1_000_000)


@pytest.mark.parametrize("address", ["https://plugins.example", "https://plugins.example/"])
def test_an_address_is_a_folder(address: str) -> None:
    assert HttpTransport(address).location == "https://plugins.example/"


@pytest.mark.parametrize(
    "address",
    [
        "https://user:s3cret@plugins.example/",
        "https://s3cret@plugins.example/",
        "https://:s3cret@plugins.example/",
        "http://user:s3cret@127.0.0.1/",
        "ftp://user:s3cret@plugins.example/",
        "https://plugins.example/?token=s3cret",
        "https://plugins.example/#s3cret",
        "http://plugins.example/?token=s3cret",
        "https://user:s3cret",
        "https://user:s3cret@[::1/",
        "https://user:s3cret\uff20plugins.example/",
    ],
)
def test_an_address_with_a_secret_is_refused_and_not_repeated(address: str) -> None:
    with pytest.raises(UsageError) as caught:
        HttpTransport(address)
    said = f"{caught.value} {caught.value.hint}"
    assert "s3cret" not in said
    assert "user" not in said


@pytest.mark.parametrize(
    "address",
    [
        *(
            "",
            "plugins.example",
            "/srv/plugins",
            "file:///srv/plugins",
            "ftp://plugins.example/",
            "http://plugins.example/",
        ),
        *("http://127.0.0.1.example/", "http://localhost.example/", "http://0.0.0.0/", "https://", "https:///path"),
        *("https://host:99999/", "https://host:x/", "https://host:0/", "javascript:alert(1)"),
    ],
)
def test_what_is_no_safe_address_is_refused(address: str) -> None:
    with pytest.raises(UsageError):
        HttpTransport(address)


@pytest.mark.parametrize(
    "address", ["http://localhost:8000/", "http://127.0.0.1:8000/x", "http://[::1]:8000/", "HTTPS://plugins.example/"]
)
def test_plain_http_is_for_this_machine_only(address: str) -> None:
    assert HttpTransport(address).location.startswith(address)
