"""Who is told a source's secrets: its own host, and nobody else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, NoReturn

import pytest

from memory_store import MemoryStore
from pluginry.client.locations import Locations
from pluginry.client.marketplace import Marketplace
from pluginry.client.plugin_home import PluginHome
from pluginry.errors import AuthError, PluginryError, TransportError
from pluginry.hosts.connections import Connections
from pluginry.model.access import NO_ACCESS, Access
from pluginry.model.digest import Digest
from pluginry.model.receipt import SourceConfig
from simulator import Simulator

if TYPE_CHECKING:
    from pathlib import Path

    from pluginry.ports import Transport

MIRROR = "https://mirror.test"
SECRET = Access(credential="env:TOKEN", client_certificate="/ann.pem", ca_file="/ca.pem", proxy="http://proxy")


@dataclass(frozen=True, slots=True)
class Failing:
    """A place that gives nothing but this error."""

    error: PluginryError
    location: str = "https://market.test"

    def fetch(self, key: str, *, max_bytes: int) -> NoReturn:  # noqa: ARG002 - the port's
        raise self.error

    def download(self, key: str, into: BinaryIO, *, max_bytes: int, progress: object = None) -> NoReturn:  # noqa: ARG002 - the port's
        raise self.error


class Asked(Connections):
    """Remembers how each place was to be reached; `places` are those that answer."""

    def __init__(self, **places: Transport) -> None:
        super().__init__()
        self.places = places
        self.ways: dict[str, Access] = {}

    def transport(self, location: str, access: Access = NO_ACCESS) -> Transport:
        self.ways[location] = access
        return self.places.get(location, Failing(TransportError("away")))


def ways_to(location: str, *mirrors: str, access: Access) -> dict[str, Access]:
    """Return how each place is to be reached."""
    connector = Asked()
    config = SourceConfig(name="m0", location=location, root_sha256=Digest("0" * 64), mirrors=mirrors, access=access)
    with pytest.raises(TransportError):
        Locations(config=config, connector=connector).fetch("v1/x", max_bytes=1)
    return connector.ways


@pytest.mark.parametrize(
    "mirror",
    [
        "https://mirror.test/",
        "https://market.test.mirror.test/",
        "https://market.test:8443/",
        "http://market.test/",
        "https://sub.market.test/",
        "file:///srv/copy",
        "/srv/copy",
    ],
)
def test_a_mirror_at_another_host_is_not_told_who_we_are(mirror: str) -> None:
    ways = ways_to("https://market.test/", mirror, access=SECRET)
    assert ways == {"https://market.test/": SECRET, mirror: Access(ca_file="/ca.pem", proxy="http://proxy")}


@pytest.mark.parametrize("mirror", ["https://market.test/copy/", "https://MARKET.test:443/copy"])
def test_a_mirror_at_the_same_host_is(mirror: str) -> None:
    assert ways_to("https://market.test/", mirror, access=SECRET)[mirror] == SECRET


@pytest.fixture
def market() -> Simulator:
    market = Simulator()
    market.release("acme/demo", "1.0.0")
    market.publish()
    return market


@pytest.fixture
def client(market: Simulator, tmp_path: Path) -> Marketplace:
    connector = Asked(**{market.location: market.store, MIRROR: MemoryStore(location=MIRROR, objects=market.objects)})
    client = Marketplace(home=PluginHome(tmp_path), connector=connector, now=lambda: market.now)
    client.add_source("m0", market.location, fingerprint=market.fingerprint, mirrors=(MIRROR,), access=SECRET)
    return client


def test_a_source_is_added_and_read_as_its_access_says(market: Simulator, client: Marketplace) -> None:
    assert client.connector.ways[market.location] == SECRET
    assert client.home.sources().sources[0].access == SECRET


def test_a_credential_that_one_place_refuses_does_not_keep_us_from_the_others(
    market: Simulator, client: Marketplace
) -> None:
    client.sources()[0].locations.use(market.location, Failing(AuthError("refused")))
    market.release("acme/demo", "1.1.0")
    market.publish()
    client.refresh()
    assert client.sources()[0].index().root.serial == 2


def test_when_no_place_answers_the_refused_credential_is_the_news(market: Simulator, client: Marketplace) -> None:
    locations = client.sources()[0].locations
    locations.use(market.location, Failing(AuthError("refused")))
    locations.use(MIRROR, Failing(TransportError("away")))
    with pytest.raises(AuthError, match="refused"):
        client.refresh()
