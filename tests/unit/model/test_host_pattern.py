from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pluginry.errors import DocumentError
from pluginry.model.host_pattern import MAX_POSITIONS, HostPattern

CHARACTERS = "ab01.-_ \n"
ATOMS = st.sampled_from(
    ["a", "b", "0", r"\.", ".", "[ab]", "[^a]", "[a-b0-1]", r"\d", r"\w", r"\S", r"[\d-]", "-", "_"]
)
REPEATS = st.sampled_from(["", "*", "+", "?", "{2}", "{0,2}", "{1,}", "*?", "{0}"])
PATTERNS = st.recursive(
    st.tuples(ATOMS, REPEATS).map("".join),
    lambda inner: (
        st.lists(inner, max_size=3).map("".join)
        | st.tuples(st.lists(inner, min_size=1, max_size=3).map("|".join), REPEATS).map(lambda p: f"({p[0]}){p[1]}")
        | st.tuples(inner, REPEATS).map(lambda p: f"(?:{p[0]}){p[1]}")
    ),
    max_leaves=6,
)


@given(PATTERNS, st.text(alphabet=CHARACTERS, max_size=8))
def test_it_agrees_with_regular_expressions(pattern: str, text: str) -> None:
    assert HostPattern(pattern).matches(text) == bool(re.fullmatch(pattern, text, re.ASCII))


@given(st.text(max_size=30), st.text(max_size=20))
def test_any_text_is_a_pattern_or_refused_with_a_reason(pattern: str, text: str) -> None:
    refusal: DocumentError | None = None
    try:
        assert HostPattern(pattern).matches(text) in (True, False)
    except DocumentError as error:
        refusal = error
    assert refusal is None or (refusal.why and refusal.hint)


@given(st.text(alphabet="ab()|*+?{}[]^$\\.-,0123:=", max_size=20))
def test_what_is_accepted_means_the_same_to_regular_expressions(pattern: str) -> None:
    try:
        parsed = HostPattern(pattern)
    except DocumentError:
        return
    body = pattern.removeprefix("^")
    for text in ("", "a", "b", "ab", "aab", "{", "1"):
        assert parsed.matches(text) == bool(re.fullmatch(body, text, re.ASCII)), text


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (r"^com\.[a-z]+(\.[a-z_]+)+$", "com.acme.spam_filter"),
        (r"[a-z0-9.-]+:[0-9]{1,5}", "api.example.com:443"),
        (r"cost\$", "cost$"),
        (r"a\\", "a\\"),
        (r"\[\]\^", "[]^"),
        ("", ""),
        ("a|", ""),
        (r"[^/]+", "grün"),
        (r"\t\n\r", "\t\n\r"),
    ],
)
def test_good_texts_fit(pattern: str, text: str) -> None:
    assert HostPattern(pattern).matches(text)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [("abc", "abcd"), ("abc", "xabc"), ("abc", "abc\n"), (r"\d", "٣"), (r"\w", "é"), (".", "\n"), ("a", "A")],
)
def test_a_text_fits_whole_or_not_at_all(pattern: str, text: str) -> None:
    assert not HostPattern(pattern).matches(text)


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("(?=a)", "(?"),
        ("(?P<x>a)", "(?"),
        ("(?i)a", "(?"),
        (r"(a)\1", r"\1 is not read"),
        (r"\bx", r"\b is not read"),
        (r"\pL", r"\p is not read"),
        ("(a", "not closed"),
        ("a)", "closes nothing"),
        ("[a", "ends too early"),
        ("a\\", "ends too early"),
        ("a++", "only one of them"),
        ("a**", "only one of them"),
        ("a{1", "only one of them"),
        ("a{3,2}", "smaller to the larger"),
        ("*a", "nothing to stand for"),
        ("a^b", "nothing to stand for"),
        ("a$b", "nothing to stand for"),
        ("[]a]", r"\]"),
        ("[a[b]", r"\["),
        ("[z-a]", "smaller to the larger"),
        (r"[\d-z]", "smaller to the larger"),
        ("(" * 50 + ")" * 50, "nested too deeply"),
        ("a{999}", "too large"),
        ("((a{20}){20}){20}", "too large"),
        ("a" * (MAX_POSITIONS + 1), "too large"),
    ],
)
def test_what_needs_more_than_an_automaton_is_refused(pattern: str, why: str) -> None:
    with pytest.raises(DocumentError) as caught:
        HostPattern(pattern)
    assert why in caught.value.why


@pytest.mark.parametrize(
    "pattern", ["(a+)+b", "((a*)*)*b", "(.*.*.*.*.*x)+", "(a|aa)+b", "((((){999}){999}){999}){999}b"]
)
def test_patterns_that_freeze_others_are_answered(pattern: str) -> None:
    assert not HostPattern(pattern).matches("a" * 2000)
