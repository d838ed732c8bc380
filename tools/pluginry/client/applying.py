"""Carries out a plan: everything is fetched, verified and unpacked first, and then one generation makes it current.

In: a plan that was agreed to, the home, the sources, the time. Out: the new generation, or one that waits as *staged*
until the host has time for it. A failure half-way leaves the old one; it never decides what is installed: see the plan.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pluginry.client.enabling import with_enabled
from pluginry.client.fitness import require_installable
from pluginry.client.install import install_release
from pluginry.client.integrity import damages
from pluginry.client.provenance import demand_of
from pluginry.client.release_age import must_be_out_since
from pluginry.errors import BusyError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from pluginry.client.plan import Plan
    from pluginry.client.plugin_home import PluginHome
    from pluginry.client.provenance import ProvenanceDemand
    from pluginry.client.source_list import SourceList
    from pluginry.model.names import PluginId
    from pluginry.model.receipt import Generation, InstalledPlugin
    from pluginry.ports import Progress


def carry_out(
    plan: Plan,
    *,
    home: PluginHome,
    sources: SourceList,
    now: datetime,
    accepted_unproven: Iterable[PluginId] = (),
    enable: bool = False,
    stage: bool = False,
    progress: Progress | None = None,
) -> Generation:
    """Make `plan` the new state of the home, or with `stage` the one that comes next; see `switch_to_staged`.

    With `enable`, what is new in it is enabled.

    Raises:
        BusyError: the home was changed since the plan was made.
        PolicyError: this machine's clock went back (removing goes on all the same); or a package has no provenance
            that counts, where it is demanded or was there before and nobody accepted that it is not.
        TrustError: a package failed a check.

    """
    waived = frozenset(accepted_unproven)
    with home.locked():
        newest = home.generations.newest()
        if (newest.number if newest else 0) != plan.base:
            raise BusyError("the plugin home was changed meanwhile", hint="run the command again")
        if enable or plan.enabling or any(change.after for change in plan.changes):
            sources.check_clock()
        after = {installed.id: installed for installed in plan.result}
        policy, platform = home.policy(), home.config().platform
        limit = must_be_out_since(policy, now=now)
        for change in plan.changes:
            if change.after is None:
                continue
            source = sources.serving(change.plugin)
            had_it = sources.is_proven(change.plugin, change.before) and change.plugin not in waived
            demand = demand_of(policy, source.index().policy, had_it=had_it)
            if not _is_there(after[change.plugin], home, demand):
                install_release(
                    change.after,
                    source=source,
                    home=home,
                    platform=platform,
                    now=now,
                    demand=demand,
                    # What was chosen although it is younger mends a fault.
                    signed_until=limit if limit and change.after.release.published_at <= limit else None,
                    progress=progress,
                )
        wanted = {change.plugin for change in plan.changes if enable and change.before is None}
        result = with_enabled(after, wanted | plan.enabling, home=home, sources=sources)
        if stage and plan.changes:
            generation = home.generations.stage(result, cause=plan.cause, now=now)
        else:
            generation = home.commit(result, cause=plan.cause, now=now)
        for change in plan.changes:
            installed = after.get(change.plugin)
            if installed and (change.before is None or change.before.sha256 != installed.sha256):
                is_proven = home.receipt(installed).provenance is not None
                sources.serving(change.plugin).pin(change.plugin, proven=is_proven)
        return generation


def switch_to_staged(*, home: PluginHome, sources: SourceList, now: datetime) -> Generation:
    """Make the staged generation the current one; it needs no network.

    Raises:
        NotFoundError: nothing is staged, or the home was changed since.
        RevokedError: an advisory that came meanwhile is against it.
        TamperedError: files are not what was staged.
        PolicyError: this machine's clock went back.

    """
    with home.locked():
        staged = home.generations.staged()
        if staged is None:
            hint = "stage it (again): pluginry update --stage"
            raise NotFoundError("nothing is staged for this state of the plugin home", hint=hint)
        sources.check_clock()
        current = home.installed()
        for one in staged.plugins:
            if one.id not in current or current[one.id].sha256 != one.sha256:
                require_installable(one, home=home, sources=sources)
        return home.commit(staged.plugins, cause=staged.cause, now=now)


def _is_there(installed: InstalledPlugin, home: PluginHome, demand: ProvenanceDemand | None) -> bool:
    """Return whether a package lies there as it was installed once, and was proven then if it must be."""
    return not damages(home, installed) and (demand is None or home.receipt(installed).provenance is not None)
