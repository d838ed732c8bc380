from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from pluginry.encoding.strict_yaml import parse
from pluginry.encoding.yaml_writer import write_yaml

VISIBLE = st.text(st.characters(categories=["L", "N", "P", "S", "Zs"], max_codepoint=0x1FFFF), max_size=40)
TEXTS = st.one_of(
    VISIBLE,
    st.sampled_from(
        ["", " ", "no", "Yes", "null", "~", "1.10", "1e5", "0x1f", "12:30", "- a", "a: b", "a #b", "'", '"']
    ),
    st.sampled_from(
        ["two\nlines", "tab\there", "back\\slash", "\N{NO-BREAK SPACE}", "2024-01-01", ".5", "+1", "<<", "*"]
    ),
)
VALUES = st.recursive(
    st.one_of(TEXTS, st.none(), st.booleans(), st.integers(-(2**53) + 1, 2**53 - 1)),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(TEXTS, inner, max_size=4)),
    max_leaves=12,
)


@given(st.dictionaries(TEXTS, VALUES, min_size=1, max_size=5))
def test_what_is_written_is_read_back_as_the_same_values(document: dict[str, object]) -> None:
    read = parse(write_yaml(document), file="a.yaml")

    assert read.findings == ()
    assert read.value == document


@given(st.dictionaries(TEXTS, TEXTS, min_size=1, max_size=5))
def test_other_readers_of_yaml_see_the_same_texts(document: dict[str, str]) -> None:
    assert yaml.safe_load(write_yaml(document)) == document


def test_it_looks_as_a_person_would_write_it() -> None:
    document = {
        "schema": 1,
        "version": "1.2.0",
        "artifacts": [
            {"platform": "any", "source": {"pypi": "demo", "version": "1.2"}, "size": 10},
            {"platform": "any", "tags": []},
        ],
        "homepage": "https://example.com/",
        "yanked": None,
        "nested": [["a", "b"], {}],
    }

    assert write_yaml(document).decode() == (
        "schema: 1\n"
        "version: 1.2.0\n"
        "artifacts:\n"
        "  - platform: any\n"
        "    source:\n"
        "      pypi: demo\n"
        '      version: "1.2"\n'
        "    size: 10\n"
        "  - platform: any\n"
        "    tags: []\n"
        'homepage: "https://example.com/"\n'
        "yanked: null\n"
        "nested:\n"
        "  - - a\n"
        "    - b\n"
        "  - {}\n"
    )


def test_hidden_characters_are_written_visibly() -> None:
    assert write_yaml({"a": "x\u202ey\x00"}) == b'a: "x\\U0000202ey\\U00000000"\n'


def test_other_values_are_a_programming_error() -> None:
    with pytest.raises(TypeError):
        write_yaml({"a": 1.5})
