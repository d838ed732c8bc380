"""What a path of the repository stands for: which part of which plugin, or what else.

In: a path relative to the repository. Out: its `Place`. Never reads anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from pluginry.publisher import registry_layout
from pluginry.publisher.plugin_parts import Kind, part_of
from pluginry.publisher.site_folder import FOLDER as SITE_FOLDER

if TYPE_CHECKING:
    from pluginry.model.names import PluginId
    from pluginry.model.versions import Version

REGISTRY: Final = "registry"
"""The folder of the registry in its repository."""


class Area(StrEnum):
    """Parts of the repository that are changed by different people, for different reasons."""

    LISTING = "listing"
    TEXTS = "texts"
    RELEASE = "release"
    SOURCE = "source"
    REVIEW = "review"
    NAMESPACE = "namespace"
    HOST = "host"
    ADVISORY = "advisory"
    POLICY = "policy"
    LEDGER = "ledger"
    WORKFLOW = "workflow"
    OTHER = "other"


PROTECTED: Final = frozenset({Area.POLICY, Area.LEDGER, Area.WORKFLOW})
"""Where a change gives power over all others."""
OF_A_PLUGIN: Final = frozenset({Area.LISTING, Area.TEXTS, Area.RELEASE, Area.SOURCE, Area.REVIEW})


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a path is: its ``area``, and there the ``plugin`` and its ``version``, or the ``name`` of the document."""

    area: Area
    plugin: PluginId | None = None
    version: Version | None = None
    name: str = ""


def place_of(path: str) -> Place:
    """Return what `path`, relative to the repository, stands for."""
    top, _, inside = path.partition("/")
    if top != REGISTRY:
        tops = {"index": Area.LEDGER, ".github": Area.WORKFLOW, ".gitlab": Area.WORKFLOW}
        return Place(area=tops.get(top, Area.OTHER))
    if inside in (registry_layout.CONFIG_FILE, registry_layout.RESERVED_FILE):
        return Place(area=Area.POLICY)
    folder, _, name = inside.partition("/")
    if folder == SITE_FOLDER:
        return Place(area=Area.POLICY)  # who changes the templates says what every page says
    by_folder = {"namespaces": Area.NAMESPACE, "hosts": Area.HOST, "advisories": Area.ADVISORY}
    if folder in by_folder:
        return Place(area=by_folder[folder], name=name.removesuffix(registry_layout.YAML_SUFFIX))
    return _in_plugins(inside)


def _in_plugins(inside: str) -> Place:
    part, steps = part_of(inside), inside.split("/")[3:]
    if part is None or not steps:
        return Place(area=Area.OTHER)
    step = steps[0]
    if part.kind is Kind.REVIEW:
        return Place(area=Area.REVIEW, plugin=part.plugin, name=part.name)
    if part.kind is Kind.RELEASE:
        area = Area.RELEASE if step == "releases" else Area.SOURCE
        return Place(area=area, plugin=part.plugin, version=part.version, name=part.name)
    return Place(area=Area.LISTING if step == registry_layout.LISTING_FILE else Area.TEXTS, plugin=part.plugin)
