"""One plugin's folder in the registry: listing, README, pictures, releases, reviews and sources.

In: the files of a registry and a plugin's id. Out: a `PluginEntry` with what could be read, or None without a listing;
`SourceTree`s, also of projects outside of a registry. Never judges whether claims are true or allowed.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar

from pluginry.errors import DocumentError
from pluginry.model.on_demand import Later
from pluginry.model.registry import PluginEntry, SourceTree
from pluginry.model.versions import Version
from pluginry.publisher import registry_layout
from pluginry.publisher.packing.plan import plan_package
from pluginry.publisher.registry_files import Children, RegistryFiles, joined, shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from pluginry.model.finding import Finding
    from pluginry.model.names import PluginId
    from pluginry.publisher.registry_layout import DocumentKind

Key = TypeVar("Key")
_PICTURE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}\.png")
_README_IN = re.compile(r"README\.([a-z]{2,3}(?:-[A-Z][a-z]{3})?(?:-[A-Z]{2})?)\.md")
_IN_PLUGIN = Children(
    folders=("releases", "reviews", "screenshots", "source"),
    files=(registry_layout.LISTING_FILE, registry_layout.README_FILE, registry_layout.ICON_FILE),
)


def read_plugin(files: RegistryFiles, plugin: PluginId, *, later: bool = False) -> PluginEntry | None:
    """Return `plugin`, or None with findings when its listing cannot be read; what else cannot be is not in it.

    Releases and sources can be read `later`, when somebody looks at them: what is found then nobody is told.
    """
    folder = f"plugins/{plugin}"
    there = files.children(folder)
    localised = {match[1]: name for name in there.files if (match := _README_IN.fullmatch(name))}
    known = Children(folders=_IN_PLUGIN.folders, files=(*_IN_PLUGIN.files, *localised.values()))
    files.refuse_others(folder, there, known)
    listing = _listing(files, folder, there)

    def part(name: str, read: Callable[[], Mapping[Key, Any]]) -> Mapping[Key, Any]:
        if name not in there.folders:
            return MappingProxyType({})
        return Later(read) if later else read()

    releases = part("releases", lambda: read_documents(files, f"{folder}/releases", registry_layout.RELEASE, Version))
    sources = part("source", lambda: MappingProxyType(dict(sorted(_sources(files, folder, plugin)))))
    reviews = (
        read_documents(files, f"{folder}/reviews", registry_layout.REVIEW, str) if "reviews" in there.folders else {}
    )
    has_screenshots = "screenshots" in there.folders
    if listing is None:
        files.leave_out(folder)
        return None
    return PluginEntry(
        id=plugin,
        folder=folder,
        listing=listing,
        releases=releases,
        readme=_readme(files, folder, there, registry_layout.README_FILE),
        readmes=MappingProxyType({tag: _readme(files, folder, there, name) for tag, name in sorted(localised.items())}),
        icon=_icon(files, folder, there),
        screenshots=MappingProxyType(dict(_screenshots(files, folder)) if has_screenshots else {}),
        sources=sources,
        reviews=tuple(reviews.values()),
    )


def read_documents(
    files: RegistryFiles, folder: str, kind: DocumentKind, name_of: Callable[[str], Key]
) -> Mapping[Key, Any]:
    """Return the documents ``<name>.yaml`` in `folder` by name; `name_of` refuses what cannot be one."""
    there = files.children(folder)
    files.refuse_others(folder, there, Children(files=there.files))
    found: dict[Any, Any] = {}
    for file_name in there.files:
        file, stem = joined(folder, file_name), file_name.removesuffix(registry_layout.YAML_SUFFIX)
        if stem == file_name:
            files.report(
                registry_layout.UNEXPECTED, file, hint=f"the files here are called <name>{registry_layout.YAML_SUFFIX}"
            )
            continue
        try:
            name = name_of(stem)
        except DocumentError as error:
            files.report(registry_layout.BAD_NAME, file, error.what, hint=error.why)
            files.leave_out(file)
            continue
        model = files.read_document(file, kind, name=stem)
        if model is not None:
            found[name] = model
    return MappingProxyType(dict(sorted(found.items())))


def read_source_tree(files: RegistryFiles, folder: str) -> SourceTree | None:
    """Return the sources in `folder`, held to what pack asks of them, or None when the manifest cannot be read."""
    files.parse(joined(folder, registry_layout.MANIFEST_FILE))
    plan = plan_package(files.root / folder)
    files.findings += (_below(files.root, finding) for finding in plan.findings)
    if plan.manifest is None:
        files.leave_out(folder)
        return None
    names = {member.name for member in plan.members}
    schema = plan.manifest.config_schema
    return SourceTree(
        folder=folder,
        manifest=plan.manifest,
        config_schema=files.read(joined(folder, schema), max_bytes=registry_layout.MAX_SCHEMA_BYTES)
        if schema in names
        else None,
    )


def _listing(files: RegistryFiles, folder: str, there: Children) -> Any:
    file = joined(folder, registry_layout.LISTING_FILE)
    if registry_layout.LISTING_FILE in there.files:
        return files.read_document(file, registry_layout.LISTING)
    files.report(registry_layout.MISSING, file, "every plugin's folder has a listing.yaml")
    return None


def _readme(files: RegistryFiles, folder: str, there: Children, name: str) -> str:
    if name not in there.files:
        return ""
    return files.read_text(joined(folder, name), max_bytes=registry_layout.MAX_README_BYTES) or ""


def _icon(files: RegistryFiles, folder: str, there: Children) -> bytes | None:
    if registry_layout.ICON_FILE not in there.files:
        return None
    return files.read(joined(folder, registry_layout.ICON_FILE), max_bytes=registry_layout.MAX_PICTURE_BYTES)


def _screenshots(files: RegistryFiles, folder: str) -> Iterator[tuple[str, bytes]]:
    pictures = files.children(f"{folder}/screenshots")
    files.refuse_others(f"{folder}/screenshots", pictures, Children(files=pictures.files))
    for name in pictures.files:
        if not _PICTURE_NAME.fullmatch(name):
            hint = "screenshots have names of letters, digits and . _ - that end in .png"
            files.report(registry_layout.BAD_NAME, f"{folder}/screenshots/{name}", hint=hint)
            continue
        data = files.read(f"{folder}/screenshots/{name}", max_bytes=registry_layout.MAX_PICTURE_BYTES)
        if data is not None:
            yield f"screenshots/{name}", data


def _sources(files: RegistryFiles, folder: str, plugin: PluginId) -> Iterator[tuple[Version, SourceTree]]:
    there = files.children(f"{folder}/source")
    files.refuse_others(f"{folder}/source", there, Children(folders=there.folders))
    for name in there.folders:
        tree_folder = f"{folder}/source/{name}"
        manifest_file = joined(tree_folder, registry_layout.MANIFEST_FILE)
        try:
            version = Version(name)
        except DocumentError as error:
            files.report(
                registry_layout.BAD_NAME, tree_folder, error.what, hint="each folder here is called after its release"
            )
            files.leave_out(tree_folder)
            continue
        if registry_layout.MANIFEST_FILE not in files.children(tree_folder).files:
            files.report(registry_layout.MISSING, manifest_file, "every source tree has a plugin.yaml")
            files.leave_out(tree_folder)
            continue
        tree = read_source_tree(files, tree_folder)
        if tree is not None and _is_about(files, manifest_file, plugin, version):
            yield version, tree
        else:
            files.leave_out(tree_folder)


def _is_about(files: RegistryFiles, manifest_file: str, plugin: PluginId, version: Version) -> bool:
    has_id = files.is_called(manifest_file, ("id",), str(plugin))
    has_version = files.is_called(manifest_file, ("version",), str(version))
    return has_id and has_version


def _below(root: Path, finding: Finding) -> Finding:
    """Return a finding about an absolute place as one about a place below `root`."""
    file = PurePosixPath(finding.where.file).relative_to(root.as_posix()).as_posix()
    return replace(finding, where=replace(finding.where, file=shown(file)))
