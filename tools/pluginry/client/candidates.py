"""Which releases are candidates for a wish, and which are not, and why: the rules of choosing, one by one.

In: a release, a wish, the situation. Out: nothing, or the reason as the end of a sentence. It does no I/O and has no
opinion on which candidate is the best.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pluginry.errors import NotFoundError
from pluginry.model.channel import Channel
from pluginry.model.names import ANY_PLATFORM, Platform, PluginId

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pluginry.client.resolve import Wanted
    from pluginry.model.index import PluginRecord, ReleaseRecord
    from pluginry.model.names import Name
    from pluginry.model.revocation import Revocation
    from pluginry.model.versions import Version, VersionRange

CHANNELS = tuple(Channel)
YOU = "you"
_SHOWN_VERSIONS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What candidates are measured against. ``installed`` versions are preferred to others unless ``upgrade``.

    ``blocking`` says which revocation forbids to install a release, if one does; ``too_young`` says, at the end of a
    sentence, how long it has to be out before it is installed here, if it was not out for long enough.

    ``asked`` and ``channel`` are what your own wishes open for everybody else, and set by `resolve`: a version that
    you ask for exactly may be withdrawn or unfinished, and what is needed may be as unfinished as what you want.
    Both are known before the search begins, so that its answer does not depend on who is asked first.
    """

    record: Callable[[PluginId], PluginRecord | None]
    blocking: Callable[[PluginId, ReleaseRecord], Revocation | None] = lambda _plugin, _release: None
    too_young: Callable[[PluginId, ReleaseRecord], str | None] = lambda _plugin, _release: None
    host: Name | None = None
    host_version: Version | None = None
    platform: Platform = ANY_PLATFORM
    installed: Mapping[PluginId, Version] = field(default_factory=dict)
    upgrade: frozenset[PluginId] = frozenset()
    asked: frozenset[tuple[PluginId, Version]] = frozenset()
    channel: Channel = Channel.STABLE


def releases_in(record: PluginRecord, versions: VersionRange) -> tuple[ReleaseRecord, ...]:
    """Return the releases of a plugin whose version is in `versions`, whether or not they can be had.

    Raises:
        NotFoundError: it has others, and none of these.

    """
    found = tuple(release for release in record.releases if release.version in versions)
    if record.releases and not found:
        newest = ", ".join(str(release.version) for release in record.releases[:_SHOWN_VERSIONS])
        raise NotFoundError(f"there is no {record.id} {versions}", hint=f"there are {newest}")
    return found


def why_not(release: ReleaseRecord, want: Wanted, situation: Situation) -> str | None:
    """Return why `release` is no candidate for `want`, as the end of a sentence; None when it is one."""
    if release.version not in want.versions:
        return f"is not {want.versions}"
    if situation.installed.get(want.plugin) == release.version:
        return None  # what runs may stay, whatever was found out about it since
    return misfit(release, situation) or _withdrawn(release, want, situation)


def misfit(release: ReleaseRecord, situation: Situation) -> str | None:
    """Return why `release` does not run here."""
    if reason := host_misfit(release.hosts, situation.host, situation.host_version):
        return reason
    if release.artifact_for(situation.platform) is None:
        return f"has no package for {situation.platform}"
    return None


def host_misfit(hosts: Mapping[Name, VersionRange], host: Name | None, version: Version | None) -> str | None:
    """Return why what is for `hosts` does not go with this version of this host, as far as they are known."""
    if host is None:
        return None
    if host not in hosts:
        return f"is not for {host}"
    if version is not None and version not in hosts[host]:
        return f"needs {host} {hosts[host]}, and this is {version}"
    return None


def _withdrawn(release: ReleaseRecord, want: Wanted, situation: Situation) -> str | None:
    """Return why `release` should not be installed now."""
    revocation = situation.blocking(want.plugin, release)
    if revocation is not None:
        return f"is blocked by {revocation.advisory} ({revocation.summary})"
    if reason := situation.too_young(want.plugin, release):
        return reason
    if want.exact == release.version or (want.plugin, release.version) in situation.asked:
        return None
    if release.yanked is not None:
        return f"was withdrawn ({release.yanked})"
    opened = want.channel if want.wanted_by == YOU else max(want.channel, situation.channel, key=CHANNELS.index)
    if CHANNELS.index(release.channel) > CHANNELS.index(opened):
        return f"is on the {release.channel} channel"
    return None
