from __future__ import annotations

import copy
import sys
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st

from in_new_process import in_new_process
from pluginry.encoding import strict_json, strict_yaml
from pluginry.encoding.parsed_document import ParsedDocument
from pluginry.encoding.quick_verdict import QuickVerdict
from pluginry.encoding.schema import URN_PREFIX, SchemaSet, schema_folder

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pytest

INSTANCES = sorted((Path(__file__).parents[2] / "schemas").glob("*/*valid/*"))
HOSTILE = (
    None,
    True,
    False,
    0,
    1,
    -1,
    2**53 - 1,
    "",
    " ",
    "x",
    "\n",
    "1.0.0\n",
    "\u0661.0.0",
    "a/b\n",
    "https://example.org/\n",
    "https://example.org/\u00e9",
    "2026-02-30T00:00:00Z",
    "2026-01-31T23:59:59Z\n",
    "\u2028",
    "\x00",
    "\U0001f600" * 200,
    [],
    {},
    [1, True, 1],
    ["a", "a"],
    {"": ""},
)


@cache
def exact() -> SchemaSet:
    return SchemaSet.load(schema_folder(), is_quick=False)


@cache
def quick() -> QuickVerdict:
    return QuickVerdict(
        {
            URN_PREFIX + path.name.removesuffix(".schema.json"): strict_json.parse(
                path.read_bytes(), what=path.name, max_bytes=1 << 20, max_depth=64
            )
            for path in schema_folder().glob("*.schema.json")
        }
    )


@cache
def instances() -> tuple[tuple[str, Any], ...]:
    return tuple((path.parents[1].name, _value(path)) for path in INSTANCES)


def _value(path: Path) -> Any:
    if path.suffix == ".yaml":
        return strict_yaml.parse(path.read_bytes(), file=path.name).value
    return strict_json.parse(path.read_bytes(), what=path.name, max_bytes=1 << 20)


def places(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    yield path
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value if isinstance(value, list) else ()):
        yield from places(inner, (*path, key))


def with_value(value: Any, path: tuple[str | int, ...], new: Any) -> Any:
    if not path:
        return new
    changed = copy.deepcopy(value)
    inner = changed
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = new
    return changed


def verdicts(schema: str, value: Any) -> tuple[bool, bool]:
    found = list(exact().check(ParsedDocument(file="a", value=value), schema))
    return not found, quick().accepts(URN_PREFIX + schema, value)


def test_both_validators_say_the_same_of_every_instance() -> None:
    said = [verdicts(schema, value) for schema, value in instances()]
    assert all(slow == fast for slow, fast in said)
    assert {fast for _, fast in said} == {True, False}


@settings(max_examples=400)
@given(st.data())
def test_both_say_the_same_after_something_hostile_was_put_anywhere(data: st.DataObject) -> None:
    schema, value = data.draw(st.sampled_from(instances()))
    path = data.draw(st.sampled_from(list(places(value))))
    changed = with_value(value, path, data.draw(st.sampled_from(HOSTILE) | st.text(max_size=12)))
    slow, fast = verdicts(schema, changed)
    assert slow == fast, (path, changed)


def test_a_value_that_the_program_cannot_take_is_not_accepted_and_nothing_is_raised() -> None:
    deep: Any = []
    for _ in range(5000):
        deep = [deep]
    for value in ("\ud800", {"name": "\ud800"}, 1 << 9000, deep, {1: 2}, object()):
        assert not quick().accepts(f"{URN_PREFIX}listing", value)


def test_without_the_program_nothing_is_accepted_quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jsonschema_rs", None)
    assert not QuickVerdict({URN_PREFIX + "thing": {}}).accepts(URN_PREFIX + "thing", 1)


def test_a_schema_that_is_not_there_accepts_nothing() -> None:
    assert not QuickVerdict({}).accepts(URN_PREFIX + "thing", 1)


def checked_without_explaining() -> None:
    schemas = SchemaSet.load(schema_folder())
    fits = {"schema": 1, "namespace": "acme", "title": "Acme", "owners": [{"login": "ann", "id": 1}]}
    fits |= {"proof": {"kind": "repository", "value": "x", "checked_at": "2026-01-02T09:00:00Z"}, "status": "active"}
    assert not list(schemas.check(ParsedDocument(file="a", value=fits), "namespace"))
    assert {"jsonschema", "referencing"}.isdisjoint(sys.modules)
    assert list(schemas.check(ParsedDocument(file="a", value=fits | {"status": "what"}), "namespace"))
    assert "jsonschema" in sys.modules


def test_what_explains_itself_is_loaded_for_what_does_not_fit() -> None:
    in_new_process(checked_without_explaining)
