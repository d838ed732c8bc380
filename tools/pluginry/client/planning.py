"""Plans for installing and removing; those for updating are in updating.py.

In: what is wanted, what is offered. Out: a `Plan`. It changes nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pluginry.client.consent import ConsentRequest
from pluginry.client.dependencies import users_of, with_needs
from pluginry.client.drafting import draft
from pluginry.client.plan import Plan, PlannedChange
from pluginry.client.plugin_home import not_installed
from pluginry.client.resolve import Wanted, exactly
from pluginry.errors import ResolutionError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pluginry.client.offers import Offers
    from pluginry.model.names import PluginId


def plan_install(wanted: Iterable[Wanted], offers: Offers) -> Plan:
    """Return what installing `wanted` would change; one that is installed and damaged is installed again.

    Raises:
        StaleError: what is known is too old to install from.
        NotFoundError, ResolutionError, PolicyError: it cannot be done, and why.

    """
    wants = tuple(wanted)
    asked = frozenset(want.plugin for want in wants)
    kept = (
        Wanted(plugin=installed.id, versions=exactly(installed.version))
        for installed in offers.current.values()
        if installed.requested and installed.id not in asked | offers.orphans().keys()
    )
    chosen = offers.choose([*wants, *kept], upgrade=asked)
    held = frozenset(want.plugin for want in wants if want.exact is not None)
    plan = draft(f"install {', '.join(map(str, sorted(asked)))}", chosen, offers, requested=asked, held=held)
    plan.require_allowed()
    return plan


def plan_remove(plugins: Iterable[PluginId], offers: Offers, *, cascade: bool = False) -> Plan:
    """Return what removing `plugins` would change: also what only they needed, and with `cascade` their users.

    Raises:
        NotFoundError: one of them is not installed.
        ResolutionError: other installed plugins need them.

    """
    current, home = offers.current, offers.home
    going = set(plugins)
    for plugin in sorted(going - current.keys()):
        raise not_installed(plugin, current)
    while users := users_of(going, current, home):
        if not cascade:
            raise ResolutionError(
                "other plugins need them",
                tuple(f"{name} needs one of them" for name in sorted(users)),
                hint="remove those too, or pass --cascade",
            )
        going |= users
    staying = {name for name, installed in current.items() if installed.requested and name not in going}
    needed = with_needs(staying, current, home)
    gone = (current[name] for name in sorted(current.keys() - needed))
    return Plan(
        cause=f"remove {', '.join(map(str, sorted(going)))}",
        base=offers.base,
        changes=tuple(PlannedChange(plugin=one.id, before=one, after=None) for one in gone),
        consent=ConsentRequest(asks=()),
        result=tuple(installed for name, installed in current.items() if name in needed),
    )
