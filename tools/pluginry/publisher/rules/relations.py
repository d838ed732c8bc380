"""What plugins say of other plugins: related ones, and the one that takes their place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pluginry.encoding.quoting import quoted
from pluginry.encoding.suggestions import did_you_mean
from pluginry.model.finding import Severity
from pluginry.model.rule import Rule
from pluginry.model.status import Status
from pluginry.publisher import registry_layout

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pluginry.model.finding import DocumentPath, Finding
    from pluginry.model.names import PluginId
    from pluginry.model.registry import PluginEntry, Registry
    from pluginry.publisher.loaded_registry import Locate

UNKNOWN = Rule(
    id="relations.unknown",
    title="There is no such plugin",
    why="The catalogue and the clients lead users there.",
    fix="write the id of a plugin in this registry",
)
SELF = Rule(
    id="relations.self",
    title="The plugin names itself",
    why="A plugin cannot be related to itself, or take its own place.",
    fix="name another plugin, or remove the line",
)
CYCLE = Rule(
    id="relations.replacement-cycle",
    title="The replacements lead in a circle",
    why="A client that follows them would never arrive.",
    fix="let the last plugin of the circle replace the others, and be replaced by none",
)
GONE = Rule(
    id="relations.replacement-gone",
    title="The replacement was removed",
    why="Users would be led from one dead end into another.",
    fix="name a plugin that can be installed, or give a reason instead",
)
NO_REASON = Rule(
    id="relations.no-reason",
    title="The status has neither a reason nor a replacement",
    why="Users have to know why the plugin is given up, and what to do now.",
    fix="add reason, or replaced_by, or both",
)
STILL_ACTIVE = Rule(
    id="relations.replaced-but-active",
    title="The plugin is replaced, but its status is active",
    why="Clients propose a replacement only for what is deprecated or removed.",
    fix="write status: deprecated, or remove replaced_by",
    severity=Severity.NEEDS_REVIEW,
)
RULES = (UNKNOWN, SELF, CYCLE, GONE, NO_REASON, STILL_ACTIVE)


def check(registry: Registry, locate: Locate) -> Iterator[Finding]:
    """Yield findings about related and replacing plugins."""
    for entry in registry.plugins.values():
        for index, other in enumerate(entry.listing.related):
            yield from _refers(registry, entry, other, ("related", index), locate)
        if entry.listing.replaced_by is not None:
            yield from _replacement(registry, entry, entry.listing.replaced_by, locate)
        yield from _status(entry, locate)


def _refers(
    registry: Registry, entry: PluginEntry, other: PluginId, path: DocumentPath, locate: Locate
) -> Iterator[Finding]:
    where = locate(registry_layout.listing_file(entry), path)
    if other == entry.id:
        yield SELF.finding(where, f"{entry.id} names itself")
    elif other not in registry.plugins and f"plugins/{other}" not in registry.left_out:
        hint = did_you_mean(str(other), map(str, registry.plugins))
        yield UNKNOWN.finding(where, f"there is no plugin {quoted(str(other))}", hint=hint)


def _replacement(registry: Registry, entry: PluginEntry, other: PluginId, locate: Locate) -> Iterator[Finding]:
    yield from _refers(registry, entry, other, ("replaced_by",), locate)
    where = locate(registry_layout.listing_file(entry), ("replaced_by",))
    circle = _circle(registry, entry.id)
    if len(circle) > 1:
        yield CYCLE.finding(where, " is replaced by ".join(str(plugin) for plugin in (*circle, entry.id)))
    replacement = registry.plugins.get(other)
    if replacement is not None and replacement.listing.status is Status.REMOVED:
        yield GONE.finding(where, f"{other} was removed")
    if entry.listing.status in (Status.ACTIVE, Status.ADOPT_ME):
        yield STILL_ACTIVE.finding(locate(registry_layout.listing_file(entry), ("replaced_by",), of_key=True))


def _circle(registry: Registry, start: PluginId) -> tuple[PluginId, ...]:
    """Return the replacements from `start` back to it, or nothing when they do not lead back."""
    seen: dict[PluginId, None] = {}
    here: PluginId | None = start
    while here is not None and here not in seen:
        seen[here] = None
        entry = registry.plugins.get(here)
        here = entry.listing.replaced_by if entry else None
    return tuple(seen) if here == start else ()


def _status(entry: PluginEntry, locate: Locate) -> Iterator[Finding]:
    listing = entry.listing
    given_up = listing.status in (Status.DEPRECATED, Status.REMOVED)
    if given_up and not listing.reason and listing.replaced_by is None:
        where = locate(registry_layout.listing_file(entry), ("status",))
        yield NO_REASON.finding(where, f"the plugin is {listing.status}, but does not say why or what instead")
