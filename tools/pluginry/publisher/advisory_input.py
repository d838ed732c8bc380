"""What the pages about advisories are made of, when nothing else of the catalogue is.

In: the registry, the policy, the index as it is published, its ledgers. Out: a `CatalogueInput` with the plugins that
an advisory names or hits, and no others. Only their records are read, found by their digests; it writes nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pluginry.encoding import documents, tree
from pluginry.model import layout
from pluginry.model.advisory import Subject
from pluginry.model.index import PluginRecord, TreeRoot
from pluginry.publisher.catalogue_rows import summary_of
from pluginry.publisher.pages.catalogue_input import CatalogueInput

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from pluginry.model.advisory import Advisory
    from pluginry.model.digest import BlobRef
    from pluginry.model.index import TrustPolicy
    from pluginry.model.ledger import Ledger
    from pluginry.model.names import PluginId
    from pluginry.model.registry import Registry
    from pluginry.ports import ObjectStore


def advisory_input(
    registry: Registry,
    *,
    policy: TrustPolicy,
    root: TreeRoot,
    ledgers: Callable[[], Mapping[PluginId, Ledger]],
    store: ObjectStore,
) -> CatalogueInput:
    """Return the input for the pages about advisories; `ledgers` is called only when some name packages or signers.

    Raises:
        TamperedError, ObjectMissingError, TransportError: a part of the index cannot be read from `store`.

    """
    found = {affected.package.name for advisory in registry.advisories for affected in advisory.affected}
    otherwise = [one for one in registry.advisories if one.database_specific.digests or one.database_specific.signers]
    found.update(_hit(otherwise, ledgers()) if otherwise else ())
    records = {plugin: record for plugin in sorted(found) if (record := _record(plugin, root, store)) is not None}
    return CatalogueInput(
        registry=registry,
        records=records,
        manifests={},
        facts={},
        summaries={
            plugin: summary_of(registry.plugins[plugin], one)
            for plugin, one in records.items()
            if plugin in registry.plugins
        },
        policy=policy,
        serial=root.serial,
        generated=root.generated,
    )


def _hit(advisories: list[Advisory], ledgers: Mapping[PluginId, Ledger]) -> Iterator[PluginId]:
    """Yield the plugins of which a recorded release is hit by one of `advisories`."""
    for plugin, ledger in ledgers.items():
        subjects = [
            Subject(
                plugin=plugin,
                version=version,
                digests=tuple(artifact.sha256 for artifact in released.artifacts),
                publisher=ledger.standing.publisher if ledger.standing else None,
                published_at=released.at,
            )
            for version, released in ledger.releases.items()
        ]
        if any(advisory.hits(subject) for advisory in advisories for subject in subjects):
            yield plugin


def _record(plugin: PluginId, root: TreeRoot, store: ObjectStore) -> PluginRecord | None:
    def read(ref: BlobRef) -> bytes:
        return tree.checked(store.read(layout.node_key(ref.sha256)), ref)

    ref = tree.lookup(root, plugin, read)
    return documents.decode(PluginRecord, read(ref), what=f"record of {plugin}") if ref else None
