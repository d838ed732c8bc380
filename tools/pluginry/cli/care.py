"""``pluginry doctor``, ``audit`` and ``prune``: what is wrong with a home, what to look at in it, and what may go."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from pluginry.cli.client_wiring import open_client
from pluginry.cli.command import command
from pluginry.cli.home_option import home_option
from pluginry.cli.table import counted, table
from pluginry.errors import NEEDS_REVIEW_EXIT_STATUS, RevokedError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from pluginry.cli.console import Console
    from pluginry.client.audit import Audit
    from pluginry.client.doctor import Trouble

_KEPT_GENERATIONS = 3
_UNUSED_DAYS = 30


@command("doctor", streams=True)
@click.option("--fix", is_flag=True, help="Put right what can be put right from what is on this machine.")
@home_option
def doctor(console: Console, *, fix: bool, home: Path) -> int:
    """Find what is wrong with the plugin home: files, pointers, leftovers, rights, sources, the clock.

    Exit status 10 when something is wrong (with --fix: when something is left that only you can put right).
    """
    from pluginry.client.doctor import repair

    marketplace = open_client(home)
    found = marketplace.examine()
    fixed: Sequence[Trouble] = ()
    if fix and any(trouble.fixable for trouble in found):
        repair(marketplace.home, now=marketplace.now())
        left = open_client(home).examine()
        fixed = [trouble for trouble in found if trouble not in left]
        found = left
    data = {"troubles": [_trouble(one) for one in found], "fixed": [_trouble(one) for one in fixed]}
    console.result(data, list(_trouble_lines(found, fixed)))
    return NEEDS_REVIEW_EXIT_STATUS if found else 0


@command("audit", streams=True)
@home_option
def audit(console: Console, home: Path) -> int:
    """Tell what to look at among installed plugins, as of the last refresh: advisories, yanked, removed, unsigned ones.

    The JSON form also lists every licence and every permission in use. Exit status 5 when an advisory forbids to run an
    installed plugin, 10 when another one needs to be looked at.
    """
    from pluginry.client.audit import Concern

    marketplace = open_client(home)
    found = marketplace.audit()
    console.result(_audit_data(found), list(_audit_lines(found)))
    for source in marketplace.sources():
        console.say(f"{source.config.name} as of {source.index().as_of:%Y-%m-%d %H:%M} UTC")
    if any(remark.concern is Concern.REVOKED for remark in found.remarks):
        return RevokedError.exit_status
    return NEEDS_REVIEW_EXIT_STATUS if any(remark.concern.is_pressing for remark in found.remarks) else 0


@command("prune", streams=True)
@click.option(
    "--keep",
    type=click.IntRange(min=1),
    default=_KEPT_GENERATIONS,
    show_default=True,
    help="So many generations stay, with everything that they name.",
)
@click.option(
    "--unused-days",
    type=click.IntRange(min=0),
    default=_UNUSED_DAYS,
    show_default=True,
    help="Fetched objects that were not read for so long go.",
)
@click.option("--dry-run", is_flag=True, help="Say what would go, and remove nothing.")
@home_option
def prune(console: Console, *, keep: int, unused_days: int, dry_run: bool, home: Path) -> None:
    """Remove versions that no kept generation names, and fetched objects that nobody needed lately.

    What plugins wrote stays, and so do settings. Rolling back further than the kept generations is not possible then.
    """
    from pluginry.client.plugin_home import PluginHome
    from pluginry.client.pruning import prune as remove
    from pluginry.client.pruning import waste

    act = waste if dry_run else remove
    found = act(PluginHome(home), generations=keep, unused_for=timedelta(days=unused_days), now=datetime.now(UTC))
    freed = sum(one.size for one in found)
    said = f"{counted(len(found), 'item')} with {freed:,} bytes {'would go' if dry_run else 'went'}"
    console.result({"removed": [str(one.path) for one in found], "bytes": freed, "dry_run": dry_run}, said)


def _trouble(trouble: Trouble) -> dict[str, Any]:
    return {"where": trouble.where, "says": trouble.says, "fixable": trouble.fixable, "hint": trouble.hint}


def _trouble_lines(found: Sequence[Trouble], fixed: Sequence[Trouble]) -> Iterator[str]:
    for trouble in fixed:
        yield f"put right: {trouble.where}: {trouble.says}"
    for trouble in found:
        yield f"{trouble.where}: {trouble.says}"
        todo = "pluginry doctor --fix" if trouble.fixable else trouble.hint
        if todo:
            yield f"  do: {todo}"
    if not found:
        yield "Nothing is wrong." if not fixed else "Nothing else is wrong."


def _audit_data(found: Audit) -> dict[str, Any]:
    return {
        "remarks": [
            {
                "plugin": str(one.plugin),
                "version": str(one.version),
                "concern": one.concern.value,
                "says": one.says,
                "hint": one.hint,
            }
            for one in found.remarks
        ],
        "licences": {str(plugin): licence for plugin, licence in found.licences.items()},
        "permissions": {str(plugin): list(granted) for plugin, granted in found.permissions.items()},
    }


def _audit_lines(found: Audit) -> Iterator[str]:
    rows = [(one.concern.value, f"{one.plugin} {one.version}", one.says, one.hint) for one in found.remarks]
    yield from table(("CONCERN", "PLUGIN", "WHY", "DO"), rows)
    if not rows:
        yield f"{counted(len(found.licences), 'plugin')}, and nothing to look at."
