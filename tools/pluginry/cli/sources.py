"""``pluginry source``: which marketplaces plugins come from, each confirmed by the fingerprint of its root of trust."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pluginry.cli.access_options import access_of, access_options
from pluginry.cli.client_wiring import open_client
from pluginry.cli.command import command
from pluginry.cli.home_option import home_option
from pluginry.cli.host import home_settings, note_unknown_host
from pluginry.cli.source_view import LAB_WARNING, about, described, places_data, places_text
from pluginry.cli.table import age, counted, table
from pluginry.cli.written import Written
from pluginry.client.source_address import split_address
from pluginry.errors import PluginryError, PolicyError
from pluginry.model.names import Name, Platform
from pluginry.model.trust_statement import LAB_INSTANCE
from pluginry.model.versions import Version

if TYPE_CHECKING:
    from pluginry.cli.console import Console
    from pluginry.client.marketplace import Marketplace
    from pluginry.model.access import Access
    from pluginry.model.digest import Digest
    from pluginry.model.names import PluginId


@click.group("source")
def source() -> None:
    """Choose the marketplaces that plugins come from."""


@command("add", streams=True)
@click.argument("name", type=Written(Name, "NAME"))
@click.argument("location")
@click.option("--fingerprint", metavar="SHA256", help="Digest of its first root of trust, as its owner publishes it.")
@click.option(
    "--namespace",
    "namespaces",
    metavar="PATTERN",
    multiple=True,
    help="What it may serve, as in 'acme/*'. [default: *]",
)
@click.option(
    "--mirror",
    "mirrors",
    metavar="LOCATION",
    multiple=True,
    help="A copy to ask when LOCATION cannot be reached or lags behind; it needs no trust.",
)
@click.option("--host", type=Written(Name, "NAME"), help="The host application that this plugin home is for.")
@click.option("--host-version", type=Written(Version, "VERSION"), help="Its version.")
@click.option("--platform", type=Written(Platform, "PLATFORM"), help="Such as linux-x86_64. [default: this machine's]")
@access_options
@home_option
def add(
    console: Console,
    *,
    name: str,
    location: str,
    fingerprint: str | None,
    namespaces: tuple[str, ...],
    mirrors: tuple[str, ...],
    host: Name | None,
    host_version: Version | None,
    platform: Platform | None,
    home: Path,
    **way_there: Any,
) -> None:
    """Use the marketplace at LOCATION (a folder or an https:// address) and call it NAME.

    Its root of trust is believed once, here, by its fingerprint as its owner publishes it elsewhere: type it when you
    are asked, give it as an option, or behind the address, as in https://plugins.example/#sha256:DIGITS.
    """
    from pluginry.client.place_check import check_places

    marketplace = open_client(home)
    settings = home_settings(marketplace, host, host_version, platform)
    location, known = split_address(location, fingerprint=fingerprint)
    place, *copies = (one if "://" in one else str(Path(one).resolve()) for one in (location, *mirrors))
    access = access_of(**way_there)
    confirmed = known or _confirm(console, marketplace, place, access)
    marketplace.add_source(
        name,
        place,
        fingerprint=confirmed,
        namespaces=namespaces or ("*",),
        mirrors=tuple(copies),
        access=access,
    )
    if settings:
        marketplace.home.write_settings(settings)
    added = next(one for one in marketplace.sources() if one.config.name == name)
    note_unknown_host(console, marketplace, marketplace.home.config().host)
    places = tuple(check_places(added, now=marketplace.now())) if copies else ()
    data = {**described(added), **({"places": places_data(added, places)} if places else {})}
    console.result(data, [*about(added), *places_text(added, places)])


@command("test", streams=True)
@click.argument("name", required=False)
@home_option
def test(console: Console, name: str | None, home: Path) -> int:
    """Try every place that the marketplace NAME is read from, mirrors too, and say what was found; without NAME, all.

    Each is tried from the first root of trust on, and nothing that is found is kept. Exit status 5 when a place gives
    something that must not be believed, 3 when a marketplace has no place that answers.
    """
    from pluginry.client.place_check import check_places
    from pluginry.client.source_list import no_such_source
    from pluginry.errors import TransportError, TrustError

    marketplace = open_client(home)
    tried = [one for one in marketplace.sources() if name in (None, one.config.name)]
    if not tried:
        raise no_such_source(str(name), marketplace.home.sources().sources)
    found = [(one, tuple(check_places(one, now=marketplace.now()))) for one in tried]
    data = [{"name": one.config.name, "places": places_data(one, places)} for one, places in found]
    console.result(data, [line for one, places in found for line in (one.config.name, *places_text(one, places))])
    if any(place.is_dangerous for _, places in found for place in places):
        return TrustError.exit_status
    unreached = any(all(place.problem for place in places) for _, places in found)
    return TransportError.exit_status if unreached else 0


@command("list", streams=True)
@home_option
def list_sources(console: Console, home: Path) -> None:
    """List the marketplaces in use."""
    marketplace = open_client(home)
    if not marketplace.home.sources().sources:
        console.result([], "No marketplace was added yet: pluginry source add NAME LOCATION")
        return
    known = [described(one) for one in marketplace.sources()]
    now = marketplace.now()
    rows = [
        (
            one.config.name,
            str(data["plugins"]),
            age(one.index().as_of, now=now),
            " ".join(one.config.namespaces),
            one.config.location,
            LAB_WARNING if data["instance"] == LAB_INSTANCE else "",
        )
        for one, data in zip(marketplace.sources(), known, strict=True)
    ]
    console.result(known, table(("NAME", "PLUGINS", "AS OF", "SERVES", "LOCATION", ""), rows))


@command("remove", streams=True)
@click.argument("name")
@home_option
def remove(console: Console, name: str, home: Path) -> None:
    """Use the marketplace NAME no longer; what was installed from it stays."""
    open_client(home).remove_source(name)
    console.result({"removed": name}, f"{name} is not used any more; what was installed from it stays.")


@command("refresh", streams=True)
@home_option
def refresh(console: Console, home: Path) -> None:
    """Ask every marketplace what is new, and verify the answer."""
    marketplace = open_client(home)
    before = marketplace.installed()
    warned: set[tuple[PluginId, str]] = set()
    with suppress(PluginryError):  # what was kept is damaged, or not there: this mends it
        warned = _advisories_about(marketplace)
    with console.progress("refreshing"):
        marketplace.refresh()
        known = [described(one) for one in marketplace.sources()]
    after = marketplace.installed()
    for plugin, advisory in sorted(warned - _advisories_about(marketplace)):
        console.say(f"{advisory} counts no more for {plugin}; where it was disabled: pluginry enable {plugin}")
    if after and before and after.number > before.number:
        console.say(f"{after.cause}; what was disabled stays installed, see `pluginry list`")
    lines = (
        f"{data['name']}: {counted(data['plugins'], 'plugin')}, {counted(data['releases'], 'release')}, "
        f"serial {data['serial']} of {data['generated']}"
        for data in known
    )
    console.result(known, lines)


for _command in (add, list_sources, remove, refresh, test):
    source.add_command(_command)


def _advisories_about(marketplace: Marketplace) -> set[tuple[PluginId, str]]:
    """Return the advisories that hit what is installed, as far as is known."""
    installed = marketplace.home.installed()
    return {(plugin, hit.advisory) for plugin, one in installed.items() for hit in marketplace.revocations_of(one)}


def _confirm(console: Console, marketplace: Marketplace, location: str, access: Access) -> Digest:
    """Return the fingerprint that the user types, which is that of the root that was found.

    Raises:
        PolicyError: nobody can be asked, or something else was typed.

    """
    # What was found is never shown: it would be copied instead of compared.
    found = marketplace.fingerprint_of(location, access)
    if console.as_lines or not console.can_ask:  # a program knows the fingerprint, or has no business here
        raise PolicyError(
            f"the root of trust of {location} is not confirmed yet",
            hint="pass the fingerprint that its owner publishes: --fingerprint SHA256",
        )
    console.say(f"{location} has a root of trust. Is it the right one? Its owner publishes a fingerprint: 64 digits.")
    typed = click.prompt("Fingerprint", err=True).strip().removeprefix("sha256:")
    if typed != str(found):
        raise PolicyError("nothing was added", why="what you typed is not the fingerprint of its root of trust")
    return found
