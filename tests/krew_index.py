"""A krew index to change one thing in: a manifest that is valid by default, as text."""

from __future__ import annotations

from copy import deepcopy
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from pathlib import Path

SHA256 = "ab" * 32
LEFT_OUT = object()
_RELEASES = "https://github.com/acme/view-secret/releases/download/v1.2.0"


def a_platform(system: str = "linux", arch: str = "amd64", **changes: Any) -> dict[str, Any]:
    """Return an entry of ``platforms``."""
    platform: dict[str, Any] = {
        "selector": {"matchLabels": {"os": system, "arch": arch}},
        "uri": f"{_RELEASES}/view-secret-{system}-{arch}.tar.gz",
        "sha256": sha256(f"{system}-{arch}".encode()).hexdigest(),
        "bin": "view-secret",
    }
    return _changed(platform, changes)


def a_manifest(*, name: str = "view-secret", platforms: list[Any] | None = None, **changes: Any) -> dict[str, Any]:
    """Return a manifest; `changes` are keys of its ``spec``."""
    spec: dict[str, Any] = {
        "version": "v1.2.0",
        "homepage": "https://github.com/acme/view-secret",
        "shortDescription": "Decode secrets",
        "description": "Shows what is in a secret.",
        "platforms": [a_platform()] if platforms is None else platforms,
    }
    return {
        "apiVersion": "krew.googlecontainertools.github.com/v1alpha2",
        "kind": "Plugin",
        "metadata": {"name": name},
        "spec": _changed(spec, changes),
    }


def as_text(manifest: dict[str, Any]) -> str:
    """Return a manifest as YAML."""
    return yaml.safe_dump(deepcopy(manifest), sort_keys=False, width=1000)


def an_index(folder: Path, *manifests: dict[str, Any], **files: str) -> Path:
    """Write an index; `files` are further ones by name, with ``_`` for the dot before their ending."""
    plugins = folder / "index" / "plugins"
    plugins.mkdir(parents=True)
    for manifest in manifests:
        (plugins / f"{manifest['metadata']['name']}.yaml").write_text(as_text(manifest))
    for name, text in files.items():
        (plugins / ".".join(name.rsplit("_", 1))).write_text(text)
    return plugins.parent


def _changed(mapping: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in {**mapping, **changes}.items() if value is not LEFT_OUT}
