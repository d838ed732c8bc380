"""Carrying out plans: all of one or nothing of it, and never of two for the same state."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pluginry.errors import (
    BusyError,
    PluginryError,
    TransportError,
)
from simulated_client import BASE, DEMO, OTHER, a_client, install, installed, publish_later, versions_in, want

if TYPE_CHECKING:
    from pluginry.client.marketplace import Marketplace
    from simulator import Simulator


def test_it_can_be_enabled_at_once_with_what_it_needs(client: Marketplace) -> None:
    install(client, "acme/demo", enable=True)
    assert installed(client, BASE).enabled
    assert installed(client, DEMO).enabled


def test_installing_the_same_again_is_no_new_generation(client: Marketplace) -> None:
    first = install(client, "acme/demo")
    assert install(client, "acme/demo") == first
    assert client.home.generations.numbers() == [1]


def test_a_failure_half_way_changes_nothing(market: Simulator, client: Marketplace) -> None:
    del market.objects[market.package_key("acme/demo", "1.0.0")]
    with pytest.raises(TransportError):
        install(client, "acme/demo")
    assert client.installed() is None


def test_a_plan_that_was_overtaken_is_not_carried_out(client: Marketplace) -> None:
    plan = client.plan_install([want("acme/demo")])
    install(client, "acme/other")
    with pytest.raises(BusyError, match="changed meanwhile"):
        client.apply(plan)
    assert versions_in(client) == {"acme/other": "1.0.0"}


def test_progress_counts_the_bytes_of_all_packages(market: Simulator, client: Marketplace) -> None:
    steps: list[int] = []
    client.apply(client.plan_install([want("acme/demo")]), progress=steps.append)
    keys = [market.package_key(name, "1.0.0") for name in ("acme/base", "acme/demo")]
    assert sum(steps) == sum(len(market.objects[key]) for key in keys)


@pytest.mark.parametrize("operation", ["install", "update", "remove"])
def test_two_plans_for_the_same_state_cannot_both_win(market: Simulator, client: Marketplace, operation: str) -> None:
    install(client, "acme/other")
    market.release("acme/other", "1.1.0")
    publish_later(market, client)
    other_process = a_client(client.home.root, market)
    plans = {
        "install": lambda one: one.plan_install([want("acme/demo")]),
        "update": lambda one: one.plan_update(),
        "remove": lambda one: one.plan_remove([OTHER]),
    }
    first, second = (plans[operation](one) for one in (client, other_process))
    client.apply(first)
    with pytest.raises(PluginryError, match="changed meanwhile"):
        other_process.apply(second)
