"""Everything that clients may still read: what hangs on the index that is current now, and on those of the last days.

In: a listing of a store, the verified root of the current index, how far back. Out: keys in use. A client that
refreshed at some time in these days holds the root that was current then, and reads what hangs on it whenever it likes.
So a root is held until a day after the time at which the store says that the next one came; trust metadata that names
such a root is in use, and every target that such metadata names. What cannot be understood is in use.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from threading import Lock
from typing import TYPE_CHECKING, Final, TypeVar

from pluginry.encoding import documents, tree
from pluginry.encoding.catalogue_pack import unpack_log
from pluginry.errors import DocumentError, ObjectMissingError, TamperedError
from pluginry.model import layout
from pluginry.model.digest import BlobRef, Digest
from pluginry.model.index import PluginRecord, TreeRoot
from pluginry.publisher.catalogue_history import MAX_LOG_BYTES
from pluginry.publisher.concurrency import for_each
from pluginry.publisher.named_targets import MetadataFile, read_metadata

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from datetime import datetime

    from pluginry.model.published import StoredObject
    from pluginry.ports import ObjectStore

K = TypeVar("K")
T = TypeVar("T")
MARGIN: Final = timedelta(days=1)
"""Publications take a while, and clocks differ."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldRoot:
    """A root of the index that lies in the store, and when it came there."""

    digest: Digest
    says: TreeRoot
    came_at: datetime


@dataclass(slots=True, kw_only=True)
class Reachable:
    """Finds what is in use among what is ``listed`` in ``store``; ``keys`` grows as it looks."""

    store: ObjectStore
    listed: Mapping[str, StoredObject]
    keys: set[str] = field(default_factory=set)
    _seen: set[BlobRef] = field(default_factory=set, init=False)
    _guard: Lock = field(default_factory=Lock, init=False)

    def mark(self, current: bytes, *, horizon: datetime) -> tuple[HeldRoot, ...]:
        """Mark what clients of any time since `horizon` may read, and return the roots that they may hold.

        Raises:
            TamperedError: something that hangs on the `current` root is missing, or is not what it should be.

        """
        now = Digest.of(current)
        roots = self._roots()
        if now not in roots:
            raise _damage("the root of the index")
        held = tuple(_held(roots, now, horizon - MARGIN))
        for root in sorted(held, key=lambda root: root.digest != now):  # the current one first: it must be whole
            self._mark_tree(root.says, is_current=root.digest == now)
        self._mark_metadata(frozenset(root.digest for root in held))
        return held

    def _roots(self) -> dict[Digest, HeldRoot]:
        def read(key: str) -> HeldRoot | None:
            try:
                body = self.store.read(key)
                says = documents.decode(TreeRoot, body, what=key)
            except (ObjectMissingError, DocumentError):
                return None
            digest = Digest.of(body)
            if layout.target_key(layout.INDEX_ROOT_TARGET, digest) != key:
                return None
            return HeldRoot(digest=digest, says=says, came_at=self.listed[key].modified_at)

        name = layout.INDEX_ROOT_TARGET.rpartition("/")[2]
        keys = (key for key in self.listed if key.startswith(layout.TARGETS_PREFIX) and key.endswith(f".{name}"))
        return {root.digest: root for root in self._each(keys, read).values() if root is not None}

    def _mark_tree(self, root: TreeRoot, *, is_current: bool) -> None:
        """Mark what hangs on a root, without looking again at what was seen; of an older one, what is gone is gone."""
        self._mark(layout.node_key(root.catalogue.sha256), is_current=is_current)
        if root.catalogue_log is not None:
            self._mark_log(root.catalogue_log, is_current=is_current)
        level = [BlobRef(sha256=digest, size=size) for digest, size in root.nodes or root.shard.values()]
        for take_apart in (*[tree.children] * (len(root.fanout) - 1), *[tree.records_in] * bool(root.fanout)):
            level = [ref for below in self._below(level, take_apart, is_current=is_current) for ref in below]
        for record in self._below(level, _record, is_current=is_current):
            self._mark_record(record, is_current=is_current)

    def _mark_log(self, ref: BlobRef, *, is_current: bool) -> None:
        """Mark the log of a catalogue and the whole one that it begins with."""
        key = layout.packed_key(ref.sha256)
        self._mark(key, is_current=is_current)
        try:
            log = unpack_log(tree.checked(self.store.read(key), ref), max_bytes=MAX_LOG_BYTES)
        except (ObjectMissingError, TamperedError, DocumentError) as error:
            if is_current:
                raise _damage(key) from error
            return
        self._mark(layout.packed_key(log.base.packed.sha256), is_current=is_current)

    def _below(
        self, refs: Iterable[BlobRef], take_apart: Callable[[BlobRef, bytes], T], *, is_current: bool
    ) -> Iterator[T]:
        """Yield what the nodes `refs` hold; those that were seen before are left out."""

        def read(ref: BlobRef) -> T | None:
            key = layout.node_key(ref.sha256)
            self._mark(key, is_current=is_current)
            try:
                return take_apart(ref, self.store.read(key))
            except (ObjectMissingError, TamperedError, DocumentError) as error:
                if is_current:
                    raise _damage(key) from error
                return None

        new = set(refs) - self._seen
        self._seen |= new
        yield from (found for found in self._each(new, read).values() if found is not None)

    def _mark_record(self, record: PluginRecord, *, is_current: bool) -> None:
        for release in record.releases:
            for ref in (release.manifest, release.facts):
                self._mark(layout.node_key(ref.sha256), is_current=is_current)
            for attestation in release.attestations:
                self._mark(layout.attestation_key(attestation.sha256), is_current=is_current)
            for artifact in release.artifacts:
                key = layout.package_key(record.id, release.version, artifact.platform)
                self._mark(key, is_current=is_current and release.yanked is None)

    def _mark_metadata(self, roots: frozenset[Digest]) -> None:
        files = self._each((key for key in self.listed if layout.is_replaced_metadata(key)), self._metadata)
        known = {key: file for key, file in files.items() if file is not None}
        naming = {key for key, file in known.items() if file.paths.get(layout.INDEX_ROOT_TARGET) in roots}
        # What people sign names no index, and is never replaced by what a publisher signs.
        of_people = {key for key, file in known.items() if file.paths and layout.INDEX_ROOT_TARGET not in file.paths}
        in_use = naming | of_people | {key for key, file in known.items() if naming & file.metadata}
        in_use |= {listed for key in in_use for listed in known[key].metadata}
        self.keys |= in_use | (files.keys() - known.keys())
        self.keys |= {target for key in in_use & known.keys() for target in known[key].targets}

    def _metadata(self, key: str) -> MetadataFile | None:
        try:
            return read_metadata(self.store.read(key), what=key)
        except (ObjectMissingError, DocumentError):
            return None

    def _mark(self, key: str, *, is_current: bool) -> None:
        if is_current and key not in self.listed:
            raise _damage(key)
        with self._guard:
            self.keys.add(key)

    def _each(self, items: Iterable[K], read: Callable[[K], T]) -> dict[K, T]:
        """Return what `read` makes of each of `items`, several at once."""
        found: dict[K, T] = {}

        def work(item: K) -> None:
            found[item] = read(item)

        for_each(items, work, at_once=self.store.parallelism)
        return found


def _record(ref: BlobRef, body: bytes) -> PluginRecord:
    return documents.decode(PluginRecord, tree.checked(body, ref), what="a record")


def _held(roots: Mapping[Digest, HeldRoot], current: Digest, cutoff: datetime) -> Iterator[HeldRoot]:
    """Yield the roots that clients of any time since `cutoff` may hold.

    The chain of roots begins with the current one, and each names the one before. Other roots came from publications
    that broke off, or from before a gap: the next one of the chain came after them, at the latest.
    """
    chain: dict[Digest, HeldRoot] = {}
    replaced_at: dict[Digest, datetime] = {}
    root = roots.get(current)
    while root is not None and root.digest not in chain:
        chain[root.digest] = root
        if root.says.previous is not None:
            replaced_at[root.says.previous] = max(root.came_at, root.says.generated)
        root = roots.get(root.says.previous) if root.says.previous else None
    for one in roots.values():
        if one.digest not in chain:
            later = [other.came_at for other in chain.values() if other.came_at > one.came_at]
            if later:
                replaced_at[one.digest] = min(later)
        until = replaced_at.get(one.digest)
        if until is None or one.digest == current or max(until, one.came_at) >= cutoff:
            yield one


def _damage(what: str) -> TamperedError:
    return TamperedError(
        "what is published is not whole, and nothing was removed",
        where=what,
        why="the current index leads there, and there is nothing, or something else",
        hint="bring it back first: `pluginry publish --relist`",
    )
