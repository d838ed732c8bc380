"""One try at a publication: everything that goes into a store as it is now, signed and in order.

In: what is to be published, whoever publishes meanwhile (`Input`); what is known of the store, and a view of it. Out: a
`Candidate`, and its objects. When somebody else was quicker, another one is made of the same input: what they added to
the ledgers is in it, and so are their plugins. When something cannot be read of a plugin whose record was kept, another
one is made, too, in which no record is kept: so all is looked at, and what is damaged or lost is left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

from pluginry.model.published import Phase
from pluginry.publisher.assembly import build_marketplace, lasting_objects_of, pages_of, targets_of
from pluginry.publisher.index import advisory_objects
from pluginry.publisher.kept_records import NOTHING_KEPT
from pluginry.publisher.pages.excerpts import SHARED
from pluginry.publisher.published_root import current_root, root_before
from pluginry.publisher.retention import refuse_losses
from pluginry.publisher.reuse import Reuse
from pluginry.publisher.revoke import revoke

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from datetime import datetime

    from pluginry.encoding.ledger_files import Ledgers
    from pluginry.model.published import PublishedObject, SignedState
    from pluginry.ports import MetadataRepository, ObjectStore
    from pluginry.publisher.assembly import Built
    from pluginry.publisher.equipment import Equipment
    from pluginry.publisher.full_text import FullText
    from pluginry.publisher.index_attestation import CurrentIndex, IndexDesk
    from pluginry.publisher.inventory import Inventory
    from pluginry.publisher.last_publication import LastPublication
    from pluginry.publisher.quarantine import SoundRegistry
    from pluginry.publisher.release_run import ReleaseRun


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """What is published if nobody is quicker: what was ``built`` of ``ledgers``, and the ``state`` that signs it.

    Its ``index`` may wait for a signature, and ``reuse`` knows what its pages are made of. It is ``settled`` when
    publishing the input of this name again would leave nothing to do, unless its pages fail.
    """

    built: Built
    ledgers: Ledgers
    index: CurrentIndex
    reuse: Reuse
    state: SignedState
    settled: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """A ``sound`` registry whose releases have had their ``run``, and what the ``last`` publication left.

    ``last_root`` is the index that was published when that was looked at, and ``units`` say what pages were made of.
    Without ``keeps_records`` all is looked at. The other fields are those of `publish_marketplace`.
    """

    equipment: Equipment
    repository: MetadataRepository
    desk: IndexDesk
    text: FullText
    sound: SoundRegistry
    run: ReleaseRun
    last: LastPublication
    last_root: bytes | None
    units: Mapping[str, str]
    beside: tuple[PublishedObject, ...]
    keep: Callable[[], None]
    commit: str
    made_of: str | None
    now: datetime
    allow_shrink: int
    debug: bool
    keeps_records: bool = True

    def candidate(self, known: Inventory, view: ObjectStore) -> tuple[Candidate, Iterable[PublishedObject]]:
        """Return what to publish to a store of which this is `known`, and its objects in the order of the phases.

        Raises:
            ObjectMissingError: something is nowhere that the store was remembered to hold, or, for the objects, that
                belongs to a plugin whose record was kept. The candidate of an input that keeps none does without.
            TamperedError: as for what is missing, where it is not what its digest says.

        """
        registry, repository, workspace = self.sound.registry, self.repository, self.equipment.workspace
        revoke(workspace, registry, repository=repository, store=view)
        self.keep()
        ledgers = workspace.ledgers()  # what was brought to safety may have met lines that others had brought
        built = self._built(ledgers, known, root_before(repository, view))
        current = current_root(repository, view)
        refuse_losses(
            current,
            built.index,
            built.access,
            limits=registry.config.limits,
            allowed=self.allow_shrink,
            left_out=built.quarantine.items,
        )
        index = self.desk.settle(built.index.root, repository=repository, store=view)
        targets = {**targets_of(built, workspace), **index.targets}
        settled = self._settled(built, index)
        state = repository.sign(targets, store=view, now=self.now, settled=settled)
        reuse = Reuse(self.units, known, shared=SHARED)
        # While the new index waits, nobody is told of it; what it is made of is brought to safety all the same.
        pages = (
            chain(pages_of(built, reuse), self.text.objects(registry, built.index.records, reuse))
            if index.held_back is None
            else advisory_objects(registry)
        )
        made = Candidate(built=built, ledgers=ledgers, index=index, reuse=reuse, state=state, settled=settled)
        objects = _in_phases(lasting_objects_of(built), chain(pages, self.beside), state.objects)
        return made, objects

    def _settled(self, built: Built, index: CurrentIndex) -> str | None:
        """Return the name of the input if nothing is left to be done of it."""
        signing = self.run.signing
        left = (built.quarantine.items, self.sound.tolerated, signing.waiting, signing.stopped_by, index.held_back)
        is_signed = self.equipment.signer is None or index.is_signed
        return self.made_of if is_signed and not any(left) else None

    def _built(self, ledgers: Ledgers, known: Inventory, previous_root: bytes | None) -> Built:
        may_keep = previous_root == self.last_root and self.keeps_records
        return build_marketplace(
            self.equipment.workspace,
            self.sound.registry,
            ledgers,
            store=self.equipment.store,
            previous_root=previous_root,
            quarantined=self.sound.quarantined,
            not_built=self.run.quarantined,
            commit=self.commit,
            now=self.now,
            verifier=self.equipment.verifier,
            known=known,
            kept=self.last.still_kept(self.sound, ledgers, known) if may_keep else NOTHING_KEPT,
            made_of=self.last.made_of(self.sound, ledgers),
            debug=self.debug,
        )


def _in_phases(
    lasting: Iterable[PublishedObject], pages: Iterable[PublishedObject], metadata: tuple[PublishedObject, ...]
) -> Iterator[PublishedObject]:
    yield from lasting
    yield from (published for published in metadata if published.phase is not Phase.ROOT)
    yield from pages
    yield from (published for published in metadata if published.phase is Phase.ROOT)
