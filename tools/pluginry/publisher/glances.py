"""The glances of all plugins: those that were remembered, as long as their plugins are made of the same, else new ones.

In: the registry, the index that was built, names for what plugins are made of. Out: a `Glance` for each plugin. What is
remembered stands for a plugin only while all that its pages show has the same name as then: what git and the ledger
hold of it, its record, and what its bundles prove.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from operator import attrgetter
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from pluginry.model.listing import Namespace
from pluginry.publisher.fingerprint import Fingerprints
from pluginry.publisher.glance import Glance, listed_of
from pluginry.publisher.kept_records import NOTHING_KEPT

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pluginry.model.names import PluginId
    from pluginry.model.registry import Registry
    from pluginry.publisher.index import BuiltIndex
    from pluginry.publisher.kept_records import KeptRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Glances:
    """Makes the glances of all that is in ``index``; what is ``kept`` with a record is taken if its name is the same.

    ``made_of`` are names for the folders, namespaces and ledgers of plugins, where these are known. What their bundles
    prove follows from these, their records, and whatever signatures are ``checked_by``.
    """

    registry: Registry
    index: BuiltIndex
    kept: Mapping[PluginId, KeptRecord] = field(default_factory=lambda: NOTHING_KEPT)
    made_of: Mapping[PluginId, str] = field(default_factory=lambda: MappingProxyType({}))
    checked_by: str = ""

    def all(self) -> dict[PluginId, Glance]:
        """Return the glance of every plugin."""
        names, make = self._names(), self._maker()
        remembered = self._remembered(names)
        return {plugin: remembered.get(plugin) or make(plugin, name) for plugin, name in names.items()}

    def _names(self) -> dict[PluginId, str]:
        """Return a name for all that is shown of each plugin, where it is known what that is made of."""
        names = dict.fromkeys(self.index.refs, "")
        for plugin, made_of in self.made_of.items():
            if ref := self.index.refs.get(plugin):
                names[plugin] = hashlib.sha256(f"{made_of} {ref.sha256} {self.checked_by}".encode()).hexdigest()
        return names

    def _remembered(self, names: Mapping[PluginId, str]) -> dict[PluginId, Glance]:
        """Return the glances that were kept under the same `names`."""
        texts = {plugin: text for plugin, one in self.kept.items() if (text := one.glance)}
        read = zip(texts, Glance.read(texts.values()), strict=True)
        return {plugin: glance for plugin, glance in read if glance and glance.made_of == names.get(plugin)}

    def _maker(self) -> Callable[[PluginId, str], Glance]:
        registry, index, fingerprints = self.registry, self.index, Fingerprints((Namespace,))
        default = registry.config.default_channel

        def make(plugin: PluginId, name: str) -> Glance:
            entry, record, summary = registry.plugins[plugin], index.records[plugin], index.summaries[plugin]
            listed = (
                listed_of(entry),
                registry.namespaces.get(plugin.namespace),
                record,
                summary,
                self.checked_by,
            )
            glance = Glance.of(entry, record, summary, default=default)
            if not name:
                return glance
            stands = fingerprints.of((plugin, _standing(glance), entry.listing.language, entry.listing.locales))
            return replace(glance, made_of=name, listed=fingerprints.of(listed), stands=stands)

        return make


_standing: Final = attrgetter(
    "name",
    "status",
    "hosts",
    "categories",
    "tags",
    "related",
    "needs",
    "first_published",
    "is_offered",
)
"""What decides where a plugin is listed, and beside whom."""
