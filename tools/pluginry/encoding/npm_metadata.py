"""Reads what an npm package says of itself: ``package.json`` in the one folder of its archive.

In: the folder an npm archive was unpacked to. Out: `NpmMetadata`, plain texts as the author wrote them; fields of a
shape that npm does not know are left empty. Never: runs a script, resolves or converts what it reads.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from pluginry.errors import DocumentError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

MAX_METADATA_BYTES: Final = 1 << 20
_RUN_AT_INSTALLATION = ("preinstall", "install", "postinstall")
_EXPORT_CONDITIONS = ("default", "node", "require", "import")


@dataclass(frozen=True, slots=True, kw_only=True)
class NpmMetadata:
    """One package. ``install_scripts`` are the names of scripts that npm would run at installation.

    ``mains`` are the paths that may be the module it exports, the likeliest first.
    """

    folder: str
    name: str
    version: str
    description: str
    license: str
    homepage: str
    repository: str
    bugs: str
    keywords: tuple[str, ...]
    mains: tuple[str, ...]
    engines: Mapping[str, str]
    dependencies: Mapping[str, str]
    peer_dependencies: Mapping[str, str]
    install_scripts: tuple[str, ...]


def read_npm_metadata(folder: Path) -> NpmMetadata:
    """Return what the npm package unpacked at `folder` says of itself.

    Raises:
        DocumentError: it has no ``package.json`` in its one folder, or one that cannot be read.
    """
    tops = sorted(path.name for path in folder.iterdir())
    if len(tops) != 1 or not (folder / tops[0] / "package.json").is_file():
        raise DocumentError("this is not an npm package", why="it has no single folder with a package.json")
    top = folder / tops[0]
    package = _read(top / "package.json")
    return NpmMetadata(
        folder=tops[0],
        name=_text(package.get("name")),
        version=_text(package.get("version")),
        description=_text(package.get("description")),
        license=_text(package.get("license")) or _text(_mapping(package.get("license")).get("type")),
        homepage=_text(package.get("homepage")),
        repository=_text(package.get("repository")) or _text(_mapping(package.get("repository")).get("url")),
        bugs=_text(package.get("bugs")) or _text(_mapping(package.get("bugs")).get("url")),
        keywords=_texts(package.get("keywords")),
        mains=_mains(package),
        engines=_text_mapping(package.get("engines")),
        dependencies=_text_mapping(package.get("dependencies")),
        peer_dependencies=_text_mapping(package.get("peerDependencies")),
        install_scripts=_install_scripts(package, top),
    )


def _read(path: Path) -> Mapping[str, Any]:
    if path.stat().st_size > MAX_METADATA_BYTES:
        raise DocumentError("package.json is too large", why=f"at most {MAX_METADATA_BYTES} bytes are allowed")
    try:
        package = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise DocumentError("package.json is not JSON", why=type(error).__name__) from error
    if not isinstance(package, dict):
        raise DocumentError("package.json is not a mapping")
    return package


def _install_scripts(package: Mapping[str, Any], top: Path) -> tuple[str, ...]:
    scripts = _text_mapping(package.get("scripts"))
    found = [name for name in _RUN_AT_INSTALLATION if scripts.get(name)]
    # npm compiles a package with this file although no script says so.
    if "install" not in found and (top / "binding.gyp").exists():
        found.append("install")
    return tuple(found)


def _mains(package: Mapping[str, Any]) -> tuple[str, ...]:
    exported = package.get("exports")
    exported = exported.get(".", exported) if isinstance(exported, dict) else exported
    for _ in range(4):  # conditions stand inside of conditions
        if isinstance(exported, dict):
            exported = next((exported[key] for key in _EXPORT_CONDITIONS if key in exported), None)
    named = [text.removeprefix("./") for text in (_text(package.get("main")), _text(exported)) if text]
    return (*(name + ending for name in named for ending in ("", ".js", "/index.js")), "index.js")


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _texts(value: object) -> tuple[str, ...]:
    values = value.split(",") if isinstance(value, str) else value
    return tuple(_text(item) for item in values if _text(item)) if isinstance(values, list) else ()


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else MappingProxyType({})


def _text_mapping(value: object) -> Mapping[str, str]:
    return MappingProxyType(
        {key: _text(item) for key, item in sorted(_mapping(value).items()) if isinstance(item, str)}
    )
