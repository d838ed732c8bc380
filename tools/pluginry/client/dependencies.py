"""Which installed plugins need which others, as their receipts say.

In: a home, installed plugins. Out: ids and ranges. Of a plugin whose receipt is gone or damaged nothing is known, so
that it never keeps others from being put right.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pluginry.errors import DocumentError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pluginry.client.plugin_home import PluginHome
    from pluginry.model.names import PluginId
    from pluginry.model.receipt import InstalledPlugin
    from pluginry.model.versions import VersionRange


def needs_of(installed: InstalledPlugin, home: PluginHome) -> Mapping[PluginId, VersionRange]:
    """Return what an installed plugin depends on."""
    try:
        return home.receipt(installed).manifest.dependencies
    except (NotFoundError, DocumentError):
        return {}


def with_needs(wanted: set[PluginId], among: Mapping[PluginId, InstalledPlugin], home: PluginHome) -> set[PluginId]:
    """Return `wanted` and everything `among` those plugins that they depend on, directly or through others."""
    needed: set[PluginId] = set()
    open_names = list(wanted)
    while open_names:
        name = open_names.pop()
        if name not in needed and name in among:
            needed.add(name)
            open_names += needs_of(among[name], home)
    return needed


def users_of(wanted: set[PluginId], among: Mapping[PluginId, InstalledPlugin], home: PluginHome) -> set[PluginId]:
    """Return the plugins `among` those given that are not `wanted` themselves and directly need one that is."""
    return {
        name
        for name, installed in among.items()
        if name not in wanted and not wanted.isdisjoint(needs_of(installed, home))
    }
