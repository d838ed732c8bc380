"""``pluginry registry``: the changes that owners and moderators make to plugins that are listed.

In: the registry's folder, a plugin, a reason. Out: edited files, shown as a difference, and what clients will make of
it. Nothing is committed: the change goes the way of every other, through a pull request.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pluginry.cli.command import command
from pluginry.cli.registry_add import add
from pluginry.cli.registry_edits import carry_out
from pluginry.cli.registry_start import init
from pluginry.cli.written import Written
from pluginry.contribution import advising, moderation
from pluginry.errors import UsageError
from pluginry.model.advisory import Action
from pluginry.model.names import PluginId
from pluginry.model.publisher import Publisher
from pluginry.model.versions import Version

if TYPE_CHECKING:
    from collections.abc import Callable

    from pluginry.cli.console import Console
    from pluginry.model.registry import Registry


def _release(text: str) -> tuple[PluginId, Version]:
    plugin, at, version = text.partition("@")
    if not at:
        raise UsageError("name the version too, as in acme/clock@1.2.0")
    return PluginId.parse(plugin), Version(version)


_ID = Written(PluginId.parse, "ID")
_VERSION = Written(Version, "VERSION")


def _line(_ctx: click.Context, _param: click.Parameter, value: str | None) -> str | None:
    if value is not None and len(value.splitlines()) > 1:
        raise click.BadParameter("it is shown as one line, and has several")
    return value


_REASON = "Why, in a line that users will read."
_reason = click.option("--reason", required=True, callback=_line, metavar="TEXT", help=_REASON)
_reason_or_undo = click.option("--reason", callback=_line, metavar="TEXT", help=_REASON)
_replaced_by = click.option("--replaced-by", type=_ID, metavar="ID", help="What to use instead.")


def _edits(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options of every change: which registry, and whether to change it."""
    function = click.option("--dry-run", is_flag=True, help="Show the change, and do nothing.")(function)
    return click.option(
        "--registry",
        "folder",
        type=click.Path(path_type=Path, file_okay=False, exists=True),
        default=Path("registry"),
        show_default=True,
        help="The registry to change.",
    )(function)


@click.group("registry")
def registry() -> None:
    """Start a registry, list plugins; withdraw, deprecate, remove, hand over what is listed.

    Each changes files of a registry, says what it means, and commits nothing.
    """


@command("yank", short_help="Withdraw a release.")
@click.argument("release", type=Written(_release, "ID@VERSION"))
@_reason_or_undo
@click.option("--undo", is_flag=True, help="Offer it again.")
@_edits
def yank(
    console: Console, release: tuple[PluginId, Version], reason: str | None, folder: Path, *, undo: bool, dry_run: bool
) -> None:
    """Withdraw a release, so that it is installed only where exactly this version is asked for."""
    if bool(reason) == undo:
        raise UsageError("why is it withdrawn?", hint="pass --reason, or --undo to offer it again")
    plugin, version = release
    carry_out(console, moderation.yank(_loaded(folder), plugin, version, reason=reason), folder, dry_run=dry_run)


@command("deprecate", short_help="Tell users not to begin with a plugin any more.")
@click.argument("plugin", type=_ID)
@_reason_or_undo
@_replaced_by
@click.option("--undo", is_flag=True, help="Make it an ordinary plugin again.")
@_edits
def deprecate(
    console: Console,
    plugin: PluginId,
    reason: str | None,
    replaced_by: PluginId | None,
    folder: Path,
    *,
    undo: bool,
    dry_run: bool,
) -> None:
    """Mark a plugin as one that nobody should begin with any more; it can still be installed."""
    if bool(reason) == undo:
        raise UsageError("why is it deprecated?", hint="pass --reason, or --undo to take it back")
    loaded = _loaded(folder)
    change = (
        moderation.deprecate(loaded, plugin, reason=reason, replaced_by=replaced_by)
        if reason
        else moderation.revive(loaded, plugin)
    )
    carry_out(console, change, folder, dry_run=dry_run)


@command("remove", short_help="Take a plugin out for good.")
@click.argument("plugin", type=_ID)
@_reason
@_replaced_by
@_edits
def remove(
    console: Console, plugin: PluginId, reason: str, replaced_by: PluginId | None, folder: Path, *, dry_run: bool
) -> None:
    """Offer nothing of a plugin any more, and keep its id taken for ever."""
    change = moderation.remove(
        _loaded(folder), plugin, reason=reason, replaced_by=replaced_by, now=datetime.now(UTC).replace(microsecond=0)
    )
    carry_out(console, change, folder, dry_run=dry_run)


@command("transfer", short_help="Hand a plugin over to another publisher.")
@click.argument("plugin", type=_ID)
@_reason
@click.option("--repository", required=True, metavar="OWNER/NAME", help="Whose builds sign from now on.")
@click.option("--repository-id", required=True, metavar="N", help="The number of that repository at its forge.")
@click.option("--owner-id", required=True, metavar="N", help="The number of its owner at its forge.")
@click.option("--workflow", metavar="PATH", help="The file of the workflow that signs.  [default: as before]")
@click.option("--ref", "refs", multiple=True, metavar="REF", help="Refs that releases are built from.")
@click.option("--issuer", metavar="URL", help="Who vouches for builds.  [default: as before]")
@_edits
def transfer(
    console: Console,
    plugin: PluginId,
    reason: str,
    folder: Path,
    *,
    dry_run: bool,
    repository: str,
    repository_id: str,
    owner_id: str,
    workflow: str | None,
    refs: tuple[str, ...],
    issuer: str | None,
) -> None:
    """Announce that a plugin's releases come from another repository from now on."""
    loaded = _loaded(folder)
    before = moderation.publisher_of(loaded, plugin)
    to = Publisher(
        issuer=issuer or before.issuer,
        repository=repository,
        workflow=workflow or before.workflow,
        refs=refs or before.refs,
        repository_id=repository_id,
        owner_id=owner_id,
    )
    carry_out(console, moderation.transfer(loaded, plugin, to=to, reason=reason), folder, dry_run=dry_run)


@command("advise", short_help="Write an advisory about a plugin.")
@click.argument("plugin", type=_ID)
@click.option("--summary", required=True, callback=_line, metavar="TEXT", help="What is wrong, in a line.")
@click.option("--details", default="", metavar="TEXT", help="More about it, as Markdown.")
@click.option("--action", type=click.Choice([str(action) for action in Action]), required=True, help="What clients do.")
@click.option("--kind", default="", metavar="WORD", help="What it is, such as vulnerability or malware.")
@click.option("--introduced", type=_VERSION, metavar="VERSION", help="The first version that is hit.")
@click.option("--fixed", type=_VERSION, metavar="VERSION", help="The first version that is well again.")
@_edits
def advise(
    console: Console,
    plugin: PluginId,
    *,
    summary: str,
    details: str,
    action: str,
    kind: str,
    introduced: Version | None,
    fixed: Version | None,
    folder: Path,
    dry_run: bool,
) -> None:
    """Write an advisory with the next free number about versions of a plugin, or about all of them."""
    change = advising.advise(
        _loaded(folder),
        plugin,
        summary=summary,
        details=details,
        action=Action(action),
        reason=kind,
        introduced=introduced,
        fixed=fixed,
        now=datetime.now(UTC).replace(microsecond=0),
    )
    carry_out(console, change, folder, dry_run=dry_run)


@command("withdraw", short_help="Withdraw an advisory that was wrong.")
@click.argument("advisory", metavar="ADVISORY")
@_reason
@_edits
def withdraw(console: Console, advisory: str, reason: str, folder: Path, *, dry_run: bool) -> None:
    """Withdraw the advisory called ADVISORY, such as PLG-2026-0001, so that it counts no more. It is never deleted."""
    now = datetime.now(UTC).replace(microsecond=0)
    carry_out(console, advising.withdraw(_loaded(folder), advisory, reason=reason, now=now), folder, dry_run=dry_run)


for _command in (init, add, yank, deprecate, remove, transfer, advise, withdraw):
    registry.add_command(_command)


def _loaded(folder: Path) -> Registry:
    from pluginry.publisher.load import load_registry

    return load_registry(folder).registry
