"""What plugins need of each other, as far as their manifests are in the registry: it exists, and it can be met."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pluginry.encoding.quoting import enumerated, quoted
from pluginry.encoding.suggestions import did_you_mean
from pluginry.model.finding import Severity
from pluginry.model.rule import Rule
from pluginry.publisher.claims import manifest_file

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pluginry.model.finding import Finding
    from pluginry.model.names import PluginId
    from pluginry.model.registry import Registry, SourceTree
    from pluginry.model.versions import Version, VersionRange
    from pluginry.publisher.loaded_registry import Locate

UNKNOWN = Rule(
    id="dependencies.unknown",
    title="There is no such plugin",
    why="Nobody could install the release.",
    fix="write the id of a plugin in this registry",
)
NO_RELEASE = Rule(
    id="dependencies.no-release",
    title="No release of the other plugin is in this range",
    why="Nobody could install the release.",
    fix="widen the range, or publish the release that it asks for first; yanked releases do not count",
)
SELF = Rule(
    id="dependencies.self",
    title="The plugin names itself",
    why="A plugin neither needs nor excludes itself.",
    fix="remove the line",
)
CYCLE = Rule(
    id="dependencies.cycle",
    title="Plugins need each other in a circle",
    why="None of them could be updated or removed without the others: they are one plugin in several packages.",
    fix="move what they share into a plugin of its own, or merge them",
)
CONTRADICTION = Rule(
    id="dependencies.contradiction",
    title="What the plugin needs is also what it excludes",
    why="Nobody could install the release.",
    fix="correct one of the two ranges",
)
UNKNOWN_CONFLICT = Rule(
    id="dependencies.unknown-conflict",
    title="The plugin excludes one that is not in this registry",
    why="It may be a slip of the pen, and then the conflict goes unnoticed.",
    fix="correct the id, or leave it when the other plugin lives elsewhere",
    severity=Severity.NOTE,
)
RULES = (UNKNOWN, NO_RELEASE, SELF, CYCLE, CONTRADICTION, UNKNOWN_CONFLICT)


def check(registry: Registry, locate: Locate) -> Iterator[Finding]:
    """Yield findings about dependencies and conflicts."""
    needs = _needs(registry)
    for entry in registry.plugins.values():
        for tree in entry.sources.values():
            for other, wanted in tree.manifest.dependencies.items():
                yield from _dependency(registry, tree, other, wanted, locate)
                circle = _circle(needs, entry.id, other)
                if circle:
                    where = locate(manifest_file(tree), ("dependencies", str(other)), of_key=True)
                    yield CYCLE.finding(where, " needs ".join(map(str, circle)))
            yield from _conflicts(registry, tree, locate)


def _dependency(
    registry: Registry, tree: SourceTree, other: PluginId, wanted: VersionRange, locate: Locate
) -> Iterator[Finding]:
    file, path = manifest_file(tree), ("dependencies", str(other))
    if other == tree.manifest.id:
        yield SELF.finding(locate(file, path, of_key=True), f"{other} needs itself")
    elif other not in registry.plugins:
        if f"plugins/{other}" not in registry.left_out:
            hint = did_you_mean(str(other), map(str, registry.plugins))
            message = f"there is no plugin {quoted(str(other))}"
            yield UNKNOWN.finding(locate(file, path, of_key=True), message, hint=hint)
    elif not registry.lacks_releases_of(other) and not any(v in wanted for v in _installable(registry, other)):
        there = enumerated(map(str, sorted(_installable(registry, other))), joint="and")
        message = f"{other} has no release in the range {quoted(str(wanted))}: there is {there or 'none'}"
        yield NO_RELEASE.finding(locate(file, path), message)


def _installable(registry: Registry, plugin: PluginId) -> Iterator[Version]:
    releases = registry.plugins[plugin].releases
    return (version for version, release in releases.items() if release.yanked is None)


def _conflicts(registry: Registry, tree: SourceTree, locate: Locate) -> Iterator[Finding]:
    file = manifest_file(tree)
    for other, excluded in tree.manifest.conflicts.items():
        path = ("conflicts", str(other))
        needed = tree.manifest.dependencies.get(other)
        if other == tree.manifest.id:
            yield SELF.finding(locate(file, path, of_key=True), f"{other} excludes itself")
        elif other not in registry.plugins:
            if f"plugins/{other}" not in registry.left_out:
                hint = did_you_mean(str(other), map(str, registry.plugins))
                where = locate(file, path, of_key=True)
                yield UNKNOWN_CONFLICT.finding(where, f"there is no plugin {quoted(str(other))}", hint=hint)
        elif needed is not None:
            fitting = [version for version in _installable(registry, other) if version in needed]
            if fitting and all(version in excluded for version in fitting):
                message = f"every release of {other} that is needed is excluded as well"
                yield CONTRADICTION.finding(locate(file, path), message)


def _needs(registry: Registry) -> Mapping[PluginId, tuple[PluginId, ...]]:
    """Return what the newest release of each plugin needs, as far as its manifest is here."""
    return {
        entry.id: tuple(entry.sources[max(entry.sources)].manifest.dependencies)
        for entry in registry.plugins.values()
        if entry.sources
    }


def _circle(needs: Mapping[PluginId, tuple[PluginId, ...]], start: PluginId, first: PluginId) -> list[PluginId]:
    """Return the shortest way from `start` over `first` back to `start`, or nothing."""
    if first == start:
        return []
    before: dict[PluginId, PluginId] = {first: start}
    waiting = [first]
    for here in waiting:
        for other in needs.get(here, ()):
            if other == start:
                way = [start, here]
                while way[-1] != start:
                    way.append(before[way[-1]])
                return way[::-1]
            if other not in before:
                before[other] = here
                waiting.append(other)
    return []
