"""Collecting garbage: objects that no client of the last days can reach any more.

In: a store, who reads its trust metadata, for how many days clients may stay away. Out: a `Collection`, and after
`sweep` a smaller store. Removed is only what a marketplace keeps of earlier states: nodes of the index, attestations,
trust metadata and targets, all by their digest or number, and only what has lain there for these days itself. Roots of
trust, policies, packages and pages are never collected; a package goes only by `take_down`. What hangs on the current
index must be whole, or nothing is removed. A run that breaks off has removed some garbage, and the next one the rest.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Final

from pluginry.errors import UsageError
from pluginry.model import layout
from pluginry.model.turn import Doing
from pluginry.publisher.concurrency import for_each
from pluginry.publisher.reachable import Reachable
from pluginry.publisher.turn import Attempt

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime, timedelta

    from pluginry.model.published import StoredObject
    from pluginry.ports import MetadataReader, ObjectStore

KEEP_DAYS: Final = 30
_INDEX_TARGETS: Final = f"{layout.TARGETS_PREFIX}index/"
_COLLECTED: Final = (layout.NODE_PREFIX, layout.ATTESTATION_PREFIX, _INDEX_TARGETS)
_A_TURN: Final = 200
"""So many removals, then it is said that the turn goes on: others believe in it only for a while."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection:
    """What would be removed, oldest first, and how many objects and roots of the index stay."""

    attempt: Attempt
    garbage: tuple[StoredObject, ...]
    kept: int
    roots: int

    @property
    def size(self) -> int:
        """How many bytes that frees."""
        return sum(stored.size for stored in self.garbage)


def plan_collection(store: ObjectStore, *, reader: MetadataReader, now: datetime, keep: timedelta) -> Collection:
    """Return what no client that refreshed since `keep` before `now` can reach.

    Raises:
        UsageError: nothing is published there.
        BusyError: somebody publishes or collects there.
        TamperedError: what is published is not whole.

    """
    attempt = Attempt.begin(store, Doing.COLLECTING, now=now)
    current = reader.current_target(layout.INDEX_ROOT_TARGET, store)
    if current is None:
        raise UsageError("nothing is published there yet", where=store.location)
    listed = {stored.key: stored for stored in store.list("v1/")}
    in_use = Reachable(store=store, listed=listed)
    held = in_use.mark(current, horizon=now - keep)
    garbage = [
        stored
        for key, stored in listed.items()
        if _may_go(key) and key not in in_use.keys and stored.modified_at < now - keep
    ]
    return Collection(
        attempt=attempt,
        garbage=tuple(sorted(garbage, key=lambda stored: (stored.modified_at, stored.key))),
        kept=len(listed) - len(garbage),
        roots=len(held),
    )


def sweep(collection: Collection, *, advance: Callable[[int], None] = lambda _steps: None) -> None:
    """Remove what a plan found.

    Raises:
        PublishConflictError: somebody published since the plan was made, or took over; nothing more is removed.
        TransportError: the store failed; the next run removes the rest.

    """
    if collection.garbage:
        remove(collection.attempt, (stored.key for stored in collection.garbage), advance=advance)


def remove(attempt: Attempt, keys: Iterable[str], *, advance: Callable[[int], None] = lambda _steps: None) -> None:
    """Remove `keys`, a turn's worth at a time; the errors of `sweep`."""
    attempt.take()
    left = iter(keys)
    while part := tuple(islice(left, _A_TURN)):
        for_each(part, attempt.store.remove, at_once=attempt.store.parallelism)
        advance(len(part))
        attempt.renew()
    attempt.end()


def _may_go(key: str) -> bool:
    return key.startswith(_COLLECTED) or layout.is_replaced_metadata(key)
