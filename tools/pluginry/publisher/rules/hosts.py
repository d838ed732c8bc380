"""Which hosts a plugin says it is for: hosts that exist, in versions that exist, with runtimes they have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pluginry.encoding.quoting import enumerated, quoted
from pluginry.encoding.suggestions import did_you_mean
from pluginry.model.finding import Severity
from pluginry.model.rule import Rule
from pluginry.publisher import registry_layout
from pluginry.publisher.claims import claims_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pluginry.model.finding import DocumentPath, Finding
    from pluginry.model.host import HostProfile
    from pluginry.model.names import Name
    from pluginry.model.registry import Registry
    from pluginry.model.versions import VersionRange
    from pluginry.publisher.claims import Claim
    from pluginry.publisher.loaded_registry import Locate

UNKNOWN = Rule(
    id="hosts.unknown",
    title="There is no such host",
    why="Users find plugins by host, and permissions get their meaning from the host's profile.",
    fix="write the id of a host in hosts/, or add a profile for it",
)
NO_KNOWN_VERSION = Rule(
    id="hosts.no-known-version",
    title="The range holds no known version of the host",
    why="As far as this marketplace knows, nobody could install the release.",
    fix="correct the range, or add the version to the host's profile",
    severity=Severity.NEEDS_REVIEW,
)
NOT_LISTED = Rule(
    id="hosts.not-listed",
    title="A release is for a host that the listing does not name",
    why="Users of that host do not find the plugin.",
    fix="add the host to hosts in listing.yaml, or leave it when newer releases gave it up",
    severity=Severity.NOTE,
)
RUNTIME = Rule(
    id="hosts.runtime",
    title="The host cannot run this kind of plugin",
    why="A host starts plugins only in the ways that its profile names.",
    fix="choose a runtime kind of the host",
)
ENTRY_POINT_GROUP = Rule(
    id="hosts.entry-point-group",
    title="The host knows no such group of entry points",
    why="What the host does not look for is never called.",
    fix="choose a group of the host's profile",
)
RULES = (UNKNOWN, NO_KNOWN_VERSION, NOT_LISTED, RUNTIME, ENTRY_POINT_GROUP)


def check(registry: Registry, locate: Locate) -> Iterator[Finding]:
    """Yield findings about the hosts in listings, claims and amendments."""
    for entry in registry.plugins.values():
        file = registry_layout.listing_file(entry)
        for index, name in enumerate(entry.listing.hosts):
            yield from _known(registry, name, file, ("hosts", index), locate)
        for version, release in entry.releases.items():
            amends = release.amends.hosts
            yield from _ranges(
                registry, amends, registry_layout.release_file(entry, version), ("amends", "hosts"), locate
            )
    for claim in claims_in(registry):
        yield from _ranges(registry, claim.hosts, claim.file, (*claim.path, "hosts"), locate)
        hosts = [registry.hosts[name] for name in claim.hosts if name in registry.hosts]
        for host in hosts:
            yield from _fit(host, claim, locate)
        if len(hosts) == len(claim.hosts):
            yield from _entry_points(hosts, claim, locate)


def _known(
    registry: Registry, name: Name, file: str, path: DocumentPath, locate: Locate, *, of_key: bool = False
) -> Iterator[Finding]:
    if name in registry.hosts or f"hosts/{name}{registry_layout.YAML_SUFFIX}" in registry.left_out:
        return
    known = enumerated(registry.hosts, joint="and")
    hint = did_you_mean(name, registry.hosts) or (f"there are {known}" if known else "")
    yield UNKNOWN.finding(locate(file, path, of_key=of_key), f"there is no host {quoted(name)}", hint=hint)


def _ranges(
    registry: Registry, hosts: Mapping[Name, VersionRange], file: str, path: DocumentPath, locate: Locate
) -> Iterator[Finding]:
    for name, wanted in hosts.items():
        yield from _known(registry, name, file, (*path, name), locate, of_key=True)
        host = registry.hosts.get(name)
        if host is not None and not any(version in wanted for version in host.versions):
            known = enumerated(map(str, host.versions), joint="and")
            message = f"no known version of {name} is in the range {quoted(str(wanted))}: there are {known}"
            yield NO_KNOWN_VERSION.finding(locate(file, (*path, name)), message)


def _fit(host: HostProfile, claim: Claim, locate: Locate) -> Iterator[Finding]:
    if host.id not in claim.entry.listing.hosts:
        where = locate(claim.file, (*claim.path, "hosts", host.id), of_key=True)
        yield NOT_LISTED.finding(where, f"the listing does not name the host {host.id}")
    kinds = [runtime.kind for runtime in host.runtimes]
    if claim.runtime is not None and claim.runtime.kind not in kinds:
        where = locate(claim.file, (*claim.path, "runtime", "kind"))
        message = f"{host.id} has no runtime {quoted(claim.runtime.kind)}"
        hint = did_you_mean(claim.runtime.kind, kinds) or f"its runtimes are {enumerated(kinds, joint='and')}"
        yield RUNTIME.finding(where, message, hint=hint)


def _entry_points(hosts: Sequence[HostProfile], claim: Claim, locate: Locate) -> Iterator[Finding]:
    """Yield groups that none of `hosts` knows; a host that names no groups may know any."""
    groups = sorted({known.group for host in hosts for known in host.entry_points})
    if not all(host.entry_points for host in hosts):
        return
    for group in claim.entry_points:
        if group not in groups:
            where = locate(claim.file, (*claim.path, "entry_points", group), of_key=True)
            names = enumerated(host.id for host in hosts)
            hint = did_you_mean(group, groups) or f"there are {enumerated(groups, joint='and')}"
            yield ENTRY_POINT_GROUP.finding(where, f"{names} knows no entry points {quoted(group)}", hint=hint)
