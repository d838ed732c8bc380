from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from command_line import pluginry
from pluginry.adapters.folder_store import FolderStore
from pluginry.cli.publish_target import Target
from pluginry.errors import AuthError, TransportError, UsageError
from pluginry.model.published import json_page

if TYPE_CHECKING:
    from s3_servers import S3Server

COMMANDS = (
    ("publish",),
    ("publish", "--plan"),
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
def test_what_is_no_target_is_refused_by_every_command(address: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError), Target(address=address).open(writes=True):
        pass
    assert not Path(address.partition(":")[0]).is_dir()


@pytest.mark.parametrize("words", COMMANDS)
def test_every_command_takes_an_endpoint_for_buckets_only(words: tuple[str, ...], tmp_path: Path) -> None:
    answer = pluginry(*words, str(tmp_path), "--endpoint-url", "https://s3.example.com", "--workspace", str(tmp_path))
    assert answer.status == 2
    help_text = pluginry(*words, "--help").out
    assert "[TARGET]" in help_text
    assert ("--single-publisher" in help_text) == (words not in (("trust", "status"), ("trust", "harden")))
