"""``pluginry host``: which application a plugin home is for; and what other commands say and write about that.

In: the home's settings, the hosts that its sources know. Out: ``home.toml``, and sentences.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import click

from pluginry.cli.client_wiring import open_client
from pluginry.cli.command import command
from pluginry.cli.home_option import home_option
from pluginry.cli.written import Written
from pluginry.errors import PluginryError, UsageError
from pluginry.model.home import HomeConfig
from pluginry.model.names import ANY_PLATFORM, Name, Platform
from pluginry.model.versions import Version

if TYPE_CHECKING:
    from pathlib import Path

    from pluginry.cli.console import Console
    from pluginry.client.marketplace import Marketplace

_SYSTEMS = {"linux": "linux", "darwin": "macos", "windows": "windows", "freebsd": "freebsd"}
_MACHINES = {
    "x86_64": "x86_64",
    "amd64": "x86_64",
    "aarch64": "aarch64",
    "arm64": "aarch64",
    "i386": "x86",
    "i686": "x86",
    "x86": "x86",
    "armv7l": "armv7",
    "riscv64": "riscv64",
    "ppc64le": "ppc64le",
    "s390x": "s390x",
}


@command("host", streams=True)
@click.argument("name", type=Written(Name, "NAME"), required=False)
@click.argument("version", type=Written(Version, "VERSION"), required=False)
@click.option("--any", "is_for_any", is_flag=True, help="Take plugins of every application.")
@click.option("--platform", type=Written(Platform, "PLATFORM"), help="Such as linux-x86_64.")
@home_option
def host(
    console: Console,
    *,
    name: Name | None,
    version: Version | None,
    is_for_any: bool,
    platform: Platform | None,
    home: Path,
) -> None:
    """Say that the plugin home is for the application NAME in VERSION; without a word, tell which it is for.

    Only plugins that go with it are offered then. Nothing that is installed is changed: what does not go with it is
    named. Without VERSION, plugins for every version of NAME are offered.
    """
    if is_for_any and name:
        raise UsageError("either one application or any", hint="leave out NAME, or --any")
    marketplace = open_client(home)
    before = marketplace.home.config()
    if name or is_for_any or platform:
        kept = (before.host, before.host_version) if platform and not (name or is_for_any) else (name, version)
        settings = HomeConfig(host=kept[0], host_version=kept[1], platform=platform or _platform(marketplace))
        marketplace.home.write_settings(settings)
    now = marketplace.home.config()
    misfits = {plugin: marketplace.misfit(one) for plugin, one in marketplace.home.installed().items()}
    data = {
        "host": now.host,
        "host_version": str(now.host_version) if now.host_version else None,
        "platform": str(now.platform),
        "incompatible": [{"id": str(plugin), "why": why} for plugin, why in misfits.items() if why],
    }
    lines = (f"{plugin} is installed and {why}" for plugin, why in misfits.items() if why)
    console.result(data, [f"This plugin home is for {_in_words(now)}, on {now.platform}.", *lines])
    note_unknown_host(console, marketplace, name)


def home_settings(
    marketplace: Marketplace, host: Name | None, host_version: Version | None, platform: Platform | None
) -> HomeConfig | None:
    """Return what to write to home.toml; None when it is there and nothing new was said.

    Raises:
        UsageError: a version was said, and no host.

    """
    if host_version and not host:
        raise UsageError("a version of which host?", hint="pass --host too")
    if _is_written(marketplace) and not (host or platform):
        return None
    before = marketplace.home.config()
    return HomeConfig(
        host=host or before.host,
        host_version=host_version if host else before.host_version,
        platform=platform or _platform(marketplace),
    )


def note_unknown_host(console: Console, marketplace: Marketplace, host: Name | None) -> None:
    """Say that no source has plugins for `host`, where that is so: perhaps its name is misspelt."""
    if host is None or not marketplace.home.sources().sources:
        return
    known: list[Name] = []
    with suppress(PluginryError):  # a marketplace that cannot be read has no say in this
        known = sorted({one.id for one in marketplace.hosts()})
    if known and host not in known:
        console.say(f"note: no marketplace here has plugins for {host}; they have some for {', '.join(known)}")


def note_missing_host(console: Console, marketplace: Marketplace) -> None:
    """Say, where something is installed, that nobody said what for."""
    if marketplace.home.config().host is None:
        console.say("note: plugins of every application are taken here; to name one: pluginry host NAME VERSION")


def this_platform(system: str, machine: str) -> Platform:
    """Return the platform called `system` and `machine` by Python's ``platform``; ``any`` when it has no name here."""
    known = _SYSTEMS.get(system.lower()), _MACHINES.get(machine.lower())
    return Platform("-".join(part for part in known if part)) if all(known) else ANY_PLATFORM


def _platform(marketplace: Marketplace) -> Platform:
    """Return the platform that is written down, or that of this machine."""
    import platform as machine

    is_known = _is_written(marketplace)
    return marketplace.home.config().platform if is_known else this_platform(machine.system(), machine.machine())


def _is_written(marketplace: Marketplace) -> bool:
    return (marketplace.home.root / "home.toml").exists()


def _in_words(settings: HomeConfig) -> str:
    if settings.host is None:
        return "plugins of every application"
    return f"{settings.host} {settings.host_version or 'in any version'}"
