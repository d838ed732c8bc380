"""The registry before and after a change, as far as the change reaches: loaded, with all it refers to.

In: a change, and commits to read from. Out: two loaded registries with the same neighbours in both, written to a
scratch folder of the caller. Read are the plugins that change, what they name, what names them where something goes,
and whose names can be mistaken for theirs; never the rest. Links, submodules and what is too large are not written.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from pluginry.contribution.areas import REGISTRY, Area
from pluginry.contribution.change import RegistryChange
from pluginry.contribution.neighbours import advisories_about, namespaces_near, plugins_named_by, plugins_near
from pluginry.encoding.member_names import check_member_name
from pluginry.errors import ArchiveError
from pluginry.publisher.load import load_registry
from pluginry.publisher.registry_layout import CONFIG_FILE, RESERVED_FILE, YAML_SUFFIX

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from pluginry.model.names import PluginId
    from pluginry.model.tree_change import TreeEntry
    from pluginry.ports import RegistryCommits
    from pluginry.publisher.loaded_registry import LoadedRegistry


_POLICY_FILES: Final = (f"{REGISTRY}/{CONFIG_FILE}", f"{REGISTRY}/{RESERVED_FILE}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sides:
    """The registry in the base and merged: as values, and the folders they were read from.

    ``paths`` are those of the merged files that were looked at, in the repository.
    """

    base: LoadedRegistry
    merged: LoadedRegistry
    base_folder: Path
    merged_folder: Path
    paths: frozenset[str]


def read_sides(
    commits: RegistryCommits, change: RegistryChange, scratch: Path, *, max_bytes: int, whole: bool = False
) -> Sides:
    """Return both sides of `change`, written below the empty folder `scratch`.

    Files of more than `max_bytes` are left out. `whole`: everything is read, not only what the change reaches.

    Raises:
        TransportError: git does not answer.

    """
    desk = _Desk(commits, change, scratch, max_bytes)
    desk.take_files(_POLICY_FILES)
    desk.take_below(f"{REGISTRY}/hosts")
    if whole:
        for folder in ("namespaces", "advisories", "plugins"):
            desk.take_below(f"{REGISTRY}/{folder}")
        return desk.loaded()
    desk.take_plugins(change.plugins)
    named = {file.place.name for file in change.files if file.place.area is Area.NAMESPACE}
    spaces = named | namespaces_near(commits, change) | {str(plugin.namespace) for plugin in change.plugins}
    desk.take_files(f"{REGISTRY}/namespaces/{name}{YAML_SUFFIX}" for name in spaces)
    desk.take_files(file.path for file in change.files if file.place.area is Area.ADVISORY)
    desk.take_files(advisories_about(commits, change))
    sides = desk.loaded()
    near = plugins_near(commits, change, sides)
    while near - desk.plugins:
        desk.take_plugins(near - desk.plugins)
        sides = desk.loaded()
        near |= plugins_named_by(sides, deep=True)
    return sides


def read_policy(commits: RegistryCommits, base: str, scratch: Path) -> Sides:
    """Return the policy of the commit `base` on both sides, and nothing else; otherwise as `read_sides`."""
    nothing = RegistryChange(base=base, head=base, merge_bases=(base,))
    desk = _Desk(commits, nothing, scratch, 0)
    desk.take_files(_POLICY_FILES)
    return desk.loaded()


@dataclass(slots=True)
class _Desk:
    """Writes files of both sides; keeps in mind which ``plugins`` are there."""

    commits: RegistryCommits
    change: RegistryChange
    scratch: Path
    max_bytes: int
    plugins: set[PluginId] = field(default_factory=set)
    paths: set[str] = field(default_factory=set)

    def take_plugins(self, plugins: Iterable[PluginId]) -> None:
        """Write the folders of `plugins`."""
        for plugin in sorted(plugins):
            self.plugins.add(plugin)
            self.take_below(f"{REGISTRY}/plugins/{plugin}")

    def take_below(self, folder: str) -> None:
        """Write what is below `folder`."""
        self._take(self.commits.below(self.change.base, folder), lambda path: path.startswith(f"{folder}/"))

    def take_files(self, paths: Iterable[str]) -> None:
        """Write single files."""
        wanted = frozenset(paths)
        self._take(self.commits.entries(self.change.base, wanted).values(), wanted.__contains__)

    def loaded(self) -> Sides:
        """Return what was written, loaded."""
        base, merged = self.scratch / "base", self.scratch / "merged"
        base.mkdir(parents=True, exist_ok=True)
        merged.mkdir(parents=True, exist_ok=True)
        return Sides(
            base=load_registry(base),
            merged=load_registry(merged),
            base_folder=base,
            merged_folder=merged,
            paths=frozenset(self.paths),
        )

    def _take(self, there: Iterable[TreeEntry], is_wanted: Callable[[str], bool]) -> None:
        before = {entry.path: entry for entry in there}
        after = dict(before)
        for file in self.change.files:
            if not is_wanted(file.path):
                continue
            if file.after is None:
                after.pop(file.path, None)
            elif file.size <= self.max_bytes:
                after[file.path] = file.after
        self.paths |= after.keys()
        contents = self.commits.contents(e.blob for e in (*before.values(), *after.values()) if _is_writable(e))
        for side, entries in (("base", before), ("merged", after)):
            for entry in entries.values():
                # Where one branch made a file of what the other made a folder, the folder's files wait.
                if _is_writable(entry) and not any(folder in entries for folder in _folders_above(entry.path)):
                    self._write(side, entry, contents[entry.blob])

    def _write(self, side: str, entry: TreeEntry, content: bytes) -> None:
        path = self.scratch / side / entry.path.removeprefix(f"{REGISTRY}/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        path.chmod(int(entry.mode[-3:], 8))


def _folders_above(path: str) -> Iterator[str]:
    while path := path.rpartition("/")[0]:
        yield path


def _is_writable(entry: TreeEntry) -> bool:
    if not entry.is_plain:
        return False
    try:
        check_member_name(entry.path)
    except ArchiveError:
        return False
    return entry.path.startswith(f"{REGISTRY}/")
