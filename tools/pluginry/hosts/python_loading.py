"""Loads Python plugins into the host's own process: for hosts that have chosen so, as pluggy and entry points do.

In: a `HostedPlugin`. Out: the object that its entry point names. The host's environment and ``sys.path`` stay as they
are: modules of a plugin are found by a finder of its own, compiled from the sources that were verified, never from
compiled files beside them. There is no sandbox: what is loaded has every right of the host.
"""

from __future__ import annotations

import importlib
import sys
from dataclasses import dataclass, field
from importlib.abc import MetaPathFinder
from importlib.machinery import PathFinder, SourceFileLoader
from importlib.metadata import EntryPoint
from importlib.util import spec_from_file_location
from typing import TYPE_CHECKING, Any, Protocol, Self

from pluginry.errors import PolicyError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType

    from pluginry.hosts.loading import HostedPlugin, HostedPlugins


class PluginManager(Protocol):
    """What of a pluggy ``PluginManager`` is used."""

    def register(self, plugin: object, name: str | None = None) -> str | None:
        """Take a plugin in."""

    def unregister(self, plugin: object | None = None, name: str | None = None) -> Any:
        """Let a plugin go."""


class _SourceOnly(SourceFileLoader):
    """Compiles sources each time: compiled files were not compared with anything."""

    def path_stats(self, path: str) -> Any:
        raise OSError("compiled files are not used", path)


@dataclass(slots=True, eq=False)
class PythonLoader(MetaPathFinder):
    """Finds the modules of the plugins that it loads, while it is entered or until it is closed."""

    _owners: dict[str, HostedPlugin] = field(default_factory=dict)

    def __enter__(self) -> Self:
        """Let Python ask this finder; it comes first, and knows only names that nobody else has."""
        sys.meta_path.insert(0, self)
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Forget every module of a plugin."""
        for name in [name for name in sys.modules if name.partition(".")[0] in self._owners]:
            del sys.modules[name]
        self._owners.clear()
        if self in sys.meta_path:
            sys.meta_path.remove(self)

    def __call__(self, hosted: HostedPlugin) -> Any:
        """Return what the plugin's entry point names; to be given to `HostedPlugins.load`.

        Raises:
            UsageError: it is no Python plugin.
            PolicyError: one of its modules has the name of a module of the host or of another plugin.

        """
        runtime = hosted.manifest.runtime
        if runtime.kind != "python":
            raise UsageError(f"{hosted.id} is no Python plugin", why=f"its runtime is {runtime.kind}")
        for name in _top_names(hosted):
            self._claim(name, hosted)
        return self.resolve(runtime.entry_point)

    def resolve(self, target: str) -> Any:
        """Return the object at ``module:attribute``."""
        module, _, attributes = target.partition(":")
        found: Any = importlib.import_module(module)
        for attribute in filter(None, attributes.split(".")):
            found = getattr(found, attribute)
        return found

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,
        target: ModuleType | None = None,  # noqa: ARG002 - the protocol's
    ) -> ModuleSpec | None:
        """Return where a module of a plugin is; see `MetaPathFinder`."""
        owner = self._owners.get(fullname.partition(".")[0])
        if owner is None:
            return None
        places = path if path is not None else [str(folder) for folder in owner.module_folders]
        spec = PathFinder.find_spec(fullname, places)
        if spec is None or spec.origin is None or not spec.origin.endswith(".py"):
            return spec
        return spec_from_file_location(
            fullname,
            spec.origin,
            loader=_SourceOnly(fullname, spec.origin),
            submodule_search_locations=spec.submodule_search_locations,
        )

    def _claim(self, name: str, hosted: HostedPlugin) -> None:
        owner = self._owners.get(name)
        if owner is not None and owner.id != hosted.id:
            raise PolicyError(f"{hosted.id} and {owner.id} both have a module {name}")
        if owner is None and (name in sys.modules or importlib.util.find_spec(name) is not None):
            raise PolicyError(f"{hosted.id} has a module {name}, which the host has too")
        self._owners[name] = hosted


def entry_points(hosted: HostedPlugins, group: str) -> Iterator[EntryPoint]:
    """Yield what active plugins offer in `group` as ``importlib.metadata`` entry points."""
    for plugin in hosted.active():
        for point in plugin.entry_points(group):
            value = point.target if ":" in point.target else f"{plugin.manifest.runtime.entry_point}.{point.target}"
            yield EntryPoint(name=point.name, value=value, group=group)


def register_all(hosted: HostedPlugins, manager: PluginManager) -> None:
    """Give every active plugin to a pluggy plugin manager, under its id."""
    for plugin in hosted.active():
        manager.register(plugin.loaded, name=str(plugin.id))


def _top_names(hosted: HostedPlugin) -> Iterator[str]:
    """Yield the names under which the plugin's modules are imported."""
    for folder in hosted.module_folders:
        for path in sorted(folder.iterdir()) if folder.is_dir() else ():
            is_package = path.is_dir() and any(path.glob("*.py"))
            if path.stem.isidentifier() and (path.suffix == ".py" or is_package):
                yield path.stem
