"""A list of revocations in parts: one after the other they are the list, and what is complete never changes again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pluginry.encoding import revocation_file
from pluginry.encoding.revocation_file import PART_ENTRIES, joined_parts, published_parts
from pluginry.errors import DocumentError
from pluginry.model import layout

if TYPE_CHECKING:
    from collections.abc import Iterable

LONG_LINE = layout.REVOCATIONS_PART_BYTES // 3


def lines(lengths: Iterable[int]) -> bytes:
    """Return lines of these lengths, with their ends."""
    return b"".join(bytes([97 + at % 26]) * (length - 1) + b"\n" for at, length in enumerate(lengths))


def complete(data: bytes) -> dict[str, bytes]:
    """Return the published parts that are complete."""
    return {path: body for path, body in published_parts(data).items() if path != layout.REVOCATIONS_TARGET}


@pytest.mark.parametrize("count", [1, 2, PART_ENTRIES - 1, PART_ENTRIES])
def test_a_short_list_is_one_target_as_it_stands(count: int) -> None:
    data = lines([40] * count)
    assert published_parts(data) == {layout.REVOCATIONS_TARGET: data}


def test_an_empty_list_is_not_published() -> None:
    assert published_parts(b"") == {}
    assert joined_parts({}.get) == b""


def test_a_long_list_is_parts_of_a_thousand_entries_and_the_rest() -> None:
    published = published_parts(lines([40] * (2 * PART_ENTRIES + 1)))
    assert list(published) == ["index/revocations.1.jsonl", "index/revocations.2.jsonl", "index/revocations.jsonl"]
    assert [body.count(b"\n") for body in published.values()] == [PART_ENTRIES, PART_ENTRIES, 1]


def test_long_entries_make_shorter_parts() -> None:
    published = published_parts(lines([LONG_LINE] * 7))
    assert [body.count(b"\n") for body in published.values()] == [3, 3, 1]
    assert all(len(body) <= layout.REVOCATIONS_PART_BYTES for body in published.values())


def test_more_parts_than_clients_take_are_not_published(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(revocation_file, "PART_ENTRIES", 1)
    assert len(published_parts(lines([2] * (layout.MAX_REVOCATIONS_PARTS + 1)))) == layout.MAX_REVOCATIONS_PARTS + 1
    with pytest.raises(DocumentError, match="too long"):
        published_parts(lines([2] * (layout.MAX_REVOCATIONS_PARTS + 2)))


@settings(max_examples=60)
@given(st.lists(st.integers(1, 40), max_size=60), st.lists(st.integers(1, 40), max_size=60), st.integers(1, 9))
def test_whatever_is_appended_the_parts_are_the_list_and_complete_ones_stay(
    before: list[int], more: list[int], entries: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(revocation_file, "PART_ENTRIES", entries)
        patch.setattr(layout, "REVOCATIONS_PART_BYTES", 100)
        patch.setattr(layout, "MAX_REVOCATIONS_PARTS", 1000)
        old, new = lines(before), lines([*before, *more])
        assert joined_parts(published_parts(old).get) == old
        assert joined_parts(published_parts(new).get) == new
        assert complete(old).items() <= complete(new).items()
        assert all(body.count(b"\n") <= entries and len(body) <= 100 for body in published_parts(new).values())


@given(st.lists(st.integers(1, 40), min_size=4, max_size=40), st.data())
def test_without_one_of_its_parts_it_is_another_list(lengths: list[int], data: st.DataObject) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(revocation_file, "PART_ENTRIES", 2)
        published = published_parts(lines(lengths))
        lost = data.draw(st.sampled_from(sorted(published)))
        left = {path: body for path, body in published.items() if path != lost}
        assert not joined_parts(left.get).startswith(lines(lengths))
