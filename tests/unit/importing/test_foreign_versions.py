from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet
from packaging.version import Version as Pep440Version

from pluginry.importing.foreign_versions import range_from_pep440, version_from_pep440, version_from_semver

NUMBERS = st.integers(0, 12)
RELEASES = st.lists(NUMBERS, min_size=1, max_size=3).map(lambda parts: ".".join(map(str, parts)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1.2.3", "1.2.3"),
        ("1.2", "1.2.0"),
        ("7", "7.0.0"),
        ("1.2rc1", "1.2.0-rc.1"),
        ("1.2.3a0", "1.2.3-alpha.0"),
        ("2.0b12", "2.0.0-beta.12"),
        ("1.2.3.0", "1.2.3"),
        ("25.11.29", "25.11.29"),
        ("1.2.3.4", None),
        ("1.2.post1", None),
        ("1.2.dev3", None),
        ("1.2+local", None),
        ("1!1.2", None),
        ("1.9999999999", None),
        ("rubbish", None),
    ],
)
def test_python_versions(text: str, expected: str | None) -> None:
    found = version_from_pep440(text)

    assert (found and found.text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("v1.2.3", "1.2.3"),
        ("1.2.3", "1.2.3"),
        ("1.2.3-beta.4", "1.2.3-beta.4"),
        ("1.2.3-beta4", "1.2.3-beta.4"),
        ("v1.2.3-rc-1", "1.2.3-rc.1"),
        ("v1.1.0-beta", "1.1.0-beta.0"),
        ("v1.0.3-krew", None),
        ("1.2.3-next.1", None),
        ("1.2.3+build", None),
        ("1.2", None),
        ("v01.2.3", None),
        ("1.2.3-beta.4\n", None),
        ("\N{ARABIC-INDIC DIGIT ONE}.2.3", None),
    ],
)
def test_semantic_versions(text: str, expected: str | None) -> None:
    found = version_from_semver(text)

    assert (found and found.text) == expected


@pytest.mark.parametrize(
    ("text", "expected", "is_exact"),
    [
        (">=1.2,<2", ">=1.2,<2", True),
        ("<9,>=6.2.5,!=7.1", ">=6.2.5,!=7.1,<9", True),
        ("~=1.4.2", ">=1.4.2,<1.5", True),
        ("~=1.4", ">=1.4,<2", True),
        ("==1.2.*", ">=1.2,<1.3", True),
        (">=1.0a1", ">=1.0.0-alpha.1", True),
        ("==1.2.3", "==1.2.3", True),
        ("", "*", True),
        ("!=1.2.*,>=1", ">=1", False),
        ("===1.2", "*", False),
        (">=1.0.post1", "*", False),
        ("<=1.2.3.4", "*", False),
        ("rubbish", "*", False),
        ("~=1.999999999.1", "*", False),
    ],
)
def test_python_ranges(text: str, expected: str, is_exact: bool) -> None:
    found = range_from_pep440(text)

    assert set(found.range.text.split(",")) == set(expected.split(","))
    assert (found.lost == ()) is is_exact


@given(
    st.lists(
        st.tuples(st.sampled_from([">=", "<=", ">", "<", "==", "!=", "~="]), RELEASES).filter(
            lambda pair: pair[0] != "~=" or "." in pair[1]
        ),
        max_size=3,
    ),
    st.lists(st.lists(NUMBERS, min_size=3, max_size=3), min_size=1, max_size=8),
)
def test_a_converted_range_holds_at_least_what_the_original_holds(
    pairs: list[tuple[str, str]], candidates: list[list[int]]
) -> None:
    text = ",".join(operator + release for operator, release in pairs)
    found = range_from_pep440(text)

    for parts in candidates:
        version = version_from_pep440(".".join(map(str, parts)))
        assert version is not None
        if Pep440Version(version.text) in SpecifierSet(text):
            assert version in found.range
        elif not found.lost:
            assert version not in found.range
