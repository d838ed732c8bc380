"""What holds for any document: values survive, places are exact, nothing is raised, no other reading is possible."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import yaml
from hypothesis import assume, example, given
from hypothesis import strategies as st

from pluginry.encoding.strict_yaml import MAX_FINDINGS, RULES, ParsedDocument, parse
from pluginry.model.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pluginry.model.finding import DocumentPath

TEXT = st.text(
    st.characters(
        codec="utf-8",
        exclude_categories=("Cc",),
        include_characters="\n\t",
        exclude_characters="\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u2028\u2029\ufeff\ufffe\uffff",
    )
)
SCALARS = st.none() | st.booleans() | st.integers(1 - 2**53, 2**53 - 1) | TEXT
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner), max_leaves=30)
YAML_LIKE = st.text(st.sampled_from("ab1:-?&*!<>|'\"[]{}#%,.~ \n\t\\\u00e9"), max_size=60)


def block_yaml(value: Any, indent: str = "") -> str:
    """Return `value` in block style with every text in quotes, keys in ``? `` form where JSON's would be too long."""
    if isinstance(value, dict) and value:
        return "".join(f"\n{indent}{quoted(key)}: {block_yaml(item, indent + '  ')}" for key, item in value.items())
    if isinstance(value, list) and value:
        return "".join(f"\n{indent}- {block_yaml(item, indent + '  ')}" for item in value)
    return json.dumps(value, ensure_ascii=False)


def quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def scalars_of(value: Any, path: DocumentPath = ()) -> Iterator[tuple[DocumentPath, Any]]:
    if isinstance(value, dict) and value:
        for key, item in value.items():
            yield from scalars_of(item, (*path, key))
    elif isinstance(value, list) and value:
        for index, item in enumerate(value):
            yield from scalars_of(item, (*path, index))
    else:
        yield path, value


def read(text: str) -> ParsedDocument:
    return parse(text.encode(), file="a.yaml", max_depth=100)


@given(VALUES)
def test_any_value_written_in_flow_style_is_read_back(value: Any) -> None:
    document = read(json.dumps(value, ensure_ascii=False))
    assert document.findings == ()
    assert document.value == value


@given(VALUES)
def test_any_value_written_in_block_style_is_read_back(value: Any) -> None:
    document = read(block_yaml(value))
    assert document.findings == ()
    assert document.value == value


@given(VALUES)
def test_every_scalar_stands_at_the_place_that_is_told(value: Any) -> None:
    text = block_yaml(value)
    document, lines = read(text), text.split("\n")
    for path, scalar in scalars_of(value):
        where = document.location_of(path)
        assert lines[where.line - 1][where.column - 1 :].startswith(json.dumps(scalar, ensure_ascii=False))
        if path and isinstance(path[-1], str):
            key = document.location_of_key(path)
            assert lines[key.line - 1][key.column - 1 :].startswith(f"{quoted(path[-1])}: ")


@given(st.binary())
def test_no_bytes_are_able_to_raise_anything(data: bytes) -> None:
    document = parse(data, file="a.yaml")
    assert document.value is None or document.readable


@given(YAML_LIKE)
@example('"\\U00110000"')
@example("!<%ED%A0%80> a")
@example("%YAML " + "9" * 5000 + ".1\n---\n")
def test_no_text_is_able_to_raise_anything(text: str) -> None:
    document = parse(text.encode(), file="a.yaml")
    ids = {rule.id for rule in RULES}
    assert len(document.findings) <= MAX_FINDINGS
    for finding in document.findings:
        assert finding.rule in ids
        assert finding.severity is Severity.BLOCKS
        assert finding.message.isprintable()
        assert finding.where.line <= text.count("\n") + 1


def as_text(value: Any) -> Any:
    """Return a value as YAML's own loader gives it when it takes every scalar for text."""
    if isinstance(value, dict):
        return {key: as_text(item) for key, item in value.items()}
    if isinstance(value, list):
        return [as_text(item) for item in value]
    if value is None or value in ("", "~", "null"):
        return None
    return str(value).lower() if isinstance(value, bool) else str(value)


@given(YAML_LIKE)
def test_what_is_accepted_has_the_shape_that_every_yaml_reader_sees(text: str) -> None:
    document = parse(text.encode(), file="a.yaml")
    assume(not document.findings)
    assert as_text(document.value) == as_text(yaml.load(text, Loader=yaml.CBaseLoader))  # noqa: S506 - text only
