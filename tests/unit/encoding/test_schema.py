from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pluginry.encoding.parsed_document import ParsedDocument
from pluginry.encoding.schema import MAX_FINDINGS, SchemaSet, check_against_schema, schema_folder
from pluginry.encoding.strict_yaml import parse
from pluginry.errors import DocumentError

if TYPE_CHECKING:
    from pathlib import Path

NAMED = {"type": "object", "properties": {"name": {"$ref": "#/$defs/name"}}, "additionalProperties": False}


def write(folder: Path, name: str, schema: dict[str, Any], **changes: Any) -> None:
    document = {"$id": f"urn:pluginry:schemas:v1:{name}", **schema, **changes}
    (folder / f"{name}.schema.json").write_text(json.dumps(document), encoding="utf-8")


def test_the_schemas_of_this_installation_are_loaded_and_applied() -> None:
    document = parse(b"nonsense: 1\n", file="listing.yaml")
    findings = list(check_against_schema(document, "listing"))
    assert ("schema.unknown-key", 1, 1) in [(f.rule, f.where.line, f.where.column) for f in findings]


def test_every_schema_of_this_installation_is_a_schema() -> None:
    from jsonschema import Draft202012Validator

    schemas = SchemaSet.load(schema_folder())
    for name in schemas.names:
        path = schema_folder() / f"{name}.schema.json"
        Draft202012Validator.check_schema(json.loads(path.read_text(encoding="utf-8")))


def test_schemas_refer_to_each_other_and_to_themselves(tmp_path: Path) -> None:
    write(
        tmp_path, "common", {"$defs": {"name": {"type": "string", "maxLength": 3}, "alias": {"$ref": "#/$defs/name"}}}
    )
    write(tmp_path, "thing", {"properties": {"name": {"$ref": "urn:pluginry:schemas:v1:common#/$defs/alias"}}})
    schemas = SchemaSet.load(tmp_path)
    assert schemas.names == ("common", "thing")
    (finding,) = schemas.check(parse(b"name: toolong", file="a.yaml"), "thing")
    assert (finding.rule, str(finding.where)) == ("schema.length", "a.yaml:1:7")
    assert list(schemas.check(parse(b"name: abc", file="a.yaml"), "thing")) == []


def test_a_schema_may_refer_to_itself_without_end(tmp_path: Path) -> None:
    write(tmp_path, "tree", {"type": "object", "additionalProperties": {"$ref": "#"}})
    (finding,) = SchemaSet.load(tmp_path).check(parse(b"a: {b: {c: {}, d: 1}}", file="a"), "tree")
    assert finding.where.path == ("a", "b", "d")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ('{"$id": "urn:pluginry:schemas:v1:other"}', "must be urn:pluginry:schemas:v1:thing"),
        ("{}", "must be urn:pluginry:schemas:v1:thing"),
        ("[]", "must be urn:pluginry:schemas:v1:thing"),
        ('{"$id": "urn:pluginry:schemas:v1:thing", "$id": "x"}', "strict JSON"),
        ("{", "JSON"),
        ('{"$id": "urn:pluginry:schemas:v1:thing", "$ref": "#/$defs/none"}', "no schema is called"),
        ('{"$id": "urn:pluginry:schemas:v1:thing", "$ref": "urn:pluginry:schemas:v1:none"}', "no schema is called"),
        ('{"$id": "urn:pluginry:schemas:v1:thing", "$ref": "https://example.com/x.json"}', "no schema is called"),
        ('{"$id": "urn:pluginry:schemas:v1:thing", "title": "x", "$ref": "#title"}', "no schema is called"),
        ('{"$id": "urn:pluginry:schemas:v1:thing", "title": "x", "$ref": "#/title/x"}', "no schema is called"),
    ],
)
def test_a_damaged_schema_is_refused_when_it_is_loaded(tmp_path: Path, text: str, complaint: str) -> None:
    (tmp_path / "thing.schema.json").write_text(text, encoding="utf-8")
    with pytest.raises(DocumentError, match=complaint):
        SchemaSet.load(tmp_path)


def test_a_schema_that_does_not_exist_is_an_error_of_the_program(tmp_path: Path) -> None:
    write(tmp_path, "thing", {})
    with pytest.raises(DocumentError, match="no schema is called 'think'"):
        list(SchemaSet.load(tmp_path).check(ParsedDocument(file="a", value={}), "think"))


def test_an_unreadable_document_gets_no_findings_about_its_content(tmp_path: Path) -> None:
    write(tmp_path, "thing", {"type": "object", "required": ["a"]})
    schemas = SchemaSet.load(tmp_path)
    assert list(schemas.check(parse(b"a: [", file="a"), "thing")) == []
    assert [f.rule for f in schemas.check(parse(b"b: 1\nb: 2", file="a"), "thing")] == ["schema.required"]
    assert [f.rule for f in schemas.check(parse(b"null", file="a"), "thing")] == ["schema.type"]


def test_findings_come_in_reading_order_and_once(tmp_path: Path) -> None:
    write(
        tmp_path,
        "thing",
        {
            "properties": {"z": {"type": "string"}, "a": {"type": "string"}},
            "allOf": [{"properties": {"a": {"type": "string"}}}],
            "required": ["m", "n"],
        },
    )
    findings = list(SchemaSet.load(tmp_path).check(parse(b"a: 1\nz: 2\n", file="f"), "thing"))
    assert [str(finding.where) for finding in findings] == ["f:1:1", "f:1:1", "f:1:4", "f:2:4"]


def test_the_list_of_findings_is_bounded(tmp_path: Path) -> None:
    write(tmp_path, "thing", {"items": {"type": "string"}})
    document = ParsedDocument(file="a", value=list(range(10_000)))
    assert len(list(SchemaSet.load(tmp_path).check(document, "thing"))) == MAX_FINDINGS


def test_documents_without_positions_are_located_by_their_path(tmp_path: Path) -> None:
    write(tmp_path, "thing", NAMED, **{"$defs": {"name": {"type": "string"}}})
    (finding,) = SchemaSet.load(tmp_path).check(ParsedDocument(file="plugin.json", value={"name": 1}), "thing")
    assert (str(finding.where), finding.where.path) == ("plugin.json", ("name",))


KEYS = ["schema", "name", "artifacts", "source", "url", "git", "publisher", "yanked", "é"]
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=6),
    max_leaves=20,
)


@given(VALUES, st.sampled_from(["listing", "release", "host", "advisory", "namespace", "registry", "manifest"]))
def test_no_value_is_able_to_raise_anything(value: Any, name: str) -> None:
    for finding in check_against_schema(ParsedDocument(file="a", value=value), name):
        assert finding.rule.startswith("schema.")
        assert finding.message.isprintable()
        assert finding.hint
