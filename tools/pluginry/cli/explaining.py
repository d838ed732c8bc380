"""``pluginry why`` and ``why-not``: the reasons that choosing goes by, in sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from pluginry.cli.client_wiring import open_client
from pluginry.cli.command import command
from pluginry.cli.home_option import home_option
from pluginry.cli.plugin_argument import InstalledPluginId, PluginAt, WantedPlugin
from pluginry.model.channel import Channel

if TYPE_CHECKING:
    from pathlib import Path

    from pluginry.cli.console import Console
    from pluginry.model.names import PluginId


@command("why", streams=True)
@click.argument("plugin", type=InstalledPluginId())
@home_option
def why(console: Console, plugin: PluginId, home: Path) -> None:
    """Say why PLUGIN is installed: you asked for it, or others need it."""
    said = open_client(home).why(plugin)
    console.result({"plugin": str(plugin), "reasons": list(said)}, said)


@command("why-not", streams=True)
@click.argument("wanted", type=WantedPlugin())
@click.option(
    "--channel",
    type=click.Choice([str(channel) for channel in Channel]),
    default=str(Channel.STABLE),
    show_default=True,
)
@home_option
def why_not(console: Console, wanted: PluginAt, channel: str, home: Path) -> None:
    """Say what keeps a plugin, or a version of it, from being installed here now; or that it can be."""
    from pluginry.client.resolve import Wanted

    want = Wanted(plugin=wanted.plugin, versions=wanted.versions, channel=Channel(channel))
    said = open_client(home).why_not(want)
    console.result({"plugin": str(wanted.plugin), "reasons": list(said)}, said)
