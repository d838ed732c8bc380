"""Which published releases were looked at with older rules, and what follows from looking again.

In: ledgers, the facts they name, the scanners of today. Out: the work that is left, and events for the ledger. Nothing
that was recorded changes: other facts are one more event. It never unpublishes anything; that is for people.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from pluginry.encoding import documents
from pluginry.encoding.ledger_files import append_events
from pluginry.model import layout
from pluginry.model.facts import Facts, ScanFinding
from pluginry.model.ledger import Rescanned
from pluginry.model.manifest import MANIFEST_FILE
from pluginry.publisher.scan import SCANNERS, looked_with
from pluginry.publisher.scanners.scanner import FAILED

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from pluginry.model.ledger import ArtifactFact, Ledger
    from pluginry.model.names import PluginId
    from pluginry.model.registry import Registry
    from pluginry.model.versions import Version
    from pluginry.publisher.object_access import ObjectAccess
    from pluginry.publisher.scan_setup import ScanSetup
    from pluginry.publisher.workspace import Workspace

_MAX_REASON: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class OutdatedRelease:
    """A release that newer scanners have not seen, with the facts of the older ones, and its licence in the listing."""

    plugin: PluginId
    version: Version
    artifacts: tuple[ArtifactFact, ...]
    facts: Facts
    licence: str

    def __str__(self) -> str:
        return f"{self.plugin} {self.version}"


def outdated(
    registry: Registry, ledgers: Mapping[PluginId, Ledger], access: ObjectAccess, setup: ScanSetup
) -> Iterator[OutdatedRelease]:
    """Yield the releases that not every scanner of today has looked at as it looks today; withdrawn ones never.

    Raises:
        ObjectMissingError, TamperedError: recorded facts are nowhere, or are something else.
    """
    now = looked_with(setup)
    for plugin, ledger in sorted(ledgers.items()):
        entry = registry.plugins.get(plugin)
        for version, released in sorted(ledger.releases.items()) if entry else ():
            if entry is None or (plugin, version) in access.withdrawn:
                continue
            facts = documents.decode(Facts, access.node(ledger.facts_of(version)), what=f"facts of {plugin} {version}")
            if any(facts.scanners.get(name) != known for name, known in now.items()):
                yield OutdatedRelease(
                    plugin=plugin,
                    version=version,
                    artifacts=released.artifacts,
                    facts=facts,
                    licence=entry.listing.license,
                )


def bring_packages(release: OutdatedRelease, access: ObjectAccess) -> None:
    """Make sure that the packages of `release` lie in the local store.

    Raises:
        ObjectMissingError, TamperedError: one is nowhere, or is something else.
    """
    for artifact in release.artifacts:
        access.to_publish(artifact.blob, layout.package_key(release.plugin, release.version, artifact.platform))


def not_looked_at(release: OutdatedRelease, reason: str) -> Facts:
    """Return the facts about a release whose scan came to no end: what was known, and that this is not all."""
    said = f"no scanner came to its end: {reason[:_MAX_REASON]}"
    failed = ScanFinding(rule=FAILED.id, severity=FAILED.severity.value, message=said, file=MANIFEST_FILE)
    earlier = (finding for finding in release.facts.findings if finding.rule != FAILED.id)
    return replace(
        release.facts,
        findings=(failed, *earlier),
        scanners=MappingProxyType({}),
        not_run=MappingProxyType({scanner.name: said for scanner in SCANNERS}),
    )


def keep(
    workspace: Workspace, ledgers: Mapping[PluginId, Ledger], release: OutdatedRelease, facts: Facts, *, at: datetime
) -> bool:
    """Record `facts` about `release` if they are other ones than before, and return whether they are.

    Raises:
        DocumentError: the last line of the ledger is not whole.
    """
    ref = workspace.objects.add(documents.encode(facts))
    if ref == ledgers[release.plugin].facts_of(release.version):
        return False
    append_events(workspace.ledger, release.plugin, [Rescanned(at=at, version=release.version, facts=ref)])
    return True


def news_in(facts: Facts, before: Facts) -> tuple[ScanFinding, ...]:
    """Return the findings that were not there before."""
    known = {*before.findings}
    return tuple(finding for finding in facts.findings if finding not in known)
