"""Everything was forgotten for more than a year. Clients keep what they have; people sign, and it goes on."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from pluginry.errors import AuthError, StaleError
from simulated_client import a_client, install, versions_in
from simulator import Simulator
from trustees import Trustees

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("profile", ["simple", "hardened"])
def test_clients_only_read_until_it_is_signed_anew(tmp_path: Path, profile: str) -> None:
    market = Simulator()
    people = Trustees(market, tmp_path / "trust", profile)
    market.release("acme/demo", "1.0.0")
    market.publish()
    client = a_client(tmp_path / "home", market)
    install(client, "acme/demo", enable=True)

    market.now += timedelta(days=400)
    with pytest.raises(StaleError):
        client.sources()[0].refresh(now=market.now)
    assert versions_in(client) == {"acme/demo": "1.0.0"}
    assert client.sources()[0].index().root.serial == 1
    with pytest.raises(StaleError):
        a_client(tmp_path / "newcomer", market)
    market.release("acme/demo", "1.1.0")
    with pytest.raises(AuthError, match="expired"):
        market.publish()

    people.change_root(lambda _body: None)
    assert "2.root.json" in people.sign(*people.root[:3])
    if profile == "hardened":
        with pytest.raises(AuthError, match="targets of trust has expired"):
            market.publish()
        people.change_targets()
        assert people.sign(*people.targets[:2]) == ["2.targets.json"]
    market.publish()
    client.refresh()
    client.apply(client.plan_update())
    assert versions_in(client) == {"acme/demo": "1.1.0"}


def test_a_schedule_keeps_the_timestamp_alive_and_touches_nothing_else(tmp_path: Path) -> None:
    market = Simulator()
    people = Trustees(market, tmp_path / "trust")
    market.publish()
    client = a_client(tmp_path / "home", market)
    for _ in range(4):
        market.now += timedelta(days=6)
        before = dict(market.objects)
        timestamp = people.repository().refresh(market.store, now=market.now)
        found = market.store.find(timestamp.key)
        market.store.replace(timestamp, expected=found.tag if found else None)
        assert {key for key in market.objects if market.objects[key] != before.get(key)} == {timestamp.key}
        client.refresh()
    market.now += timedelta(days=8)
    with pytest.raises(StaleError):
        client.sources()[0].refresh(now=market.now)
