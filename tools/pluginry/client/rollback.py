"""Going back: one plugin to the version it had before, or everything to an earlier generation.

In: the home with what stayed on disk, the sources, the time. Out: a new generation like the earlier one. It needs no
network, and never brings back what must not be installed or run, or does not fit the others.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pluginry.client.dependencies import needs_of
from pluginry.client.fitness import require_fit, require_installable
from pluginry.client.plugin_home import not_installed
from pluginry.errors import NotFoundError, ResolutionError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from pluginry.client.plugin_home import PluginHome
    from pluginry.client.source_list import SourceList
    from pluginry.model.names import PluginId
    from pluginry.model.receipt import Generation, InstalledPlugin


def roll_back(plugin: PluginId, *, home: PluginHome, sources: SourceList, now: datetime) -> Generation:
    """Go back to the version that `plugin` had before; it is held there.

    Raises:
        NotFoundError: it is not installed, or no earlier version of it is left.
        ResolutionError: the earlier version does not fit the others.
        RevokedError: the earlier version was withdrawn meanwhile.
        TamperedError: its files are not what was installed.

    """
    with home.locked():
        current = home.installed()
        if plugin not in current:
            raise not_installed(plugin, current)
        earlier = _version_before(current[plugin], home)
        require_installable(earlier, home=home, sources=sources)
        result = {**current, plugin: replace(earlier, enabled=current[plugin].enabled, held=True)}
        _check_needs(result, home)
        return home.commit(tuple(result.values()), cause=f"roll back {plugin}", now=now)


def roll_everything_back(to: int | None, *, home: PluginHome, sources: SourceList, now: datetime) -> Generation:
    """Go back to generation `to`; None: to the one before the newest.

    Raises:
        NotFoundError: there is no such generation.
        RevokedError, TamperedError: a plugin of it is not fit to run.

    """
    with home.locked():
        numbers = home.generations.numbers()
        if to is None and not numbers[:-1]:
            raise NotFoundError("there is no earlier state to go back to")
        number = numbers[-2] if to is None else to
        plugins, current = home.generations.find(number).plugins, home.installed()
        for installed in plugins:
            is_here = installed.id in current and current[installed.id].sha256 == installed.sha256
            (require_fit if is_here else require_installable)(installed, home=home, sources=sources)
        return home.commit(plugins, cause=f"roll back to generation {number}", now=now)


def _version_before(installed: InstalledPlugin, home: PluginHome) -> InstalledPlugin:
    """Return the last other version of a plugin in an earlier generation that is still on disk."""
    for number in reversed(home.generations.numbers()):
        earlier = home.generations.find(number).find(installed.id)
        if earlier is None or earlier.version == installed.version:
            continue
        if home.has(earlier.id, earlier.version, earlier.sha256):
            return earlier
    raise NotFoundError(f"there is no earlier version of {installed.id} to go back to")


def _check_needs(result: Mapping[PluginId, InstalledPlugin], home: PluginHome) -> None:
    """Refuse a set in which a plugin misses what it depends on."""
    for installed in result.values():
        for needed, versions in needs_of(installed, home).items():
            found = result.get(needed)
            if found is None or found.version not in versions:
                raise ResolutionError(
                    "the earlier version does not fit the others",
                    (f"{installed.id} {installed.version} needs {needed} {versions}",),
                    hint="roll everything back instead: pluginry rollback --all",
                )
