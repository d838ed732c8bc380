"""A marketplace in an object store: every command of its publishers, and clients that read the bucket itself."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from e2e.marketplace_on_disk import CACHE

if TYPE_CHECKING:
    from pathlib import Path

    from e2e.marketplace_on_disk import Workspace
    from s3_servers import S3Server

BUCKET = "s3://market/e2e"


@pytest.fixture(autouse=True)
def _nothing_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_PROFILE", "AWS_CA_BUNDLE", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def moto_bucket(moto_server: S3Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    for name, value in moto_server.environment.items():
        monkeypatch.setenv(name, value)
    return f"{BUCKET}-{tmp_path.name.lower().replace('_', '-')}"


def test_everything_a_publisher_does_with_a_folder_works_with_a_bucket(
    workspace: Workspace, moto_bucket: str, moto_server: S3Server
) -> None:
    published = workspace.pluginry("publish", moto_bucket)
    assert published["target"] == moto_bucket
    assert published["created"] > 100
    assert published["read_back"]["place"].startswith(moto_bucket)
    again = workspace.pluginry("publish", moto_bucket)
    assert (again["created"], again["serial"]) == (0, published["serial"])
    assert workspace.pluginry("build", "--check", moto_bucket)["equal"]
    assert workspace.pluginry("trust", "status", moto_bucket)["verdict"] == "fine"
    assert workspace.pluginry("trust", "refresh", moto_bucket)["replaced"] == ["v1/metadata/timestamp.json"]
    assert workspace.pluginry("advisories", "publish", moto_bucket)["added"] == []
    assert workspace.pluginry("gc", moto_bucket, "--plan")["objects"] == []
    head = moto_server.client().head_object
    prefix = moto_bucket.removeprefix("s3://market/")
    page = head(Bucket="market", Key=f"{prefix}/index.html")
    assert page["ContentType"].startswith("text/html")
    assert "max-age=60" in page["CacheControl"]


def test_a_client_installs_from_a_private_bucket(workspace: Workspace, moto_bucket: str) -> None:
    workspace.pluginry("publish", moto_bucket)
    workspace.pluginry("source", "add", "market", moto_bucket, "--fingerprint", workspace.fingerprint())
    workspace.pluginry("install", CACHE, "--accept-permissions", "network.dns:any")
    assert CACHE in str(workspace.pluginry("list"))


@pytest.mark.parametrize("name", ["swift", "radosgw"])
def test_a_store_without_if_match_is_published_to_under_a_lock(
    request: pytest.FixtureRequest, workspace: Workspace, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    server: S3Server = request.getfixturevalue(f"{name}_server")
    for variable, value in server.environment.items():
        monkeypatch.setenv(variable, value)
    workspace.pluginry("publish", BUCKET)
    workspace.pluginry("trust", "refresh", BUCKET)
    assert "Contents" not in server.client().list_objects_v2(Bucket="market", Prefix="e2e/v1/.store/")
    workspace.pluginry("source", "add", "market", BUCKET, "--fingerprint", workspace.fingerprint())
    workspace.pluginry("install", CACHE, "--accept-permissions", "network.dns:any")


@pytest.mark.skipif(shutil.which("rclone") is None, reason="rclone is not installed")
def test_a_remote_of_rclone_is_published_to_by_a_single_publisher(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RCLONE_CONFIG", "")
    monkeypatch.setenv("RCLONE_CONFIG_SHELF_TYPE", "alias")
    monkeypatch.setenv("RCLONE_CONFIG_SHELF_REMOTE", str(workspace.root / "shelf"))
    refused = workspace.pluginry("publish", "rclone:shelf:market", expect=2)
    assert "--single-publisher" in refused["error"]["hint"]
    workspace.pluginry("publish", "rclone:shelf:market", "--single-publisher")
    workspace.pluginry("trust", "refresh", "rclone:shelf:market", "--single-publisher")
    assert workspace.pluginry("trust", "status", "rclone:shelf:market")["verdict"] == "fine"
    assert workspace.pluginry("build", "--check", str(workspace.root / "shelf/market"))["equal"]


def test_what_is_wrong_with_a_store_is_said_before_anything_is_done(
    workspace: Workspace, moto_bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "no such bucket" in workspace.pluginry("publish", "s3://nowhere", expect=2)["error"]["what"]
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wr0ng-secret")
    for words in (
        ("publish",),
        ("trust", "status"),
        ("trust", "refresh"),
        ("advisories", "publish"),
        ("build", "--check"),
    ):
        error = workspace.pluginry(*words, moto_bucket, expect=4)["error"]
        assert "wr0ng-secret" not in str(error)
