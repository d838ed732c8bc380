"""Records as they are published: those of plugins that are settled are not folded from ledger and manifests again.

In: records that were remembered, the catalogue and the root of the index that is published. Out: records with their
rows of the catalogue, if the tree over all that was remembered, and the catalogue, are those that the root names. So
whatever a memory says, nothing comes into an index by it that was not signed before: a false one can leave a plugin as
it was published, and no more. Glances are presentation, and taken as they are.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from pluginry.encoding import documents, tree
from pluginry.encoding.catalogue_delta import CatalogueRows
from pluginry.errors import DocumentError
from pluginry.model import layout
from pluginry.model.digest import BlobRef, Digest
from pluginry.model.index import PluginRecord
from pluginry.model.names import PluginId
from pluginry.model.on_demand import OnDemand

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from pluginry.model.index import TreeRoot
    from pluginry.publisher.inventory import Inventory

_HAS_ALIASES: Final = b'aliases":['  # the quote in front of a first key belongs to no row


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptRecord:
    """A record as ``body``, and the ``glance`` that was remembered, as texts."""

    body: str
    glance: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedRecords:
    """All records of the index that is published, as they were remembered, and as its root vouches for them.

    There are ``refs`` for all of them, ``bodies`` and ``glances`` by name, the ``catalogue`` and its ``rows`` by id.
    Where all nodes are published too, the ``tree`` over them can be counted on. They hold so many ``releases``.
    """

    refs: Mapping[PluginId, BlobRef]
    bodies: Mapping[str, str]
    catalogue: bytes
    rows: Mapping[bytes, bytes]
    releases: int
    tree: tree.PlantedTree | None = None
    glances: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def record(self, plugin: PluginId) -> KeptRecord:
        """Return the record of `plugin`."""
        return KeptRecord(body=self.bodies[str(plugin)], glance=self.glances.get(str(plugin), ""))


class KeptRecords(OnDemand[PluginId, KeptRecord]):
    """The records of some `plugins` among all that are ``published``, each looked at when somebody asks for it."""

    def __init__(self, published: PublishedRecords, plugins: Iterable[PluginId]) -> None:
        super().__init__(plugins, published.record)
        self.published = published

    @cached_property
    def releases(self) -> int:
        """How many releases they have; the few others are counted."""
        others = (self.published.bodies[str(plugin)] for plugin in self.published.refs if plugin not in self)
        return self.published.releases - sum(len(_releases_in(body)) for body in others)

    def without(self, names: Collection[str]) -> KeptRecords:
        """Return the others."""
        return KeptRecords(self.published, (one for one in self if str(one) not in names)) if names else self

    def among(self, names: Collection[str]) -> KeptRecords:
        """Return those with these `names`, for a store that may lack nodes of the tree."""
        return KeptRecords(replace(self.published, tree=None), (one for one in self if str(one) in names))

    def whole_in(self, known: Inventory) -> frozenset[str]:
        """Return the names of those of which all that is published for ever is `known` to be there: each is read."""
        there, refs, bodies = known.marks.keys(), self.published.refs, self.published.bodies
        return frozenset(
            str(plugin)
            for plugin in self
            if there >= {*lasting_keys(record_in(bodies[str(plugin)], plugin), refs[plugin])}
        )

    def naming(self, names: Collection[str]) -> frozenset[str]:
        """Return the names of those that need one of these `names`, conflict with it, or are replaced by it."""
        found = set()
        for name in map(str, self):
            body = self.published.bodies[name]
            if '"dependencies":{' in body or '"conflicts":{' in body or '"replaced_by":"' in body:
                plain = json.loads(body)
                named = {plain.get("replaced_by")}
                for release in plain.get("releases", ()):
                    named |= release.get("dependencies", {}).keys() | release.get("conflicts", {}).keys()
                if not named.isdisjoint(names):
                    found.add(name)
        return frozenset(found)

    def called(self, aliases: Collection[str]) -> frozenset[str]:
        """Return the names of those with one of these `aliases`, which are casefolded."""
        rows = [row for row in self.published.rows.values() if _HAS_ALIASES in row] if aliases else ()
        found = (json.loads(CatalogueRows.summary_in(row)) for row in rows)
        return frozenset(one["id"] for one in found if not {*map(str.casefold, one["aliases"])}.isdisjoint(aliases))


def record_in(body: str, plugin: PluginId) -> PluginRecord:
    """Return the record of `plugin` in `body`, which was encoded here, or has the digest of what was."""
    return documents.construct(PluginRecord, json.loads(body), what=f"record of {plugin}")


def lasting_keys(record: PluginRecord, ref: BlobRef) -> Iterator[str]:
    """Yield the keys of all that is published for ever with a `record` that has the name `ref`."""
    yield layout.node_key(ref.sha256)
    for release in record.releases:
        yield layout.node_key(release.manifest.sha256)
        yield layout.node_key(release.facts.sha256)
        for artifact in release.artifacts:
            yield layout.package_key(record.id, release.version, artifact.platform)
        for delta in release.deltas:
            yield layout.delta_key(record.id, release.version, delta.sha256)
        for attestation in release.attestations:
            yield layout.attestation_key(attestation.sha256)


NOTHING_KEPT: Final = KeptRecords(PublishedRecords(refs={}, bodies={}, catalogue=b"", rows={}, releases=0), ())


def kept_records(
    bodies: Mapping[str, str],
    catalogue: bytes,
    root: TreeRoot | None,
    settled: Collection[str],
    known: Inventory,
    glances: Mapping[str, str] = MappingProxyType({}),
) -> KeptRecords:
    """Return the records of plugins that are `settled`, by name; none unless `root` names exactly these."""
    if root is None or not settled or len(bodies) != root.plugins or BlobRef.of(catalogue) != root.catalogue:
        return NOTHING_KEPT
    try:
        rows = CatalogueRows.of(catalogue).rows
        refs = {PluginId.parse(name): BlobRef.of(body.encode()) for name, body in bodies.items()}
    except DocumentError:
        return NOTHING_KEPT
    planted = tree.plant(refs)
    is_signed = (planted.fanout, planted.nodes, planted.shard) == (root.fanout, root.nodes, root.shard)
    if not is_signed or rows.keys() != {name.encode() for name in bodies}:
        return NOTHING_KEPT
    nodes = {layout.node_key(Digest.of(body)) for body in planted.bodies}
    published = PublishedRecords(
        refs=refs,
        bodies=bodies,
        catalogue=catalogue,
        rows=rows,
        releases=root.releases,
        tree=planted if nodes <= known.marks.keys() else None,
        glances=glances,
    )
    return KeptRecords(published, (plugin for plugin in refs if str(plugin) in settled))


def _releases_in(body: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(body).get("releases", [])
    return found
