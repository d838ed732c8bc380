"""The last look before publishing: whether it is a newer state of the same marketplace, or an accident.

In: the index that is published, the one that was built. Out: what would be lost, or a refusal. A publication that drops
much at once is more often a wrong folder, a broken import or a network that is down than anybody's wish; one from an
older ledger would be refused by clients, plugin by plugin. It reads only parts of the published index that differ.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pluginry.encoding import documents, tree
from pluginry.errors import BusyError, DocumentError, ObjectMissingError, PolicyError, TamperedError
from pluginry.model import layout
from pluginry.model.digest import BlobRef
from pluginry.model.index import PluginRecord

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from pluginry.model.index import TreeRoot
    from pluginry.model.names import PluginId
    from pluginry.model.quarantine import Quarantined
    from pluginry.model.registry import Limits
    from pluginry.publisher.index import BuiltIndex
    from pluginry.publisher.object_access import ObjectAccess

_SHOWN = 5
_PERCENT = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Losses:
    """What is offered now and would not be any more: whole ``plugins``, and ``releases`` of those that stay.

    Where some of it is in quarantine, ``because`` of that, the first of it is told.
    """

    plugins: tuple[str, ...] = ()
    releases: tuple[str, ...] = ()
    because: str = ""


def losses(
    before: TreeRoot | None, after: BuiltIndex, access: ObjectAccess, left_out: Iterable[Quarantined] = ()
) -> Losses:
    """Return what `after` offers no more of what `before` does; some of it may be among what is `left_out`.

    Raises:
        BusyError: somebody published from a newer ledger than the one at hand.

    """
    plugins: list[str] = []
    releases: list[str] = []
    for plugin, old in _changed(before, after, access):
        new = after.records.get(plugin)
        if before and new and new.seq < old.seq and before.epoch == after.root.epoch:
            raise BusyError(
                "what is published was made from a newer ledger than the one at hand",
                where=str(plugin),
                why=f"there it has {old.seq} lines, here {new.seq}",
                hint="bring index/ledger/ up to date and run the command again",
            )
        offered = {release.version for release in new.releases} if new else set()
        lost = [f"{plugin} {release.version}" for release in old.releases if release.version not in offered]
        if offered:
            releases += lost
        elif lost:
            plugins.append(str(plugin))
    gone = {*plugins, *releases}
    because = (f"{_names_of(one)[-1]}: {one.reason}" for one in left_out if not gone.isdisjoint(_names_of(one)))
    return Losses(plugins=tuple(plugins), releases=tuple(releases), because=next(because, ""))


def _names_of(item: Quarantined) -> tuple[str, ...]:
    """Return how a loss by `item` would be called: after its plugin, and then after its release."""
    return (str(item.id), f"{item.id} {item.version}") if item.version else (str(item.id),)


def refusal(lost: Losses, before: TreeRoot | None, limits: Limits, *, allowed: int = 0) -> PolicyError | None:
    """Return why so much may not be lost in one publication; None when it may, or when so much is `allowed`."""
    if before is None:
        return None
    for what, names, count in (("plugins", lost.plugins, before.plugins), ("releases", lost.releases, before.releases)):
        is_much = len(names) > limits.shrink_count and len(names) * _PERCENT > count * limits.shrink_percent
        if is_much and len(names) > allowed:
            more = ", ..." if len(names) > _SHOWN else ""
            return PolicyError(
                f"this publication would drop {len(names)} of {count} {what}",
                why=f"{', '.join(names[:_SHOWN])}{more}" + (f" ({lost.because})" if lost.because else ""),
                hint=f"if that is meant, pass --allow-shrink {max(len(lost.plugins), len(lost.releases))}",
            )
    return None


def refuse_losses(
    before: TreeRoot | None,
    after: BuiltIndex,
    access: ObjectAccess,
    *,
    limits: Limits,
    allowed: int,
    left_out: Iterable[Quarantined] = (),
) -> None:
    """Check that `after`, without what is `left_out`, may follow `before`.

    Raises:
        PolicyError: too much would be lost.
        BusyError: as `losses`.

    """
    refused = refusal(losses(before, after, access, left_out), before, limits, allowed=allowed)
    if refused is not None:
        raise refused


def _changed(
    before: TreeRoot | None, after: BuiltIndex, access: ObjectAccess
) -> Iterator[tuple[PluginId, PluginRecord]]:
    """Yield the published records that differ from those that were built; what cannot be read is damage, not loss."""
    if before is None or before == after.root:
        return
    ours = {BlobRef.of(body): body for body in after.node_bodies}
    try:
        changed = tree.changed_records(before, after.root, lambda ref: ours.get(ref) or access.node(ref))
    except (ObjectMissingError, TamperedError):
        return
    old_records = {plugin: old for plugin, (old, _) in changed.items() if old is not None}
    access.bring((ref, layout.node_key(ref.sha256)) for ref in old_records.values())
    yield from _read(old_records, access)


def _read(refs: Mapping[PluginId, BlobRef], access: ObjectAccess) -> Iterator[tuple[PluginId, PluginRecord]]:
    for plugin, ref in refs.items():
        try:
            yield plugin, documents.decode(PluginRecord, access.node(ref), what=f"published record of {plugin}")
        except (ObjectMissingError, TamperedError, DocumentError):
            continue
