"""What every server of a marketplace does: `pluginry serve`, and nginx and Caddy with the configurations we give."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import pytest

import web_servers
from busy_catalogue import busy_input
from catalogues import as_files
from pluginry.client.marketplace import Marketplace
from pluginry.client.plugin_home import PluginHome
from pluginry.hosts.connections import Connections
from pluginry.model.access import Access
from pluginry.model.advisory import Action
from pluginry.model.headers import FOR_EVERYBODY, SAFETY, headers_of, headers_without
from pluginry.model.published import MEDIA_TYPES
from pluginry.publisher.site import site
from simulated_client import install, versions_in
from simulator import Simulator

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from web_servers import Reply, WebServer

SERVERS: Final = {"serve": web_servers.own, "nginx": web_servers.nginx, "Caddy": web_servers.caddy}
OTHER_SHAPES_OF_THE_NAME: Final = (
    *("/../secret.txt", "/v1/../../secret.txt", "/%2e%2e/secret.txt", "/..%2fsecret.txt", "/v1/..%2f..%2fsecret.txt"),
    *("/%2e%2e%2fsecret.txt", "/..%5csecret.txt", "/..\\secret.txt", "/v1/%2e%2e/%2e%2e/secret.txt", "//secret.txt"),
    *("/....//secret.txt", "/..;/secret.txt", "/%252e%252e/secret.txt", "/%c0%ae%c0%ae/secret.txt", "/secret.txt%00"),
)


@pytest.fixture(scope="module")
def market() -> Simulator:
    found = Simulator(now=datetime.now(UTC))
    found.release("acme/demo", files={"notes.txt": b"many words " * 200}, platforms=["any", "linux-x86_64"])
    found.release("acme/bad")
    found.advise("PLG-2026-0001", "acme/bad", action=Action.DISABLE)
    found.publish()
    return found


@pytest.fixture(scope="module")
def folder(market: Simulator, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Publish a marketplace with pages, something hidden in it, and a secret beside it."""
    base = tmp_path_factory.mktemp("published")
    dist = market.write_to(base / "dist")
    for key, body in as_files(site(busy_input())).items():
        (dist / key).parent.mkdir(parents=True, exist_ok=True)
        (dist / key).write_bytes(body)
    (dist / ".hidden").write_bytes(b"secret")
    (dist / "v1" / ".pluginry-incoming-x").write_bytes(b"secret")
    (dist / "empty").mkdir()
    (base / "secret.txt").write_bytes(b"secret")
    return dist


@pytest.fixture(scope="module", params=SERVERS)
def server(
    request: pytest.FixtureRequest, folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[WebServer]:
    with SERVERS[request.param](folder, tmp_path_factory.mktemp("server")) as running:
        yield running


@pytest.fixture(scope="module")
def published(folder: Path) -> Mapping[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def assert_sends(reply: Reply, headers: Mapping[str, str]) -> None:
    assert {name: reply.headers.get(name.lower()) for name in headers} == headers


def test_every_object_has_its_bytes_and_the_headers_that_are_defined_for_it(
    server: WebServer, published: Mapping[str, bytes]
) -> None:
    ends = {end for end in MEDIA_TYPES if any(key.endswith(end) for key in published)}
    assert ends >= set(MEDIA_TYPES) - {".xml", ".png"}  # for marketplaces that know their address
    for key, body in published.items():
        reply = server.ask(f"/{key}")
        assert (key, reply.status, reply.body) == (key, 200, body)
        assert_sends(reply, headers_of(key))
        assert "content-encoding" not in reply.headers
        if not key.startswith("v1/"):
            assert FOR_EVERYBODY.keys().isdisjoint(name.title() for name in reply.headers)


@pytest.mark.parametrize("path", ["/", "/plugins/", "/docs/", "/docs/exit-codes/"])
def test_a_folder_shows_its_page_or_nothing_and_never_its_names(server: WebServer, folder: Path, path: str) -> None:
    reply = server.ask(path)
    page = folder / path.strip("/") / "index.html"
    if page.is_file():
        assert (reply.status, reply.body) == (200, page.read_bytes())
        assert_sends(reply, headers_of(f"{path.removeprefix('/')}index.html"))
    else:
        assert reply.status in (403, 404)


@pytest.mark.parametrize("path", ["/empty/", "/v1/", "/v1/t/", "/v1/packages/"])
def test_a_folder_without_a_page_is_not_listed(server: WebServer, path: str) -> None:
    reply = server.ask(path)
    assert reply.status in (403, 404)
    assert b".json" not in reply.body


@pytest.mark.parametrize("path", OTHER_SHAPES_OF_THE_NAME)
def test_nothing_beside_the_marketplace_is_served(server: WebServer, path: str) -> None:
    reply = server.ask(path)
    assert reply.status >= 400
    assert b"secret" not in reply.body


@pytest.mark.parametrize("path", ["/.hidden", "/%2ehidden", "/v1/.pluginry-incoming-x"])
def test_nothing_hidden_is_served(server: WebServer, path: str) -> None:
    reply = server.ask(path)
    assert reply.status == 404
    assert b"secret" not in reply.body


@pytest.mark.parametrize(
    "key", ["v1/metadata/2.root.json", "v1/t/0f/0f0f.json", "v1/packages/acme/demo/9.0.0/demo-9.0.0.zip", "v1/x.json"]
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_that_something_is_not_there_yet_is_soon_asked_again(server: WebServer, key: str, method: str) -> None:
    reply = server.ask(f"/{key}", method)
    assert reply.status == 404
    assert_sends(reply, headers_without(key))


def test_people_who_got_lost_are_shown_the_page_for_it(server: WebServer, published: Mapping[str, bytes]) -> None:
    reply = server.ask("/plugins/nobody/nothing/index.html")
    assert (reply.status, reply.body) == (404, published["404.html"])
    assert_sends(reply, {"Content-Type": "text/html; charset=utf-8", **SAFETY})


@pytest.mark.parametrize(
    "path", ["/embed/..%2findex.html", "/embed/x/..%2f..%2findex.html", "/embed/%2e%2e/index.html"]
)
def test_no_other_page_may_be_framed_by_a_detour(server: WebServer, path: str) -> None:
    assert "frame-ancestors 'none'" in server.ask(path).headers["content-security-policy"]


def test_head_says_what_get_says(server: WebServer) -> None:
    get, head = server.ask("/v1/index.json"), server.ask("/v1/index.json", "HEAD")
    assert (head.status, head.body) == (200, b"")
    for name in ("content-length", "content-type", "etag", "cache-control"):
        assert head.headers[name] == get.headers[name]


def test_what_somebody_has_is_not_sent_again(server: WebServer) -> None:
    tag = server.ask("/v1/metadata/1.root.json").headers["etag"]
    reply = server.ask("/v1/metadata/1.root.json", if_none_match=tag)
    assert (reply.status, reply.body) == (304, b"")
    assert reply.headers["cache-control"] == headers_of("v1/metadata/1.root.json")["Cache-Control"]
    assert server.ask("/v1/metadata/1.root.json", if_none_match='"other"').status == 200


def test_a_part_can_be_had(server: WebServer, market: Simulator) -> None:
    key = market.package_key("acme/demo", "1.0.0")
    body = market.objects[key]
    for asked, part in (("bytes=0-9", body[:10]), ("bytes=10-", body[10:]), ("bytes=-7", body[-7:])):
        reply = server.ask(f"/{key}", range=asked)
        assert (reply.status, reply.body) == (206, part)
        assert reply.headers["content-range"].endswith(f"/{len(body)}")
        assert_sends(reply, headers_of(key))
    assert server.ask(f"/{key}", range=f"bytes={len(body)}-").status == 416


def test_only_reading_is_answered(server: WebServer, folder: Path) -> None:
    before = (folder / "v1" / "index.json").read_bytes()
    for method in ("PUT", "DELETE", "POST"):
        assert server.ask("/v1/index.json", method, content_length="0").status >= 400
    assert (folder / "v1" / "index.json").read_bytes() == before


@pytest.mark.parametrize("kind", ["v1/index.json", "index.html", "package"])
def test_who_asks_for_it_may_get_it_compressed_and_has_the_same_bytes(
    server: WebServer, market: Simulator, published: Mapping[str, bytes], kind: str
) -> None:
    key = market.package_key("acme/demo", "1.0.0") if kind == "package" else kind
    reply = server.ask(f"/{key}", accept_encoding="gzip")
    is_packed = reply.headers.get("content-encoding") == "gzip"
    assert (gzip.decompress(reply.body) if is_packed else reply.body) == published[key]
    assert is_packed == (server.authority is not None), "the servers that we give configurations for do it"
    if is_packed:
        assert len(reply.body) < len(published[key])
        assert "accept-encoding" in reply.headers["vary"].lower()


def test_a_client_takes_it_as_a_source_and_installs(server: WebServer, market: Simulator, tmp_path: Path) -> None:
    client = Marketplace(home=PluginHome(tmp_path), connector=Connections(), now=lambda: market.now)
    access = Access(ca_file=str(server.authority or ""))
    client.add_source("market", server.address, fingerprint=market.fingerprint, access=access)
    install(client, "acme/demo")
    assert versions_in(client) == {"acme/demo": "1.0.0"}


def test_links_that_lead_out_of_the_marketplace_lead_nowhere(folder: Path, tmp_path: Path) -> None:
    """Caddy has nothing against links, and is left out: a publisher never makes any."""
    link, linked = folder / "link.txt", folder / "linked"
    link.symlink_to(folder.parent / "secret.txt")
    linked.symlink_to(folder.parent)
    try:
        for start in (web_servers.own, web_servers.nginx):
            with start(folder, tmp_path) as server:
                for path in ("/link.txt", "/linked/secret.txt"):
                    reply = server.ask(path)
                    assert reply.status in (403, 404)
                    assert b"secret" not in reply.body
    finally:
        link.unlink()
        linked.unlink()
