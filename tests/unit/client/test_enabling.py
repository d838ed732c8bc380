"""Enabling: with everything that is needed, and nothing that must not run."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from pluginry.client.marketplace import Marketplace
from pluginry.errors import (
    NotFoundError,
    ResolutionError,
    RevokedError,
)
from pluginry.model.advisory import Action
from simulated_client import BASE, DEMO, OTHER, Network, install, installed, publish_later, versions_in
from simulator import Simulator


def test_what_it_needs_is_enabled_with_it(client: Marketplace) -> None:
    install(client, "acme/demo")
    client.set_enabled(DEMO, enabled=True)
    assert installed(client, BASE).enabled
    assert installed(client, DEMO).enabled


def test_what_an_enabled_plugin_needs_cannot_be_disabled(client: Marketplace) -> None:
    install(client, "acme/demo", enable=True)
    with pytest.raises(ResolutionError, match="acme/demo is enabled and needs it"):
        client.set_enabled(BASE, enabled=False)
    client.set_enabled(DEMO, enabled=False)
    client.set_enabled(BASE, enabled=False)
    assert not installed(client, BASE).enabled


def test_only_what_is_installed_can_be_enabled(client: Marketplace) -> None:
    with pytest.raises(NotFoundError, match="not installed"):
        client.set_enabled(DEMO, enabled=True)


def test_an_advisory_can_forbid_it(market: Simulator, client: Marketplace) -> None:
    install(client, "acme/demo")
    market.advise("PLG-2026-0001", "acme/base", action=Action.DISABLE)
    publish_later(market, client)
    with pytest.raises(RevokedError, match=r"acme/base 1\.0\.0 must not run.*PLG-2026-0001"):
        client.set_enabled(DEMO, enabled=True)
    assert not installed(client, DEMO).enabled


def test_a_warning_does_not_forbid_it(market: Simulator, client: Marketplace) -> None:
    install(client, "acme/other")
    market.advise("PLG-2026-0001", "acme/other")
    publish_later(market, client)
    client.set_enabled(OTHER, enabled=True)
    assert installed(client, OTHER).enabled


@pytest.fixture
def warned(market: Simulator, client: Marketplace) -> Marketplace:
    """Return a client whose plugin was disabled by an advisory."""
    install(client, "acme/other", enable=True)
    market.advise("PLG-2026-0001", "acme/other", action=Action.DISABLE)
    publish_later(market, client)
    assert not installed(client, OTHER).enabled
    return client


def test_removing_the_source_withdraws_no_warning(warned: Marketplace) -> None:
    warned.remove_source("m0")
    with pytest.raises(RevokedError, match="PLG-2026-0001"):
        warned.set_enabled(OTHER, enabled=True)
    with pytest.raises(RevokedError):
        warned.rollback(to=2)


def test_nor_does_another_source_that_serves_the_plugin_now(market: Simulator, warned: Marketplace) -> None:
    silent = Simulator(location="https://silent.test", now=market.now)
    silent.release("acme/other")
    silent.publish()
    client = Marketplace(home=warned.home, connector=Network(markets=(market, silent)), now=lambda: market.now)
    client.add_source("silent", silent.location, fingerprint=silent.fingerprint, namespaces=("acme/*",))
    with pytest.raises(RevokedError, match="PLG-2026-0001"):
        client.set_enabled(OTHER, enabled=True)


def test_a_warning_that_comes_from_where_a_plugin_was_installed_counts_whoever_serves_it(
    market: Simulator, client: Marketplace
) -> None:
    install(client, "acme/other", enable=True)
    silent = Simulator(location="https://silent.test", now=market.now)
    silent.release("acme/other")
    silent.publish()
    client = Marketplace(home=client.home, connector=Network(markets=(market, silent)), now=lambda: market.now)
    client.add_source("silent", silent.location, fingerprint=silent.fingerprint, namespaces=("acme/*",))
    market.advise("PLG-2026-0001", "acme/other", action=Action.DISABLE)
    publish_later(market, client)
    assert not installed(client, OTHER).enabled


def test_the_marketplace_itself_withdraws_it_under_whatever_name(market: Simulator, warned: Marketplace) -> None:
    warned.remove_source("m0")
    market.advisories[0] = replace(market.advisories[0], withdrawn=market.now)
    market.now += timedelta(hours=1)
    market.publish()
    warned.add_source("renamed", market.location, fingerprint=market.fingerprint)
    warned.set_enabled(OTHER, enabled=True)
    assert installed(warned, OTHER).enabled


def test_a_plugin_whose_source_was_removed_still_works(client: Marketplace) -> None:
    install(client, "acme/other")
    client.remove_source("m0")
    client.set_enabled(OTHER, enabled=True)
    assert installed(client, OTHER).enabled
    client.apply(client.plan_remove([OTHER]))
    assert versions_in(client) == {}
