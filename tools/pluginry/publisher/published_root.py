"""The root of the index that is published: what clients see, and what the next publication counts on from.

In: the store, and what reads its signed metadata. Out: roots, which are signed by keys of this marketplace.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pluginry.encoding import documents
from pluginry.model import layout
from pluginry.model.index import TreeRoot

if TYPE_CHECKING:
    from pluginry.ports import MetadataReader, ObjectStore


def current_root(reader: MetadataReader, store: ObjectStore) -> TreeRoot | None:
    """Return the root of the index that clients see now."""
    body = reader.current_target(layout.INDEX_ROOT_TARGET, store)
    return None if body is None else root_in(body)


def root_before(reader: MetadataReader, store: ObjectStore) -> bytes | None:
    """Return the root that the next one counts on from: the current one, or a later one that somebody may have seen."""
    current = reader.current_target(layout.INDEX_ROOT_TARGET, store)
    newest = reader.newest_target(layout.INDEX_ROOT_TARGET, store)
    if current is None or newest is None:
        return newest
    # Of two publishers at once one leaves an unfinished root, which must not be mistaken for the other one's.
    now, later = root_in(current), root_in(newest)
    return newest if (later.epoch, later.serial) > (now.epoch, now.serial) else current


def root_in(body: bytes) -> TreeRoot:
    """Return the root in `body`, which was signed."""
    return documents.decode(TreeRoot, body, what=layout.INDEX_ROOT_TARGET)
