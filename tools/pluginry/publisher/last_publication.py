"""What the last publication from here remembered of plugins, for the next one: how each was made, and its record.

In: the workspace, what git says of the registry, the root of the index that is published, what is in the store. Out:
the plugins that are settled, with their records. Settled is only who is made of the same, has a record below that root,
and all of it in the store: nothing is built, recorded or signed of them. So what is remembered falsely can leave the
releases of a plugin as they were published, and never brings one in; lost, or of another store, it costs work.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pluginry.publisher.kept_records import kept_records
from pluginry.publisher.known_plugins import KnownPlugins
from pluginry.publisher.memory import Memory

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from pluginry.model.index import TreeRoot
    from pluginry.model.names import PluginId
    from pluginry.model.registry import Registry
    from pluginry.ports import GitHistory
    from pluginry.publisher.inventory import Inventory
    from pluginry.publisher.kept_records import KeptRecord
    from pluginry.publisher.quarantine import SoundRegistry
    from pluginry.publisher.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class LastPublication:
    """What is ``known`` of the plugins as they are now; records that can be ``kept``, all ``bodies`` of then."""

    workspace: Workspace
    known: KnownPlugins
    kept: Mapping[PluginId, KeptRecord]
    bodies: Mapping[str, str]

    @classmethod
    def of(
        cls,
        workspace: Workspace,
        history: GitHistory,
        *,
        root: TreeRoot | None,
        published: Inventory,
        signs: bool,
        verifies: bool,
    ) -> LastPublication:
        """Return what was kept beside the inventories.

        Who `signs` or `verifies` holds plugins to other rules than who does not.
        """
        rules = (workspace.policy_bytes, workspace.trusted_root_bytes, bytes((signs, verifies)))
        remembered, bodies = _plugins(workspace).load(), _records(workspace).load()
        known = KnownPlugins.among(remembered, history.content_names(), workspace.ledgers().digests, rules)
        found = kept_records(bodies, root, known)
        kept = {plugin: one for plugin, one in found.items() if one.is_whole(published)}
        return cls(workspace=workspace, known=known.only(kept.values()), kept=kept, bodies=bodies)

    def kept_of(self, sound: SoundRegistry) -> Mapping[PluginId, KeptRecord]:
        """Return the records of those plugins that are published as they are, without any news."""
        return {plugin: one for plugin, one in self.kept.items() if plugin not in sound.unsound}

    def followed_by(self, registry: Registry, records: Mapping[PluginId, bytes], *, left: Collection[PluginId]) -> None:
        """Remember `registry` and `records` for the next time, as published; who is `left` is not settled."""
        texts = self.known.texts(registry, self.workspace.ledgers().digests, left)
        _plugins(self.workspace).keep(texts)
        bodies = {str(plugin): body.decode() for plugin, body in records.items()}
        if bodies != self.bodies:
            _records(self.workspace).keep(bodies)


def _plugins(workspace: Workspace) -> Memory:
    return Memory.within(workspace.inventories, "plugins")


def _records(workspace: Workspace) -> Memory:
    return Memory.within(workspace.inventories, "records")
