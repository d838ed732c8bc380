"""A file that was parsed before says what it says when it is parsed now, with every place in it."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import a_registry
from pluginry.encoding import strict_yaml
from pluginry.publisher.load import load_registry
from pluginry.publisher.memory import Memory
from pluginry.publisher.parsed_files import ParsedFiles

if TYPE_CHECKING:
    from pathlib import Path

LISTING = b"""\
name: Plugin
tags: [one, two]
nested: {list: [{a: 1}, {b: true, c: null}], text: "a \\u00e9 # b"}
"""
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cf", "Cs", "Zl", "Zp", "Cn", "Co"]), max_size=9)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**12), 10**12) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)


def remembered(*bodies: bytes, memory: Memory) -> ParsedFiles:
    """Return what a second run starts with, after a first one parsed `bodies`."""
    files = ParsedFiles({})
    for body in bodies:
        files.parse(body, file="first.yaml")
    files.keep(memory)
    return ParsedFiles(memory.load())


def forged(body: bytes, value: object) -> dict[str, str]:
    """Return a memory that says something else of `body`."""
    return {hashlib.sha256(body).hexdigest(): json.dumps(value)}


@given(VALUES)
def test_what_was_parsed_before_is_as_if_parsed_now(value: object) -> None:
    body = json.dumps({"value": value}, ensure_ascii=False).encode()
    parsed = strict_yaml.parse(body, file="a.yaml")
    first = ParsedFiles({})
    assert first.parse(body, file="a.yaml") == parsed
    known = {hashlib.sha256(body).hexdigest(): json.dumps(parsed.value)} if not parsed.findings else {}
    again = ParsedFiles(known).parse(body, file="a.yaml")
    assert (again.value, again.findings, dict(again.marks)) == (parsed.value, parsed.findings, dict(parsed.marks))


def test_places_are_found_in_a_file_that_was_not_parsed_again(tmp_path: Path) -> None:
    files = remembered(LISTING, memory=Memory(tmp_path / "documents.memory"))
    document = files.parse(LISTING, file="plugins/a/listing.yaml")
    where = document.location_of(("nested", "list", 1, "c"))
    assert (where.file, where.line) == ("plugins/a/listing.yaml", 3)
    assert document.location_of_key(("tags",)).line == 2
    assert len(document.marks) == len(list(document.marks)) == len(strict_yaml.parse(LISTING, file="x").marks)


def test_another_file_is_parsed(tmp_path: Path) -> None:
    files = remembered(LISTING, memory=Memory(tmp_path / "documents.memory"))
    assert files.parse(b"name: Other\n", file="a.yaml").value == {"name": "Other"}


@pytest.mark.parametrize("body", [b"a: 1\na: 2\n", b"a: *b\n", b"", b"\xff", b"a: \xe2\x80\xae\n"])
def test_a_file_with_findings_is_not_remembered(tmp_path: Path, body: bytes) -> None:
    memory = Memory(tmp_path / "documents.memory")
    files = remembered(body, memory=memory)
    assert memory.load() == {}
    assert files.parse(body, file="a.yaml") == strict_yaml.parse(body, file="a.yaml")


def test_files_that_are_gone_are_forgotten(tmp_path: Path) -> None:
    memory = Memory(tmp_path / "documents.memory")
    files = remembered(LISTING, b"b: 1\n", memory=memory)
    files.parse(LISTING, file="a.yaml")
    files.keep(memory)
    assert list(memory.load()) == [hashlib.sha256(LISTING).hexdigest()]


def test_a_registry_is_loaded_alike_with_a_memory_and_without(tmp_path: Path) -> None:
    folder = a_registry(tmp_path / "registry")
    plain = load_registry(folder)
    first = ParsedFiles({})
    load_registry(folder, first.parse)
    memory = Memory(tmp_path / "documents.memory")
    first.keep(memory)
    again = load_registry(folder, ParsedFiles(memory.load()).parse)
    assert memory.load()
    assert again.registry == plain.registry
    assert again.findings == plain.findings


@pytest.mark.parametrize("value", [None, [], {"schema": 1}, {"schema": 1.5, "name": {}}, "text", {"schema": 2}])
def test_a_memory_that_lies_is_held_to_the_schemas_like_any_file(tmp_path: Path, value: object) -> None:
    folder = a_registry(tmp_path / "registry")
    body = (folder / "registry.yaml").read_bytes()
    loaded = load_registry(folder, ParsedFiles(forged(body, value)).parse)
    assert any(one.where.file == "registry.yaml" for one in loaded.findings)
    assert "registry.yaml" in loaded.registry.left_out
