"""Stage *publish*: from objects to a store, phase by phase, so that no reader meets a name that is not there.

Immutable objects are only ever created; mutable ones are replaced when their bytes differ; the one that makes all of it
current (the timestamp) comes last and only if nobody else published meanwhile. Inside a phase several objects are on
their way at once; nothing of the next phase is written before all of them are there. It never deletes anything.

What verifying clients read is the old state or the new one, whoever publishes and wherever it breaks off. Pages and
other friendly documents are for people and simple clients, and nothing can replace them all together: until the phase
is over some are old and some new, and after a publication that broke off they stay so until the next one. None of them
is touched before the publisher holds the turn (turn.py). What remains: a second publisher that takes the turn while the
first is at its pages replaces some of them too; whoever comes second to the timestamp is refused there and starts over.
If it is killed before that, the next publication replaces its pages, for nobody took what was listed for settled.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from pluginry.errors import PublishConflictError
from pluginry.model.layout import TIMESTAMP_KEY
from pluginry.model.published import CachePolicy, Phase
from pluginry.publisher.concurrency import for_each
from pluginry.publisher.inventory import NOTHING_KNOWN, body_of, is_mark_of, is_vouched_for, mark_of
from pluginry.publisher.outcome import PublishReport

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from pluginry.model.published import PublishedObject
    from pluginry.ports import ObjectStore
    from pluginry.publisher.inventory import Inventory


def publish(
    objects: Iterable[PublishedObject],
    store: ObjectStore,
    *,
    timestamp_tag: str | None,
    known: Inventory = NOTHING_KNOWN,
    take_turn: Callable[[], None] = lambda: None,
    advance: Callable[[int], None] = lambda _steps: None,
) -> PublishReport:
    """Write `objects` to `store` and return what was done; `advance` is called once for each object.

    A list may be in any order; a stream must come in the order of the phases, and is never held as a whole.
    `timestamp_tag` is the version tag of the timestamp when this publication began (None: there was none); the store is
    not asked about what is `known`. `take_turn` is called before anything mutable is written.

    Raises:
        PublishConflictError: somebody else published meanwhile; nothing became current.
        TransportError: the store failed; nothing became current, and the next run goes on from here.

    """
    if isinstance(objects, list | tuple):
        objects = sorted(objects, key=attrgetter("phase"))
    writer = _Writer(store=store, timestamp_tag=timestamp_tag, known=known, take_turn=take_turn, advance=advance)
    for phase, part in groupby(_in_order(objects), key=attrgetter("phase")):
        for_each(part, writer.write, at_once=1 if phase is Phase.ROOT else store.parallelism)
    return writer.report


@dataclass(slots=True, kw_only=True)
class _Writer:
    """Writes one object after the other, or several at once, and keeps the report."""

    store: ObjectStore
    timestamp_tag: str | None
    known: Inventory
    take_turn: Callable[[], None]
    advance: Callable[[int], None]
    report: PublishReport = field(default_factory=PublishReport)
    _guard: Lock = field(default_factory=Lock)

    def write(self, published: PublishedObject) -> None:
        """Bring one object to the store, unless it is there."""
        is_known = self.known.has(published)
        if is_known:
            done = None
        elif published.key == TIMESTAMP_KEY:
            done = self._make_current(published)
        elif published.cache is CachePolicy.IMMUTABLE:
            done = self._create(published)
        else:
            done = self._replace(published)
        with self._guard:
            self._count(published, done)
            if (mark := mark_of(published)) != self.known.marks.get(published.key):
                self.report.marks[published.key] = mark
            self.advance(1)

    def _create(self, published: PublishedObject) -> list[str] | None:
        if self.store.create(published):
            return self.report.created
        if is_vouched_for(published) or self.store.read(published.key) == body_of(published):
            return None
        raise PublishConflictError(
            "somebody else published another version under this name meanwhile",
            where=f"{self.store.location} {published.key}",
            hint="run the command again: it starts from what is there now",
        )

    def _replace(self, published: PublishedObject) -> list[str] | None:
        found = None if self.known.lacks(published.key) else self.store.find(published.key)
        if found and is_mark_of(found.tag, body_of(published)):
            return None
        self.take_turn()
        self.store.replace(published, expected=found.tag if found else None)
        return self.report.replaced if found else self.report.created

    def _make_current(self, published: PublishedObject) -> list[str]:
        if self.report.created:
            self.take_turn()
        if self.timestamp_tag:
            self.report.root_before = self.store.read(published.key)  # this one, or the next line is refused
        try:
            self.store.replace(published, expected=self.timestamp_tag)
        except PublishConflictError:
            # A store whose answer was cut off may have been asked twice, and done it the first time.
            if self.store.read(published.key) != body_of(published):
                raise
        return self.report.replaced if self.timestamp_tag else self.report.created

    def _count(self, published: PublishedObject, done: list[str] | None) -> None:
        if done is None:
            self.report.unchanged += 1
            return
        done.append(published.key)
        body = published.body
        self.report.bytes_written += body.stat().st_size if isinstance(body, Path) else len(body)


def _in_order(objects: Iterable[PublishedObject]) -> Iterator[PublishedObject]:
    reached = Phase.ARTIFACT
    for published in objects:
        if published.phase < reached:
            raise ValueError(f"{published.key} comes after objects of a later phase")
        reached = published.phase
        yield published
