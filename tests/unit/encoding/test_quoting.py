from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pluginry.encoding.quoting import enumerated, path_as_text, quoted


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("mail", "'mail'"),
        (3, "3"),
        (True, "true"),
        (None, "nothing"),
        ({"a": 1}, "a mapping"),
        ([1], "a list"),
        ("x" * 61, "'" + "x" * 60 + "'..."),
        ("\u202egnp", "'\\u202egnp'"),
        ("a\n::error::b", "'a\\n::error::b'"),
    ],
)
def test_a_value_is_shown_as_a_short_phrase(value: object, shown: str) -> None:
    assert quoted(value) == shown


@given(st.text() | st.integers() | st.lists(st.text()) | st.dictionaries(st.text(), st.text()))
def test_whatever_is_quoted_stays_on_one_printable_line(value: object) -> None:
    assert quoted(value).isprintable()
    assert len(quoted(value)) < 700


@given(st.lists(st.text() | st.integers(min_value=0)))
def test_whatever_place_is_written_stays_on_one_printable_line(path: list[str | int]) -> None:
    assert path_as_text(tuple(path)).isprintable()


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ((), ""),
        (("artifacts", 0, "sha256"), "artifacts[0].sha256"),
        ((0, "a"), "[0].a"),
        (("hosts", "a b"), "hosts['a b']"),
    ],
)
def test_a_place_in_a_document_reads_like_code(path: tuple[str | int, ...], text: str) -> None:
    assert path_as_text(path) == text


def test_words_are_joined_as_in_a_sentence() -> None:
    assert enumerated([]) == ""
    assert enumerated(["a"]) == "a"
    assert enumerated(["a", "b"]) == "a or b"
    assert enumerated(["a", "b", "c"], joint="and") == "a, b and c"


def test_a_long_enumeration_is_cut() -> None:
    assert enumerated(map(str, range(100)), limit=2) == "0, 1, ..."
