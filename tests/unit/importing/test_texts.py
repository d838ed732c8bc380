from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pluginry.importing.texts import (
    address_prefix,
    https_address,
    is_download_address,
    markdown_from,
    markdown_from_plain,
    markdown_without_description,
    one_line,
    plugin_name,
    tags_from,
)


@given(st.text(max_size=200), st.integers(10, 90))
def test_a_line_is_short_visible_and_one(text: str, limit: int) -> None:
    line = one_line(text, limit)

    assert len(line) <= limit
    assert all(char.isprintable() for char in line)
    assert line == line.strip()


def test_a_long_line_ends_behind_a_word() -> None:
    assert one_line("The quick brown fox jumps over the lazy dog.", 24) == "The quick brown fox\N{HORIZONTAL ELLIPSIS}"
    assert one_line("x" * 50, 20) == "x" * 19 + "\N{HORIZONTAL ELLIPSIS}"
    assert one_line(" two\n lines\t", 80) == "two lines"


def test_tags_are_lower_case_words() -> None:
    assert tags_from(["ESLint Plugin", "eslint-plugin", "!!!", "a" * 31, "UTF 8"]) == ("eslint-plugin", "utf-8")
    assert len(tags_from(map(str, range(50)))) == 12


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("pytest_timeout", "pytest-timeout"),
        ("@semantic-release/exec", "semantic-release-exec"),
        ("keyrings.alt", "keyrings-alt"),
        ("AIAssistant", "aiassistant"),
        ("mkdocs-git-revision-date-localized-plugin", "mkdocs-git-revision-date-localized"),
        ("___", None),
        ("ü", None),
        ("x" * 41, None),
    ],
)
def test_names_of_plugins(text: str, expected: str | None) -> None:
    assert plugin_name(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://example.com/a", "https://example.com/a"),
        ("git+https://github.com/a/b.git", "https://github.com/a/b"),
        ("git+ssh://git@github.com/a/b.git", "https://github.com/a/b"),
        ("git://github.com/a/b.git", "https://github.com/a/b"),
        ("git@github.com:a/b.git", "https://github.com/a/b"),
        ("http://www.github.com/a/b#readme", "https://github.com/a/b#readme"),
        ("github:a/b", "https://github.com/a/b"),
        ("a/b", "https://github.com/a/b"),
        ("http://example.com/", ""),
        ("https://user:secret@example.com/", ""),
        ("https://example.com/ b", ""),
        ("javascript:alert(1)", ""),
        ("TODO", ""),
        ("https://example.com/" + "x" * 2000, ""),
    ],
)
def test_addresses_become_https(text: str, expected: str) -> None:
    assert https_address(text) == expected


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("https://example.com/a.zip", True),
        ("https://example.com/a%20b.zip", True),
        ("http://example.com/a.zip", False),
        ("https://example.com/a/../b.zip", False),
        ("https://example.com/a%2Fb.zip", False),
        ("https://example.com/a%252Fb.zip", False),
        ("https://example.com/%2e%2e/b.zip", False),
        ("https://user@example.com/a.zip", False),
    ],
)
def test_files_come_from_addresses_that_lead_where_they_read(text: str, is_one: bool) -> None:
    assert is_download_address(text) is is_one


def test_releases_come_from_the_repository_at_a_forge() -> None:
    assert address_prefix("https://github.com/a/b/releases/download/v1/x.zip") == "https://github.com/a/b/"
    assert address_prefix("https://dl.example.com/x/y/z.zip") == "https://dl.example.com/x/"
    assert address_prefix("https://dl.example.com/z.zip") == "https://dl.example.com/"


def test_pictures_from_elsewhere_are_left_out() -> None:
    text = (
        "[![Build](https://ci.example/b.svg)](https://ci.example)\r\n# Demo\n\n\n\n![x][y] Text <img src='a'> end  \n"
    )

    assert markdown_from(text) == "# Demo\n\n Text  end\n"


def test_links_to_other_registries_are_left_out() -> None:
    registry = "https://www." + "npm" + "js.com/package/demo"
    text = f"See [demo]({registry}) or <{registry}>.\n\n[npm]: {registry}\n[Docs](https://example.com/)\n"

    assert markdown_from(text) == "See demo or .\n\n[Docs](https://example.com/)\n"


def test_nothing_stays_nothing() -> None:
    assert markdown_from(" \n![x](y)\n") == ""


@pytest.mark.parametrize("text", ["![" * 50_000, "<img" * 50_000, "[![a](b" * 20_000, "[" * 100_000, "(" * 100_000])
def test_hostile_markdown_costs_no_time(text: str) -> None:
    assert markdown_from(text)


def test_plain_text_keeps_its_layout() -> None:
    assert markdown_from_plain("# Demo", "Use it:\n\n  kubectl demo <pod>\n") == (
        "# Demo\n\n```text\nUse it:\n\n  kubectl demo <pod>\n```\n"
    )
    assert markdown_from_plain("# Demo", "Shows <b>bold</b> & more") == "# Demo\n\nShows &lt;b>bold&lt;/b> &amp; more\n"
    assert "\n````text\n" in markdown_from_plain("# Demo", "  ```\n  x\n  ```")


def test_a_readme_is_never_empty() -> None:
    assert markdown_without_description("# Demo", "Shows demos", "") == "# Demo\n\nShows demos\n"
    assert "https://example.com/" in markdown_without_description("# Demo", "Shows demos", "https://example.com/")
