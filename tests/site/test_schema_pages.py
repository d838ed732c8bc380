"""Pages about schemas say everything that the schemas say, and every field has its meaning in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from html_reader import target_of
from pluginry.encoding.parsed_document import ParsedDocument
from pluginry.encoding.schema import check_against_schema
from pluginry.errors import DocumentError
from pluginry.model import layout
from pluginry.publisher.pages import addresses
from pluginry.publisher.pages.schema_pages import GROUPS
from pluginry.publisher.pages.schema_reference import read_schemas, reference_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from html_reader import ReadPage

SCHEMAS = read_schemas()
REFERENCES = {name: reference_of(name, SCHEMAS) for name in SCHEMAS}


def keys_in(schema: Any) -> Iterator[str]:
    """Yield the name of every property in a schema, at any depth."""
    if isinstance(schema, dict):
        yield from (key for key, field in schema.get("properties", {}).items() if not isinstance(field, bool))
        for keyword, value in schema.items():
            inner = value.values() if keyword in ("properties", "$defs") else [value]
            for one in inner if keyword not in ("examples", "const", "enum") else ():
                yield from keys_in(one)
    elif isinstance(schema, list):
        for one in schema:
            yield from keys_in(one)


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_every_field_says_what_it_means(name: str) -> None:
    reference = REFERENCES[name]
    assert reference.title
    assert reference.means.endswith(".")
    lines = [line for section in reference.sections for line in section.lines]
    assert [line.path for line in lines if not line.means.endswith((".", "?"))] == []
    assert [line.path for line in lines if not line.kinds or not all(kind.says for kind in line.kinds)] == []


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_no_field_is_left_out(name: str) -> None:
    shown = [line.path.rpartition(".")[2] for section in REFERENCES[name].sections for line in section.lines]
    assert sorted(path for path in shown if path) == sorted(keys_in(SCHEMAS[name]))


def test_what_a_page_would_not_show_is_noticed() -> None:
    schema = {"properties": {"size": {"type": "integer", "multipleOf": 7, "description": "A size."}}}
    with pytest.raises(DocumentError, match="multipleOf"):
        reference_of("odd", {"odd": schema})


def test_needs_and_limits_and_links_are_told() -> None:
    (section,) = REFERENCES["release"].sections
    lines = {line.path: line for line in section.lines}
    assert lines["version"].is_needed
    assert not lines["yanked"].is_needed
    assert lines["artifacts"].limits == ("at least 1", "at most 40")
    assert (lines["version"].kinds[0].schema, lines["version"].kinds[0].definition) == ("common", "version")
    assert lines["artifacts[].source.npm"].limits[0] == "needed in form 5 of 5"
    assert [section.name for section in REFERENCES["ledger-line"].sections][:2] == ["listed", "transferred"]


def test_every_schema_is_in_one_group() -> None:
    named = [name for group in GROUPS for name in group.names]
    assert sorted(named) == sorted(SCHEMAS)


def test_every_schema_has_a_page_that_is_reached_from_the_overview(
    files: Mapping[str, bytes], pages: Mapping[str, ReadPage]
) -> None:
    overview = {target_of(addresses.SCHEMAS, address)[0] for _, address in pages[addresses.SCHEMAS].addresses()}
    for name in SCHEMAS:
        key = addresses.schema_page(name)
        assert key in overview
        led_to = {target_of(key, address)[0] for _, address in pages[key].addresses()}
        assert layout.schema_key(f"{name}.schema.json") in led_to
    assert addresses.SCHEMAS in {target_of("index.html", address)[0] for _, address in pages["index.html"].addresses()}
    assert layout.OPENAPI_KEY in overview
    assert files[addresses.schema_page("manifest")].count(b"<tr>") > 15


@pytest.mark.parametrize("name", [name for name in sorted(SCHEMAS) if "examples" in SCHEMAS[name]])
def test_examples_fit_their_schema(name: str) -> None:
    for example in SCHEMAS[name]["examples"]:
        document = ParsedDocument(file=name, value=example)
        assert list(check_against_schema(document, name)) == []
    assert REFERENCES[name].example


def test_the_documents_that_people_write_have_examples() -> None:
    assert {name for name in SCHEMAS if "examples" in SCHEMAS[name]} >= {"manifest", "release", "listing", "namespace"}
