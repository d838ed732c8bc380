"""Enabling: with everything that is needed, and nothing that must not run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pluginry.errors import (
    NotFoundError,
    ResolutionError,
    RevokedError,
)
from pluginry.model.advisory import Action
from simulated_client import BASE, DEMO, OTHER, install, installed, publish_later, versions_in

if TYPE_CHECKING:
    from pluginry.client.marketplace import Marketplace
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


def test_a_plugin_whose_source_was_removed_still_works(client: Marketplace) -> None:
    install(client, "acme/other")
    client.remove_source("m0")
    client.set_enabled(OTHER, enabled=True)
    assert installed(client, OTHER).enabled
    client.apply(client.plan_remove([OTHER]))
    assert versions_in(client) == {}
