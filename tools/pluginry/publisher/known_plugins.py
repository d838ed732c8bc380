"""Plugins that are as they were: which ones a publication need not judge again, because nothing of theirs changed.

In: the names that git gives to what lies in the registry, the digests of the ledgers, what the last publication
remembered of each plugin that it found sound. Out: the plugins that are made of the same as then, and a registry of the
others with everybody whom their change concerns: rules find the same in it as in all of it. No content is taken from
what is remembered. Lost it costs work; false it can leave what git holds of a plugin unjudged, but releases nothing.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from itertools import chain
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple

from pluginry.publisher.kept_records import NOTHING_KEPT, lasting_keys

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from pluginry.model.digest import BlobRef
    from pluginry.model.index import PluginRecord
    from pluginry.model.names import PluginId
    from pluginry.model.registry import PluginEntry, Registry
    from pluginry.publisher.inventory import Inventory
    from pluginry.publisher.kept_records import KeptRecords

_SHARED: Final = "*"
"""The name under which the memory holds what all plugins are judged by."""
_OF_PLUGINS: Final = ("plugins", "namespaces")
_BETWEEN: Final = "\t"


class KnownPlugin(NamedTuple):
    """What a plugin was ``made_of``, and what was met and published of it, with blanks in between.

    That are the plugins that it ``names``, its ``aliases``, and the ``keys`` of all that is published for ever.
    """

    made_of: str
    names: str = ""
    aliases: str = ""
    keys: str = ""

    @classmethod
    def of(cls, entry: PluginEntry, made_of: str, keys: Iterable[str]) -> KnownPlugin:
        """Return what there is to remember of a plugin whose lasting objects have these `keys`."""
        return cls(made_of, " ".join(sorted(map(str, _named_by(entry)))), " ".join(_aliases_of(entry)), " ".join(keys))

    @classmethod
    def read(cls, text: str) -> KnownPlugin:
        """Return what was written down; what is not of this form is nothing that counts."""
        parts = text.split(_BETWEEN)
        return cls(*parts) if len(parts) == len(cls._fields) else cls("")

    def __str__(self) -> str:
        return _BETWEEN.join(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownPlugins:
    """What was remembered of plugins ``before``, by name; those that are ``settled`` are made of the same as then.

    ``folders`` are the names that git gives to the folders of plugins and namespaces, and ``shared`` one for all else
    in the registry, which every plugin is judged by; there is none where git does not know it. Their records may be
    ``kept``.
    """

    before: Mapping[str, KnownPlugin] = field(default_factory=lambda: MappingProxyType({}))
    settled: frozenset[str] = frozenset()
    folders: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    shared: str = ""
    kept: KeptRecords = field(default_factory=lambda: NOTHING_KEPT)

    @classmethod
    def among(
        cls,
        remembered: Mapping[str, str],
        content: Mapping[str, str],
        ledgers: Mapping[str, str],
        rules: Iterable[bytes] = (),
    ) -> KnownPlugins:
        """Return what is known of a registry with this `content`, and with `ledgers` of these digests.

        What was remembered counts only where all that plugins are judged by is the same, here and in the `rules`.
        """
        of_all = sorted((path, name) for path, name in content.items() if path.partition("/")[0] not in _OF_PLUGINS)
        if not of_all or not all(name for _, name in of_all):
            return cls()
        shared = _digest((*chain.from_iterable(of_all), *(one.hex() for one in rules)))
        now = cls(folders=_folders_in(content), shared=shared)
        if remembered.get(_SHARED) != shared:
            return now
        before = {name: KnownPlugin.read(text) for name, text in remembered.items() if name != _SHARED}
        made_of = now.made_of(ledgers)
        settled = (name for name, known in before.items() if made_of.get(name) == known.made_of)
        return replace(now, before=before, settled=frozenset(settled))

    def __contains__(self, plugin: object) -> bool:
        return str(plugin) in self.settled

    def whole_in(self, known: Inventory) -> frozenset[str]:
        """Return those that are settled of which all that was published is `known` to be there."""
        there = known.marks.keys()
        keys = {name: self.before[name].keys for name in self.settled}
        if there >= {*" ".join(keys.values()).split()}:  # at once, for it is nearly always so
            return self.settled
        return frozenset(name for name, needed in keys.items() if there >= {*needed.split()})

    def only(self, kept: KeptRecords) -> KnownPlugins:
        """Return the same with none settled but those whose records are `kept`: these say, too, whom they concern."""
        return replace(self, settled=frozenset(map(str, kept)), kept=kept)

    def concerned(self, registry: Registry) -> Registry:
        """Return a registry of the plugins that are not settled, and of all that rules may look at because of them.

        That are those who name one of them or share an alias with one, those who are named, and whom they name again.
        """
        by_name = {str(plugin): plugin for plugin in registry.plugins}
        changed = (by_name.keys() | self.before.keys()) - self.settled
        entries = [registry.plugins[by_name[name]] for name in changed if name in by_name]
        aliases = {alias for entry in entries for alias in _aliases_of(entry)}
        known = ((name, self.before[name]) for name in self.settled)
        affected = {
            name
            for name, one in known
            if not (changed.isdisjoint(one.names.split()) and aliases.isdisjoint(one.aliases.split()))
        }
        affected |= self.kept.naming(changed) | self.kept.called(aliases)
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

    def made_of(self, ledgers: Mapping[str, str]) -> dict[str, str]:
        """Return what plugins are made of, by name, with `ledgers` of these digests; none where git does not know."""
        return {name: f"{folder} {ledgers.get(name, '')}" for name, folder in self.folders.items()}

    def texts(
        self,
        registry: Registry,
        ledgers: Mapping[str, str],
        unsound: Collection[PluginId],
        records: Mapping[PluginId, PluginRecord] = MappingProxyType({}),
        refs: Mapping[PluginId, BlobRef] = MappingProxyType({}),
    ) -> dict[str, str]:
        """Return what to remember of a `registry` that was published, but for what is `unsound` in it.

        Its `records` have these names.
        """
        made_of = self.made_of(ledgers)
        found = {_SHARED: self.shared} if self.shared else {}
        for plugin in registry.plugins:
            name = str(plugin)
            if plugin not in unsound and (made := made_of.get(name)):
                known = self.before.get(name)
                if known is None or known.made_of != made or name not in self.settled:
                    record = records.get(plugin)
                    keys = lasting_keys(record, refs[plugin]) if record else ()
                    known = KnownPlugin.of(registry.plugins[plugin], made, keys)
                found[name] = str(known)
        return found


NOBODY_KNOWN: Final = KnownPlugins()


def _folders_in(content: Mapping[str, str]) -> dict[str, str]:
    """Return the names of the folders of plugins, with those of their namespaces, where both are as git has them."""
    found = {}
    for path, name in content.items():
        kind, _, plugin = path.partition("/")
        if kind == "plugins" and name:
            namespace = content.get(f"namespaces/{plugin.partition('/')[0]}.yaml")
            if namespace:
                found[plugin] = f"{name} {namespace}"
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
