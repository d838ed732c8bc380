"""What every `Transport` does, the one in memory that other tests use included; and what only a network can do."""

from __future__ import annotations

import io
import threading
from functools import cache
from typing import TYPE_CHECKING

import pytest

from loopback import LoopbackServer, raw
from memory_store import MemoryStore
from pluginry.adapters.folder_transport import FolderTransport
from pluginry.adapters.http_transport import HttpTransport
from pluginry.adapters.s3_transport import open_s3_transport
from pluginry.adapters.store_transport import StoreTransport
from pluginry.errors import ObjectMissingError, ObjectTooLargeError, TransportError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from pluginry.ports import SizedTransport, Transport
    from s3_servers import S3Server

OBJECTS = {
    "v1/index.json": b"{}",
    "v1/empty": b"",
    "v1/large.zip": bytes(range(256)) * 4000,
    "v1/targets/index/ab.root.json": b"root",
    "odd/a_b@2x+~=.png": b"picture",
}


@pytest.fixture(scope="session")
def filled(request: pytest.FixtureRequest) -> Callable[[str], S3Server]:
    """Return what gives a server whose bucket holds the objects; none of these tests changes them."""

    @cache
    def fill(name: str) -> S3Server:
        server: S3Server = request.getfixturevalue(f"{name}_server")
        client = server.client()
        for key, body in OBJECTS.items():
            client.put_object(Bucket=server.bucket, Key=f"read/{key}", Body=body)
        return server

    return fill


@pytest.fixture(params=["folder", "http", "memory", "store", "moto", "swift_tls"])
def transport(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    filled: Callable[[str], S3Server],
) -> Iterator[Transport]:
    if request.param == "memory":
        yield MemoryStore(location="memory", objects=dict(OBJECTS))
    elif request.param == "store":
        yield StoreTransport(MemoryStore(location="memory", objects=dict(OBJECTS)))
    elif request.param == "folder":
        for key, body in OBJECTS.items():
            path = tmp_path / "market" / key
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(body)
        (tmp_path / "secret").write_text("not published")
        yield FolderTransport(tmp_path / "market")
    elif request.param in ("moto", "swift_tls"):
        server = filled(request.param)
        for variable, value in server.environment.items():
            monkeypatch.setenv(variable, value)
        yield open_s3_transport(f"s3://{server.bucket}/read")
    else:
        with LoopbackServer(dict(OBJECTS)) as server:
            yield HttpTransport(server.address)


@pytest.mark.parametrize("key", OBJECTS)
def test_an_object_arrives_whole(transport: Transport, key: str) -> None:
    assert transport.fetch(key, max_bytes=2_000_000) == OBJECTS[key]


def test_a_download_is_appended_to_what_is_there(transport: Transport) -> None:
    stream = io.BytesIO()
    stream.write(b"before ")
    transport.download("v1/index.json", stream, max_bytes=100)
    assert stream.getvalue() == b"before {}"


@pytest.mark.parametrize("key", OBJECTS)
def test_progress_adds_up_to_the_size(transport: Transport, key: str) -> None:
    steps: list[int] = []
    transport.download(key, io.BytesIO(), max_bytes=2_000_000, progress=steps.append)
    assert sum(steps) == len(OBJECTS[key])


@pytest.mark.parametrize("key", OBJECTS)
def test_an_object_may_be_as_large_as_it_may_be(transport: Transport, key: str) -> None:
    assert transport.fetch(key, max_bytes=len(OBJECTS[key])) == OBJECTS[key]


@pytest.mark.parametrize("key", [key for key, body in OBJECTS.items() if body])
def test_an_object_that_is_larger_does_not_arrive(transport: Transport, key: str) -> None:
    with pytest.raises(ObjectTooLargeError):
        transport.fetch(key, max_bytes=len(OBJECTS[key]) - 1)


@pytest.mark.parametrize("key", ["v1/nothing.json", "v2/index.json", "v1/index.json.gz", "v1"])
def test_what_is_not_there_is_missing(transport: Transport, key: str) -> None:
    with pytest.raises(ObjectMissingError):
        transport.fetch(key, max_bytes=100)


@pytest.mark.parametrize("key", ["../secret", "v1/../../secret", "/secret", "v1//index.json", "", ".", "%2e%2e/secret"])
def test_no_key_leads_out_of_the_marketplace(transport: Transport, key: str) -> None:
    with pytest.raises(TransportError):
        transport.fetch(key, max_bytes=100)


def test_a_failure_does_not_spoil_what_comes_after(transport: Transport) -> None:
    for _ in range(3):
        with pytest.raises(TransportError):
            transport.fetch("v1/large.zip", max_bytes=10)
        with pytest.raises(ObjectMissingError):
            transport.fetch("v1/nothing.json", max_bytes=10)
        assert transport.fetch("v1/index.json", max_bytes=10) == b"{}"


def test_many_threads_can_read_at_once(transport: Transport) -> None:
    found: list[bytes] = []
    threads = [
        threading.Thread(target=lambda: found.append(transport.fetch("v1/large.zip", max_bytes=2_000_000)))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [OBJECTS["v1/large.zip"]] * 8


def test_its_location_is_for_people(transport: Transport) -> None:
    assert transport.location


@pytest.mark.parametrize("transport", ["folder", "http"], indirect=True)
def test_the_size_of_an_object_is_told_without_reading_it(transport: SizedTransport) -> None:
    for key, body in OBJECTS.items():
        assert transport.size_of(key) == len(body)
    for key in ("v1/nothing.json", "v1"):
        with pytest.raises(ObjectMissingError):
            transport.size_of(key)
    with pytest.raises(TransportError):
        transport.size_of("../secret")


def test_a_size_that_nobody_says_is_not_known() -> None:
    with LoopbackServer({}) as server:
        server.answers["v1/x"] = raw(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
        assert HttpTransport(server.address).size_of("v1/x") is None
