"""The operator's own look of the catalogue: readable colours, plugins that are there, pages each at its address."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from pluginry.encoding.suggestions import did_you_mean
from pluginry.model.rule import Rule
from pluginry.publisher import registry_layout
from pluginry.publisher.pages import colours, own_look

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pluginry.model.finding import DocumentPath, Finding
    from pluginry.model.names import PluginId
    from pluginry.model.registry import Registry
    from pluginry.publisher.loaded_registry import Locate

LOW_CONTRAST = Rule(
    id="site.low-contrast",
    title="Text in this colour is hard to read",
    why="Links and buttons have this colour, and WCAG 2.2 asks for a contrast of 4.5 to 1 between text and its ground.",
    fix="take a darker colour for the light theme, a lighter one for the dark theme",
)
UNKNOWN_PLUGIN = Rule(
    id="site.unknown-plugin",
    title="The front page names a plugin that is not there",
    why="Visitors would miss what the operator meant to show them.",
    fix="correct the id, or delete it",
)
TWICE = Rule(
    id="site.collection-twice",
    title="Two collections have the same id",
    why="The id is the address of the collection's page.",
    fix="give one of them another id",
)
PAGE_TWICE = Rule(
    id="site.page-twice",
    title="Two pages have the same name but for the number before it",
    why="The number only says in which order pages are named; the rest of the name is the address of the page.",
    fix="rename one of them",
)
RULES = (LOW_CONTRAST, UNKNOWN_PLUGIN, TWICE, PAGE_TWICE)


def check(registry: Registry, locate: Locate) -> Iterator[Finding]:
    """Yield findings about ``site`` in ``registry.yaml`` and the pages in ``site/``."""
    yield from _accent(registry, locate)
    yield from _plugins(registry, locate)
    yield from _pages(registry, locate)


def _accent(registry: Registry, locate: Locate) -> Iterator[Finding]:
    accent = registry.config.site.accent
    if accent is None:
        return
    for theme, (ground, ratio) in zip(("light", "dark"), colours.weakest(accent), strict=True):
        if ratio < colours.ENOUGH_FOR_TEXT:
            where = locate(registry_layout.CONFIG_FILE, ("site", "accent", theme))
            colour = getattr(accent, theme)
            message = f"{colour} on {ground}, the {theme} theme's ground, has a contrast of {ratio:.1f} to 1"
            yield LOW_CONTRAST.finding(where, message)


def _plugins(registry: Registry, locate: Locate) -> Iterator[Finding]:
    for path, plugin in chain(_featured(registry), _collected(registry)):
        if plugin not in registry.plugins and f"plugins/{plugin}" not in registry.left_out:
            where = locate(registry_layout.CONFIG_FILE, ("site", *path))
            hint = did_you_mean(str(plugin), map(str, registry.plugins))
            yield UNKNOWN_PLUGIN.finding(where, f"there is no plugin {plugin}", hint=hint)
    seen: set[str] = set()
    for index, collection in enumerate(registry.config.site.collections):
        if collection.id in seen:
            where = locate(registry_layout.CONFIG_FILE, ("site", "collections", index, "id"))
            yield TWICE.finding(where, f"{collection.id} is the id of an earlier collection")
        seen.add(collection.id)


def _featured(registry: Registry) -> Iterator[tuple[DocumentPath, PluginId]]:
    for index, plugin in enumerate(registry.config.site.featured):
        yield ("featured", index), plugin


def _collected(registry: Registry) -> Iterator[tuple[DocumentPath, PluginId]]:
    for at, collection in enumerate(registry.config.site.collections):
        for index, plugin in enumerate(collection.plugins):
            yield ("collections", at, "plugins", index), plugin


def _pages(registry: Registry, locate: Locate) -> Iterator[Finding]:
    seen: dict[str, str] = {}
    for name in sorted(registry.site.pages):
        slug = own_look.slug_of(name)
        if slug in seen:
            yield PAGE_TWICE.finding(locate(f"site/pages/{name}"), f"{seen[slug]} has the same address")
        seen[slug] = name
