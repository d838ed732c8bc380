"""Edges are told what was replaced: at the port with canned answers of the service, and on a server that plays it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.stub import ANY, Stubber
from hypothesis import given
from hypothesis import strategies as st

import s3_servers
from pluginry.adapters.cloudfront import MOST_PATHS, MOST_WILDCARDS, CloudFront, open_cloudfront, paths_of
from pluginry.errors import TransportError, UsageError
from pluginry.model.layout import TIMESTAMP_KEY

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FOLDERS = ("plugins", "all", "tags", "docs", "v1/plugins", "v1/osv")
MANY = [f"{folder}/{number}/index.html" for folder in FOLDERS for number in range(100)]


def a_client() -> Any:
    keys = {"aws_access_key_id": "any", "aws_secret_access_key": "any"}
    return boto3.session.Session().client("cloudfront", region_name="us-east-1", **keys)


@pytest.fixture
def service() -> Iterator[tuple[CloudFront, Stubber]]:
    client = a_client()
    with Stubber(client) as stubber:
        yield CloudFront(client=client, name="E1", prefix="market/"), stubber


def test_every_replaced_object_is_named_and_a_folder_with_its_page() -> None:
    assert paths_of(["index.html", "plugins/acme/demo/index.html", "v1/index.json", TIMESTAMP_KEY]) == [
        "/index.html",
        "/",
        "/v1/index.json",
        "/plugins/acme/demo/index.html",
        "/plugins/acme/demo/",
        "/v1/metadata/timestamp.json",
    ]


def test_with_a_prefix_every_path_has_it() -> None:
    assert paths_of(["v1/index.json"], prefix="a/b/") == ["/a/b/v1/index.json"]


def test_when_there_are_many_whole_folders_are_named_but_never_packages() -> None:
    paths = paths_of([*MANY, "index.html", "v1/index.json", TIMESTAMP_KEY])
    assert paths == [
        *("/index.html", "/", "/v1/index.json", "/v1/metadata/timestamp.json"),
        *sorted(f"/{folder}/*" for folder in FOLDERS),
    ]


def test_when_there_are_too_many_folders_everything_is_named() -> None:
    keys = [f"folder{number}/{page}.html" for number in range(MOST_WILDCARDS + 1) for page in range(10)]
    assert paths_of(keys, prefix="a/") == ["/a/*"]


PARTS = st.sampled_from(["a", "b", "plugins", "v1", "metadata", "index.html", "x.json"])


@given(st.sets(st.lists(PARTS, min_size=1, max_size=4).map("/".join), max_size=400))
def test_whatever_was_replaced_is_named_within_the_limits(keys: set[str]) -> None:
    paths = paths_of(keys)
    wild = [path.removesuffix("*") for path in paths if path.endswith("*")]
    assert len(wild) <= MOST_WILDCARDS
    assert len(paths) <= MOST_PATHS + MOST_WILDCARDS
    for key in keys:
        assert f"/{key}" in paths or any(f"/{key}".startswith(start) for start in wild)


def test_one_invalidation_names_them_all(service: tuple[CloudFront, Stubber]) -> None:
    edges, stubber = service
    stubber.add_response(
        "create_invalidation",
        {},
        {
            "DistributionId": "E1",
            "InvalidationBatch": {
                "Paths": {"Quantity": 2, "Items": ["/market/v1/index.json", "/market/v1/metadata/timestamp.json"]},
                "CallerReference": ANY,
            },
        },
    )
    edges.expire([TIMESTAMP_KEY, "v1/index.json"])
    stubber.assert_no_pending_responses()


def test_nothing_is_said_when_nothing_was_replaced(service: tuple[CloudFront, Stubber]) -> None:
    edges, _ = service
    edges.expire([])


@pytest.mark.parametrize(
    ("code", "status"),
    [("AccessDenied", 403), ("NoSuchDistribution", 404), ("TooManyInvalidationsInProgress", 400), ("Unknown", 500)],
)
def test_a_refusal_says_that_the_publication_stays(service: tuple[CloudFront, Stubber], code: str, status: int) -> None:
    edges, stubber = service
    stubber.add_client_error("create_invalidation", code, "User: secret-name is not ...", status)
    with pytest.raises(TransportError, match=code) as caught:
        edges.expire([TIMESTAMP_KEY])
    assert "what was published stays" in caught.value.hint
    assert "secret-name" not in f"{caught.value} {caught.value.hint}"


def test_without_credentials_the_edges_are_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, "/nowhere/at-all")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with pytest.raises(TransportError, match="NoCredentialsError"):
        open_cloudfront("E1").expire([TIMESTAMP_KEY])
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    with pytest.raises(TransportError, match="ProfileNotFound"):
        open_cloudfront("E1")


@pytest.mark.parametrize("reference", ["", "e1", "E1 ", "E1/../x", "https://E1", "E1/a//b", "E1\n"])
def test_what_is_no_distribution_is_refused(reference: str) -> None:
    with pytest.raises(UsageError):
        open_cloudfront(reference)


@pytest.mark.parametrize(("reference", "prefix"), [("E1", ""), ("E1/", ""), ("E1/a/b", "a/b/"), ("E1/a/b/", "a/b/")])
def test_a_distribution_may_show_it_below_a_path(reference: str, prefix: str) -> None:
    edges = open_cloudfront(reference)
    assert (edges.name, edges.prefix) == ("E1", prefix)


def test_a_server_that_plays_the_service_accepts_what_is_sent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with s3_servers.moto(tmp_path) as server:
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)
        client = boto3.session.Session().client("cloudfront", region_name="us-east-1")
        made = client.create_distribution(
            DistributionConfig={
                "CallerReference": "x",
                "Comment": "",
                "Enabled": True,
                "Origins": {
                    "Quantity": 1,
                    "Items": [
                        {
                            "Id": "bucket",
                            "DomainName": "market.s3.amazonaws.com",
                            "S3OriginConfig": {"OriginAccessIdentity": ""},
                        }
                    ],
                },
                "DefaultCacheBehavior": {
                    "TargetOriginId": "bucket",
                    "ViewerProtocolPolicy": "redirect-to-https",
                    "MinTTL": 0,
                    "ForwardedValues": {"QueryString": False, "Cookies": {"Forward": "none"}},
                },
            }
        )
        name = made["Distribution"]["Id"]
        edges, understood = open_cloudfront(name), []
        edges.client.meta.events.register(
            "after-call.cloudfront.CreateInvalidation",
            lambda parsed, **_: understood.extend(parsed["Invalidation"]["InvalidationBatch"]["Paths"]["Items"]),
        )
        edges.expire([TIMESTAMP_KEY, *MANY])
        assert understood == paths_of([TIMESTAMP_KEY, *MANY])
        with pytest.raises(TransportError, match="NoSuchDistribution"):
            open_cloudfront("E0").expire([TIMESTAMP_KEY])
