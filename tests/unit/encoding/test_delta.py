"""Deltas of packages: any package from any other, and nothing hostile takes more than the promised size."""

from __future__ import annotations

import random

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from pluginry.encoding.delta import apply_delta, make_delta
from pluginry.errors import DocumentError

BASE = random.Random(1).randbytes(100_000)  # noqa: S311 - the same bytes each time
NEXT = BASE[:40_000] + b"something new" + BASE[41_000:]


@given(st.binary(max_size=2000), st.binary(max_size=2000))
def test_a_delta_leads_from_any_bytes_to_any_others(base: bytes, package: bytes) -> None:
    assert apply_delta(base, make_delta(base, package), size=len(package)) == package


def test_it_is_as_small_as_the_difference() -> None:
    delta = make_delta(BASE, NEXT)
    assert len(delta) < 200
    assert apply_delta(BASE, delta, size=len(NEXT)) == NEXT


def hostile() -> dict[str, bytes]:
    delta = make_delta(BASE, NEXT)
    endless = zstandard.ZstdCompressor(write_content_size=False).compress(bytes(64 << 20))
    return {
        "nothing": b"",
        "no delta": b"no delta",
        "cut short": delta[:-5],
        "more after it": delta + b"more",
        "another size": make_delta(BASE, NEXT + b"x"),
        "bomb": zstandard.compress(bytes(64 << 20)),
        "bomb without a size": endless,
        "flipped": delta[:20] + bytes([delta[20] ^ 255]) + delta[21:],
    }


@pytest.mark.parametrize("name", sorted(hostile()))
def test_what_does_not_lead_to_that_size_is_refused_or_another_package(name: str) -> None:
    try:
        package = apply_delta(BASE, hostile()[name], size=len(NEXT))
    except DocumentError:
        return
    assert package != NEXT
    assert len(package) == len(NEXT)


def test_a_size_beyond_all_packages_is_refused_before_anything_is_unpacked() -> None:
    with pytest.raises(DocumentError):
        apply_delta(b"", zstandard.compress(bytes(65 << 20)), size=65 << 20)


def test_with_another_base_comes_another_package_or_none() -> None:
    other = bytes(reversed(BASE))
    try:
        package = apply_delta(other, make_delta(BASE, NEXT), size=len(NEXT))
    except DocumentError:
        return
    assert package != NEXT
