"""Calls an enabled plugin in a process of its own and returns its answer.

In: the client, a plugin, the name of one of its entry points, arguments. Out: what the plugin answers, as plain
values. Before anything is started, the plugin and all that it needs are compared with what was installed. There is
no sandbox yet: the process has the rights of whoever calls, only a minimal environment and a working folder of its own.
"""

from __future__ import annotations

import json
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pluginry.client.dependencies import with_needs
from pluginry.errors import DocumentError, NotFoundError, PolicyError, UsageError
from pluginry.hosts import python_runner
from pluginry.hosts.plugin_process import PluginFailedError, converse

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pluginry.client.marketplace import Marketplace
    from pluginry.client.plugin_home import PluginHome
    from pluginry.model.manifest import EntryPoint, Manifest
    from pluginry.model.names import PluginId
    from pluginry.model.receipt import InstalledPlugin, Receipt


@dataclass(frozen=True, slots=True, kw_only=True)
class _Loaded:
    """An installed plugin and where its files lie."""

    receipt: Receipt
    folder: Path

    @property
    def module_paths(self) -> Iterator[str]:
        """The folders in which its modules lie."""
        for path in self.receipt.manifest.runtime.paths or ("",):
            yield str(self.folder.joinpath(*path.split("/")))


def call(
    marketplace: Marketplace,
    plugin: PluginId,
    hook: str | None,
    arguments: Mapping[str, Any],
    *,
    own_data: bool = True,
    timeout_s: float = 60.0,
    show_traceback: bool = False,
) -> Any:
    """Return the answer of an entry point, named by its name or target; `hook` None is for plugins with only one.

    With `own_data` False it gets an empty folder that is thrown away afterwards instead of its own data.

    Raises:
        NotFoundError: it is not installed, or has no such entry point.
        PolicyError: it, or something that it needs, is not enabled.
        TamperedError: its files are not what was installed.
        RevokedError: an advisory says that it must not run.
        UsageError: it is of a kind that is not called this way.
        PluginFailedError: it failed, took too long, or answered with something else than JSON.

    """
    home = marketplace.home
    loaded = [_load(home, one) for one in _usable(marketplace, plugin)]
    manifest = loaded[0].receipt.manifest
    point = _entry_point(manifest, hook)
    with ExitStack() as stack:
        nothing = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        data = home.data_folder_of(plugin) if own_data else Path(stack.enter_context(tempfile.TemporaryDirectory()))
        data.mkdir(parents=True, exist_ok=True, mode=0o700)
        request: dict[str, Any] = {"arguments": dict(arguments), "config": _config(home, plugin), "data_dir": str(data)}
        if manifest.runtime.kind == "python":
            request |= {
                "target": point.target if ":" in point.target else f"{manifest.runtime.entry_point}.{_method(point)}",
                "paths": [path for one in loaded for path in one.module_paths],
                "traceback": show_traceback,
            }
            reply = converse(_python(Path(python_runner.__file__), nothing), request, folder=data, timeout_s=timeout_s)
            return _unwrapped(plugin, reply)
        program = _program(loaded[0], nothing)
        return converse([*program, _method(point)], request, folder=data, timeout_s=timeout_s)


def _usable(marketplace: Marketplace, plugin: PluginId) -> list[InstalledPlugin]:
    """Return a plugin and then what it needs, all of them enabled and fit to run."""
    installed = marketplace.home.installed()
    if plugin not in installed:
        raise NotFoundError(f"{plugin} is not installed", hint=f"pluginry install {plugin}")
    needed = with_needs({plugin}, installed, marketplace.home) - {plugin}
    found = [installed[plugin], *(installed[name] for name in sorted(needed))]
    for one in found:  # first: what was withdrawn is disabled too, and the reason is worth more than the state
        marketplace.require_usable(one)
    for one in found:
        if not one.enabled:
            raise PolicyError(f"{one.id} is not enabled", hint=f"pluginry enable {plugin}")
    return found


def _load(home: PluginHome, installed: InstalledPlugin) -> _Loaded:
    folder = home.folder_of(installed.id, installed.version, installed.sha256)
    return _Loaded(receipt=home.receipt(installed), folder=folder)


def _entry_point(manifest: Manifest, hook: str | None) -> EntryPoint:
    known = [point for points in manifest.entry_points.values() for point in points]
    found = [point for point in known if hook in (None, point.name, point.target)]
    if found and (hook is not None or len(found) == 1):
        return found[0]
    hint = f"it has: {', '.join(point.name for point in known) or 'none'}"
    if hook is None:
        raise UsageError(f"say which entry point of {manifest.id} to call", hint=hint)
    raise NotFoundError(f"{manifest.id} has no entry point {hook}", hint=hint)


def _method(point: EntryPoint) -> str:
    return point.target or point.name


def _python(script: Path, nothing: Path) -> list[str]:
    """Return the command for a Python script that neither writes compiled files nor finds any: `nothing` is empty.

    Only sources were compared with what was installed; what a plugin has compiled itself would go before them.
    """
    return [sys.executable, "-I", "-B", "-X", "utf8", "-X", f"pycache_prefix={nothing}", str(script)]


def _program(loaded: _Loaded, nothing: Path) -> list[str]:
    """Return the command for a plugin that is a program; of `nothing` as in `_python`."""
    manifest = loaded.receipt.manifest
    if manifest.runtime.kind == "files":
        raise UsageError(f"{manifest.id} has no code to call", hint=f"its host reads its files in {loaded.folder}")
    if manifest.runtime.kind != "process":
        raise UsageError(f"{manifest.id} is run by its host itself", why=f"its runtime is {manifest.runtime.kind}")
    program = loaded.folder.joinpath(*manifest.runtime.entry_point.split("/"))
    if manifest.runtime.entry_point not in {entry.path for entry in loaded.receipt.files}:
        raise PluginFailedError(f"{manifest.id} has no program {manifest.runtime.entry_point}")
    return _python(program, nothing) if program.suffix == ".py" else [str(program)]


def _config(home: PluginHome, plugin: PluginId) -> dict[str, Any]:
    path = home.config_file_of(plugin)
    try:
        config = json.loads(path.read_bytes())
    except FileNotFoundError:
        return {}
    except ValueError as error:
        raise DocumentError("the settings of the plugin are not JSON", where=str(path), why=str(error)) from error
    if not isinstance(config, dict):
        raise DocumentError("the settings of the plugin are not a JSON object", where=str(path))
    return config


def _unwrapped(plugin: PluginId, reply: Any) -> Any:
    """Return the answer in a reply of `python_runner`."""
    if isinstance(reply, dict) and "answer" in reply:
        return reply["answer"]
    raise PluginFailedError(f"{plugin} failed", why=str(reply.get("error", "")) if isinstance(reply, dict) else "")
