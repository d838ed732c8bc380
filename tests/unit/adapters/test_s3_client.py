from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from pluginry.adapters.s3_client import S3Location, is_amazon, open_client
from pluginry.errors import AuthError, TransportError, UsageError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def _nothing_of_this_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("AWS_ENDPOINT_URL", "AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))


class TestAddresses:
    @pytest.mark.parametrize(
        ("address", "bucket", "prefix"),
        [
            ("s3://market", "market", ""),
            ("s3://market/", "market", ""),
            ("s3://my.market-1/a", "my.market-1", "a/"),
            ("s3://market/a/b_c/", "market", "a/b_c/"),
        ],
    )
    def test_name_a_bucket_and_a_prefix(self, address: str, bucket: str, prefix: str) -> None:
        at = S3Location.parse(address)
        assert (at.bucket, at.prefix) == (bucket, prefix)
        assert at.name_of("v1/index.json") == {"Bucket": bucket, "Key": f"{prefix}v1/index.json"}
        assert str(at) == address.rstrip("/")
        assert at.address_of("v1/index.json") == f"{address.rstrip('/')}/v1/index.json"

    @pytest.mark.parametrize(
        "address",
        [
            "s3://",
            "s3:///a",
            "s3://x",
            "s3://market/../a",
            "s3://market//a",
            "s3://market/a b",
            "s3://market?endpoint=https://evil.example",
            "s3://market/a?x=1",
            "s3://market#f",
            "s3://AKIA:s3cret@market",
            "s3://-market",
            "s3://market-",
            "s3://mar\nket",
            "S3://market",
            "market",
        ],
    )
    def test_that_are_none_are_refused_and_not_repeated(self, address: str) -> None:
        with pytest.raises(UsageError, match="not the address of a bucket") as caught:
            S3Location.parse(address)
        assert "s3cret" not in f"{caught.value} {caught.value.hint}"

    @pytest.mark.parametrize("key", ["../other", "/v1", "v1//x", "", "."])
    def test_no_key_leads_out_of_the_prefix(self, key: str) -> None:
        with pytest.raises(TransportError):
            S3Location.parse("s3://market/a").name_of(key)


class TestClients:
    @pytest.mark.parametrize(
        "endpoint", ["http://s3.example.com", "http://169.254.1.2:9000", "https://AKIA:s3cret@s3.example.com"]
    )
    def test_show_nothing_secret_to_an_endpoint_that_others_can_overhear(self, endpoint: str) -> None:
        with pytest.raises(UsageError) as caught:
            open_client(endpoint, connections=1)
        assert "s3cret" not in f"{caught.value} {caught.value.hint}"

    @pytest.mark.parametrize("endpoint", ["nonsense", "https://", "https://a b"])
    def test_need_an_endpoint_that_is_an_address(self, endpoint: str) -> None:
        with pytest.raises(UsageError):
            open_client(endpoint, connections=1)

    @pytest.mark.parametrize("endpoint", ["http://127.0.0.1:9000", "http://localhost:9000", "https://s3.example.com"])
    def test_take_the_endpoint_from_the_environment(self, endpoint: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
        client = open_client(connections=1)
        assert client.meta.endpoint_url == endpoint
        assert not is_amazon(client)

    def test_prefer_the_endpoint_of_the_command(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("AWS_ENDPOINT_URL", "https://one.example.com")
        assert open_client("https://two.example.com", connections=1).meta.endpoint_url == "https://two.example.com"

    def test_speak_to_aws_when_nothing_else_is_said(self, monkeypatch: pytest.MonkeyPatch) -> None:
        assert is_amazon(open_client(connections=1))
        monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")
        assert open_client(connections=1).meta.region_name == "eu-central-1"

    def test_take_profile_and_way_of_addressing_from_the_configuration(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "config").write_text(
            "[profile shop]\nregion = eu-west-1\nendpoint_url = https://s3.example.com\n"
            "s3 =\n  addressing_style = virtual\n"
        )
        monkeypatch.setenv("AWS_PROFILE", "shop")
        client = open_client(connections=1)
        assert (client.meta.region_name, client.meta.endpoint_url) == ("eu-west-1", "https://s3.example.com")
        assert client.meta.config.s3["addressing_style"] == "virtual"
        assert client.meta.config.s3["payload_signing_enabled"]

    def test_say_so_when_there_is_no_such_profile(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("AWS_PROFILE", "nobody")
        with pytest.raises(AuthError):
            open_client(connections=1)

    def test_say_so_when_the_configuration_makes_no_sense(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("AWS_CA_BUNDLE", " ")
        with pytest.raises(UsageError):
            open_client(connections=1)

    def test_say_so_when_boto3_is_not_installed(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "boto3", None)
        with pytest.raises(UsageError, match="boto3") as caught:
            open_client(connections=1)
        assert "pip install" in caught.value.hint
