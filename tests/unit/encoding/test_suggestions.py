from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pluginry.encoding.suggestions import closest, did_you_mean

KEYS = ("homepage", "summary", "license", "replaced_by", "screenshots")


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("homepgae", "homepage"),
        ("Summary", "summary"),
        ("licence", "license"),
        ("replaced-by", "replaced_by"),
        ("screenshot", "screenshots"),
    ],
)
def test_a_mistyped_word_finds_what_was_meant(word: str, meant: str) -> None:
    assert closest(word, KEYS) == (meant,)
    assert did_you_mean(word, KEYS) == f"did you mean {meant!r}?"


@pytest.mark.parametrize("word", ["", "xyzzy", "h" * 101, "homepage" * 10_000])
def test_nothing_is_suggested_for_what_resembles_nothing(word: str) -> None:
    assert closest(word, KEYS) == ()
    assert did_you_mean(word, KEYS) == ""


@pytest.mark.parametrize(
    ("word", "meant"), [("acme/fliter", ("acme/filter",)), ("acne/filter", ("acme/filter",)), ("acme/watch", ())]
)
def test_a_namespace_in_common_makes_nobody_mean_another_plugin(word: str, meant: tuple[str, ...]) -> None:
    assert closest(word, ["acme/batch-jobs", "acme/filter", "acme/beta"]) == meant


def test_several_suggestions_come_best_first() -> None:
    assert closest("spam-filter", ["spam-filters", "ham-filter", "calendar"], count=3) == ("spam-filters", "ham-filter")


def test_without_candidates_there_is_no_suggestion() -> None:
    assert did_you_mean("name", ()) == ""


@given(st.text(), st.lists(st.text(), max_size=5))
def test_a_suggestion_is_always_one_of_the_candidates(word: str, candidates: list[str]) -> None:
    assert set(closest(word, candidates, count=3)) <= set(candidates)
