"""What releases say of themselves before their bytes are fetched: in a ``wrap``, or in the manifest of a source tree.

In: plugins of a registry. Out: `Claim`s, each with the place where it is written, so that one rule serves both forms.
Never judges them; what stands in a package that was not fetched yet is unknown here.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

from pluginry.publisher import registry_layout

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pluginry.model.finding import DocumentPath
    from pluginry.model.manifest import EntryPoint, Permission, Runtime
    from pluginry.model.names import Name
    from pluginry.model.registry import PluginEntry, Registry, SourceTree
    from pluginry.model.versions import Version, VersionRange


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What a release of ``entry`` says; ``hosts``, ``runtime`` ... stand at ``path`` of ``file``."""

    entry: PluginEntry
    version: Version
    file: str
    path: DocumentPath = ()
    hosts: Mapping[Name, VersionRange]
    runtime: Runtime | None = None
    permissions: tuple[Permission, ...] = ()
    entry_points: Mapping[str, tuple[EntryPoint, ...]] = field(default_factory=lambda: MappingProxyType({}))


def claims_in(registry: Registry) -> Iterator[Claim]:
    """Yield every claim of every plugin."""
    for entry in registry.plugins.values():
        yield from claims_of(entry)


def claims_of(entry: PluginEntry) -> Iterator[Claim]:
    """Yield what the releases of a plugin claim."""
    for version, release in entry.releases.items():
        for index, artifact in enumerate(release.artifacts):
            if artifact.wrap is not None:
                yield Claim(
                    entry=entry,
                    version=version,
                    file=registry_layout.release_file(entry, version),
                    path=("artifacts", index, "wrap"),
                    hosts=artifact.wrap.hosts,
                    runtime=artifact.wrap.runtime,
                    permissions=artifact.wrap.permissions,
                    entry_points=artifact.wrap.entry_points,
                )
    for version, tree in entry.sources.items():
        manifest = tree.manifest
        yield Claim(
            entry=entry,
            version=version,
            file=manifest_file(tree),
            hosts=manifest.hosts,
            runtime=manifest.runtime,
            permissions=manifest.permissions,
            entry_points=manifest.entry_points,
        )


def hosts_of_release(entry: PluginEntry, version: Version) -> Mapping[Name, VersionRange] | None:
    """Return the host versions a release is for, as amended later; None when only its package says it."""
    release = entry.releases[version]
    if release.amends.hosts:
        return release.amends.hosts
    return next((claim.hosts for claim in claims_of(entry) if claim.version == version), None)


def manifest_file(tree: SourceTree) -> str:
    """Return the path of the manifest of a source tree, relative to the registry or project."""
    return f"{tree.folder}/{registry_layout.MANIFEST_FILE}" if tree.folder else registry_layout.MANIFEST_FILE
