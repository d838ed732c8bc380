"""An S3 store whose answers are lost, late, broken, or somebody else's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from fault_proxy import (
    ALWAYS,
    FaultProxy,
    answering,
    cut_after,
    cut_before,
    cut_within,
    slow_answer,
    slow_request,
)
from pluginry.errors import PublishConflictError, TransportError
from pluginry.model.published import json_node, json_page
from stores import a_package, tag_of

if TYPE_CHECKING:
    from pathlib import Path

    from pluginry.adapters.s3_store import S3Store

KEY = "v1/index.json"
NODE = "v1/t/ab/node.json"


class TestFaults:
    """An answer that is lost must not be taken for a refusal, nor somebody else's object for our own."""

    @pytest.mark.parametrize("fault", [cut_after, answering(500, after=True), answering(503, after=True)])
    def test_who_created_and_was_not_told_did_create(
        self, moto_store: S3Store, moto_proxy: FaultProxy, fault: Any
    ) -> None:
        moto_proxy.strike(fault, method="PUT")
        assert moto_store.create(json_node(NODE, b"ours"))
        assert moto_store.read(NODE) == b"ours"
        assert not moto_store.create(json_node(NODE, b"ours"))

    @pytest.mark.parametrize("fault", [cut_before, cut_after, answering(503)])
    def test_who_was_interrupted_did_not_create_what_is_anothers(
        self, moto_store: S3Store, moto_proxy: FaultProxy, fault: Any
    ) -> None:
        moto_store.create(json_node(NODE, b"theirs"))
        moto_proxy.strike(fault, method="PUT")
        assert not moto_store.create(json_node(NODE, b"ours!!"))
        assert moto_store.read(NODE) == b"theirs"

    @pytest.mark.parametrize("body", [b"ours", b"ours and more", b"our"])
    def test_a_beginning_in_common_is_not_enough(
        self, moto_store: S3Store, moto_proxy: FaultProxy, body: bytes
    ) -> None:
        moto_store.create(json_node(NODE, body))
        moto_proxy.strike(cut_before, method="PUT")
        assert moto_store.create(json_node(NODE, b"ours")) == (body == b"ours")

    @pytest.mark.parametrize("fault", [cut_after, answering(500, after=True)])
    def test_who_replaced_and_was_not_told_did_replace(
        self, moto_store: S3Store, moto_proxy: FaultProxy, fault: Any
    ) -> None:
        moto_proxy.strike(fault, method="PUT")
        moto_store.replace(json_page(KEY, b"one"), expected=None)
        moto_proxy.strike(fault, method="PUT")
        moto_store.replace(json_page(KEY, b"two"), expected=tag_of(moto_store, KEY))
        assert moto_store.read(KEY) == b"two"

    def test_who_was_interrupted_did_not_replace_what_is_anothers(
        self, moto_store: S3Store, moto_proxy: FaultProxy
    ) -> None:
        moto_store.replace(json_page(KEY, b"one"), expected=None)
        old = tag_of(moto_store, KEY)
        moto_store.replace(json_page(KEY, b"theirs"), expected=old)
        moto_proxy.strike(cut_after, method="PUT")
        with pytest.raises(PublishConflictError):
            moto_store.replace(json_page(KEY, b"ours"), expected=old)
        assert moto_store.read(KEY) == b"theirs"

    def test_a_large_file_whose_end_was_not_answered_is_there(
        self, moto_store: S3Store, moto_proxy: FaultProxy, large_file: Path
    ) -> None:
        package = a_package(large_file)
        moto_proxy.strike(cut_after, method="POST", path="uploadId")
        assert moto_store.create(package)
        assert moto_store.find(package.key)
        moto_store.remove(package.key)

    def test_a_large_file_that_does_not_arrive_leaves_no_parts(
        self, moto_store: S3Store, moto_proxy: FaultProxy, large_file: Path
    ) -> None:
        moto_proxy.strike(answering(500), method="PUT", path="partNumber=3", times=ALWAYS)
        with pytest.raises(TransportError):
            moto_store.create(a_package(large_file))
        assert "Uploads" not in moto_store.client.list_multipart_uploads(
            Bucket=moto_store.at.bucket, Prefix=moto_store.at.prefix
        )
        assert list(moto_store.list()) == []

    @pytest.mark.parametrize("fault", [answering(503), answering(500), cut_before, slow_request(0.05)])
    def test_a_bad_moment_is_outlived(self, moto_store: S3Store, moto_proxy: FaultProxy, fault: Any) -> None:
        moto_proxy.strike(fault, times=2)
        assert moto_store.create(json_node(NODE, b"{}"))
        moto_proxy.strike(fault, times=2)
        assert moto_store.read(NODE) == b"{}"
        moto_proxy.strike(fault, times=2)
        assert moto_store.find(NODE)

    @pytest.mark.parametrize("fault", [answering(503), cut_before])
    def test_a_store_that_is_gone_is_an_error(self, moto_store: S3Store, moto_proxy: FaultProxy, fault: Any) -> None:
        moto_store.create(json_node(NODE, b"{}"))
        moto_proxy.strike(fault, times=ALWAYS)
        for work in (
            lambda: moto_store.read(NODE),
            lambda: moto_store.find(NODE),
            lambda: moto_store.create(json_node("v1/t/other", b"{}")),
            lambda: moto_store.replace(json_page(KEY, b"{}"), expected=None),
            lambda: list(moto_store.list()),
            lambda: moto_store.remove(NODE),
        ):
            with pytest.raises(TransportError):
                work()

    def test_half_an_answer_is_asked_for_again_but_not_for_ever(
        self, moto_store: S3Store, moto_proxy: FaultProxy
    ) -> None:
        moto_store.create(json_node(NODE, b"x" * 5000))
        moto_proxy.strike(cut_within, method="GET", times=2)
        assert moto_store.read(NODE) == b"x" * 5000
        moto_proxy.strike(cut_within, method="GET", times=ALWAYS)
        with pytest.raises(TransportError):
            moto_store.read(NODE)

    def test_a_slow_answer_arrives(self, moto_store: S3Store, moto_proxy: FaultProxy) -> None:
        moto_store.create(json_node(NODE, b"x" * 5000))
        moto_proxy.strike(slow_answer(0.01), method="GET")
        assert moto_store.read(NODE) == b"x" * 5000

    def test_when_two_conditional_writes_met_it_is_tried_again(
        self, moto_store: S3Store, moto_proxy: FaultProxy
    ) -> None:
        conflict = answering(409, b"<Error><Code>ConditionalRequestConflict</Code></Error>")
        moto_proxy.strike(conflict, method="PUT", times=3)
        assert moto_store.create(json_node(NODE, b"{}"))
        moto_proxy.strike(conflict, method="PUT", times=2)
        moto_store.replace(json_page(KEY, b"{}"), expected=None)
        assert [asked.method for asked in moto_proxy.requests] == ["PUT"] * 7

    @pytest.mark.parametrize("body", [b"", b"<html>Please log in</html>", b"<Error><Code>\x1b[31m</Code></Error>"])
    def test_an_answer_of_somebody_else_is_no_answer(
        self, moto_store: S3Store, moto_proxy: FaultProxy, body: bytes
    ) -> None:
        moto_proxy.strike(answering(418, body), times=ALWAYS)
        with pytest.raises(TransportError) as caught:
            moto_store.read(NODE)
        assert str(caught.value).isprintable()
