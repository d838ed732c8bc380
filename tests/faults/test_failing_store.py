"""A store that fails, before or after it did what it was asked for, at every single request."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from faults.prepared import LOCATION
from memory_store import MemoryStore
from pluginry.errors import AuthError, PluginryError, PublishConflictError, TransportError
from pluginry.model.layout import TURN_KEY
from watched_store import Request, WatchedStore

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from faults.prepared import Prepared

REQUESTS = 48
"""So many a publication makes at least; a test sees to it that it is not fewer."""


def a_store(prepared: Prepared) -> WatchedStore:
    store = MemoryStore(location=LOCATION)
    prepared.seed(store)
    return WatchedStore(store)


def once(number: int, error: PluginryError) -> Callable[[Request], None]:
    def check(request: Request) -> None:
        if request.number == number:
            raise error

    return check


def test_the_whole_publication_is_disturbed(prepared: Prepared, tmp_path: Path) -> None:
    store = a_store(prepared)
    prepared.publish(store, tmp_path)
    assert len(store.requests) >= REQUESTS


@pytest.mark.parametrize(
    ("moment", "error", "every"),
    [
        ("before", TransportError("HTTP 503"), 1),
        ("after", TransportError("HTTP 500"), 1),
        ("before", AuthError("HTTP 403"), 6),
        ("after", PublishConflictError("HTTP 412"), 2),
    ],
    ids=lambda value: getattr(value, "code", str(value)),
)
def test_a_failure_at_any_request_spoils_nothing(
    prepared: Prepared, tmp_path: Path, moment: str, error: PluginryError, every: int
) -> None:
    checked: set[tuple[str, ...]] = set()
    failed = 0
    for number in range(0, REQUESTS, every):
        store, inventories = a_store(prepared), tmp_path / str(number)
        setattr(store, moment, once(number, error))
        try:
            prepared.publish(store, inventories)
        except PluginryError as caught:
            assert type(caught) is type(error)  # noqa: PT017 - some failures are overcome, and none becomes another
            failed += 1
        store.before = store.after = lambda _request: None
        readable = tuple(sorted(stored.key for stored in store.inner.list()))
        if readable not in checked:
            prepared.check_clients(store)
        checked.add(readable)
        prepared.check_pages(store)
        prepared.publish(store, inventories)
        prepared.check_finished(store)
        if number % 8 == 0:
            assert prepared.publish(store, inventories).written == 0
    assert failed > 0 or isinstance(error, PublishConflictError)  # which is what starting over is for


def test_a_store_that_fails_all_the_time_is_given_up_and_left_as_it_was(prepared: Prepared, tmp_path: Path) -> None:
    store = a_store(prepared)
    before = {stored.key: stored.tag for stored in store.inner.list()}

    def fail(request: Request) -> None:
        if request.is_write:
            raise TransportError("HTTP 500")

    store.before = fail
    for _ in range(3):
        with pytest.raises(TransportError):
            prepared.publish(store, tmp_path)
    assert {stored.key: stored.tag for stored in store.inner.list()} == before
    assert TURN_KEY in before
