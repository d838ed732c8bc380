"""Commands about what is installed: from ``install`` and ``enable`` to ``rollback`` and ``verify``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from pluginry.cli.agreement_options import Agreement, agreement_options, dry_run_option
from pluginry.cli.change_text import between, change_data, change_lines, plan_data, plan_lines
from pluginry.cli.client_wiring import open_client
from pluginry.cli.command import command
from pluginry.cli.consent_dialogue import agreed_permissions
from pluginry.cli.home_option import home_option
from pluginry.cli.host import note_missing_host
from pluginry.cli.plugin_argument import InstalledPluginId, PluginAt, WantedPlugin
from pluginry.cli.table import counted, table
from pluginry.client.provenance import refuse_unproven
from pluginry.client.publisher_pins import refuse_strangers
from pluginry.errors import TamperedError, UsageError
from pluginry.model.channel import Channel

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from pluginry.cli.console import Console
    from pluginry.client.marketplace import Marketplace
    from pluginry.client.plan import Plan
    from pluginry.model.names import PluginId
    from pluginry.model.receipt import Generation, InstalledPlugin

_INSTALLED = InstalledPluginId()
_REVOKED = {"disable": "BLOCKED by {}", "block-install": "not to be installed any more ({})", "warn": "warning {}"}


@command("install", streams=True)
@click.argument("wanted", nargs=-1, required=True, type=WantedPlugin())
@click.option(
    "--channel",
    type=click.Choice([str(channel) for channel in Channel]),
    default=str(Channel.STABLE),
    show_default=True,
)
@click.option("--enable", is_flag=True, help="Enable what is installed.")
@agreement_options
@dry_run_option
@home_option
def install(
    console: Console,
    *,
    wanted: tuple[PluginAt, ...],
    channel: str,
    enable: bool,
    dry_run: bool,
    home: Path,
    **options: Any,
) -> None:
    """Install plugins with all that they depend on: verified, and disabled until they are enabled.

    ID@1.2.3 installs that version and holds it: updates leave it alone. ID@'>=1.2,<2' takes a range.
    """
    agreement = Agreement.of(**options)
    marketplace = open_client(home)
    plan = _plan_install(marketplace, wanted, Channel(channel))
    note_missing_host(console, marketplace)
    refuse_strangers(plan.publishers, accepted=agreement.accepted_publishers)
    refuse_unproven(plan.unproven, accepted=agreement.accepted_unproven)
    agreement = agreement.and_to(agreed_permissions(console, plan.consent, agreement.accepted))
    if dry_run:
        plan.consent.require(agreement.accepted)
        console.result(plan_data(plan, None), [*plan_lines(plan), "Nothing was changed."])
        return
    generation = agreement.apply(plan, marketplace, console, enable=enable)
    for one in wanted if enable else ():
        generation = marketplace.set_enabled(one.plugin, enabled=True)
    lines = [*plan_lines(plan), *_state_lines(generation, {one.plugin for one in wanted})]
    console.result(plan_data(plan, generation.number), lines)


@command("enable", streams=True)
@click.argument("plugin", type=_INSTALLED)
@home_option
def enable(console: Console, plugin: PluginId, home: Path) -> None:
    """Let the host load a plugin, and what it depends on."""
    _switch(console, plugin, home, enabled=True)


@command("disable", streams=True)
@click.argument("plugin", type=_INSTALLED)
@home_option
def disable(console: Console, plugin: PluginId, home: Path) -> None:
    """Keep a plugin installed, but do not let the host load it."""
    _switch(console, plugin, home, enabled=False)


@command("rollback", streams=True)
@click.argument("plugin", required=False, type=_INSTALLED)
@click.option("--all", "everything", is_flag=True, help="Undo the last change of all plugins.")
@click.option("--to", type=click.IntRange(min=1), metavar="N", help="Go back to generation N of all plugins.")
@click.option("--list", "only_list", is_flag=True, help="List the generations that there are, and change nothing.")
@home_option
def rollback(
    console: Console, *, plugin: PluginId | None, everything: bool, to: int | None, only_list: bool, home: Path
) -> None:
    """Go back to the version that a plugin had before, or to an earlier state of all plugins.

    It needs no network: earlier versions stay on disk. A single plugin that was rolled back is held.
    """
    said = [everything or to is not None, only_list, plugin is not None].count(True)
    if said != 1:
        what = "roll back what?" if not said else "one plugin, everything (--all, --to) and --list exclude each other"
        raise UsageError(what, hint="name one plugin, or pass --all, --to N or --list")
    marketplace = open_client(home)
    if only_list:
        _list_generations(console, marketplace)
        return
    before = marketplace.home.installed()
    generation = marketplace.rollback(plugin, to=to)
    changes = between(before, {installed.id: installed for installed in generation.plugins})
    lines = [*change_lines(changes)] or ["The same versions as before are installed."]
    console.result({"generation": generation.number, "changes": change_data(changes)}, lines)
    if plugin is not None:
        console.say(f"It is held there now; let it go with: pluginry install {plugin}")


def _list_generations(console: Console, marketplace: Marketplace) -> None:
    """Tell the generations, newest first: when, by what, how many plugins."""
    generations = marketplace.home.generations
    found = [generations.find(number) for number in reversed(generations.numbers())]
    data = [
        {"number": one.number, "at": f"{one.at:%Y-%m-%dT%H:%M:%SZ}", "cause": one.cause, "plugins": len(one.plugins)}
        for one in found
    ]
    rows = [(str(one.number), f"{one.at:%Y-%m-%d %H:%M}", str(len(one.plugins)), one.cause) for one in found]
    lines = table(("N", "UTC", "PLUGINS", "CAUSE"), rows) if rows else "There is no generation yet."
    console.result(data, lines)


@command("remove", streams=True)
@click.argument("plugins", nargs=-1, required=True, type=_INSTALLED)
@click.option("--cascade", is_flag=True, help="Also remove the plugins that need them.")
@dry_run_option
@home_option
def remove(console: Console, plugins: tuple[PluginId, ...], cascade: bool, dry_run: bool, home: Path) -> None:
    """Remove plugins, and what only they needed; their data and settings stay."""
    marketplace = open_client(home)
    plan = marketplace.plan_remove(plugins, cascade=cascade)
    generation = None if dry_run else Agreement().apply(plan, marketplace, console).number
    kept = [str(folder) for name in plugins if (folder := marketplace.home.data_folder_of(name)).is_dir()]
    lines = [*plan_lines(plan), *(f"data stays in {folder}" for folder in kept)]
    console.result({**plan_data(plan, generation), "kept": kept}, lines)


@command("list", streams=True)
@home_option
def list_plugins(console: Console, home: Path) -> None:
    """List installed plugins and how each of them is, with newer versions as of the last refresh.

    Enabled or disabled; held at its version; staged, with the version that waits for `pluginry update --switch`;
    blocked by an advisory; incompatible with the host of this home; damaged.
    """
    marketplace = open_client(home)
    damaged = {plugin for plugin, found in marketplace.verify().items() if found}
    waiting = marketplace.home.generations.staged()
    staged = {one.id: one for one in waiting.plugins} if waiting else {}
    data = [
        _installed_data(marketplace, installed, staged.get(plugin), is_damaged=plugin in damaged)
        for plugin, installed in marketplace.home.installed().items()
    ]
    rows = ((one["id"], one["version"], one["state"], _remarks(one)) for one in data)
    console.result(data, table(("ID", "VERSION", "STATE", ""), rows) if data else "Nothing is installed.")


@command("verify", streams=True)
@home_option
def verify(console: Console, home: Path) -> int:
    """Compare every file of the installed plugins with what was verified when they were installed.

    Exit status 5 when a file was changed, added or is missing.
    """
    marketplace = open_client(home)
    with console.progress("hashing installed files"):
        found = marketplace.verify()
    data = {
        str(plugin): [{"path": damage.path, "kind": damage.kind} for damage in damages]
        for plugin, damages in found.items()
    }
    rows = [(plugin, damage["kind"], damage["path"]) for plugin, damages in data.items() for damage in damages]
    if not rows:
        console.result(data, f"{counted(len(data), 'plugin')} as installed.")
        return 0
    installed = marketplace.home.installed()
    again = " ".join(installed[plugin].wanted_again for plugin, damages in found.items() if damages)
    console.result(data, [*table(("ID", "DAMAGE", "FILE"), rows), f"Put them right: pluginry install {again}"])
    return TamperedError.exit_status


def _plan_install(marketplace: Marketplace, wanted: Iterable[PluginAt], channel: Channel) -> Plan:
    """Return the plan; an id that nobody has gets a suggestion."""
    from pluginry.cli.plugin_view import no_such_plugin
    from pluginry.client.resolve import Wanted

    for one in wanted:
        if marketplace.record(one.plugin) is None:
            raise no_such_plugin(marketplace, one.plugin)
    return marketplace.plan_install(Wanted(plugin=one.plugin, versions=one.versions, channel=channel) for one in wanted)


def _switch(console: Console, plugin: PluginId, home: Path, *, enabled: bool) -> None:
    marketplace = open_client(home)
    before = marketplace.home.installed()
    generation = marketplace.set_enabled(plugin, enabled=enabled)
    changed = [one for one in generation.plugins if before[one.id].enabled != one.enabled]
    word = "enabled" if enabled else "disabled"
    lines = [f"{one.id} {one.version} is {word}" for one in changed] or [f"{plugin} is {word} already"]
    console.result({"generation": generation.number, word: [str(one.id) for one in changed]}, lines)


def _state_lines(generation: Generation, wanted: set[PluginId]) -> Iterator[str]:
    for one in generation.plugins:
        if one.id in wanted:
            state = "enabled" if one.enabled else f"disabled; enable it with: pluginry enable {one.id}"
            yield f"{one.id} {one.version} is installed, {state}"


def _installed_data(
    marketplace: Marketplace, installed: InstalledPlugin, staged: InstalledPlugin | None, *, is_damaged: bool
) -> dict[str, Any]:
    newer = marketplace.newer_version(installed.id)
    return {
        "id": str(installed.id),
        "version": str(installed.version),
        "state": "enabled" if installed.enabled else "disabled",
        "held": installed.held,
        "requested": installed.requested,
        "damaged": is_damaged,
        "staged": str(staged.version) if staged and staged.sha256 != installed.sha256 else None,
        "incompatible": marketplace.misfit(installed),
        "newer": str(newer) if newer else None,
        "revocations": [
            {"advisory": one.advisory, "action": one.action.value, "summary": one.summary, "url": one.url}
            for one in marketplace.revocations_of(installed)
        ],
        "granted": list(installed.granted),
        "folder": str(marketplace.home.folder_of(installed.id, installed.version, installed.sha256)),
    }


def _remarks(one: dict[str, Any]) -> str:
    remarks = (
        "DAMAGED" if one["damaged"] else "",
        *(_REVOKED[found["action"]].format(found["advisory"]) for found in one["revocations"]),
        f"INCOMPATIBLE: {one['incompatible']}" if one["incompatible"] else "",
        "held" if one["held"] else "",
        f"{one['staged']} staged" if one["staged"] else "",
        "" if one["requested"] else "needed by others",
        f"{one['newer']} available" if one["newer"] and one["newer"] != one["staged"] else "",
    )
    return ", ".join(remark for remark in remarks if remark)
