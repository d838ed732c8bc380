"""What a store holds, as far as a publisher knows: so that publishing asks it only about what changes.

In: a listing of the store, or what the last publication from here left behind. Out: answers without a request. It is
kept beside the other state of a publisher and is good for one *turn* (turn.py): as soon as anybody else published,
collected garbage or broke off, it is worth nothing and the store is listed again, 1,000 keys for a request. Who writes
but a few objects leaves a note of them beside it. Lost, damaged or old it costs requests and never more: a store
refuses to create what is there, and replaces only what it was shown. What somebody removes from a store behind every
publisher's back is missed until it is listed again.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from pluginry.model.layout import METADATA_PREFIX, is_key
from pluginry.model.published import CachePolicy
from pluginry.publisher.memory import Memory

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pluginry.model.published import PublishedObject
    from pluginry.ports import ObjectStore

_ASIDE, _LATER = ".aside", ".later"
_SINCE = "since"
"""The name, which is no key, under which a later turn has the one whose inventory it goes on from."""
_VOUCHED = "-"
"""The mark of an object whose key says enough."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inventory:
    """The ``marks`` of objects by key: a version tag of the store, or the digest of a body that was written there.

    When it `is_complete`, there is nothing else in the store; one that `is_remembered` is as true as what it was
    read from.
    """

    marks: Mapping[str, str] = field(default_factory=dict)
    is_complete: bool = False
    is_remembered: bool = field(default=False, compare=False)

    @classmethod
    def of(cls, store: ObjectStore) -> Inventory:
        """Return what `store` holds now: a listing of all of it."""
        return cls(marks={found.key: found.tag for found in store.list() if is_key(found.key)}, is_complete=True)

    def holds(self, key: str) -> bool:
        """Return whether something is known to be stored under `key`."""
        return key in self.marks

    def lacks(self, key: str) -> bool:
        """Return whether nothing is known to be stored under `key`."""
        return self.is_complete and key not in self.marks

    def has(self, published: PublishedObject) -> bool:
        """Return whether exactly `published` is known to be stored."""
        mark = self.marks.get(published.key)
        return mark is not None and (is_vouched_for(published) or is_mark_of(mark, body_of(published)))

    def with_written(self, marks: Mapping[str, str]) -> Inventory:
        """Return what is known after objects were written."""
        return Inventory(marks={**self.marks, **marks}, is_complete=self.is_complete)


NOTHING_KNOWN = Inventory()


@dataclass(slots=True)
class InventoryFile:
    """The inventory of one store, kept at ``path``; without a path it is not kept."""

    path: Path | None
    _last: tuple[str, Inventory] | None = field(default=None, init=False, repr=False)

    @classmethod
    def within(cls, folder: Path | None, store: ObjectStore) -> InventoryFile:
        """Return the file for `store` in `folder`."""
        name = hashlib.sha256(store.location.encode()).hexdigest()[:16]
        return cls(folder / f"{name}.txt" if folder else None)

    def load(self, turn: str | None) -> Inventory | None:
        """Return what was kept, if it is whole and from this `turn`."""
        if self.path is None or turn is None:
            return None
        if self._last is None or self._last[0] != turn:
            marks = Memory(self.path, turn).load()
            if not marks and (later := self._later(turn)):
                marks = Memory(self.path, later.pop(_SINCE, turn)).load()
                marks.update(later if marks else {})
            self._last = (turn, Inventory(marks=marks, is_complete=True, is_remembered=True)) if marks else None
        return self._last[1] if self._last else None

    def keep(self, known: Inventory, turn: str | None) -> None:
        """Keep what is known after this `turn`, if it is all that the store holds."""
        self._last = None
        if turn is not None and known.is_complete:
            Memory(self.path, turn).keep(known.marks)
            self._forget_later()

    def carry_on(self, marks: Mapping[str, str], before: str | None, turn: str | None) -> None:
        """Note that nothing but what has these `marks` was written from the turn `before` to this `turn`.

        It takes as long as that, however much the store holds; what was kept stays good with it.
        """
        self._last = None
        if self.path is None or before is None or turn is None:
            return
        later = {_SINCE: before, **self._later(before), **marks}
        Memory(self.path.with_suffix(_LATER), turn).keep(later)

    def _later(self, turn: str) -> dict[str, str]:
        return Memory(self.path.with_suffix(_LATER), turn).load() if self.path else {}

    def _forget_later(self) -> None:
        if self.path is not None:
            with suppress(FileNotFoundError, NotADirectoryError):
                self.path.with_suffix(_LATER).unlink()

    def lay_aside(self) -> None:
        """Take it away while something is written: after a run that broke off, the store is listed."""
        self._last = None
        if self.path is not None:
            with suppress(FileNotFoundError):
                self.path.replace(self.path.with_suffix(_ASIDE))

    def put_back(self) -> None:
        """Bring back what was laid aside: nothing was written."""
        if self.path is not None:
            with suppress(FileNotFoundError):
                self.path.with_suffix(_ASIDE).replace(self.path)

    def forget(self) -> None:
        """Remove what was kept: the next publication lists the store."""
        self._last = None
        if self.path is not None:
            self.path.unlink(missing_ok=True)
            self._forget_later()


def is_vouched_for(published: PublishedObject) -> bool:
    """Return whether whatever is stored under its key is `published`.

    Digests in keys, or in what leads to them, vouch for immutable objects. Metadata has only a version in its key: two
    publishers at once choose the same one.
    """
    return published.cache is CachePolicy.IMMUTABLE and not published.key.startswith(METADATA_PREFIX)


def mark_of(published: PublishedObject) -> str:
    """Return what to remember of an object that was written."""
    return _VOUCHED if is_vouched_for(published) else hashlib.sha256(body_of(published)).hexdigest()


def is_mark_of(mark: str, body: bytes) -> bool:
    """Return whether `mark` proves that `body` is stored: stores use sha256 or md5 as version tags, or neither."""
    return mark.strip('"') in proofs_of(body)


def proofs_of(body: bytes) -> tuple[str, str]:
    """Return the marks that prove that `body` is stored, without the quotes that some stores write."""
    return hashlib.sha256(body).hexdigest(), hashlib.md5(body, usedforsecurity=False).hexdigest()


def body_of(published: PublishedObject) -> bytes:
    """Return the content of an object, wherever it lies."""
    return published.body.read_bytes() if isinstance(published.body, Path) else published.body
