"""What a manifest says is in the package, held against the names of the files that are.

In: a manifest and names. Out: findings' raw material: rule, place in the manifest, and words. Never reads a file.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from pluginry.encoding.quoting import quoted
from pluginry.encoding.suggestions import did_you_mean
from pluginry.publisher.packing import rules

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from pluginry.model.finding import DocumentPath
    from pluginry.model.manifest import Manifest
    from pluginry.model.rule import Rule

_DOTTED = r"[^\W\d]\w*(?:\.[^\W\d]\w*)*"
_PYTHON_ENTRY_POINT = re.compile(rf"(?P<module>{_DOTTED})(?::{_DOTTED})?")
_NATIVE_MODULES = ("so", "pyd")
_PYTHON = "python"
_STARTS_A_FILE = frozenset({"process", "wasm"})


class BrokenReference(NamedTuple):
    """What is wrong with the value at ``path`` of the manifest."""

    rule: Rule
    path: DocumentPath
    message: str
    hint: str = ""


def broken_references(manifest: Manifest, names: Collection[str]) -> Iterator[BrokenReference]:
    """Yield what `manifest` names and is not among the file `names` of a package.

    What lies in folders for other platforms is missing by right, but for the entry point.
    """
    assets = manifest.assets
    files: list[tuple[DocumentPath, str]] = [
        (("config_schema",), manifest.config_schema),
        *((("license_files", at), name) for at, name in enumerate(manifest.license_files)),
        *((("assets", "icons", size), name) for size, name in assets.icons.items()),
    ]
    folders: list[tuple[DocumentPath, str]] = [
        (("assets", "docs"), assets.docs),
        (("assets", "locales"), assets.locales),
        *((("runtime", "paths", at), name) for at, name in enumerate(manifest.runtime.paths)),
    ]
    there = _folders_of(names)
    elsewhere = tuple(f"{name}/" for folder in assets.platforms.values() if (name := folder.rstrip("/")) not in there)
    for path, name in files:
        if name and name not in names and not name.startswith(elsewhere):
            yield _missing(path, name, "file", names)
    for path, name in folders:
        if name and name.rstrip("/") not in there and not f"{name}/".startswith(elsewhere):
            yield _missing(path, name, "folder with files", there)
    yield from _broken_entry_point(manifest, names)


def missing_platforms(manifest: Manifest, names: Collection[str]) -> Iterator[BrokenReference]:
    """Yield the folders for platforms that none of `names`, the files for all platforms, lies in."""
    there = _folders_of(names)
    for platform, folder in manifest.assets.platforms.items():
        if folder.rstrip("/") not in there:
            yield _missing(("assets", "platforms", str(platform)), folder, "folder with files", there)


def _folders_of(names: Collection[str]) -> frozenset[str]:
    parents = {name.rpartition("/")[0] for name in names}
    folders: set[str] = set()
    while parents:
        folders |= parents
        parents = {folder.rpartition("/")[0] for folder in parents} - folders
    return frozenset(folders - {""})


def _missing(path: DocumentPath, name: str, kind: str, candidates: Collection[str]) -> BrokenReference:
    message = f"there is no {kind} {quoted(name)} in the package"
    return BrokenReference(rules.MISSING_FILE, path, message, did_you_mean(name.rstrip("/"), candidates))


def _broken_entry_point(manifest: Manifest, names: Collection[str]) -> Iterator[BrokenReference]:
    runtime = manifest.runtime
    path = ("runtime", "entry_point")
    if not runtime.entry_point:
        return
    if runtime.kind == _PYTHON:
        match = _PYTHON_ENTRY_POINT.fullmatch(runtime.entry_point)
        if not match:
            message = f"{quoted(runtime.entry_point)} is not of the form module:attribute"
            yield BrokenReference(rules.ENTRY_POINT, path, message)
        elif not _has_module(match["module"], runtime.paths or ("",), names):
            message = (
                f"there is no module {quoted(match['module'])} below {', '.join(runtime.paths) or 'the top folder'}"
            )
            yield BrokenReference(rules.ENTRY_POINT, path, message)
    elif runtime.kind in _STARTS_A_FILE and runtime.entry_point not in names:
        message = f"there is no file {quoted(runtime.entry_point)} in the package"
        yield BrokenReference(rules.ENTRY_POINT, path, message, did_you_mean(runtime.entry_point, names))


def _has_module(module: str, paths: tuple[str, ...], names: Collection[str]) -> bool:
    for folder in paths:
        stem = "/".join(part for part in (folder.rstrip("/"), *module.split(".")) if part)
        if f"{stem}.py" in names or f"{stem}/__init__.py" in names:
            return True
        beside = (name.removeprefix(f"{stem}.") for name in names if name.startswith(f"{stem}."))
        if any(rest.endswith(_NATIVE_MODULES) and "/" not in rest for rest in beside):
            return True
    return False
