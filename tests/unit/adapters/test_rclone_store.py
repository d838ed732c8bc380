"""What a store through rclone does beyond the contract of all stores; skipped where rclone is not installed."""

from __future__ import annotations

import os
import shutil
import signal
import stat
from typing import TYPE_CHECKING

import pytest

from pluginry.adapters.rclone_store import RcloneStore
from pluginry.errors import AuthError, PublishConflictError, TransportError, UsageError
from pluginry.model.published import CachePolicy, Phase, PublishedObject, json_node, json_page
from stores import a_package, at_once, tag_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from s3_servers import S3Server

KEY = "v1/index.json"
NODE = "v1/t/ab/node.json"


@pytest.fixture(autouse=True)
def _shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Configure a remote ``shelf`` that is a folder, and nothing of this machine."""
    for name in [name for name in os.environ if name.startswith(("RCLONE_", "AWS_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("RCLONE_CONFIG", "")
    monkeypatch.setenv("RCLONE_CONFIG_SHELF_TYPE", "alias")
    monkeypatch.setenv("RCLONE_CONFIG_SHELF_REMOTE", str(tmp_path / "shelf"))


needs_rclone = pytest.mark.skipif(shutil.which("rclone") is None, reason="rclone is not installed")


@pytest.fixture
def store() -> Iterator[RcloneStore]:
    with RcloneStore.open("rclone:shelf:", is_only_publisher=True) as opened:
        yield opened


@needs_rclone
class TestPublishing:
    def test_needs_somebody_to_say_that_there_is_one_publisher(self) -> None:
        with RcloneStore.open("rclone:shelf:") as store:
            assert list(store.list()) == []
            for work in (
                store.check,
                lambda: store.create(json_node(NODE, b"{}")),
                lambda: store.replace(json_page(KEY, b"{}"), expected=None),
            ):
                with pytest.raises(UsageError, match="conditional writes") as caught:
                    work()
                assert "--single-publisher" in caught.value.hint
            assert list(store.list()) == []

    def test_of_many_threads_one_creates(self, store: RcloneStore) -> None:
        assert sum(at_once(8, lambda number: store.create(json_node(NODE, b"%d" % number)))) == 1

    def test_of_many_threads_one_replaces(self, store: RcloneStore) -> None:
        store.create(json_page(KEY, b"start"))
        tag = tag_of(store, KEY)

        def replace(number: int) -> bytes:
            store.replace(json_page(KEY, b"%d" % number), expected=tag)
            return b"%d" % number

        assert [body for body in at_once(8, replace) if body] == [store.read(KEY)]

    def test_what_has_the_same_size_is_still_overwritten(self, store: RcloneStore) -> None:
        store.create(json_page(KEY, b"one"))
        for body in (b"two", b"six", b"ten"):
            store.replace(json_page(KEY, body), expected=tag_of(store, KEY))
            assert store.read(KEY) == body

    def test_the_time_is_that_of_writing_and_not_of_the_file(self, store: RcloneStore, tmp_path: Path) -> None:
        file = tmp_path / "package.zip"
        file.write_bytes(b"package")
        os.utime(file, (0, 0))
        store.create(a_package(file))
        found = store.find(a_package(file).key)
        assert found is not None
        assert found.modified_at.year > 2000

    def test_a_file_that_is_not_there_is_an_error_of_ours(self, store: RcloneStore, tmp_path: Path) -> None:
        with pytest.raises(TransportError, match="file cannot be read"):
            store.create(a_package(tmp_path / "nothing.zip"))

    @pytest.mark.parametrize("key", ["../secret", "/v1", "v1//x", "", "-rf/..", "a:b"])
    def test_no_key_leads_out_of_the_remote(self, store: RcloneStore, key: str) -> None:
        for work in (
            lambda: store.read(key),
            lambda: store.find(key),
            lambda: store.remove(key),
            lambda: store.create(json_page(key, b"")),
            lambda: store.replace(json_page(key, b""), expected=None),
        ):
            with pytest.raises(TransportError):
                work()

    @pytest.mark.parametrize("path", ["a b", "-x", "--help", "[a]", "a{b}c*?", "ü/ö", "$HOME", "a'b\"c"])
    def test_any_path_is_taken_as_it_is(self, tmp_path: Path, path: str) -> None:
        with RcloneStore.open(f"rclone:shelf:{path}", is_only_publisher=True) as store:
            store.create(json_page(KEY, b"{}"))
            assert [stored.key for stored in store.list()] == [KEY]
        assert (tmp_path / "shelf" / path / KEY).read_bytes() == b"{}"

    def test_type_and_cache_life_go_along(self, moto_server: S3Server, monkeypatch: pytest.MonkeyPatch) -> None:
        settings = {
            "TYPE": "s3",
            "PROVIDER": "Other",
            "ENDPOINT": moto_server.address,
            "ACCESS_KEY_ID": moto_server.access_key,
            "SECRET_ACCESS_KEY": moto_server.secret_key,
        }
        for name, value in settings.items():
            monkeypatch.setenv(f"RCLONE_CONFIG_MOTO_{name}", value)
        with RcloneStore.open(f"rclone:moto:{moto_server.bucket}/by-rclone", is_only_publisher=True) as store:
            store.create(
                PublishedObject(
                    key="index.html",
                    body=b"<!doctype html>",
                    media_type="text/html; charset=utf-8",
                    cache=CachePolicy.SHORT,
                    phase=Phase.PAGE,
                )
            )
            assert store.read("index.html") == b"<!doctype html>"
            assert [stored.key for stored in store.list()] == ["index.html"]
        head = moto_server.client().head_object(Bucket=moto_server.bucket, Key="by-rclone/index.html")
        assert (head["ContentType"], head["CacheControl"]) == ("text/html; charset=utf-8", CachePolicy.SHORT)
        monkeypatch.setenv("RCLONE_CONFIG_MOTO_SECRET_ACCESS_KEY", "wr0ng-secret")
        address = f"rclone:moto:{moto_server.bucket}/by-rclone"
        with (  # newer ones notice at once, and take it for something else
            pytest.raises((AuthError, TransportError)) as caught,
            RcloneStore.open(address, is_only_publisher=True) as store,
        ):
            store.create(json_page(KEY, b"{}"))
        assert "wr0ng-secret" not in f"{caught.value} {caught.value.hint}"

    def test_a_conflict_is_one(self, store: RcloneStore) -> None:
        with pytest.raises(PublishConflictError):
            store.replace(json_page(KEY, b"{}"), expected="a tag")


class TestAddresses:
    @pytest.mark.parametrize(
        "address",
        [
            "rclone:",
            "rclone:shelf",
            "rclone::memory:x",
            "rclone:,pass=s3cret:x",
            "rclone::webdav,pass=s3cret:x",
            "rclone:shelf,pass=s3cret:x",
            "rclone:--help:x",
            "rclone:she/lf:x",
            "rclone:shelf:a\nb",
        ],
    )
    def test_that_are_none_are_refused_and_not_repeated(self, address: str) -> None:
        with pytest.raises(UsageError, match="not a remote of rclone") as caught, RcloneStore.open(address):
            pass
        assert "s3cret" not in f"{caught.value} {caught.value.hint}"

    @needs_rclone
    def test_of_remotes_that_nobody_configured_are_errors(self) -> None:
        with pytest.raises(TransportError, match="rclone cannot"), RcloneStore.open("rclone:nobody:x"):
            pass


class TestTheProgram:
    def test_is_missed_in_words(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.setenv("PATH", str(tmp_path))
        with pytest.raises(UsageError, match="rclone is not installed"), RcloneStore.open("rclone:shelf:"):
            pass

    @pytest.mark.parametrize("script", ["exit 1", "echo 'it broke: https://x.example/?sig=s3cret' >&2; exit 2"])
    def test_that_does_not_start_is_an_error(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, script: str
    ) -> None:
        program = tmp_path / "rclone"
        program.write_text(f"#!/bin/sh\n{script}\n", "utf-8")
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        monkeypatch.setenv("PATH", str(tmp_path))
        with pytest.raises(TransportError, match="does not start") as caught, RcloneStore.open("rclone:shelf:"):
            pass
        assert "s3cret" not in str(caught.value)

    @needs_rclone
    def test_ends_with_the_store_and_listens_to_nobody_else(self) -> None:
        import urllib3

        with RcloneStore.open("rclone:shelf:", is_only_publisher=True) as store:
            store.create(json_page(KEY, b"{}"))
            daemon = store.daemon
            stranger = urllib3.request("POST", f"{daemon.address}operations/list", json={"fs": "/", "remote": ""})
            assert stranger.status == 401
            assert daemon.address.startswith("http://127.0.0.1:")
        with pytest.raises(urllib3.exceptions.HTTPError):
            urllib3.request("POST", daemon.address, retries=False)

    @needs_rclone
    def test_that_is_gone_is_an_error(self, store: RcloneStore) -> None:
        answer = store.daemon.connections.request("POST", f"{store.daemon.address}core/pid", json={})
        os.kill(answer.json()["pid"], signal.SIGKILL)
        with pytest.raises(TransportError, match="does not answer"):
            store.find(KEY)

    @needs_rclone
    def test_hears_nothing_of_settings_that_would_let_others_in(self, monkeypatch: pytest.MonkeyPatch) -> None:
        import urllib3

        monkeypatch.setenv("RCLONE_RC_NO_AUTH", "true")
        monkeypatch.setenv("RCLONE_LOG_LEVEL", "ERROR")
        with RcloneStore.open("rclone:shelf:", is_only_publisher=True) as store:
            address = f"{store.daemon.address}operations/list"
            assert urllib3.request("POST", address, json={"fs": "/", "remote": ""}).status in (401, 403)
