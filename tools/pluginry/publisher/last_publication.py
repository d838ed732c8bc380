"""What the last publication from here remembered of plugins, for the next one: how each was made, and its record.

In: the workspace, what git says of the registry, the root of the index that is published, the store and what is in it.
Out: the plugins that are settled, with their records. Settled is only who is made of the same, has a record below that
root, and all of it in the store: nothing is built, recorded or signed of them. Nobody is where somebody else published
another catalogue since. So what is remembered falsely can leave the releases of a plugin as they were published, and
never brings one in; lost, or of another store, it costs work.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pluginry.errors import ObjectMissingError
from pluginry.model import layout
from pluginry.publisher.collector import uncollected
from pluginry.publisher.kept_records import kept_records
from pluginry.publisher.known_plugins import KnownPlugins
from pluginry.publisher.memory import Memory

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from pluginry.encoding.ledger_files import Ledgers
    from pluginry.model.index import TreeRoot
    from pluginry.model.names import PluginId
    from pluginry.ports import ObjectStore
    from pluginry.publisher.assembly import Built
    from pluginry.publisher.equipment import Equipment
    from pluginry.publisher.inventory import Inventory
    from pluginry.publisher.kept_records import KeptRecords
    from pluginry.publisher.quarantine import SoundRegistry
    from pluginry.publisher.workspace import Workspace


_PLUGINS: Final = "plugins"
_RECORDS: Final = "records"
_GLANCES: Final = "glances"
_LEDGERS: Final = "ledgers"
_CATALOGUE: Final = "catalogue"
_ALL: Final = (_PLUGINS, _RECORDS, _GLANCES, _LEDGERS, _CATALOGUE)
_DIGEST: Final = "sha256"


@dataclass(frozen=True, slots=True, kw_only=True)
class LastPublication:
    """What is ``known`` of the plugins and their ``ledgers`` as they are now; records that can be ``kept``.

    All that was ``remembered`` is here too, as texts, and what was found ``published``.
    """

    workspace: Workspace
    known: KnownPlugins
    kept: KeptRecords
    published: Inventory
    ledgers: Ledgers
    remembered: Mapping[str, Mapping[str, str]]

    @classmethod
    @uncollected()
    def of(
        cls,
        equipment: Equipment,
        *,
        root: TreeRoot | None,
        published: Inventory,
    ) -> LastPublication:
        """Return what was kept beside the inventories.

        Who signs or verifies holds plugins to other rules than who does not.

        Raises:
            TransportError: the store failed.

        """
        workspace, store = equipment.workspace, equipment.store
        holds = bytes((equipment.signer is not None, equipment.verifier is not None))
        rules = (workspace.policy_bytes, workspace.trusted_root_bytes, holds)
        remembered = {name: _memory(workspace, name).load() for name in _ALL}
        ledgers = workspace.ledgers(remembered[_LEDGERS])
        known = KnownPlugins.among(remembered[_PLUGINS], equipment.history.content_names(), ledgers.digests, rules)
        # Who published another one meanwhile said something else of plugins that did not change here.
        is_ours = root is not None and remembered[_CATALOGUE].get(_DIGEST) == root.catalogue.sha256.hex
        catalogue = _catalogue_below(root, store) if root and is_ours and known.settled else b""
        kept = kept_records(remembered[_RECORDS], catalogue, root, known.settled, published, remembered[_GLANCES])
        kept = kept.without(known.settled - _whole(known, kept, published))
        return cls(
            workspace=workspace,
            known=known.only(kept),
            kept=kept,
            published=published,
            ledgers=ledgers,
            remembered=remembered,
        )

    def kept_of(self, sound: SoundRegistry) -> KeptRecords:
        """Return the records of those plugins that are published as they are, without any news."""
        return self.kept.without({*map(str, sound.unsound)})

    def still_kept(self, sound: SoundRegistry, ledgers: Ledgers, published: Inventory) -> KeptRecords:
        """Return the records of those who have no other `ledgers` now, and all in what is `published` now."""
        kept = self.kept_of(sound).without({name for name, _ in ledgers.digests.items() ^ self.ledgers.digests.items()})
        return kept if published is self.published else kept.among(_whole(self.known, kept, published))

    def objects_of(self, kept: KeptRecords) -> int:
        """Return how many objects are published for ever with the records that were `kept`, and above them."""
        nodes = kept.published.tree.bodies if kept.published.tree else ()
        return len(nodes) + sum(len(self.known.before[str(plugin)].keys.split()) for plugin in kept)

    def made_of(self, sound: SoundRegistry, ledgers: Ledgers) -> dict[PluginId, str]:
        """Return names for what plugins are made of now; none of what is unsound, or not as git has it."""
        made_of, unsound = self.known.made_of(ledgers.digests), sound.unsound
        sure = (plugin for plugin in sound.registry.plugins if plugin not in unsound)
        return {plugin: made for plugin in sure if (made := made_of.get(str(plugin)))}

    def followed_by(self, built: Built, ledgers: Ledgers, *, left: Collection[PluginId]) -> None:
        """Remember what was `built` of `ledgers` for the next time, as published; who is `left` is not settled."""
        index = built.index
        fresh = {
            _PLUGINS: self.known.texts(built.registry, ledgers.digests, left, index.records, index.refs),
            _RECORDS: index.bodies,
            _GLANCES: dict(self._glances(built)),
            _LEDGERS: ledgers.seen,
            _CATALOGUE: {_DIGEST: index.root.catalogue.sha256.hex},
        }
        for name, texts in fresh.items():
            if texts != self.remembered[name]:
                _memory(self.workspace, name).keep(texts)

    @staticmethod
    def _glances(built: Built) -> Iterator[tuple[str, str]]:
        """Yield what to remember of glances; those that were remembered, and still stand, are not written anew."""
        for plugin, glance in built.glances.items():
            kept = built.given.kept.get(plugin)
            if glance.made_of:
                yield str(plugin), kept.glance if kept and glance.is_in(kept.glance) else str(glance)


def _whole(known: KnownPlugins, kept: KeptRecords, published: Inventory) -> frozenset[str]:
    """Return the names of those of which all is `published`.

    Where that is remembered, what was remembered of them is as good. Where the store was listed, their records say it.
    """
    return known.whole_in(published) if published.is_remembered else kept.whole_in(published)


def _catalogue_below(root: TreeRoot, store: ObjectStore) -> bytes:
    """Return the catalogue that is published below `root`; nothing where it got lost."""
    with suppress(ObjectMissingError):
        return store.read(layout.node_key(root.catalogue.sha256))
    return b""


def _memory(workspace: Workspace, name: str) -> Memory:
    return Memory.within(workspace.inventories, name)
