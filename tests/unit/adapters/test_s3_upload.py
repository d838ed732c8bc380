"""How objects get into an S3 store: what goes along, large files, and bodies that are changed on the way."""

from __future__ import annotations

import tracemalloc
from typing import TYPE_CHECKING, Any

import pytest

from fault_proxy import (
    ALWAYS,
    FaultProxy,
    changing,
)
from pluginry.adapters.s3_upload import WHOLE_BYTES
from pluginry.errors import (
    TransportError,
)
from pluginry.model.published import CachePolicy, Phase, PublishedObject, json_node
from stores import a_package

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pluginry.adapters.s3_store import S3Store
    from s3_servers import S3Server

    OpenStore = Callable[..., S3Store]

KEY = "v1/index.json"
NODE = "v1/t/ab/node.json"


def raw(store: S3Store, key: str) -> Any:
    return store.client.head_object(**store.at.name_of(key))


class TestWhatGoesAlong:
    def test_type_and_cache_life_are_kept_with_the_object(self, s3_server: S3Server, open_s3_store: OpenStore) -> None:
        store = open_s3_store(s3_server, is_only_publisher=True)
        store.create(json_node(NODE, b"{}"))
        store.replace(
            PublishedObject(
                key="index.html",
                body=b"<!doctype html>",
                media_type="text/html; charset=utf-8",
                cache=CachePolicy.SHORT,
                phase=Phase.PAGE,
            ),
            expected=None,
        )
        node, page = raw(store, NODE), raw(store, "index.html")
        assert (node["ContentType"], node["CacheControl"]) == ("application/json", CachePolicy.IMMUTABLE)
        assert (page["ContentType"], page["CacheControl"]) == ("text/html; charset=utf-8", CachePolicy.SHORT)

    def test_a_large_file_goes_in_parts_and_arrives_whole(
        self, s3_server: S3Server, open_s3_store: OpenStore, large_file: Path, tmp_path: Path
    ) -> None:
        store, package = open_s3_store(s3_server), a_package(large_file)
        assert store.create(package)
        head = raw(store, package.key)
        assert head["ETag"].strip('"').partition("-")[2] == "5"
        assert (head["ContentType"], head["CacheControl"]) == ("application/zip", CachePolicy.IMMUTABLE)
        assert store.read(package.key) == large_file.read_bytes()
        other = tmp_path / "other.zip"
        other.write_bytes(b"other")
        assert not store.create(package)
        assert not store.create(a_package(other))
        assert [stored.tag for stored in store.list()] == [head["ETag"]]
        store.remove(package.key)

    def test_no_file_is_held_in_memory(self, moto_server: S3Server, open_s3_store: OpenStore, tmp_path: Path) -> None:
        store, file = open_s3_store(moto_server), tmp_path / "medium.zip"
        with file.open("wb") as stream:
            stream.truncate(WHOLE_BYTES // 2)
        store.check()
        tracemalloc.start()
        try:
            assert store.create(a_package(file))
            assert tracemalloc.get_traced_memory()[1] < WHOLE_BYTES // 8
        finally:
            tracemalloc.stop()
        store.remove(a_package(file).key)

    def test_a_file_that_is_not_there_is_an_error_of_ours(self, moto_store: S3Store, tmp_path: Path) -> None:
        with pytest.raises(TransportError, match="file cannot be read"):
            moto_store.create(a_package(tmp_path / "nothing.zip"))

    @pytest.mark.parametrize("name", ["swift", "radosgw"])
    def test_a_body_that_was_changed_on_the_way_is_refused(
        self, request: pytest.FixtureRequest, open_s3_store: OpenStore, name: str
    ) -> None:
        server: S3Server = request.getfixturevalue(f"{name}_server")
        with FaultProxy(server.address) as proxy:
            store = open_s3_store(server.behind(proxy.address))
            store.check()
            proxy.strike(changing(lambda body: body.replace(b"good", b"evil")), method="PUT", path=NODE, times=ALWAYS)
            with pytest.raises(TransportError):
                store.create(json_node(NODE, b"good"))
            assert store.find(NODE) is None

    def test_over_tls_too_bodies_are_signed_and_have_a_length(
        self, swift_tls_server: S3Server, open_s3_store: OpenStore
    ) -> None:
        store = open_s3_store(swift_tls_server)
        sent: list[Any] = []
        store.client.meta.events.register("before-send.s3.PutObject", lambda request, **_: sent.append(request))
        assert store.create(json_node(NODE, b"{}"))
        for request in sent:
            assert request.url.startswith("https://127.0.0.1")
            assert len(request.headers["X-Amz-Content-SHA256"]) == 64
            assert "Transfer-Encoding" not in request.headers
            assert not [name for name in request.headers if name.lower() in ("x-amz-trailer", "content-encoding")]
