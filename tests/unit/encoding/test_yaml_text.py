from __future__ import annotations

import pytest

from pluginry.encoding.yaml_text import hidden_character_in, place_in, read_text
from pluginry.model.finding import Location


def read(data: bytes, max_bytes: int = 1000) -> tuple[str | None, list[tuple[str, int, int]]]:
    text, findings = read_text(data, file="a.yaml", max_bytes=max_bytes)
    return text, [(finding.rule, finding.where.line, finding.where.column) for finding in findings]


def test_plain_text_passes_untouched() -> None:
    text = "name: Grüße 日本 😀\r\nnext: a\tb\n"
    assert read(text.encode()) == (text, [])


def test_a_file_may_be_as_large_as_the_limit_and_no_larger() -> None:
    assert read(b"a" * 10, max_bytes=10) == ("a" * 10, [])
    assert read(b"a" * 11, max_bytes=10) == (None, [("yaml.too-large", 0, 0)])


@pytest.mark.parametrize(
    "data",
    ["\ufeffa: 1".encode(), "a: 1".encode("utf-16"), "\ufeffa: 1".encode("utf-16-be")],
    ids=["utf-8-bom", "utf-16-le", "utf-16-be"],
)
def test_a_byte_order_mark_is_refused(data: bytes) -> None:
    assert read(data) == (None, [("yaml.encoding", 1, 1)])


@pytest.mark.parametrize(
    ("data", "line", "column"),
    [
        (b"\xff", 1, 1),
        (b"a: 1\nb\xc3\xa9: \xe9\n", 2, 5),
        (b"a: \xed\xa0\x80", 1, 4),
        (b"a: \xc0\xaf", 1, 4),
        (b"a\n\n  \xf4\x90\x80\x80", 3, 3),
        (b"cut \xe2\x82", 1, 5),
    ],
    ids=["lone", "latin-1", "surrogate", "overlong", "beyond-unicode", "cut-off"],
)
def test_bytes_that_are_not_utf8_are_found_at_their_character(data: bytes, line: int, column: int) -> None:
    assert read(data) == (None, [("yaml.encoding", line, column)])


@pytest.mark.parametrize("character", list("\0\x07\x0b\x0c\x1b\x7f\x85\x9f\u2028\u2029\ufeff\ufffe\uffff"))
def test_control_characters_and_rare_line_breaks_make_a_file_unreadable(character: str) -> None:
    assert read(f"a: 1\nb: x{character}y\n".encode()) == (None, [("yaml.control-character", 2, 5)])


def test_a_carriage_return_is_part_of_a_line_end_or_refused() -> None:
    assert read(b"a: 1\r\n")[1] == []
    assert read(b"a: 1\rb: 2\n") == (None, [("yaml.control-character", 1, 5)])


@pytest.mark.parametrize("character", list("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"))
def test_characters_that_change_direction_are_found_even_in_comments(character: str) -> None:
    text = f"a: 1\n# {character}\n"
    assert read(text.encode()) == (text, [("yaml.bidi-control", 2, 3)])


def test_every_hidden_character_of_a_file_is_listed() -> None:
    assert read("a\u202e\n\u2066b\0\n".encode())[1] == [
        ("yaml.bidi-control", 1, 2),
        ("yaml.bidi-control", 2, 1),
        ("yaml.control-character", 2, 3),
    ]


@pytest.mark.parametrize(
    ("value", "rule", "name"),
    [
        ("a\u202eb", "yaml.bidi-control", "U+202E (right-to-left override)"),
        ("a\0b", "yaml.control-character", "U+0000"),
        ("a\r\n", "yaml.control-character", "U+000D"),
        ("\ud800", "yaml.control-character", "U+D800"),
    ],
)
def test_a_decoded_text_is_held_to_the_same(value: str, rule: str, name: str) -> None:
    found = hidden_character_in(value)
    assert found is not None
    assert (found[0].id, found[1]) == (rule, name)


def test_line_feeds_and_tabs_in_a_decoded_text_are_fine() -> None:
    assert hidden_character_in("one\n\ttwo é😀") is None


def test_a_place_counts_characters_from_one() -> None:
    assert place_in("äö\n😀x", 4, file="f") == Location(file="f", line=2, column=2)
    assert place_in("", 0, file="f") == Location(file="f", line=1, column=1)
