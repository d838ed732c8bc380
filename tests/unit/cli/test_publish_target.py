from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from command_line import pluginry
from fault_proxy import ALWAYS, FaultProxy, answering
from pluginry.adapters.folder_store import FolderStore
from pluginry.cli.publish_target import Target
from pluginry.errors import AuthError, TransportError, UsageError
from pluginry.model.published import json_page

if TYPE_CHECKING:
    from pathlib import Path

    from s3_servers import S3Server

COMMANDS = (
    ("publish",),
    ("gc",),
    ("advisories", "publish"),
    ("trust", "refresh"),
    ("trust", "status"),
    ("trust", "harden"),
)


def test_what_has_no_scheme_is_a_folder(tmp_path: Path) -> None:
    with Target(address=str(tmp_path / "dist")).open(writes=True) as store:
        assert isinstance(store, FolderStore)
        store.create(json_page("v1/index.json", b"{}"))
    assert (tmp_path / "dist/v1/index.json").is_file()


@pytest.mark.parametrize("place", ["", " ", ".", "..", "registry", "registry/plugins", "index", ".pluginry/dist"])
def test_nothing_is_published_into_what_it_is_made_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    workspace = tmp_path / "workspace"
    (workspace / "registry").mkdir(parents=True)
    monkeypatch.chdir(workspace)
    refused = pluginry("publish", place)
    assert refused.status == 2
    assert ("it is empty" if not place.strip() else "lie apart") in refused.err
    assert [path.name for path in workspace.iterdir()] == ["registry"]


@pytest.mark.parametrize(
    "place", ["dist", "../dist", "registry-of-dist", "s3://registry/index", "rclone:registry:index"]
)
def test_a_place_of_its_own_is_fine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    monkeypatch.chdir(tmp_path)
    Target(address=place).check_apart_from(tmp_path)


def test_a_bucket_is_opened_with_the_environment(moto_server: S3Server, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in moto_server.environment.items():
        monkeypatch.setenv(name, value)
    with Target(address=f"s3://{moto_server.bucket}/target").open(writes=True) as store:
        assert store.create(json_page("v1/index.json", b"{}"))
        assert store.parallelism > 1
    monkeypatch.delenv("AWS_ENDPOINT_URL")
    named = Target(address=f"s3://{moto_server.bucket}/target", endpoint_url=moto_server.address)
    with named.open(writes=False) as store:
        assert [stored.key for stored in store.list()] == ["v1/index.json"]


def test_a_bucket_is_tried_out_only_by_who_writes(moto_server: S3Server, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in moto_server.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wr0ng-secret")
    target = Target(address=f"s3://{moto_server.bucket}/target")
    with target.open(writes=False):
        pass
    with pytest.raises(AuthError), target.open(writes=True):
        pass


def test_a_store_that_nobody_runs_is_an_error_of_the_network(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "any")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "any")
    target = Target(address="s3://market", endpoint_url="http://127.0.0.1:1")
    with pytest.raises(TransportError), target.open(writes=True):
        pass


@pytest.mark.parametrize(
    "address",
    [
        "ftp://x/y",
        "https://plugins.example/",
        "gs://bucket",
        "file:///srv/x",
        "s3://",
        "s3://a b/",
        "rclone:x",
        __file__,
    ],
)
def test_what_is_no_target_is_refused(address: str) -> None:
    with pytest.raises(UsageError), Target(address=address).open(writes=True):
        pass


def test_an_endpoint_is_for_buckets() -> None:
    with pytest.raises(UsageError, match="--endpoint-url"):
        Target(address="dist", endpoint_url="https://s3.example.com").open(writes=False).__enter__()


def test_the_error_of_the_work_is_the_news_when_the_store_goes_away_too(
    swift_server: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    with FaultProxy(swift_server.address) as proxy:
        for name, value in swift_server.behind(proxy.address).environment.items():
            monkeypatch.setenv(name, value)
        target = Target(address=f"s3://{swift_server.bucket}/target")

        def fail() -> None:
            with target.open(writes=True) as store:
                store.replace(json_page("v1/index.json", b"{}"), expected=None)
                proxy.strike(answering(503), times=ALWAYS)
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            fail()


@pytest.mark.parametrize("words", COMMANDS)
def test_every_command_of_publishers_takes_a_target(words: tuple[str, ...]) -> None:
    help_text = pluginry(*words, "--help").out
    assert "[TARGET]" in help_text
    assert "--endpoint-url" in help_text
    assert ("--single-publisher" in help_text) == (words not in (("trust", "status"), ("trust", "harden")))
