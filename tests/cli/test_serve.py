from __future__ import annotations

import http.client
import json
import signal
import socket
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from pluginry.cli.folder_server import FolderServer, Span, span_of
from pluginry.cli.serve import serve
from pluginry.model.headers import SAFETY, headers_of, headers_without

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TEN_BYTES = b"0123456789"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Make a small marketplace, with a secret beside it."""
    dist = tmp_path / "dist"
    (dist / "plugins" / "acme").mkdir(parents=True)
    (dist / "v1").mkdir()
    (dist / "empty").mkdir()
    (dist / "index.html").write_text("<!doctype html><title>Front</title>")
    (dist / "plugins" / "acme" / "index.html").write_text("<!doctype html><title>Acme</title>")
    (dist / "404.html").write_text("<!doctype html><title>Nothing here</title>")
    (dist / "v1" / "metadata").mkdir()
    (dist / "v1" / "metadata" / "1.root.json").write_text("{}")
    (dist / "v1" / "metadata" / "timestamp.json").write_text("{}")
    (dist / "v1" / "index.json").write_text("{}")
    (dist / "ten.zip").write_bytes(TEN_BYTES)
    (dist / ".hidden").write_text("hidden")
    (tmp_path / "secret.txt").write_text("secret")
    return dist


@pytest.fixture
def server(folder: Path) -> Iterator[FolderServer]:
    """Serve the folder on a free port of this machine."""
    with FolderServer(folder, host="127.0.0.1", port=0) as listening:
        thread = threading.Thread(target=listening.serve_forever, args=(0.01,))
        thread.start()
        yield listening
        listening.shutdown()
        thread.join()


class Reply:
    """What came back for a path that is sent as it stands."""

    def __init__(self, server: FolderServer, path: str, method: str = "GET", **headers: str) -> None:
        host, port = server.server_address[:2]
        connection = http.client.HTTPConnection(str(host), int(port), timeout=10)
        connection.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        response = connection.getresponse()
        self.status = response.status
        self.headers = response.headers
        self.body = response.read()
        connection.close()


@pytest.mark.parametrize(
    ("path", "key"),
    [
        ("/", "index.html"),
        ("/index.html?q=mail", "index.html"),
        ("/plugins/acme/", "plugins/acme/index.html"),
        ("/v1/index.json", "v1/index.json"),
        ("/v1/metadata/1.root.json", "v1/metadata/1.root.json"),
        ("/v1/metadata/timestamp.json", "v1/metadata/timestamp.json"),
        ("/ten.zip", "ten.zip"),
        ("/%74en.zip", "ten.zip"),
    ],
)
def test_every_object_comes_with_the_headers_that_are_defined_for_it(
    folder: Path, server: FolderServer, path: str, key: str
) -> None:
    reply = Reply(server, path)
    assert reply.status == 200
    assert reply.body == (folder / key).read_bytes()
    assert headers_of(key).items() <= dict(reply.headers).items()
    assert int(reply.headers["Content-Length"]) == len(reply.body) > 0
    assert ("Access-Control-Allow-Origin" in reply.headers) == key.startswith("v1/")


@pytest.mark.parametrize(
    ("suffix", "media_type"),
    [
        (".atom", "application/atom+xml"),
        (".webp", "image/webp"),
        (".svg", "image/svg+xml"),
        (".css", "text/css; charset=utf-8"),
        (".js", "text/javascript; charset=utf-8"),
        (".exe", "application/octet-stream"),
    ],
)
def test_every_kind_of_file_of_a_marketplace_is_known(
    folder: Path, server: FolderServer, suffix: str, media_type: str
) -> None:
    (folder / f"file{suffix}").write_text("x")
    assert Reply(server, f"/file{suffix}").headers["Content-Type"] == media_type


@pytest.mark.parametrize(
    "path",
    [
        "/../secret.txt",
        "/plugins/../../secret.txt",
        "/%2e%2e/secret.txt",
        "/..%2fsecret.txt",
        "/v1%2findex.json",
        "/v1%2Fmetadata/1.root.json",
        "/plugins%5cacme%5cindex.html",
        "/%00",
        "/%2e/index.html",
        "/%2ehidden",
        "http://elsewhere.example/index.html",
        "/plugins/..%5c..%5csecret.txt",
        "/plugins/%2e%2e%2f%2e%2e%2fsecret.txt",
        "//secret.txt",
        "//etc/passwd",
        "/./index.html",
        "/plugins//acme/index.html",
        "/.hidden",
        "/index.html%00.png",
        "/index.html/",
        "/link.txt",
        "/linked/secret.txt",
        "/circle",
        "/c:/windows/win.ini",
        "/missing.html",
        "/%ff%fe",
    ],
)
def test_nothing_outside_and_nothing_hidden_is_served(folder: Path, server: FolderServer, path: str) -> None:
    (folder / "link.txt").symlink_to(folder.parent / "secret.txt")
    (folder / "linked").symlink_to(folder.parent)
    (folder / "circle").symlink_to(folder / "circle")
    reply = Reply(server, path)
    assert reply.status == 404
    assert b"secret" not in reply.body
    assert reply.headers["X-Content-Type-Options"] == "nosniff"


def test_people_are_shown_a_page_and_programs_a_sentence_when_something_is_not_there(server: FolderServer) -> None:
    page, answer = Reply(server, "/plugins/gone/index.html"), Reply(server, "/v1/metadata/2.root.json")
    assert (page.status, page.headers["Content-Type"]) == (404, "text/html; charset=utf-8")
    assert b"Nothing here" in page.body
    assert (answer.status, answer.headers["Content-Type"]) == (404, "text/plain; charset=utf-8")


@pytest.mark.parametrize("key", ["v1/metadata/2.root.json", "v1/t/0f/0f.json", "gone.html", "v1/"])
def test_that_something_is_not_there_is_kept_for_a_minute_at_most(server: FolderServer, key: str) -> None:
    for method in ("GET", "HEAD"):
        reply = Reply(server, f"/{key}", method)
        assert reply.status == 404
        assert headers_without(key).items() <= dict(reply.headers).items()
        assert reply.headers["Cache-Control"] == "public, max-age=60, must-revalidate"


def test_without_a_page_for_it_a_sentence_says_that_there_is_nothing(folder: Path, server: FolderServer) -> None:
    (folder / "404.html").unlink()
    assert Reply(server, "/gone.html").body == b"There is no such file.\n"


def test_folders_are_not_listed(server: FolderServer) -> None:
    for path in ("/empty/", "/empty", "/v1/", "/plugins/"):
        assert Reply(server, path).status == 404


def test_a_folder_with_a_page_leads_to_it_without_naming_a_server(server: FolderServer) -> None:
    reply = Reply(server, "/plugins/acme")
    assert reply.status == 301
    assert reply.headers["Location"] == "acme/"


def test_head_has_the_headers_of_get_and_no_body(server: FolderServer) -> None:
    get, head = Reply(server, "/ten.zip"), Reply(server, "/ten.zip", "HEAD")
    assert head.status == 200
    assert head.body == b""
    for name in ("Content-Length", "Content-Type", "ETag", "Accept-Ranges"):
        assert head.headers[name] == get.headers[name]
    assert Reply(server, "/missing", "HEAD").body == b""


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "TRACE"])
def test_other_methods_are_refused(folder: Path, server: FolderServer, method: str) -> None:
    reply = Reply(server, "/ten.zip", method)
    assert reply.status == 501
    assert SAFETY.items() <= dict(reply.headers).items()
    assert (folder / "ten.zip").read_bytes() == TEN_BYTES


@pytest.mark.parametrize(
    ("asked", "body", "content_range"),
    [
        ("bytes=0-3", b"0123", "bytes 0-3/10"),
        ("bytes=4-", b"456789", "bytes 4-9/10"),
        ("bytes=-3", b"789", "bytes 7-9/10"),
        ("bytes=-99", TEN_BYTES, "bytes 0-9/10"),
        ("bytes=8-99", b"89", "bytes 8-9/10"),
    ],
)
def test_a_range_gives_a_part(server: FolderServer, asked: str, body: bytes, content_range: str) -> None:
    reply = Reply(server, "/ten.zip", Range=asked)
    assert reply.status == 206
    assert reply.body == body
    assert reply.headers["Content-Range"] == content_range


@pytest.mark.parametrize("asked", ["bytes=0-1,3-4", "lines=0-3", "bytes=5-2", "bytes=a-b", "bytes=-", "bytes=+1-3"])
def test_ranges_that_are_not_single_and_plain_give_the_whole(server: FolderServer, asked: str) -> None:
    reply = Reply(server, "/ten.zip", Range=asked)
    assert (reply.status, reply.body) == (200, TEN_BYTES)


@pytest.mark.parametrize("asked", ["bytes=10-", "bytes=99-100", "bytes=-0"])
def test_a_range_behind_the_end_is_refused_with_the_size(server: FolderServer, asked: str) -> None:
    reply = Reply(server, "/ten.zip", Range=asked)
    assert reply.status == 416
    assert reply.headers["Content-Range"] == "bytes */10"


def test_a_range_of_another_state_of_the_file_gives_the_whole(server: FolderServer) -> None:
    tag = Reply(server, "/ten.zip").headers["ETag"]
    assert Reply(server, "/ten.zip", Range="bytes=0-1", If_Range=tag).status == 206
    assert Reply(server, "/ten.zip", Range="bytes=0-1", If_Range='"older"').status == 200


def test_what_the_visitor_has_is_not_sent_again(server: FolderServer) -> None:
    tag = Reply(server, "/v1/metadata/1.root.json").headers["ETag"]
    for known in (tag, f'"older", {tag}', f"W/{tag}", "*"):
        reply = Reply(server, "/v1/metadata/1.root.json", If_None_Match=known)
        assert (reply.status, reply.body, reply.headers["ETag"]) == (304, b"", tag)
        assert headers_of("v1/metadata/1.root.json").items() <= dict(reply.headers).items()
    assert Reply(server, "/v1/metadata/1.root.json", If_None_Match='"older"').status == 200


def test_a_file_that_was_replaced_is_sent_again(folder: Path, server: FolderServer) -> None:
    tag = Reply(server, "/v1/index.json").headers["ETag"]
    (folder / "v1" / "index.json").write_text("{ }")
    reply = Reply(server, "/v1/index.json", If_None_Match=tag)
    assert (reply.status, reply.body) == (200, b"{ }")


def test_a_range_of_an_empty_file_cannot_be_had() -> None:
    with pytest.raises(ValueError, match="bytes=0-"):
        span_of("bytes=0-", 0)
    assert span_of("bytes=0-0", 1) == Span(0, 1)


def test_several_requests_share_a_connection_unless_one_has_a_body(server: FolderServer) -> None:
    host, port = server.server_address[:2]
    connection = http.client.HTTPConnection(str(host), int(port), timeout=10)
    for _ in range(3):
        connection.request("GET", "/ten.zip")
        assert connection.getresponse().read() == TEN_BYTES
    connection.request("GET", "/ten.zip", body=b"GET /v1/index.json HTTP/1.1\r\n\r\n")
    response = connection.getresponse()
    response.read()
    assert response.status == 200
    connection.close()
    with socket.create_connection((str(host), int(port)), timeout=10) as raw:
        smuggled = b"GET /v1/index.json HTTP/1.1\r\nHost: x\r\n\r\n"
        raw.sendall(b"GET /ten.zip HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(smuggled) + smuggled)
        answer = b"".join(iter(lambda: raw.recv(65536), b""))
    assert answer.count(b"HTTP/1.1 200") == 1


def test_a_visitor_who_leaves_early_disturbs_nobody(
    folder: Path, server: FolderServer, capfd: pytest.CaptureFixture[str]
) -> None:
    (folder / "large.zip").write_bytes(bytes(8 << 20))
    host, port = server.server_address[:2]
    with socket.create_connection((str(host), int(port)), timeout=10) as raw:
        raw.sendall(b"GET /large.zip HTTP/1.1\r\nHost: x\r\n\r\n")
        raw.recv(100)
    assert Reply(server, "/ten.zip").body == TEN_BYTES
    assert capfd.readouterr() == ("", "")


def test_the_command_serves_until_it_is_interrupted_and_ends_well(folder: Path) -> None:
    program = [sys.executable, "-c", "from pluginry.cli.main import run; run()", "serve", str(folder), "--port", "0"]
    with subprocess.Popen([*program, "--json"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        lines = []
        for line in process.stdout:
            lines.append(line)
            if line.startswith("}"):
                break
        address = json.loads("".join(lines))["url"]
        host, port = address.removeprefix("http://").rstrip("/").split(":")
        connection = http.client.HTTPConnection(host, int(port), timeout=10)
        connection.request("GET", "/index.html")
        assert connection.getresponse().status == 200
        connection.close()
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=20) == 0
        assert process.stdout.read() == ""
        assert process.stderr.read() == ""


def test_a_folder_that_is_not_there_is_said_to_be_missing(tmp_path: Path) -> None:
    result = CliRunner().invoke(serve, [str(tmp_path / "nowhere"), "--json"])
    assert result.exit_code == 7
    error = json.loads(result.stdout)["error"]
    assert error["what"] == "there is no marketplace to serve"
    assert "pluginry publish" in error["hint"]


def test_an_address_in_use_is_an_error_that_says_so(folder: Path, server: FolderServer) -> None:
    port = server.server_address[1]
    result = CliRunner().invoke(serve, [str(folder), "--port", str(port)])
    assert result.exit_code == 2
    assert "the address cannot be used" in result.stderr
    assert "--port 0" in result.stderr


def test_an_address_of_the_newer_kind_is_written_with_brackets(folder: Path) -> None:
    try:
        server = FolderServer(folder, host="::1", port=0)
    except OSError:  # this machine has no IPv6
        return
    with server:
        assert server.address.startswith("http://[::1]:")
