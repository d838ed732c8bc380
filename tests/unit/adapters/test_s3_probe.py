"""What S3 stores make of conditional writes, and what becomes of those that ignore them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fault_proxy import (
    ALWAYS,
    FaultProxy,
    answering,
    forgetting,
)
from pluginry.adapters.s3_probe import Conditions
from pluginry.errors import (
    PublishConflictError,
    TransportError,
    UsageError,
)
from pluginry.model.published import json_node, json_page
from s3_servers import moto
from stores import at_once, tag_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pluginry.adapters.s3_store import S3Store
    from s3_servers import S3Server

    OpenStore = Callable[..., S3Store]

KEY = "v1/index.json"
NODE = "v1/t/ab/node.json"


class TestConditions:
    @pytest.mark.parametrize(
        ("name", "expected"),
        [
            ("moto", Conditions(create=True, replace=True)),
            ("swift", Conditions(create=True, replace=False)),
            ("radosgw", Conditions(create=True, replace=False)),
        ],
    )
    def test_are_found_out_at_each_server(
        self, request: pytest.FixtureRequest, open_s3_store: OpenStore, name: str, expected: Conditions
    ) -> None:
        store = open_s3_store(request.getfixturevalue(f"{name}_server"))
        assert store.check() == expected
        assert store.client.list_objects_v2(Bucket=store.at.bucket, Prefix=store.at.prefix)["KeyCount"] == 0

    def test_are_found_out_once(self, moto_store: S3Store, moto_proxy: FaultProxy) -> None:
        moto_store.create(json_node(NODE, b"{}"))
        moto_store.check()
        assert [asked.method for asked in moto_proxy.requests] == ["PUT"]

    def test_a_store_that_fails_is_not_taken_for_one_that_cannot(
        self, moto_server: S3Server, moto_proxy: FaultProxy, open_s3_store: OpenStore
    ) -> None:
        store = open_s3_store(moto_server.behind(moto_proxy.address))
        moto_proxy.strike(answering(503), at=1, times=ALWAYS)
        with pytest.raises(TransportError):
            store.check()
        moto_proxy.clear()
        assert store.check() == Conditions(create=True, replace=True)


@pytest.fixture(scope="module")
def careless_moto(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """Yield a server that looks at no signature: a request may be changed on its way."""
    with moto(tmp_path_factory.mktemp("careless"), checks_signatures=False) as running:
        yield running


class TestStoresThatIgnoreConditions:
    @pytest.fixture
    def ignorant(self, careless_moto: S3Server) -> Iterator[S3Server]:
        with FaultProxy(careless_moto.address) as proxy:
            proxy.strike(forgetting("If-None-Match", "If-Match"), method="PUT", times=ALWAYS)
            yield careless_moto.behind(proxy.address)

    def test_are_refused_with_a_way_out(self, ignorant: S3Server, open_s3_store: OpenStore) -> None:
        store = open_s3_store(ignorant)
        with pytest.raises(UsageError, match="ignores conditional writes") as caught:
            store.create(json_node(NODE, b"{}"))
        assert "--single-publisher" in caught.value.hint
        assert list(store.list()) == []

    def test_are_good_enough_for_a_single_publisher(self, ignorant: S3Server, open_s3_store: OpenStore) -> None:
        store = open_s3_store(ignorant, is_only_publisher=True)
        assert store.check() == Conditions(create=False, replace=False)
        assert store.create(json_node(NODE, b"one"))
        assert not store.create(json_node(NODE, b"two"))
        store.replace(json_page(KEY, b"one"), expected=None)
        store.replace(json_page(KEY, b"two"), expected=tag_of(store, KEY))
        with pytest.raises(PublishConflictError):
            store.replace(json_page(KEY, b"three"), expected=None)
        assert (store.read(NODE), store.read(KEY)) == (b"one", b"two")
        store.close()

    def test_of_many_threads_of_the_single_publisher_one_creates(
        self, ignorant: S3Server, open_s3_store: OpenStore
    ) -> None:
        store = open_s3_store(ignorant, is_only_publisher=True)
        assert sum(at_once(8, lambda number: store.create(json_node(NODE, b"%d" % number)))) == 1

    def test_that_ignore_only_the_second_kind_get_a_lock(
        self, careless_moto: S3Server, open_s3_store: OpenStore
    ) -> None:
        with FaultProxy(careless_moto.address) as proxy:
            proxy.strike(forgetting("If-Match"), method="PUT", times=ALWAYS)
            store = open_s3_store(careless_moto.behind(proxy.address))
            assert store.check() == Conditions(create=True, replace=False)
