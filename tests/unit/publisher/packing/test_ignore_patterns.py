"""Patterns mean what they mean in git, and no pattern costs more than looking at it."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pluginry.errors import DocumentError
from pluginry.publisher.packing.ignore_patterns import LeftOut

if TYPE_CHECKING:
    from pathlib import Path

PATTERNS = (
    "a",
    "/a",
    "a/",
    "a/b",
    "/a/b/",
    "a/*",
    "*/b",
    "**/b",
    "a/**",
    "a/**/c",
    "**/a/**/c.txt",
    "*.txt",
    "?.txt",
    "[bc].txt",
    "[!bc].txt",
    "*\n!c.txt",
    "*.txt\n!a.txt",
    "/*\n!/a/",
    "a/*\n!a/c.txt",
    "# a\n\n a.txt ",
)
PATHS = ("a", "b", "a.txt", "c.txt", "a/b", "a/c.txt", "a/b/c", "a/b/c.txt", "b/a", "b/a.txt", "x/a/y/c.txt", "x/y/b")


def left_out_with_folders(left_out: LeftOut, path: str) -> bool:
    parts = path.split("/")
    folders = ["/".join(parts[:length]) for length in range(1, len(parts))]
    return any(left_out.holds(folder, is_folder=True) for folder in folders) or left_out.holds(path, is_folder=False)


@pytest.mark.parametrize("patterns", PATTERNS)
def test_patterns_mean_what_they_mean_in_git(tmp_path: Path, patterns: str) -> None:
    subprocess.run(["git", "init", "--quiet", str(tmp_path)], check=True)
    # Git keeps a space that stands before a pattern; here it stands for nothing.
    (tmp_path / ".gitignore").write_text("\n".join(line.strip() for line in patterns.split("\n")))
    answer = subprocess.run(
        ["git", "-C", str(tmp_path), "check-ignore", "--no-index", *PATHS], check=False, capture_output=True, text=True
    )
    left_out = LeftOut(patterns)
    assert [path for path in PATHS if left_out_with_folders(left_out, path)] == answer.stdout.split()


def test_the_defaults_can_be_taken_back() -> None:
    assert LeftOut().holds("lib/node_modules", is_folder=True)
    assert not LeftOut("!node_modules").holds("lib/node_modules", is_folder=True)


def test_earlier_packages_of_the_plugin_are_left_out_at_the_top_only() -> None:
    left_out = LeftOut(plugin_name="spam-filter")
    assert left_out.holds("spam-filter-1.2.0-linux-x86_64.zip", is_folder=False)
    assert not left_out.holds("data/spam-filter-1.2.0.zip", is_folder=False)
    assert not left_out.holds("spam-filter-words.zip", is_folder=False)


@pytest.mark.parametrize(("text", "line"), [("/", "1"), ("a\n..", "2"), ("a/../b", "1"), ("./a", "1"), ("!", "1")])
def test_patterns_that_name_nothing_are_refused_with_their_line(text: str, line: str) -> None:
    with pytest.raises(DocumentError) as caught:
        LeftOut(text)
    assert caught.value.where == line


@given(st.text("ab*?[]!/.-\\ \n", max_size=60), st.text("ab/.-", min_size=1, max_size=30))
def test_any_text_is_patterns_or_is_refused(text: str, path: str) -> None:
    try:
        left_out = LeftOut(text)
    except DocumentError:
        return
    assert left_out.holds(path, is_folder=True) in (True, False)
