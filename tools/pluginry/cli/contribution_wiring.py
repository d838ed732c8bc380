"""Joins what contributors do to registry, fetchers and forge: one way for every command of theirs."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pluginry.encoding.suggestions import did_you_mean
from pluginry.errors import DocumentError, NotFoundError, UsageError
from pluginry.model.names import PluginId

if TYPE_CHECKING:
    from collections.abc import Callable

    from pluginry.adapters.github_api import GithubApi
    from pluginry.adapters.github_forge import GithubForge
    from pluginry.contribution.forges import ForgePlace
    from pluginry.contribution.next_release import Upstream
    from pluginry.model.registry import PluginEntry, RegistryConfig
    from pluginry.model.versions import Version
    from pluginry.ports import RepositoryTags

_FOLDER = click.Path(path_type=Path, file_okay=False)


def registry_option(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the option ``--registry``."""
    text = "Folder of the registry, in a clone of its repository."
    option = click.option("--registry", type=_FOLDER, default=Path("registry"), show_default=True, help=text)
    return option(function)


def registry_at(folder: Path) -> Path:
    """Return the registry that `folder` is, or holds as its folder ``registry``.

    Raises:
        UsageError: it is none.

    """
    for place in (folder, folder / "registry"):
        if (place / "registry.yaml").is_file():
            return place.resolve()
    hint = "name that of a clone of the marketplace with --registry; `pluginry registry init` starts a new one"
    raise UsageError("there is no registry here", where=str(folder), hint=hint)


def plugin_of(registry: Path, text: str) -> PluginEntry:
    """Return the plugin `text` of the registry.

    Raises:
        NotFoundError: there is none.
        DocumentError: its listing cannot be read.
        UsageError: no plugin is named.

    """
    from pluginry.publisher.load import load_plugin

    if not text:
        raise UsageError("it is not said which plugin", hint="name it as namespace/name, or its project with --project")
    plugin = PluginId.parse(text)
    folder = registry / "plugins"
    if not (folder / str(plugin)).is_dir():
        known = sorted(f"{path.parent.name}/{path.name}" for path in folder.glob("*/*") if path.is_dir())
        hint = did_you_mean(text, known) or "`pluginry registry add PROJECT` lists a new one"
        raise NotFoundError(f"the registry has no plugin {text[:80]!r}", hint=hint)
    loaded = load_plugin(registry, plugin)
    if loaded.entry is None:
        raise DocumentError("the plugin's listing cannot be read", where=text, hint="run `pluginry check registry`")
    return loaded.entry


def new_version(entry: PluginEntry, tags: RepositoryTags) -> Version:
    """Return the newest version that the plugin's repository has a tag for, and the registry no release.

    Raises:
        NotFoundError: there is none.

    """
    from pluginry.contribution.discovery import new_versions

    found = new_versions(entry, tags)
    if not found:
        raise NotFoundError("the repository of the plugin has no tag of a new version", where=str(entry.id))
    return found[-1]


def config_of(registry: Path) -> RegistryConfig:
    """Return ``registry.yaml``.

    Raises:
        DocumentError: it cannot be read.

    """
    from pluginry.publisher import registry_layout
    from pluginry.publisher.registry_files import RegistryFiles

    found: RegistryConfig | None = RegistryFiles(registry).read_document(
        registry_layout.CONFIG_FILE, registry_layout.CONFIG
    )
    if found is None:
        raise DocumentError("registry.yaml cannot be read", where=str(registry), hint="run `pluginry check registry`")
    return found


def category_of(registry: Path, wanted: str | None) -> str:
    """Return the category `wanted`, or the registry's first.

    Raises:
        UsageError: the registry has no such category.

    """
    shelves = [one.id for one in config_of(registry).categories]
    shelf = wanted or next(iter(shelves), "")
    if shelf not in shelves:
        raise UsageError("the registry has no such category", where=shelf, hint=f"one of {', '.join(shelves)}")
    return shelf


def upstream_of(registry: Path) -> Upstream:
    """Return where releases are fetched from, within the limits of the registry."""
    from pluginry.cli.publisher_wiring import PublisherPlaces, fetchers_of
    from pluginry.contribution.next_release import Upstream

    fetchers = dict(fetchers_of(PublisherPlaces.at(registry.parent, None)))
    if registry.name != "registry":
        from pluginry.adapters.path_source import PathSource

        fetchers["path"] = PathSource(registry)
    return Upstream(fetchers=fetchers, root=registry, max_bytes=config_of(registry).limits.upstream_bytes)


def repository_of(place: ForgePlace | None) -> str:
    """Return ``OWNER/NAME`` of a place; in a workflow that of the repository it runs for."""
    return place.repository if place else os.environ.get("GITHUB_REPOSITORY", "")


def github_api() -> GithubApi:
    """Return GitHub's interface, as whoever is logged in; ``GITHUB_API_URL`` is another GitHub."""
    from urllib.parse import urlsplit

    from pluginry.adapters.forge_token import forge_token
    from pluginry.adapters.github_api import PUBLIC, GithubApi

    address = os.environ.get("GITHUB_API_URL") or PUBLIC
    host = (urlsplit(address).hostname or "").removeprefix("api.")
    return GithubApi(token=forge_token(host), address=address)


def forge_of(repository: str, *, base: str = "main") -> GithubForge:
    """Return the repository ``OWNER/NAME`` at GitHub."""
    from pluginry.adapters.github_forge import GithubForge

    return GithubForge(api=github_api(), repository=repository, base=base)
