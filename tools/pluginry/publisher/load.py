"""Disk to value: the folder ``registry/``, one plugin of it, a plugin project, or a single document.

In: a path. Out: what could be read, and findings about what could not. One broken file never hides another.
Never follows links, never judges claims (that is for the rules), never raises for content.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from pluginry.encoding import strict_yaml
from pluginry.errors import DocumentError
from pluginry.model.channel import Channel
from pluginry.model.finding import in_reading_order
from pluginry.model.names import Name, PluginId
from pluginry.model.on_demand import OnDemand
from pluginry.model.registry import Registry, RegistryConfig, Reserved
from pluginry.publisher import registry_layout, site_folder
from pluginry.publisher.loaded_registry import LoadedPlugin, LoadedProject, LoadedRegistry
from pluginry.publisher.plugin_folder import read_documents, read_plugin, read_source_tree
from pluginry.publisher.registry_files import Children, RegistryFiles, joined

if TYPE_CHECKING:
    from collections.abc import Container, Iterator, Mapping
    from pathlib import Path

    from pluginry.model.finding import Finding
    from pluginry.model.registry import PluginEntry
    from pluginry.publisher.registry_files import Parse

_AT_TOP = Children(
    folders=("advisories", "hosts", "namespaces", "plugins", site_folder.FOLDER),
    files=(registry_layout.CONFIG_FILE, registry_layout.RESERVED_FILE, registry_layout.README_FILE),
)
_NO_CONFIG = RegistryConfig(name="", default_channel=Channel.STABLE, categories=())


def load_registry(folder: Path, parse: Parse = strict_yaml.parse, settled: Container[PluginId] = ()) -> LoadedRegistry:
    """Return the registry in `folder`, read with `parse`, with findings about everything that could not be read.

    Plugins that are `settled` can be read, and are when somebody asks for them.

    Raises:
        DocumentError: there is no such folder.

    """
    files = _files_in(folder, parse)
    there = files.children("")
    files.refuse_others("", there, _AT_TOP)
    registry = Registry(
        config=_config(files, there),
        hosts=read_documents(files, "hosts", registry_layout.HOST, Name),
        namespaces=read_documents(files, "namespaces", registry_layout.NAMESPACE, Name),
        reserved=_reserved(files, there),
        plugins=_plugins(files, settled),
        advisories=tuple(read_documents(files, "advisories", registry_layout.ADVISORY, str).values()),
        site=site_folder.read_site(files),
        left_out=frozenset(files.left_out),
    )
    return LoadedRegistry(
        registry=registry, documents=MappingProxyType(files.documents), findings=in_reading_order(files.findings)
    )


def load_plugin(folder: Path, plugin: PluginId) -> LoadedPlugin:
    """Return one plugin of the registry in `folder`, which need not hold anything else.

    Raises:
        DocumentError: there is no such folder.

    """
    files = _files_in(folder)
    entry = read_plugin(files, plugin)
    return LoadedPlugin(
        entry=entry,
        left_out=frozenset(files.left_out),
        documents=MappingProxyType(files.documents),
        findings=in_reading_order(files.findings),
    )


def load_project(folder: Path) -> LoadedProject:
    """Return the plugin project in `folder`: its manifest and what pack would say.

    Raises:
        DocumentError: there is no such folder.

    """
    files = _files_in(folder)
    tree = read_source_tree(files, "")
    return LoadedProject(
        tree=tree, documents=MappingProxyType(files.documents), findings=in_reading_order(files.findings)
    )


def check_file(path: Path) -> tuple[Finding, ...]:
    """Return what is wrong with a single document, by its name only: locations name the file without its folder.

    What kind of document it is follows from its name, its folder's name, or its keys.
    """
    files = RegistryFiles(path.parent)
    kind = registry_layout.kind_by_place(path.absolute().parent.name, path.name)
    if kind is not None:
        files.read_document(path.name, kind, name=path.stem if kind.name_path else "")
        return in_reading_order(files.findings)
    document = files.parse(path.name)
    if document is not None:
        keys = document.value if isinstance(document.value, dict) else ()
        kind = registry_layout.kind_by_shape(keys)
        if kind is None:
            files.report(registry_layout.UNKNOWN_KIND, path.name)
        else:
            files.construct(document, kind)
    return in_reading_order(files.findings)


def _files_in(folder: Path, parse: Parse = strict_yaml.parse) -> RegistryFiles:
    if not folder.is_dir():
        hint = "name the place that it lies in; `pluginry registry init` starts a registry"
        raise DocumentError("there is no such folder", where=str(folder), hint=hint)
    return RegistryFiles(folder, parse)


def _config(files: RegistryFiles, there: Children) -> RegistryConfig:
    config: RegistryConfig | None = None
    if registry_layout.CONFIG_FILE in there.files:
        config = files.read_document(registry_layout.CONFIG_FILE, registry_layout.CONFIG)
    else:
        files.report(
            registry_layout.MISSING, registry_layout.CONFIG_FILE, "a registry says in registry.yaml what it is"
        )
        files.leave_out(registry_layout.CONFIG_FILE)
    return config or _NO_CONFIG


def _reserved(files: RegistryFiles, there: Children) -> Reserved:
    reserved: Reserved | None = None
    if registry_layout.RESERVED_FILE in there.files:
        reserved = files.read_document(registry_layout.RESERVED_FILE, registry_layout.RESERVED)
    return reserved or Reserved()


def _plugins(files: RegistryFiles, settled: Container[PluginId]) -> Mapping[PluginId, PluginEntry]:
    """Return every plugin that can be read, by id."""
    readable, read = [], {}
    for plugin in _plugin_ids(files):
        if plugin in settled:
            readable.append(plugin)
        elif (entry := read_plugin(files, plugin)) is not None:
            readable.append(plugin)
            read[plugin] = entry
    if len(read) == len(readable):
        return read  # nobody reads on: what is read may go as soon as it is judged
    return OnDemand(readable, lambda plugin: _read_later(files, plugin), read)


def _read_later(files: RegistryFiles, plugin: PluginId) -> PluginEntry:
    entry = read_plugin(files, plugin, later=True)
    if entry is None:
        raise DocumentError("the plugin was changed while it was read", where=str(files.root / f"plugins/{plugin}"))
    return entry


def _plugin_ids(files: RegistryFiles) -> Iterator[PluginId]:
    for namespace in _named_folders(files, "plugins"):
        for name in _named_folders(files, joined("plugins", namespace)):
            yield PluginId(namespace, name)


def _named_folders(files: RegistryFiles, folder: str) -> Iterator[Name]:
    there = files.children(folder)
    files.refuse_others(folder, there, Children(folders=there.folders))
    for name in there.folders:
        try:
            yield Name(name)
        except DocumentError as error:
            files.report(registry_layout.BAD_NAME, joined(folder, name), error.what)
