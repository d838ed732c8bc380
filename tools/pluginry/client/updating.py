"""Plans for updating: which plugins move to newer versions, and which wait until somebody agrees to what is new.

In: the plugins to update, what is offered, what the user agreed to already. Out: a `Plan`. It changes nothing, and
never lets one plugin's open question keep the others from their updates.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from pluginry.client.drafting import draft
from pluginry.client.plugin_home import not_installed
from pluginry.client.provenance import refuse_unproven
from pluginry.client.publisher_pins import is_agreed, refuse_strangers
from pluginry.client.resolve import Wanted, exactly
from pluginry.model.versions import EVERY_VERSION

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pluginry.client.consent import PermissionAsk
    from pluginry.client.offers import Offers
    from pluginry.client.plan import Plan, PlannedChange, Refusal
    from pluginry.client.provenance import ProvenanceLoss
    from pluginry.client.publisher_pins import PublisherChange
    from pluginry.model.names import PluginId


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreed:
    """What the user agreed to: ``permissions``, other ``publishers`` than before, plugins that are ``unproven`` now."""

    permissions: frozenset[str] = frozenset()
    publishers: frozenset[PluginId] = frozenset()
    unproven: frozenset[PluginId] = frozenset()


@dataclass(slots=True)
class _OpenQuestions:
    """What keeps plugins from being updated, by what it is about; filled by one attempt after the other."""

    permissions: dict[tuple[PluginId, str], PermissionAsk] = field(default_factory=dict)
    publishers: dict[PluginId, PublisherChange] = field(default_factory=dict)
    unproven: dict[PluginId, ProvenanceLoss] = field(default_factory=dict)
    refused: dict[PluginId, Refusal] = field(default_factory=dict)

    @property
    def plugins(self) -> set[PluginId]:
        """Whom they are about."""
        asked = {ask.plugin for ask in self.permissions.values()}
        return asked | self.publishers.keys() | self.unproven.keys() | self.refused.keys()

    def add(self, others: _OpenQuestions) -> None:
        """Take `others` in."""
        self.permissions |= others.permissions
        self.publishers |= others.publishers
        self.unproven |= others.unproven
        self.refused |= others.refused

    def refuse(self, named: frozenset[PluginId]) -> None:
        """Refuse what was asked for by name and is not a matter of permissions."""
        for plugin in sorted(named):
            if plugin in self.refused:
                raise self.refused[plugin].error
            refuse_strangers(filter(None, [self.publishers.get(plugin)]), accepted=())
            refuse_unproven(filter(None, [self.unproven.get(plugin)]), accepted=())


def plan_update(offers: Offers, plugins: Iterable[PluginId] = (), *, agreed: Agreed, in_person: bool = True) -> Plan:
    """Return what updating `plugins` (all when empty) would change; who asks not `in_person` hears no refusals.

    A plugin whose new version asks for more than was granted or agreed to, comes from another publisher or without the
    provenance that was there before, or is refused by a policy, is listed under ``waiting``: the old version keeps
    running until somebody agrees.

    Raises:
        NotFoundError: one of `plugins` is not installed.
        PolicyError: one of `plugins` waits for something else than permissions.

    """
    named = frozenset(plugins)
    for plugin in sorted(named - offers.current.keys()):
        raise not_installed(plugin, offers.current)
    strangers = {
        plugin: change
        for plugin, change in offers.moved().items()
        if plugin in (named or offers.current) and not is_agreed(change, agreed.publishers)
    }
    orphans = frozenset(offers.orphans(welcome=agreed.publishers))
    movable = frozenset(
        installed.id
        for installed in offers.current.values()
        if installed.id in (named or offers.current) and installed.id not in orphans and not installed.held
    )
    waiting = frozenset(strangers)
    open_questions = _OpenQuestions(publishers=strangers)
    open_questions.refuse(named if in_person else frozenset())
    while True:
        upgrade = movable - waiting
        chosen = offers.choose(_wants(offers, upgrade, waiting, orphans), upgrade=upgrade)
        plan = draft("update", chosen, offers)
        found = _questions(plan, agreed)
        found.refuse(named if in_person else frozenset())
        if not found.plugins or not upgrade:
            return replace(
                plan,
                waiting=tuple(sorted(waiting)),
                waiting_for=tuple(open_questions.permissions.values()),
                waiting_publishers=tuple(open_questions.publishers.values()),
                waiting_unproven=tuple(open_questions.unproven.values()),
                refused=(*open_questions.refused.values(), *plan.refused),
            )
        open_questions.add(found)
        # Also what brings along a new plugin that somebody has to be asked about.
        waiting |= (upgrade & _users(found.plugins, plan.changes)) or upgrade


def _questions(plan: Plan, agreed: Agreed) -> _OpenQuestions:
    return _OpenQuestions(
        {(ask.plugin, ask.grant): ask for ask in plan.consent.missing(agreed.permissions)},
        {one.plugin: one for one in plan.publishers if not is_agreed(one, agreed.publishers)},
        {one.plugin: one for one in plan.unproven if one.plugin not in agreed.unproven},
        {one.plugin: one for one in plan.refused},
    )


def _wants(
    offers: Offers, upgrade: frozenset[PluginId], waiting: frozenset[PluginId], orphans: frozenset[PluginId]
) -> Iterator[Wanted]:
    """Yield a wish for each plugin that stays for its own sake: any version, or the one that is there."""
    for installed in offers.current.values():
        if installed.id not in orphans and (installed.requested or installed.id in waiting):
            versions = EVERY_VERSION if installed.id in upgrade else exactly(installed.version)
            yield Wanted(plugin=installed.id, versions=versions, channel=offers.channel_of(installed))


def _users(needed: set[PluginId], changes: Iterable[PlannedChange]) -> set[PluginId]:
    """Return `needed` and every changed plugin that comes to need one of them."""
    manifests = [change.manifest for change in changes if change.manifest]
    users = set(needed)
    while more := {manifest.id for manifest in manifests if users & manifest.dependencies.keys()} - users:
        users |= more
    return users
