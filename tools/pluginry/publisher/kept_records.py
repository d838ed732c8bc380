"""Records as they are published: those of plugins that are settled are not folded from ledger and manifests again.

In: records and the catalogue that were remembered, the root of the index that is published. Out: records with their
rows of the catalogue, if the tree over all that was remembered, and the catalogue, are those that the root names. So
whatever a memory says, nothing comes into an index by it that was not signed before: a false one can leave a plugin as
it was published, and no more. Glances are presentation, and taken as they are.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from pluginry.encoding import documents, tree
from pluginry.encoding.catalogue_delta import CatalogueRows
from pluginry.errors import DocumentError
from pluginry.model import layout
from pluginry.model.digest import BlobRef, Digest
from pluginry.model.index import PluginRecord
from pluginry.model.names import Platform, PluginId
from pluginry.model.versions import Version

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping

    from pluginry.model.index import TreeRoot
    from pluginry.publisher.inventory import Inventory


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptRecord:
    """A record as ``body`` and its ``row`` of the catalogue; ``keys`` are of all that is published with it for ever.

    Its releases are attested by ``bundles``. Others meet it by its ``aliases``, and it ``names`` others. The ``glance``
    is the one that was remembered, as text.
    """

    plugin: PluginId
    body: bytes
    row: bytes
    ref: BlobRef
    releases: int
    keys: frozenset[str]
    bundles: tuple[Digest, ...]
    names: tuple[str, ...]
    aliases: tuple[str, ...]
    glance: str = ""

    @classmethod
    def of(cls, plugin: PluginId, body: bytes, row: bytes, ref: BlobRef, glance: str = "") -> KeptRecord:
        """Return the record of `plugin` in `body`, which has the name `ref`."""
        plain = json.loads(body)
        releases = plain.get("releases", ())
        needed = (name for one in releases for kind in ("dependencies", "conflicts") for name in one.get(kind, ()))
        nodes = (Digest(one[kind]["sha256"]) for one in releases for kind in ("manifest", "facts"))
        lasting = (key for release in releases for key in _keys(plugin, release))
        return cls(
            plugin=plugin,
            body=body,
            row=row,
            ref=ref,
            releases=len(releases),
            keys=frozenset((*map(layout.node_key, (ref.sha256, *nodes)), *lasting)),
            bundles=tuple(Digest(known["sha256"]) for one in releases for known in one.get("attestations", ())),
            names=(*needed, *filter(None, [plain.get("replaced_by")])),
            aliases=tuple(plain.get("aliases", ())),
            glance=glance,
        )

    @property
    def manifests(self) -> tuple[BlobRef, ...]:
        """The manifests of its releases; they are looked for each time."""
        return tuple(_ref(one["manifest"]) for one in json.loads(self.body).get("releases", ()))

    @property
    def facts(self) -> tuple[BlobRef, ...]:
        """What was found in the packages of its releases; looked for each time."""
        return tuple(_ref(one["facts"]) for one in json.loads(self.body).get("releases", ()))

    def is_whole(self, known: Inventory) -> bool:
        """Return whether all that is published with it is known to be there."""
        return self.keys <= known.marks.keys()


def record_in(body: bytes, plugin: PluginId) -> PluginRecord:
    """Return the record of `plugin` in `body`, which was encoded here, or has the digest of what was."""
    return documents.construct(PluginRecord, json.loads(body), what=f"record of {plugin}")


NOTHING_KEPT: Final[Mapping[PluginId, KeptRecord]] = MappingProxyType({})


def kept_records(
    bodies: Mapping[str, str],
    catalogue: bytes,
    root: TreeRoot | None,
    settled: Container[PluginId],
    glances: Mapping[str, str] = MappingProxyType({}),
) -> dict[PluginId, KeptRecord]:
    """Return the records of plugins that are `settled`; none unless `root` names exactly these."""
    if root is None or len(bodies) != root.plugins or BlobRef.of(catalogue) != root.catalogue:
        return {}
    try:
        by_name = CatalogueRows.of(catalogue).rows
        by_plugin = {PluginId.parse(name): body.encode() for name, body in bodies.items()}
        rows = {plugin: by_name[str(plugin).encode()] for plugin in by_plugin}
    except (DocumentError, KeyError):
        return {}
    if len(rows) != len(by_name):
        return {}
    refs = {plugin: BlobRef.of(body) for plugin, body in by_plugin.items()}
    planted = tree.plant(refs)
    if (planted.fanout, planted.nodes, planted.shard) != (root.fanout, root.nodes, root.shard):
        return {}
    return {
        plugin: KeptRecord.of(plugin, by_plugin[plugin], rows[plugin], ref, glances.get(str(plugin), ""))
        for plugin, ref in refs.items()
        if plugin in settled
    }


def _ref(plain: Mapping[str, object]) -> BlobRef:
    return BlobRef(sha256=Digest(str(plain["sha256"])), size=int(str(plain["size"])))


def _keys(plugin: PluginId, release: Mapping[str, Any]) -> Iterator[str]:
    """Yield the keys of the packages, deltas and attestations of a release."""
    version = Version(release["version"])
    for one in release.get("artifacts", ()):
        yield layout.package_key(plugin, version, Platform(one["platform"]))
    for one in release.get("deltas", ()):
        yield layout.delta_key(plugin, version, Digest(one["sha256"]))
    for one in release.get("attestations", ()):
        yield layout.attestation_key(Digest(one["sha256"]))
