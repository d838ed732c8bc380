"""Every place of a source, tried by itself: what answers, what lags, what lies."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from memory_store import MemoryStore
from pluginry.client.marketplace import Marketplace
from pluginry.client.place_check import check_places
from pluginry.client.plugin_home import PluginHome
from pluginry.errors import TamperedError, TransportError
from pluginry.hosts.connections import Connections
from simulator import Simulator

if TYPE_CHECKING:
    from pathlib import Path

    from pluginry.client.place_check import Place
    from pluginry.ports import Transport

MIRROR = "https://mirror.test"


class TwoPlaces(Connections):
    """The marketplace, and a mirror of it."""

    def __init__(self, market: Simulator, mirror: MemoryStore) -> None:
        super().__init__()
        self.places = {market.location: market.store, MIRROR: mirror}

    def transport(self, location: str, _access: object = None) -> Transport:
        return self.places[location]


@pytest.fixture
def market() -> Simulator:
    market = Simulator()
    market.release("acme/demo", "1.0.0")
    market.publish()
    return market


@pytest.fixture
def mirror(market: Simulator) -> MemoryStore:
    return MemoryStore(location=MIRROR, objects=dict(market.objects))


@pytest.fixture
def client(market: Simulator, mirror: MemoryStore, tmp_path: Path) -> Marketplace:
    client = Marketplace(home=PluginHome(tmp_path), connector=TwoPlaces(market, mirror), now=lambda: market.now)
    client.add_source("m0", market.location, fingerprint=market.fingerprint, mirrors=(MIRROR,))
    return client


def places(client: Marketplace) -> list[Place]:
    return list(check_places(client.sources()[0], now=client.now()))


def verdicts(client: Marketplace) -> list[str]:
    found = places(client)
    return [place.verdict(max(place.serial for place in found)) for place in found]


def test_places_of_the_same_state_are_current(market: Simulator, client: Marketplace) -> None:
    assert verdicts(client) == ["current", "current"]
    assert [place.location for place in places(client)] == [market.location, MIRROR]


def test_a_copy_that_lags_is_behind(market: Simulator, client: Marketplace) -> None:
    market.release("acme/demo", "1.1.0")
    market.publish()
    assert verdicts(client) == ["current", "behind"]


def test_a_place_that_is_down_is_unreachable(market: Simulator, client: Marketplace) -> None:
    market.store.is_down = True
    assert verdicts(client) == ["unreachable", "current"]
    assert isinstance(places(client)[0].problem, TransportError)


def test_a_place_of_another_marketplace_is_refused(mirror: MemoryStore, client: Marketplace) -> None:
    other = Simulator()
    other.release("acme/demo", "6.6.6")
    other.publish()
    mirror.objects.clear()
    mirror.objects.update(other.objects)
    assert verdicts(client) == ["current", "refused"]
    (_, refused) = places(client)
    assert (refused.is_dangerous, isinstance(refused.problem, TamperedError)) == (True, True)


def test_trying_changes_nothing_that_is_believed(market: Simulator, client: Marketplace, tmp_path: Path) -> None:
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    market.release("acme/demo", "1.1.0")
    market.publish()
    places(client)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before
