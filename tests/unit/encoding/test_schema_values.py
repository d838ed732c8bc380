"""Values that do not fit a schema: the rule, the exact place, the sentence and the hint."""

from __future__ import annotations

from typing import Any

import pytest

from schema_checker import Checker, of


@pytest.mark.parametrize(
    ("kind", "written", "message", "hint"),
    [
        ("string", "2", "a is 2, but must be text", 'put it in quotes: "2"'),
        ("string", "true", "a is true, but must be text", 'put it in quotes: "true"'),
        ("string", "", "a is empty, but must be text", "write a value after the colon, or remove the key"),
        ("string", "[x]", "a is a list, but must be text", "write a value of that kind"),
        (
            "integer",
            "1.5",
            "a is the text '1.5', but must be a whole number",
            "write the number in digits, without quotes",
        ),
        ("boolean", "yes", "a is the text 'yes', but must be true or false", "write true or false, without quotes"),
        ("array", "x", "a is the text 'x', but must be a list", "write a list: each entry on its own line after '- '"),
        (
            "object",
            "[x]",
            "a is a list, but must be a mapping",
            "write a mapping: each key on its own line, followed by ': ' and its value",
        ),
        (["string", "null"], "{}", "a is a mapping, but must be text or nothing", "write a value of that kind"),
    ],
)
def test_a_value_of_the_wrong_kind_is_told_both_kinds(
    check: Checker, kind: Any, written: str, message: str, hint: str
) -> None:
    finding = check.one(of(a={"type": kind}), f"a: {written}\n")
    assert (finding.rule, finding.message, finding.hint) == ("schema.type", message, hint)
    assert str(finding.where) == ("f:1:4" if written else "f:1:1")


def test_a_document_of_the_wrong_kind_is_called_the_document(check: Checker) -> None:
    assert check.one({"type": "object"}, "- 1").message == "the document is a list, but must be a mapping"


def test_a_pattern_is_told_in_words(check: Checker) -> None:
    schema = of(v={"pattern": "^[0-9]+$", "x-pattern-says": "digits", "x-hint": "write 1"})
    finding = check.one(schema, "v: v1\n")
    assert (finding.rule, str(finding.where)) == ("schema.pattern", "f:1:4")
    assert (finding.message, finding.hint) == ("v is 'v1', but must be digits", "write 1")


def test_a_pattern_without_words_is_shown(check: Checker) -> None:
    assert check.one(of(v={"pattern": "^a$"}), "v: b\n").message == "v is 'b', but must be of the form ^a$"


def test_a_line_feed_at_the_end_does_not_slip_through_a_pattern(check: Checker) -> None:
    assert check.rules(of(v={"pattern": "^[a-z]+$"}), "v: |\n  abc\n") == [("schema.pattern", "f:1:4")]


def test_a_note_beside_a_reference_goes_before_that_of_the_definition(check: Checker) -> None:
    schema = of(
        a={"$ref": "#/$defs/url", "x-hint": "the page of your plugin"},
        b={"$ref": "#/$defs/url"},
        c={"items": {"$ref": "#/$defs/again"}},
    )
    url = {"pattern": "^https:", "x-pattern-says": "an https address", "x-hint": "use https"}
    schema["$defs"] = {"url": url, "again": {"$ref": "#/$defs/url"}}
    hints = [finding.hint for finding in check.all(schema, "a: x\nb: x\nc: [x]\n")]
    assert hints == ["the page of your plugin", "use https", "use https"]


def test_a_definition_with_its_own_properties_beside_a_reference_is_still_explained(check: Checker) -> None:
    schema = {
        "$ref": "#/$defs/base",
        "properties": {"b": {"type": "string"}},
        "$defs": {"base": {"properties": {"a": {"type": "array", "x-hint": "list it"}}}},
    }
    finding = check.one(schema, "a: 1\nb: x\n")
    assert (finding.rule, finding.hint) == ("schema.type", "list it")


def test_what_the_siblings_of_a_reference_hide_is_explained_by_its_own_schema(check: Checker) -> None:
    schema = {
        "$ref": "#/$defs/base",
        "properties": {"a": {"title": "seen first"}},
        "$defs": {"base": of(a=of(b={"type": "array", "x-hint": "list it"}))},
    }
    finding = check.one(schema, "a:\n  b: 1\n")
    assert (finding.rule, str(finding.where), finding.where.path) == ("schema.type", "f:2:6", ("a", "b"))
    assert finding.hint == "list it"


@pytest.mark.parametrize(
    ("schema", "written", "message", "hint"),
    [
        (
            {"enum": ["free", "paid"]},
            "fre",
            "a is the text 'fre', but must be 'free' or 'paid'",
            "did you mean 'free'?",
        ),
        ({"enum": [1, 2]}, "'1'", "a is the text '1', but must be 1 or 2", "choose one of the allowed values"),
        ({"const": 1, "x-hint": "write 1"}, "2", "a is 2, but must be 1", "write 1"),
        ({"const": True}, "1", "a is 1, but must be true", "choose one of the allowed values"),
    ],
)
def test_a_value_outside_the_allowed_ones_is_told_them(
    check: Checker, schema: Any, written: str, message: str, hint: str
) -> None:
    finding = check.one(of(a=schema), f"a: {written}\n")
    assert (finding.rule, finding.message, finding.hint) == ("schema.enum", message, hint)


@pytest.mark.parametrize(
    ("schema", "written", "rule", "message"),
    [
        ({"minLength": 2}, "x", "length", "a has 1 character, but must have at least 2 characters"),
        ({"maxLength": 1}, "äö", "length", "a has 2 characters, but must have at most 1 character"),
        ({"minItems": 1}, "[]", "count", "a has 0 entries, but must have at least 1 entry"),
        ({"maxItems": 1}, "[1, 2]", "count", "a has 2 entries, but must have at most 1 entry"),
        ({"prefixItems": [{}], "items": False}, "[1, 2]", "count", "a has 2 entries, but must have at most 1 entry"),
        ({"minProperties": 1}, "{}", "count", "a has 0 keys, but must have at least 1 key"),
        ({"maxProperties": 1}, "{x: 1, y: 2}", "count", "a has 2 keys, but must have at most 1 key"),
        ({"minimum": 1}, "0", "range", "a is 0, but must be at least 1"),
        ({"maximum": 1}, "2", "range", "a is 2, but must be at most 1"),
        ({"exclusiveMinimum": 1}, "1", "range", "a is 1, but must be more than 1"),
        ({"exclusiveMaximum": 1}, "1", "range", "a is 1, but must be less than 1"),
        ({"multipleOf": 2}, "1", "range", "a is 1, but must be a multiple of 2"),
        ({"format": "date-time"}, "x", "format", "a is 'x', but must be a time such as 2026-01-31T23:59:59Z"),
        (
            {"format": "uri"},
            "x",
            "format",
            "a is 'x', but must be an absolute address such as https://example.com/page",
        ),
        ({"not": {"const": "x"}}, "x", "not-allowed", "a is not allowed here"),
        ({"not": {}, "description": "Gone."}, "x", "not-allowed", "a is not allowed: Gone"),
        ({"contains": {"const": 1}, "description": "One."}, "[2]", "invalid", "a does not fit its definition: One"),
        ({"contains": {"const": 1}}, "[2]", "invalid", "a does not fit its definition: the schema's 'contains'"),
    ],
)
def test_limits_and_forms_are_told_with_what_was_found(
    check: Checker, schema: Any, written: str, rule: str, message: str
) -> None:
    finding = check.one(of(a=schema), f"a: {written}\n")
    assert (finding.rule, finding.message) == (f"schema.{rule}", message)
    assert finding.where.line == 1


def test_a_repeated_entry_is_reported_where_it_stands_again(check: Checker) -> None:
    finding = check.one(of(tags={"uniqueItems": True}), "tags:\n  - mail\n  - spam\n  - mail\n")
    assert (finding.rule, str(finding.where)) == ("schema.duplicate-item", "f:4:5")
    assert finding.message == "'mail' stands twice in tags"


def test_what_follows_from_a_condition_is_checked(check: Checker) -> None:
    schema = {
        "if": {"properties": {"status": {"const": "removed"}}},
        "then": {"required": ["reason"]},
        "else": {"properties": {"reason": False}},
    }
    assert check.rules(schema, "status: removed\n") == [("schema.required", "f:1:1")]
    assert check.rules(schema, "status: active\nreason: x\n") == [("schema.not-allowed", "f:2:1")]
