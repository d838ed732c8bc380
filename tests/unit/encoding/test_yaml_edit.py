"""One entry changes, and every other line stays as its author wrote it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pluginry.encoding.strict_yaml import parse
from pluginry.encoding.yaml_edit import with_entry, with_item, without_entry
from pluginry.encoding.yaml_writer import write_yaml
from pluginry.errors import DocumentError

if TYPE_CHECKING:
    from collections.abc import Mapping

TEXT = """\
# The plugin of the year.
schema: 1
name: "Clock"   # as on the door
owners:
  - {login: ann, id: 11}
  # Ben joined later.
  - {login: ben, id: 22}

# What stands here belongs to the status.
status: active
tags: [time, desk]
"""


def test_an_entry_is_replaced_in_its_place() -> None:
    changed = with_entry(TEXT, "status", "deprecated")
    assert changed == TEXT.replace("status: active", "status: deprecated")


def test_a_new_entry_comes_last() -> None:
    assert with_entry(TEXT, "reason", "It stopped: for good") == TEXT + 'reason: "It stopped: for good"\n'


def test_a_last_line_without_an_end_is_ended_first() -> None:
    assert with_entry("a: 1", "b", 2) == "a: 1\nb: 2\n"


def test_what_stands_before_the_next_entry_stays_with_it() -> None:
    changed = without_entry(TEXT, "owners")
    assert "ann" not in changed
    assert "\n# What stands here belongs to the status.\nstatus: active\n" in changed


def test_leaving_out_what_is_not_there_changes_nothing() -> None:
    assert without_entry(TEXT, "reason") == TEXT


def test_an_item_comes_last_in_the_indentation_of_its_list() -> None:
    changed = with_item(TEXT, "owners", {"login": "cem", "id": 33})
    assert changed == TEXT.replace("id: 22}\n", "id: 22}\n  - login: cem\n    id: 33\n")


@pytest.mark.parametrize("text", ["a: 1\n", "a: 1\nlist: []\n", "a: 1\nlist:\n"])
def test_a_list_is_made_when_there_is_none(text: str) -> None:
    assert parse(with_item(text, "list", "x").encode(), file="f").value == {"a": 1, "list": ["x"]}


def test_a_list_on_one_line_is_left_to_its_author() -> None:
    with pytest.raises(DocumentError, match="one line"):
        with_item(TEXT, "tags", "wall")


@pytest.mark.parametrize("text", ["- a\n", "{a: 1}\n", "a: [\n", "just text\n"])
def test_what_is_no_mapping_in_lines_is_refused(text: str) -> None:
    with pytest.raises(DocumentError):
        with_entry(text, "b", 1)


_KEYS = st.sampled_from(["alpha", "beta", "gamma", "delta"])
_LEAVES = st.one_of(st.text(alphabet="ab: #\n'\"-\\", max_size=12), st.integers(0, 99), st.booleans(), st.none())
_VALUES = st.recursive(
    _LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=3),
    max_leaves=6,
)


@given(document=st.dictionaries(_KEYS, _VALUES, min_size=1), key=_KEYS, value=_VALUES)
def test_exactly_one_value_changes(document: Mapping[str, Any], key: str, value: Any) -> None:
    text = write_yaml(document).decode()
    assert parse(with_entry(text, key, value).encode(), file="f").value == {**document, key: value}
    left = {name: one for name, one in document.items() if name != key}
    if left:
        assert parse(without_entry(text, key).encode(), file="f").value == left
