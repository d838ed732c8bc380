"""``pluginry search`` and ``pluginry show``: what a marketplace offers, read from what was last refreshed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from pluginry.cli.client_wiring import open_client
from pluginry.cli.command import OrNothing, command
from pluginry.cli.home_option import home_option
from pluginry.cli.host import note_unknown_host
from pluginry.cli.plugin_argument import PluginAt, WantedPlugin
from pluginry.cli.table import age, table
from pluginry.cli.written import Written
from pluginry.model.channel import Channel
from pluginry.model.names import Name, Platform
from pluginry.model.trust_statement import TrustWord
from pluginry.model.versions import Version

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from pluginry.cli.console import Console
    from pluginry.client.marketplace import Marketplace
    from pluginry.model.index import PluginSummary
    from pluginry.model.receipt import InstalledPlugin

_SHOWN = 50
_TRUST = (TrustWord.SIGNED_BY_REGISTRY, TrustWord.PROVENANCE, TrustWord.UNSIGNED)


@command("search", streams=True)
@click.argument("words", nargs=-1, type=OrNothing())
@click.option(
    "--host", type=Written(Name, "NAME"), help="Only plugins for this host. [default: the host of the plugin home]"
)
@click.option(
    "--host-version",
    type=Written(Version, "VERSION"),
    help="Only plugins for this version of it. [default: as the plugin home says]",
)
@click.option("--category", default="", help="Only plugins of this category.")
@click.option("--tag", default="", help="Only plugins with this tag.")
@click.option("--license", "licence", default="", help="Only plugins whose licence expression holds this.")
@click.option(
    "--platform", type=Written(Platform, "PLATFORM"), help="Only plugins that have a package for this platform."
)
@click.option(
    "--channel",
    type=click.Choice([str(channel) for channel in Channel]),
    help="Only plugins with a release on this channel.",
)
@click.option("--trust", type=click.Choice(_TRUST), help="Only plugins whose newest release says so.")
@click.option("--without-permission", metavar="TYPE", multiple=True, help="No plugins that ask for this.")
@click.option("--all", "everything", is_flag=True, help="Also plugins of other hosts, deprecated and removed ones.")
@click.option("--limit", type=click.IntRange(min=0), default=_SHOWN, show_default=True, help="0 for no limit.")
@home_option
def search(
    console: Console,
    *,
    words: tuple[str, ...],
    host: Name | None,
    host_version: Version | None,
    category: str,
    tag: str,
    licence: str,
    platform: Platform | None,
    channel: str | None,
    trust: str | None,
    without_permission: tuple[str, ...],
    everything: bool,
    limit: int,
    home: Path,
) -> None:
    """Find plugins whose name, tags or summary hold every one of WORDS, best first; all plugins without WORDS."""
    from dataclasses import replace

    from pluginry.client.search import Filters

    marketplace = open_client(home)
    anywhere = Filters(
        host=host,
        category=category,
        tag=tag,
        license=licence,
        platform=platform,
        channel=Channel(channel) if channel else None,
        host_version=host_version,
        trust=trust or "",
        without_permission=without_permission,
        include_inactive=True,
    )
    home_of = marketplace.home.config()
    here = replace(anywhere, include_inactive=False)
    if not host:
        here = replace(here, host=home_of.host, host_version=here.host_version or home_of.host_version)
    text = " ".join(words)
    found = marketplace.search(text, anywhere if everything else here)
    shown = found[:limit] if limit else found
    hidden = len(marketplace.search(text, anywhere)) - len(found)
    console.result([_plain(one) for one in shown], _lines(shown, marketplace))
    if len(found) > len(shown):
        console.say(f"{len(found) - len(shown)} more: --limit 0 shows all")
    if hidden:
        console.say(f"{hidden} hidden (other hosts, deprecated or removed): --all shows them")
    note_unknown_host(console, marketplace, host)
    for line in _freshness(marketplace):
        console.say(line)


@command("show", streams=True)
@click.argument("wanted", type=WantedPlugin())
@click.option("--verify", "check_signatures", is_flag=True, help="Check the signatures now, and name who signed.")
@home_option
def show(console: Console, wanted: PluginAt, *, check_signatures: bool, home: Path) -> None:
    """Show a plugin: what it is, what it asks for, its versions, and the evidence for trusting it.

    Permissions, dependencies and changes are those of the newest release, or of the version after the @. Without
    --verify it says whose signatures are accepted; they are always checked when a plugin is installed.
    """
    from pluginry.cli.plugin_view import view_plugin

    marketplace = open_client(home)
    view = view_plugin(marketplace, wanted, check_signatures=check_signatures)
    console.result(view.data(), view.lines())
    for line in _freshness(marketplace):
        console.say(line)


def _lines(found: Sequence[PluginSummary], marketplace: Marketplace) -> Iterator[str]:
    if not found:
        yield "No plugin matches."
        return
    installed = marketplace.home.installed()
    rows = (
        (str(one.id), _newest(one), " ".join(one.hosts), _remark(one, installed.get(one.id)), one.summary)
        for one in found
    )
    yield from table(("ID", "VERSION", "HOST", "STATUS", "SUMMARY"), rows)


def _newest(plugin: PluginSummary) -> str:
    """Return the newest version of the most finished channel that has one."""
    channel = next((channel for channel in Channel if channel in plugin.channels), None)
    if channel is None:
        return "-"
    version = str(plugin.channels[channel])
    return version if channel is Channel.STABLE else f"{version} ({channel})"


def _remark(plugin: PluginSummary, installed: InstalledPlugin | None) -> str:
    remarks = [plugin.status.value] if plugin.status != "active" else []
    if plugin.advisories:
        remarks.append("advisory")
    if installed:
        remarks.append(f"installed {installed.version}")
    return ", ".join(remarks)


def _plain(plugin: PluginSummary) -> object:
    from pluginry.encoding import documents

    return documents.to_plain(plugin)


def _freshness(marketplace: Marketplace) -> Iterator[str]:
    """Yield how old what is known of each source is, and what to do when that is too old."""
    from pluginry.client.verify import Freshness, freshness

    for source in marketplace.sources():
        index, now = source.index(), marketplace.now()
        is_fresh = freshness(index, marketplace.home.policy(), now=now) is Freshness.FRESH
        advice = "" if is_fresh else "; ask what is new: pluginry source refresh"
        yield f"{source.config.name} as of {index.as_of:%Y-%m-%d %H:%M} UTC ({age(index.as_of, now=now)}){advice}"
