"""Plugins that are as they were: which ones a publication need not judge again, because nothing of theirs changed.

In: the names that git gives to what lies in the registry, the digests of the ledgers, what the last publication
remembered of each plugin that it found sound. Out: the plugins that are made of the same as then, and a registry of the
others with everybody whom their change concerns: rules find the same in it as in all of it. No content is taken from
what is remembered. Lost it costs work; false it can leave what git holds of a plugin unjudged, but releases nothing.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field, replace
from itertools import chain
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from pluginry.model.names import PluginId
    from pluginry.model.registry import PluginEntry, Registry
    from pluginry.publisher.kept_records import KeptRecord

_SHARED: Final = "*"
"""The name under which the memory holds what all plugins are judged by."""
_OF_PLUGINS: Final = ("plugins", "namespaces")


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownPlugin:
    """What a plugin was ``made_of``, and what others meet of it: plugins that it ``names``, and its ``aliases``."""

    made_of: str
    names: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()

    @classmethod
    def of(cls, entry: PluginEntry, made_of: str) -> KnownPlugin:
        """Return what there is to remember of a plugin."""
        return cls(made_of=made_of, names=tuple(sorted(map(str, _named_by(entry)))), aliases=tuple(_aliases_of(entry)))

    @classmethod
    def read(cls, text: str) -> KnownPlugin:
        """Return what was written down; what is not of this form is nothing that counts."""
        try:
            made_of, names, aliases = json.loads(text)
            return cls(made_of=str(made_of), names=tuple(names), aliases=tuple(aliases))
        except (ValueError, TypeError):
            return cls(made_of="")

    def __str__(self) -> str:
        return json.dumps((self.made_of, self.names, self.aliases))


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownPlugins:
    """What was remembered of plugins ``before``, by name; those that are ``settled`` are made of the same as then.

    ``content`` are the names that git gives to what lies in the registry, and ``shared`` one for all of it that every
    plugin is judged by; there is none where git does not know it.
    """

    before: Mapping[str, KnownPlugin] = field(default_factory=lambda: MappingProxyType({}))
    settled: frozenset[str] = frozenset()
    content: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    shared: str = ""

    @classmethod
    def among(
        cls,
        remembered: Mapping[str, str],
        content: Mapping[str, str],
        ledgers: Mapping[PluginId, str],
        rules: Iterable[bytes] = (),
    ) -> KnownPlugins:
        """Return what is known of a registry with this `content`, and with `ledgers` of these digests.

        What was remembered counts only where all that plugins are judged by is the same, here and in the `rules`.
        """
        of_all = sorted((path, name) for path, name in content.items() if path.partition("/")[0] not in _OF_PLUGINS)
        if not of_all or not all(name for _, name in of_all):
            return cls()
        shared = _digest((*chain.from_iterable(of_all), *(one.hex() for one in rules)))
        if remembered.get(_SHARED) != shared:
            return cls(content=content, shared=shared)
        before = {name: KnownPlugin.read(text) for name, text in remembered.items() if name != _SHARED}
        made_of = _made_of(content, ledgers)
        settled = (name for name, known in before.items() if made_of.get(name) == known.made_of)
        return cls(before=before, settled=frozenset(settled), content=content, shared=shared)

    def __contains__(self, plugin: object) -> bool:
        return str(plugin) in self.settled

    def only(self, kept: Collection[KeptRecord]) -> KnownPlugins:
        """Return the same with none settled but those whose records are `kept`, and who meet others as these say."""
        before = dict(self.before)
        for one in kept:
            known = before[str(one.plugin)]
            aliases = (*known.aliases, *(alias.casefold() for alias in one.aliases))
            before[str(one.plugin)] = replace(known, names=(*known.names, *one.names), aliases=aliases)
        return replace(self, before=before, settled=frozenset(str(one.plugin) for one in kept))

    def concerned(self, registry: Registry) -> Registry:
        """Return a registry of the plugins that are not settled, and of all that rules may look at because of them.

        That are those who name one of them or share an alias with one, those who are named, and whom they name again.
        """
        by_name = {str(plugin): plugin for plugin in registry.plugins}
        changed = (by_name.keys() | self.before.keys()) - self.settled
        entries = [registry.plugins[by_name[name]] for name in changed if name in by_name]
        aliases = {alias for entry in entries for alias in _aliases_of(entry)}
        affected = (
            name
            for name in self.settled
            if not changed.isdisjoint(self.before[name].names) or not aliases.isdisjoint(self.before[name].aliases)
        )
        advisories = tuple(
            advisory
            for advisory in registry.advisories
            if any(str(one.package.name) in changed for one in advisory.affected)
        )
        beside = (str(one.package.name) for advisory in advisories for one in advisory.affected)
        waiting = [*changed, *affected, *beside, *map(str, _named_by_site(registry))]
        near: dict[PluginId, PluginEntry] = {}
        while waiting:
            plugin = by_name.get(waiting.pop())
            if plugin is not None and plugin not in near:
                near[plugin] = registry.plugins[plugin]
                waiting += map(str, _named_by(near[plugin]))
        return replace(registry, plugins=dict(sorted(near.items())), advisories=advisories)

    def made_of(self, ledgers: Mapping[PluginId, str]) -> dict[str, str]:
        """Return what plugins are made of, by name, with `ledgers` of these digests; none where git does not know."""
        return _made_of(self.content, ledgers) if self.shared else {}

    def texts(
        self, registry: Registry, ledgers: Mapping[PluginId, str], unsound: Collection[PluginId]
    ) -> dict[str, str]:
        """Return what to remember of a `registry` that was published, but for what is `unsound` in it."""
        made_of = self.made_of(ledgers)
        found = {_SHARED: self.shared} if self.shared else {}
        for plugin in registry.plugins:
            name = str(plugin)
            if plugin not in unsound and (made := made_of.get(name)):
                before = self.before.get(name)
                is_same = before is not None and before.made_of == made
                found[name] = str(before if is_same else KnownPlugin.of(registry.plugins[plugin], made))
        return found


NOBODY_KNOWN: Final = KnownPlugins()


def _made_of(content: Mapping[str, str], ledgers: Mapping[PluginId, str]) -> dict[str, str]:
    """Return what each plugin is made of whose folder and namespace are as git has them: these, and its ledger."""
    digests = {str(plugin): digest for plugin, digest in ledgers.items()}
    found = {}
    for path, name in content.items():
        kind, _, plugin = path.partition("/")
        namespace = content.get(f"namespaces/{plugin.partition('/')[0]}.yaml")
        if kind == "plugins" and name and namespace:
            found[plugin] = _digest((name, namespace, digests.get(plugin, "")))
    return found


def _named_by(entry: PluginEntry) -> Iterable[PluginId]:
    """Return the plugins that a plugin's own files name."""
    manifests = [tree.manifest for tree in entry.sources.values()]
    return {
        *entry.listing.related,
        *((entry.listing.replaced_by,) if entry.listing.replaced_by else ()),
        *(other for manifest in manifests for other in (*manifest.dependencies, *manifest.conflicts)),
    }


def _aliases_of(entry: PluginEntry) -> Iterator[str]:
    return (alias.casefold() for alias in entry.listing.aliases)


def _named_by_site(registry: Registry) -> Iterator[PluginId]:
    yield from registry.config.site.featured
    for collection in registry.config.site.collections:
        yield from collection.plugins


def _digest(parts: Iterable[str]) -> str:
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogateescape")).hexdigest()
