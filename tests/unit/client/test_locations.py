"""Mirrors: asked when a marketplace is unreachable or behind, and never after somebody was caught lying."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from memory_store import MemoryStore
from pluginry.client.marketplace import Marketplace
from pluginry.client.plugin_home import PluginHome
from pluginry.errors import RolledBackError, StaleError, TamperedError, TransportError
from pluginry.hosts.connections import Connections
from pluginry.model import layout
from pluginry.model.names import PluginId
from simulated_client import install, versions_in
from simulator import Simulator

if TYPE_CHECKING:
    from pathlib import Path

    from pluginry.ports import Transport

DEMO = PluginId.parse("acme/demo")
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


def release(market: Simulator, *stores: MemoryStore) -> None:
    """Publish another release, and copy everything to `stores`."""
    market.release("acme/demo", "1.1.0")
    market.publish()
    for store in stores:
        store.objects.update(market.objects)


def serial(client: Marketplace) -> int:
    return client.sources()[0].index().root.serial


def test_a_mirror_is_remembered_with_its_source(client: Marketplace) -> None:
    assert client.home.sources().sources[0].mirrors == (MIRROR,)


def test_a_mirror_is_not_asked_while_the_marketplace_answers(client: Marketplace, mirror: MemoryStore) -> None:
    client.refresh()
    install(client, "acme/demo")
    assert mirror.requests == []


def test_a_marketplace_that_is_down_is_read_from_its_mirror(
    market: Simulator, mirror: MemoryStore, client: Marketplace
) -> None:
    release(market, mirror)
    market.store.is_down = True
    client.refresh()
    install(client, "acme/demo")
    assert (serial(client), versions_in(client)) == (2, {"acme/demo": "1.1.0"})


def test_a_marketplace_that_lags_behind_is_passed_over(
    market: Simulator, mirror: MemoryStore, client: Marketplace
) -> None:
    old = dict(market.objects)
    release(market, mirror)
    client.refresh()
    market.objects.clear()
    market.objects.update(old)
    client.refresh()
    assert serial(client) == 2


def test_a_marketplace_that_expired_is_passed_over(market: Simulator, mirror: MemoryStore, client: Marketplace) -> None:
    old = dict(market.objects)
    market.now += timedelta(days=8)
    release(market, mirror)
    market.objects.clear()
    market.objects.update(old)
    client.refresh()
    assert serial(client) == 2


def test_an_object_that_is_missing_is_taken_from_the_mirror(market: Simulator, client: Marketplace) -> None:
    for key in [key for key in market.objects if key.startswith("v1/packages/")]:
        del market.objects[key]
    install(client, "acme/demo")
    assert versions_in(client) == {"acme/demo": "1.0.0"}


def test_after_tampering_nobody_else_is_asked(market: Simulator, mirror: MemoryStore, client: Marketplace) -> None:
    body = market.objects[layout.TIMESTAMP_KEY]
    market.objects[layout.TIMESTAMP_KEY] = body.replace(b'"version": 1', b'"version": 7').replace(
        b'"version":1', b'"version":7'
    )
    assert market.objects[layout.TIMESTAMP_KEY] != body
    with pytest.raises(TamperedError) as caught:
        client.refresh()
    assert caught.value.exit_status == 5
    assert not isinstance(caught.value, RolledBackError)
    assert mirror.requests == []


def test_a_package_that_was_changed_is_not_asked_for_elsewhere(
    market: Simulator, mirror: MemoryStore, client: Marketplace
) -> None:
    key = market.package_key("acme/demo", "1.0.0")
    market.objects[key] = bytes(len(market.objects[key]))
    with pytest.raises(TamperedError, match="not the one that the index names"):
        install(client, "acme/demo")
    assert mirror.requests == []


def test_a_package_that_grew_is_not_asked_for_elsewhere(
    market: Simulator, mirror: MemoryStore, client: Marketplace
) -> None:
    market.objects[market.package_key("acme/demo", "1.0.0")] += b"more"
    with pytest.raises(TamperedError, match="larger"):
        install(client, "acme/demo")
    assert mirror.requests == []


def test_a_mirror_that_lies_is_caught_like_the_marketplace_itself(
    market: Simulator, mirror: MemoryStore, client: Marketplace
) -> None:
    market.store.is_down = True
    mirror.objects[layout.TIMESTAMP_KEY] = mirror.objects[layout.TIMESTAMP_KEY].replace(b"2026", b"2036")
    with pytest.raises(TamperedError, match="not trustworthy"):
        client.refresh()


@pytest.mark.parametrize("is_down", [True, False])
def test_the_gravest_reason_is_told_when_no_place_will_do(
    market: Simulator, client: Marketplace, is_down: bool
) -> None:
    market.store.is_down = is_down
    market.now += timedelta(days=8)
    with pytest.raises(StaleError, match="expired"):
        client.refresh()


def test_old_states_everywhere_are_tampering(market: Simulator, mirror: MemoryStore, client: Marketplace) -> None:
    old = dict(market.objects)
    release(market)
    client.refresh()
    for store in (market.store, mirror):
        store.objects.clear()
        store.objects.update(old)
    with pytest.raises(RolledBackError, match="older than what was seen"):
        client.refresh()
    assert serial(client) == 2


def test_a_place_that_missed_a_change_of_keys_is_passed_over(
    market: Simulator, mirror: MemoryStore, client: Marketplace
) -> None:
    old = dict(market.objects)
    market.now += timedelta(days=1)
    market.replace_online_key()
    release(market, mirror)
    client.refresh()
    market.objects.clear()
    market.objects.update(old)
    client.refresh()
    assert serial(client) == 2


def test_when_every_place_missed_a_change_of_keys_nothing_of_it_is_believed(
    market: Simulator, mirror: MemoryStore, client: Marketplace
) -> None:
    market.now += timedelta(days=1)
    market.replace_online_key()
    release(market)
    client.refresh()
    market.store.is_down = True
    with pytest.raises(RolledBackError, match="older than what was seen"):
        client.refresh()
    assert mirror.requests
    assert serial(client) == 2


def test_an_older_index_under_newer_metadata_is_a_lie_and_no_lag(
    market: Simulator, mirror: MemoryStore, client: Marketplace
) -> None:
    release(market, mirror)
    client.refresh()
    market.publish(change_root=lambda root: replace(root, serial=1))
    with pytest.raises(TamperedError, match="went back"):
        client.refresh()
    assert mirror.requests == []


def test_places_that_are_all_down_are_no_breach_of_trust(
    market: Simulator, mirror: MemoryStore, client: Marketplace
) -> None:
    market.store.is_down = mirror.is_down = True
    with pytest.raises(TransportError, match="does not answer"):
        client.refresh()
