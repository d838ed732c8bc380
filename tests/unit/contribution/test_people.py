"""Who asked and who agreed, as forges say it: numbers, the commit that was looked at, and the last word."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pluginry.contribution.people import People, read_approvals, read_event
from pluginry.errors import DocumentError
from pluginry.model.listing import Account

HEAD, OLD = "ab" * 20, "cd" * 20
ANNA, BEN = Account(login="anna", id=1), Account(login="ben", id=2)


def an_event(**changes: Any) -> bytes:
    pull_request = {
        "number": 7,
        "user": {"login": "anna", "id": 1, "type": "User"},
        "base": {"sha": OLD, "ref": "main"},
        "head": {"sha": HEAD, "ref": "topic"},
        **changes,
    }
    return json.dumps({"action": "opened", "pull_request": pull_request}).encode()


def a_review(user: Account | None, state: str = "APPROVED", commit: str = HEAD) -> dict[str, Any]:
    return {"user": user and {"login": user.login, "id": user.id}, "state": state, "commit_id": commit}


def approvals(*reviews: dict[str, Any]) -> frozenset[int]:
    return read_approvals(json.dumps(reviews).encode(), head=HEAD)


def test_an_event_names_author_and_commits() -> None:
    event = read_event(an_event())
    assert (event.number, event.author, event.author.login) == (7, ANNA, "anna")
    assert (event.base, event.head) == (OLD, HEAD)


@pytest.mark.parametrize(
    "data",
    [
        b"[]",
        b"{}",
        b'{"pull_request": null}',
        b"not json",
        an_event(number="7"),
        an_event(user={"login": "anna"}),
        an_event(user={"login": "anna", "id": "1"}),
        an_event(user={"login": "anna", "id": True}),
        an_event(user=None),
        an_event(head={}),
        an_event(base=None),
    ],
)
def test_what_is_no_event_is_refused(data: bytes) -> None:
    with pytest.raises(DocumentError):
        read_event(data)


def test_an_approval_counts_for_the_commit_that_was_looked_at() -> None:
    assert approvals(a_review(ANNA), a_review(BEN, commit=OLD)) == {1}


def test_only_the_last_word_counts() -> None:
    assert approvals(a_review(ANNA), a_review(ANNA, "CHANGES_REQUESTED")) == frozenset()
    assert approvals(a_review(ANNA), a_review(ANNA, "DISMISSED")) == frozenset()
    assert approvals(a_review(ANNA, "CHANGES_REQUESTED"), a_review(ANNA)) == {1}
    assert approvals(a_review(ANNA), a_review(ANNA, commit=OLD)) == frozenset()


def test_a_comment_takes_no_approval_back() -> None:
    assert approvals(a_review(ANNA), a_review(ANNA, "COMMENTED")) == {1}


def test_accounts_that_are_gone_agree_to_nothing() -> None:
    assert approvals(a_review(None)) == frozenset()


def test_a_list_of_something_else_is_refused() -> None:
    with pytest.raises(DocumentError):
        read_approvals(b'{"state": "APPROVED"}', head=HEAD)


def test_authors_do_not_count_as_approving() -> None:
    people = People(author=ANNA, approvals=frozenset({1, 2}))
    assert people.approved_by([ANNA, BEN]) == 1
    assert people.include([ANNA])


@given(st.recursive(st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=5), st.lists))
def test_no_list_of_reviews_brings_the_reader_down(value: Any) -> None:
    try:
        found = read_approvals(json.dumps(value).encode(), head=HEAD)
    except DocumentError:
        return
    assert found == frozenset()
