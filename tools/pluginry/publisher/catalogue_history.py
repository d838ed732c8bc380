"""Keeps the log of a catalogue: from the last publication's log to the next, and the objects that clients follow it by.

In: the catalogue to publish, the last root, access to what is published. Out: the reference for the root, and objects.
The log is a convenience: what cannot be read of the last one is left behind, and a new one begins.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pluginry.encoding.catalogue_delta import step_between, without_repetition
from pluginry.encoding.catalogue_pack import pack_catalogue, pack_log, unpack_log
from pluginry.encoding.tree import checked
from pluginry.errors import DocumentError, ObjectMissingError, TamperedError
from pluginry.model import layout
from pluginry.model.catalogue_log import CatalogueBase, CatalogueLog
from pluginry.model.digest import BlobRef

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from pluginry.model.catalogue_log import CatalogueStep
    from pluginry.model.index import TreeRoot
    from pluginry.publisher.object_access import ObjectAccess

SMALL_BYTES = 64 << 10
"""A catalogue of this size is fetched whole: following it would save little."""
MAX_LOG_BYTES = 16 << 20
"""What a log may take when it is unpacked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueHistory:
    """The log that a root names, and the objects behind it by reference: those that were made now as bytes."""

    log: BlobRef
    made: Mapping[BlobRef, bytes]
    kept: tuple[BlobRef, ...] = ()

    def objects(self, access: ObjectAccess) -> Iterator[tuple[str, bytes | Path]]:
        """Yield key and body of everything that belongs to the log."""
        for ref in (*self.made, *self.kept):
            key = layout.packed_key(ref.sha256)
            yield key, self.made[ref] if ref in self.made else access.to_publish(ref, key)


def history_of(
    catalogue: bytes, *, previous: TreeRoot | None, access: ObjectAccess, before: bytes = b""
) -> CatalogueHistory | None:
    """Return the history of `catalogue`, which follows that of the `previous` root; None for a small catalogue.

    The catalogue `before` is that of the previous root, where it was read already.
    """
    if len(catalogue) <= SMALL_BYTES:
        return None
    last = _last_log(previous, access)
    if previous is None or previous.catalogue_log is None or last is None:
        return _begun(catalogue, ())
    if previous.catalogue == BlobRef.of(catalogue):
        return CatalogueHistory(log=previous.catalogue_log, made={}, kept=(previous.catalogue_log, last.base.packed))
    try:
        before = before or access.published.read(layout.node_key(previous.catalogue.sha256))
        step = step_between(checked(before, previous.catalogue), catalogue)
    except (ObjectMissingError, TamperedError, DocumentError):
        return _begun(catalogue, ())
    steps = (step, *without_repetition(step, last.steps))
    packed = pack_log(CatalogueLog(base=last.base, steps=steps))
    if len(packed) > most_log_bytes(len(catalogue)):
        return _begun(catalogue, steps)
    log = BlobRef.of(packed)
    return CatalogueHistory(log=log, made={log: packed}, kept=(last.base.packed,))


def most_log_bytes(catalogue_bytes: int) -> int:
    """Return how large the log of a catalogue may grow, packed: a dozen releases, or many in a large marketplace."""
    return 3072 + catalogue_bytes // 4096


def _begun(catalogue: bytes, steps: tuple[CatalogueStep, ...]) -> CatalogueHistory:
    """Return a history whose base is `catalogue`, with the newest of `steps` that fit into half of a log.

    A single large step stays too if it is worth it: everybody is one publication behind.
    """
    whole = pack_catalogue(catalogue)
    base = CatalogueBase(catalogue=BlobRef.of(catalogue), packed=BlobRef.of(whole))
    log = CatalogueLog(base=base, steps=steps)
    packed = pack_log(log)
    while len(packed) > most_log_bytes(len(catalogue)) // 2 and len(log.steps) > 1:
        log = replace(log, steps=log.steps[: len(log.steps) // 2])
        packed = pack_log(log)
    if len(packed) > len(whole) // 2:
        packed = pack_log(replace(log, steps=()))
    ref = BlobRef.of(packed)
    return CatalogueHistory(log=ref, made={base.packed: whole, ref: packed})


def _last_log(previous: TreeRoot | None, access: ObjectAccess) -> CatalogueLog | None:
    """Return the log that the `previous` root names if it can be followed from: all of it is at hand."""
    ref = previous.catalogue_log if previous else None
    if ref is None:
        return None
    try:
        log = unpack_log(checked(access.packed(ref), ref), max_bytes=MAX_LOG_BYTES)
    except (ObjectMissingError, TamperedError, DocumentError):
        return None
    return log if access.is_there(log.base.packed, layout.packed_key(log.base.packed.sha256)) else None
