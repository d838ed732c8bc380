"""What nobody renewed goes on being read 'as of' its day, is warned about, and is not installed from for ever."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from pluginry.client import verify
from pluginry.client.verify import Freshness
from pluginry.errors import StaleError
from pluginry.model.names import PluginId
from pluginry.model.receipt import ClientPolicy
from simulated_client import a_client, install, versions_in, want
from simulator import START, Simulator

if TYPE_CHECKING:
    from pathlib import Path

    from pluginry.client.marketplace import Marketplace

DEMO = PluginId.parse("acme/demo")
SECOND = timedelta(seconds=1)
POLICY = ClientPolicy(warn_after_days=7, max_stale_days=30)


@pytest.fixture
def market() -> Simulator:
    market = Simulator()
    market.release("acme/demo", "1.0.0")
    market.release("acme/other", "1.0.0")
    market.publish()
    return market


@pytest.fixture
def client(market: Simulator, tmp_path: Path) -> Marketplace:
    return a_client(tmp_path, market)


@pytest.mark.parametrize(
    ("age", "expected"),
    [
        (timedelta(), Freshness.FRESH),
        (timedelta(days=7), Freshness.FRESH),
        (timedelta(days=7) + SECOND, Freshness.OLD),
        (timedelta(days=30), Freshness.OLD),
        (timedelta(days=30) + SECOND, Freshness.TOO_OLD),
    ],
)
def test_the_bounds_are_in_the_policy(client: Marketplace, age: timedelta, expected: Freshness) -> None:
    index = client.sources()[0].index()
    assert verify.freshness(index, POLICY, now=START + age) is expected


def test_after_a_week_it_is_read_as_of_its_day_and_installed_from_with_a_warning(
    market: Simulator, client: Marketplace
) -> None:
    market.now = START + timedelta(days=8)
    with pytest.raises(StaleError, match="expired"):
        client.refresh()
    again = a_client(client.home.root, market)
    assert again.sources()[0].index().as_of == START
    assert again.record(DEMO) is not None
    assert len(again.search()) == 2
    plan = again.plan_install([want("acme/demo")])
    assert plan.warnings == ("nothing was heard of m0 since 2026-03-01: run `pluginry source refresh`",)
    again.apply(plan)
    assert versions_in(again) == {"acme/demo": "1.0.0"}


def test_after_a_month_nothing_new_is_installed_and_nothing_that_runs_breaks(
    market: Simulator, client: Marketplace
) -> None:
    install(client, "acme/demo")
    market.now = START + timedelta(days=30)
    client.plan_install([want("acme/other")])
    market.now += SECOND
    with pytest.raises(StaleError, match="too old to install from"):
        client.plan_install([want("acme/other")])
    with pytest.raises(StaleError, match="too old to install from"):
        client.plan_update()
    client.set_enabled(DEMO, enabled=True)
    client.require_usable(client.home.installed()[DEMO])
    assert client.record(DEMO) is not None
    client.apply(client.plan_remove([DEMO]))
    assert versions_in(client) == {}


def test_a_refresh_makes_it_fresh_again(market: Simulator, client: Marketplace) -> None:
    market.now = START + timedelta(days=60)
    market.publish()
    client.refresh()
    assert client.plan_install([want("acme/demo")]).warnings == ()


def test_a_policy_of_the_home_can_be_stricter(market: Simulator, client: Marketplace) -> None:
    client.home.write_settings(ClientPolicy(warn_after_days=1, max_stale_days=2))
    market.now = START + timedelta(days=2)
    assert client.plan_install([want("acme/demo")]).warnings
    market.now += SECOND
    with pytest.raises(StaleError):
        client.plan_install([want("acme/demo")])
