"""A catalogue that changes from publication to publication, with everything that clients follow it by, in memory."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from memory_store import MemoryStore
from pluginry.encoding import documents
from pluginry.encoding.content_store import ContentStore
from pluginry.model import layout
from pluginry.model.channel import Channel
from pluginry.model.digest import BlobRef
from pluginry.model.index import Catalogue, PluginSummary, TreeRoot
from pluginry.model.names import PluginId
from pluginry.model.status import Status
from pluginry.model.versions import Version
from pluginry.publisher.catalogue_history import history_of
from pluginry.publisher.object_access import ObjectAccess

if TYPE_CHECKING:
    from pathlib import Path

START = datetime(2026, 5, 1, tzinfo=UTC)


def a_summary(number: int, day: int = 0) -> PluginSummary:
    """Return a row; another `day` makes it another one."""
    return PluginSummary(
        id=PluginId.parse(f"maker-{number % 40}/plugin-{number}"),
        name=f"Plugin {number}",
        summary=f"Does the {number * 7919 % 1009}th thing that somebody needed {number * 31 % 97} times a day.",
        hosts=(),
        status=Status.ACTIVE,
        channels={Channel.STABLE: Version(f"1.{day}.0")},
        updated=START + timedelta(days=day),
    )


@dataclass(slots=True)
class ChangingCatalogue:
    """`publish` makes ``rows`` current; ``catalogues`` and ``roots`` are those of all publications."""

    folder: Path
    rows: dict[int, PluginSummary] = field(default_factory=lambda: {n: a_summary(n) for n in range(500)})
    store: MemoryStore = field(default_factory=lambda: MemoryStore(location="here"))
    catalogues: list[bytes] = field(default_factory=list)
    roots: list[TreeRoot] = field(default_factory=list)

    @property
    def access(self) -> ObjectAccess:
        """What a publisher has at hand."""
        return ObjectAccess(ContentStore(self.folder), self.store)

    def publish(self) -> TreeRoot:
        """Publish what ``rows`` are now, and return the root."""
        plugins = tuple(sorted(self.rows.values(), key=lambda row: row.id))
        body = documents.encode(Catalogue(name="Changing", hosts=(), categories=(), plugins=plugins))
        history = history_of(body, previous=self.roots[-1] if self.roots else None, access=self.access)
        for key, made in history.objects(self.access) if history else ():
            self.store.objects[key] = made if isinstance(made, bytes) else made.read_bytes()
        self.store.objects[layout.node_key(BlobRef.of(body).sha256)] = body
        root = TreeRoot(
            epoch=1,
            serial=len(self.roots) + 1,
            generated=START,
            plugins=len(plugins),
            releases=len(plugins),
            catalogue=BlobRef.of(body),
            catalogue_log=history.log if history else None,
        )
        self.catalogues.append(body)
        self.roots.append(root)
        return root

    def release(self, *numbers: int) -> TreeRoot:
        """Publish a release of each plugin of these `numbers`."""
        day = len(self.roots)
        self.rows.update({number: a_summary(number, day) for number in numbers})
        return self.publish()
