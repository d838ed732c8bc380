"""``pluginry source``: which marketplaces plugins come from, each confirmed by the fingerprint of its root of trust."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pluginry.cli.command import command
from pluginry.cli.consent_dialogue import agree, can_ask
from pluginry.cli.home_option import home_option
from pluginry.cli.table import age, counted, table
from pluginry.errors import NotFoundError, PolicyError, UsageError
from pluginry.model.digest import Digest
from pluginry.model.home import HomeConfig
from pluginry.model.names import ANY_PLATFORM, Name, Platform
from pluginry.model.versions import Version

if TYPE_CHECKING:
    from pluginry.cli.console import Console
    from pluginry.client.marketplace import Marketplace
    from pluginry.client.source import Source

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
LAB_INSTANCE = "lab"
LAB_WARNING = "DEVELOPMENT ONLY: its packages are signed by a lab whose signatures prove nothing"


@click.group("source")
def source() -> None:
    """Choose the marketplaces that plugins come from."""


@command("add")
@click.argument("name")
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
@click.option("--host", help="The host application that this plugin home is for.")
@click.option("--host-version", help="Its version.")
@click.option("--platform", help="Such as linux-x86_64. [default: this machine's]")
@home_option
def add(
    console: Console,
    *,
    name: str,
    location: str,
    fingerprint: str | None,
    namespaces: tuple[str, ...],
    mirrors: tuple[str, ...],
    host: str | None,
    host_version: str | None,
    platform: str | None,
    home: Path,
) -> None:
    """Use the marketplace at LOCATION (a folder or an https:// address) and call it NAME.

    Its root of trust is believed once, here: compare the fingerprint with what its owner publishes elsewhere.
    """
    from pluginry.hosts.connections import open_marketplace

    marketplace = open_marketplace(home)
    settings = _home_settings(marketplace, host, host_version, platform)
    place, *copies = (one if "://" in one else str(Path(one).resolve()) for one in (location, *mirrors))
    confirmed = Digest(fingerprint) if fingerprint else _confirm(console, marketplace, place)
    marketplace.add_source(name, place, fingerprint=confirmed, namespaces=namespaces or ("*",), mirrors=tuple(copies))
    if settings:
        marketplace.home.write_settings(settings)
    added = next(one for one in marketplace.sources() if one.config.name == name)
    _warn_about_host(console, marketplace)
    console.result(_described(added), _about(added))


@command("list")
@home_option
def list_sources(console: Console, home: Path) -> None:
    """List the marketplaces in use."""
    from pluginry.hosts.connections import open_marketplace

    marketplace = open_marketplace(home)
    if not marketplace.home.sources().sources:
        console.result([], "No marketplace was added yet: pluginry source add NAME LOCATION")
        return
    described = [_described(one) for one in marketplace.sources()]
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
        for one, data in zip(marketplace.sources(), described, strict=True)
    ]
    console.result(described, table(("NAME", "PLUGINS", "AS OF", "SERVES", "LOCATION", ""), rows))


@command("remove")
@click.argument("name")
@home_option
def remove(console: Console, name: str, home: Path) -> None:
    """Use the marketplace NAME no longer; what was installed from it stays."""
    from pluginry.hosts.connections import open_marketplace

    open_marketplace(home).remove_source(name)
    console.result({"removed": name}, f"{name} is not used any more; what was installed from it stays.")


@command("refresh")
@home_option
def refresh(console: Console, home: Path) -> None:
    """Ask every marketplace what is new, and verify the answer."""
    from pluginry.hosts.connections import open_marketplace

    marketplace = open_marketplace(home)
    before = marketplace.installed()
    with console.progress("refreshing"):
        marketplace.refresh()
        described = [_described(one) for one in marketplace.sources()]
    after = marketplace.installed()
    if after and before and after.number > before.number:
        console.say(f"{after.cause}; what was disabled stays installed, see `pluginry list`")
    lines = (
        f"{data['name']}: {counted(data['plugins'], 'plugin')}, {counted(data['releases'], 'release')}, "
        f"serial {data['serial']} of {data['generated']}"
        for data in described
    )
    console.result(described, lines)


for _command in (add, list_sources, remove, refresh):
    source.add_command(_command)


def this_platform(system: str, machine: str) -> Platform:
    """Return the platform called `system` and `machine` by Python's ``platform``; ``any`` when it has no name here."""
    known = _SYSTEMS.get(system.lower()), _MACHINES.get(machine.lower())
    return Platform("-".join(part for part in known if part)) if all(known) else ANY_PLATFORM


def _home_settings(
    marketplace: Marketplace, host: str | None, host_version: str | None, platform: str | None
) -> HomeConfig | None:
    """Return what to write to home.toml; None when it is there and nothing new was said."""
    import platform as machine

    if host_version and not host:
        raise UsageError("a version of which host?", hint="pass --host too")
    is_new = not (marketplace.home.root / "home.toml").exists()
    if not (is_new or host or platform):
        return None
    before = marketplace.home.config()
    default = this_platform(machine.system(), machine.machine()) if is_new else before.platform
    return HomeConfig(
        host=Name(host) if host else before.host,
        host_version=(Version(host_version) if host_version else None) if host else before.host_version,
        platform=Platform(platform) if platform else default,
    )


def _confirm(console: Console, marketplace: Marketplace, location: str) -> Digest:
    """Return the fingerprint that was found, once the user has confirmed it.

    Raises:
        PolicyError: nobody can be asked, or the user does not confirm it.

    """
    found = marketplace.fingerprint_of(location)
    if not can_ask(console):
        raise PolicyError(
            f"the root of trust of {location} is not confirmed yet",
            hint=f"compare it with what its owner publishes, then pass --fingerprint {found}",
        )
    console.say(f"The root of trust of {location} has the fingerprint\n  {found}")
    agree("Is it the one that the marketplace's owner publishes?")
    return found


def _warn_about_host(console: Console, marketplace: Marketplace) -> None:
    host = marketplace.home.config().host
    known = sorted({one.id for one in marketplace.hosts()})
    if host is not None and host not in known:
        console.say(f"note: no marketplace here has plugins for {host}; they have some for {', '.join(known)}")


def _described(one: Source) -> dict[str, Any]:
    """Return what is known of a source, as JSON has it."""
    try:
        index = one.index()
    except NotFoundError:
        state: dict[str, Any] = {"plugins": 0, "instance": ""}
    else:
        state = {
            "marketplace": one.catalogue().name,
            "plugins": index.root.plugins,
            "releases": index.root.releases,
            "serial": index.root.serial,
            "generated": f"{index.root.generated:%Y-%m-%dT%H:%M:%SZ}",
            "as_of": f"{index.as_of:%Y-%m-%dT%H:%M:%SZ}",
            "instance": index.policy.instance,
            "publish_attestation": index.policy.publish_attestation,
            "signers": [{"issuer": signer.issuer, "san": signer.san} for signer in index.policy.registry_identities],
        }
    config = one.config
    return {
        "name": config.name,
        "location": config.location,
        "fingerprint": str(config.root_sha256),
        "namespaces": list(config.namespaces),
        "mirrors": list(config.mirrors),
        **state,
    }


def _about(one: Source) -> list[str]:
    """Return what a user wants to know about a new source."""
    data = _described(one)
    lines = [
        f"Added {data['name']}: {data['marketplace']}",
        f"  {counted(data['plugins'], 'plugin')}, {counted(data['releases'], 'release')}, serial {data['serial']}",
        f"  every release must be signed: {'yes' if data['publish_attestation'] == 'required' else 'no'}",
        *(f"  signed by {signer['san']} (vouched for by {signer['issuer']})" for signer in data["signers"]),
        f"  sigstore instance: {data['instance'] or 'not named'}",
    ]
    if data["instance"] == LAB_INSTANCE:
        lines += ["", f"  *** {LAB_WARNING}. ***"]
    return lines
