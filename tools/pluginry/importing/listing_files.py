"""Writes listings and releases into a registry, as a person would have written them.

In: models. Out: YAML files that are valid by the schemas. Never overwrites a release or a listing that is there:
releases are for ever, and listings belong to whoever looks after the plugin from then on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pluginry.encoding import documents, strict_yaml
from pluginry.encoding.parsed_document import ParsedDocument
from pluginry.encoding.schema import check_against_schema
from pluginry.encoding.yaml_writer import write_yaml
from pluginry.importing.rules import INVALID
from pluginry.importing.texts import MAX_README_BYTES
from pluginry.model.versions import Version

if TYPE_CHECKING:
    from pathlib import Path

    from pluginry.model.finding import Finding
    from pluginry.model.listing import Listing
    from pluginry.model.names import PluginId
    from pluginry.model.release import Release

_PLUGINS: Final = "plugins"


def problems_of(schema: str, model: object, *, file: str) -> tuple[Finding, ...]:
    """Return what the schema would say of `model` if it stood in `file`."""
    document = ParsedDocument(file=file, value=documents.to_plain(model))
    return tuple(INVALID.finding(found.where, found.message) for found in check_against_schema(document, schema))


def has_release(registry: Path, plugin: PluginId, version: Version) -> bool:
    """Return whether the registry has this release."""
    return _release_file(registry, plugin, version).exists()


def listed_versions(registry: Path, plugin: PluginId) -> tuple[Version, ...]:
    """Return the versions of a plugin that the registry has, in no order."""
    folder = registry / _PLUGINS / plugin.namespace / plugin.name / "releases"
    return tuple(Version(path.stem) for path in folder.glob("*.yaml"))


def listed_sources(registry: Path, plugin: PluginId) -> tuple[str, ...] | None:
    """Return where releases of a plugin may come from; None when the registry does not have the plugin."""
    path = _listing_file(registry, plugin)
    if not path.exists():
        return None
    value = strict_yaml.parse(path.read_bytes(), file=str(path)).value
    sources = value.get("sources") if isinstance(value, dict) else None
    return tuple(map(str, sources)) if isinstance(sources, list) else ()


def is_withdrawn(registry: Path, plugin: PluginId, version: Version) -> bool:
    """Return whether the registry has this release and withdrew it."""
    path = _release_file(registry, plugin, version)
    if not path.exists():
        return False
    value = strict_yaml.parse(path.read_bytes(), file=str(path)).value
    return isinstance(value, dict) and "yanked" in value


def write_plugin(registry: Path, plugin: PluginId, listing: Listing, readme: str) -> None:
    """Write listing and README of a plugin, unless it has a listing."""
    path = _listing_file(registry, plugin)
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    (path.parent / "README.md").write_bytes(readme.encode()[:MAX_README_BYTES].decode(errors="ignore").encode())
    path.write_bytes(write_yaml(documents.to_plain(listing)))


def write_release(registry: Path, plugin: PluginId, release: Release) -> None:
    """Write a release that is not there yet.

    Raises:
        FileExistsError: it is there.
    """
    path = _release_file(registry, plugin, release.version)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as file:
        file.write(write_yaml(documents.to_plain(release)))


def _listing_file(registry: Path, plugin: PluginId) -> Path:
    return registry / _PLUGINS / plugin.namespace / plugin.name / "listing.yaml"


def _release_file(registry: Path, plugin: PluginId, version: Version) -> Path:
    return registry / _PLUGINS / plugin.namespace / plugin.name / "releases" / f"{version}.yaml"
