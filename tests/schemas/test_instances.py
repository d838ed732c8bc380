"""Every instance in ``valid`` fits its schema; every one in ``invalid`` is refused where it says.

A YAML document says so in its first line, ``# line:column path rule``; a JSON document, which has no comments, in its
name, ``path rule.json``. The root's path is ``-``.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from pluginry.encoding import strict_json, strict_yaml
from pluginry.encoding.documents import construct, to_plain
from pluginry.encoding.parsed_document import ParsedDocument
from pluginry.encoding.schema import check_against_schema, schema_folder
from pluginry.model.manifest import FileList
from pluginry.publisher.registry_layout import KINDS

FOLDER = Path(__file__).parent
VALID = sorted(FOLDER.glob("*/valid/*"))
INVALID = sorted(FOLDER.glob("*/invalid/*"))
MODELS = {kind.schema: kind.model for kind in KINDS} | {"files": FileList}


def name_of(path: Path) -> str:
    return f"{path.parents[1].name}: {path.stem}"


def read(path: Path) -> ParsedDocument:
    if path.suffix == ".yaml":
        return strict_yaml.parse(path.read_bytes(), file=path.name)
    return ParsedDocument(file=path.name, value=strict_json.parse(path.read_bytes(), what=path.name, max_bytes=1 << 20))


@pytest.mark.parametrize("path", VALID, ids=name_of)
def test_a_valid_instance_fits_its_schema_and_its_model(path: Path) -> None:
    schema = path.parents[1].name
    document = read(path)
    assert document.findings == ()
    assert list(check_against_schema(document, schema)) == []
    model = construct(MODELS[schema], document.value, what=path.name)
    again = construct(MODELS[schema], to_plain(model), what=path.name)
    assert again == model


@pytest.mark.parametrize("path", INVALID, ids=name_of)
def test_an_invalid_instance_is_refused_where_it_says(path: Path) -> None:
    document = read(path)
    assert document.findings == ()
    found = list(check_against_schema(document, path.parents[1].name))
    if path.suffix == ".yaml":
        comment, place, dotted, rule = path.read_text().split("\n")[0].split(" ")
        assert comment == "#"
        assert [f"{finding.where.line}:{finding.where.column}" for finding in found] == [place], found
    else:
        dotted, rule = path.stem.split(" ")
    assert [(".".join(map(str, finding.where.path)) or "-", finding.rule) for finding in found] == [(dotted, rule)]
    assert all(finding.message and finding.hint for finding in found)


def test_every_document_of_registries_and_packages_has_instances_of_both_kinds() -> None:
    assert {path.parents[1].name for path in VALID} == set(MODELS)
    assert {path.parents[1].name for path in INVALID} == set(MODELS)


def test_every_folder_is_named_after_a_schema() -> None:
    schemas = {path.name.removesuffix(".schema.json") for path in schema_folder().glob("*.schema.json")}
    assert {path.name for path in FOLDER.iterdir() if path.is_dir() and path.name != "__pycache__"} <= schemas
