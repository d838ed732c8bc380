from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from memory_store import MemoryStore
from pluginry.encoding import documents
from pluginry.errors import BusyError, PublishConflictError
from pluginry.model.layout import TIMESTAMP_KEY, TURN_KEY
from pluginry.model.turn import Doing, Turn
from pluginry.publisher.turn import LASTS, Attempt
from watched_store import Request, WatchedStore

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def a_store() -> MemoryStore:
    store = MemoryStore(location="here", objects={TIMESTAMP_KEY: b"timestamp 1"})
    store.modified_at = {TURN_KEY: NOW}
    return store


def begin(store: MemoryStore | WatchedStore, doing: Doing = Doing.PUBLISHING, *, now: datetime = NOW) -> Attempt:
    return Attempt.begin(store, doing, now=now)


def turn_in(store: MemoryStore) -> Turn:
    return documents.decode(Turn, store.objects[TURN_KEY], what="turn")


def test_an_attempt_begins_with_what_is_there() -> None:
    store = a_store()
    first = begin(store)
    assert (first.turn_tag, first.is_settled) == (None, True)
    assert first.timestamp_tag is not None
    assert begin(MemoryStore(location="empty")).timestamp_tag is None
    assert TURN_KEY not in store.objects


def test_a_turn_is_taken_once_and_ended() -> None:
    store = a_store()
    attempt = begin(store)
    attempt.take()
    taken = turn_in(store)
    attempt.take()
    assert turn_in(store) == taken
    assert taken.doing is Doing.PUBLISHING
    attempt.end()
    assert turn_in(store).doing is Doing.NOTHING
    later = begin(store)
    assert (later.turn_tag, later.is_settled) == (attempt.turn_tag, True)


def test_what_never_began_needs_no_end() -> None:
    store = a_store()
    begin(store).end()
    assert TURN_KEY not in store.objects


def test_no_two_turns_are_the_same() -> None:
    store, seen = a_store(), set()
    for _ in range(5):
        attempt = begin(store)
        attempt.take()
        seen.add(attempt.turn_tag)
        attempt.end()
        seen.add(attempt.turn_tag)
    assert len(seen) == 10


def test_turns_have_names_that_come_from_what_is_stored() -> None:
    store = a_store()
    assert begin(store).turn is None
    attempt = begin(store)
    attempt.take()
    taken = attempt.turn
    attempt.end()
    assert len({None, taken, attempt.turn}) == 3
    assert begin(store).turn == attempt.turn


def test_of_two_who_began_together_one_gets_the_turn() -> None:
    store = a_store()
    ours, theirs = begin(store), begin(store)
    theirs.take()
    with pytest.raises(PublishConflictError):
        ours.take()
    theirs.end()
    with pytest.raises(PublishConflictError):
        ours.take()
    begin(store).take()


def test_nobody_gets_a_turn_after_the_timestamp_has_changed() -> None:
    store = a_store()
    attempt = begin(store)
    store.objects[TIMESTAMP_KEY] = b"timestamp 2"
    with pytest.raises(PublishConflictError):
        attempt.take()
    assert TURN_KEY not in store.objects


def test_whoever_lost_the_turn_can_neither_go_on_nor_end_it() -> None:
    store = a_store()
    ours = begin(store)
    ours.take()
    begin(store).take()
    theirs = turn_in(store)
    for go_on in (ours.renew, ours.end):
        with pytest.raises(PublishConflictError):
            go_on()
    assert turn_in(store) == theirs


def test_a_publisher_does_not_wait_for_another_but_knows_that_nothing_is_settled() -> None:
    store = a_store()
    begin(store).take()
    second = begin(store)
    assert not second.is_settled
    second.take()


def test_who_overtook_a_publisher_says_until_when_it_may_still_be_writing() -> None:
    store = a_store()
    begin(store).take()
    lapsed = NOW + LASTS[Doing.PUBLISHING]
    for minutes in range(0, 60, 20):  # one publication after the other: the moment stays the same
        store.modified_at[TURN_KEY] = now = NOW + timedelta(minutes=minutes)
        attempt = begin(store, now=now)
        assert attempt.unsettled_until == lapsed
        with pytest.raises(BusyError, match="publishing") as caught:
            begin(store, Doing.COLLECTING, now=now)
        assert f"{lapsed:%H:%M:%S}" in caught.value.hint
        attempt.take()
        attempt.end()
    assert not begin(store, now=lapsed - timedelta(seconds=1)).is_settled
    begin(store, Doing.COLLECTING, now=lapsed)
    attempt = begin(store, now=lapsed)
    assert attempt.is_settled
    attempt.take()
    attempt.end()
    assert turn_in(store).settled_at is None


def test_a_turn_that_was_not_ended_is_settled_when_nobody_believes_in_it_any_more() -> None:
    store = a_store()
    begin(store).take()
    assert begin(store, now=NOW + LASTS[Doing.PUBLISHING]).is_settled


def test_nobody_waits_longer_than_anybody_can_have_been_writing() -> None:
    store = a_store()
    for_ever = Turn(holder="a" * 32, doing=Doing.NOTHING, settled_at=NOW + timedelta(days=9999))
    store.objects[TURN_KEY] = documents.encode(for_ever)
    lapsed = NOW + LASTS[Doing.PUBLISHING]
    assert begin(store).unsettled_until == lapsed
    assert begin(store, now=lapsed).is_settled


@pytest.mark.parametrize("other", [Doing.PUBLISHING, Doing.COLLECTING])
@pytest.mark.parametrize("doing", [Doing.PUBLISHING, Doing.COLLECTING])
def test_collecting_garbage_and_publishing_exclude_each_other_for_a_while(doing: Doing, other: Doing) -> None:
    store = a_store()
    begin(store, other).take()
    if doing is other is Doing.PUBLISHING:
        begin(store, doing)
        return
    lapsed = NOW + LASTS[other]
    with pytest.raises(BusyError, match="publishing" if other is Doing.PUBLISHING else "collecting") as caught:
        begin(store, doing, now=lapsed - timedelta(seconds=1))
    assert f"{lapsed:%H:%M:%S}" in caught.value.hint
    begin(store, doing, now=lapsed).take()


def test_what_was_ended_excludes_nobody() -> None:
    store = a_store()
    for doing in (Doing.COLLECTING, Doing.PUBLISHING, Doing.COLLECTING):
        attempt = begin(store, doing)
        attempt.take()
        attempt.end()


@pytest.mark.parametrize("body", [b"", b"{}", b"not json", b'{"format":1,"holder":"x","doing":"sleeping"}'])
def test_a_turn_that_cannot_be_read_is_replaced_and_settles_nothing(body: bytes) -> None:
    store = a_store()
    store.objects[TURN_KEY] = body
    attempt = begin(store)
    assert not attempt.is_settled
    with pytest.raises(BusyError, match="publishing"):
        begin(store, Doing.COLLECTING)
    attempt.take()
    attempt.end()
    assert begin(store, now=NOW + LASTS[Doing.PUBLISHING]).is_settled


def test_a_turn_whose_answer_was_lost_is_recognised_as_ours() -> None:
    def ask_twice(request: Request) -> None:
        if request.operation == "replace":
            raise PublishConflictError("somebody else published meanwhile")

    store = a_store()
    attempt = begin(WatchedStore(store, after=ask_twice))
    attempt.take()
    assert turn_in(store).doing is Doing.PUBLISHING
    assert begin(store).turn_tag == attempt.turn_tag


def test_a_turn_that_somebody_took_between_writing_and_looking_is_not_ours() -> None:
    store = a_store()

    def intrude(request: Request) -> None:
        if request.operation == "replace":
            begin(store).take()

    with pytest.raises(PublishConflictError):
        begin(WatchedStore(store, after=intrude)).take()
