"""Makes a home what ``plugins.toml`` and ``plugins.lock`` say, and says what they would be for a home as it is.

In: an intent, the lock that answers it so far, what is offered. Out: a plan like any other, and the new lock. It keeps
to the lock as long as that answers the intent, and never takes another package under a version that was locked.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pluginry.client.drafting import draft
from pluginry.client.plan import PlannedChange
from pluginry.client.resolve import Wanted, exactly
from pluginry.errors import NotFoundError, PolicyError, TamperedError
from pluginry.model.intent import IntendedPlugin, Intent, Lock, LockedPlugin
from pluginry.model.versions import EVERY_VERSION

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pluginry.client.offers import Offers
    from pluginry.client.plan import Plan
    from pluginry.client.plugin_home import PluginHome
    from pluginry.client.resolve import Chosen
    from pluginry.client.source_list import SourceList
    from pluginry.model.names import PluginId
    from pluginry.model.receipt import InstalledPlugin


@dataclass(frozen=True, slots=True, kw_only=True)
class Synced:
    """What ``plan`` makes of a home, the ``lock`` that says so, and what in it is ``new`` against the lock before."""

    plan: Plan
    lock: Lock
    news: tuple[str, ...]


def plan_sync(intent: Intent, lock: Lock | None, offers: Offers, *, upgrade: Iterable[PluginId] | None = ()) -> Synced:
    """Return what makes the home what `intent` says; what is in `lock` stays, but for `upgrade` (None: for nothing).

    Raises:
        TamperedError: the marketplace offers other packages under a locked version.
        PolicyError: a locked plugin has another source or publisher now.
        NotFoundError, ResolutionError: it cannot be done, and why.

    """
    locked = lock or Lock()
    moving = frozenset(locked.versions if upgrade is None else upgrade)
    keeping = {plugin: version for plugin, version in locked.versions.items() if plugin not in moving}
    wants = [
        Wanted(plugin=plugin, versions=wish.versions, channel=wish.channel) for plugin, wish in intent.plugins.items()
    ]
    chosen = offers.choose(wants, upgrade=moving, instead_of_installed=keeping)
    for one in locked.plugins:
        _refuse_other(one, chosen, offers.sources)
    plan = draft("make it what plugins.toml says", chosen, offers, granted=locked.granted)
    result = tuple(_as_intended(one, intent.plugins.get(one.id)) for one in plan.result if _is_among(one, chosen))
    left = [one for one in plan.result if not _is_among(one, chosen)]
    plan = replace(
        plan,
        result=result,
        changes=(*plan.changes, *(PlannedChange(plugin=one.id, before=one, after=None) for one in left)),
        enabling=frozenset(plugin for plugin, wish in intent.plugins.items() if wish.enabled),
    )
    answer = Lock(plugins=tuple(_locked(one, installed, offers.sources) for one, installed in _pairs(chosen, result)))
    return Synced(plan=plan, lock=answer, news=tuple(_news(locked, answer)))


def intent_of(home: PluginHome, sources: SourceList) -> Intent:
    """Return the intent that a home follows as it is: what was asked for in person, held where it is held."""
    return Intent(
        sources=sources.home.sources().sources,
        plugins={
            plugin: IntendedPlugin(
                versions=exactly(installed.version) if installed.held else EVERY_VERSION,
                channel=home.receipt(installed).channel,
                enabled=installed.enabled,
            )
            for plugin, installed in sorted(home.installed().items())
            if installed.requested
        },
    )


def lock_of(offers: Offers) -> Lock:
    """Return the lock of a home as it is.

    Raises:
        NotFoundError: a plugin is not offered any more, and no lock could bring it back.

    """
    return Lock(plugins=tuple(_locked_now(installed, offers) for _, installed in sorted(offers.current.items())))


def _locked_now(installed: InstalledPlugin, offers: Offers) -> LockedPlugin:
    record = offers.sources.record(installed.id)
    for release in record.releases if record else ():
        if any(artifact.sha256 == installed.sha256 for artifact in release.artifacts):
            return LockedPlugin(
                id=installed.id,
                version=installed.version,
                source=offers.sources.serving(installed.id).config.name,
                artifacts=release.artifacts,
                publisher=record.publisher if record else None,
                granted=installed.granted,
            )
    raise NotFoundError(f"{installed.id} {installed.version} is not offered any more", hint="update it, or remove it")


def _locked(chosen: Chosen, installed: InstalledPlugin, sources: SourceList) -> LockedPlugin:
    record = sources.record(chosen.plugin)
    return LockedPlugin(
        id=chosen.plugin,
        version=chosen.release.version,
        source=sources.serving(chosen.plugin).config.name,
        artifacts=chosen.release.artifacts,
        publisher=record.publisher if record else None,
        granted=installed.granted,
    )


def _pairs(chosen: tuple[Chosen, ...], result: tuple[InstalledPlugin, ...]) -> Iterator[tuple[Chosen, InstalledPlugin]]:
    by_plugin = {installed.id: installed for installed in result}
    return ((one, by_plugin[one.plugin]) for one in chosen)


def _is_among(installed: InstalledPlugin, chosen: tuple[Chosen, ...]) -> bool:
    return any(one.plugin == installed.id for one in chosen)


def _as_intended(installed: InstalledPlugin, wish: IntendedPlugin | None) -> InstalledPlugin:
    """Return a plugin as the intent wants it; what only others need has no say of its own."""
    if wish is None:
        return replace(installed, requested=False, held=False)
    want = Wanted(plugin=installed.id, versions=wish.versions)
    return replace(installed, requested=True, held=want.exact is not None, enabled=installed.enabled and wish.enabled)


def _refuse_other(locked: LockedPlugin, chosen: tuple[Chosen, ...], sources: SourceList) -> None:
    """Refuse a release that is not the one that was locked, or that comes from somewhere or somebody else."""
    found = next((one.release for one in chosen if one.plugin == locked.id), None)
    if found is None:
        return
    if found.version == locked.version and not set(locked.artifacts) <= set(found.artifacts):
        raise TamperedError(
            f"{locked.id} {locked.version} is not the release that was locked",
            why="the marketplace offers another package under this version",
            hint="tell the marketplace's owner: a published release never changes",
        )
    source, record = sources.serving(locked.id).config.name, sources.record(locked.id)
    if source != locked.source:
        raise PolicyError(
            f"{locked.id} was locked from another source",
            why=f"it was {locked.source}, and is {source} here",
            hint="give the sources the namespaces that they had, or lock it anew: pluginry lock --upgrade-all",
        )
    publisher = record.publisher if record else None
    if locked.publisher and not (publisher and publisher.is_same_as(locked.publisher)):
        raise PolicyError(
            f"{locked.id} has another publisher than when it was locked",
            why=f"it was {locked.publisher.repository}, and is {publisher.repository if publisher else 'nobody'}",
            hint=f"if you trust the new one, remove {locked.id} from plugins.lock and lock it anew",
        )


def _news(before: Lock, after: Lock) -> Iterator[str]:
    """Yield what differs between two locks, a sentence each."""
    was = before.versions
    for plugin, version in after.versions.items():
        if plugin not in was:
            yield f"{plugin} {version} is new"
        elif was[plugin] != version:
            yield f"{plugin} moves from {was[plugin]} to {version}"
    for plugin in sorted(was.keys() - after.versions.keys()):
        yield f"{plugin} {was[plugin]} goes"
