"""Turns: how publishers on different machines notice each other, without a lock that a dead one could hold.

``v1/turn.json`` is replaced, by a conditional write, before the first mutable object of a publication and before the
first object that is collected as garbage. In: a store, and what somebody is about to do. Out: an `Attempt`, which knows
the tags that it started from. Whoever began before somebody else took a turn gets none, and starts over from what is
there now; an inventory (inventory.py) is good for one turn. Publishers never wait for each other, because a turn proves
nothing about who is alive: only the conditional write of the timestamp decides who is current. Publishing and
collecting garbage exclude each other, for as long as others believe in a turn that was not ended. Whoever overtakes a
publisher can't know whether it is dead, or still at its pages: so the end of its own turn says until when others have
to believe in both, and before that nobody keeps an inventory or collects garbage.
"""

from __future__ import annotations

import secrets
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Lock
from typing import TYPE_CHECKING

from pluginry.encoding import documents
from pluginry.errors import BusyError, DocumentError, ObjectMissingError, PublishConflictError
from pluginry.model.digest import Digest
from pluginry.model.layout import TIMESTAMP_KEY, TURN_KEY
from pluginry.model.published import json_page
from pluginry.model.turn import Doing, Turn
from pluginry.publisher.inventory import is_mark_of

if TYPE_CHECKING:
    from datetime import datetime

    from pluginry.ports import ObjectStore

LASTS = {Doing.PUBLISHING: timedelta(hours=1), Doing.COLLECTING: timedelta(minutes=10)}
"""How long others believe in a turn that was not ended, by the time at which the store says that it was taken."""
_HOLDER_BYTES = 16


@dataclass(slots=True, kw_only=True)
class Attempt:
    """What a change of `store` started from: version tags, None where there was nothing; ``turn_tag`` is ours later.

    So is the name of the ``turn``, which no other has: tags of some stores are the same for two turns in one second.
    Somebody before may still be writing when it is `unsettled_until` a moment; else what is listed now stays so for as
    long as the turn is the same.
    """

    store: ObjectStore
    doing: Doing
    timestamp_tag: str | None
    turn_tag: str | None
    turn: str | None
    unsettled_until: datetime | None
    _is_ours: bool = field(default=False, init=False)
    _guard: Lock = field(default_factory=Lock, init=False)

    @classmethod
    def begin(cls, store: ObjectStore, doing: Doing, *, now: datetime) -> Attempt:
        """Look at `store` before anything else is read from it.

        Raises:
            BusyError: somebody does what excludes this.

        """
        found, timestamp = store.find(TURN_KEY), store.find(TIMESTAMP_KEY)
        body = _turn_in(store) if found else b""
        pending, until = _pending(body, found.modified_at, now) if found else (Doing.NOTHING, None)
        if until and not pending is doing is Doing.PUBLISHING:
            raise _busy(pending, store, until)
        return cls(
            store=store,
            doing=doing,
            timestamp_tag=timestamp.tag if timestamp else None,
            turn_tag=found.tag if found else None,
            turn=_name_of(body) if body else None,
            unsettled_until=until,
        )

    @property
    def is_settled(self) -> bool:
        """Whether nobody else was writing when it began."""
        return self.unsettled_until is None

    def take(self) -> None:
        """Take the turn, once; may be called from several threads.

        Raises:
            PublishConflictError: somebody else published or took a turn since `begin`; nothing mutable was replaced.

        """
        with self._guard:
            if self._is_ours:
                return
            timestamp = self.store.find(TIMESTAMP_KEY)
            if (timestamp.tag if timestamp else None) != self.timestamp_tag:
                raise _conflict(self.store)
            self._write(self.doing)
            self._is_ours = True

    def renew(self) -> None:
        """Say that it goes on.

        Raises:
            PublishConflictError: the turn is somebody else's by now.

        """
        with self._guard:
            self._write(self.doing)

    def end(self) -> None:
        """Say that it is over, if it ever began; the errors of `renew`."""
        with self._guard:
            if self._is_ours:
                self._write(Doing.NOTHING, settled_at=self.unsettled_until)

    def _write(self, doing: Doing, *, settled_at: datetime | None = None) -> None:
        turn = Turn(holder=secrets.token_hex(_HOLDER_BYTES), doing=doing, settled_at=settled_at)
        body = documents.encode(turn)
        try:
            self.store.replace(json_page(TURN_KEY, body), expected=self.turn_tag)
        except PublishConflictError as error:
            # A store whose answer was cut off may have been asked twice, and done it the first time.
            if self.store.read(TURN_KEY) != body:
                raise _conflict(self.store) from error
        found = self.store.find(TURN_KEY)
        if found is None or not (is_mark_of(found.tag, body) or self.store.read(TURN_KEY) == body):
            raise _conflict(self.store)
        self.turn_tag, self.turn = found.tag, _name_of(body)


def _turn_in(store: ObjectStore) -> bytes:
    """Return the turn in `store`; nothing where it is gone."""
    with suppress(ObjectMissingError):
        return store.read(TURN_KEY)
    return b""


def _name_of(turn: bytes) -> str:
    return Digest.of(turn).hex


def _pending(body: bytes, written_at: datetime, now: datetime) -> tuple[Doing, datetime | None]:
    """Return what somebody may still be doing by the turn in `body`, and until when; None if that is over.

    One that cannot be read is taken for a publisher's.
    """
    try:
        turn = documents.decode(Turn, body, what=TURN_KEY)
    except DocumentError:
        turn = Turn(holder="", doing=Doing.PUBLISHING)
    doing = Doing.PUBLISHING if turn.doing is Doing.NOTHING else turn.doing
    until: datetime | None = written_at + LASTS[doing]
    if until and turn.doing is Doing.NOTHING:  # whoever was overtaken had begun before this was written
        until = min(turn.settled_at, until) if turn.settled_at else None
    return doing, until if until and now < until else None


def _busy(doing: Doing, store: ObjectStore, free_at: datetime) -> BusyError:
    return BusyError(
        f"somebody is {'publishing' if doing is Doing.PUBLISHING else 'collecting garbage'} there",
        where=store.location,
        hint=f"wait for them; if they are gone for good, it is free at {free_at:%H:%M:%S} UTC",
    )


def _conflict(store: ObjectStore) -> PublishConflictError:
    return PublishConflictError(
        "somebody else published meanwhile",
        where=store.location,
        hint="run the command again: it starts from what is there now",
    )
