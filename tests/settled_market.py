"""A marketplace of which everything is published, and what is known of that without looking at more than one object."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memory_store import MemoryStore
from pluginry.publisher.settled import Settled

if TYPE_CHECKING:
    from pathlib import Path

    from pluginry.ports import ObjectStore
    from pluginry.publisher.outcome import Outcome
    from workshop import Workshop

GIVEN = "the first input"


def published(workshop: Workshop) -> MemoryStore:
    """Return a store to which the first input was published."""
    store = MemoryStore(location="memory:unchanged")
    assert not workshop.publish(store, made_of=GIVEN).is_unchanged
    return store


def settled_file(workshop: Workshop) -> Path:
    """Return where it is remembered."""
    (found,) = (workshop.root / "inventories").glob("settled-*.memory")
    return found


def standing(workshop: Workshop, store: ObjectStore, given: str | None = GIVEN) -> Outcome | None:
    """Return what is known without looking at more than one object."""
    return Settled.within(workshop.root / "inventories", store).standing(given, store, now=workshop.now)
