"""The quick reader of documents sees what the careful one sees, or nothing."""

from __future__ import annotations

import json
from itertools import islice

import pytest
import yaml
from hypothesis import event, example, given, settings
from hypothesis import strategies as st

from pluginry.encoding import strict_yaml
from pluginry.encoding.yaml_reader import YamlReader
from pluginry.encoding.yaml_text import read_text
from pluginry.encoding.yaml_values import AMISS, value_in

MAX_DEPTH = 4
PIECES = [
    *(
        "a",
        "b: ",
        "- ",
        "? ",
        ": ",
        ":",
        "\n",
        "\n\n",
        "\r\n",
        "\n  ",
        "\n    ",
        "\n- ",
        "\nb: ",
        "\n  c: ",
        "  ",
        "\t",
        " ",
    ),
    *(
        "[",
        "]",
        "{",
        "}",
        ", ",
        "'",
        '"',
        "|\n  ",
        ">-\n  ",
        "|2+\n",
        "# c",
        "---\n",
        "...\n",
        "%YAML 1.1\n",
        "%TAG ! !x\n",
    ),
    *("&x ", "*x", "!t ", "!!str ", "! ", "<<: ", "<<", "'<<': ", "null", "~", "true", "yes", "0", "007", "-1", "1.10"),
    *(
        "9007199254740991",
        "9007199254740992",
        "2026-01-01",
        "\\",
        '"\\u202e"',
        '"\\r"',
        '"\\x41"',
        '"\\ud800"',
        "\u202e",
    ),
    *("\u00e9", "\U0001f600", "\u2003", "\u2028"),
]


def read_carefully(text: str) -> object:
    """Return what the reader says that also finds places and mistakes; `AMISS` if it has anything to say."""
    reader = YamlReader("a.yaml", MAX_DEPTH, [])
    is_complete = strict_yaml._read(text, reader, "a.yaml")
    return reader.root if is_complete and reader.documents and not reader.findings else AMISS


def check_the_same(text: str) -> None:
    fit, findings = read_text(text.encode(), file="a.yaml", max_bytes=strict_yaml.MAX_BYTES)
    if fit is None or list(islice(findings, 1)):
        return  # nobody parses such text quickly
    quickly, carefully = value_in(fit, max_depth=MAX_DEPTH), read_carefully(fit)
    event("amiss" if carefully is AMISS else "fine")
    assert repr(quickly) == repr(carefully)  # by what is written: 1 is not true


@settings(max_examples=1500)
@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
@example("")
@example("[[[[[]]]]]")
@example("a: [[[1]]]")
@example("a: &x 1")
@example("&x {}")
@example("? [1]\n: 2")
@example("? *x\n: 2")
@example("1: 2")
@example("a: 1\na: 2")
@example("'<<': {}\n")
@example('"\\U00110000"')
@example("!<%ED%A0%80> a")
@example("a: b\n--- \nc: d")
def test_any_text_says_the_same_to_both(text: str) -> None:
    check_the_same(text)


@settings(max_examples=300)
@given(st.text(st.characters(codec="utf-8"), max_size=30), st.booleans())
def test_any_characters_say_the_same_to_both(text: str, is_quoted: bool) -> None:
    check_the_same(f"a: {json.dumps(text)}\n" if is_quoted else text)


@settings(max_examples=300)
@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_the_parser_in_python_says_the_same_as_that_in_c(text: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(yaml, "CSafeLoader", yaml.SafeLoader)
        check_the_same(text)


def test_documents_that_are_fine_are_read_quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(strict_yaml, "YamlReader", None)  # nobody needs it
    text = 'a: [1, true, null, ~, "1", \'<<\', {b: 1.10}]\nc: |\n  text\n  and more\n"d": "\\u00e9"\n'
    expected = {"a": [1, True, None, None, "1", "<<", {"b": "1.10"}], "c": "text\nand more\n", "d": "\u00e9"}
    assert repr(strict_yaml.parse(text.encode(), file="a.yaml").value) == repr(expected)
