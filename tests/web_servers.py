"""Real web servers on loopback, with the configurations that this project gives to operators.

with nginx(folder, scratch) as server:
    reply = server.ask("/v1/index.json")

Nothing of a configuration is changed but names: the address, the folder and the certificate.
"""

from __future__ import annotations

import http.client
import shutil
import socket
import ssl
import subprocess
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from pluginry.cli.folder_server import FolderServer
from pluginry.encoding.data_folder import data_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

NAME, FOLDER = "plugins.example", "/srv/marketplace"
_TRIES, _STARTS_IN_S, _LOOK_EVERY_S = 3, 20.0, 0.05


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back; names of headers are in small letters."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(slots=True)
class WebServer:
    """A server at `address`: with TLS when the file `authority` vouches for its certificate."""

    port: int
    authority: Path | None = None
    _connection: http.client.HTTPConnection | None = field(default=None, init=False)

    @property
    def address(self) -> str:
        return f"{'https' if self.authority else 'http'}://127.0.0.1:{self.port}/"

    def ask(self, path: str, method: str = "GET", **headers: str) -> Reply:
        """Send a request for `path` as it stands; ``accept_encoding="gzip"`` adds a header."""
        if self._connection is None:
            self._connection = self._connect()
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            self._connection.putrequest(method, path, skip_accept_encoding=True)
            for name, value in sent.items():
                self._connection.putheader(name, value)
            self._connection.endheaders()
            response = self._connection.getresponse()
            body = response.read()
            return Reply(response.status, {name.lower(): value for name, value in response.getheaders()}, body)
        finally:
            if self._connection.sock is None:
                self._connection = None

    def _connect(self) -> http.client.HTTPConnection:
        if self.authority is None:
            return http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        context = ssl.create_default_context(cafile=str(self.authority))
        return http.client.HTTPSConnection("127.0.0.1", self.port, timeout=20, context=context)

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()


@contextmanager
def own(folder: Path, _scratch: Path) -> Iterator[WebServer]:
    """Run what `pluginry serve` runs."""
    with FolderServer(folder, host="127.0.0.1", port=0) as listening:
        thread = threading.Thread(target=listening.serve_forever, args=(0.01,))
        thread.start()
        server = WebServer(int(listening.server_address[1]))
        try:
            yield server
        finally:
            server.close()
            listening.shutdown()
            thread.join()


@contextmanager
def nginx(folder: Path, scratch: Path) -> Iterator[WebServer]:
    """Run nginx over `folder`, with everything that it writes in `scratch`."""
    program = _program("nginx")

    def prepare(port: int, certificate: Path) -> list[str]:
        site = _shipped("nginx.conf")
        site = _replaced(site, "listen 443 ssl;", f"listen 127.0.0.1:{port} ssl;")
        site = _replaced(site, FOLDER, str(folder))
        site = _replaced(site, "/etc/ssl/plugins.example.pem", str(certificate))
        site = _replaced(site, "/etc/ssl/private/plugins.example.key", str(certificate))
        kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        places = "".join(f"{kind}_temp_path {scratch / kind};\n" for kind in kinds)
        whole = scratch / "whole.conf"
        whole.write_text(
            f"daemon off;\nmaster_process off;\npid {scratch / 'pid'};\nerror_log stderr;\n"
            f"events {{ }}\nhttp {{\naccess_log off;\n{places}{site}}}\n"
        )
        return [program, "-p", str(scratch), "-e", "stderr", "-c", str(whole)]

    with _running(prepare, scratch) as server:
        yield server


@contextmanager
def caddy(folder: Path, scratch: Path) -> Iterator[WebServer]:
    """Run Caddy over `folder`, with everything that it writes in `scratch`."""
    program = _program("caddy")

    def prepare(port: int, certificate: Path) -> list[str]:
        site = _shipped("Caddyfile")
        site = _replaced(site, f"{NAME} {{", f"https://127.0.0.1:{port} {{\n\ttls {certificate} {certificate}")
        site = _replaced(site, FOLDER, str(folder))
        whole = scratch / "Caddyfile"
        options = f"admin off\nauto_https disable_redirects\nstorage file_system {scratch}\n"
        whole.write_text(f"{{\n{options}}}\n{site}")
        return [program, "run", "--config", str(whole), "--adapter", "caddyfile"]

    with _running(prepare, scratch) as server:
        yield server


def certificate_in(folder: Path) -> Path:
    """Make a file with a key, and a certificate for loopback that vouches for itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "loopback")])
    now = datetime.now(UTC)
    made = (
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
    path = folder / "loopback.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(private + made.public_bytes(Encoding.PEM))
    return path


def _program(name: str) -> str:
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


def _shipped(name: str) -> str:
    return (data_folder("site_templates") / "hosting" / name).read_text("utf-8")


def _replaced(text: str, old: str, new: str) -> str:
    assert text.count(old) == 1, old
    return text.replace(old, new)


@contextmanager
def _running(prepare: Callable[[int, Path], list[str]], scratch: Path) -> Iterator[WebServer]:
    certificate = certificate_in(scratch)
    for _ in range(_TRIES):  # somebody else may take the port before the server does
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        log = scratch / "log"
        with log.open("wb") as stream:
            process = subprocess.Popen(prepare(port, certificate), stdout=stream, stderr=stream, cwd=scratch)
        try:
            if _answers(port, process):
                server = WebServer(port, certificate)
                try:
                    yield server
                finally:
                    server.close()
                return
        finally:
            process.terminate()
            process.wait(timeout=20)
    pytest.fail(log.read_text("utf-8", "replace"))


def _answers(port: int, process: subprocess.Popen[bytes]) -> bool:
    for _ in range(int(_STARTS_IN_S / _LOOK_EVERY_S)):
        if process.poll() is not None:
            return False
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            threading.Event().wait(_LOOK_EVERY_S)
        else:
            return True
    return False
