"""What goes wrong between us and an S3 store, in our words, and nothing secret among them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fault_proxy import ALWAYS, FaultProxy, answering
from pluginry.adapters.s3_store import S3Store
from pluginry.errors import (
    AuthError,
    ObjectMissingError,
    PluginryError,
    TransportError,
    UsageError,
)
from pluginry.model.published import json_node

if TYPE_CHECKING:
    from collections.abc import Callable

    from s3_servers import S3Server

    OpenStore = Callable[..., S3Store]

KEY = "v1/index.json"
NODE = "v1/t/ab/node.json"


class TestCredentials:
    def test_a_wrong_secret_is_an_error_of_credentials(
        self, s3_server: S3Server, open_s3_store: OpenStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        store = open_s3_store(s3_server)
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wr0ng-secret")
        store = S3Store.open(str(store.at))
        for work in (
            lambda: store.read(KEY),
            lambda: store.find(KEY),
            lambda: list(store.list()),
            lambda: store.create(json_node(NODE, b"{}")),
        ):
            with pytest.raises(AuthError) as caught:
                work()
            assert caught.value.exit_status == 4
            assert_says_nothing_secret(caught.value, "wr0ng-secret", s3_server.access_key)

    def test_an_unknown_key_is_an_error_of_credentials(
        self, s3_server: S3Server, open_s3_store: OpenStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        store = open_s3_store(s3_server)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "nobody")
        store = S3Store.open(str(store.at))
        with pytest.raises(AuthError):
            store.check()

    def test_none_at_all_is_an_error_of_credentials(
        self, moto_server: S3Server, open_s3_store: OpenStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        store = open_s3_store(moto_server)
        monkeypatch.delenv("AWS_ACCESS_KEY_ID")
        monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
        with pytest.raises(AuthError, match="no credentials") as caught:
            S3Store.open(str(store.at)).find(KEY)
        assert "AWS_PROFILE" in caught.value.hint

    @pytest.mark.parametrize(
        ("status", "code", "kind"),
        [
            (403, "AccessDenied", AuthError),
            (400, "ExpiredToken", AuthError),
            (403, "RequestTimeTooSkewed", AuthError),
            (400, "AuthorizationHeaderMalformed", UsageError),
            (404, "NoSuchBucket", UsageError),
            (404, "NoSuchKey", ObjectMissingError),
            (400, "InvalidRequest", TransportError),
            (411, "MissingContentLength", TransportError),
        ],
    )
    def test_what_the_store_says_has_one_meaning(
        self, moto_store: S3Store, moto_proxy: FaultProxy, status: int, code: str, kind: type[PluginryError]
    ) -> None:
        body = f"<Error><Code>{code}</Code><Message>Signature=abc Credential=def</Message></Error>"
        moto_proxy.strike(answering(status, body.encode()), times=ALWAYS)
        with pytest.raises(kind) as caught:
            moto_store.read(NODE)
        assert type(caught.value) is kind
        assert_says_nothing_secret(caught.value, "Signature", "Credential")

    def test_a_bucket_that_is_not_there_is_said_so(self, s3_server: S3Server, open_s3_store: OpenStore) -> None:
        open_s3_store(s3_server)
        store = S3Store.open("s3://no-such-bucket")
        for work in (store.check, lambda: list(store.list()), lambda: store.read(KEY)):
            with pytest.raises(UsageError, match="no such bucket"):
                work()

    def test_the_location_names_the_endpoint_unless_it_is_that_of_aws(
        self, moto_server: S3Server, open_s3_store: OpenStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert open_s3_store(moto_server, "a/b").location == f"s3://market/a/b at {moto_server.address}"
        monkeypatch.delenv("AWS_ENDPOINT_URL")
        assert S3Store.open("s3://market").location == "s3://market"
        assert S3Store.open("s3://market", endpoint_url="https://s3.example.com").location.endswith("s3.example.com")


def assert_says_nothing_secret(error: PluginryError, *secrets: str) -> None:
    said = f"{error.what} {error.where} {error.why} {error.hint}"
    assert not [secret for secret in secrets if secret in said]
