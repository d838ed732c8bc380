"""What a change would do, before it is done: plans for installing, updating and removing.

In: what is wanted, the home, the sources. Out: a `Plan`: every plugin before and after, what the user has to
agree to, warnings. It changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pluginry.client import verify
from pluginry.client.consent import ConsentRequest, ask_consent, check_policy
from pluginry.client.resolve import Chosen, Situation, Wanted, resolve
from pluginry.errors import NotFoundError, ResolutionError, StaleError
from pluginry.model.receipt import InstalledPlugin
from pluginry.model.versions import EVERY_VERSION, VersionRange

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from pluginry.client.plugin_home import PluginHome
    from pluginry.client.source_list import SourceList
    from pluginry.model.manifest import Manifest
    from pluginry.model.names import PluginId
    from pluginry.model.release import Channel


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedChange:
    """A plugin before and after a plan: ``before`` is None when it is new, ``after`` when it goes."""

    plugin: PluginId
    before: InstalledPlugin | None
    after: Chosen | None
    manifest: Manifest | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What would change, what the user is asked, and advisories that only warn. Nothing is changed yet."""

    cause: str
    changes: tuple[PlannedChange, ...]
    consent: ConsentRequest
    result: tuple[InstalledPlugin, ...]
    warnings: tuple[str, ...] = ()
    waiting: tuple[PluginId, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Planner:
    """Makes plans for one `home` as things are at `now`."""

    home: PluginHome
    sources: SourceList
    now: datetime

    def install(self, wanted: Iterable[Wanted]) -> Plan:
        """Return what installing `wanted` would change.

        Raises:
            StaleError: what is known is too old to install from.
            NotFoundError, ResolutionError, PolicyError: it cannot be done, and why.

        """
        wants = list(wanted)
        current = self.home.installed()
        kept = [
            Wanted(plugin=installed.id, versions=_at(installed))
            for installed in current.values()
            if installed.requested and installed.id not in {want.plugin for want in wants} | self._orphans().keys()
        ]
        asked = {want.plugin for want in wants}
        held = {want.plugin for want in wants if want.exact is not None}
        chosen = self._resolve([*wants, *kept], upgrade=frozenset(asked))
        return self._plan(f"install {', '.join(map(str, sorted(asked)))}", chosen, requested=asked, held=held)

    def update(self, plugins: Iterable[PluginId] = (), *, accepted: Iterable[str] = ()) -> Plan:
        """Return what updating `plugins` (all when empty) would change.

        A plugin whose new version asks for more than was granted or `accepted` stays as it is and is
        listed under ``waiting``: the old version keeps running until somebody agrees.
        """
        current = self.home.installed()
        for plugin in frozenset(plugins) - current.keys():
            raise NotFoundError(f"{plugin} is not installed")
        orphans = self._orphans().keys()
        names = (frozenset(plugins) or frozenset(current)) - orphans
        waiting: set[PluginId] = set()
        while True:
            upgrade = frozenset(name for name in names - waiting if not current[name].held)
            wants = [
                Wanted(
                    plugin=installed.id,
                    versions=EVERY_VERSION if installed.id in upgrade else _at(installed),
                    channel=self._channel_of(installed),
                )
                for installed in current.values()
                if installed.id not in orphans and (installed.requested or installed.id in waiting | upgrade)
            ]
            chosen = self._resolve(wants, upgrade=upgrade)
            plan = self._plan("update", chosen, requested=set(), held=set())
            blocked = {ask.plugin for ask in plan.consent.new if ask.grant not in set(accepted)}
            if not blocked or not upgrade:
                return replace(plan, waiting=tuple(sorted(waiting)))
            # When a dependency is what asks for more, everything that could have wanted it waits.
            waiting |= (blocked & upgrade) or upgrade

    def remove(self, plugins: Iterable[PluginId], *, cascade: bool = False) -> Plan:
        """Return what removing `plugins` would change: also what only they needed, and with `cascade` their users.

        Raises:
            ResolutionError: other installed plugins need them.

        """
        current = self.home.installed()
        going = set(plugins)
        for plugin in sorted(going - current.keys()):
            raise NotFoundError(f"{plugin} is not installed")
        while users := {
            name
            for name, installed in current.items()
            if name not in going and going & self.home.receipt(installed).manifest.dependencies.keys()
        }:
            if not cascade:
                raise ResolutionError(
                    "other plugins need them",
                    tuple(f"{name} needs one of them" for name in sorted(users)),
                    hint="remove those too, or pass --cascade",
                )
            going |= users
        needed = self.home.with_dependencies({name for name, i in current.items() if i.requested and name not in going})
        result = tuple(installed for name, installed in current.items() if name in needed)
        gone = (current[name] for name in sorted(current.keys() - needed))
        return Plan(
            cause=f"remove {', '.join(map(str, sorted(going)))}",
            changes=tuple(PlannedChange(plugin=i.id, before=i, after=None) for i in gone),
            consent=ConsentRequest(asks=()),
            result=result,
        )

    def _resolve(self, wants: Iterable[Wanted], *, upgrade: frozenset[PluginId]) -> tuple[Chosen, ...]:
        current = self.home.installed()
        config = self.home.config()
        policy = self.home.policy()
        indexes = [source.index() for source in self.sources.all()]
        for index in indexes:
            if verify.freshness(index, policy, now=self.now) is verify.Freshness.TOO_OLD:
                raise StaleError(
                    "what is known of the marketplace is too old to install from",
                    why=f"it is of {index.as_of:%Y-%m-%d}",
                    hint="run `pluginry source refresh`; what is installed keeps working",
                )
        situation = Situation(
            record=self.sources.record,
            advisories=tuple(advisory for index in indexes for advisory in index.advisories),
            host=config.host,
            host_version=config.host_version,
            platform=config.platform,
            installed={plugin: installed.version for plugin, installed in current.items()},
            upgrade=upgrade,
        )
        return resolve(wants, situation)

    def _plan(self, cause: str, chosen: tuple[Chosen, ...], *, requested: set[PluginId], held: set[PluginId]) -> Plan:
        """Return the plan that makes `chosen` the whole set of installed plugins."""
        current = self.home.installed()
        policy = self.home.policy()
        manifests = {one.plugin: self.sources.serving(one.plugin).manifest(one.plugin, one.release) for one in chosen}
        for manifest in manifests.values():
            check_policy(manifest, policy)
        afresh = (self._installed_as(one, manifests[one.plugin], current.get(one.plugin)) for one in chosen)
        result = [replace(i, requested=True, held=i.id in held) if i.id in requested else i for i in afresh]
        result += [orphan for plugin, orphan in self._orphans().items() if plugin not in manifests]
        after = {installed.id: installed.sha256 for installed in result}
        changes = [
            PlannedChange(plugin=one.plugin, before=current.get(one.plugin), after=one, manifest=manifests[one.plugin])
            for one in chosen
            if one.plugin not in current or current[one.plugin].sha256 != after[one.plugin]
        ]
        going = [current[name] for name in sorted(current.keys() - after.keys())]
        changes += [PlannedChange(plugin=installed.id, before=installed, after=None) for installed in going]
        warnings = [
            f"{advisory.id}: {advisory.summary} ({one.plugin} {one.release.version})"
            for one in chosen
            for advisory in self.sources.advisories_about(one.plugin, one.release.version, after[one.plugin])
        ]
        consent = ask_consent(
            (manifests[change.plugin] for change in changes if change.after),
            hosts=self.sources.hosts(),
            granted={plugin: installed.granted for plugin, installed in current.items()},
        )
        return Plan(
            cause=cause, changes=tuple(changes), consent=consent, result=tuple(result), warnings=tuple(warnings)
        )

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
        """Return installed plugins whose release no source offers any more: they stay as they are."""
        return {
            plugin: installed
            for plugin, installed in self.home.installed().items()
            if not self.sources.offers(plugin, installed.version)
        }

    def _channel_of(self, installed: InstalledPlugin) -> Channel:
        """Return the channel that updates are looked for on: the one the installed release came from."""
        return self.home.receipt(installed).channel


def _at(installed: InstalledPlugin) -> VersionRange:
    return VersionRange(f"=={installed.version}")
