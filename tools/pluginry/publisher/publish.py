"""Stage *publish*: from objects to a store, phase by phase, so that no reader meets a name that is not there.

Immutable objects are only ever created; mutable ones are replaced when their bytes differ; the one that
makes everything current (the timestamp) comes last and only if nobody else published meanwhile. It never
deletes anything.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING

from pluginry.errors import PublishConflictError
from pluginry.model.layout import METADATA_PREFIX, TIMESTAMP_KEY
from pluginry.model.published import CachePolicy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from pluginry.model.published import PublishedObject
    from pluginry.ports import ObjectStore


@dataclass(slots=True, kw_only=True)
class PublishReport:
    """What was written: keys that were created and replaced, how many were there already, bytes sent."""

    created: list[str] = field(default_factory=list)
    replaced: list[str] = field(default_factory=list)
    unchanged: int = 0
    bytes_written: int = 0

    @property
    def written(self) -> int:
        """How many objects were written."""
        return len(self.created) + len(self.replaced)


def publish(
    objects: Iterable[PublishedObject],
    store: ObjectStore,
    *,
    timestamp_tag: str | None,
    advance: Callable[[int], None] = lambda _steps: None,
) -> PublishReport:
    """Write `objects` to `store` and return what was done; `advance` is called once for each object.

    `timestamp_tag` is the version tag of the timestamp when this publication began (None: there was none).

    Raises:
        PublishConflictError: somebody else published meanwhile; nothing became current.
        TransportError: the store failed; nothing became current, and the next run goes on from here.

    """
    report = PublishReport()
    for published in sorted(objects, key=attrgetter("phase")):
        if published.key == TIMESTAMP_KEY:
            store.replace(published, expected=timestamp_tag)
            _count(report.replaced if timestamp_tag else report.created, published, report)
        else:
            _write(published, store, report)
        advance(1)
    return report


def _write(published: PublishedObject, store: ObjectStore, report: PublishReport) -> None:
    if store.create(published):
        _count(report.created, published, report)
    elif _is_there(published, store):
        report.unchanged += 1
    elif published.cache is CachePolicy.IMMUTABLE:
        raise PublishConflictError(
            "somebody else published another version under this name meanwhile",
            where=f"{store.location} {published.key}",
            hint="run the command again: it starts from what is there now",
        )
    else:
        found = store.find(published.key)
        store.replace(published, expected=found.tag if found else None)
        _count(report.replaced, published, report)


def _is_there(published: PublishedObject, store: ObjectStore) -> bool:
    """Return whether what is stored under a key that is taken is `published`.

    Digests in keys, or in what leads to them, vouch for immutable objects. Metadata has only a version in its
    key: two publishers at once choose the same one.
    """
    if published.cache is CachePolicy.IMMUTABLE and not published.key.startswith(METADATA_PREFIX):
        return True
    return store.read(published.key) == _body(published)


def _count(keys: list[str], published: PublishedObject, report: PublishReport) -> None:
    keys.append(published.key)
    body = published.body
    report.bytes_written += body.stat().st_size if isinstance(body, Path) else len(body)


def _body(published: PublishedObject) -> bytes:
    return published.body.read_bytes() if isinstance(published.body, Path) else published.body
