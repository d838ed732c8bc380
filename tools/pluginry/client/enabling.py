"""Which installed plugins their host may load: with everything they need, and nothing that was revoked.

In: the home, the sources, what somebody wants, the time. Out: the plugins as they should be, or the new generation. It
never enables what is not fit to run, and never leaves a plugin enabled without what it needs.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from pluginry.client.dependencies import users_of, with_needs
from pluginry.client.fitness import require_fit, revocations_of
from pluginry.errors import NotFoundError, ResolutionError
from pluginry.model.revocation import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from pluginry.client.plugin_home import PluginHome
    from pluginry.client.source_list import SourceList
    from pluginry.model.names import PluginId
    from pluginry.model.receipt import Generation, InstalledPlugin


def enable(plugin: PluginId, *, home: PluginHome, sources: SourceList, now: datetime) -> Generation:
    """Enable a plugin and what it depends on.

    Raises:
        RevokedError: an advisory says that it must not run.
        TamperedError: its files are not what was installed.
        PolicyError: this machine's clock went back.
        NotFoundError: it is not installed.

    """
    with home.locked():
        sources.check_clock()
        current = _installed_with(plugin, home)
        result = with_enabled(current, {plugin}, home=home, sources=sources)
        return home.commit(result, cause=f"enable {plugin}", now=now)


def disable(plugin: PluginId, *, home: PluginHome, now: datetime) -> Generation:
    """Disable a plugin that no enabled one depends on.

    Raises:
        ResolutionError: an enabled plugin depends on it.
        NotFoundError: it is not installed.

    """
    with home.locked():
        current = _installed_with(plugin, home)
        enabled = {name: installed for name, installed in current.items() if installed.enabled}
        users = sorted(users_of({plugin}, enabled, home))
        if users:
            raise ResolutionError(
                f"{plugin} is in use",
                tuple(f"{name} is enabled and needs it" for name in users),
                hint="disable those first",
            )
        current[plugin] = replace(current[plugin], enabled=False)
        return home.commit(tuple(current.values()), cause=f"disable {plugin}", now=now)


def disable_revoked(*, home: PluginHome, sources: SourceList, now: datetime) -> Generation | None:
    """Disable enabled plugins that a revocation forbids to run, and those that cannot do without them.

    It is one generation whose cause names the revocations; None when nothing enabled is hit.
    """
    with home.locked():
        current = home.installed()
        causes = {
            name: revocation.advisory
            for name, installed in current.items()
            if installed.enabled
            for revocation in reversed(revocations_of(installed, home=home, sources=sources))
            if revocation.action is Verdict.DISABLE
        }
        if not causes:
            return None
        result = tuple(
            replace(one, enabled=one.enabled and causes.keys().isdisjoint(with_needs({name}, current, home)))
            for name, one in current.items()
        )
        said = ", ".join(f"{advisory} disables {name}" for name, advisory in sorted(causes.items()))
        return home.commit(result, cause=said, now=now)


def with_enabled(
    plugins: Mapping[PluginId, InstalledPlugin], wanted: Iterable[PluginId], *, home: PluginHome, sources: SourceList
) -> tuple[InstalledPlugin, ...]:
    """Return `plugins` with those `wanted` enabled, and everything that enabled ones depend on.

    Raises:
        RevokedError: an advisory says that one of them must not run.
        TamperedError: the files of one of them are not what was installed.

    """
    enabled = {name for name, installed in plugins.items() if installed.enabled} | set(wanted)
    needed = with_needs(enabled, plugins, home)
    for name in sorted(needed):
        if not plugins[name].enabled:
            require_fit(plugins[name], home=home, sources=sources)
    return tuple(replace(one, enabled=name in needed) for name, one in plugins.items())


def _installed_with(plugin: PluginId, home: PluginHome) -> dict[PluginId, InstalledPlugin]:
    current = home.installed()
    if plugin not in current:
        raise NotFoundError(f"{plugin} is not installed", hint=f"pluginry install {plugin}")
    return current
