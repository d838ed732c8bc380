"""Releases of a plugin as a whole: that there is one to install, for everybody who had one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pluginry.encoding.quoting import enumerated
from pluginry.model.channel import Channel
from pluginry.model.finding import Severity
from pluginry.model.rule import Rule
from pluginry.model.status import Status
from pluginry.publisher import registry_layout
from pluginry.publisher.claims import hosts_of_release

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pluginry.model.finding import Finding
    from pluginry.model.names import Name
    from pluginry.model.registry import PluginEntry, Registry
    from pluginry.model.versions import Version
    from pluginry.publisher.loaded_registry import Locate

NONE = Rule(
    id="releases.none",
    title="The plugin has no release",
    why="Users would find a plugin that they cannot install.",
    fix="add releases/<version>.yaml",
)
PRERELEASE = Rule(
    id="releases.prerelease-in-stable",
    title="A pre-release is in the stable channel",
    why="Users of the stable channel did not agree to test.",
    fix="move it to the channel beta or experimental, or release it without -alpha, -beta or -rc",
)
NOTHING_LEFT = Rule(
    id="releases.nothing-left",
    title="Every stable release is yanked",
    why="Nobody can install the plugin, and those who have it have no way forward.",
    fix="publish a good release first, or deprecate the plugin with replaced_by",
)
NEWEST_YANKED = Rule(
    id="releases.newest-yanked",
    title="The newest stable release is yanked",
    why="Those who have it can only go back to an older one.",
    fix="publish a corrected release with a higher version, or deprecate the plugin with replaced_by",
    severity=Severity.NEEDS_REVIEW,
)
LEFT_BEHIND = Rule(
    id="releases.host-left-behind",
    title="Users of a host version are left without a release",
    why="The only stable releases for that version of the host are yanked.",
    fix="publish a release for it, or widen amends.hosts of a good one",
    severity=Severity.NEEDS_REVIEW,
)
DUPLICATE_PLATFORM = Rule(
    id="releases.duplicate-platform",
    title="Two artifacts are for the same platform",
    why="A client could not tell which one is meant.",
    fix="keep one of them",
)
PROVENANCE_LOST = Rule(
    id="releases.provenance-lost",
    title="A release has no provenance, though an earlier one had",
    why="Whoever took over an account can upload a file, but cannot make the developer's build sign it.",
    fix="release from the build again, and name its bundle under provenance; or let a reviewer find out why not",
    severity=Severity.NEEDS_REVIEW,
)
RULES = (NONE, PRERELEASE, NOTHING_LEFT, NEWEST_YANKED, LEFT_BEHIND, DUPLICATE_PLATFORM, PROVENANCE_LOST)


def check(registry: Registry, locate: Locate) -> Iterator[Finding]:
    """Yield findings about releases."""
    for entry in registry.plugins.values():
        unread = registry.lacks_releases_of(entry.id)
        if not entry.releases and not unread and entry.listing.status is not Status.REMOVED:
            yield NONE.finding(locate(registry_layout.listing_file(entry)))
        for version, release in entry.releases.items():
            file = registry_layout.release_file(entry, version)
            if version.is_prerelease and release.channel is Channel.STABLE:
                yield PRERELEASE.finding(locate(file, ("channel",)), f"{version} is in the channel stable")
            seen: set[str] = set()
            for index, artifact in enumerate(release.artifacts):
                if artifact.platform in seen:
                    where = locate(file, ("artifacts", index, "platform"))
                    yield DUPLICATE_PLATFORM.finding(where, f"there is another artifact for {artifact.platform}")
                seen.add(artifact.platform)
        yield from _provenance(entry, locate)
        if not unread and not _has_way_out(entry):
            yield from _yanked(registry, entry, locate)


def _provenance(entry: PluginEntry, locate: Locate) -> Iterator[Finding]:
    """Yield artifacts without provenance in releases after one that had it."""
    proved = [version for version, release in entry.releases.items() if any(a.provenance for a in release.artifacts)]
    for version, release in entry.releases.items():
        for index, artifact in enumerate(release.artifacts):
            if proved and version > min(proved) and artifact.provenance is None:
                where = locate(registry_layout.release_file(entry, version), ("artifacts", index))
                yield PROVENANCE_LOST.finding(where, f"{min(proved)} has provenance, {version} has none")


def _has_way_out(entry: PluginEntry) -> bool:
    """Return whether users were told where to go instead."""
    listing = entry.listing
    return listing.status is Status.REMOVED or (listing.status is Status.DEPRECATED and listing.replaced_by is not None)


def _yanked(registry: Registry, entry: PluginEntry, locate: Locate) -> Iterator[Finding]:
    stable = [version for version, release in entry.releases.items() if release.channel is Channel.STABLE]
    good = [version for version in stable if entry.releases[version].yanked is None]
    if not stable or len(good) == len(stable):
        return
    newest = max(stable)
    where = locate(registry_layout.release_file(entry, newest), ("yanked",))
    if not good:
        yield NOTHING_LEFT.finding(where, f"all stable releases of {entry.id} are yanked")
        return
    if newest not in good:
        message = f"{newest} is yanked; the newest release that can be installed is {max(good)}"
        yield NEWEST_YANKED.finding(where, message)
    left = _host_versions(registry, entry, stable) - _host_versions(registry, entry, good)
    if left and all(hosts_of_release(entry, version) is not None for version in good):
        lost = enumerated(f"{name} {version}" for name, version in sorted(left))
        first = min(version for version in stable if version not in good)
        where = locate(registry_layout.release_file(entry, first), ("yanked",))
        yield LEFT_BEHIND.finding(where, f"no release is left for {lost}")


def _host_versions(registry: Registry, entry: PluginEntry, versions: Iterable[Version]) -> set[tuple[Name, Version]]:
    """Return the known host versions that these releases are for, as far as the registry says so."""
    return {
        (name, host_version)
        for version in versions
        for name, wanted in (hosts_of_release(entry, version) or {}).items()
        if name in registry.hosts
        for host_version in registry.hosts[name].versions
        if host_version in wanted
    }
