"""A pull request as a value: what the registry would become, file by file.

In: commits of base and head. Out: a `RegistryChange`: what merging would do to the base's files, computed from git
objects alone. Cost grows with what changed. Never checks anything out, never runs anything, never judges.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Final

from pluginry.contribution.areas import OF_A_PLUGIN, Place, place_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pluginry.model.names import PluginId
    from pluginry.model.tree_change import TreeEntry
    from pluginry.ports import RegistryCommits

MAX_DIFFERENCES: Final = 20_000
"""More are not even listed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedFile:
    """A file at ``path`` of the repository: ``before`` in the base, ``after`` merging; None where there is none.

    ``size`` is that of the file after merging, in bytes. ``in_conflict``: the base changed it meanwhile as well.
    """

    path: str
    before: TreeEntry | None
    after: TreeEntry | None
    size: int = 0
    in_conflict: bool = False

    @property
    def place(self) -> Place:
        """What the path stands for."""
        return place_of(self.path)

    @property
    def is_new(self) -> bool:
        """Whether the base has no such file."""
        return self.before is None


@dataclass(frozen=True, kw_only=True)
class RegistryChange:
    """What merging ``head`` into ``base`` changes; ``merge_bases`` are the newest commits that they share.

    Without exactly one of those it has no files: what changes cannot be told. ``is_cut``: more changes than is listed.
    """

    base: str
    head: str
    merge_bases: tuple[str, ...]
    files: tuple[ChangedFile, ...] = ()
    is_cut: bool = False

    @cached_property
    def plugins(self) -> tuple[PluginId, ...]:
        """The plugins of which anything changes, sorted."""
        return tuple(sorted({f.place.plugin for f in self.files if f.place.plugin and f.place.area in OF_A_PLUGIN}))

    def of(self, plugin: PluginId) -> tuple[ChangedFile, ...]:
        """Return the changed files of `plugin`."""
        return tuple(file for file in self.files if file.place.plugin == plugin)


def read_change(commits: RegistryCommits, base: str, head: str, *, limit: int = MAX_DIFFERENCES) -> RegistryChange:
    """Return what merging `head` into `base` changes; both are names of commits, at most `limit` files are listed.

    Raises:
        UsageError: there is no such commit.
        TransportError: git does not answer.

    """
    base, head = commits.commit_of(base), commits.commit_of(head)
    merge_bases = commits.merge_bases(base, head)
    if len(merge_bases) != 1:
        return RegistryChange(base=base, head=head, merge_bases=merge_bases)
    differences = commits.differences(merge_bases[0], head, limit=limit + 1)
    now = commits.entries(base, (found.path for found in differences))
    merged: list[ChangedFile] = []
    for found in differences[:limit]:
        there = now.get(found.path)
        if there != found.after:
            merged.append(
                ChangedFile(path=found.path, before=there, after=found.after, in_conflict=there != found.before)
            )
    return RegistryChange(
        base=base,
        head=head,
        merge_bases=merge_bases,
        files=_with_sizes(commits, merged),
        is_cut=len(differences) > limit,
    )


def _with_sizes(commits: RegistryCommits, files: Iterable[ChangedFile]) -> tuple[ChangedFile, ...]:
    listed = tuple(files)
    sizes = commits.sizes(file.after.blob for file in listed if file.after and file.after.is_plain)
    return tuple(replace(file, size=sizes.get(file.after.blob, 0)) if file.after else file for file in listed)
