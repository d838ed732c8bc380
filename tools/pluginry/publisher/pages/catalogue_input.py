"""All that the catalogue is made of, as one value."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from pluginry.model.attestation import VerifiedStatement
    from pluginry.model.digest import Digest
    from pluginry.model.facts import Facts
    from pluginry.model.index import PluginRecord, PluginSummary, TrustPolicy
    from pluginry.model.manifest import Manifest
    from pluginry.model.names import PluginId
    from pluginry.model.quarantine import Quarantined
    from pluginry.model.registry import Registry
    from pluginry.model.rule import Rule
    from pluginry.publisher.glance import Glance


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueInput:
    """What was claimed, what was proved, and the index that was built from both.

    ``manifests`` holds the manifest of every release in ``records``. ``facts`` may have gaps: a page then says
    nothing about the scan. ``signatures`` maps the digest of a sigstore bundle to what it proved when the build
    verified it; without it pages say whose signatures clients accept, not who signed. ``serial`` and
    ``generated`` stand on the page about the marketplace and nowhere else. ``rules`` become a page of the docs.
    ``refused`` are recorded releases that are not offered, because nobody's signature on them counts any more. Of
    plugins that have ``glances``, nothing else is looked at before it is shown.
    """

    registry: Registry
    records: Mapping[PluginId, PluginRecord]
    manifests: Mapping[Digest, Manifest]
    facts: Mapping[Digest, Facts]
    summaries: Mapping[PluginId, PluginSummary]
    policy: TrustPolicy
    serial: int
    generated: datetime
    rules: tuple[Rule, ...] = ()
    signatures: Mapping[Digest, VerifiedStatement] = field(default_factory=lambda: MappingProxyType({}))
    refused: tuple[Quarantined, ...] = ()
    glances: Mapping[PluginId, Glance] = field(default_factory=lambda: MappingProxyType({}))
