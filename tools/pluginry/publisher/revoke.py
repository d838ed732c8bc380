"""Stage *revoke*: from advisories to new entries of the list of revocations.

In: the registry's advisories, the entries so far, the list that is published. Out: the entries to append. It never
changes or drops an entry, and never lifts one because a file is gone: an advisory is lifted by its own ``withdrawn``.
"""

from __future__ import annotations

from dataclasses import replace
from operator import attrgetter
from typing import TYPE_CHECKING

from pluginry.encoding import documents
from pluginry.encoding.revocation_file import append_revocations, joined_parts, parse_revocations, read_revocations
from pluginry.errors import TamperedError
from pluginry.model import layout
from pluginry.model.index import TreeRoot, TrustPolicy
from pluginry.model.revocation import Revocation, Verdict, revocation_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pluginry.model.advisory import Advisory
    from pluginry.model.registry import Registry
    from pluginry.ports import MetadataReader, ObjectStore
    from pluginry.publisher.workspace import Workspace


def revoke(workspace: Workspace, registry: Registry, *, repository: MetadataReader, store: ObjectStore) -> None:
    """Bring the list of revocations up to the registry's advisories, and see that clients will accept it.

    Raises:
        TamperedError: the list was rewritten since it was published.

    """
    record_revocations(workspace, registry.advisories)
    root = repository.newest_target(layout.INDEX_ROOT_TARGET, store)
    policy = documents.decode(TrustPolicy, workspace.policy_bytes, what="policy.json")
    refuse_rewritten(
        read_revocations(workspace.revocations),
        published=joined_parts(lambda path: repository.newest_target(path, store)),
        is_new_epoch=root is None or documents.decode(TreeRoot, root, what="root.json").epoch != policy.epoch,
    )


def new_revocations(advisories: Iterable[Advisory], known: tuple[Revocation, ...]) -> tuple[Revocation, ...]:
    """Return the entries that bring the list `known` up to what `advisories` say, in order of their last change."""
    return tuple(_entries(advisories, known))


def record_revocations(workspace: Workspace, advisories: Iterable[Advisory]) -> tuple[Revocation, ...]:
    """Bring the list of `workspace` up to what `advisories` say, and return all of its entries.

    Raises:
        DocumentError: the list is not one any more.

    """
    path = workspace.revocations
    known = parse_revocations(read_revocations(path), what=str(path))
    added = new_revocations(advisories, known)
    append_revocations(path, added)
    return (*known, *added)


def refuse_rewritten(ours: bytes, *, published: bytes | None, is_new_epoch: bool) -> None:
    """Check that the list only grew since it was published: clients refuse another one until the next epoch.

    Raises:
        TamperedError: it did not.

    """
    if published and not is_new_epoch and not ours.startswith(published):
        raise TamperedError(
            "the list of revocations is not a continuation of the published one",
            where=f"index/{layout.REVOCATIONS_FILE}",
            why="every client would refuse it",
            hint="restore the file from git; a list that must be taken back needs a new epoch in the policy",
        )


def _entries(advisories: Iterable[Advisory], known: tuple[Revocation, ...]) -> Iterator[Revocation]:
    last = {entry.advisory: entry for entry in known}
    wanted = [revocation_of(advisory, n=0) for advisory in advisories]
    number = len(known)
    for entry in sorted(wanted, key=attrgetter("at", "advisory")):
        before = last.get(entry.advisory)
        if before is None and entry.action is Verdict.RESTORE:
            continue  # withdrawn before anybody heard of it
        if before is None or replace(before, n=0, at=entry.at) != entry:
            number += 1
            yield replace(entry, n=number)
