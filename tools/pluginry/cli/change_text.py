"""What changes among installed plugins, as lines for people and as data for programs.

In: plans before they are carried out, and sets of plugins before and after. Out: lines, and plain values.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pluginry.cli.consent_dialogue import ask_data
from pluginry.cli.table import one_line
from pluginry.encoding import documents

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from pluginry.client.plan import Plan
    from pluginry.client.provenance import ProvenanceLoss
    from pluginry.client.publisher_pins import PublisherChange
    from pluginry.model.names import PluginId
    from pluginry.model.receipt import InstalledPlugin

Change = tuple[str, str | None, str | None]
"""An id, and the versions before and after; None where it is not there."""


def planned(plan: Plan) -> tuple[Change, ...]:
    """Return the changes of `plan`."""
    return tuple(
        (
            str(change.plugin),
            str(change.before.version) if change.before else None,
            str(change.after.release.version) if change.after else None,
        )
        for change in plan.changes
    )


def between(
    before: Mapping[PluginId, InstalledPlugin], after: Mapping[PluginId, InstalledPlugin]
) -> tuple[Change, ...]:
    """Return what differs between two sets of plugins."""
    versions = {
        plugin: tuple(str(side[plugin].version) if plugin in side else None for side in (before, after))
        for plugin in sorted(before.keys() | after.keys())
    }
    return tuple((str(plugin), was, now) for plugin, (was, now) in versions.items() if was != now)


def change_lines(changes: Iterable[Change]) -> Iterator[str]:
    """Yield a line for each change."""
    for plugin, before, after in changes:
        if before is None:
            yield f"install {plugin} {after}"
        elif after is None:
            yield f"remove {plugin} {before}"
        elif before == after:
            yield f"repair {plugin} {after}"
        else:
            yield f"change {plugin} {before} -> {after}"


def plan_lines(plan: Plan) -> Iterator[str]:
    """Yield the changes of `plan` and its warnings."""
    yield from change_lines(planned(plan))
    yield from (one_line(f"warning: {warning}") for warning in plan.warnings)
    yield from publisher_lines(plan.publishers)
    yield from unproven_lines(plan.unproven)


def publisher_lines(changes: Iterable[PublisherChange]) -> Iterator[str]:
    """Yield a line for each plugin of another publisher than before."""
    yield from (one_line(f"new publisher of {change.plugin}: {change.says}") for change in changes)


def unproven_lines(losses: Iterable[ProvenanceLoss]) -> Iterator[str]:
    """Yield a line for each plugin that comes without the provenance that it had."""
    yield from (one_line(f"provenance of {loss.plugin}: {loss.says}") for loss in losses)


def change_data(changes: Iterable[Change]) -> list[dict[str, str | None]]:
    """Return `changes` as JSON has them."""
    return [{"id": plugin, "before": before, "after": after} for plugin, before, after in changes]


def plan_data(plan: Plan, generation: int | None) -> dict[str, Any]:
    """Return `plan` as JSON has it, and the number of the generation that it led to, if it was carried out."""
    return {
        "generation": generation,
        "changes": change_data(planned(plan)),
        "permissions": [ask_data(ask) for ask in plan.consent.asks],
        "warnings": list(plan.warnings),
        "waiting": [str(plugin) for plugin in plan.waiting],
        "waiting_for": [ask_data(ask) for ask in plan.waiting_for],
        "publishers": publisher_data(plan.publishers),
        "waiting_publishers": publisher_data(plan.waiting_publishers),
        "unproven": unproven_data(plan.unproven),
        "waiting_unproven": unproven_data(plan.waiting_unproven),
        "refused": [{"id": str(one.plugin), "why": str(one.error)} for one in plan.refused],
    }


def publisher_data(changes: Iterable[PublisherChange]) -> list[dict[str, Any]]:
    """Return changed publishers as JSON has them; ``transfers`` is empty where the marketplace announced nothing.

    ``moved`` are the sources that a plugin came and comes from, if those are two marketplaces.
    """
    return [
        {
            "id": str(change.plugin),
            "before": documents.to_plain(change.before) if change.before else None,
            "after": documents.to_plain(change.after) if change.after else None,
            "transfers": documents.to_plain(change.transfers),
            "moved": list(change.moved) if change.moved else None,
        }
        for change in changes
    ]


def unproven_data(losses: Iterable[ProvenanceLoss]) -> list[dict[str, str]]:
    """Return lost provenance as JSON has it."""
    return [{"id": str(loss.plugin), "version": str(loss.version), "why": loss.why} for loss in losses]
