"""Asking the user: what a plan would change, which permissions it needs, and whether that is agreed to.

In: a plan, the permissions accepted on the command line. Out: lines to print, data for programs, and the accepted
permissions. It asks only where somebody can answer, and takes silence for no.
"""

from __future__ import annotations

import sys
from itertools import groupby
from typing import TYPE_CHECKING, Any

import click

from pluginry.cli.console import printable
from pluginry.errors import PolicyError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from pluginry.cli.console import Console
    from pluginry.client.consent import PermissionAsk
    from pluginry.client.planning import Plan, PlannedChange


def can_ask(console: Console) -> bool:
    """Return whether there is a person who reads questions and can answer."""
    return not console.as_json and sys.stdin.isatty() and sys.stderr.isatty()


def agree(console: Console, question: str) -> None:
    """Go on only if the user says yes.

    Raises:
        PolicyError: the user does not.

    """
    if not click.confirm(question, err=True):
        raise PolicyError("nothing was changed", why="you did not agree")


def agreed_permissions(console: Console, plan: Plan, accepted: Iterable[str], *, versus: str = "") -> tuple[str, ...]:
    """Show what `plan` asks for, and return `accepted` with what the user agrees to now.

    Where nobody can be asked it returns `accepted` alone, and applying the plan says what is missing.
    """
    agreed = tuple(accepted)
    for line in permission_lines(plan.consent.new):
        console.say(line)
    missing = tuple(ask.grant for ask in plan.consent.new if ask.grant not in agreed)
    if missing and can_ask(console):
        agree(console, "Do you agree?")
        agreed += missing
    return agreed


def permission_lines(asks: Iterable[PermissionAsk]) -> Iterator[str]:
    """Yield, for each plugin, every permission as a sentence with the author's reason and how to accept it."""
    for plugin, own in groupby(asks, key=lambda ask: ask.plugin):
        yield f"{plugin} asks for permission:"
        for ask in own:
            yield f"  {printable(ask.says)} [{printable(ask.grant)}]"
            yield f"    reason given: {printable(ask.reason)}"


def plan_lines(plan: Plan) -> Iterator[str]:
    """Yield what `plan` would change, a line for each plugin, and its warnings."""
    for change in plan.changes:
        yield _change_line(change)
    for warning in plan.warnings:
        yield f"warning: {printable(warning)}"


def plan_data(plan: Plan) -> dict[str, Any]:
    """Return `plan` as JSON has it."""
    return {
        "changes": [
            {
                "id": str(change.plugin),
                "before": str(change.before.version) if change.before else None,
                "after": str(change.after.release.version) if change.after else None,
            }
            for change in plan.changes
        ],
        "permissions": [ask_data(ask) for ask in plan.consent.asks],
        "warnings": list(plan.warnings),
        "waiting": [str(plugin) for plugin in plan.waiting],
    }


def ask_data(ask: PermissionAsk) -> dict[str, Any]:
    """Return a permission as JSON has it."""
    return {
        "id": str(ask.plugin),
        "permission": ask.grant,
        "says": ask.says,
        "reason": ask.reason,
        "severity": ask.severity,
        "new": ask.is_new,
    }


def _change_line(change: PlannedChange) -> str:
    before = change.before.version if change.before else None
    after = change.after.release.version if change.after else None
    if before is None:
        return f"install {change.plugin} {after}"
    if after is None:
        return f"remove  {change.plugin} {before}"
    if before == after:
        return f"repair  {change.plugin} {after}"
    return f"update  {change.plugin} {before} -> {after}"
