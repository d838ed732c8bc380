"""What a scheduler may update by itself, and when: the machine's policy, read for the plugins that are installed.

In: the policy, what is offered, the local time. Out: plugins that may move now, and those whose owner is only told. It
changes nothing, and a fix of a known fault is the only thing for which *security-only* moves.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import time
from typing import TYPE_CHECKING

from pluginry.client.fitness import revocations_of
from pluginry.errors import DocumentError
from pluginry.model.receipt import UpdateMode

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from pluginry.client.offers import Offers
    from pluginry.model.names import PluginId
    from pluginry.model.receipt import ClientPolicy, InstalledPlugin

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_WINDOW = re.compile(r"(?P<first>\w{3})(-(?P<last>\w{3}))? (?P<start>\d\d:\d\d)-(?P<end>\d\d:\d\d)\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """Plugins with a newer version: those that ``may_move`` now, and those of which somebody is ``told``."""

    may_move: frozenset[PluginId] = frozenset()
    told: frozenset[PluginId] = frozenset()


def due(offers: Offers, *, local_time: datetime) -> Due:
    """Return what is due; outside the window everything is only told, but for what is kept manual.

    What is not out for as long as its marketplace wants, is told too, and does not move by itself.

    Raises:
        DocumentError: the policy has a window that is none.

    """
    policy = offers.home.policy()
    is_open = is_in_window(policy.update_window, local_time)
    in_person = replace(offers, is_scheduled=False)
    newer = {
        plugin: installed
        for plugin, installed in offers.current.items()
        if not installed.held and in_person.newer(installed) is not None
    }
    modes = {plugin: _mode(plugin, policy) for plugin in newer}
    moving = frozenset(
        plugin for plugin, installed in newer.items() if is_open and _may_move(installed, modes[plugin], offers)
    )
    told = frozenset(plugin for plugin, mode in modes.items() if mode is not UpdateMode.MANUAL and plugin not in moving)
    return Due(may_move=moving, told=told)


def is_in_window(windows: Iterable[str], local_time: datetime) -> bool:
    """Return whether it is time: in one of `windows` such as ``Sat-Sun 02:00-05:00``, or there is none.

    A window whose end is before its start goes on into the next day.

    Raises:
        DocumentError: one of them is not of that form.

    """
    parsed = [_parsed(window) for window in windows]
    today, now = local_time.weekday(), local_time.time()
    for days, start, end in parsed:
        if start <= end and today in days and start <= now < end:
            return True
        is_early, is_late = now < end and (today - 1) % 7 in days, now >= start and today in days
        if start > end and (is_early or is_late):
            return True
    return not parsed


def _mode(plugin: PluginId, policy: ClientPolicy) -> UpdateMode:
    return policy.update_overrides.get(plugin, policy.updates)


def _may_move(installed: InstalledPlugin, mode: UpdateMode, offers: Offers) -> bool:
    if offers.newer(installed) is None:
        return False
    if mode is UpdateMode.SECURITY_ONLY:
        return bool(revocations_of(installed, home=offers.home, sources=offers.sources))
    return mode is UpdateMode.AUTOMATIC


def _parsed(window: str) -> tuple[frozenset[int], time, time]:
    """Return the days of a window, 0 for Monday, and when it opens and closes."""
    try:
        found = _WINDOW.match(window) or {"first": "", "last": "", "start": "", "end": ""}
        first, last = _DAYS.index(found["first"]), _DAYS.index(found["last"] or found["first"])
        days = frozenset((first + step) % 7 for step in range((last - first) % 7 + 1))
        return days, time.fromisoformat(found["start"]), time.fromisoformat(found["end"])
    except ValueError as error:
        raise DocumentError(
            f"{window!r} is no window for updates", where="policy.toml", hint="write it like 'Sat-Sun 02:00-05:00'"
        ) from error
