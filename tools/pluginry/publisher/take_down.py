"""Taking down the packages of a release that is not offered any more: for malware, and for what the law demands.

In: a store, who reads its trust metadata, a release. Out: keys to remove. The ledger goes on to say that the release
was there, and clients that have it keep it; what an advisory says about it decides whether they run it. A release that
somebody can still install is never taken down: yank it and block it first, and publish that.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pluginry.encoding import documents, tree
from pluginry.encoding.revocation_file import joined_parts, parse_revocations
from pluginry.errors import NotFoundError, PolicyError, UsageError
from pluginry.model import layout
from pluginry.model.advisory import AdvisoryList, Subject
from pluginry.model.index import PluginRecord, TreeRoot
from pluginry.model.revocation import in_force
from pluginry.model.turn import Doing
from pluginry.publisher.garbage import remove
from pluginry.publisher.turn import Attempt

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from pluginry.model.index import ReleaseRecord
    from pluginry.model.names import PluginId
    from pluginry.model.published import StoredObject
    from pluginry.model.versions import Version
    from pluginry.ports import MetadataReader, ObjectStore


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeDown:
    """The ``packages`` that would be removed."""

    attempt: Attempt
    packages: tuple[StoredObject, ...]


def plan_take_down(
    releases: Iterable[tuple[PluginId, Version]], store: ObjectStore, *, reader: MetadataReader, now: datetime
) -> TakeDown:
    """Return what taking down `releases` would remove.

    Raises:
        PolicyError: clients can still install one of them.
        NotFoundError: there are no packages of one of them.
        BusyError: somebody publishes or collects there.

    """
    attempt = Attempt.begin(store, Doing.COLLECTING, now=now)
    body = reader.current_target(layout.INDEX_ROOT_TARGET, store)
    if body is None:
        raise UsageError("nothing is published there yet", where=store.location)
    root = documents.decode(TreeRoot, body, what=layout.INDEX_ROOT_TARGET)
    packages: list[StoredObject] = []
    for plugin, version in releases:
        record = _record(root, plugin, store)
        offered = next((one for one in record.releases if one.version == version), None) if record else None
        if record and offered and not _is_withdrawn(record, offered, store, reader):
            raise PolicyError(
                f"{plugin} {version} can still be installed",
                hint="yank it, write an advisory that blocks it, publish both, and run this again",
            )
        found = tuple(store.list(f"{layout.PACKAGES_PREFIX}{plugin}/{version}/"))
        if not found:
            raise NotFoundError(f"no packages of {plugin} {version} are published", where=store.location)
        packages += found
    return TakeDown(attempt=attempt, packages=tuple(packages))


def take_down(planned: TakeDown) -> None:
    """Remove what was planned.

    Raises:
        PublishConflictError: somebody published since the plan was made.

    """
    remove(planned.attempt, (stored.key for stored in planned.packages))


def _record(root: TreeRoot, plugin: PluginId, store: ObjectStore) -> PluginRecord | None:
    ref = tree.lookup(root, plugin, lambda node: store.read(layout.node_key(node.sha256)))
    if ref is None:
        return None
    data = tree.checked(store.read(layout.node_key(ref.sha256)), ref)
    return documents.decode(PluginRecord, data, what=f"record of {plugin}")


def _is_withdrawn(record: PluginRecord, release: ReleaseRecord, store: ObjectStore, reader: MetadataReader) -> bool:
    """Return whether clients refuse to install the release, by what is published: yanked, and blocked."""
    listed = reader.current_target(layout.INDEX_ADVISORIES_TARGET, store) or b""
    advisories = documents.decode(AdvisoryList, listed, what=layout.INDEX_ADVISORIES_TARGET).advisories
    entries = parse_revocations(
        joined_parts(lambda path: reader.current_target(path, store)), what=layout.REVOCATIONS_TARGET
    )
    subject = Subject(
        plugin=record.id,
        version=release.version,
        digests=tuple(artifact.sha256 for artifact in release.artifacts),
        publisher=record.publisher,
        published_at=release.published_at,
    )
    blocking = (one for one in in_force(entries, advisories) if one.blocks_installing)
    return release.yanked is not None and any(one.hits(subject) for one in blocking)
