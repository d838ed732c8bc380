"""The index as it would become, built in memory and thrown away: what cannot be indexed is not merged.

In: the merged registry, a plugin of it, the releases of it that were built. Out: nothing, or the error that building
ends with. Never signs, records or publishes anything. Releases that nobody built now are taken as they are published.
"""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from pluginry.model.ledger import Ledger
from pluginry.publisher.index import IndexInput, build_index
from pluginry.publisher.record import record

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from pluginry.model.manifest import Manifest
    from pluginry.model.registry import PluginEntry, Registry
    from pluginry.model.versions import Version
    from pluginry.publisher.record import BuiltRelease


def try_index(
    registry: Registry,
    entry: PluginEntry,
    built: Mapping[Version, BuiltRelease],
    manifests: Mapping[Version, Manifest],
    *,
    now: datetime,
) -> None:
    """Build record, catalogue and tree of `entry` with its `built` releases.

    Raises:
        PluginryError: they cannot be built.

    """
    releases = {version: release for version, release in entry.releases.items() if version in built}
    alone = replace(entry, releases=MappingProxyType(releases))
    ledger = Ledger(id=entry.id)
    events = record(alone, ledger, built, at=now, registry_commit="")
    given = IndexInput(
        registry=replace(registry, plugins=MappingProxyType({entry.id: alone})),
        ledgers={entry.id: replace(ledger, events=events)},
        manifests={built[version].manifest.sha256: manifest for version, manifest in manifests.items()},
    )
    build_index(given, previous=None, previous_digest=None, epoch=1, now=now, commit="")
