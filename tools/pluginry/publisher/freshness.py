"""Metadata that stays fresh while nothing else changes: it is signed again over the same targets when that is due.

In: what is remembered of the last publication, and the store as it is. Out: what was written; nothing where the store
shows something else. It costs the same whatever the size of the marketplace.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from pluginry.errors import PublishConflictError, TransportError
from pluginry.model import layout
from pluginry.model.turn import Doing
from pluginry.publisher.outcome import Outcome, SigningRun
from pluginry.publisher.publish import publish
from pluginry.publisher.published_root import root_in
from pluginry.publisher.turn import Attempt

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from pluginry.model.published import PublishedObject
    from pluginry.ports import MetadataRepository, ObjectStore
    from pluginry.publisher.inventory import InventoryFile
    from pluginry.publisher.settled import Settled


def keep_fresh(
    settled: Settled,
    made_of: str | None,
    repository: MetadataRepository,
    *,
    store: ObjectStore,
    kept: InventoryFile,
    now: datetime,
    beside: Iterable[PublishedObject],
    confirm: Callable[[Outcome], bool],
) -> Outcome | None:
    """Sign the metadata over the targets of today again where that is due, and look at nothing else but `beside`.

    Return None when these targets are not those of a publication that was made of the same. The inventory that is
    `kept` stays good.

    Raises:
        PublishConflictError: others were quicker; what they published is current.
        BusyError: somebody collects garbage.
        TransportError: the store failed; the next run goes on from here.

    """
    attempt = Attempt.begin(store, Doing.PUBLISHING, now=now)  # before anything is read that others may replace
    turn_before = attempt.turn
    targets = settled.current(made_of, repository, store)
    if targets is None:
        return None
    state = repository.sign(targets, store=store, now=now, settled=made_of)
    settled.forget()  # until it was confirmed: who is killed in between leaves it to the next run
    report = publish([*beside, *state.objects], store, timestamp_tag=attempt.timestamp_tag, take_turn=attempt.take)
    with suppress(PublishConflictError, TransportError):  # published is published; only the inventory is lost
        attempt.end()
        if attempt.is_settled and attempt.turn != turn_before:
            kept.carry_on(report.marks, turn_before, attempt.turn)
    root = root_in(targets[layout.INDEX_ROOT_TARGET])
    outcome = Outcome(
        built=(),
        signing=SigningRun(),
        quarantined=(),
        serial=root.serial,
        plugins=root.plugins,
        releases=root.releases,
        report=report,
        is_index_signed=layout.INDEX_BUNDLE_TARGET in targets,
        is_unchanged=True,
    )
    if confirm(outcome):
        settled.keep(made_of, state, outcome)
    return outcome
