"""Which releases of another marketplace an import takes: those that were asked for, and what they need.

In: a source that was verified, ids with ranges. Out: `ChosenReleases`, one for each plugin. What is needed and cannot
be had is left out: whoever lists the others says what they lack.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pluginry.client.candidates import CHANNELS, YOU, releases_in
from pluginry.encoding.suggestions import did_you_mean
from pluginry.errors import NotFoundError
from pluginry.model.channel import Channel
from pluginry.model.versions import EVERY_VERSION

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pluginry.cli.plugin_argument import PluginAt
    from pluginry.client.source import Source
    from pluginry.model.index import PluginRecord, ReleaseRecord
    from pluginry.model.names import PluginId
    from pluginry.model.revocation import Revocation
    from pluginry.model.versions import Version, VersionRange


@dataclass(frozen=True, slots=True, kw_only=True)
class ChosenReleases:
    """A plugin, and who wants which version of it: `YOU`, or releases that need it, written ``ID VERSION``."""

    record: PluginRecord
    wanted_by: dict[Version, set[str]] = field(default_factory=dict)

    @property
    def releases(self) -> tuple[ReleaseRecord, ...]:
        """The chosen releases, newest first."""
        return tuple(one for one in self.record.releases if one.version in self.wanted_by)

    @property
    def needed_by(self) -> dict[Version, tuple[str, ...]]:
        """The releases that need a version that nobody asked for."""
        return {version: tuple(sorted(by)) for version, by in self.wanted_by.items() if YOU not in by}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wish:
    """Releases that somebody wants, as unfinished as ``channel`` at most."""

    plugin: PluginId
    versions: VersionRange
    channel: Channel
    wanted_by: str

    @property
    def is_need(self) -> bool:
        """Whether a release needs it."""
        return self.wanted_by != YOU

    @classmethod
    def of(cls, asked: PluginAt) -> _Wish:
        """Return what was asked for; unfinished releases are meant where versions are named."""
        channel = Channel.STABLE if asked.versions == EVERY_VERSION else CHANNELS[-1]
        return cls(plugin=asked.plugin, versions=asked.versions, channel=channel, wanted_by=YOU)

    def needs(self, release: ReleaseRecord) -> Iterator[_Wish]:
        """Yield what `release` needs: as unfinished as the release that was asked for, as in an installation."""
        channel = self.channel if self.is_need else release.channel
        for plugin, versions in sorted(release.dependencies.items()):
            yield _Wish(plugin=plugin, versions=versions, channel=channel, wanted_by=f"{self.plugin} {release.version}")


def choose(source: Source, asked: Iterable[PluginAt], count: int) -> tuple[ChosenReleases, ...]:
    """Return the plugins that were asked for and what they need: for each wish its `count` newest releases.

    Raises:
        NotFoundError: there is no such plugin, or no version like the one that was asked for.
        TrustError: something of it must not be used.

    """
    chosen: dict[PluginId, ChosenReleases] = {}
    waiting = [_Wish.of(one) for one in asked]
    seen: set[_Wish] = set()
    while waiting:
        wish = waiting.pop(0)
        if wish in seen:
            continue
        seen.add(wish)
        if wish.plugin not in chosen:
            record = _record(source, wish)
            if record is None:
                continue
            chosen[wish.plugin] = ChosenReleases(record=record)
        one = chosen[wish.plugin]
        if not wish.is_need:
            releases_in(one.record, wish.versions)  # refuses a version that was never there
        for release in tuple(_offered(source, one.record, wish))[:count]:
            one.wanted_by.setdefault(release.version, set()).add(wish.wanted_by)
            waiting += wish.needs(release)
    return tuple(chosen.values())


def against(source: Source, record: PluginRecord, release: ReleaseRecord) -> tuple[Revocation, ...]:
    """Return the advisories that hit a release there, worst first."""
    subject = record.subject_of(release)
    return tuple(one for one in source.index().revocations if one.hits(subject))


def _record(source: Source, wish: _Wish) -> PluginRecord | None:
    """Return the plugin, if it is listed there.

    Raises:
        NotFoundError: it is not, and it was asked for.

    """
    known = {str(one.id) for one in source.catalogue().plugins}
    record = source.record(wish.plugin) if str(wish.plugin) in known else None
    if record is None and not wish.is_need:
        hint = did_you_mean(str(wish.plugin), sorted(known))
        raise NotFoundError(f"there is no plugin {wish.plugin}", where=source.config.location, hint=hint)
    return record


def _offered(source: Source, record: PluginRecord, wish: _Wish) -> Iterator[ReleaseRecord]:
    """Yield the wanted releases that can be had there, newest first."""
    for release in record.releases:
        is_finished = CHANNELS.index(release.channel) <= CHANNELS.index(wish.channel)
        is_blocked = any(one.blocks_installing for one in against(source, record, release))
        if release.version in wish.versions and release.yanked is None and is_finished and not is_blocked:
            yield release
