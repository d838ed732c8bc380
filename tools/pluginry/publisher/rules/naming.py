"""Whose name it is: namespaces, reserved names, names of removed plugins, and ids in the shape of hosts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pluginry.encoding.quoting import enumerated, quoted
from pluginry.encoding.suggestions import did_you_mean
from pluginry.errors import DocumentError
from pluginry.model.host_pattern import HostPattern
from pluginry.model.rule import Rule
from pluginry.model.status import Status
from pluginry.publisher import registry_layout

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pluginry.model.finding import Finding
    from pluginry.model.names import PluginId
    from pluginry.model.registry import PluginEntry, Registry
    from pluginry.publisher.loaded_registry import Locate

UNKNOWN_NAMESPACE = Rule(
    id="naming.unknown-namespace",
    title="The namespace belongs to nobody",
    why="A namespace tells users who is behind a plugin, so somebody has to have claimed and proved it.",
    fix="claim it with a file namespaces/<namespace>.yaml",
)
RESERVED = Rule(
    id="naming.reserved",
    title="The namespace is reserved",
    why="Users would take the plugin for one of the project or company that the name belongs to.",
    fix="choose another namespace",
)
TOMBSTONE = Rule(
    id="naming.tombstone",
    title="The id belonged to a plugin that was removed",
    why="Those who had the old plugin would get yours as its update; ids of removed plugins stay taken for ever.",
    fix="choose another name",
)
ALIAS_TAKEN = Rule(
    id="naming.alias-taken",
    title="The alias belongs to another plugin",
    why="Hosts know plugins by their aliases: one alias must lead to one plugin.",
    fix="choose another alias, or agree with the other plugin's owners",
)
ALIAS_FORM = Rule(
    id="naming.alias-form",
    title="The alias does not have the form of ids in any host of this plugin",
    why="An alias is the plugin's id as a host writes it; no host of this plugin would accept this one.",
    fix="write it as the host profile says, or remove it",
)
RULES = (UNKNOWN_NAMESPACE, RESERVED, TOMBSTONE, ALIAS_TAKEN, ALIAS_FORM)


def check(registry: Registry, locate: Locate) -> Iterator[Finding]:
    """Yield findings about ids and aliases."""
    tombstones = {tombstone.id: tombstone for tombstone in registry.reserved.tombstones}
    for entry in registry.plugins.values():
        yield from _namespace(registry, entry, locate)
        if entry.id in tombstones and entry.listing.status is not Status.REMOVED:
            where = locate(registry_layout.listing_file(entry))
            yield TOMBSTONE.finding(where, f"{entry.id} was removed before: {tombstones[entry.id].reason}")
        yield from _alias_forms(registry, entry, locate)
    yield from _reserved_namespaces(registry, locate)
    yield from _aliases_taken(registry, locate)


def _namespace(registry: Registry, entry: PluginEntry, locate: Locate) -> Iterator[Finding]:
    namespace = entry.id.namespace
    file = f"namespaces/{namespace}{registry_layout.YAML_SUFFIX}"
    if namespace not in registry.namespaces and file not in registry.left_out:
        suggestion = did_you_mean(namespace, registry.namespaces)
        hint = f"claim it with a file {file}" + (f"; {suggestion}" if suggestion else "")
        message = f"there is no namespace {quoted(namespace)}"
        yield UNKNOWN_NAMESPACE.finding(locate(registry_layout.listing_file(entry)), message, hint=hint)


def _reserved_namespaces(registry: Registry, locate: Locate) -> Iterator[Finding]:
    for reserved in registry.reserved.namespaces:
        message = f"the namespace {quoted(reserved.name)} is reserved: {reserved.reason}"
        if reserved.name in registry.namespaces:
            where = locate(f"namespaces/{reserved.name}{registry_layout.YAML_SUFFIX}", ("namespace",))
            yield RESERVED.finding(where, message)
        else:
            for entry in registry.plugins.values():
                if entry.id.namespace == reserved.name:
                    yield RESERVED.finding(locate(registry_layout.listing_file(entry)), message)


def _alias_forms(registry: Registry, entry: PluginEntry, locate: Locate) -> Iterator[Finding]:
    mappings = {
        host.id: host.id_mapping
        for name in entry.listing.hosts
        if (host := registry.hosts.get(name)) is not None and host.id_mapping is not None
    }
    unread = any(f"hosts/{name}{registry_layout.YAML_SUFFIX}" in registry.left_out for name in entry.listing.hosts)
    for index, alias in enumerate(entry.listing.aliases):
        if unread or any(_fits(mapping.pattern, alias) for mapping in mappings.values()):
            continue
        if mappings:
            message = f"{quoted(alias)} does not have the form of ids in {enumerated(mappings)}"
            examples = enumerated(mapping.example for mapping in mappings.values())
            hint = f"ids look like {examples} there"
        else:
            message = f"{quoted(alias)} is an id of no host: no host of this plugin has a form of its own"
            hint = "remove it; the plugin's own id serves"
        yield ALIAS_FORM.finding(locate(registry_layout.listing_file(entry), ("aliases", index)), message, hint=hint)


def _fits(pattern: str, alias: str) -> bool:
    try:
        return HostPattern(pattern).matches(alias)
    except DocumentError:
        return True  # the host's profile is wrong, and has its own finding


def _aliases_taken(registry: Registry, locate: Locate) -> Iterator[Finding]:
    owners: dict[str, list[tuple[PluginId, int]]] = {}
    for entry in registry.plugins.values():
        for index, alias in enumerate(entry.listing.aliases):
            owners.setdefault(alias.casefold(), []).append((entry.id, index))
    for alias, claims in owners.items():
        if len({plugin for plugin, _ in claims}) < 2:  # noqa: PLR2004 - an alias of one plugin only
            continue
        for plugin, index in claims:
            others = enumerated(sorted({str(other) for other, _ in claims if other != plugin}), joint="and")
            where = locate(registry_layout.listing_file(registry.plugins[plugin]), ("aliases", index))
            yield ALIAS_TAKEN.finding(where, f"the alias {quoted(alias)} is also claimed by {others}")
