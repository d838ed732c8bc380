from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pluginry.encoding.strict_json import parse, parse_lines
from pluginry.errors import DocumentError

TEXT = st.text(st.characters(codec="utf-8"))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(1 - 2**53, 2**53 - 1) | TEXT,
    lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner),
    max_leaves=30,
)


def read(data: bytes, *, max_bytes: int = 1 << 20, max_depth: int = 16) -> Any:
    return parse(data, what="x.json", max_bytes=max_bytes, max_depth=max_depth)


def refused(data: bytes) -> DocumentError:
    with pytest.raises(DocumentError) as caught:
        read(data)
    assert caught.value.where.startswith("x.json")
    return caught.value


@given(VALUES)
def test_whatever_json_writes_is_read_back(value: Any) -> None:
    assert read(json.dumps(value).encode(), max_depth=100) == value
    assert read(json.dumps(value, ensure_ascii=False, indent=1).encode(), max_depth=100) == value


@given(st.binary())
def test_no_bytes_are_able_to_raise_anything_else(data: bytes) -> None:
    with contextlib.suppress(DocumentError):
        assert read(data) == json.loads(data)


@given(st.text(st.sampled_from('[]{}",:\\u01d8 -9.eE\n'), max_size=80))
def test_no_json_like_text_is_able_to_raise_anything_else(text: str) -> None:
    try:
        value = read(text.encode())
    except DocumentError:
        return
    assert value == json.loads(text)


@pytest.mark.parametrize(
    ("data", "key"),
    [
        (b'{"a":1,"a":1}', "a"),
        (b'{"a":1,"b":2,"\\u0061":3}', "a"),
        (b'[{"x":{"version":1,"version":999}}]', "version"),
    ],
)
def test_a_repeated_key_is_refused_by_name(data: bytes, key: str) -> None:
    assert refused(data).why == f"the key {key!r} stands twice"


@pytest.mark.parametrize(
    "literal", ["1.0", "0.5", "-1.5", "1e3", "1E3", "1e-3", "1e999", "NaN", "Infinity", "-Infinity"]
)
def test_numbers_that_are_not_whole_are_refused(literal: str) -> None:
    assert refused(f'{{"a":{literal}}}'.encode()).why == f"{literal} is not a whole number"


@pytest.mark.parametrize("number", [2**53, -(2**53), 10**30, 10**5000], ids=["2^53", "-2^53", "10^30", "10^5000"])
def test_integers_that_floats_cannot_hold_are_refused(number: int) -> None:
    digits = str(number) if abs(number) < 10**100 else "1" + "0" * 5000
    assert "2^53" in refused(f"[{digits}]".encode()).why


def test_the_largest_exact_integers_are_read() -> None:
    assert read(b"[9007199254740991,-9007199254740991]") == [2**53 - 1, 1 - 2**53]


def test_depth_is_counted_in_levels_of_lists_and_mappings() -> None:
    assert read(b'[{"a":[1]}]', max_depth=3) == [{"a": [1]}]
    with pytest.raises(DocumentError, match="nested too deeply"):
        read(b'[{"a":[1]}]', max_depth=2)


def test_brackets_within_text_and_side_by_side_do_not_count_as_depth() -> None:
    assert read(b'["[[[[\\"[[[[", "{{{{\\\\", [], [], {}, {}]', max_depth=2) == ['[[[["[[[[', "{{{{\\", [], [], {}, {}]


@pytest.mark.parametrize("opening", [b"[", b'{"a":'])
def test_extreme_nesting_is_refused_before_it_is_parsed(opening: bytes) -> None:
    assert refused(opening * 100_000).what == "the document is nested too deeply"


@pytest.mark.parametrize("data", [b'"\\' + b'"\\' * 50_000 + b"[" * 20, b'"' + b"[" * 50_000])
def test_text_without_an_end_is_refused(data: bytes) -> None:
    assert "JSON" in refused(data).what


def test_a_byte_order_mark_is_refused() -> None:
    assert "byte order mark" in refused(b"\xef\xbb\xbf{}").why


@pytest.mark.parametrize(
    "data",
    [b'"\xff"', b'"\xed\xa0\x80"', b'"\xc0\xaf"', '{"a":1}'.encode("utf-16"), '{"a":1}'.encode("utf-32")],
    ids=["lone", "surrogate", "overlong", "utf-16", "utf-32"],
)
def test_other_encodings_are_refused(data: bytes) -> None:
    refused(data)


@pytest.mark.parametrize("data", [b'"\\ud800"', b'"\\uDFFF"', b'{"\\ud83d":1}', b'["\\ude00\\ud83d"]'])
def test_half_characters_are_refused(data: bytes) -> None:
    assert "half of a character" in refused(data).why


def test_an_escaped_pair_is_one_character() -> None:
    assert read(b'"\\ud83d\\ude00 \\\\ud800"') == "😀 \\ud800"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b" ",
        b"{} {}",
        b"[1],",
        b"{}x",
        b"{'a':1}",
        b"[1,]",
        b'{"a":1,}',
        b"// c\n{}",
        b'"a\nb"',
        b"01",
        b"+1",
        b"\0",
    ],
)
def test_what_is_not_json_is_refused(data: bytes) -> None:
    refused(data)


def test_a_syntax_error_tells_line_and_column() -> None:
    assert refused(b'{\n  "a": ,\n}').where == "x.json:2:8"


def test_size_is_checked_first() -> None:
    assert read(b"[1]", max_bytes=3) == [1]
    with pytest.raises(DocumentError, match="too large"):
        read(b"[1]", max_bytes=2)
    with pytest.raises(DocumentError, match="too large"):
        list(parse_lines(b"[1]\n", what="x", max_bytes=3))


def lines(data: bytes) -> list[tuple[int, Any]]:
    return list(parse_lines(data, what="ledger.jsonl", max_bytes=1000))


def test_lines_are_numbered_from_one() -> None:
    assert lines(b'{"a":1}\n{"b":2}\n') == [(1, {"a": 1}), (2, {"b": 2})]
    assert lines(b"") == []


@pytest.mark.parametrize(
    ("data", "where", "why"),
    [
        (b'{"a":1}', "ledger.jsonl:1", "does not end"),
        (b"{}\n{}", "ledger.jsonl:2", "does not end"),
        (b"{}\r\n{}\r\n", "ledger.jsonl:1", "line feed only"),
        (b"{}\n\n{}\n", "ledger.jsonl:2", "blank"),
        (b"{}\n  \n", "ledger.jsonl:2", "blank"),
        (b"\n", "ledger.jsonl:1", "blank"),
        (b'{}\n{"a":1,"a":2}\n', "ledger.jsonl:2", "stands twice"),
        (b"{}\n{} {}\n", "ledger.jsonl:2:1:4", "Extra data"),
        (b'{"a":\n1}\n', "ledger.jsonl:1", ""),
    ],
)
def test_a_line_that_breaks_the_form_is_refused_by_number(data: bytes, where: str, why: str) -> None:
    with pytest.raises(DocumentError) as caught:
        lines(data)
    assert caught.value.where.startswith(where)
    assert why in caught.value.why


def test_lines_before_a_broken_one_are_still_read() -> None:
    reader = parse_lines(b"1\nx\n", what="a", max_bytes=10)
    assert next(reader) == (1, 1)
    with pytest.raises(DocumentError):
        next(reader)
