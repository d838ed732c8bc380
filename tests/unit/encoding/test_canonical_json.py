from __future__ import annotations

from enum import StrEnum
from typing import Any

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from pluginry.encoding import strict_json
from pluginry.encoding.canonical_json import encode, encode_line
from pluginry.errors import DocumentError

TEXT = st.text(st.characters(codec="utf-8"))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(1 - 2**53, 2**53 - 1) | TEXT,
    lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner),
    max_leaves=30,
)


class Colour(StrEnum):
    RED = "red"


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ({"b": 1, "a": [True, False, None]}, b'{"a":[true,false,null],"b":1}'),
        (
            {"é": "€", "z": '\x00\x1f"\\/\b\f\n\r\t\x7f'},
            '{"z":"\\u0000\\u001f\\"\\\\/\\b\\f\\n\\r\\t\x7f","é":"€"}'.encode(),
        ),
        # Keys go by their UTF-16 code units: the surrogates of an emoji come before U+FB33.
        ({"\ufb33": 1, "😀": 2, "1": 3, "10": 4, "": 5}, '{"":5,"1":3,"10":4,"😀":2,"\ufb33":1}'.encode()),
        ((1, (2,)), b"[1,[2]]"),
        (2**53 - 1, b"9007199254740991"),
        (-0, b"0"),
        ({"colour": Colour.RED}, b'{"colour":"red"}'),
    ],
)
def test_a_value_has_one_spelling(value: Any, written: bytes) -> None:
    assert encode(value) == written
    assert encode_line(value) == written + b"\n"


@given(VALUES)
def test_what_is_written_is_read_back_and_written_the_same(value: Any) -> None:
    data = encode(value)
    again = strict_json.parse(data, what="x", max_bytes=1 << 20, max_depth=100)
    assert again == value
    assert encode(again) == data
    assert b"\n" not in data


@given(st.dictionaries(TEXT, st.integers(0, 9)))
def test_the_order_of_keys_does_not_matter(value: dict[str, int]) -> None:
    assert encode(dict(reversed(value.items()))) == encode(value)


@pytest.mark.parametrize(
    ("value", "where"),
    [
        (1.0, ""),
        ({"a": [0, 0.5]}, "a[1]"),
        ({"a": {"b": float("nan")}}, "a.b"),
        ([float("inf")], "[0]"),
        ({"size": 2**53}, "size"),
        ({"size": -(2**53)}, "size"),
    ],
)
def test_numbers_that_readers_would_change_are_refused_by_place(value: Any, where: str) -> None:
    with pytest.raises(DocumentError, match="cannot be written as JSON") as caught:
        encode(value)
    assert caught.value.where == where
    assert "whole number" in caught.value.why


ENDLESS: list[Any] = []
ENDLESS.append(ENDLESS)


@pytest.mark.parametrize(
    "value",
    ["\ud800", {"\ud800": 1}, {1: 2}, {"a": object()}, b"bytes", {"s": {1, 2}}, ENDLESS],
    ids=["half-character", "half-key", "number-key", "object", "bytes", "set", "endless"],
)
def test_what_is_not_json_is_refused(value: Any) -> None:
    with pytest.raises(DocumentError, match="cannot be written as JSON"):
        encode(value)


WRITABLE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just(Colour.RED),
    lambda inner: st.lists(inner) | st.tuples(inner) | st.dictionaries(st.text(max_size=3) | st.integers(), inner),
    max_leaves=20,
)


@settings(max_examples=500)
@given(WRITABLE)
def test_the_quick_way_to_write_gives_the_bytes_of_the_exact_one_or_the_same_refusal(value: Any) -> None:
    """The reference implementation is held beside it for anything at all, also for what must not be written."""

    def exactly() -> bytes:
        refuse_inexact(value)
        return bytes(rfc8785.dumps(value))

    try:
        expected = exactly()
    except (rfc8785.CanonicalizationError, UnicodeEncodeError):
        with pytest.raises(DocumentError):
            encode(value)
    else:
        assert encode(value) == expected


def refuse_inexact(value: Any) -> None:
    """Refuse numbers that other readers may not keep: the reference writes floats."""
    if isinstance(value, float):
        raise rfc8785.FloatDomainError(value)
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ():
        refuse_inexact(inner)


def test_what_is_nested_beyond_reason_is_refused_in_words() -> None:
    deep: Any = []
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(DocumentError, match="cannot be written"):
        encode(deep)
