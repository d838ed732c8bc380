"""One publication from begin to end: who was quicker wins, and the other one starts over by itself.

In: a store, where its inventory is kept, and how to prepare objects from what is known of the store. Out: what was
written. It looks at the store first, prepares, publishes, ends its turn and keeps the inventory. When somebody else
published meanwhile it does so again, a few times, from what is there then.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Final, TypeVar

from pluginry.errors import PublishConflictError, TransportError
from pluginry.model.turn import Doing
from pluginry.publisher.inventory import NOTHING_KNOWN, Inventory
from pluginry.publisher.metadata_view import MetadataView
from pluginry.publisher.publish import publish
from pluginry.publisher.turn import Attempt

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from pluginry.model.published import PublishedObject
    from pluginry.ports import ObjectStore
    from pluginry.publisher.inventory import InventoryFile
    from pluginry.publisher.outcome import PublishReport

T = TypeVar("T")
TRIES: Final = 4


def publish_in_turn(
    prepare: Callable[[Inventory, ObjectStore], tuple[T, Iterable[PublishedObject]]],
    store: ObjectStore,
    *,
    kept: InventoryFile,
    now: datetime,
    may_list: bool = True,
) -> tuple[T, PublishReport]:
    """Publish what `prepare` makes of what is known and of a view of the store; return its value and what was written.

    Where the inventory is gone, the store is listed if that `may_list`, and else asked about each object.

    Raises:
        PublishConflictError: others were quicker each time; what they published is current.
        BusyError: somebody is collecting garbage.
        TransportError: the store failed; the next run goes on from here.

    """
    for tries_left in reversed(range(TRIES)):
        try:
            return _publish_once(prepare, store, kept, now, may_list=may_list)
        except PublishConflictError:
            if not tries_left:
                raise
    raise AssertionError(TRIES)  # the last try returned or raised


def known_of(store: ObjectStore, *, kept: InventoryFile, now: datetime) -> Inventory:
    """Return what `store` holds, for who does not write to it yet; the errors of `publish_in_turn`."""
    return _known(Attempt.begin(store, Doing.PUBLISHING, now=now), kept, may_list=True)


def _publish_once(
    prepare: Callable[[Inventory, ObjectStore], tuple[T, Iterable[PublishedObject]]],
    store: ObjectStore,
    kept: InventoryFile,
    now: datetime,
    *,
    may_list: bool,
) -> tuple[T, PublishReport]:
    attempt = Attempt.begin(store, Doing.PUBLISHING, now=now)
    known = _known(attempt, kept, may_list=may_list)
    prepared, objects = prepare(known, MetadataView(store))
    kept.lay_aside()
    report = publish(objects, store, timestamp_tag=attempt.timestamp_tag, known=known, take_turn=attempt.take)
    with suppress(PublishConflictError, TransportError):  # published is published; only the inventory is lost
        attempt.end()
        if not report.marks:
            kept.put_back()
        elif attempt.is_settled:
            kept.keep(known.with_written(report.marks), attempt.turn)
    return prepared, report


def _known(attempt: Attempt, kept: InventoryFile, *, may_list: bool) -> Inventory:
    known = kept.load(attempt.turn)
    if known is None and may_list:
        known = Inventory.of(attempt.store)
        if attempt.is_settled:  # else somebody may be at it, and what was listed is old in a moment
            kept.keep(known, attempt.turn)
    return known or NOTHING_KNOWN
