"""What reading from a private bucket does beyond the contract of all transports."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from fault_proxy import ALWAYS, FaultProxy, answering, slow_answer
from pluginry.adapters.s3_transport import open_s3_transport
from pluginry.errors import AuthError, ObjectMissingError, TransportError, UsageError
from pluginry.hosts.connections import Connections
from pluginry.model.access import Access
from pluginry.model.published import json_node

if TYPE_CHECKING:
    from collections.abc import Callable

    from pluginry.adapters.s3_store import S3Store
    from s3_servers import S3Server

KEY = "v1/t/ab/node.json"


@pytest.fixture
def address(moto_store: S3Store, moto_proxy: FaultProxy) -> str:
    """Return where one object lies."""
    moto_store.create(json_node(KEY, b"{}"))
    moto_proxy.clear()
    return str(moto_store.at)


def test_what_a_publisher_wrote_is_read(s3_server: S3Server, open_s3_store: Callable[..., S3Store]) -> None:
    store = open_s3_store(s3_server)
    store.create(json_node(KEY, b"{}"))
    transport = Connections().transport(str(store.at))
    assert transport.fetch(KEY, max_bytes=10) == b"{}"
    assert transport.location == str(store.at)


def test_over_tls_the_authority_is_that_of_the_aws_environment(
    swift_tls_server: S3Server, open_s3_store: Callable[..., S3Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    store = open_s3_store(swift_tls_server)
    store.create(json_node(KEY, b"{}"))
    assert open_s3_transport(str(store.at)).fetch(KEY, max_bytes=10) == b"{}"
    monkeypatch.delenv("AWS_CA_BUNDLE")
    with pytest.raises(TransportError):
        open_s3_transport(str(store.at)).fetch(KEY, max_bytes=10)
    access = Access(ca_file=swift_tls_server.ca_file)
    assert open_s3_transport(str(store.at), access).fetch(KEY, max_bytes=10) == b"{}"


def test_a_wrong_secret_is_an_error_of_credentials_and_shown_nowhere(
    s3_server: S3Server, open_s3_store: Callable[..., S3Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    store = open_s3_store(s3_server)
    store.create(json_node(KEY, b"{}"))
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wr0ng-secret")
    with pytest.raises(AuthError) as caught:
        open_s3_transport(str(store.at)).fetch(KEY, max_bytes=10)
    assert caught.value.exit_status == 4
    said = f"{caught.value} {caught.value.hint}"
    assert not [secret for secret in ("wr0ng-secret", s3_server.access_key, "Signature=") if secret in said]


def test_without_credentials_nothing_is_asked_for(
    address: str, moto_proxy: FaultProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(AuthError, match="no credentials"):
        open_s3_transport(address)
    assert moto_proxy.requests == []


def test_no_credential_is_taken_from_elsewhere(address: str) -> None:
    with pytest.raises(UsageError, match="AWS environment"):
        open_s3_transport(address, Access(credential="env:TOKEN"))
    assert open_s3_transport(address, Access(credential="netrc")).fetch(KEY, max_bytes=10) == b"{}"


def test_who_may_not_see_what_is_missing_is_told_that_it_is(address: str, moto_proxy: FaultProxy) -> None:
    denied = answering(403, b"<Error><Code>AccessDenied</Code></Error>")
    moto_proxy.strike(denied, method="GET")
    with pytest.raises(ObjectMissingError):
        open_s3_transport(address).fetch("v1/t/no.json", max_bytes=10)


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (404, "NoSuchBucket", UsageError),
        (403, "RequestTimeTooSkewed", AuthError),
        (301, "PermanentRedirect", UsageError),
        (400, "ExpiredToken", AuthError),
        (400, "InvalidArgument", TransportError),
    ],
)
def test_what_the_store_says_has_one_meaning(
    address: str, moto_proxy: FaultProxy, status: int, code: str, kind: type[Exception]
) -> None:
    moto_proxy.strike(answering(status, f"<Error><Code>{code}</Code></Error>".encode()), times=ALWAYS)
    with pytest.raises(kind):
        open_s3_transport(address).fetch(KEY, max_bytes=10)


def test_an_object_that_drips_is_given_up_at_the_deadline(
    address: str, moto_store: S3Store, moto_proxy: FaultProxy
) -> None:
    moto_store.create(json_node("v1/t/large.json", bytes(100_000)))
    moto_proxy.strike(slow_answer(0.05), method="GET", times=ALWAYS)
    transport = open_s3_transport(address)
    transport.deadline_s = 0.3
    with pytest.raises(TransportError, match="too long"):
        transport.fetch("v1/t/large.json", max_bytes=200_000)
    transport.deadline_s = 30.0
    with Connections().time_limit(0.3), pytest.raises(TransportError, match="too long"):
        transport.fetch("v1/t/large.json", max_bytes=200_000)


def test_a_bad_moment_is_outlived(address: str, moto_proxy: FaultProxy) -> None:
    moto_proxy.strike(answering(503), method="GET", times=2)
    assert open_s3_transport(address).fetch(KEY, max_bytes=10) == b"{}"


def test_a_host_without_boto3_is_told_what_is_missing(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "boto3", None)
    with pytest.raises(UsageError, match="boto3"):
        Connections().transport(address)
