"""Stage *scan*: what is in a package, and what somebody should look at.

In: a package that obeys the profile, from anywhere. Out: facts and findings. Scanners are independent of
each other, and each has a version, so that facts say what was looked for. Never runs anything of the
plugin, never opens archives inside, never blocks by itself: that is for the registry's rules.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from pluginry.model.facts import ArtifactFacts, Facts, ScanFinding
from pluginry.model.finding import in_reading_order
from pluginry.publisher.scanners import install_hooks, inventory, secrets
from pluginry.publisher.scanners.inventory import take_inventory
from pluginry.publisher.scanners.scanner import ScannedPackage

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pluginry.encoding.archive import Archive
    from pluginry.model.digest import Digest
    from pluginry.model.finding import Finding
    from pluginry.model.manifest import Manifest
    from pluginry.model.names import Platform

SCANNERS: Final = (inventory.SCANNER, secrets.SCANNER, install_hooks.SCANNER)
"""In the order they run. A scanner is added here and nowhere else."""

RULES = tuple(rule for scanner in SCANNERS for rule in scanner.rules)
MAX_FINDINGS: Final = 100
"""More of one scanner in one package are not listed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanResult:
    """What was seen in one package. Locations of ``findings`` name its members."""

    facts: ArtifactFacts
    findings: tuple[Finding, ...]


def scan(package: Archive, *, platform: Platform, manifest: Manifest, digest: Digest) -> ScanResult:
    """Return what the scanners see in `package`, the artifact of `manifest` for `platform` with this `digest`.

    Raises:
        ArchiveError: the content of a member is damaged.
    """
    scanned = ScannedPackage(archive=package, manifest=manifest)
    counted = take_inventory(scanned)
    facts = ArtifactFacts(
        platform=platform,
        sha256=digest,
        files=counted.files,
        unpacked_size=counted.size_bytes,
        executables=counted.executables,
        suffixes=counted.suffixes,
    )
    found = (finding for scanner in SCANNERS for finding in islice(scanner.scan(scanned), MAX_FINDINGS))
    return ScanResult(facts=facts, findings=in_reading_order(found))


def facts_of_release(manifest: Manifest, results: Iterable[ScanResult]) -> Facts:
    """Return the facts about the release of `manifest` whose packages gave `results`; what all have is said once."""
    scanned = tuple(results)
    findings = in_reading_order(finding for result in scanned for finding in result.findings)
    return Facts(
        id=manifest.id,
        version=manifest.version,
        artifacts=tuple(sorted((result.facts for result in scanned), key=lambda facts: facts.platform)),
        scanners=MappingProxyType({scanner.name: scanner.version for scanner in SCANNERS}),
        findings=tuple(
            ScanFinding(
                rule=finding.rule,
                severity=finding.severity.value,
                message=finding.message,
                file=finding.where.file,
                line=finding.where.line,
            )
            for finding in findings
        ),
    )
