"""Lists plugins of another marketplace: the same ids, versions and packages, of which somebody here chose some.

In: what a client has read and verified there (records, manifests, which releases are warned of), and an account that
answers for them here. Out: files in our registry, and an outcome for each plugin. It fetches nothing and writes no
package: releases name where the packages lie there, and their digests.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pluginry.importing import rules
from pluginry.importing.listing_files import (
    has_release,
    is_withdrawn,
    listed_sources,
    listed_versions,
    problems_of,
    write_plugin,
    write_release,
)
from pluginry.importing.new_registry import write_registry
from pluginry.importing.report import ImportReport, Outcome
from pluginry.importing.shelves import categories_for
from pluginry.importing.target import read_target
from pluginry.model import layout
from pluginry.model.advisory import Subject
from pluginry.model.finding import Location
from pluginry.model.host import Harm, HostProfile, PermissionMeaning, RuntimeKind, ScopeMeaning
from pluginry.model.listing import Listing
from pluginry.model.registry import Category
from pluginry.model.release import ArtifactClaim, Release, Source
from pluginry.model.status import Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from pluginry.importing.target import Target
    from pluginry.model.finding import Finding
    from pluginry.model.index import Catalogue, HostSummary, PluginRecord, PluginSummary, ReleaseRecord
    from pluginry.model.listing import Account
    from pluginry.model.manifest import Manifest
    from pluginry.model.names import PluginId
    from pluginry.model.versions import Version

KIND = "marketplace"


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """A plugin as its marketplace has it: the ``releases`` that were chosen of it, newest first, and their manifests.

    ``warned`` says, by version, what is said there against releases of it, also against others than the chosen ones.
    ``needed_by`` says, by version, which releases need one that nobody asked for.
    """

    record: PluginRecord
    summary: PluginSummary
    releases: tuple[ReleaseRecord, ...]
    manifests: Mapping[Version, Manifest]
    readme: str
    warned: Mapping[Version, str]
    needed_by: Mapping[Version, tuple[str, ...]]

    @property
    def id(self) -> PluginId:
        """Its id, there and here."""
        return self.record.id


def begin_registry(folder: Path, brought: Sequence[Brought], catalogue: Catalogue, *, owner: Account) -> None:
    """Write what the registry in `folder` lacks before `brought` can be listed: settings, hosts, namespaces.

    Raises:
        OSError: the disk refused.

    """
    categories = tuple(Category(id=one.id, title=one.title) for one in catalogue.categories)
    manifests = tuple(manifest for one in brought for manifest in one.manifests.values())
    for host in catalogue.hosts:
        profile = _profile(host, (one for one in manifests if host.id in one.hosts))
        for one in brought:
            if host.id in one.summary.hosts:
                write_registry(
                    folder,
                    title=f"Plugins of {catalogue.name}",
                    categories=categories,
                    host=profile,
                    namespace=one.id.namespace,
                    owner=owner,
                )


def list_plugins(brought: Iterable[Brought], *, registry: Path, address: str) -> ImportReport:
    """Write listings and releases, and say what they lack; `address` is where their marketplace lies, with a slash.

    Raises:
        DocumentError: the registry has a file that cannot be read.
        OSError: the disk refused.

    """
    written = [(one, _list(one, read_target(registry, one.id.namespace), address)) for one in brought]
    outcomes = (replace(of, findings=(*of.findings, *_unmet(one, of, registry))) for one, of in written)
    return ImportReport(kind=KIND, outcomes=tuple(outcomes))


def _list(brought: Brought, target: Target, address: str) -> Outcome:
    """Write listing and releases of a plugin."""
    plugin, place = brought.id, Location(file=f"{KIND}:{brought.id}")
    if reason := _other_origin(plugin, target, address):
        finding = rules.OTHER_ORIGIN.finding(place, reason)
        return Outcome(subject=str(plugin), plugin=plugin, findings=(finding,))
    releases = {one.version: _release(plugin, one, address) for one in brought.releases}
    kept = tuple(version for version in releases if has_release(target.folder, plugin, version))
    listing = _listing(brought, target, address)
    findings = [*problems_of("listing", listing, file=place.file)]
    for release in releases.values():
        findings += problems_of("release", release, file=place.file)
    if not releases:
        findings.append(rules.NOTHING_OFFERED.finding(place))
    added = tuple(version for version in releases if version not in kept)
    # What is not listed anew may be listed already, and warned of.
    if any(finding.rule in (rules.INVALID.id, rules.NOTHING_OFFERED.id) for finding in findings):
        findings += _warnings(brought, target, place)
        return Outcome(subject=str(plugin), plugin=plugin, findings=tuple(findings))
    write_plugin(target.folder, plugin, listing, brought.readme or f"# {listing.name}\n\n{listing.summary}\n")
    for version in added:
        write_release(target.folder, plugin, releases[version])
        if by := brought.needed_by.get(version):
            findings.append(rules.CAME_ALONG.finding(place, f"{plugin} {version} is needed by {_some(by)}"))
    findings += (*_warnings(brought, target, place), *_missing_runtimes(brought, target, place))
    return Outcome(
        subject=str(plugin),
        plugin=plugin,
        added=added,
        kept=kept,
        artifacts=sum(len(releases[version].artifacts) for version in added),
        findings=tuple(findings),
    )


def _other_origin(plugin: PluginId, target: Target, address: str) -> str:
    """Return why releases from `address` are none of this plugin as it is known here; empty if they are."""
    if not target.is_mirror:
        return f"the namespace {target.namespace} of this registry is no mirror"
    sources, packages = listed_sources(target.folder, plugin), _packages_of(plugin, address)
    if sources is not None and not any(packages.startswith(one) for one in sources):
        return f"the listing of {plugin} here does not allow {packages}"
    return ""


def _packages_of(plugin: PluginId, address: str) -> str:
    return f"{address}{layout.PACKAGES_PREFIX}{plugin}/"


def _some(names: tuple[str, ...]) -> str:
    """Return the first of `names`, and how many there are beside it."""
    return names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more"


def _warnings(brought: Brought, target: Target, place: Location) -> Iterator[Finding]:
    """Yield what is said there against releases that are listed here, and that nobody here decided about."""
    for version, says in brought.warned.items():
        subject = Subject(plugin=brought.id, version=version)
        is_decided = is_withdrawn(target.folder, brought.id, version) or any(
            advisory.hits(subject) for advisory in target.advisories
        )
        if has_release(target.folder, brought.id, version) and not is_decided:
            yield rules.WARNED_THERE.finding(place, f"{brought.id} {version}: {says}")


def _missing_runtimes(brought: Brought, target: Target, place: Location) -> Iterator[Finding]:
    """Yield the runtimes of chosen releases that a host does not have here."""
    for version, manifest in brought.manifests.items():
        for host in sorted(manifest.hosts):
            kinds = {one.kind for one in target.hosts[host].runtimes} if host in target.hosts else set()
            if host in target.hosts and manifest.runtime.kind not in kinds:
                message = f"{brought.id} {version} runs in {manifest.runtime.kind}, and {host} has no such runtime here"
                yield rules.RUNTIME_MISSING.finding(place, message)


def _unmet(brought: Brought, outcome: Outcome, registry: Path) -> Iterator[Finding]:
    """Yield the needs of releases that are listed here for which nothing is listed here."""
    place = Location(file=f"{KIND}:{brought.id}")
    for release in brought.releases:
        for needed, versions in sorted(release.dependencies.items()):
            is_met = any(one in versions for one in listed_versions(registry, needed))
            if release.version in (*outcome.added, *outcome.kept) and not is_met:
                yield rules.NEED_UNMET.finding(place, f"{brought.id} {release.version} needs {needed} {versions}")


def _listing(brought: Brought, target: Target, address: str) -> Listing:
    summary, links = brought.summary, brought.record.links
    known = tuple(one for one in summary.categories if one in target.categories)
    return Listing(
        name=summary.name,
        summary=summary.summary,
        hosts=summary.hosts,
        categories=known or categories_for(summary.hosts, target.categories),
        license=summary.license,
        owners=target.owners,
        sources=(_packages_of(brought.id, address),),
        status=Status.ACTIVE,
        tags=summary.tags,
        homepage=links.get("homepage", ""),
        source=links.get("source", ""),
        issues=links.get("issues", ""),
        aliases=tuple(_known_aliases(summary, target)),
    )


def _known_aliases(summary: PluginSummary, target: Target) -> Iterator[str]:
    """Yield the ids that a host here would write so; catalogues do not tell how hosts write ids."""
    mappings = [target.hosts[host].id_mapping for host in summary.hosts if host in target.hosts]
    for alias in summary.aliases:
        if any(mapping and re.fullmatch(mapping.pattern, alias) for mapping in mappings):
            yield alias


def _release(plugin: PluginId, release: ReleaseRecord, address: str) -> Release:
    return Release(
        version=release.version,
        channel=release.channel,
        artifacts=tuple(
            ArtifactClaim(
                platform=one.platform,
                source=Source(url=f"{address}{layout.package_key(plugin, release.version, one.platform)}"),
                sha256=one.sha256,
                size=one.size,
            )
            for one in release.artifacts
        ),
    )


def _profile(host: HostSummary, manifests: Iterable[Manifest]) -> HostProfile:
    """Return a profile of a host as far as its catalogue tells, with the runtimes of these manifests."""
    kinds = sorted({one.runtime.kind for one in manifests if one.runtime})
    return HostProfile(
        id=host.id,
        title=host.title,
        summary=host.title,
        versions=host.versions,
        runtimes=tuple(RuntimeKind(kind=kind, summary=kind) for kind in kinds or ["files"]),
        permissions=tuple(
            PermissionMeaning(
                type=one.type,
                severity=Harm(one.severity),
                says=one.says,
                scopes=tuple(ScopeMeaning(name=name, says=says) for name, says in one.scopes.items()),
            )
            for one in host.permissions
        ),
    )
