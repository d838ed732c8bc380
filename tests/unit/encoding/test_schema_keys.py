"""Keys that do not fit a schema: the rule, the exact place, the sentence and the hint."""

from __future__ import annotations

from schema_checker import Checker, of


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


def test_a_missing_key_names_the_values_to_choose_from(check: Checker) -> None:
    schema = {**of(status={"$ref": "#/$defs/status"}), "required": ["status"]}
    finding = check.one({**schema, "$defs": {"status": {"enum": ["active", "mirror"]}}}, "{}")
    assert finding.hint == "add the key 'status': 'active' or 'mirror'"


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
