"""Each way of not fitting a schema: the rule, the exact place, the sentence and the hint."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from pluginry.encoding.schema import RULES, SchemaSet
from pluginry.encoding.strict_yaml import parse
from pluginry.model.finding import Severity

if TYPE_CHECKING:
    from pathlib import Path

    from pluginry.model.finding import Finding


class Checker:
    """Checks a text against one small schema."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def all(self, schema: Any, text: str) -> list[Finding]:
        document = {"$id": "urn:pluginry:schemas:v1:thing", **schema}
        (self._folder / "thing.schema.json").write_text(json.dumps(document), encoding="utf-8")
        return list(SchemaSet.load(self._folder).check(parse(text.encode(), file="f"), "thing"))

    def one(self, schema: Any, text: str) -> Finding:
        (finding,) = self.all(schema, text)
        return finding

    def rules(self, schema: Any, text: str) -> list[tuple[str, str]]:
        return [(finding.rule, str(finding.where)) for finding in self.all(schema, text)]


@pytest.fixture
def check(tmp_path: Path) -> Checker:
    return Checker(tmp_path)


def of(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "additionalProperties": False}


# Keys


def test_a_missing_key_is_reported_at_the_key_of_its_mapping(check: Checker) -> None:
    schema = of(owner={"type": "object", "required": ["id", "login"], "properties": {"id": {"description": "Number."}}})
    first, second = check.all(schema, "\nowner:\n  name: x\n")
    assert (str(first.where), first.where.path) == ("f:2:1", ("owner",))
    assert first.message == "'id' is missing in owner: Number"
    assert first.hint == "add the key 'id'"
    assert second.message == "'login' is missing in owner"


def test_a_key_missing_at_the_root_is_reported_at_its_start(check: Checker) -> None:
    finding = check.one({"required": ["name"]}, "# comment\na: 1\n")
    assert (finding.rule, str(finding.where), finding.message) == ("schema.required", "f:2:1", "'name' is missing")


def test_a_missing_key_is_explained_by_the_definition_it_refers_to(check: Checker) -> None:
    definition = {"description": "A digest.", "x-hint": "run sha256sum"}
    schema = {**of(sum={"$ref": "#/$defs/sum"}), "required": ["sum"], "$defs": {"sum": definition}}
    finding = check.one(schema, "{}")
    assert (finding.message, finding.hint) == ("'sum' is missing: A digest", "run sha256sum")


def test_what_goes_with_a_key_is_missed(check: Checker) -> None:
    finding = check.one({"dependentRequired": {"git": ["git", "commit"], "x": ["y"]}}, "git: a\n")
    assert (finding.rule, finding.message) == ("schema.required", "'commit' is missing, which goes with 'git'")


def test_unknown_keys_are_reported_one_by_one_at_the_key(check: Checker) -> None:
    first, second = check.all(of(homepage={}, name={}), "name: 1\nhompage: 2\n'x y':\n  - 1\n")
    assert (first.rule, str(first.where), first.where.path) == ("schema.unknown-key", "f:2:1", ("hompage",))
    assert first.message == "the key 'hompage' is not known"
    assert first.hint == "did you mean 'homepage'?"
    assert (str(second.where), second.hint) == ("f:3:1", "the keys here are homepage and name")


def test_a_suggestion_is_rather_a_key_that_is_not_there_yet(check: Checker) -> None:
    finding = check.one(of(names={}, name={}), "name: 1\nnamed: 2\n")
    assert finding.hint == "did you mean 'names'?"


def test_an_unknown_key_in_a_list_names_its_place(check: Checker) -> None:
    finding = check.one(of(a={"items": of(id={})}), "a:\n  - id: 1\n  - {id: 2, ids: 3}\n")
    assert (str(finding.where), finding.message) == ("f:3:13", "the key 'ids' is not known in a[1]")


def test_keys_that_follow_a_pattern_are_known(check: Checker) -> None:
    schema = {**of(a={}), "patternProperties": {"^x-": {}}}
    assert check.rules(schema, "a: 1\nx-b: 2\ny-c: 3\n") == [("schema.unknown-key", "f:3:1")]


def test_unevaluated_keys_are_those_that_no_part_of_the_schema_knows(check: Checker) -> None:
    schema = {
        "$ref": "#/$defs/base",
        "properties": {"b": {}},
        "allOf": [{"properties": {"c": {}}}],
        "if": {"required": ["b"]},
        "then": {"properties": {"d": {}}},
        "dependentSchemas": {"b": {"properties": {"e": {}}}},
        "unevaluatedProperties": False,
        "$defs": {"base": {"properties": {"login": {}}}},
    }
    finding = check.one(schema, "login: 1\nb: 2\nc: 3\nd: 4\ne: 5\nlogin_: 6\n")
    assert (finding.rule, str(finding.where), finding.hint) == (
        "schema.unknown-key",
        "f:6:1",
        "did you mean 'login'?",
    )


def test_a_key_known_only_to_another_form_is_still_refused(check: Checker) -> None:
    schema = {
        "anyOf": [
            {"required": ["a"], "properties": {"a": {}}},
            {"required": ["b"], "properties": {"b": {"type": "null"}}},
        ],
        "unevaluatedProperties": False,
    }
    assert check.rules(schema, "a: 1\nb: 2\n") == [("schema.invalid", "f:1:1")]


def test_the_form_of_keys_is_checked_at_the_key(check: Checker) -> None:
    names = {"pattern": "^[a-z]+$", "x-pattern-says": "lower-case letters", "x-hint": "write it small"}
    schema = of(locales={"propertyNames": {"$ref": "#/$defs/n"}}) | {"$defs": {"n": names}}
    finding = check.one(schema, "locales:\n  de: 1\n  FR: 2\n")
    assert (finding.rule, str(finding.where), finding.where.path) == ("schema.key-name", "f:3:3", ("locales", "FR"))
    assert finding.message == "the key 'FR' does not have the form of the keys here: lower-case letters"
    assert finding.hint == "write it small"


def test_a_property_that_is_called_like_a_keyword_is_a_property(check: Checker) -> None:
    schema = of(propertyNames=of(items={"type": "string", "x-hint": "h"}), allOf={"type": "string"})
    first, second = check.all(schema, "propertyNames: {items: [1]}\nallOf: []\n")
    assert (first.rule, first.where.path, first.hint) == ("schema.type", ("propertyNames", "items"), "h")
    assert (second.rule, second.where.path) == ("schema.type", ("allOf",))


def test_a_withdrawn_key_is_refused_at_the_key(check: Checker) -> None:
    finding = check.one(of(old=False, a={}), "a: 1\nold: 2\n")
    assert (finding.rule, str(finding.where), finding.message) == (
        "schema.not-allowed",
        "f:2:1",
        "old is not allowed here",
    )


# Values


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


# Choices

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


# The catalogue of rules


def test_every_rule_refuses_and_says_why_and_what_to_do() -> None:
    assert len({rule.id for rule in RULES}) == len(RULES) == 14
    for rule in RULES:
        assert rule.id.startswith("schema.")
        assert rule.severity is Severity.BLOCKS
        assert rule.title
        assert rule.why
        assert rule.fix


def test_messages_never_carry_hostile_text_along(check: Checker) -> None:
    text = '"a\\n::error::b": 1\na: "x\\n::error::"\n'
    for finding in check.all(of(a={"enum": ["b"]}), text):
        assert finding.message.isprintable()
        assert finding.hint.isprintable()
