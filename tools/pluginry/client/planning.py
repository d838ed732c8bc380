"""What a change would do, before it is done: plans for installing, updating and removing.

In: what is wanted, the home, the sources. Out: a `Plan`: every plugin before and after, what the user has to
agree to, warnings. It changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

from pluginry.client import verify
from pluginry.client.consent import ConsentRequest, ask_consent, check_policy
from pluginry.client.install import damages
from pluginry.client.publisher_pins import is_agreed, refuse_strangers
from pluginry.client.resolve import Chosen, Situation, Wanted, resolve, why_not
from pluginry.errors import NotFoundError, ResolutionError, StaleError, TransportError
from pluginry.model.advisory import Subject
from pluginry.model.receipt import InstalledPlugin
from pluginry.model.release import Channel
from pluginry.model.versions import EVERY_VERSION, VersionRange

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from pluginry.client.consent import PermissionAsk
    from pluginry.client.plugin_home import PluginHome
    from pluginry.client.publisher_pins import PublisherChange
    from pluginry.client.source_list import SourceList
    from pluginry.model.index import PluginRecord, ReleaseRecord
    from pluginry.model.ledger import ArtifactFact
    from pluginry.model.manifest import Manifest
    from pluginry.model.names import PluginId
    from pluginry.model.receipt import Generation
    from pluginry.model.revocation import Revocation
    from pluginry.model.versions import Version


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedChange:
    """A plugin before and after a plan: ``before`` is None when it is new, ``after`` when it goes."""

    plugin: PluginId
    before: InstalledPlugin | None
    after: Chosen | None
    manifest: Manifest | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What would change, what the user is asked, and advisories that only warn. Nothing is changed yet.

    ``base`` is the number of the generation that it starts from, 0 before the first. A change from a version to
    the same version puts back files that were damaged. ``waiting`` plugins stay as they are until somebody agrees
    to what they are ``waiting_for``, or to ``waiting_publishers``. ``publishers`` are those of the plan itself that
    are others than before.
    """

    cause: str
    base: int
    changes: tuple[PlannedChange, ...]
    consent: ConsentRequest
    result: tuple[InstalledPlugin, ...]
    warnings: tuple[str, ...] = ()
    waiting: tuple[PluginId, ...] = ()
    waiting_for: tuple[PermissionAsk, ...] = ()
    publishers: tuple[PublisherChange, ...] = ()
    waiting_publishers: tuple[PublisherChange, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Planner:
    """Makes plans for one `home` as things are at `now`; ``start`` is the generation that all of a plan starts from."""

    home: PluginHome
    sources: SourceList
    now: datetime
    start: Generation | None

    @property
    def current(self) -> dict[PluginId, InstalledPlugin]:
        """What is installed at the start."""
        return {installed.id: installed for installed in self.start.plugins} if self.start else {}

    def install(self, wanted: Iterable[Wanted]) -> Plan:
        """Return what installing `wanted` would change; one that is installed and damaged is installed again.

        Raises:
            StaleError: what is known is too old to install from.
            NotFoundError, ResolutionError, PolicyError: it cannot be done, and why.

        """
        wants = list(wanted)
        current = self.current
        kept = [
            Wanted(plugin=installed.id, versions=_at(installed))
            for installed in current.values()
            if installed.requested and installed.id not in {want.plugin for want in wants} | self._orphans().keys()
        ]
        asked = {want.plugin for want in wants}
        held = {want.plugin for want in wants if want.exact is not None}
        chosen = self._resolve([*wants, *kept], upgrade=frozenset(asked))
        return self._plan(f"install {', '.join(map(str, sorted(asked)))}", chosen, requested=asked, held=held)

    def update(
        self,
        plugins: Iterable[PluginId] = (),
        *,
        accepted: Iterable[str] = (),
        accepted_publishers: Iterable[PluginId] = (),
    ) -> Plan:
        """Return what updating `plugins` (all when empty) would change.

        A plugin whose new version asks for more than was granted or `accepted`, or that comes from another publisher
        than before, is listed under ``waiting``: the old version keeps running until somebody agrees.

        Raises:
            PolicyError: one of `plugins` comes from another publisher, and that was not announced or not accepted.

        """
        current = self.current
        named, trusted = frozenset(plugins), frozenset(accepted_publishers)
        for plugin in named - current.keys():
            raise NotFoundError(f"{plugin} is not installed")
        orphans = self._orphans().keys()
        names = (named or frozenset(current)) - orphans
        waiting: set[PluginId] = set()
        strangers: dict[PluginId, PublisherChange] = {}
        waiting_for: dict[tuple[PluginId, str], PermissionAsk] = {}
        while True:
            upgrade = frozenset(name for name in names - waiting if not current[name].held)
            wants = [
                Wanted(
                    plugin=installed.id,
                    versions=EVERY_VERSION if installed.id in upgrade else _at(installed),
                    channel=self._channel_of(installed),
                )
                for installed in current.values()
                if installed.id not in orphans and (installed.requested or installed.id in waiting)
            ]
            chosen = self._resolve(wants, upgrade=upgrade)
            plan = self._plan("update", chosen, requested=set(), held=set())
            missing = plan.consent.missing(accepted)
            others = {change.plugin: change for change in plan.publishers if not is_agreed(change, trusted)}
            refuse_strangers((change for plugin, change in others.items() if plugin in named), accepted=trusted)
            if not (missing or others) or not upgrade:
                return replace(
                    plan,
                    waiting=tuple(sorted(waiting)),
                    waiting_for=tuple(waiting_for.values()),
                    waiting_publishers=tuple(strangers.values()),
                )
            waiting_for |= {(ask.plugin, ask.grant): ask for ask in missing}
            strangers |= others
            # Also what brings along a new plugin that asks for something.
            waiting |= (upgrade & _users({*others, *(ask.plugin for ask in missing)}, plan.changes)) or upgrade

    def remove(self, plugins: Iterable[PluginId], *, cascade: bool = False) -> Plan:
        """Return what removing `plugins` would change: also what only they needed, and with `cascade` their users.

        Raises:
            ResolutionError: other installed plugins need them.

        """
        current = self.current
        going = set(plugins)
        for plugin in sorted(going - current.keys()):
            raise NotFoundError(f"{plugin} is not installed")
        while users := {
            name
            for name, installed in current.items()
            if name not in going and going & self.home.dependencies_of(installed).keys()
        }:
            if not cascade:
                raise ResolutionError(
                    "other plugins need them",
                    tuple(f"{name} needs one of them" for name in sorted(users)),
                    hint="remove those too, or pass --cascade",
                )
            going |= users
        needed = self.home.with_dependencies(
            {name for name, i in current.items() if i.requested and name not in going}, among=current
        )
        result = tuple(installed for name, installed in current.items() if name in needed)
        gone = (current[name] for name in sorted(current.keys() - needed))
        return Plan(
            cause=f"remove {', '.join(map(str, sorted(going)))}",
            base=self.start.number if self.start else 0,
            changes=tuple(PlannedChange(plugin=i.id, before=i, after=None) for i in gone),
            consent=ConsentRequest(asks=()),
            result=result,
        )

    def newer(self, installed: InstalledPlugin) -> Version | None:
        """Return the newest version that could take the place of `installed`; only a plan knows whether the others fit.

        It is also None when it cannot be found out now.
        """
        try:
            record = self.sources.record(installed.id)
        except (NotFoundError, TransportError):
            return None
        want = Wanted(plugin=installed.id, channel=self._channel_of(installed))
        situation = self._situation(frozenset({installed.id}))
        fitting = (
            release.version
            for release in (record.releases if record else ())
            if release.version > installed.version and why_not(release, want, situation) is None
        )
        return max(fitting, default=None)

    def _resolve(self, wants: Iterable[Wanted], *, upgrade: frozenset[PluginId]) -> tuple[Chosen, ...]:
        policy = self.home.policy()
        for index in (source.index() for source in self.sources.all()):
            if verify.freshness(index, policy, now=self.now) is verify.Freshness.TOO_OLD:
                raise StaleError(
                    "what is known of the marketplace is too old to install from",
                    why=f"it is of {index.as_of:%Y-%m-%d}",
                    hint="run `pluginry source refresh`; what is installed keeps working",
                )
        return resolve(wants, self._situation(upgrade))

    def _situation(self, upgrade: frozenset[PluginId]) -> Situation:
        config = self.home.config()
        record, revocations = cache(self.sources.record), cache(self.sources.revocations_for)

        def blocking(plugin: PluginId, release: ReleaseRecord) -> Revocation | None:
            if not revocations(plugin):
                return None
            subject = _subject(record(plugin), plugin, release, release.artifact_for(config.platform))
            return next((one for one in revocations(plugin) if one.blocks_installing and one.hits(subject)), None)

        return Situation(
            record=record,
            blocking=blocking,
            host=config.host,
            host_version=config.host_version,
            platform=config.platform,
            installed={plugin: installed.version for plugin, installed in self.current.items()},
            upgrade=upgrade,
        )

    def _plan(self, cause: str, chosen: tuple[Chosen, ...], *, requested: set[PluginId], held: set[PluginId]) -> Plan:
        """Return the plan that makes `chosen` the whole set of installed plugins."""
        current = self.current
        policy = self.home.policy()
        manifests = {one.plugin: self.sources.serving(one.plugin).manifest(one.plugin, one.release) for one in chosen}
        afresh = (self._installed_as(one, manifests[one.plugin], current.get(one.plugin)) for one in chosen)
        result = [replace(i, requested=True, held=i.id in held) if i.id in requested else i for i in afresh]
        result += [orphan for plugin, orphan in self._orphans().items() if plugin not in manifests]
        after = {installed.id: installed.sha256 for installed in result}
        changes = [
            PlannedChange(plugin=one.plugin, before=current.get(one.plugin), after=one, manifest=manifests[one.plugin])
            for one in chosen
            if one.plugin not in current
            or current[one.plugin].sha256 != after[one.plugin]
            or (one.plugin in requested and damages(self.home, current[one.plugin]))
        ]
        for change in changes:
            if change.after and change.manifest:
                check_policy(change.manifest, change.after.release.channel, policy)
        going = [current[name] for name in sorted(current.keys() - after.keys())]
        changes += [PlannedChange(plugin=installed.id, before=installed, after=None) for installed in going]
        warnings = [
            f"{revocation.advisory}: {revocation.summary} ({one.plugin} {one.release.version})"
            for one in chosen
            for revocation in self._revocations_of(one)
        ]
        warnings += self._old_sources(chosen)
        # Putting the same bytes back asks nothing of their publisher.
        arriving = (
            one.plugin for one in changes if one.after and (not one.before or one.before.sha256 != after[one.plugin])
        )
        consent = ask_consent(
            (manifests[change.plugin] for change in changes if change.after),
            hosts=self.sources.hosts(),
            granted={plugin: installed.granted for plugin, installed in current.items()},
        )
        return Plan(
            cause=cause,
            base=self.start.number if self.start else 0,
            changes=tuple(changes),
            consent=consent,
            result=tuple(result),
            warnings=tuple(warnings),
            publishers=tuple(filter(None, (self.sources.serving(one).publisher_change(one) for one in arriving))),
        )

    def _revocations_of(self, chosen: Chosen) -> tuple[Revocation, ...]:
        """Return the revocations that hit a chosen release: those that only warn, or that came after it did."""
        in_force = self.sources.revocations_for(chosen.plugin)
        if not in_force:
            return ()
        artifact = chosen.release.artifact_for(self.home.config().platform)
        subject = _subject(self.sources.record(chosen.plugin), chosen.plugin, chosen.release, artifact)
        return tuple(one for one in in_force if one.hits(subject))

    def _old_sources(self, chosen: tuple[Chosen, ...]) -> list[str]:
        """Return a warning for each source in use of which nothing was heard for a while."""
        policy = self.home.policy()
        sources = {source.config.name: source for source in (self.sources.serving(one.plugin) for one in chosen)}
        return [
            f"nothing was heard of {name} since {source.index().as_of:%Y-%m-%d}: run `pluginry source refresh`"
            for name, source in sorted(sources.items())
            if verify.freshness(source.index(), policy, now=self.now) is verify.Freshness.OLD
        ]

    def _installed_as(self, chosen: Chosen, manifest: Manifest, before: InstalledPlugin | None) -> InstalledPlugin:
        platform = self.home.config().platform
        artifact = chosen.release.artifact_for(platform)
        if artifact is None:
            raise NotFoundError(f"{chosen.plugin} {chosen.release.version} has no package for {platform}")
        return InstalledPlugin(
            id=chosen.plugin,
            version=chosen.release.version,
            sha256=artifact.sha256,
            enabled=bool(before and before.enabled),
            requested=bool(before and before.requested),
            held=bool(before and before.held),
            granted=tuple(sorted(permission.grant for permission in manifest.permissions)),
        )

    def _orphans(self) -> dict[PluginId, InstalledPlugin]:
        """Return installed plugins that no source offers any more, and those that need one: they stay as they are."""
        current = self.current
        gone = {plugin for plugin, installed in current.items() if not self.sources.offers(plugin, installed.version)}
        return {
            plugin: installed
            for plugin, installed in current.items()
            if gone & self.home.with_dependencies({plugin}, among=current)
        }

    def _channel_of(self, installed: InstalledPlugin) -> Channel:
        """Return the channel that updates are looked for on: the one the installed release is on."""
        record = self.sources.record(installed.id)
        releases = record.releases if record else ()
        return next((one.channel for one in releases if one.version == installed.version), Channel.STABLE)


def _users(needed: set[PluginId], changes: Iterable[PlannedChange]) -> set[PluginId]:
    """Return `needed` and every changed plugin that comes to need one of them."""
    manifests = [change.manifest for change in changes if change.manifest]
    users = set(needed)
    while more := {manifest.id for manifest in manifests if users & manifest.dependencies.keys()} - users:
        users |= more
    return users


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


def _at(installed: InstalledPlugin) -> VersionRange:
    return VersionRange(f"=={installed.version}")
