"""The command ``update``: what moves to newer versions, what waits, and what each of them waits for."""

from __future__ import annotations

import shlex
import subprocess
from typing import TYPE_CHECKING, Any

import click

from pluginry.cli.agreement_options import Agreement, agreement_options, dry_run_option
from pluginry.cli.change_text import (
    between,
    change_data,
    change_lines,
    plan_data,
    plan_lines,
    publisher_lines,
    unproven_lines,
)
from pluginry.cli.client_wiring import open_client
from pluginry.cli.command import command
from pluginry.cli.consent_dialogue import ask_data, permission_lines
from pluginry.cli.home_option import home_option
from pluginry.cli.plugin_argument import InstalledPluginId
from pluginry.cli.table import one_line
from pluginry.errors import NEEDS_REVIEW_EXIT_STATUS, PolicyError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pluginry.cli.console import Console
    from pluginry.client.health import HealthCheck
    from pluginry.client.marketplace import Marketplace
    from pluginry.client.plan import Plan
    from pluginry.model.names import PluginId

_HEALTH_TIMEOUT_S = 300
_STANDARD_ERROR = 2


@command("update", streams=True)
@click.argument("plugins", nargs=-1, type=InstalledPluginId())
@click.option("--check", is_flag=True, help="Only say what could be updated; the same as --dry-run.")
@click.option("--scheduled", is_flag=True, help="Refresh, and do what policy.toml lets a scheduler do now.")
@click.option("--stage", is_flag=True, help="Fetch and verify what is new, and let it wait for --switch.")
@click.option("--switch", is_flag=True, help="Make current what was staged; it needs no network.")
@click.option(
    "--health-command", metavar="COMMAND", help="Run it afterwards; unless it ends with 0, the update is taken back."
)
@agreement_options
@dry_run_option
@home_option
def update(
    console: Console,
    *,
    plugins: tuple[PluginId, ...],
    check: bool,
    scheduled: bool,
    stage: bool,
    switch: bool,
    health_command: str | None,
    dry_run: bool,
    home: Path,
    **options: Any,
) -> int:
    """Update plugins, or all of them, to the newest versions that fit together.

    A plugin whose new version asks for more permissions, comes from another publisher or without the provenance that
    was there before, or is not allowed by a policy, keeps its old version until you agree. Exit status 6 when a plugin
    waits for something else than permissions; with --scheduled, 10 when an update is there that waits for you.
    """
    marketplace = open_client(home)
    agreement, only_look = Agreement.of(**options), check or dry_run
    healthy = health_check(health_command) if health_command else None
    if switch:
        if plugins or scheduled or stage or only_look:
            raise UsageError("--switch takes what was staged as it is", hint="pass nothing else but --health-command")
        return _switched(console, marketplace, healthy)
    if scheduled:
        if plugins:
            raise UsageError("policy.toml says which plugins a scheduler may update", hint="name none")
        return _scheduled(console, marketplace, None if only_look else agreement, healthy, stage=stage)
    plan = agreement.plan_update(marketplace, plugins)
    if plan.waiting_for and not only_look and console.can_ask:
        agreement = agreement.and_to(_consent_to_waiting(console, plan))
        plan = agreement.plan_update(marketplace, plugins)
    generation = None if only_look else agreement.apply(plan, marketplace, console, stage=stage, healthy=healthy).number
    console.result(
        {**plan_data(plan, generation), "staged": stage, "saved_bytes": _saved_bytes(marketplace)},
        [*_lines(marketplace, plan, plugins), *_wait(plan, stage=stage)],
    )
    return PolicyError.exit_status if _barred(plan) else 0


def health_check(command: str) -> HealthCheck:
    """Return a check that runs `command`, without a shell: the host is well when it ends with 0.

    Raises:
        UsageError: it is no command.

    """
    try:
        words = shlex.split(command)
    except ValueError as error:
        raise UsageError("this is no command", where=command, why=str(error)) from error
    if not words:
        raise UsageError("the health command is empty")
    return lambda _generation: (
        subprocess.run(words, check=False, timeout=_HEALTH_TIMEOUT_S, stdout=_STANDARD_ERROR).returncode == 0
    )


def _switched(console: Console, marketplace: Marketplace, healthy: HealthCheck | None) -> int:
    before = marketplace.home.installed()
    generation = marketplace.switch_to_staged(healthy=healthy)
    changes = between(before, {installed.id: installed for installed in generation.plugins})
    data = {"generation": generation.number, "changes": change_data(changes)}
    console.result(data, [*change_lines(changes)] or ["The same versions as before are installed."])
    return 0


def _wait(plan: Plan, *, stage: bool) -> Iterator[str]:
    if stage and plan.changes:
        yield "It is staged, and nothing was changed; make it current with: pluginry update --switch"


def _scheduled(
    console: Console,
    marketplace: Marketplace,
    agreement: Agreement | None,
    healthy: HealthCheck | None,
    *,
    stage: bool,
) -> int:
    """Refresh, update what may move now, and tell of the rest; without an `agreement` nothing is changed."""
    marketplace.refresh()
    plan, due = marketplace.plan_scheduled_update()
    generation = None
    if plan is not None and agreement is not None:
        generation = agreement.apply(plan, marketplace, console, stage=stage, healthy=healthy).number
    waiting = sorted({*due.told, *(plan.waiting if plan else ())})
    newer = {str(plugin): str(marketplace.newer_version(plugin) or "") for plugin in waiting}
    data = {
        "update": plan_data(plan, generation) if plan else None,
        "waiting": newer,
        "staged": stage,
        "saved_bytes": _saved_bytes(marketplace),
    }
    lines = [
        *((*plan_lines(plan), *_wait(plan, stage=stage)) if plan else ()),
        *(f"{plugin} {version} is there" for plugin, version in newer.items()),
    ]
    console.result(data, lines or ["Nothing to do."])
    return NEEDS_REVIEW_EXIT_STATUS if waiting else 0


def _saved_bytes(marketplace: Marketplace) -> int:
    """Return how many bytes less this update fetched, because deltas were applied to what is here."""
    return sum(source.saved_bytes for source in marketplace.sources())


def _barred(plan: Plan) -> set[PluginId]:
    """Return the plugins that wait for something else than permissions."""
    publishers = {change.plugin for change in plan.waiting_publishers}
    return publishers | {loss.plugin for loss in plan.waiting_unproven} | {one.plugin for one in plan.refused}


def _consent_to_waiting(console: Console, plan: Plan) -> tuple[str, ...]:
    """Ask for what updates wait for, and return what the user agrees to: all of it or nothing."""
    for line in permission_lines(plan.waiting_for):
        console.say(line)
    about = {"permissions": [ask_data(ask) for ask in plan.waiting_for]}
    if console.confirm("Do you agree? Without it they stay as they are.", about=about):
        return tuple(ask.grant for ask in plan.waiting_for)
    return ()


def _lines(marketplace: Marketplace, plan: Plan, named: tuple[PluginId, ...]) -> Iterator[str]:
    yield from plan_lines(plan)
    yield from _barred_lines(plan)
    if plan.waiting_for:
        waiting = [plugin for plugin in plan.waiting if plugin not in _barred(plan)]
        yield f"waiting for your consent: {', '.join(map(str, waiting))}"
        yield from permission_lines(plan.waiting_for)
        grants = ",".join(ask.grant for ask in plan.waiting_for)
        yield f"agree with: pluginry update {' '.join(map(str, waiting))} --accept-permissions '{grants}'"
    for plugin, installed in marketplace.home.installed().items():
        if installed.held and (not named or plugin in named):
            yield f"{plugin} is held at {installed.version}; let it go with: pluginry install {plugin}"
    if not plan.changes and not plan.waiting:
        yield "Nothing to update."


def _barred_lines(plan: Plan) -> Iterator[str]:
    """Yield what keeps plugins at their version, and how to let them go where that is up to the user."""
    yield from publisher_lines(plan.waiting_publishers)
    for change in plan.waiting_publishers:
        if change.can_be_agreed_to:
            how = f"pluginry update --accept-publisher {change.plugin}"
            yield f"they keep their version; if you trust the new one: {how}"
    yield from unproven_lines(plan.waiting_unproven)
    for loss in plan.waiting_unproven:
        yield f"it keeps its version; if you want it all the same: pluginry update --accept-no-provenance {loss.plugin}"
    yield from (one_line(f"{one.plugin} keeps its version: {one.error}") for one in plan.refused)
