"""The publisher's stages in order: from ``registry/`` and ``index/`` to a store that clients read.

    load -> validate -> quarantine -> [acquire -> wrap -> pack -> scan] -> record -> attest -> index -> site -> publish

In: a `Workspace` (folders) and adapters. Out: what was published and what was left out. Each run does only
what the last one did not: releases in the ledger whose objects are at hand are not built or signed again.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from pluginry.encoding import documents
from pluginry.errors import ObjectMissingError
from pluginry.model import layout
from pluginry.model.published import Phase, json_page
from pluginry.model.turn import Doing
from pluginry.publisher.assembly import build_marketplace, lasting_objects_of, pages_of, targets_of
from pluginry.publisher.collector import uncollected
from pluginry.publisher.full_text import FullText
from pluginry.publisher.index import advisory_objects
from pluginry.publisher.index_attestation import index_desk_of
from pluginry.publisher.inventory import InventoryFile
from pluginry.publisher.kept_records import NOTHING_KEPT
from pluginry.publisher.known_plugins import NOBODY_KNOWN
from pluginry.publisher.last_publication import LastPublication
from pluginry.publisher.memory import Memory
from pluginry.publisher.outcome import Outcome, SigningRun
from pluginry.publisher.pages.excerpts import SHARED
from pluginry.publisher.parsed_files import ParsedFiles
from pluginry.publisher.publication import known_of, publish_in_turn
from pluginry.publisher.publish import publish
from pluginry.publisher.published_root import current_root, root_before, root_in
from pluginry.publisher.quarantine import sound_registry
from pluginry.publisher.release_run import run_releases
from pluginry.publisher.retention import refuse_losses
from pluginry.publisher.reuse import Reuse
from pluginry.publisher.revoke import revoke
from pluginry.publisher.settled import Settled
from pluginry.publisher.turn import Attempt

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from datetime import datetime

    from pluginry.encoding.ledger_files import Ledgers
    from pluginry.model.published import PublishedObject, SignedState
    from pluginry.model.queue import Queue
    from pluginry.ports import (
        GitHistory,
        MetadataRepository,
        ObjectStore,
        SourceFetcher,
        TextIndexer,
        Verifier,
    )
    from pluginry.publisher.assembly import Built
    from pluginry.publisher.index_attestation import CurrentIndex
    from pluginry.publisher.inventory import Inventory
    from pluginry.publisher.known_plugins import KnownPlugins
    from pluginry.publisher.patient_signer import PatientSigner
    from pluginry.publisher.quarantine import SoundRegistry
    from pluginry.publisher.workspace import Workspace


@uncollected()
def load_sound_registry(
    workspace: Workspace, history: GitHistory, known: KnownPlugins = NOBODY_KNOWN, ledgers: Ledgers | None = None
) -> SoundRegistry:
    """Return the registry with everything that cannot be published in quarantine; see `sound_registry`.

    Who has looked at the `ledgers` a moment ago can say so.
    """
    memory = Memory.within(workspace.inventories, "documents")
    files = ParsedFiles(memory.load())
    recorded = ledgers or workspace.ledgers()
    sound = sound_registry(workspace.registry, ledgers=recorded, history=history, parse=files.parse, known=known)
    files.keep(memory, was_all=not known.settled)
    return sound


def publish_marketplace(
    workspace: Workspace,
    *,
    fetchers: Mapping[str, SourceFetcher],
    repository: MetadataRepository,
    signer: PatientSigner | None,
    verifier: Verifier | None,
    store: ObjectStore,
    history: GitHistory,
    now: datetime,
    backfill: bool = False,
    debug: bool = False,
    allow_shrink: int = 0,
    made_of: str | None = None,
    advance: Callable[[str], None] = lambda _what: None,
    keep: Callable[[], None] = lambda: None,
    indexer: TextIndexer | None = None,
    queue: Queue | None = None,
    confirm: Callable[[Outcome], bool] = lambda _outcome: True,
) -> Outcome:
    """Do the whole work once, and return what was done.

    `keep` is called when ``index/`` holds all that this publication proves, before anybody can read of it: what it
    does not bring to safety is not published. With `backfill` many packages are signed in one statement. So many
    plugins and releases may be dropped as `allow_shrink` says, even if that is much. `made_of` names the input
    (unchanged.py): where the last publication from here was made of the same, only metadata is kept fresh. The next run
    counts on what this one published only if `confirm`, which is called with the outcome, says that it may. A `queue`
    is published beside everything else; without one, that which is published stays.

    Raises:
        DocumentError: findings block that concern everybody; nothing was built.
        PolicyError: it would drop too much.
        PublishConflictError: others were quicker, however often it started over.
        BusyError: somebody collects garbage, or published from a newer ledger.
        TransportError: the store failed; the next run goes on from here.

    """
    beside = () if queue is None else (json_page(layout.QUEUE_KEY, documents.encode(queue)),)
    settled = Settled.within(workspace.inventories, store)
    if settled.is_about(made_of):
        fresh = _keep_fresh(settled, made_of, repository, store=store, now=now, beside=beside, confirm=confirm)
        if fresh is not None:
            return fresh
    settled.forget()
    kept = InventoryFile.within(workspace.inventories, store)
    published, last_root = known_of(store, kept=kept, now=now), root_before(repository, store)
    last = LastPublication.of(
        workspace,
        history,
        root=root_in(last_root) if last_root else None,
        published=published,
        signs=signer is not None,
        verifies=verifier is not None,
    )
    sound = load_sound_registry(workspace, history, last.known, last.ledgers)
    registry, same = sound.registry, last.kept_of(sound)
    commit = history.head_commit() or ""
    # Releases are the same whoever publishes meanwhile: they are built once, however often the rest starts over.
    run = run_releases(
        workspace,
        registry,
        fetchers=fetchers,
        store=store,
        signer=signer,
        verifier=verifier,
        commit=commit,
        now=now,
        backfill=backfill,
        advance=advance,
        known=published,
        frozen=sound.frozen,
        kept=same,
        ledgers=last.ledgers,
        debug=debug,
    )
    advance("index and catalogue")
    ledgers = workspace.ledgers()
    plugins_made_of = last.made_of(sound, ledgers)
    desk = index_desk_of(workspace, signer=signer, verifier=verifier)
    units = Memory.within(workspace.inventories, "units")
    made_before = units.load()
    text = FullText(indexer)

    def prepare(
        known: Inventory, view: ObjectStore
    ) -> tuple[tuple[Built, CurrentIndex, Reuse, SignedState], Iterable[PublishedObject]]:
        revoke(workspace, registry, repository=repository, store=view)
        keep()
        previous_root = root_before(repository, view)
        built = build_marketplace(
            workspace,
            registry,
            store=store,
            previous_root=previous_root,
            quarantined=sound.quarantined,
            not_built=run.quarantined,
            commit=commit,
            now=now,
            verifier=verifier,
            known=known,
            kept=same if previous_root == last_root else NOTHING_KEPT,
            made_of=plugins_made_of,
            ledgers=ledgers,
            debug=debug,
        )
        current = current_root(repository, view)
        refuse_losses(current, built.index, built.access, limits=registry.config.limits, allowed=allow_shrink)
        index = desk.settle(built.index.root, repository=repository, store=view)
        state = repository.sign({**targets_of(built, workspace), **index.targets}, store=view, now=now)
        # While the new index waits, nobody is told of it; what it is made of is brought to safety all the same.
        reuse = Reuse(made_before, known, shared=SHARED)
        texts = text.objects(registry, built.index.records, reuse)
        pages = chain(pages_of(built, reuse), texts) if index.held_back is None else advisory_objects(registry)
        made = (built, index, reuse, state)
        return made, _in_phases(lasting_objects_of(built), chain(pages, beside), state.objects)

    advance("publish")
    try:
        (built, index, reuse, state), report = publish_in_turn(prepare, store, kept=kept, now=now)
    except ObjectMissingError:
        kept.forget()  # somebody removed what the inventory counts on: look what is really there
        (built, index, reuse, state), report = publish_in_turn(prepare, store, kept=kept, now=now)
    report.unchanged += reuse.skipped + sum(len(one.keys) for one in built.given.kept.values())
    if index.held_back is None:
        units.keep(reuse.units)
    outcome = Outcome(
        built=run.built,
        signing=run.signing,
        quarantined=built.quarantine.told(built.index.records),
        tolerated=sound.tolerated,
        serial=index.root.serial,
        plugins=index.root.plugins,
        releases=index.root.releases,
        report=report,
        is_index_signed=index.is_signed,
        held_back=index.held_back,
        text_left_out=text.left_out,
    )
    is_confirmed = confirm(outcome)
    if is_confirmed:
        left = sound.unsound | built.incomplete | {item.id for item in outcome.quarantined if item.id}
        last.followed_by(built, ledgers, left=registry.plugins if run.signing.waiting else left)
    if is_confirmed and outcome.is_settled and (signer is None or index.is_signed):
        settled.keep(made_of, {**targets_of(built, workspace), **index.targets}, state, outcome)
    return outcome


def _keep_fresh(
    settled: Settled,
    made_of: str | None,
    repository: MetadataRepository,
    *,
    store: ObjectStore,
    now: datetime,
    beside: Iterable[PublishedObject],
    confirm: Callable[[Outcome], bool],
) -> Outcome | None:
    """Sign the metadata over the targets of today again where that is due, and look at nothing else but `beside`.

    Return None when these targets are not those of a publication that was made of the same.
    """
    attempt = Attempt.begin(store, Doing.PUBLISHING, now=now)  # before anything is read that others may replace
    targets = settled.current(made_of, repository, store)
    if targets is None:
        return None
    state = repository.sign(targets, store=store, now=now)
    report = publish([*beside, *state.objects], store, timestamp_tag=attempt.timestamp_tag, take_turn=attempt.take)
    attempt.end()
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
        settled.keep(made_of, targets, state, outcome)
    else:
        settled.forget()
    return outcome


def _in_phases(
    lasting: Iterable[PublishedObject], pages: Iterable[PublishedObject], metadata: tuple[PublishedObject, ...]
) -> Iterator[PublishedObject]:
    yield from lasting
    yield from (published for published in metadata if published.phase is not Phase.ROOT)
    yield from pages
    yield from (published for published in metadata if published.phase is Phase.ROOT)
