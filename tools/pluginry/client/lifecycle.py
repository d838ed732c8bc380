"""What happens to plugins when a home changes, and who is asked before and told afterwards.

In: two sets of installed plugins. Out: transitions, in the order in which a host should follow them. A host's callbacks
may forbid a change before it is made; nothing of a plugin is ever run here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

from pluginry.errors import VetoError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pluginry.model.names import PluginId
    from pluginry.model.receipt import InstalledPlugin


class Event(IntEnum):
    """What happens to a plugin, in the order of one change: what goes makes room for what comes."""

    DISABLE = 1
    REMOVE = 2
    UPDATE = 3
    INSTALL = 4
    ENABLE = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """A plugin before and after: ``before`` is None when it comes, ``after`` when it goes. A downgrade is an update."""

    event: Event
    plugin: PluginId
    before: InstalledPlugin | None
    after: InstalledPlugin | None

    def __str__(self) -> str:
        versions = " to ".join(str(one.version) for one in (self.before, self.after) if one)
        return f"{self.event.name.lower()} {self.plugin} {versions}"


Callback = Callable[[Transition], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hooks:
    """A host's callbacks. One of ``before`` that raises forbids the whole change; ``after`` hear of what was done."""

    before: tuple[Callback, ...] = ()
    after: tuple[Callback, ...] = ()

    def ask(self, changes: Iterable[Transition]) -> None:
        """Ask every callback about every change.

        Raises:
            VetoError: one of them raised an error; nothing was changed yet.

        """
        for change in changes:
            for callback in self.before:
                try:
                    callback(change)
                except Exception as error:
                    raise VetoError(f"the host does not allow to {change}", why=str(error)) from error

    def tell(self, changes: Iterable[Transition]) -> None:
        """Tell every callback; one that fails does not keep the others from hearing, and its error is raised last."""
        failures: list[Exception] = []
        for change in changes:
            for callback in self.after:
                try:
                    callback(change)
                except Exception as error:  # noqa: BLE001 - a host's own code: whatever it is, it is raised below
                    failures.append(error)
        if failures:
            raise failures[0]


def transitions(
    before: Mapping[PluginId, InstalledPlugin], after: Mapping[PluginId, InstalledPlugin]
) -> tuple[Transition, ...]:
    """Return what leads from one set of plugins to the other, in the order of `Event`, then by id."""
    found = [
        Transition(event=event, plugin=plugin, before=before.get(plugin), after=after.get(plugin))
        for plugin in before.keys() | after.keys()
        for event in _events(before.get(plugin), after.get(plugin))
    ]
    return tuple(sorted(found, key=lambda one: (one.event, one.plugin)))


def _events(before: InstalledPlugin | None, after: InstalledPlugin | None) -> Iterable[Event]:
    was, is_now = bool(before and before.enabled), bool(after and after.enabled)
    if was and not is_now:
        yield Event.DISABLE
    if after is None:
        yield Event.REMOVE
    elif before is None:
        yield Event.INSTALL
    elif before.sha256 != after.sha256:
        yield Event.UPDATE
    if is_now and not was:
        yield Event.ENABLE
