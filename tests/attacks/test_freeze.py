"""Whoever controls the way to a marketplace shows the same old state for ever, or turns back the victim's clock."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from tuf.api.metadata import Signed

from pluginry.client import verify
from pluginry.errors import PolicyError, StaleError
from simulated_client import a_client, install, versions_in, want
from victims import DEMO, a_market

if TYPE_CHECKING:
    from pathlib import Path

    from pluginry.client.marketplace import Marketplace
    from simulator import Simulator


def frozen(home: Path) -> tuple[Simulator, Marketplace]:
    """Return a marketplace whose newer states the victim never sees, eight days later."""
    market = a_market()
    client = a_client(home, market)
    market.now += timedelta(days=8)
    return market, client


def test_a_state_that_nobody_renewed_is_refused(tmp_path: Path) -> None:
    _, client = frozen(tmp_path)
    with pytest.raises(StaleError, match="expired"):
        client.refresh()


def test_a_clock_that_went_back_is_noticed(tmp_path: Path) -> None:
    market, client = frozen(tmp_path)
    market.publish()
    client.refresh()
    market.now -= timedelta(days=10)
    with pytest.raises(PolicyError, match="clock went back"):
        client.refresh()


def turned_back(home: Path) -> Marketplace:
    """Return a client that installed a plugin, sixty days later, with its clock turned back to that day."""
    market = a_market()
    client = a_client(home, market)
    install(client, "acme/demo")
    market.release("acme/demo", "1.1.0")
    market.now += timedelta(days=60)
    market.publish()
    client.refresh()
    market.now -= timedelta(days=60)
    return client


def test_with_a_clock_that_went_back_nothing_is_installed_updated_or_enabled(tmp_path: Path) -> None:
    client = turned_back(tmp_path)
    for attempt in (
        lambda: install(client, "acme/demo"),
        client.plan_update,
        lambda: client.set_enabled(DEMO, enabled=True),
    ):
        with pytest.raises(PolicyError, match="clock went back"):
            attempt()
    assert versions_in(client) == {"acme/demo": "1.0.0"}


def test_a_clock_that_went_back_since_the_plan_is_noticed_too(tmp_path: Path) -> None:
    market = a_market()
    client = a_client(tmp_path, market)
    plan = client.plan_install([want("acme/demo")])
    market.now -= timedelta(days=2)
    with pytest.raises(PolicyError, match="clock went back"):
        client.apply(plan)
    assert versions_in(client) == {}


def test_a_clock_that_went_back_keeps_nobody_from_getting_rid_of_a_plugin(tmp_path: Path) -> None:
    client = turned_back(tmp_path)
    client.set_enabled(DEMO, enabled=False)
    client.apply(client.plan_remove([DEMO]))
    assert versions_in(client) == {}


def test_without_the_guard_of_the_clock_what_is_too_old_would_be_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verify, "check_clock", lambda *_, **__: None)
    client = turned_back(tmp_path)
    client.apply(client.plan_update())
    assert versions_in(client) == {"acme/demo": "1.1.0"}


def test_without_the_expiry_it_would_be_believed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Signed, "is_expired", lambda *_: False)
    market, client = frozen(tmp_path)
    assert client.refresh()["m0"].as_of == market.now


def test_without_the_guard_of_the_clock_expired_metadata_would_look_fresh(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verify, "check_clock", lambda *_, **__: None)
    market = a_market()
    client = a_client(tmp_path, market)
    old = dict(market.objects)
    market.now += timedelta(days=20)
    market.publish()
    client.refresh()
    market.now -= timedelta(days=20)
    market.objects.update({key: body for key, body in old.items() if "metadata" not in key})
    assert client.refresh()["m0"].as_of == market.now
