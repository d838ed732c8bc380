"""How the plan of a publication is told: as ``publish-plan.schema.json`` describes it for programs, and as lines.

In: a `PublicationPlan`. Out: plain data, lines, an exit status: that of the publication itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from pluginry.cli.quarantine_report import exit_status_of, plain, quarantine_lines
from pluginry.cli.table import counted
from pluginry.model import layout

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from pluginry.publisher.plan import PlannedObject, PublicationPlan

T = TypeVar("T")
_SHOWN = 20
_NAMED_BY_DIGEST = (layout.NODE_PREFIX, layout.ATTESTATION_PREFIX, layout.TARGETS_PREFIX)


def status_of_plan(plan: PublicationPlan) -> int:
    """Return how publishing would end."""
    return plan.refused.exit_status if plan.refused else exit_status_of(plan.outcome)


def plan_data(plan: PublicationPlan, target: str) -> dict[str, Any]:
    """Return a plan for programs."""
    outcome, refused = plan.outcome, plan.refused
    return {
        "format": 1,
        "target": target,
        "serial": outcome.serial,
        "plugins": outcome.plugins,
        "releases": outcome.releases,
        "builds": list(outcome.built),
        "signs": outcome.signing.waiting,
        "renews_metadata": plan.renews_metadata,
        "adds": [_planned(one) for one in plan.adds],
        "changes": [_planned(one) for one in plan.changes],
        "removals": list(plan.removals),
        "superseded": plan.superseded,
        "bytes": plan.size,
        **({"refused": {"code": refused.code, "what": refused.what, "why": refused.why}} if refused else {}),
        **plain(outcome),
    }


def plan_lines(plan: PublicationPlan) -> Iterator[str]:
    """Yield a plan for people: what is named by its digest is only counted."""
    outcome = plan.outcome
    plugins, releases = counted(outcome.plugins, "plugin"), counted(outcome.releases, "release")
    yield f"would publish {plugins} with {releases}, index serial {outcome.serial}"
    yield f"would build {counted(len(outcome.built), 'release')}, sign {counted(outcome.signing.waiting, 'package')}"
    yield from quarantine_lines(outcome)
    readable = [one for one in plan.adds if not one.key.startswith(_NAMED_BY_DIGEST)]
    yield f"add {counted(len(plan.adds), 'object')}, {len(plan.adds) - len(readable)} of them named by their digest"
    yield from _some(readable, lambda one: f"  + {one.key} ({one.size:,} bytes)")
    yield f"change {counted(len(plan.changes), 'object')}"
    yield from _some(plan.changes, lambda one: f"  ~ {one.key} ({one.size:,} bytes)")
    yield f"name {counted(len(plan.removals), 'object')} no more, and remove none"
    yield from _some(plan.removals, lambda key: f"  - {key}")
    yield f"send {plan.size:,} bytes" + (", and new trust metadata" if plan.renews_metadata else "")
    if plan.superseded:
        yield f"{counted(plan.superseded, 'object')} of earlier states stay: `pluginry gc` collects them"
    if plan.refused:
        yield f"publishing would refuse: {plan.refused}"
        yield f"  hint: {plan.refused.hint}"


def _planned(one: PlannedObject) -> dict[str, Any]:
    return {"key": one.key, "size": one.size}


def _some(items: Sequence[T], line: Callable[[T], str]) -> Iterator[str]:
    yield from map(line, items[:_SHOWN])
    if len(items) > _SHOWN:
        yield f"    and {len(items) - _SHOWN:,} more; --json lists all of them"
