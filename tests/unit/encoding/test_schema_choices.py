"""What fits none of several forms, or too many: the form that was meant is explained."""

from __future__ import annotations

from typing import Any

import pytest

from schema_checker import Checker, of

SOURCES = {
    "oneOf": [
        of(url={"type": "string", "pattern": "^https:"}) | {"required": ["url"]},
        of(path={"type": "string"}) | {"required": ["path"]},
        of(git={}, commit={"type": "string", "minLength": 40}, subdir={}) | {"required": ["git", "commit"]},
    ],
    "x-hint": "one of url, path, git",
}


@pytest.mark.parametrize(
    ("written", "rules"),
    [
        ("{url: 'http:'}", [("schema.pattern", "f:1:10")]),
        ("{path: 1}", [("schema.type", "f:1:11")]),
        ("{git: a}", [("schema.required", "f:1:1")]),
        ("{git: a, comit: b}", [("schema.required", "f:1:1"), ("schema.unknown-key", "f:1:13")]),
        ("{git: a, commit: b}", [("schema.length", "f:1:21")]),
        ("{git: a, subdir: b}", [("schema.required", "f:1:1")]),
        ("{url: 'https:', commit: b}", [("schema.unknown-key", "f:1:20")]),
        ("{}", [("schema.choice", "f:1:4")]),
        ("x", [("schema.type", "f:1:4")]),
    ],
)
def test_the_form_that_was_meant_is_the_one_that_is_explained(
    check: Checker, written: str, rules: list[tuple[str, str]]
) -> None:
    assert check.rules(of(a=SOURCES), f"a: {written}\n") == rules


def test_when_no_form_is_closest_all_are_told(check: Checker) -> None:
    finding = check.one(of(a=SOURCES), "a: {}\n")
    assert finding.message == (
        "a fits none of its forms: a mapping with url, a mapping with path or a mapping with git and commit"
    )
    assert finding.hint == "one of url, path, git"


@pytest.mark.parametrize("keyword", ["anyOf", "oneOf"])
def test_a_mark_tells_the_form_even_when_the_rest_is_wrong(check: Checker, keyword: str) -> None:
    schema = {
        keyword: [
            of(event={"const": "listed"}, at={}) | {"required": ["event", "at"]},
            of(event={"const": "released"}, at={}, version={}, size={}) | {"required": ["event", "at", "version"]},
        ]
    }
    assert [finding.message for finding in check.all(schema, "event: released\n")] == [
        "'at' is missing",
        "'version' is missing",
    ]


@pytest.mark.parametrize(
    ("branches", "written", "rule", "message"),
    [
        (
            [{"type": "string"}, {"type": "integer"}],
            "[]",
            "schema.type",
            "a is a list, but must be text or a whole number",
        ),
        (
            [{"$ref": "#/$defs/v"}, {"const": "0"}],
            "x",
            "schema.choice",
            "a is the text 'x', but must be a version or '0'",
        ),
        (
            [{"enum": ["a", "b"]}, {"enum": ["c"]}],
            "d",
            "schema.choice",
            "a is the text 'd', but must be 'a' or 'b' or 'c'",
        ),
        (
            [{"type": ["string", "null"]}, {"type": "array"}],
            "1",
            "schema.type",
            "a is 1, but must be text or nothing or a list",
        ),
        (
            [{"type": "string", "title": "a name"}, {"minimum": 5}],
            "1",
            "schema.range",
            "a is 1, but must be at least 5",
        ),
        (
            [{"required": ["x"]}, {"required": ["y"]}],
            "{}",
            "schema.choice",
            "a fits none of its forms: a mapping with x or a mapping with y",
        ),
        ([{"type": "null"}, {"$ref": "#/$defs/v"}], "x", "schema.pattern", "a is 'x', but must be a version"),
        ([{"minimum": 5}, {"maximum": -5}], "1", "schema.choice", "a is 1, but must be another form"),
    ],
)
def test_forms_are_described_in_a_few_words(
    check: Checker, branches: Any, written: str, rule: str, message: str
) -> None:
    schema = of(a={"anyOf": branches}) | {
        "$defs": {"v": {"type": "string", "pattern": "^v", "x-pattern-says": "a version"}}
    }
    finding = check.one(schema, f"a: {written}\n")
    assert (finding.rule, finding.message) == (rule, message)


def test_a_value_that_fits_several_exclusive_forms_is_refused(check: Checker) -> None:
    schema = of(a={"oneOf": [{"type": "object", "title": "one"}, {"required": ["x"], "title": "two"}]})
    finding = check.one(schema, "a: {x: 1}\n")
    assert (finding.rule, finding.message) == (
        "schema.choice",
        "a fits several forms at once, but must have one: one or two",
    )


def test_choices_within_choices_are_followed_to_the_fault(check: Checker) -> None:
    inner = {
        "oneOf": [
            {"type": "null"},
            of(b={"anyOf": [{"type": "integer"}, {"type": "array", "items": {"type": "string"}}]}),
        ]
    }
    finding = check.one(of(a={"anyOf": [{"type": "string"}, inner]}), "a:\n  b:\n    - x\n    - 3\n")
    assert (finding.rule, str(finding.where), finding.message) == (
        "schema.type",
        "f:4:7",
        "a.b[1] is 3, but must be text",
    )
