"""Stage *scan*: what is in a package, and what somebody should look at.

In: a package that obeys the profile, from anywhere, and how the registry set the switches of the scanners. Out: facts
and findings. Scanners are independent of each other, and each has a version, so that facts say what was looked for, and
why another one did not look. Never runs anything of the plugin, never opens archives inside; a scanner that breaks is a
finding and not the end of the run.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from pluginry.errors import ArchiveError
from pluginry.model.facts import ArtifactFacts, Facts, ObservedAccess, ScanFinding, VendoredPackage
from pluginry.model.finding import Finding, Location, Severity, in_reading_order
from pluginry.model.manifest import MANIFEST_FILE
from pluginry.publisher.scan_setup import PLAIN_SETUP
from pluginry.publisher.scanners import (
    install_hooks,
    inventory,
    licences,
    obfuscation,
    patterns,
    permissions,
    secrets,
    vendored,
    vulnerabilities,
)
from pluginry.publisher.scanners.inventory import take_inventory
from pluginry.publisher.scanners.scanner import FAILED, MISSING, ScannedPackage

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from pluginry.encoding.archive import Archive
    from pluginry.model.digest import Digest
    from pluginry.model.manifest import Manifest
    from pluginry.model.names import Platform
    from pluginry.publisher.scan_setup import ScanSetup
    from pluginry.publisher.scanners.scanner import Noticed, Scanner

SCANNERS: Final = (
    inventory.SCANNER,
    secrets.SCANNER,
    install_hooks.SCANNER,
    permissions.SCANNER,
    obfuscation.SCANNER,
    vendored.SCANNER,
    vulnerabilities.SCANNER,
    patterns.SCANNER,
    licences.SCANNER,
)
"""In the order they run. A scanner is added here, and to the names that schemas/registry.schema.json allows."""

RULES = (FAILED, MISSING, *(rule for scanner in SCANNERS for rule in scanner.rules))
MAX_FINDINGS: Final = 100
"""More of one scanner, of one severity, in one package are not listed."""
MAX_FACTS: Final = 1000
"""The same for facts."""
SWITCHED_OFF: Final = "it is switched off"


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanResult:
    """What was seen in one package. Locations of ``findings`` name its members; see `Facts` for the others."""

    facts: ArtifactFacts
    findings: tuple[Finding, ...]
    observed: tuple[ObservedAccess, ...] = ()
    vendored: tuple[VendoredPackage, ...] = ()
    scanners: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    not_run: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


def scan(
    package: Archive,
    *,
    platform: Platform,
    manifest: Manifest,
    digest: Digest,
    licence: str = "",
    setup: ScanSetup = PLAIN_SETUP,
) -> ScanResult:
    """Return what the scanners see in `package`, the artifact of `manifest` for `platform` with this `digest`.

    `licence` is the SPDX expression that the plugin is listed with.

    Raises:
        ArchiveError: the content of a member is damaged.
    """
    scanned = ScannedPackage(archive=package, manifest=manifest, licence=licence, setup=setup)
    counted = take_inventory(scanned)
    facts = ArtifactFacts(
        platform=platform,
        sha256=digest,
        files=counted.files,
        unpacked_size=counted.size_bytes,
        executables=counted.executables,
        suffixes=counted.suffixes,
        native=counted.native,
        archives=counted.archives,
    )
    noticed: list[Noticed] = []
    not_run: dict[str, str] = {}
    for scanner in SCANNERS:
        told, reason = _run(scanner, scanned)
        noticed += told
        if reason:
            not_run[scanner.name] = reason
    return ScanResult(
        facts=facts,
        findings=in_reading_order(one for one in noticed if isinstance(one, Finding)),
        observed=tuple(one for one in noticed if isinstance(one, ObservedAccess)),
        vendored=tuple(sorted({one for one in noticed if isinstance(one, VendoredPackage)})),
        scanners=MappingProxyType({s.name: s.version_with(setup) for s in SCANNERS if s.name not in not_run}),
        not_run=MappingProxyType(not_run),
    )


def looked_with(setup: ScanSetup) -> Mapping[str, str]:
    """Return every scanner that runs with `setup`, and the version of its rules and data."""
    return {s.name: s.version_with(setup) for s in SCANNERS if not _hindrance(s, setup)}


def facts_of_release(manifest: Manifest, results: Iterable[ScanResult]) -> Facts:
    """Return the facts about the release of `manifest` whose packages gave `results`; what all have is said once."""
    scanned = tuple(results)
    findings = in_reading_order(finding for result in scanned for finding in result.findings)
    not_run = {name: reason for result in scanned for name, reason in result.not_run.items()}
    scanners = {name: version for result in scanned for name, version in result.scanners.items()}
    return Facts(
        id=manifest.id,
        version=manifest.version,
        artifacts=tuple(sorted((result.facts for result in scanned), key=lambda facts: facts.platform)),
        # A scanner that broke off in one of the packages did not look at the release.
        scanners=MappingProxyType({name: version for name, version in scanners.items() if name not in not_run}),
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
        observed=_most_of_each(observed for result in scanned for observed in result.observed),
        vendored=tuple(sorted({package for result in scanned for package in result.vendored})),
        not_run=MappingProxyType(not_run),
    )


def _run(scanner: Scanner, package: ScannedPackage) -> tuple[list[Noticed], str]:
    """Return what `scanner` noticed, as strict as its switches are, and why it did not run to its end."""
    switches = package.setup.switches_of(scanner.name)
    reason = _hindrance(scanner, package.setup)
    if reason:
        is_missed = switches.required
        return ([_blocking(MISSING.finding(_ABOUT_ALL, f"{scanner.name}: {reason}"))] if is_missed else []), reason
    try:
        noticed = list(_bounded(scanner.scan(package)))
    except ArchiveError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever a hostile package brings about in a parser is news about it
        reason = f"it broke off ({type(error).__name__})"
        finding = FAILED.finding(_ABOUT_ALL, f"{scanner.name}: {reason}")
        return [_blocking(finding) if switches.required or switches.enforced else finding], reason
    if switches.enforced:
        noticed = [_blocking(one) if isinstance(one, Finding) else one for one in noticed]
    return noticed, ""


_ABOUT_ALL: Final = Location(file=MANIFEST_FILE)


def _bounded(noticed: Iterable[Noticed]) -> Iterator[Noticed]:
    """Yield so many findings of each severity, and so many facts: none hides what comes after it."""
    counts: Counter[Severity | None] = Counter()
    for one in noticed:
        severity = one.severity if isinstance(one, Finding) else None
        counts[severity] += 1
        if counts[severity] <= (MAX_FACTS if severity is None else MAX_FINDINGS):
            yield one


def _hindrance(scanner: Scanner, setup: ScanSetup) -> str:
    return scanner.hindrance(setup) if setup.switches_of(scanner.name).enabled else SWITCHED_OFF


def _blocking(finding: Finding) -> Finding:
    """Return `finding` as one that blocks; a note stays one."""
    return finding if finding.severity is Severity.NOTE else replace(finding, severity=Severity.BLOCKS)


def _most_of_each(observed: Iterable[ObservedAccess]) -> tuple[ObservedAccess, ...]:
    """Return each kind of access once, from the package in which it was seen most."""
    most: dict[str, ObservedAccess] = {}
    for one in observed:
        if one.kind not in most or one.count > most[one.kind].count:
            most[one.kind] = one
    return tuple(most[kind] for kind in sorted(most))
