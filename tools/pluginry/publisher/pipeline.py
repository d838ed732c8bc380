"""The publisher's stages in order: from ``registry/`` and ``index/`` to a store that clients read.

    load -> validate -> quarantine -> [acquire -> wrap -> pack -> scan] -> record -> attest -> index -> site -> publish

In: an `Equipment` (folders and adapters). Out: what was published and what was left out. Each run does only
what the last one did not: releases in the ledger whose objects are at hand are not built or signed again.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pluginry.encoding import documents
from pluginry.errors import ObjectMissingError, TamperedError
from pluginry.model import layout
from pluginry.model.published import json_page
from pluginry.publisher.candidate import Input
from pluginry.publisher.freshness import keep_fresh
from pluginry.publisher.full_text import FullText
from pluginry.publisher.index_attestation import index_desk_of
from pluginry.publisher.inventory import InventoryFile
from pluginry.publisher.last_publication import LastPublication
from pluginry.publisher.memory import Memory
from pluginry.publisher.outcome import Outcome
from pluginry.publisher.publication import known_of, publish_in_turn
from pluginry.publisher.published_root import root_before, root_in
from pluginry.publisher.quarantine import sound_registry
from pluginry.publisher.release_run import run_releases
from pluginry.publisher.settled import Settled

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from pluginry.model.queue import Queue
    from pluginry.ports import MetadataRepository, TextIndexer
    from pluginry.publisher.candidate import Candidate
    from pluginry.publisher.equipment import Equipment
    from pluginry.publisher.outcome import PublishReport


def publish_marketplace(
    equipment: Equipment,
    repository: MetadataRepository,
    *,
    now: datetime,
    made_of: str | None = None,
    queue: Queue | None = None,
    indexer: TextIndexer | None = None,
    backfill: bool = False,
    allow_shrink: int = 0,
    debug: bool = False,
    advance: Callable[[str], None] = lambda _what: None,
    keep: Callable[[], None] = lambda: None,
    confirm: Callable[[Outcome], bool] = lambda _outcome: True,
) -> Outcome:
    """Do the whole work once, and return what was done; the trust metadata is signed in `repository`.

    `made_of` names the input (unchanged.py): where the last publication from here was made of the same, only metadata
    is kept fresh. A `queue` is published beside everything else; without one, that which is published stays. With
    `backfill` many packages are signed in one statement. So many plugins and releases may be dropped as `allow_shrink`
    says, even if that is much. `keep` is called when ``index/`` holds all that this publication proves, before anybody
    can read of it: what it does not bring to safety is not published. The next run counts on what this one published
    only if `confirm`, which is called with the outcome, says that it may.

    Raises:
        DocumentError: findings block that concern everybody; nothing was built.
        PolicyError: it would drop too much.
        PublishConflictError: others were quicker, however often it started over.
        BusyError: somebody collects garbage, or published from a newer ledger.
        TransportError: the store failed; the next run goes on from here.

    """
    workspace, store = equipment.workspace, equipment.store
    beside = () if queue is None else (json_page(layout.QUEUE_KEY, documents.encode(queue)),)
    settled, kept = Settled.within(workspace.inventories, store), InventoryFile.within(workspace.inventories, store)
    if settled.is_about(made_of):
        fresh = keep_fresh(
            settled, made_of, repository, store=store, kept=kept, now=now, beside=beside, confirm=confirm
        )
        if fresh is not None:
            return fresh
    settled.forget()
    units = Memory.within(workspace.inventories, "units")
    published, last_root = known_of(store, kept=kept, now=now), root_before(repository, store)
    last = LastPublication.of(equipment, root=root_in(last_root) if last_root else None, published=published)
    sound = sound_registry(workspace.registry, ledgers=last.ledgers, history=equipment.history, known=last.known)
    commit = equipment.history.head_commit() or ""
    # Releases are the same whoever publishes meanwhile: they are built once, however often the rest starts over.
    run = run_releases(
        equipment,
        sound.registry,
        last.ledgers,
        commit=commit,
        now=now,
        backfill=backfill,
        advance=advance,
        known=published,
        frozen=sound.frozen,
        kept=last.kept_of(sound),
        debug=debug,
    )
    advance("index and catalogue")
    given = Input(
        equipment=equipment,
        repository=repository,
        desk=index_desk_of(workspace, signer=equipment.signer, verifier=equipment.verifier),
        text=FullText(indexer),
        sound=sound,
        run=run,
        last=last,
        last_root=last_root,
        units=units.load(),
        beside=beside,
        keep=keep,
        commit=commit,
        made_of=made_of,
        now=now,
        allow_shrink=allow_shrink,
        debug=debug,
    )
    advance("publish")
    made, report = _published(given, kept)
    if made.index.held_back is None:
        units.keep(made.reuse.units)
    outcome = _outcome(given, made, report)
    if confirm(outcome):
        _remember(given, made, outcome)
        if made.settled and outcome.is_settled:
            settled.keep(made.settled, made.state, outcome)
    return outcome


def _published(given: Input, kept: InventoryFile) -> tuple[Candidate, PublishReport]:
    store = given.equipment.store
    try:
        return publish_in_turn(given.candidate, store, kept=kept, now=given.now)
    except (ObjectMissingError, TamperedError):
        kept.forget()  # somebody removed or damaged what inventory or records count on: look what is really there
        return publish_in_turn(replace(given, keeps_records=False).candidate, store, kept=kept, now=given.now)


def _remember(given: Input, made: Candidate, outcome: Outcome) -> None:
    """Leave to the next publication what is settled: nothing while anything waits for its signature."""
    sound = given.sound
    left = sound.unsound | made.built.incomplete | {item.id for item in outcome.quarantined if item.id}
    is_waiting = given.run.signing.waiting
    given.last.followed_by(made.built, made.ledgers, left=sound.registry.plugins if is_waiting else left)


def _outcome(given: Input, made: Candidate, report: PublishReport) -> Outcome:
    """Return what is to be told of a candidate that was published."""
    built, index, run = made.built, made.index, given.run
    report.unchanged += made.reuse.skipped + given.last.objects_of(built.given.kept)
    return Outcome(
        built=run.built,
        signing=run.signing,
        quarantined=built.quarantine.told(built.index.records),
        tolerated=given.sound.tolerated,
        serial=index.root.serial,
        plugins=index.root.plugins,
        releases=index.root.releases,
        report=report,
        is_index_signed=index.is_signed,
        held_back=index.held_back,
        text_left_out=given.text.left_out,
    )
