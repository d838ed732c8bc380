"""Plugins apart from each other, and registries in which some of them are replaced.

In: what was loaded. Out: a plugin as a value of its own, changed by part; the registry put together from such values.
All of it is pure: nothing is read, nothing is judged.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from pluginry.publisher.loaded_registry import LoadedPlugin
from pluginry.publisher.plugin_parts import Kind, Part, part_of
from pluginry.publisher.registry_layout import release_file

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from pluginry.encoding.parsed_document import ParsedDocument
    from pluginry.model.finding import Finding
    from pluginry.model.names import PluginId
    from pluginry.publisher.loaded_registry import LoadedRegistry


def apart(loaded: LoadedRegistry, plugins: Collection[PluginId]) -> dict[PluginId, LoadedPlugin]:
    """Return some of the `plugins` of a registry by themselves; one that is not there has no entry."""
    documents: dict[PluginId, dict[str, ParsedDocument]] = defaultdict(dict)
    findings: dict[PluginId, list[Finding]] = defaultdict(list)
    left_out: dict[PluginId, set[str]] = defaultdict(set)
    for file, document in loaded.documents.items():
        if part := part_of(file):
            documents[part.plugin][file] = document
    for finding in loaded.findings:
        if part := part_of(finding.where.file):
            findings[part.plugin].append(finding)
    for path in loaded.registry.left_out:
        if part := part_of(path):
            left_out[part.plugin].add(path)
    return {
        plugin: LoadedPlugin(
            entry=loaded.registry.plugins.get(plugin),
            documents=documents[plugin],
            findings=tuple(findings[plugin]),
            left_out=frozenset(left_out[plugin]),
        )
        for plugin in plugins
    }


def together(loaded: LoadedRegistry, states: Mapping[PluginId, LoadedPlugin | None]) -> LoadedRegistry:
    """Return a registry with other `states` of some plugins; one whose state is None is there, but cannot be read.

    What was found while reading is not said again: it may be about what is not in it any more.
    """

    def is_kept(path: str) -> bool:
        part = part_of(path)
        return part is None or part.plugin not in states

    plugins = {plugin: entry for plugin, entry in loaded.registry.plugins.items() if plugin not in states}
    documents = {file: document for file, document in loaded.documents.items() if is_kept(file)}
    left_out = {path for path in loaded.registry.left_out if is_kept(path)}
    for plugin, state in states.items():
        if state is None or state.entry is None:
            left_out.add(f"plugins/{plugin}")
        else:
            plugins[plugin] = state.entry
            documents |= state.documents
            left_out |= state.left_out
    registry = replace(
        loaded.registry, plugins=MappingProxyType(dict(sorted(plugins.items()))), left_out=frozenset(left_out)
    )
    return replace(loaded, registry=registry, documents=MappingProxyType(documents), findings=())


def alone(
    loaded: LoadedRegistry, plugin: PluginId, state: LoadedPlugin, *, others: Collection[PluginId]
) -> LoadedRegistry:
    """Return a registry in which none of the `others` can be read: what is found in it is found in `plugin` itself."""
    left_out = {path for path in loaded.registry.left_out if part_of(path) is None}
    left_out.update(f"plugins/{one}" for one in others)
    registry = replace(
        loaded.registry,
        plugins={plugin: state.entry} if state.entry else {},
        namespaces={name: one for name, one in loaded.registry.namespaces.items() if name == plugin.namespace},
        advisories=(),
        left_out=frozenset(left_out | state.left_out),
    )
    return replace(loaded, registry=registry, documents=state.documents, findings=())


def without(state: LoadedPlugin, part: Part) -> LoadedPlugin:
    """Return a plugin without one of its releases or reviews."""
    entry = state.entry
    if entry is None or part.kind is Kind.LISTING:
        return state
    if part.kind is Kind.REVIEW:
        reviews = tuple(review for review in entry.reviews if str(review.author.id) != part.name)
        return replace(state, entry=replace(entry, reviews=reviews))
    version = part.version
    if version is None:
        return state
    entry = replace(
        entry,
        releases={known: release for known, release in entry.releases.items() if known != version},
        sources={known: tree for known, tree in entry.sources.items() if known != version},
    )
    return replace(state, entry=entry, left_out=state.left_out | {release_file(entry, version)})


def with_release(state: LoadedPlugin, part: Part, other: LoadedPlugin) -> LoadedPlugin:
    """Return a plugin in which a release is as in the `other` state of it, which has that release."""
    version, entry, source = part.version, state.entry, other.entry
    if version is None or entry is None or source is None:
        return state
    sources = {**entry.sources, **{known: tree for known, tree in source.sources.items() if known == version}}
    if version not in source.sources:
        sources.pop(version, None)
    documents = {file: document for file, document in state.documents.items() if part_of(file) != part}
    documents |= {file: document for file, document in other.documents.items() if part_of(file) == part}
    releases = {**entry.releases, version: source.releases[version]}
    return replace(
        state,
        entry=replace(entry, releases=dict(sorted(releases.items())), sources=dict(sorted(sources.items()))),
        documents=documents,
        left_out=frozenset(path for path in state.left_out if part_of(path) != part),
    )
