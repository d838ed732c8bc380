"""``pluginry source add`` and ``test`` over a network: how a marketplace is reached, and what is said of it."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
import tomllib
from typing import TYPE_CHECKING

import pytest

from certificates import Authority
from command_line import Answer, Shelf
from loopback import LoopbackServer, answer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TOKEN = "s3cret-token"  # noqa: S105 - it opens nothing


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_FILE"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    monkeypatch.setenv("TOKEN", TOKEN)


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    shelf = Shelf.at(tmp_path)
    shelf.market.release("acme/demo")
    shelf.market.release("other/demo")
    shelf.publish()
    return shelf


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority.at(tmp_path / "authority")


@pytest.fixture
def server(shelf: Shelf, authority: Authority) -> Iterator[LoopbackServer]:
    with LoopbackServer(dict(shelf.market.objects), tls=authority.server()) as running:
        yield running


def add(shelf: Shelf, address: str, *options: str) -> Answer:
    return shelf.run("source", "add", "market", address, *options)


def sources_file(shelf: Shelf) -> str:
    return (shelf.home / "sources.toml").read_text("utf-8")


class TestAdd:
    def test_the_fingerprint_may_stand_in_the_address(
        self, shelf: Shelf, server: LoopbackServer, authority: Authority
    ) -> None:
        added = add(shelf, f"{server.address}#sha256:{shelf.fingerprint}", "--ca-file", str(authority.file))
        assert added.status == 0
        (source,) = tomllib.loads(sources_file(shelf))["sources"]
        assert (source["location"], source["root_sha256"]) == (server.address, shelf.fingerprint)
        assert not [key for key in server.requests if "#" in key or "sha256:" in key]

    def test_a_wrong_one_is_refused_and_nothing_is_added(
        self, shelf: Shelf, server: LoopbackServer, authority: Authority
    ) -> None:
        refused = add(shelf, f"{server.address}#sha256:{'0' * 64}", "--ca-file", str(authority.file))
        assert refused.status == 5
        assert not (shelf.home / "sources.toml").exists()

    def test_it_says_how_the_marketplace_is_reached_and_what_it_serves(
        self, shelf: Shelf, server: LoopbackServer, authority: Authority
    ) -> None:
        added = add(
            shelf,
            f"{server.address}#{shelf.fingerprint}",
            *("--ca-file", str(authority.file), "--credential", "env:TOKEN", "--namespace", "acme/*"),
        )
        assert "reached with the credential of env:TOKEN" in added.out
        assert f"reached vouched for by {authority.file}" in added.out
        assert "from here it serves acme/*: 1 of its 2 plugins" in added.out
        assert {headers["Authorization"] for headers in server.headers} == {f"Bearer {TOKEN}"}
        assert TOKEN not in added.out + added.err + sources_file(shelf)

    def test_every_later_command_reaches_it_the_same_way(
        self, shelf: Shelf, server: LoopbackServer, authority: Authority
    ) -> None:
        options = ("--ca-file", str(authority.file), "--credential", "env:TOKEN")
        add(shelf, f"{server.address}#{shelf.fingerprint}", *options)
        server.headers.clear()
        assert shelf.run("source", "refresh").status == 0
        assert {headers["Authorization"] for headers in server.headers} == {f"Bearer {TOKEN}"}

    def test_a_secret_as_an_option_is_refused_and_not_repeated(self, shelf: Shelf, server: LoopbackServer) -> None:
        refused = add(shelf, f"{server.address}#{shelf.fingerprint}", "--credential", TOKEN)
        assert refused.status == 2
        assert TOKEN not in refused.out + refused.err
        assert server.connections == 0

    def test_a_file_is_remembered_by_its_whole_path(
        self, shelf: Shelf, server: LoopbackServer, authority: Authority, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(authority.folder)
        (authority.folder / "token").write_text(TOKEN)
        options = ("--ca-file", authority.file.name, "--credential", "file:token")
        assert add(shelf, f"{server.address}#{shelf.fingerprint}", *options).status == 0
        monkeypatch.chdir(shelf.home)
        assert shelf.run("source", "refresh").status == 0

    def test_without_a_credential_it_says_that_one_is_needed(
        self, shelf: Shelf, server: LoopbackServer, authority: Authority
    ) -> None:
        server.answers["v1/metadata/1.root.json"] = answer("401 Unauthorized")
        refused = add(shelf, f"{server.address}#{shelf.fingerprint}", "--ca-file", str(authority.file))
        assert refused.status == 4
        assert "--credential" in refused.err

    def test_a_place_without_a_marketplace_is_told_from_one_that_is_away(
        self, shelf: Shelf, server: LoopbackServer, authority: Authority
    ) -> None:
        refused = add(shelf, f"{server.address}elsewhere/#{shelf.fingerprint}", "--ca-file", str(authority.file))
        assert refused.status == 3
        assert "there is no marketplace: it shows no v1/metadata/1.root.json" in refused.err
        assert "the folder v1/" in refused.err

    def test_a_stranger_is_told_from_both(self, shelf: Shelf, server: LoopbackServer) -> None:
        refused = add(shelf, f"{server.address}#{shelf.fingerprint}")
        assert refused.status == 3
        assert "its certificate is not trusted" in refused.err
        assert "--ca-file" in refused.err

    def test_its_mirrors_are_tried_too(
        self, shelf: Shelf, server: LoopbackServer, authority: Authority, tmp_path: Path
    ) -> None:
        (tmp_path / "empty").mkdir()
        options = ("--ca-file", str(authority.file), "--mirror", str(shelf.folder), "--mirror", str(tmp_path / "empty"))
        added = add(shelf, f"{server.address}#{shelf.fingerprint}", *options)
        assert added.status == 0
        assert f"  {shelf.folder}: current, serial 1" in added.out
        assert f"  {tmp_path / 'empty'}: unreachable" in added.out


def test_a_mistyped_key_of_the_access_is_not_taken_for_none(shelf: Shelf) -> None:
    shelf.add()
    text = sources_file(shelf) + '\n[sources.access]\ncredentials = "env:TOKEN"\n'
    (shelf.home / "sources.toml").write_text(text, "utf-8")
    refused = shelf.run("source", "list")
    assert refused.status == 1
    assert "credential" in refused.err


class TestTyping:
    def typed(self, shelf: Shelf, line: str) -> subprocess.CompletedProcess[str]:
        """Run the command on a terminal where somebody types `line`."""
        ours, theirs = pty.openpty()
        with os.fdopen(ours, "wb", buffering=0) as terminal, os.fdopen(theirs, "rb", buffering=0) as end:
            terminal.write(f"{line}\n".encode())
            command = [sys.executable, "-m", "pluginry", "source", "add", "market", str(shelf.folder)]
            process = subprocess.Popen(
                [*command, "--home", str(shelf.home)], stdin=end, stdout=subprocess.PIPE, stderr=end, text=True
            )
            out, _ = process.communicate(timeout=60)
            end.close()
            shown = b""
            try:
                while part := os.read(terminal.fileno(), 4096):
                    shown += part
            except OSError:  # the terminal was closed
                pass
        return subprocess.CompletedProcess(command, process.returncode, out, shown.decode())

    def test_the_fingerprint_is_typed_and_not_waved_through(self, shelf: Shelf) -> None:
        done = self.typed(shelf, f"sha256:{shelf.fingerprint}")
        assert done.returncode == 0, done.stderr
        assert "Added market" in done.stdout

    def test_what_was_found_is_not_shown_before(self, shelf: Shelf) -> None:
        done = self.typed(shelf, "y")
        assert done.returncode == 6
        assert shelf.fingerprint not in done.stdout + done.stderr
        assert not (shelf.home / "sources.toml").exists()

    def test_another_one_is_refused(self, shelf: Shelf) -> None:
        done = self.typed(shelf, "0" * 64)
        assert done.returncode == 6
        assert "not the fingerprint of its root" in done.stderr


class TestTest:
    def test_every_place_is_tried(self, shelf: Shelf, server: LoopbackServer, authority: Authority) -> None:
        options = ("--ca-file", str(authority.file), "--mirror", str(shelf.folder))
        add(shelf, f"{server.address}#{shelf.fingerprint}", *options)
        shelf.market.release("acme/demo", "1.1.0")
        shelf.publish()
        tried = shelf.run("source", "test", "market")
        assert tried.status == 0
        assert f"  {server.address}: behind, serial 1" in tried.out
        assert f"  {shelf.folder}: current, serial 2" in tried.out

    def test_programs_get_the_same(self, shelf: Shelf) -> None:
        shelf.add()
        (found,) = shelf.run("source", "test", "--json").data
        assert found == {
            "name": "market",
            "places": [{"location": str(shelf.folder), "verdict": "current", "serial": 1}],
        }

    def test_a_place_that_lies_is_worth_another_exit_status_than_one_that_is_away(
        self, shelf: Shelf, server: LoopbackServer, authority: Authority, tmp_path: Path
    ) -> None:
        options = ("--ca-file", str(authority.file), "--mirror", str(tmp_path / "copy"))
        shelf.folder.rename(tmp_path / "copy")
        add(shelf, f"{server.address}#{shelf.fingerprint}", *options)
        server.objects.clear()
        assert shelf.run("source", "test").status == 0
        timestamp = tmp_path / "copy" / "v1/metadata/timestamp.json"
        timestamp.write_bytes(timestamp.read_bytes().replace(b'"version":1', b'"version":9'))
        refused = shelf.run("source", "test")
        assert refused.status == 5
        assert f"  {tmp_path / 'copy'}: refused" in refused.out
        (tmp_path / "copy").rename(tmp_path / "away")
        assert shelf.run("source", "test").status == 3

    def test_a_name_that_nobody_has_is_not_found(self, shelf: Shelf) -> None:
        shelf.add()
        assert shelf.run("source", "test", "nobody").status == 7
