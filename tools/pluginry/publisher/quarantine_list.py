"""What is in quarantine, as it becomes known in the course of a publication, and how that is told.

In: items of the stages, exceptions that no stage expects, the status that is published. Out: all items with what is
offered instead and since when, and ``v1/status.json``. A mistake of ours that one plugin brings to light is an item of
that plugin; with ``raises`` it ends the run, for whoever looks for it. An object that cannot be read is no mistake of
ours: with ``relies_on_objects``, where nobody looked at all of them before, it ends the try, and the next one looks.
"""

from __future__ import annotations

import re
import traceback
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import PurePath
from typing import TYPE_CHECKING, Final

from pluginry.encoding import documents
from pluginry.errors import DocumentError, ObjectMissingError, PluginryError, TamperedError
from pluginry.model.layout import STATUS_KEY
from pluginry.model.published import json_page
from pluginry.model.quarantine import Fault, PublicationStatus, Quarantined, clipped, faults

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from pluginry.model.index import PluginRecord, TreeRoot
    from pluginry.model.names import PluginId
    from pluginry.model.published import PublishedObject
    from pluginry.model.versions import Version
    from pluginry.ports import ObjectStore

SCRATCH_PREFIX: Final = "pluginry-build-"
"""How short-lived folders begin: what they are called differs from run to run, and means nothing to readers."""
_SCRATCH = re.compile(rf"[^\s'\"]*{SCRATCH_PREFIX}[^/\s]*/")
_SHOWN_RELEASES = 3


@dataclass(slots=True, kw_only=True)
class QuarantineList:
    """``items`` as they come; those that were there at the ``earlier`` publication keep its ``since``."""

    now: datetime
    items: list[Quarantined] = field(default_factory=list)
    earlier: tuple[Quarantined, ...] = ()
    raises: bool = False
    relies_on_objects: bool = False

    @contextmanager
    def rescuing(self, plugin: PluginId, doing: str) -> Iterator[None]:
        """Make an item of any exception: the others go on."""
        try:
            yield
        except Exception as error:
            is_unread = isinstance(error, ObjectMissingError | TamperedError)
            if self.raises or (self.relies_on_objects and is_unread):
                raise
            self.items.append(unexpected(error, plugin=plugin, doing=doing))

    def told(self, records: Mapping[PluginId, PluginRecord]) -> tuple[Quarantined, ...]:
        """Return all items, each once, with what `records` offer instead and since when, in order of their plugins."""
        since = {_key(item): item.since for item in self.earlier}
        items = {
            _key(item): replace(item, kept=_kept(item, records), since=since.get(_key(item)) or self.now)
            for item in reversed(self.items)
        }
        return tuple(items[key] for key in sorted(items))

    def page(self, root: TreeRoot, records: Mapping[PluginId, PluginRecord]) -> PublishedObject:
        """Return ``v1/status.json``."""
        items = self.told(records)
        status = PublicationStatus(
            serial=root.serial,
            generated=root.generated,
            commit=root.commit,
            plugins=root.plugins,
            releases=root.releases,
            author_faults=faults(items, Fault.AUTHOR),
            infrastructure_faults=faults(items, Fault.INFRASTRUCTURE),
            quarantined=items,
        )
        return json_page(STATUS_KEY, documents.encode(status))


def refused(error: PluginryError, *, plugin: PluginId, version: Version | None = None, kind: Fault) -> Quarantined:
    """Return the item for a release that an error keeps from being published."""
    return Quarantined(id=plugin, version=version, kind=kind, reason=clipped(without_scratch(str(error))))


def unexpected(error: Exception, *, plugin: PluginId, version: Version | None = None, doing: str) -> Quarantined:
    """Return the item for a plugin that something went wrong with, which is not its author's fault."""
    if isinstance(error, PluginryError):
        return refused(error, plugin=plugin, version=version, kind=Fault.INFRASTRUCTURE)
    reason = unexpected_words(error, doing=doing)
    return Quarantined(id=plugin, version=version, kind=Fault.INFRASTRUCTURE, reason=reason)


def unexpected_words(error: Exception, *, doing: str) -> str:
    """Return in one line what went wrong and where, while `doing` something."""
    places = traceback.extract_tb(error.__traceback__)[-1:]
    what = " ".join(
        (f"{type(error).__name__} while {doing}", *(f"({PurePath(one.filename).name}:{one.lineno})" for one in places))
    )
    return clipped(without_scratch(f"{what}: {error}" if str(error) else what))


def published_items(store: ObjectStore) -> tuple[Quarantined, ...]:
    """Return what was in quarantine at the last publication, as far as that can be read: it is told, not believed."""
    try:
        return documents.decode(PublicationStatus, store.read(STATUS_KEY), what=STATUS_KEY).quarantined
    except (DocumentError, ObjectMissingError):
        return ()


def _key(item: Quarantined) -> tuple[str, str, str]:
    """Return what makes two items the same."""
    return str(item.id or ""), str(item.version or ""), item.part


def _kept(item: Quarantined, records: Mapping[PluginId, PluginRecord]) -> str:
    """Return in words what is offered instead of an item."""
    record = records.get(item.id) if item.id else None
    others = [str(one.version) for one in record.releases if one.version != item.version] if record else []
    is_there = record is not None and any(one.version == item.version for one in record.releases)
    if is_there or not others:
        return item.kept
    more = f" and {len(others) - _SHOWN_RELEASES} more" if len(others) > _SHOWN_RELEASES else ""
    return "; ".join(filter(None, (item.kept, f"releases {', '.join(others[:_SHOWN_RELEASES])}{more}")))


def without_scratch(text: str) -> str:
    """Return `text` without the short-lived folders that it names."""
    return _SCRATCH.sub("", text)
