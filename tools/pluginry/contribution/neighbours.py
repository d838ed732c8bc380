"""Which unchanged parts of a registry a change has to be held against.

In: a change, commits to search. Out: names of plugins and namespaces, paths of advisories. Searching costs nothing for
a new release; it grows with the registry only where a name is new or something goes.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pluginry.contribution.areas import REGISTRY, Area
from pluginry.errors import DocumentError
from pluginry.model.names import PluginId
from pluginry.model.status import Status
from pluginry.publisher.registry_layout import YAML_SUFFIX
from pluginry.publisher.rules.look_alikes import looks_like, plain_title

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pluginry.contribution.change import RegistryChange
    from pluginry.contribution.sides import Sides
    from pluginry.model.registry import PluginEntry
    from pluginry.ports import RegistryCommits

_LISTINGS = f"{REGISTRY}/plugins/*/*/listing.yaml"
_MANIFESTS = f"{REGISTRY}/plugins/*/*/source/*/plugin.yaml"
_ADVISORIES = f"{REGISTRY}/advisories/*{YAML_SUFFIX}"
_NAME_LINE = re.compile(r"""name:\s+["']?(.*?)["']?\s*""")


def plugins_near(commits: RegistryCommits, change: RegistryChange, sides: Sides) -> set[PluginId]:
    """Return the plugins that the changed ones have to be held against; the errors of `RegistryCommits`."""
    found = plugins_named_by(sides)
    before, after = sides.base.registry.plugins, sides.merged.registry.plugins
    new = [plugin for plugin in after if plugin not in before and plugin in change.plugins]
    if new:
        known = _ids(commits.names_in(change.base, f"{REGISTRY}/plugins", depth=2))
        found |= {other for other in known if any(looks_like(plugin.name, other.name) for plugin in new)}
    renamed = [entry for entry in after.values() if _has_new_names(before.get(entry.id), entry)]
    found |= _of_paths(_of_same_names(commits, change.base, renamed))
    losing = [plugin for plugin, entry in before.items() if _loses(entry, after.get(plugin))]
    for pattern in (_LISTINGS, _MANIFESTS) if losing else ():
        found |= _of_paths(path for path, _ in commits.mentions(change.base, map(str, losing), pattern))
    return found


def plugins_named_by(sides: Sides, *, deep: bool = False) -> set[PluginId]:
    """Return the plugins that those of `sides` need; unless `deep`, also those that they only point to."""
    found: set[PluginId] = set()
    for side in (sides.base, sides.merged):
        for entry in side.registry.plugins.values():
            for tree in entry.sources.values():
                found |= set(tree.manifest.dependencies) | (set() if deep else set(tree.manifest.conflicts))
            if not deep:
                found |= set(entry.listing.related) | {entry.listing.replaced_by or entry.id}
        for advisory in () if deep else side.registry.advisories:
            found |= {affected.package.name for affected in advisory.affected}
    return found


def namespaces_near(commits: RegistryCommits, change: RegistryChange) -> set[str]:
    """Return the namespaces whose names can be mistaken for those that are new; the errors of `RegistryCommits`."""
    new = [file.place.name for file in change.files if file.place.area is Area.NAMESPACE and file.is_new]
    if not new:
        return set()
    paths = (entry.path for entry in commits.below(change.base, f"{REGISTRY}/namespaces"))
    known = {path.rpartition("/")[2].removesuffix(YAML_SUFFIX) for path in paths}
    return {other for other in known if any(looks_like(name, other) for name in new)}


def advisories_about(commits: RegistryCommits, change: RegistryChange) -> set[str]:
    """Return the paths of advisories that name a plugin that changes; the errors of `RegistryCommits`."""
    return {path for path, _ in commits.mentions(change.base, map(str, change.plugins), _ADVISORIES)}


def _of_same_names(commits: RegistryCommits, base: str, entries: list[PluginEntry]) -> Iterator[str]:
    """Yield the listings in which an alias or display name of `entries` may stand."""
    if not entries:
        return
    titles = {plain_title(entry.listing.name) for entry in entries}
    for path, line in commits.mentions(base, ["name:"], _LISTINGS):
        named = _NAME_LINE.fullmatch(line)
        if named and plain_title(named[1]) in titles:
            yield path
    aliases = [alias for entry in entries for alias in entry.listing.aliases]
    yield from (path for path, _ in commits.mentions(base, aliases, _LISTINGS))


def _has_new_names(before: PluginEntry | None, after: PluginEntry) -> bool:
    old = before.listing if before else None
    return old is None or old.name != after.listing.name or bool(set(after.listing.aliases) - set(old.aliases))


def _loses(before: PluginEntry, after: PluginEntry | None) -> bool:
    """Return whether something goes that others may need."""
    if after is None or (after.listing.status is Status.REMOVED and before.listing.status is not Status.REMOVED):
        return True
    there = {version for version, release in after.releases.items() if release.yanked is None}
    return any(release.yanked is None and version not in there for version, release in before.releases.items())


def _of_paths(paths: Iterable[str]) -> set[PluginId]:
    return _ids("/".join(path.split("/")[2:4]) for path in paths)


def _ids(texts: Iterable[str]) -> set[PluginId]:
    found = set()
    for text in texts:
        try:
            found.add(PluginId.parse(text))
        except DocumentError:
            continue  # not a plugin's folder: the base has its own finding
    return found
