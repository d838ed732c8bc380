"""Follows the catalogue from the one that is kept, or from its last packed one, instead of fetching it again.

In: the references that the signed root gives, kept objects, a way to fetch. Out: the catalogue that the root names, or
None when it cannot be reached this way: whoever asks then fetches it whole. Nothing comes out that has another digest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pluginry.client import limits
from pluginry.encoding.catalogue_delta import after_steps
from pluginry.encoding.catalogue_pack import unpack_catalogue, unpack_log
from pluginry.encoding.tree import checked
from pluginry.errors import DocumentError, ObjectMissingError, ObjectTooLargeError, TamperedError
from pluginry.model import layout
from pluginry.model.catalogue_log import CatalogueLog
from pluginry.model.index import Catalogue

if TYPE_CHECKING:
    from collections.abc import Callable

    from pluginry.encoding.content_store import ContentStore
    from pluginry.model.digest import BlobRef

_MAX_PACKED_BYTES = limits.DOCUMENTS[CatalogueLog]


def catalogue_by_log(
    wanted: BlobRef, log: BlobRef, cache: ContentStore, *, fetch: Callable[..., bytes]
) -> bytes | None:
    """Return the catalogue `wanted`, or None; `fetch` returns an object by key, of at most ``max_bytes``.

    Raises:
        TransportError: the marketplace cannot be reached.

    """
    if wanted.size > limits.DOCUMENTS[Catalogue]:
        return None

    def packed(ref: BlobRef) -> bytes:
        if ref.size > _MAX_PACKED_BYTES:
            raise DocumentError("something packed is larger than it may be")
        return checked(fetch(layout.packed_key(ref.sha256), max_bytes=ref.size), ref)

    try:
        says = unpack_log(packed(log), max_bytes=limits.DOCUMENTS[CatalogueLog])
        return checked(_followed(says, wanted, cache, packed), wanted)
    except (DocumentError, TamperedError, ObjectMissingError, ObjectTooLargeError):
        return None


def _followed(log: CatalogueLog, wanted: BlobRef, cache: ContentStore, packed: Callable[[BlobRef], bytes]) -> bytes:
    """Return what `log` leads to, from the newest kept catalogue or from its base."""
    for number, step in enumerate(log.steps, 1):
        kept = cache.read(step.before)
        if kept is not None:
            return after_steps(kept, log.steps[:number])
    base = log.base.catalogue
    if base.size > limits.DOCUMENTS[Catalogue]:
        raise DocumentError("a catalogue is larger than it may be")
    whole = checked(unpack_catalogue(packed(log.base.packed), max_bytes=base.size), base)
    steps = () if base == wanted else log.since(base)
    if steps is None:
        raise DocumentError("the log of the catalogue does not lead from its base")
    return after_steps(whole, steps) if steps else whole
