from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet
from packaging.version import Version as Pep440

from any_model import ranges, versions
from pluginry.errors import DocumentError
from pluginry.model.versions import EVERY_VERSION, Version, VersionRange

if TYPE_CHECKING:
    from collections.abc import Callable

SIGNS: dict[str, Callable[[Any, Any], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    "==": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    "<": operator.lt,
}
CLOSE = versions(st.integers(0, 2))
"""Versions so close to each other that every comparison has many cases."""


def semver_key(version: Version) -> tuple[Any, ...]:
    """Return the precedence of SemVer 2, section 11, for what our grammar allows."""
    core, _, prerelease = str(version).partition("-")
    kind, _, number = prerelease.partition(".")
    return (*map(int, core.split(".")), (0, kind, int(number)) if prerelease else (1, "", 0))


@pytest.mark.parametrize(
    "text", ["0.0.0", "1.2.3", "1.10.0", "1.0.0-alpha.0", "1.0.0-beta.12", "1.0.0-rc.1", "999999999.0.0"]
)
def test_a_version_is_written_back_as_it_was(text: str) -> None:
    assert str(Version(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        *("", "1", "1.2", "1.2.3.4", "v1.2.3", "01.2.3", "1.2.3 ", " 1.2.3", "1.2.3\n", "1.2.x", "1.2.-3", "+1.2.3"),
        *("1.2.3-rc", "1.2.3-rc.", "1.2.3-rc1", "1.2.3-rc.01", "1.2.3-gamma.1", "1.2.3-RC.1", "1.2.3+build", "1.2.3-1"),
        *(
            "1.2.3.post1",
            "1.2.3.dev0",
            "1!1.2.3",
            "1.2.3-rc.1.2",
            "1000000000.0.0",
            "\u0661.\u0662.\u0663",
            "1.2.3\0",
            "1e1.0.0",
        ),
    ],
)
def test_nothing_else_is_a_version(text: str) -> None:
    with pytest.raises(DocumentError, match="not a version"):
        Version(text)


@given(versions(), versions())
def test_every_two_versions_are_ordered_as_semver_and_pep_440_order_them(first: Version, second: Version) -> None:
    assert (first < second) == (semver_key(first) < semver_key(second)) == (Pep440(str(first)) < Pep440(str(second)))
    assert (first == second) == (semver_key(first) == semver_key(second))


@given(CLOSE, CLOSE)
def test_close_versions_are_ordered_by_all_comparisons_alike(first: Version, second: Version) -> None:
    for compare in SIGNS.values():
        assert compare(first, second) == compare(semver_key(first), semver_key(second))


@given(CLOSE, CLOSE)
def test_equal_versions_are_one_key(first: Version, second: Version) -> None:
    assert len({first, second}) == (1 if first == second else 2)


def test_a_version_is_not_compared_with_anything_else() -> None:
    assert Version("1.0.0") != "1.0.0"
    with pytest.raises(TypeError):
        _ = Version("1.0.0") < "1.0.0"


@given(versions())
def test_what_has_a_suffix_is_a_prerelease(version: Version) -> None:
    assert version.is_prerelease == ("-" in str(version))


@given(CLOSE, st.sampled_from(sorted(SIGNS)), st.lists(st.integers(0, 2), min_size=1, max_size=3), st.booleans())
def test_a_finished_version_is_in_a_range_when_the_numbers_say_so(
    version: Version, sign: str, numbers: list[int], space: bool
) -> None:
    finished = Version(str(version).partition("-")[0])
    span = VersionRange(f"{sign}{' ' if space else ''}{'.'.join(map(str, numbers))}")
    bound = (*numbers, 0, 0)[:3]
    assert (finished in span) == SIGNS[sign](tuple(map(int, str(finished).split("."))), bound)


@pytest.mark.parametrize(
    ("version", "span", "inside"),
    [
        ("2.0.0-rc.1", "<2", False),  # a prerelease of 2 is not before 2 for whoever wants the 1 series
        ("2.0.0-rc.1", "<2.0.0", False),
        ("2.0.0-rc.1", "<=2", True),
        ("2.0.0-rc.1", "<2.0.1", True),
        ("2.0.0-rc.1", "<2.0.0-rc.2", True),
        ("2.0.0-rc.2", "<2.0.0-rc.2", False),
        ("2.0.0-rc.1", ">=2", False),
        ("2.0.0-rc.1", ">=2.0.0-alpha.1", True),
        ("2.0.0", ">2.0.0-rc.9", True),
        ("2.0.0", ">2", False),
        ("2.0.1", ">2", True),
        ("1.5.0-beta.1", ">=1,<2", True),
        ("1.5.0-beta.1", "*", True),
        ("1.2.0", "==1.2", True),
        ("1.2.1", "==1.2", False),
        ("1.2.0-rc.1", "==1.2", False),
        ("1.2.0-rc.1", "!=1.2", True),
        ("1.0.0", ">=1,>=1,>=1", True),
        ("1.0.0", ">1,<1", False),
    ],
)
def test_prereleases_and_edges_of_ranges(version: str, span: str, inside: bool) -> None:
    assert (Version(version) in VersionRange(span)) is inside


@given(CLOSE, st.lists(st.tuples(st.sampled_from(sorted(SIGNS)), CLOSE, st.integers(1, 3)), min_size=1, max_size=3))
def test_a_range_holds_what_pep_440_says(version: Version, comparators: list[tuple[str, Version, int]]) -> None:
    text = ",".join(sign + shortened(bound, numbers) for sign, bound, numbers in comparators)
    expected = SpecifierSet(text).contains(Pep440(str(version)), prereleases=True)
    assert (version in VersionRange(text)) is expected


def shortened(version: Version, numbers: int) -> str:
    """Return `version` with as many numbers, and its suffix."""
    core, mark, suffix = str(version).partition("-")
    return ".".join(core.split(".")[:numbers]) + mark + suffix


@given(CLOSE, ranges(), ranges())
def test_a_comma_means_and(version: Version, first: VersionRange, second: VersionRange) -> None:
    both = ",".join(text for text in (str(first), str(second)) if text != "*") or "*"
    assert (version in VersionRange(both)) == (version in first and version in second)


@given(versions())
def test_every_version_is_in_the_range_of_all(version: Version) -> None:
    assert version in EVERY_VERSION


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "1.2", "=1", "~=1.2", "^1.2", "~1.2", ">=", ">= ", ">=1,", ",>=1", ">=1,,<2", ">=1 <2", "* ", "*,*"),
        *(
            ">=1.x",
            "==1.*",
            ">=v1",
            ">=01",
            ">=1.2.3.4",
            "===1",
            ">=1;<2",
            ">=1\n",
            "\n*",
            ">=1.0.0+x",
            ">=1.2-rc",
            "> =1",
        ),
    ],
)
def test_nothing_else_is_a_range(text: str) -> None:
    with pytest.raises(DocumentError, match="not a range"):
        VersionRange(text)


@given(ranges())
def test_a_range_is_its_text(span: VersionRange) -> None:
    again = VersionRange(str(span))
    assert again == span
    assert hash(again) == hash(span)
