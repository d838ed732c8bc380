"""The objects of an index by themselves, without pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pluginry.publisher.friendly_objects import friendly_objects
from pluginry.publisher.glances import Glances
from pluginry.publisher.index import node_objects

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from pluginry.model.digest import BlobRef
    from pluginry.model.published import PublishedObject
    from pluginry.publisher.index import BuiltIndex, IndexInput


def index_objects(
    given: IndexInput, built: BuiltIndex, read: Callable[[BlobRef], bytes | Path]
) -> Iterator[PublishedObject]:
    """Yield the nodes of the tree with what they name (through `read`), then the friendly documents."""
    yield from node_objects(built, read)
    yield from friendly_objects(given, built, Glances(registry=given.registry, index=built).all())
