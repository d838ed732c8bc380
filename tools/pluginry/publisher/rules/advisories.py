"""Advisories: about plugins and versions that exist, so that a slip of the pen does not leave a hole open."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from pluginry.encoding.quoting import quoted
from pluginry.encoding.suggestions import did_you_mean
from pluginry.model.rule import Rule
from pluginry.publisher import registry_layout

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pluginry.model.advisory import Advisory, Affected, AffectedRange, RangeEvent
    from pluginry.model.finding import DocumentPath, Finding
    from pluginry.model.registry import Registry
    from pluginry.publisher.loaded_registry import Locate

UNKNOWN_PLUGIN = Rule(
    id="advisories.unknown-plugin",
    title="There is no such plugin",
    why="An advisory about a misspelt id warns nobody.",
    fix="write the id of a plugin in this registry",
)
NOTHING_MATCHES = Rule(
    id="advisories.range-matches-nothing",
    title="The range holds no release of the plugin",
    why="Whoever has the dangerous version would not be warned.",
    fix="compare the range with the releases of the plugin",
)
UNKNOWN_VERSION = Rule(
    id="advisories.unknown-version",
    title="There is no such release of the plugin",
    why="Whoever has the dangerous version would not be warned.",
    fix="compare the version with the releases of the plugin",
)
EVENT_ORDER = Rule(
    id="advisories.event-order",
    title="The events of the range are not in order",
    why="Programs read them one after the other, from the first affected version to the fix.",
    fix="start with introduced, then fixed or last_affected, with rising versions",
)
NOTHING_AFFECTED = Rule(
    id="advisories.nothing-affected",
    title="The advisory names neither versions nor artifacts",
    why="It warns nobody.",
    fix="add ranges or versions, or digests in database_specific",
)
DATES = Rule(
    id="advisories.dates",
    title="The advisory was changed or withdrawn before it was published",
    why="Programs that look for news go by these times.",
    fix="correct published, modified or withdrawn",
)
RULES = (UNKNOWN_PLUGIN, NOTHING_MATCHES, UNKNOWN_VERSION, EVENT_ORDER, NOTHING_AFFECTED, DATES)


def check(registry: Registry, locate: Locate) -> Iterator[Finding]:
    """Yield findings about advisories."""
    removed = {tombstone.id for tombstone in registry.reserved.tombstones}
    for advisory in registry.advisories:
        file = f"advisories/{advisory.id}{registry_layout.YAML_SUFFIX}"
        yield from _dates(advisory, file, locate)
        for index, affected in enumerate(advisory.affected):
            path: DocumentPath = ("affected", index)
            if not (affected.ranges or affected.versions or advisory.database_specific.digests):
                yield NOTHING_AFFECTED.finding(locate(file, path))
            for number, span in enumerate(affected.ranges):
                yield from _order(span, file, (*path, "ranges", number, "events"), locate)
            plugin = affected.package.name
            if registry.lacks_releases_of(plugin):
                continue
            if plugin in registry.plugins:
                yield from _versions(registry, affected, file, path, locate)
            elif plugin not in removed and f"plugins/{plugin}" not in registry.left_out:
                where = locate(file, (*path, "package", "name"))
                hint = did_you_mean(str(plugin), map(str, registry.plugins))
                yield UNKNOWN_PLUGIN.finding(where, f"there is no plugin {quoted(str(plugin))}", hint=hint)


def _dates(advisory: Advisory, file: str, locate: Locate) -> Iterator[Finding]:
    for key in ("modified", "withdrawn"):
        moment = getattr(advisory, key)
        if moment is not None and moment < advisory.published:
            yield DATES.finding(locate(file, (key,)), f"{key} is earlier than published")


def _versions(
    registry: Registry, affected: Affected, file: str, path: DocumentPath, locate: Locate
) -> Iterator[Finding]:
    plugin = affected.package.name
    releases = registry.plugins[plugin].releases
    for number, span in enumerate(affected.ranges):
        if not any(version in span for version in releases):
            where = locate(file, (*path, "ranges", number))
            yield NOTHING_MATCHES.finding(where, f"no release of {plugin} is in this range")
    for number, version in enumerate(affected.versions):
        if version not in releases:
            where = locate(file, (*path, "versions", number))
            hint = did_you_mean(str(version), map(str, releases))
            yield UNKNOWN_VERSION.finding(where, f"{plugin} has no release {version}", hint=hint)


def _order(span: AffectedRange, file: str, path: DocumentPath, locate: Locate) -> Iterator[Finding]:
    if not span.events[0].introduced:
        message = "the range does not start with introduced"
        yield EVENT_ORDER.finding(locate(file, (*path, 0)), message)
    for number, (before, event) in enumerate(pairwise(span.events), start=1):
        where = locate(file, (*path, number))
        if bool(before.introduced) == bool(event.introduced):
            yield EVENT_ORDER.finding(where, "introduced and fixed (or last_affected) do not take turns")
        elif not _rises(before, event):
            yield EVENT_ORDER.finding(where, "the version here is lower than the one before it")


def _rises(before: RangeEvent, event: RangeEvent) -> bool:
    if before.introduced == "0":
        return True
    return before.version < event.version or bool(before.version == event.version and event.last_affected)
