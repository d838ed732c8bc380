"""What edges compress on the way arrives as it was published; bombs and broken streams do not arrive."""

from __future__ import annotations

import gzip
import io
import tracemalloc
import zlib
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loopback import LoopbackServer, answer, dripping
from pluginry.adapters.content_encoding import unpacked
from pluginry.adapters.http_transport import HttpTransport
from pluginry.errors import ObjectTooLargeError, TransportError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

KEY = "v1/index.json"
BODY = b'{"plugins": ["acme/demo"]}' * 100


def plain(parts: Iterable[bytes], encoding: str = "gzip", *, max_bytes: int = 1 << 20) -> bytes:
    return b"".join(unpacked(parts, encoding, max_bytes=max_bytes, where="here"))


def in_parts(data: bytes, size: int) -> Iterator[bytes]:
    return (data[start : start + size] for start in range(0, len(data), size))


def bomb(size: int) -> bytes:
    """Return `size` zeros, compressed as far as gzip goes: a thousandth."""
    return gzip.compress(bytes(size), 9, mtime=0)


def nothing_for_ever(blocks: int) -> bytes:
    """Return a stream of that many empty blocks: it goes on and on, and holds nothing."""
    return gzip.compress(b"", mtime=0)[:10] + b"\0\0\0\xff\xff" * blocks


@pytest.fixture
def server() -> Iterator[LoopbackServer]:
    with LoopbackServer({}) as running:
        yield running


@given(st.binary(max_size=5000), st.integers(1, 400), st.integers(0, 9))
def test_whatever_was_compressed_comes_back_however_it_is_cut(body: bytes, size: int, level: int) -> None:
    packed = gzip.compress(body, level, mtime=0)
    assert plain(in_parts(packed, size), max_bytes=len(body)) == body


@given(st.integers(60_000, 70_000))
def test_what_unpacks_to_about_a_step_loses_nothing(size: int) -> None:
    body = bytes(size)
    assert plain([gzip.compress(body, mtime=0)], max_bytes=size) == body


@pytest.mark.parametrize("encoding", ["", "identity"])
def test_what_is_not_compressed_is_passed_on(encoding: str) -> None:
    assert plain([b"a", b"", b"bc"], encoding, max_bytes=3) == b"abc"
    with pytest.raises(ObjectTooLargeError):
        plain([b"a", b"bcd"], encoding, max_bytes=3)


def test_a_bomb_is_given_up_at_the_size_that_was_asked_for_and_fills_no_memory() -> None:
    packed = bomb(256 << 20)
    assert len(packed) < 300_000
    tracemalloc.start()
    try:
        with pytest.raises(ObjectTooLargeError):
            for _part in unpacked(in_parts(packed, 1 << 16), "gzip", max_bytes=64 << 20, where="here"):
                pass
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
    finally:
        tracemalloc.stop()


def test_a_part_of_a_bomb_unpacks_in_small_steps() -> None:
    sizes = [len(part) for part in unpacked([bomb(8 << 20)], "gzip", max_bytes=8 << 20, where="here")]
    assert (max(sizes), sum(sizes)) == (1 << 16, 8 << 20)


def test_a_bomb_within_a_bomb_is_only_unpacked_once() -> None:
    inner = bomb(1 << 20)
    assert plain([gzip.compress(inner, mtime=0)]) == inner


def test_a_stream_that_never_holds_anything_is_given_up() -> None:
    with pytest.raises(ObjectTooLargeError):
        plain(in_parts(nothing_for_ever(10_000), 1000), max_bytes=1000)
    endless_name = gzip.compress(b"", mtime=0)[:3] + b"\x08" + bytes(6) + b"x" * 50_000
    with pytest.raises(ObjectTooLargeError):
        plain(in_parts(endless_name, 1000), max_bytes=1000)


def test_a_server_that_splits_the_stream_into_many_blocks_is_understood() -> None:
    packer = zlib.compressobj(wbits=31)
    packed = [packer.compress(part) + packer.flush(zlib.Z_SYNC_FLUSH) for part in in_parts(BODY, 200)]
    assert plain([*packed, packer.flush()], max_bytes=len(BODY)) == BODY


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        BODY,
        gzip.compress(BODY)[:-1],
        gzip.compress(BODY)[:-8],
        gzip.compress(BODY)[:20],
        gzip.compress(BODY)[:-8] + b"\0" * 8,
        gzip.compress(BODY) + b"x",
        gzip.compress(BODY) + gzip.compress(BODY),
        zlib.compress(BODY),
        zlib.compress(BODY)[2:-4],
    ],
    ids=[
        *("nothing", "plain", "cut", "no checksum", "half", "wrong checksum"),
        *("something after", "two", "zlib", "raw deflate"),
    ],
)
@pytest.mark.parametrize("size", [1, 7, 1 << 16])
def test_what_is_no_whole_stream_does_not_arrive(broken: bytes, size: int) -> None:
    with pytest.raises(TransportError, match="cannot be unpacked") as caught:
        plain(in_parts(broken, size))
    assert not isinstance(caught.value, ObjectTooLargeError)


def test_an_object_that_an_edge_compressed_is_the_published_one(server: LoopbackServer) -> None:
    server.answers[KEY] = answer("200 OK", gzip.compress(BODY), content_encoding="gzip")
    steps: list[int] = []
    stream = io.BytesIO()
    HttpTransport(server.address).download(KEY, stream, max_bytes=len(BODY), progress=steps.append)
    assert stream.getvalue() == BODY
    assert sum(steps) == len(BODY)


def test_what_is_larger_once_it_is_unpacked_does_not_arrive(server: LoopbackServer) -> None:
    server.answers[KEY] = answer("200 OK", bomb(32 << 20), content_encoding="gzip")
    with pytest.raises(ObjectTooLargeError):
        HttpTransport(server.address).fetch(KEY, max_bytes=1 << 20)
    server.answers[KEY] = answer("200 OK", gzip.compress(BODY), content_encoding="GZIP")
    with pytest.raises(ObjectTooLargeError):
        HttpTransport(server.address).fetch(KEY, max_bytes=len(BODY) - 1)


@pytest.mark.parametrize("drop", [b"\0\0\0\xff\xff", b"x"], ids=["empty blocks", "a long name"])
def test_a_compressed_body_of_a_byte_at_a_time_does_not_hold_us(server: LoopbackServer, drop: bytes) -> None:
    flags = b"\x08" if drop == b"x" else b"\0"
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n\x1f\x8b\x08" + flags + bytes(6)
    server.answers[KEY] = dripping(head, drop)
    with pytest.raises(TransportError, match="takes too long to arrive"):
        HttpTransport(server.address, deadline_s=0.3).fetch(KEY, max_bytes=1 << 20)
