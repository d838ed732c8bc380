"""Changes of a version, from changelogs as people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pluginry.contribution.changelog import MAX_CHANGES, MAX_TEXT, changes_of
from pluginry.model.versions import Version

TWO = Version("2.0.0")


def found(text: str) -> list[tuple[str, str]]:
    return [(change.kind, change.text) for change in changes_of(text, TWO)]


@pytest.mark.parametrize("heading", ["## 2.0.0", "## [2.0.0] - 2026-01-01", "# v2.0.0 (today)", "### demo 2.0.0"])
def test_a_section_is_found_by_its_version(heading: str) -> None:
    text = f"# Changes\n\n{heading}\n\n- Added: a page\n- Mended a hole\n\n{heading.replace('2', '1', 1)}\n- Old\n"
    assert found(text) == [("added", "a page"), ("changed", "Mended a hole")]


def test_headings_below_give_the_kind() -> None:
    text = "## 2.0.0\n### Fixed\n- One that\n  goes on\n### Security\n* Two\n## 1.0.0\n- Old\n"
    assert found(text) == [("fixed", "One that goes on"), ("security", "Two")]


@pytest.mark.parametrize("heading", ["## 12.0.0", "## 2.0.0-rc.1", "## 2.0.01", "## Unreleased"])
def test_other_versions_are_not_mistaken_for_it(heading: str) -> None:
    assert found(f"{heading}\n- No\n") == []


def test_what_is_too_much_is_cut() -> None:
    many = changes_of("## 2.0.0\n" + f"- {'x' * 999}\n" * 500, TWO)
    assert (len(many), len(many[0].text)) == (MAX_CHANGES, MAX_TEXT)


@given(st.text())
def test_no_text_is_an_error(text: str) -> None:
    assert all(change.text for change in changes_of(f"## 2.0.0\n- {text}", TWO))
