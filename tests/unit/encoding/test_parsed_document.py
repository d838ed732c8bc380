from __future__ import annotations

import pytest

from pluginry.encoding.parsed_document import Mark, ParsedDocument
from pluginry.encoding.yaml_rules import DUPLICATE_KEY
from pluginry.model.finding import DocumentPath, Location

DOCUMENT = ParsedDocument(
    file="listing.yaml",
    value={"owners": [{"login": "a"}]},
    marks={
        (): Mark(1, 1, 1, 1),
        ("owners",): Mark(2, 3, 1, 1),
        ("owners", 0): Mark(2, 5, 2, 5),
        ("owners", 0, "login"): Mark(2, 12, 2, 5),
    },
)


@pytest.mark.parametrize(
    ("path", "value", "key"),
    [
        ((), (1, 1), (1, 1)),
        (("owners",), (2, 3), (1, 1)),
        (("owners", 0), (2, 5), (2, 5)),
        (("owners", 0, "login"), (2, 12), (2, 5)),
        (("owners", 0, "id"), (2, 5), (2, 5)),
        (("owners", 7, "id", "deeper"), (2, 3), (1, 1)),
        (("nowhere",), (1, 1), (1, 1)),
    ],
)
def test_a_place_is_that_of_the_value_or_of_its_nearest_parent(
    path: DocumentPath, value: tuple[int, int], key: tuple[int, int]
) -> None:
    assert DOCUMENT.location_of(path) == Location(file="listing.yaml", line=value[0], column=value[1], path=path)
    assert DOCUMENT.location_of_key(path) == Location(file="listing.yaml", line=key[0], column=key[1], path=path)


def test_a_document_without_marks_is_located_by_its_file() -> None:
    document = ParsedDocument(file="plugin.json", value={"id": "a/b"})
    assert str(document.location_of(("id",))) == "plugin.json"
    assert document.location_of_key(("id",)) == Location(file="plugin.json", path=("id",))


def test_a_document_is_readable_when_its_value_is_known() -> None:
    finding = DUPLICATE_KEY.finding(Location(file="a"))
    assert ParsedDocument(file="a", value=None).readable
    assert ParsedDocument(file="a", value={}, findings=(finding,)).readable
    assert not ParsedDocument(file="a", value=None, findings=(finding,)).readable
