"""The lock of publishers on S3 stores without ``If-Match``, on servers of both kinds: atomic creation, and not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fault_proxy import ALWAYS, FaultProxy, answering, cut_after, slow_request
from pluginry.adapters.store_lock import PublisherLock
from pluginry.errors import BusyError, PublishConflictError, TransportError
from stores import at_once

if TYPE_CHECKING:
    from collections.abc import Callable

    from pluginry.adapters.s3_store import S3Store
    from s3_servers import S3Server

KEY = "v1/.store/lock"


def a_lock(store: S3Store, *, settles_s: float = 2.0, lasts_s: float = 600.0) -> PublisherLock:
    return PublisherLock(client=store.client, at=store.at, key=KEY, settles_s=settles_s, lasts_s=lasts_s)


@pytest.fixture
def store(s3_server: S3Server, open_s3_store: Callable[..., S3Store]) -> S3Store:
    return open_s3_store(s3_server)


def is_there(store: S3Store) -> bool:
    return store.find(KEY) is not None


def test_who_holds_it_keeps_others_out_until_it_is_released(store: S3Store) -> None:
    mine, theirs = a_lock(store), a_lock(store)
    mine.hold()
    mine.hold()
    with pytest.raises(BusyError, match="somebody else is publishing"):
        theirs.hold()
    mine.release()
    assert not is_there(store)
    theirs.hold()
    theirs.release()


def test_of_many_who_want_it_at_once_at_most_one_gets_it(store: S3Store) -> None:
    locks = [a_lock(store, settles_s=3.0) for _ in range(6)]
    got = at_once(6, lambda number: locks[number].hold() or number)
    winners = [number for number in got if number is not None]
    assert len(winners) <= 1
    for number in winners:
        locks[number].hold()


def test_releasing_what_is_not_ours_changes_nothing(store: S3Store) -> None:
    mine, theirs = a_lock(store), a_lock(store)
    mine.release()
    mine.hold()
    theirs.release()
    assert is_there(store)


def test_many_threads_share_it(moto_store: S3Store, moto_proxy: FaultProxy) -> None:
    lock = a_lock(moto_store)
    at_once(8, lambda _: lock.hold())
    assert [asked.method for asked in moto_proxy.requests] == ["GET", "PUT", "GET"]


def test_one_that_expired_can_be_taken_and_who_had_it_notices(store: S3Store) -> None:
    mine, theirs = a_lock(store, lasts_s=0.0), a_lock(store, lasts_s=0.0)
    mine.hold()
    theirs.hold()
    with pytest.raises(PublishConflictError, match="took the lock"):
        mine.hold()
    mine.release()
    assert is_there(store)
    theirs.release()
    assert not is_there(store)


def test_one_that_lasts_for_half_its_time_is_renewed(moto_store: S3Store, moto_proxy: FaultProxy) -> None:
    lock = a_lock(moto_store, lasts_s=0.0)
    lock.hold()
    moto_proxy.clear()
    lock.hold()
    assert [asked.method for asked in moto_proxy.requests] == ["GET", "PUT", "GET"]


def test_one_that_was_removed_is_lost(store: S3Store) -> None:
    lock = a_lock(store, lasts_s=0.0)
    lock.hold()
    store.remove(KEY)
    with pytest.raises(PublishConflictError):
        lock.hold()


def test_an_answer_that_was_lost_does_not_lose_it(moto_store: S3Store, moto_proxy: FaultProxy) -> None:
    lock = a_lock(moto_store)
    moto_proxy.strike(cut_after, method="PUT")
    lock.hold()
    with pytest.raises(BusyError):
        a_lock(moto_store).hold()


def test_who_is_too_slow_to_agree_does_not_believe_to_have_it(moto_store: S3Store, moto_proxy: FaultProxy) -> None:
    moto_proxy.strike(slow_request(0.4), method="PUT")
    with pytest.raises(BusyError, match="too slow"):
        a_lock(moto_store, settles_s=0.2).hold()


def test_a_store_that_is_gone_is_an_error_of_the_store(moto_store: S3Store, moto_proxy: FaultProxy) -> None:
    moto_proxy.strike(answering(503), times=ALWAYS)
    with pytest.raises(TransportError):
        a_lock(moto_store).hold()


def test_what_somebody_else_put_there_is_a_lock_too(moto_store: S3Store) -> None:
    moto_store.client.put_object(**moto_store.at.name_of(KEY), Body=b"\xff" * 5000)
    with pytest.raises(BusyError):
        a_lock(moto_store).hold()
    a_lock(moto_store, lasts_s=0.0).hold()
