"""What owners and moderators do to plugins that are listed: the change of files, and what clients will make of it.

In: the registry as a value, what shall be done. Out: a `Moderation`: edits of single entries of documents, and
sentences about the consequences. It reads and writes no file, and decides nothing: whoever merges the change does.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pluginry.encoding import documents
from pluginry.encoding.suggestions import did_you_mean
from pluginry.encoding.yaml_edit import with_entry, with_item, without_entry
from pluginry.errors import NotFoundError, UsageError
from pluginry.model.status import Status
from pluginry.publisher import registry_layout

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from pluginry.model.names import PluginId
    from pluginry.model.publisher import Publisher
    from pluginry.model.registry import PluginEntry, Registry
    from pluginry.model.versions import Version


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """A change of one file: its ``path`` in the registry, and what becomes of its text, which is empty when new."""

    path: str
    changed: Callable[[str], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Moderation:
    """A change: its ``title`` as a commit would have it, its ``edits``, and what they mean for users, in sentences."""

    title: str
    edits: tuple[Edit, ...]
    means: tuple[str, ...]


def yank(registry: Registry, plugin: PluginId, version: Version, *, reason: str | None) -> Moderation:
    """Return what withdraws a release, or without a `reason` offers it again.

    Raises:
        NotFoundError: there is no such plugin or release.
        UsageError: it is so already.

    """
    entry = entry_of(registry, plugin)
    release = entry.releases.get(version)
    if release is None:
        there = ", ".join(map(str, sorted(entry.releases, reverse=True))) or "none"
        raise NotFoundError(f"there is no {plugin} {version}", hint=f"there are: {there}")
    if reason == release.yanked:
        state = f"is withdrawn already ({reason})" if reason else "is offered already"
        raise UsageError(f"{plugin} {version} {state}")
    path = registry_layout.release_file(entry, version)
    if reason is None:
        edit = Edit(path=path, changed=lambda text: without_entry(text, "yanked"))
        return Moderation(
            title=f"Offer {plugin} {version} again",
            edits=(edit,),
            means=(f"{plugin} {version} is chosen again where it is the newest that fits.",),
        )
    offered = [one for number, one in entry.releases.items() if number != version and not one.yanked]
    newest = max((one.version for one in offered), default=None)
    return Moderation(
        title=f"Withdraw {plugin} {version}",
        edits=(Edit(path=path, changed=lambda text: with_entry(text, "yanked", reason)),),
        means=(
            "Nobody gets it any more who does not ask for exactly this version; lock files go on to work.",
            "Those who have it keep it, and `pluginry audit` tells them. To make clients stop it, write an advisory.",
            f"The newest version that is left is {newest}."
            if newest
            else "No version is left, and that is not published as it is. Say what to use instead with "
            f"`pluginry registry deprecate {plugin} --replaced-by ID`, or `pluginry registry remove {plugin}`.",
        ),
    )


def deprecate(registry: Registry, plugin: PluginId, *, reason: str, replaced_by: PluginId | None) -> Moderation:
    """Return what tells users not to begin with a plugin any more.

    Raises:
        NotFoundError: there is no such plugin, or none to replace it.
        UsageError: a plugin cannot replace itself.

    """
    entry = entry_of(registry, plugin)
    if replaced_by is not None:
        if entry_of(registry, replaced_by).listing.status is Status.REMOVED:
            raise NotFoundError(f"{replaced_by} was removed", hint="name a plugin that can be installed")
        if replaced_by == plugin:
            raise UsageError("a plugin cannot replace itself")
    instead = f" Users are told to use {replaced_by} instead." if replaced_by else ""
    return Moderation(
        title=f"Deprecate {plugin}",
        edits=(_standing(entry, Status.DEPRECATED, reason, replaced_by),),
        means=(
            "It can still be installed and updated, with a warning; lists and searches leave it out unless asked."
            + instead,
            *_dependents(registry, plugin),
        ),
    )


def remove(
    registry: Registry, plugin: PluginId, *, reason: str, replaced_by: PluginId | None, now: datetime
) -> Moderation:
    """Return what takes a plugin out for good: nothing of it is offered, and its id stays taken.

    Raises:
        NotFoundError: there is no such plugin.

    """
    entry = entry_of(registry, plugin)
    tombstone = {"id": str(plugin), "reason": reason, "removed_at": documents.to_plain(now)}
    return Moderation(
        title=f"Remove {plugin}",
        edits=(
            _standing(entry, Status.REMOVED, reason, replaced_by),
            Edit(
                path=registry_layout.RESERVED_FILE,
                changed=lambda text: with_item(text or "schema: 1\n", "tombstones", tombstone),
            ),
        ),
        means=(
            "Nobody can install it any more; its page says that it was removed, and why.",
            "Those who have it keep it, and `pluginry audit` tells them. To make clients stop it, write an advisory.",
            "Its id stays taken for ever. Its packages stay until `pluginry gc --take-down`.",
            *_dependents(registry, plugin),
        ),
    )


def revive(registry: Registry, plugin: PluginId) -> Moderation:
    """Return what makes a deprecated plugin an ordinary one again.

    Raises:
        NotFoundError: there is no such plugin.
        UsageError: it is active, or was removed.

    """
    entry = entry_of(registry, plugin)
    if entry.listing.status in (Status.ACTIVE, Status.REMOVED):
        raise UsageError(
            f"{plugin} is {entry.listing.status}", hint="only what is deprecated or up for adoption returns"
        )

    def changed(text: str) -> str:
        for key in ("reason", "replaced_by"):
            text = without_entry(text, key)
        return with_entry(text, "status", str(Status.ACTIVE))

    edit = Edit(path=registry_layout.listing_file(entry), changed=changed)
    return Moderation(title=f"{plugin} is active again", edits=(edit,), means=("It is listed and found as before.",))


def transfer(registry: Registry, plugin: PluginId, *, to: Publisher, reason: str) -> Moderation:
    """Return what hands a plugin over to another publisher, as an announcement that clients can read.

    Raises:
        NotFoundError: there is no such plugin.
        UsageError: it has no publisher, or this one.

    """
    before = publisher_of(registry, plugin)
    if to.is_same_as(before):
        raise UsageError(f"{plugin} belongs to this publisher already")
    announced = {"previous": documents.to_plain(before), "reason": reason}

    def changed(text: str) -> str:
        return with_entry(with_entry(text, "publisher", documents.to_plain(to)), "transfer", announced)

    return Moderation(
        title=f"Transfer {plugin} to {to.repository}",
        edits=(Edit(path=registry_layout.listing_file(entry_of(registry, plugin)), changed=changed),),
        means=(
            f"Releases from now on come from {to.repository}; those of {before.repository} are refused.",
            "Users who have it are asked before an update that comes from the new publisher (--accept-publisher).",
            "Owners of before and of after have to approve the change.",
        ),
    )


def publisher_of(registry: Registry, plugin: PluginId) -> Publisher:
    """Return whose builds may sign releases of a plugin.

    Raises:
        NotFoundError: there is no such plugin.
        UsageError: it names nobody.

    """
    publisher = entry_of(registry, plugin).listing.publisher
    if publisher is None:
        raise UsageError(f"{plugin} names no publisher", hint="add one to its listing; no transfer is needed for that")
    return publisher


def entry_of(registry: Registry, plugin: PluginId) -> PluginEntry:
    """Return a plugin of the registry.

    Raises:
        NotFoundError: there is no such plugin; with what was perhaps meant.

    """
    entry = registry.plugins.get(plugin)
    if entry is None:
        known = did_you_mean(str(plugin), [str(one) for one in registry.plugins])
        raise NotFoundError(f"there is no plugin {plugin} in this registry", hint=known)
    return entry


def _standing(entry: PluginEntry, status: Status, reason: str, replaced_by: PluginId | None) -> Edit:
    def changed(text: str) -> str:
        text = with_entry(with_entry(text, "status", str(status)), "reason", reason)
        return with_entry(text, "replaced_by", str(replaced_by)) if replaced_by else without_entry(text, "replaced_by")

    return Edit(path=registry_layout.listing_file(entry), changed=changed)


def _dependents(registry: Registry, plugin: PluginId) -> Iterator[str]:
    """Yield what it means for plugins that need this one, as far as their sources are in the registry."""
    users = sorted(
        str(entry.id)
        for entry in registry.plugins.values()
        if any(plugin in tree.manifest.dependencies for tree in entry.sources.values())
    )
    if users:
        yield f"It is needed by {', '.join(users)}: tell their owners."
