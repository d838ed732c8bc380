"""From catalogue to catalogue: every pair is joined by its step, every chain by its steps, and nothing else passes."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from any_catalogue import CATALOGUES
from pluginry.encoding import documents
from pluginry.encoding.catalogue_delta import CatalogueRows, after_steps, step_between, without_repetition
from pluginry.errors import DocumentError
from pluginry.model.index import Catalogue, PluginSummary

if TYPE_CHECKING:
    from pluginry.model.catalogue_log import CatalogueStep


@given(CATALOGUES)
def test_a_catalogue_taken_apart_and_joined_is_the_same(catalogue: bytes) -> None:
    parts = CatalogueRows.of(catalogue)
    assert parts.joined() == catalogue
    assert len(parts.rows) == len(documents.decode(Catalogue, catalogue, what="c").plugins)


@given(CATALOGUES, CATALOGUES)
def test_the_step_between_any_two_catalogues_leads_from_one_to_the_other(before: bytes, after: bytes) -> None:
    assert after_steps(before, (step_between(before, after),)) == after


@given(st.lists(CATALOGUES, min_size=2, max_size=6))
def test_from_any_state_of_a_history_the_steps_lead_to_the_last_in_one_go(history: list[bytes]) -> None:
    steps: tuple[CatalogueStep, ...] = ()
    for before, after in pairwise(history):
        step = step_between(before, after)
        steps = (step, *without_repetition(step, steps))
    for back in range(1, len(history)):
        assert after_steps(history[-1 - back], steps[:back]) == history[-1]


@pytest.mark.parametrize("text", [b"", b"{}", b'{"plugins":[', b'{"plugins":[{"name":"no id"}]}', b'{"plugins": []}'])
def test_what_is_no_catalogue_is_refused(text: bytes) -> None:
    with pytest.raises(DocumentError):
        CatalogueRows.of(text)


def test_texts_that_look_like_the_ends_of_rows_stay_texts() -> None:
    summary = PluginSummary(
        id="a/b",  # type: ignore[arg-type]  # written as text all the same
        name='},{"id":"evil/x"',
        summary='"plugins":[{"id":"evil/y"}]}',
        hosts=(),
        status="active",  # type: ignore[arg-type]  # written as text all the same
        channels={},
        tags=('"id":"evil/z"',),
    )
    catalogue = documents.encode(Catalogue(name='"plugins":[', hosts=(), categories=(), plugins=(summary,)))
    assert list(CatalogueRows.of(catalogue).rows) == [b"a/b"]
    assert CatalogueRows.of(catalogue).joined() == catalogue
