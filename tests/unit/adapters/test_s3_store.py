"""What an S3 store does beyond the contract of all stores."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fault_proxy import ALWAYS, FaultProxy, answering
from pluginry.errors import BusyError, TransportError
from pluginry.model.published import json_node, json_page
from s3_servers import moto
from stores import at_once, tag_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pluginry.adapters.s3_store import S3Store
    from s3_servers import S3Server

    OpenStore = Callable[..., S3Store]

KEY = "v1/index.json"
NODE = "v1/t/ab/node.json"


def several_stores(server: S3Server, open_s3_store: OpenStore) -> list[S3Store]:
    """Return the same empty store, opened eight times."""
    first = open_s3_store(server)
    stores = [first, *(open_s3_store(server, first.at.prefix) for _ in range(7))]
    for store in stores:
        store.check()
    return stores


class TestSeveralPublishers:
    @pytest.mark.parametrize("name", ["moto", "radosgw"])
    def test_of_many_who_create_one_does(
        self, request: pytest.FixtureRequest, open_s3_store: OpenStore, name: str
    ) -> None:
        stores = several_stores(request.getfixturevalue(f"{name}_server"), open_s3_store)
        made = at_once(8, lambda number: stores[number].create(json_node(NODE, b"%d" % number)) and b"%d" % number)
        assert [body for body in made if body] == [stores[0].read(NODE)]

    def test_of_many_who_replace_one_does(self, moto_server: S3Server, open_s3_store: OpenStore) -> None:
        stores = several_stores(moto_server, open_s3_store)
        stores[0].replace(json_page(KEY, b"start"), expected=None)
        tag = tag_of(stores[0], KEY)

        def replace(number: int) -> bytes:
            stores[number].replace(json_page(KEY, b"%d" % number), expected=tag)
            return b"%d" % number

        assert [body for body in at_once(8, replace) if body] == [stores[0].read(KEY)]

    @pytest.mark.parametrize("name", ["swift", "radosgw"])
    def test_without_if_match_the_second_is_told_that_somebody_publishes(
        self, request: pytest.FixtureRequest, open_s3_store: OpenStore, name: str
    ) -> None:
        first, second, *_ = several_stores(request.getfixturevalue(f"{name}_server"), open_s3_store)
        first.replace(json_page(KEY, b"one"), expected=None)
        tag = tag_of(second, KEY)
        with pytest.raises(BusyError, match="somebody else is publishing") as caught:
            second.replace(json_page(KEY, b"two"), expected=tag)
        assert "minutes" in caught.value.hint
        assert second.read(KEY) == b"one"
        assert [stored.key for stored in second.list()] == [KEY]
        first.close()
        second.replace(json_page(KEY, b"two"), expected=tag)
        assert first.read(KEY) == b"two"
        second.close()


class TestLists:
    def test_ten_thousand_keys_come_page_by_page_and_in_order(self, tmp_path: Path, open_s3_store: OpenStore) -> None:
        with moto(tmp_path, holds=10_000) as server, FaultProxy(server.address) as proxy:
            store = open_s3_store(server.behind(proxy.address), "n")
            keys = [stored.key for stored in store.list()]
            assert keys == sorted(map(str, range(10_000)))
            assert len(proxy.requests) == 10
            assert [stored.key for stored in store.list("999")] == ["999", *(f"999{digit}" for digit in range(10))]

    def test_what_cannot_be_ours_is_left_out(self, moto_store: S3Store) -> None:
        put = moto_store.client.put_object
        for name in ("a b", "a//b", "v1/ü", "v1/..", "good"):
            put(Bucket=moto_store.at.bucket, Key=moto_store.at.prefix + name, Body=b"")
        put(Bucket=moto_store.at.bucket, Key=moto_store.at.prefix.rstrip("/") + "-other/good", Body=b"")
        assert [stored.key for stored in moto_store.list()] == ["good"]

    def test_a_page_that_fails_is_asked_for_again(self, moto_store: S3Store, moto_proxy: FaultProxy) -> None:
        moto_store.create(json_node(NODE, b"{}"))
        moto_proxy.strike(answering(500), method="GET", times=2)
        assert [stored.key for stored in moto_store.list()] == [NODE]
        moto_proxy.strike(answering(500), method="GET", times=ALWAYS)
        with pytest.raises(TransportError):
            list(moto_store.list())
