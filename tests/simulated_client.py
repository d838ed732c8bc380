"""The real client over simulators: everything but the network is as in a host application."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from pluginry.client.marketplace import Marketplace
from pluginry.client.plugin_home import PluginHome
from pluginry.client.resolve import Wanted
from pluginry.errors import PolicyError
from pluginry.hosts.connections import Connections
from pluginry.model.channel import Channel
from pluginry.model.names import PluginId
from pluginry.model.versions import VersionRange

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from pluginry.model.receipt import Generation, InstalledPlugin
    from pluginry.ports import Transport, Verifier
    from simulator import Simulator


BASE, DEMO, OTHER = (PluginId.parse(name) for name in ("acme/base", "acme/demo", "acme/other"))


@dataclass(slots=True)
class Network(Connections):
    """The client's `Connector` into simulators; with `can_verify` False as if sigstore were not installed."""

    markets: tuple[Simulator, ...] = ()
    can_verify: bool = True

    def transport(self, location: str, _access: object = None) -> Transport:
        return next(market.store for market in self.markets if market.location == location)

    def verifier(self) -> Verifier:
        if not self.can_verify:
            raise PolicyError("attestations cannot be checked here")
        return Connections.verifier(self)


def a_client(home: Path, *markets: Simulator, can_verify: bool = True) -> Marketplace:
    """Return a client over the new or existing home at `home`, with each market as a source (``m0``, ``m1`` ...)."""
    client = Marketplace(
        home=PluginHome(home),
        connector=Network(markets=markets, can_verify=can_verify),
        now=lambda: markets[0].now,
    )
    known = {source.name for source in client.home.sources().sources}
    for number, market in enumerate(markets):
        if f"m{number}" not in known:
            client.add_source(f"m{number}", market.location, fingerprint=market.fingerprint)
    return client


def want(plugin: str, versions: str = "*", channel: str = "stable") -> Wanted:
    """Return a wish: ``want("acme/demo", "==1.0.0")``."""
    return Wanted(plugin=PluginId.parse(plugin), versions=VersionRange(versions), channel=Channel(channel))


def install(
    client: Marketplace, *wanted: str | Wanted, accepted: Iterable[str] = (), enable: bool = False
) -> Generation:
    """Install the newest of each plugin, or what is wished of it."""
    plan = client.plan_install([one if isinstance(one, Wanted) else want(one) for one in wanted])
    return client.apply(plan, accepted=accepted, enable=enable)


def versions_in(client: Marketplace) -> dict[str, str]:
    """Return what is installed: versions by id."""
    generation = client.installed()
    return {str(one.id): str(one.version) for one in generation.plugins} if generation else {}


def installed(client: Marketplace, plugin: PluginId) -> InstalledPlugin:
    """Return a plugin as it is installed now."""
    return client.home.installed()[plugin]


def publish_later(market: Simulator, client: Marketplace) -> None:
    """Publish what the market was told, an hour later, and let the client hear of it."""
    market.now += timedelta(hours=1)
    market.publish()
    client.refresh()
