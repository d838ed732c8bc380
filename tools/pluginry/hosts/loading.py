"""The plugins of a host while it runs: which are there, which were loaded, and what went wrong with the others.

In: the client, and the host's own way to load a plugin. Out: a `HostedPlugin` for each, listed from receipts without
importing anything, loaded after what it needs, and only when it is fit to run. One that fails never stops the others.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from pluginry.client.dependencies import needs_of
from pluginry.errors import DocumentError, NotFoundError, PolicyError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pluginry.client.marketplace import Marketplace
    from pluginry.model.manifest import EntryPoint, Manifest
    from pluginry.model.names import PluginId
    from pluginry.model.receipt import InstalledPlugin


class State(StrEnum):
    """How far a plugin came in a running host."""

    DISCOVERED = "discovered"
    LOADING = "loading"
    ACTIVE = "active"
    ERROR = "error"
    DISABLED = "disabled"


@dataclass(slots=True, kw_only=True)
class HostedPlugin:
    """A plugin in a running host; ``loaded`` is what the host made of it, ``error`` why it could not."""

    id: PluginId
    installed: InstalledPlugin
    manifest: Manifest
    folder: Path
    state: State
    loaded: Any = None
    error: str = ""

    def entry_points(self, group: str) -> tuple[EntryPoint, ...]:
        """Return what the plugin offers in `group`, as its manifest says."""
        return self.manifest.entry_points.get(group, ())

    @property
    def module_folders(self) -> tuple[Path, ...]:
        """The folders in which its modules lie."""
        return tuple(self.folder.joinpath(*path.split("/")) for path in self.manifest.runtime.paths or ("",))


Loader = Callable[[HostedPlugin], Any]


@dataclass(slots=True)
class HostedPlugins:
    """All plugins of a `marketplace`'s home in a running host."""

    marketplace: Marketplace
    plugins: dict[PluginId, HostedPlugin] = field(default_factory=dict)

    def discover(self) -> tuple[HostedPlugin, ...]:
        """Look what is installed now; what was loaded already stays loaded as long as it is the same version."""
        found = {}
        for plugin, installed in sorted(self.marketplace.home.installed().items()):
            known = self.plugins.get(plugin)
            is_same = known is not None and known.installed.sha256 == installed.sha256
            if known is not None and is_same and known.state is State.ACTIVE and installed.enabled:
                found[plugin] = known
            else:
                found[plugin] = self._discovered(installed)
        self.plugins = found
        return tuple(found.values())

    def load_all(self, loader: Loader) -> tuple[HostedPlugin, ...]:
        """Load everything that is enabled, each after what it needs, and return all of it with how that went."""
        for plugin in self.plugins:
            self.load(plugin, loader)
        return tuple(self.plugins.values())

    def load(self, plugin: PluginId, loader: Loader) -> HostedPlugin:
        """Load a plugin that is enabled, after what it needs; ``error`` says why it could not be.

        Raises:
            NotFoundError: it is not there.

        """
        hosted = self.plugins.get(plugin)
        if hosted is None:
            raise NotFoundError(f"{plugin} is not there", hint="look again with `discover`")
        if hosted.state is State.DISCOVERED:
            hosted.state = State.LOADING
            try:
                self.marketplace.require_usable(hosted.installed)
                self._load_needs(hosted, loader)
                hosted.loaded = loader(hosted)
            except Exception as error:  # noqa: BLE001 - a plugin's own code: one that fails never stops the others
                hosted.state, hosted.error = State.ERROR, f"{type(error).__name__}: {error}"
            else:
                hosted.state = State.ACTIVE
        return hosted

    def unload(self, plugin: PluginId, unloader: Callable[[HostedPlugin], None]) -> None:
        """Unload a plugin, and before it those that need it."""
        for other in self.plugins.values():
            if other.state is State.ACTIVE and plugin in needs_of(other.installed, self.marketplace.home):
                self.unload(other.id, unloader)
        hosted = self.plugins[plugin]
        if hosted.state is State.ACTIVE:
            unloader(hosted)
            hosted.loaded, hosted.state = None, State.DISCOVERED

    def active(self) -> Iterator[HostedPlugin]:
        """Yield the plugins that are loaded."""
        return (hosted for hosted in self.plugins.values() if hosted.state is State.ACTIVE)

    def _load_needs(self, hosted: HostedPlugin, loader: Loader) -> None:
        for needed in needs_of(hosted.installed, self.marketplace.home):
            if needed not in self.plugins:
                raise NotFoundError(f"it needs {needed}, which is not installed")
            found = self.load(needed, loader)
            if found.state is State.LOADING:
                raise PolicyError(f"it and {needed} need each other")
            if found.state is not State.ACTIVE:
                raise PolicyError(f"it needs {needed}, which is not active ({found.error or found.state})")

    def _discovered(self, installed: InstalledPlugin) -> HostedPlugin:
        home = self.marketplace.home
        folder = home.folder_of(installed.id, installed.version, installed.sha256)
        try:
            manifest = home.receipt(installed).manifest
        except (NotFoundError, DocumentError) as error:
            return _unreadable(installed, folder, str(error))
        state = State.DISCOVERED if installed.enabled else State.DISABLED
        return HostedPlugin(id=installed.id, installed=installed, manifest=manifest, folder=folder, state=state)


def _unreadable(installed: InstalledPlugin, folder: Path, error: str) -> HostedPlugin:
    from pluginry.model.manifest import Manifest, Runtime

    empty = Manifest(id=installed.id, version=installed.version, hosts={}, runtime=Runtime(kind="files"))
    return HostedPlugin(
        id=installed.id, installed=installed, manifest=empty, folder=folder, state=State.ERROR, error=error
    )
