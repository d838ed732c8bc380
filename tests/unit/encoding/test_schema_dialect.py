from __future__ import annotations

import re

import pytest

from pluginry.encoding.schema_dialect import format_checker, prepared, references_in, validator_class


@pytest.mark.parametrize(
    ("pattern", "fits", "fits_not"),
    [
        ("^[a-z]+$", "abc", "abc\n"),
        ("^a$|^b$", "b", "b\n"),
        (r"^\d+$", "12", "١٢"),
        (r"^\w$", "a", "é"),
        (r"^[$a]+$", "$a$", "b"),
        (r"^\$$", "$", "a"),
        (r"^[\]$]$", "$", "\n"),
        ("b", "abc", "ac"),
    ],
)
def test_a_pattern_means_in_python_what_it_means_in_the_standard(pattern: str, fits: str, fits_not: str) -> None:
    python_pattern = prepared({"pattern": pattern}, "urn:x")["pattern"]
    assert re.search(python_pattern, fits)
    assert not re.search(python_pattern, fits_not)


def test_keys_that_follow_a_pattern_are_held_to_the_same() -> None:
    (pattern,) = prepared({"patternProperties": {"^x-[a-z]+$": {"pattern": "^a$"}}}, "urn:x")["patternProperties"]
    assert re.search(pattern, "x-a")
    assert not re.search(pattern, "x-a\n")


def test_a_pattern_without_words_speaks_for_itself() -> None:
    assert prepared({"pattern": "^a$"}, "urn:x")["x-pattern-says"] == "of the form ^a$"
    for schema in ({"pattern": "^a$", "x-pattern-says": "an a"}, {"x-pattern-says": "an a", "pattern": "^a$"}):
        assert prepared(schema, "urn:x")["x-pattern-says"] == "an a"


def test_references_become_absolute_and_are_listed() -> None:
    schema = {
        "properties": {"$ref": {"$ref": "#/$defs/a"}, "pattern": {"type": "string"}},
        "anyOf": [{"$ref": "urn:other#/$defs/b"}, True],
    }
    ready = prepared(schema, "urn:x")
    assert ready["properties"] == {"$ref": {"$ref": "urn:x#/$defs/a"}, "pattern": {"type": "string"}}
    assert references_in(ready) == {"urn:x#/$defs/a", "urn:other#/$defs/b"}


def test_a_schema_that_refuses_everything_is_written_so_that_its_place_is_told() -> None:
    schema = {
        "properties": {"old": False, "new": True},
        "anyOf": [False],
        "then": False,
        "enum": [False],
        "const": False,
    }
    assert prepared(schema, "urn:x") == {
        "properties": {"old": {"not": {}}, "new": True},
        "anyOf": [{"not": {}}],
        "then": {"not": {}},
        "enum": [False],
        "const": False,
    }
    closed = {"additionalProperties": False, "items": False, "unevaluatedProperties": False}
    assert prepared(closed, "urn:x") == closed


def test_values_within_a_schema_are_left_alone() -> None:
    schema = {"const": {"pattern": "^a$", "$ref": "#/x"}, "default": {"properties": {"a": False}}}
    assert prepared(schema, "urn:x") == schema


@pytest.mark.parametrize(
    "text", ["2026-01-31T23:59:59Z", "2024-02-29T00:00:00.123456789Z", "2026-01-31T23:59:59+02:00"]
)
def test_times_of_rfc_3339_are_times(text: str) -> None:
    assert format_checker().conforms(text, "date-time")


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-31",
        "2026-01-31 23:59:59Z",
        "2026-01-31T23:59:59",
        "2026-02-30T00:00:00Z",
        "2026-01-31T24:60:00Z",
        "2026-01-31T23:59:59Z\n",
        "٢٠٢٦-01-31T23:59:59Z",
        "",
    ],
)
def test_other_moments_are_not(text: str) -> None:
    assert not format_checker().conforms(text, "date-time")


def test_addresses_have_a_scheme_and_a_host() -> None:
    assert format_checker().conforms("https://example.com/a?b#c", "uri")
    for text in (
        "example.com",
        "/path",
        "https://",
        "https://exa mple.com",
        "https://exämple.com",
        "http://[",
        "a:b\n",
    ):
        assert not format_checker().conforms(text, "uri")


def test_formats_speak_about_text_only_and_unknown_ones_not_at_all() -> None:
    assert format_checker().conforms(5, "date-time")
    assert format_checker().conforms(5, "uri")
    assert format_checker().conforms("anything", "hostname")


@pytest.mark.parametrize(
    ("items", "repeated"),
    [
        ([1, "1", True, None, {"a": 1}, [1]], []),
        ([1, 2, 1, 1], [2, 3]),
        ([{"a": 1, "b": 2}, 3, {"b": 2, "a": 1}], [2]),
        (["x", 1] * 2, [2, 3]),
        ([True, 1, False, 0], []),
    ],
)
def test_repeated_items_are_found_one_by_one(items: list[object], repeated: list[int]) -> None:
    validator = validator_class()({"uniqueItems": True})
    assert [error.path[0] for error in validator.iter_errors(items)] == repeated
    assert validator.is_valid("xx")
    assert validator_class()({"uniqueItems": False}).is_valid([1, 1])


def test_a_long_list_of_mixed_items_is_checked_without_comparing_each_with_each() -> None:
    items: list[object] = [*range(50_000), *map(str, range(50_000)), {}, []]
    assert validator_class()({"uniqueItems": True}).is_valid(items)
