"""The plugins that live in this registry: their claims, and their code loaded as a host would load it.

In: a plugin's id and version. Out: its documents, and the module of its entry point with what it depends on in reach.
Leaves nothing behind: no compiled files in the source folders, no modules that another version would find.
"""

from __future__ import annotations

import importlib
import json
import sys
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pluginry.encoding.documents import construct
from pluginry.encoding.strict_yaml import parse
from pluginry.model.manifest import Manifest
from pluginry.model.names import PluginId
from pluginry.model.status import Status
from pluginry.model.versions import Version
from pluginry.publisher.load import load_registry

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

    from pluginry.model.registry import PluginEntry, Registry
    from pluginry.model.release import Release

REGISTRY = Path(__file__).parents[2] / "registry"


def read_yaml(file: Path) -> Any:
    """Return what `file` says; a notation that the registry refuses fails the test."""
    document = parse(file.read_bytes(), file=file.relative_to(REGISTRY).as_posix())
    assert document.findings == (), file
    return document.value


@cache
def plugin_ids() -> tuple[str, ...]:
    """Return the plugins whose sources are in the registry, in order."""
    return tuple(sorted({tree.relative_to(REGISTRY / "plugins").parent.as_posix() for tree in _trees()}))


@cache
def versions_of(plugin: str) -> tuple[Version, ...]:
    """Return the versions of `plugin` that have sources, oldest first."""
    return tuple(sorted(Version(folder.name) for folder in (REGISTRY / "plugins" / plugin / "source").iterdir()))


def newest_of(plugin: str) -> str:
    """Return the newest version of `plugin`, be it stable or not."""
    return str(versions_of(plugin)[-1])


def tree_of(plugin: str, version: str | Version) -> Path:
    """Return the source folder of a version."""
    return REGISTRY / "plugins" / plugin / "source" / str(version)


@cache
def manifest_of(plugin: str, version: str) -> Manifest:
    """Return the manifest of a version."""
    return construct(Manifest, read_yaml(tree_of(plugin, version) / "plugin.yaml"), what=f"{plugin} {version}")


@cache
def registry() -> Registry:
    """Return the whole registry as a value."""
    found = load_registry(REGISTRY).registry
    assert found is not None
    return found


def own_plugins() -> list[PluginEntry]:
    """Return the plugins whose sources are in the registry, in order."""
    return [entry_of(plugin) for plugin in plugin_ids()]


def entry_of(plugin: str) -> PluginEntry:
    """Return one plugin of the registry."""
    return registry().plugins[PluginId.parse(plugin)]


def releases_of(plugin: str) -> dict[str, Release]:
    """Return the releases of `plugin` by version, oldest first."""
    return {str(version): release for version, release in entry_of(plugin).releases.items()}


def grants_of(plugin: str, version: str) -> set[str]:
    """Return the permissions that a version asks for, as ``type:scope``."""
    return {permission.grant for permission in manifest_of(plugin, version).permissions}


def is_deprecated(plugin: str) -> bool:
    """Return whether `plugin` gave way to another one."""
    return entry_of(plugin).listing.status is Status.DEPRECATED


def load(plugin: str, version: str | None = None) -> ModuleType:
    """Return the module of the entry point of `plugin`, of its newest version when none is given."""
    manifest = manifest_of(plugin, version or newest_of(plugin))
    with _on_path([str(tree) for tree in trees_in_reach(manifest)]):
        return importlib.import_module(manifest.runtime.entry_point.partition(":")[0])


def load_file(file: Path) -> ModuleType:
    """Return the module in `file`, which no entry point names."""
    with _on_path([str(file.parent)]):
        return importlib.import_module(file.stem)


def trees_in_reach(manifest: Manifest) -> list[Path]:
    """Return the source folders of a plugin and of all that it depends on, the newest that fit."""
    trees = [tree_of(str(manifest.id), manifest.version)]
    for needed, wanted in manifest.dependencies.items():
        fitting = [version for version in versions_of(str(needed)) if version in wanted]
        trees += trees_in_reach(manifest_of(str(needed), str(fitting[-1])))
    return trees


def settings_of(plugin: str, version: str) -> dict[str, Any]:
    """Return the JSON Schema of the settings of a version."""
    schema: dict[str, Any] = json.loads((tree_of(plugin, version) / "config.schema.json").read_bytes())
    return schema


def _trees() -> Iterator[Path]:
    for tree in (REGISTRY / "plugins").glob("*/*/source"):
        assert PluginId.parse(tree.parent.relative_to(REGISTRY / "plugins").as_posix())
        yield tree


@contextmanager
def _on_path(folders: list[str]) -> Iterator[None]:
    before, known, writes = list(sys.path), set(sys.modules), sys.dont_write_bytecode
    sys.path[:0] = folders
    sys.dont_write_bytecode = True
    importlib.invalidate_caches()
    try:
        yield
    finally:
        sys.path[:] = before
        sys.dont_write_bytecode = writes
        for name in set(sys.modules) - known:
            if str(getattr(sys.modules[name], "__file__", "")).startswith(tuple(folders)):
                del sys.modules[name]
