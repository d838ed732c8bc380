"""Why a plugin is installed, and why it, or a version of it, is not what would be installed: in sentences.

In: a plugin or a wish, what is offered. Out: sentences, the same reasons that choosing goes by. It changes nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pluginry.client.candidates import why_not as why_no_candidate
from pluginry.client.dependencies import needs_of
from pluginry.client.planning import plan_install
from pluginry.errors import NotFoundError, PluginryError, ResolutionError
from pluginry.model.status import Status

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pluginry.client.offers import Offers
    from pluginry.client.resolve import Wanted
    from pluginry.model.names import PluginId

_SHOWN_RELEASES = 8


def why(plugin: PluginId, offers: Offers) -> tuple[str, ...]:
    """Return why `plugin` is installed, first what you asked for yourself.

    Raises:
        NotFoundError: it is not installed.

    """
    current = offers.current
    if plugin not in current:
        raise NotFoundError(f"{plugin} is not installed", hint=f"pluginry why-not {plugin}")
    return tuple(_reasons(plugin, offers))


def why_not(want: Wanted, offers: Offers) -> tuple[str, ...]:
    """Return what keeps `want` from being installed now, the newest releases first; or what could be done.

    Raises:
        NotFoundError: there is no such plugin.

    """
    record = offers.sources.record(want.plugin)
    if record is None:
        raise NotFoundError(f"there is no plugin {want.plugin}", hint="look for it with `pluginry search`")
    said = [f"{want.plugin} was removed from the marketplace"] if record.status is Status.REMOVED else []
    situation = offers.situation(frozenset({want.plugin}))
    for release in record.releases[:_SHOWN_RELEASES]:
        reason = why_no_candidate(release, want, situation)
        if reason:
            said.append(f"{want.plugin} {release.version} {reason}")
    return tuple(dict.fromkeys((*said, *_outcome(want, offers))))


def _reasons(plugin: PluginId, offers: Offers) -> Iterator[str]:
    current = offers.current
    if current[plugin].requested:
        held = f", and hold it at {current[plugin].version}" if current[plugin].held else ""
        yield f"you asked for {plugin}{held}"
    for name, installed in sorted(current.items()):
        needed = needs_of(installed, offers.home).get(plugin)
        if needed is not None:
            yield f"{name} {installed.version} needs {plugin} {needed}"


def _outcome(want: Wanted, offers: Offers) -> Iterator[str]:
    """Yield what would come of installing `want` now."""
    try:
        plan = plan_install([want], offers)
    except ResolutionError as error:
        yield from error.reasons
        return
    except PluginryError as error:
        yield str(error)
        return
    chosen = next((change.after for change in plan.changes if change.plugin == want.plugin and change.after), None)
    if chosen is None:
        yield f"{want.plugin} {offers.current[want.plugin].version} is installed"
        return
    yield f"{want.plugin} {chosen.release.version} can be installed"
    missing = plan.consent.missing(())
    if missing:
        yield f"it asks for {', '.join(ask.grant for ask in missing)}"
    yield from (f"{change.plugin} comes from another publisher: {change.says}" for change in plan.publishers)
