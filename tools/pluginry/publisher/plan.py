"""What a publication would do, without doing it: the dry run of pipeline.py.

In: all that a publication takes, but no key and no signer. Out: a `PublicationPlan`. Releases are really fetched,
packed and scanned, so the object cache is warm afterwards; ledger and list of revocations grow only in a copy that is
thrown away. Nothing is signed: what would be is counted, and stands in the index without its signature. So the digests,
and with them the keys, of index nodes that would hold new signatures are others than publishing gives.
"""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from pluginry.errors import ObjectMissingError
from pluginry.model import layout
from pluginry.model.digest import Digest
from pluginry.model.published import json_node
from pluginry.publisher.assembly import build_marketplace, lasting_objects_of, pages_of, targets_of
from pluginry.publisher.inventory import InventoryFile, body_of
from pluginry.publisher.outcome import Outcome, PublishReport, SigningRun
from pluginry.publisher.publication import known_of
from pluginry.publisher.published_root import current_root, root_before
from pluginry.publisher.quarantine import sound_registry
from pluginry.publisher.release_run import run_releases
from pluginry.publisher.retention import losses, refusal
from pluginry.publisher.revoke import revoke
from pluginry.publisher.signing_run import unsigned_packages

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from datetime import datetime

    from pluginry.errors import PolicyError
    from pluginry.model.published import PublishedObject
    from pluginry.ports import MetadataReader, ObjectStore
    from pluginry.publisher.assembly import Built
    from pluginry.publisher.equipment import Equipment
    from pluginry.publisher.inventory import Inventory
    from pluginry.publisher.workspace import Workspace

_HISTORY = (layout.NODE_PREFIX, layout.ATTESTATION_PREFIX, layout.METADATA_PREFIX, layout.TARGETS_PREFIX)
"""Where a marketplace keeps its earlier states."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedObject:
    """An object that would be written, and its size in bytes."""

    key: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicationPlan:
    """What would be done. ``outcome`` is that of the publication, with signatures that wait and an empty report.

    ``removals`` are published and would be named no more: pages and packages, which stay where they are; ``superseded``
    counts objects of earlier states, for `pluginry gc`. ``refused`` is why publishing would end before it began.
    """

    outcome: Outcome
    adds: tuple[PlannedObject, ...]
    changes: tuple[PlannedObject, ...]
    removals: tuple[str, ...]
    superseded: int
    refused: PolicyError | None

    @property
    def renews_metadata(self) -> bool:
        """Whether new trust metadata would be signed over what is current then."""
        return any(planned.key.startswith(layout.TARGETS_PREFIX) for planned in self.adds)

    @property
    def size(self) -> int:
        """How many bytes would be sent."""
        return sum(planned.size for planned in (*self.adds, *self.changes))


def plan_publication(
    equipment: Equipment,
    reader: MetadataReader,
    *,
    signs: bool,
    now: datetime,
    debug: bool = False,
    allow_shrink: int = 0,
    advance: Callable[[str], None] = lambda _what: None,
) -> PublicationPlan:
    """Return what publishing with `equipment` would do; `signs` says whether somebody would sign.

    Raises:
        DocumentError: findings block that concern everybody.
        BusyError: somebody collects garbage, or published from a newer ledger.

    """
    store, history, workspace = equipment.store, equipment.history, equipment.workspace
    with tempfile.TemporaryDirectory(prefix="pluginry-plan-") as scratch:
        workspace = replace(workspace, index=Path(shutil.copytree(workspace.index, Path(scratch) / "index")))
        sound = sound_registry(workspace.registry, ledgers=workspace.ledgers(), history=history)
        kept = InventoryFile.within(workspace.inventories, store)
        known = known_of(store, kept=kept, now=now)
        commit = history.head_commit() or ""
        run = run_releases(
            replace(equipment, workspace=workspace, signer=None),
            sound.registry,
            workspace.ledgers(),
            commit=commit,
            now=now,
            advance=advance,
            known=known,
            frozen=sound.frozen,
            debug=debug,
        )
        advance("index and catalogue")
        revoke(workspace, sound.registry, repository=reader, store=store)
        ledgers = workspace.ledgers()

        def built_with(known: Inventory) -> Built:
            return build_marketplace(
                workspace,
                sound.registry,
                ledgers,
                store=store,
                previous_root=root_before(reader, store),
                quarantined=sound.quarantined,
                not_built=run.quarantined,
                commit=commit,
                now=now,
                verifier=equipment.verifier,
                known=known,
                as_if_signed=signs,
                debug=debug,
            )

        try:
            built = built_with(known)
        except ObjectMissingError:
            kept.forget()  # as a publication does: look what is really there
            known = known_of(store, kept=kept, now=now)
            built = built_with(known)
        advance("plan")
        current = current_root(reader, store)
        objects = chain(lasting_objects_of(built), _targets(built, workspace), pages_of(built))
        adds, changes, named = _compared(objects, known, store)
        unsigned = tuple(unsigned_packages(ledgers.values(), built.access)) if signs else ()
    return PublicationPlan(
        outcome=Outcome(
            built=run.built,
            signing=SigningRun(waiting=len(unsigned)),
            quarantined=built.quarantine.told(built.index.records),
            tolerated=sound.tolerated,
            serial=built.index.root.serial,
            plugins=built.index.root.plugins,
            releases=built.index.root.releases,
            report=PublishReport(),
        ),
        adds=adds,
        changes=changes,
        removals=tuple(sorted(key for key in known.marks.keys() - named if _is_removal(key))),
        superseded=sum(key.startswith(_HISTORY) for key in known.marks.keys() - named),
        refused=refusal(
            losses(current, built.index, built.access, built.quarantine.items),
            current,
            sound.registry.config.limits,
            allowed=allow_shrink,
        ),
    )


def _targets(built: Built, workspace: Workspace) -> Iterator[PublishedObject]:
    for path, body in targets_of(built, workspace).items():
        yield json_node(layout.target_key(path, Digest.of(body)), body)


def _compared(
    objects: Iterable[PublishedObject], known: Inventory, store: ObjectStore
) -> tuple[tuple[PlannedObject, ...], tuple[PlannedObject, ...], set[str]]:
    """Return what is new, what is changed, and all keys that are named."""
    adds: list[PlannedObject] = []
    changes: list[PlannedObject] = []
    named: set[str] = set()
    for published in objects:
        named.add(published.key)
        if known.has(published):
            continue
        body = body_of(published)
        planned = PlannedObject(key=published.key, size=len(body))
        if not known.holds(published.key):
            adds.append(planned)
        elif store.read(published.key) != body:  # the mark of a store may say nothing about the content
            changes.append(planned)
    return tuple(adds), tuple(changes), named


def _is_removal(key: str) -> bool:
    return not key.startswith((*_HISTORY, layout.TEXT_PREFIX)) and key not in (layout.TURN_KEY, layout.QUEUE_KEY)
