"""Credentials, certificates and proxies of an `HttpTransport`, over real connections on loopback."""

from __future__ import annotations

import base64
import socket
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from certificates import Authority
from connect_proxy import ConnectProxy
from loopback import LoopbackServer, answer, dripping
from pluginry.adapters.http_transport import HttpTransport
from pluginry.errors import AuthError, ObjectMissingError, PluginryError, TransportError, UsageError
from pluginry.model.access import Access

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

KEY = "v1/good"
TOKEN = "s3cret-token"  # noqa: S105 - it opens nothing
USER_PASSWORD = "ann:s3cret pass:word"  # noqa: S105 - nor does this
BASIC = f"Basic {base64.b64encode(USER_PASSWORD.encode()).decode()}"


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR", "NETRC"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    monkeypatch.setenv("TOKEN", TOKEN)
    monkeypatch.setenv("USER_PASSWORD", USER_PASSWORD)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority.at(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def server(authority: Authority) -> Iterator[LoopbackServer]:
    with LoopbackServer({KEY: b"good"}, tls=authority.server()) as running:
        yield running


@pytest.fixture
def ca_file(authority: Authority) -> str:
    return str(authority.file)


def fetch(server: LoopbackServer, **access: str) -> bytes:
    return HttpTransport(server.address, Access(**access)).fetch(KEY, max_bytes=10)


def said(error: PluginryError) -> str:
    """Return all that anybody gets to see of an error, and of those that it came from."""
    told = f"{error} {error.hint}"
    cause = error.__cause__
    while cause is not None:
        told += f" {cause} {cause!r}"
        cause = cause.__cause__ or cause.__context__
    return told


class TestCredentials:
    @pytest.mark.parametrize(("credential", "header"), [("env:TOKEN", f"Bearer {TOKEN}"), ("env:USER_PASSWORD", BASIC)])
    def test_they_are_sent_with_each_request(
        self, server: LoopbackServer, ca_file: str, credential: str, header: str
    ) -> None:
        transport = HttpTransport(server.address, Access(credential=credential, ca_file=ca_file))
        for _ in range(2):
            assert transport.fetch(KEY, max_bytes=4) == b"good"
        assert [headers["Authorization"] for headers in server.headers] == [header] * 2
        assert "s3cret" not in f"{transport!r} {transport.location}"

    def test_without_one_none_is_sent(self, server: LoopbackServer, ca_file: str) -> None:
        fetch(server, ca_file=ca_file)
        assert "Authorization" not in server.headers[0]

    def test_a_redirect_carries_them_nowhere(self, server: LoopbackServer, ca_file: str, authority: Authority) -> None:
        with LoopbackServer({KEY: b"evil"}, tls=authority.server()) as elsewhere:
            server.answers[KEY] = answer("302 Found", location=f"{elsewhere.address}{KEY}?key=s3cret-of-theirs")
            with pytest.raises(TransportError, match="sends us elsewhere") as caught:
                fetch(server, credential="env:TOKEN", ca_file=ca_file)
            assert elsewhere.connections == 0
        assert elsewhere.authority in caught.value.hint
        assert "s3cret" not in said(caught.value)

    def test_a_marketplace_that_wants_one_says_how_to_name_it(self, server: LoopbackServer, ca_file: str) -> None:
        server.answers[KEY] = answer("401 Unauthorized", www_authenticate='Bearer realm="x"')
        with pytest.raises(AuthError, match="asks for a credential") as caught:
            fetch(server, ca_file=ca_file)
        assert "--credential" in caught.value.hint

    def test_one_that_is_refused_is_not_shown(self, server: LoopbackServer, ca_file: str) -> None:
        server.answers[KEY] = answer("401 Unauthorized")
        with pytest.raises(AuthError, match="refuses the credential") as caught:
            fetch(server, credential="env:TOKEN", ca_file=ca_file)
        assert "s3cret" not in said(caught.value)
        assert server.requests == [KEY]

    def test_after_a_refusal_it_is_fetched_anew(
        self, server: LoopbackServer, ca_file: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        transport = HttpTransport(server.address, Access(credential="env:TOKEN", ca_file=ca_file))
        server.answers[KEY] = answer("401 Unauthorized")
        with pytest.raises(AuthError):
            transport.fetch(KEY, max_bytes=4)
        del server.answers[KEY]
        monkeypatch.setenv("TOKEN", "the-next")
        assert transport.fetch(KEY, max_bytes=4) == b"good"
        assert server.headers[-1]["Authorization"] == "Bearer the-next"

    def test_one_that_is_not_there_sends_nothing(self, server: LoopbackServer, ca_file: str) -> None:
        with pytest.raises(AuthError, match="NOWHERE"):
            fetch(server, credential="env:NOWHERE", ca_file=ca_file)
        assert server.connections == 0

    def test_what_may_not_be_read_is_missing_all_the_same(self, server: LoopbackServer, ca_file: str) -> None:
        server.answers[KEY] = answer("403 Forbidden")
        with pytest.raises(ObjectMissingError, match="HTTP 403"):
            fetch(server, credential="env:TOKEN", ca_file=ca_file)


class TestCertificates:
    def test_an_authority_of_ones_own_is_named_by_its_file(self, server: LoopbackServer, ca_file: str) -> None:
        assert fetch(server, ca_file=ca_file) == b"good"

    def test_or_by_the_environment(self, server: LoopbackServer, ca_file: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("SSL_CERT_FILE", ca_file)
        assert fetch(server) == b"good"

    def test_no_other_authority_counts_beside_the_one_that_is_named(
        self, server: LoopbackServer, ca_file: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("SSL_CERT_FILE", ca_file)
        with pytest.raises(TransportError, match="certificate"):
            fetch(server, ca_file=str(Authority.at(tmp_path, "another").file))
        assert server.requests == []

    def test_a_stranger_is_refused_and_the_user_told_what_to_do(self, server: LoopbackServer) -> None:
        with pytest.raises(TransportError, match="certificate") as caught:
            fetch(server, credential="env:TOKEN")
        assert "--ca-file" in caught.value.hint
        assert server.requests == []

    def test_a_certificate_for_another_host_is_no_certificate(self, server: LoopbackServer, ca_file: str) -> None:
        address = server.address.replace("127.0.0.1", "localhost")
        with pytest.raises(TransportError, match=r"localhost|[Hh]ostname|certificate"):
            HttpTransport(address, Access(ca_file=ca_file)).fetch(KEY, max_bytes=10)
        assert server.requests == []

    @pytest.mark.parametrize("content", [None, b"", b"-----BEGIN CERTIFICATE-----\nnonsense\n"])
    def test_a_file_without_authorities_is_no_file_of_authorities(
        self, server: LoopbackServer, tmp_path: Path, content: bytes | None
    ) -> None:
        if content is not None:
            (tmp_path / "ca.pem").write_bytes(content)
        with pytest.raises(UsageError, match=r"ca\.pem"):
            fetch(server, ca_file=str(tmp_path / "ca.pem"))

    def test_a_client_shows_its_certificate(self, authority: Authority, tmp_path: Path) -> None:
        staff = Authority.at(tmp_path, "staff")
        with LoopbackServer({KEY: b"good"}, tls=authority.server(demands=staff)) as server:
            mine = staff.issue("ann")
            assert fetch(server, ca_file=str(authority.file), client_certificate=str(mine)) == b"good"
            with pytest.raises(TransportError):
                fetch(server, ca_file=str(authority.file))
            theirs = authority.issue("eve")
            with pytest.raises(TransportError):
                fetch(server, ca_file=str(authority.file), client_certificate=str(theirs))

    def test_key_and_certificate_may_be_two_files(self, authority: Authority, tmp_path: Path) -> None:
        staff = Authority.at(tmp_path, "staff")
        key, mark, certificate = staff.issue("ann").read_text().partition("-----BEGIN CERTIFICATE")
        (tmp_path / "ann.key").write_text(key)
        (tmp_path / "ann.crt").write_text(mark + certificate)
        with LoopbackServer({KEY: b"good"}, tls=authority.server(demands=staff)) as server:
            got = fetch(
                server,
                ca_file=str(authority.file),
                client_certificate=str(tmp_path / "ann.crt"),
                client_key=str(tmp_path / "ann.key"),
            )
        assert got == b"good"

    def test_an_encrypted_key_asks_nobody(self, server: LoopbackServer, ca_file: str, tmp_path: Path) -> None:
        locked = Authority.at(tmp_path, "staff").issue("ann", password=b"s3cret")
        with pytest.raises(AuthError, match="client certificate cannot be used"):
            fetch(server, ca_file=ca_file, client_certificate=str(locked))


class TestProxies:
    def test_https_goes_through_the_proxy_of_the_environment(
        self, server: LoopbackServer, ca_file: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with ConnectProxy() as proxy:
            monkeypatch.setenv("HTTPS_PROXY", proxy.address)
            transport = HttpTransport(server.address, Access(credential="env:TOKEN", ca_file=ca_file))
            for _ in range(2):
                assert transport.fetch(KEY, max_bytes=4) == b"good"
        assert proxy.targets == [server.authority]
        assert "s3cret" not in str(proxy.headers)
        assert server.headers[0]["Authorization"] == f"Bearer {TOKEN}"

    @pytest.mark.parametrize("no_proxy", ["127.0.0.1", "*", "example.org, 127.0.0.1"])
    def test_but_not_for_hosts_that_need_none(
        self, server: LoopbackServer, ca_file: str, monkeypatch: pytest.MonkeyPatch, no_proxy: str
    ) -> None:
        monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
        monkeypatch.setenv("NO_PROXY", no_proxy)
        assert fetch(server, ca_file=ca_file) == b"good"

    def test_a_source_may_go_directly_or_through_another(
        self, server: LoopbackServer, ca_file: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
        assert fetch(server, ca_file=ca_file, proxy="direct") == b"good"
        with ConnectProxy() as proxy:
            assert fetch(server, ca_file=ca_file, proxy=proxy.address) == b"good"
        assert proxy.targets == [server.authority]

    @pytest.mark.parametrize("named_by", ["HTTPS_PROXY", "MY_PROXY"])
    def test_its_password_goes_to_the_proxy_and_to_nobody_else(
        self, server: LoopbackServer, ca_file: str, monkeypatch: pytest.MonkeyPatch, named_by: str
    ) -> None:
        accepts = f"Basic {base64.b64encode(b'ann:s3cret/word').decode()}"
        with ConnectProxy(accepts=accepts) as proxy:
            monkeypatch.setenv(named_by, f"http://ann:s3cret%2Fword@{proxy.authority}")
            access = {"proxy": f"env:{named_by}"} if named_by == "MY_PROXY" else {}
            transport = HttpTransport(server.address, Access(ca_file=ca_file, **access))
            assert transport.fetch(KEY, max_bytes=10) == b"good"
        assert "Proxy-Authorization" not in server.headers[0]
        assert "s3cret" not in repr(transport)

    def test_a_proxy_that_wants_a_password_is_named_without_one(
        self, server: LoopbackServer, ca_file: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with ConnectProxy(accepts="Basic else") as proxy:
            monkeypatch.setenv("HTTPS_PROXY", f"http://ann:s3cret@{proxy.authority}")
            with pytest.raises(AuthError, match="the proxy asks for a credential") as caught:
                fetch(server, ca_file=ca_file)
            assert caught.value.where == proxy.address
        assert "s3cret" not in said(caught.value)
        assert server.connections == 0

    def test_a_proxy_that_is_not_there_is_told_from_the_marketplace(
        self, server: LoopbackServer, ca_file: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("HTTPS_PROXY", "http://ann:s3cret@127.0.0.1:1")
        with pytest.raises(TransportError, match="the proxy does not let us through") as caught:
            fetch(server, ca_file=ca_file)
        assert (caught.value.where, "NO_PROXY" in caught.value.hint) == ("http://127.0.0.1:1", True)
        assert "s3cret" not in said(caught.value)

    def test_a_proxy_is_not_believed_in_place_of_the_marketplace(
        self, ca_file: str, tmp_path: Path, server: LoopbackServer
    ) -> None:
        with (
            LoopbackServer({KEY: b"evil"}, tls=Authority.at(tmp_path, "proxy").server()) as evil,
            ConnectProxy() as proxy,
        ):
            address = evil.address
            with pytest.raises(TransportError, match="certificate"):
                HttpTransport(address, Access(credential="env:TOKEN", ca_file=ca_file, proxy=proxy.address)).fetch(
                    KEY, max_bytes=10
                )
            assert evil.requests == []
        assert server.requests == []

    def test_a_proxy_that_speaks_tls_is_held_to_the_same_authority(
        self, server: LoopbackServer, ca_file: str, authority: Authority, tmp_path: Path
    ) -> None:
        with ConnectProxy(tls=authority.server()) as proxy:
            assert fetch(server, ca_file=ca_file, proxy=proxy.address) == b"good"
        with ConnectProxy(tls=Authority.at(tmp_path, "other").server()) as proxy, pytest.raises(TransportError):
            fetch(server, ca_file=ca_file, proxy=proxy.address)

    @pytest.mark.parametrize("tls", [False, True])
    def test_a_proxy_of_a_byte_at_a_time_does_not_hold_us(
        self, server: LoopbackServer, ca_file: str, authority: Authority, tls: bool
    ) -> None:
        slow = dripping(b"HTTP/1.0 200 ")
        with ConnectProxy(tls=authority.server() if tls else None, answer=slow) as proxy:
            transport = HttpTransport(server.address, Access(ca_file=ca_file, proxy=proxy.address), deadline_s=0.4)
            with pytest.raises(TransportError, match="takes too long"):
                transport.fetch(KEY, max_bytes=10)

    def test_plain_http_stays_on_this_machine(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
        monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
        with LoopbackServer({KEY: b"good"}) as server:
            assert HttpTransport(server.address).fetch(KEY, max_bytes=10) == b"good"


def test_a_server_that_never_ends_shaking_hands_does_not_hold_us(ca_file: str) -> None:
    greet = dripping(b"\x16\x03\x03\x40\x00", b"\x00")

    def accept(listening: socket.socket) -> None:
        connection, _ = listening.accept()
        with connection, suppress(OSError):
            greet(connection)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        threading.Thread(target=accept, args=(listening,), daemon=True).start()
        transport = HttpTransport(f"https://127.0.0.1:{listening.getsockname()[1]}/", Access(ca_file=ca_file))
        transport.deadline_s = 0.4
        with pytest.raises(TransportError, match="takes too long"):
            transport.fetch(KEY, max_bytes=10)
