"""What the sources offer to a home as it is now: which releases may be chosen for it, and which not, and why.

In: the home, the sources, the time. Out: chosen releases, warnings. All of it starts from the one generation that was
there in the beginning. It changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING

from pluginry.client import verify
from pluginry.client.candidates import Situation, host_misfit, misfit, why_not
from pluginry.client.dependencies import with_needs
from pluginry.client.release_age import too_young
from pluginry.client.resolve import Wanted, resolve
from pluginry.errors import DocumentError, NotFoundError, StaleError, TransportError
from pluginry.model.advisory import Subject
from pluginry.model.channel import Channel

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping
    from datetime import datetime

    from pluginry.client.plugin_home import PluginHome
    from pluginry.client.publisher_pins import PublisherChange
    from pluginry.client.resolve import Chosen
    from pluginry.client.source_list import SourceList
    from pluginry.model.index import PluginRecord, ReleaseRecord
    from pluginry.model.ledger import ArtifactFact
    from pluginry.model.names import PluginId
    from pluginry.model.receipt import Generation, InstalledPlugin
    from pluginry.model.revocation import Revocation
    from pluginry.model.versions import Version


@dataclass(slots=True, kw_only=True)
class Offers:
    """What `sources` offer to `home` at `now`; ``start`` is the generation that all of it starts from.

    It ``is_scheduled`` when nobody asked for anything: then releases soak as long as their marketplace wants.
    """

    home: PluginHome
    sources: SourceList
    now: datetime
    is_scheduled: bool = False
    start: Generation | None = field(init=False)

    def __post_init__(self) -> None:
        self.start = self.home.generations.newest()

    @property
    def base(self) -> int:
        """The number of the generation at the start, 0 before the first."""
        return self.start.number if self.start else 0

    @property
    def current(self) -> dict[PluginId, InstalledPlugin]:
        """What is installed at the start."""
        return {installed.id: installed for installed in self.start.plugins} if self.start else {}

    def choose(
        self,
        wants: Iterable[Wanted],
        *,
        upgrade: frozenset[PluginId],
        instead_of_installed: Mapping[PluginId, Version] | None = None,
    ) -> tuple[Chosen, ...]:
        """Return a release for everything that is wanted or needed; see `resolve`.

        Installed versions are preferred, or those `instead_of_installed`, but for what is to `upgrade`.

        Raises:
            StaleError: what is known is too old to install from.
            PolicyError: this machine's clock went back, so that nobody knows.
            NotFoundError, ResolutionError: it cannot be done, and why.

        """
        self.sources.check_clock()
        policy = self.home.policy()
        for index in (source.index() for source in self.sources.all()):
            if verify.freshness(index, policy, now=self.now) is verify.Freshness.TOO_OLD:
                raise StaleError(
                    "what is known of the marketplace is too old to install from",
                    why=f"it is of {index.as_of:%Y-%m-%d}",
                    hint="run `pluginry source refresh`; what is installed keeps working",
                )
        situation = self.situation(upgrade)
        if instead_of_installed is not None:
            situation = replace(situation, installed=instead_of_installed)
        return resolve(wants, situation)

    def newer(self, installed: InstalledPlugin) -> Version | None:
        """Return the newest version that could take the place of `installed`; only a plan knows whether the others fit.

        It is also None when it cannot be found out now.
        """
        try:
            record = self.sources.record(installed.id)
        except (NotFoundError, TransportError):
            return None
        want = Wanted(plugin=installed.id, channel=self.channel_of(installed))
        situation = self.situation(frozenset({installed.id}))
        fitting = (
            release.version
            for release in (record.releases if record else ())
            if release.version > installed.version and why_not(release, want, situation) is None
        )
        return max(fitting, default=None)

    def misfit(self, installed: InstalledPlugin) -> str | None:
        """Return why `installed` does not go with the host of this home, as the end of a sentence; None when it does.

        What the index says of its hosts goes before what the package says: it may have been amended since.
        """
        config = self.home.config()
        try:
            record = self.sources.record(installed.id)
        except (NotFoundError, TransportError):
            record = None
        releases = record.releases if record else ()
        hosts = next((one.hosts for one in releases if one.version == installed.version), None)
        try:
            hosts = hosts or self.home.receipt(installed).manifest.hosts
        except (NotFoundError, DocumentError):
            return None  # that it is damaged is told elsewhere
        return host_misfit(hosts, config.host, config.host_version)

    def moved(self) -> dict[PluginId, PublisherChange]:
        """Return installed plugins that another marketplace serves now than when they were installed."""
        offered = (one for one in self.current.values() if self.sources.offers(one.id, one.version))
        return {one.id: change for one in offered if (change := self.sources.source_change(one.id, one))}

    def orphans(self, welcome: Container[PluginId] = ()) -> dict[PluginId, InstalledPlugin]:
        """Return installed plugins that stay as they are: no source offers them any more, or they need one of those.

        What another marketplace serves now is not offered, unless it is `welcome` from there.
        """
        current = self.current
        gone = {plugin for plugin, installed in current.items() if not self.sources.offers(plugin, installed.version)}
        gone |= {plugin for plugin in self.moved() if plugin not in welcome}
        return {
            plugin: installed
            for plugin, installed in current.items()
            if gone & with_needs({plugin}, current, self.home)
        }

    def channel_of(self, installed: InstalledPlugin) -> Channel:
        """Return the channel that updates are looked for on: the one the installed release is on."""
        record = self.sources.record(installed.id)
        releases = record.releases if record else ()
        return next((one.channel for one in releases if one.version == installed.version), Channel.STABLE)

    def revocations_of(self, chosen: Chosen) -> tuple[Revocation, ...]:
        """Return the revocations that hit a chosen release: those that only warn, or that came after it did."""
        in_force = self.sources.revocations_for(chosen.plugin)
        if not in_force:
            return ()
        artifact = chosen.release.artifact_for(self.home.config().platform)
        subject = _subject(self.sources.record(chosen.plugin), chosen.plugin, chosen.release, artifact)
        return tuple(one for one in in_force if one.hits(subject))

    def warnings_about(self, chosen: Iterable[Chosen]) -> tuple[str, ...]:
        """Return what the user should know of `chosen`: advisories, and sources of which nothing was heard lately."""
        chosen = tuple(chosen)
        policy = self.home.policy()
        warnings = [
            f"{revocation.advisory}: {revocation.summary} ({one.plugin} {one.release.version})"
            for one in chosen
            for revocation in self.revocations_of(one)
        ]
        sources = {source.config.name: source for source in (self.sources.serving(one.plugin) for one in chosen)}
        warnings += [
            f"nothing was heard of {name} since {source.index().as_of:%Y-%m-%d}: run `pluginry source refresh`"
            for name, source in sorted(sources.items())
            if verify.freshness(source.index(), policy, now=self.now) is verify.Freshness.OLD
        ]
        return (*warnings, *self._waiting_of_age(chosen))

    def _waiting_of_age(self, chosen: tuple[Chosen, ...]) -> Iterator[str]:
        """Yield what would be chosen if it had been out for long enough."""
        situation = self.situation(frozenset())
        for one in chosen:
            record = self.sources.record(one.plugin)
            want = Wanted(plugin=one.plugin, channel=one.release.channel)
            for release in record.releases if record else ():
                reason = situation.too_young(one.plugin, release)
                free = replace(situation, too_young=lambda _plugin, _release: None)
                if release.version > one.release.version and reason and why_not(release, want, free) is None:
                    yield f"{one.plugin} {release.version} {reason}"

    def situation(self, upgrade: frozenset[PluginId]) -> Situation:
        """Return what candidates are measured against here; what is to `upgrade` does not keep its version."""
        config = self.home.config()
        record, revocations = cache(self.sources.record), cache(self.sources.revocations_for)

        def hitting(plugin: PluginId, release: ReleaseRecord) -> tuple[Revocation, ...]:
            if not revocations(plugin):
                return ()
            subject = _subject(record(plugin), plugin, release, release.artifact_for(config.platform))
            return tuple(one for one in revocations(plugin) if one.hits(subject))

        situation = Situation(
            record=record,
            blocking=lambda plugin, release: next(
                (one for one in hitting(plugin, release) if one.blocks_installing), None
            ),
            host=config.host,
            host_version=config.host_version,
            platform=config.platform,
            installed={plugin: installed.version for plugin, installed in self.current.items()},
            upgrade=upgrade,
        )
        policy = self.home.policy()

        def waiting(plugin: PluginId, release: ReleaseRecord) -> str | None:
            here, hours = record(plugin), self._soak_hours(plugin, release)

            def hits(one: ReleaseRecord) -> tuple[Revocation, ...]:
                return hitting(plugin, one)

            def fits(one: ReleaseRecord) -> bool:
                return misfit(one, situation) is None

            return too_young(release, here, policy=policy, soak_hours=hours, now=self.now, hitting=hits, fits=fits)

        waits = policy.minimum_release_age_days or self.is_scheduled
        return replace(situation, too_young=waiting) if waits else situation

    def _soak_hours(self, plugin: PluginId, release: ReleaseRecord) -> int:
        """Return how long the marketplace wants a release to be out before it comes by itself; people need not wait."""
        if not self.is_scheduled:
            return 0
        return self.sources.serving(plugin).index().root.soak_hours.get(release.channel, 0)


def _subject(
    record: PluginRecord | None, plugin: PluginId, release: ReleaseRecord, artifact: ArtifactFact | None
) -> Subject:
    """Return a release for this platform as revocations see it."""
    return Subject(
        plugin=plugin,
        version=release.version,
        digests=(artifact.sha256,) if artifact else (),
        publisher=record.publisher if record else None,
        published_at=release.published_at,
    )
