"""From chosen releases to a plan: what they change, what the user is asked, and what the machine's policy says.

In: what is offered, the releases that shall be the whole set of installed plugins. Out: a `Plan`. It chooses nothing
and changes nothing.
"""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from pluginry.client.consent import ask_consent, check_policy
from pluginry.client.integrity import damages
from pluginry.client.plan import Plan, PlannedChange, Refusal
from pluginry.client.provenance import NONE_NAMED, ProvenanceLoss, demand_of, provenance_of
from pluginry.errors import NotFoundError, PolicyError
from pluginry.model.receipt import InstalledPlugin

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from pluginry.client.offers import Offers
    from pluginry.client.resolve import Chosen
    from pluginry.model.manifest import Manifest
    from pluginry.model.names import Platform, PluginId


def draft(
    cause: str,
    chosen: tuple[Chosen, ...],
    offers: Offers,
    *,
    granted: Mapping[PluginId, tuple[str, ...]] = MappingProxyType({}),
    requested: frozenset[PluginId] = frozenset(),
    held: frozenset[PluginId] = frozenset(),
) -> Plan:
    """Return the plan that makes `chosen` the whole set of installed plugins.

    What each plugin is ``granted`` needs no consent, like what it has already. ``requested`` are those that the user
    asked for in person, ``held`` those of them that updates leave alone. What the machine's policy does not allow is
    among ``refused``: such a plan is not for carrying out.
    """
    current, sources, platform = offers.current, offers.sources, offers.home.config().platform
    manifests = {one.plugin: sources.serving(one.plugin).manifest(one.plugin, one.release) for one in chosen}
    afresh = (_installed_as(one, manifests[one.plugin], current.get(one.plugin), platform) for one in chosen)
    result = [replace(i, requested=True, held=i.id in held) if i.id in requested else i for i in afresh]
    result += [orphan for plugin, orphan in offers.orphans().items() if plugin not in manifests]
    after = {installed.id: installed.sha256 for installed in result}
    coming = [
        PlannedChange(plugin=one.plugin, before=current.get(one.plugin), after=one, manifest=manifests[one.plugin])
        for one in chosen
        if one.plugin not in current
        or current[one.plugin].sha256 != after[one.plugin]
        or (one.plugin in requested and damages(offers.home, current[one.plugin]))
    ]
    going = [current[name] for name in sorted(current.keys() - after.keys())]
    # Putting the same bytes back asks nothing of their publisher, but where they come from.
    arriving = [one for one in coming if not one.before or one.before.sha256 != after[one.plugin]]
    strangers = (
        (sources.publisher_change if one in arriving else sources.source_change)(one.plugin, one.before)
        for one in coming
    )
    consent = ask_consent(
        (change.manifest for change in coming if change.manifest),
        hosts=sources.hosts(),
        granted={
            one.plugin: (*granted.get(one.plugin, ()), *(one.before.granted if one.before else ())) for one in coming
        },
    )
    return Plan(
        cause=cause,
        base=offers.base,
        changes=(*coming, *(PlannedChange(plugin=one.id, before=one, after=None) for one in going)),
        consent=consent,
        result=tuple(result),
        warnings=offers.warnings_about(chosen),
        publishers=tuple(filter(None, strangers)),
        unproven=tuple(_losses(arriving, offers)),
        refused=tuple(_refusals(coming, offers)),
    )


def _losses(arriving: Iterable[PlannedChange], offers: Offers) -> Iterator[ProvenanceLoss]:
    """Yield what was installed with provenance, and comes as a package for which none is named."""
    for change in arriving:
        if change.after and not _names_provenance(change.after, offers):
            plugin, version = change.plugin, change.after.release.version
            if offers.sources.is_proven(plugin, change.before):
                yield ProvenanceLoss(plugin=plugin, version=version, why=NONE_NAMED)


def _refusals(coming: Iterable[PlannedChange], offers: Offers) -> Iterator[Refusal]:
    """Yield what the policy of the machine, or of the marketplace, forbids to install whoever agrees."""
    policy = offers.home.policy()
    for change in coming:
        if change.after and change.manifest:
            plugin, release = change.plugin, change.after.release
            demand = demand_of(policy, offers.sources.serving(plugin).index().policy, had_it=False)
            try:
                check_policy(change.manifest, release.channel, policy)
            except PolicyError as error:
                yield Refusal(plugin=plugin, error=error)
            else:
                if demand and not _names_provenance(change.after, offers):
                    yield Refusal(plugin=plugin, error=demand.refusal(plugin, release.version, NONE_NAMED))


def _names_provenance(chosen: Chosen, offers: Offers) -> bool:
    artifact = chosen.release.artifact_for(offers.home.config().platform)
    return artifact is not None and provenance_of(chosen.release, artifact) is not None


def _installed_as(
    chosen: Chosen, manifest: Manifest, before: InstalledPlugin | None, platform: Platform
) -> InstalledPlugin:
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
