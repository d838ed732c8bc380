from __future__ import annotations

import hashlib
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pluginry.errors import DocumentError
from pluginry.model.digest import CHUNK_BYTES, BlobRef, Digest, blob_ref_of_stream, chunks_of


@given(st.binary())
def test_a_digest_is_the_sha256_of_the_content(data: bytes) -> None:
    digest = Digest.of(data)
    assert digest.hex == str(digest) == hashlib.sha256(data).hexdigest()
    assert digest.short == digest.hex[:8]
    assert BlobRef.of(data) == BlobRef(sha256=digest, size=len(data))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ab",
        "a" * 63,
        "a" * 65,
        "A" * 64,
        "g" * 64,
        "a" * 63 + "\n",
        "a" * 64 + "\n",
        "../" + "a" * 61,
        "\u0661" * 64,
    ],
)
def test_nothing_else_is_a_digest(text: str) -> None:
    with pytest.raises(DocumentError, match="not a sha256 digest") as caught:
        Digest(text)
    assert "sha256sum" in caught.value.hint


@pytest.mark.parametrize("size", [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1])
def test_a_stream_has_the_reference_of_its_content(size: int) -> None:
    data = bytes(size)
    assert blob_ref_of_stream(io.BytesIO(data)) == BlobRef.of(data)


def test_only_what_is_left_of_a_stream_counts() -> None:
    stream = io.BytesIO(b"head" + b"tail")
    stream.read(4)
    assert blob_ref_of_stream(stream) == BlobRef.of(b"tail")


def test_pieces_of_a_stream_are_the_stream() -> None:
    data = bytes(CHUNK_BYTES) + b"end"
    assert [len(chunk) for chunk in chunks_of(io.BytesIO(data))] == [CHUNK_BYTES, 3]
    assert b"".join(chunks_of(io.BytesIO(data))) == data
