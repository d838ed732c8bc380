"""Why a plugin is installed, and why it is not."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from pluginry.errors import NotFoundError
from pluginry.model.advisory import Action
from pluginry.model.home import HomeConfig
from pluginry.model.names import Name, PluginId
from pluginry.model.status import Status
from pluginry.model.versions import Version
from simulated_client import a_client, install, want
from simulator import Simulator

if TYPE_CHECKING:
    from pathlib import Path

    from pluginry.client.marketplace import Marketplace

DEMO, CACHE = PluginId.parse("acme/demo"), PluginId.parse("acme/cache")


@pytest.fixture
def market() -> Simulator:
    market = Simulator()
    market.release("acme/cache", "1.0.0")
    market.release("acme/cache", "2.0.0")
    market.release("acme/demo", "1.0.0", dependencies={"acme/cache": ">=1,<2"})
    market.release("acme/demo", "2.0.0-beta.1", channel="beta", dependencies={"acme/cache": ">=1"})
    market.release("acme/other", "1.0.0", dependencies={"acme/cache": ">=2"}, permissions=[("network", "a.test")])
    market.publish()
    return market


@pytest.fixture
def client(tmp_path: Path, market: Simulator) -> Marketplace:
    client = a_client(tmp_path, market)
    install(client, want("acme/demo", "==1.0.0"))
    return client


class TestWhy:
    def test_because_you_asked_or_because_others_need_it(self, client: Marketplace) -> None:
        assert client.why(DEMO) == ("you asked for acme/demo, and hold it at 1.0.0",)
        assert client.why(CACHE) == ("acme/demo 1.0.0 needs acme/cache >=1,<2",)
        install(client, "acme/cache")
        assert client.why(CACHE)[0] == "you asked for acme/cache"

    def test_what_is_not_installed_has_no_reason(self, client: Marketplace) -> None:
        with pytest.raises(NotFoundError):
            client.why(PluginId.parse("acme/other"))


class TestWhyNot:
    def test_versions_that_others_exclude(self, client: Marketplace) -> None:
        said = client.why_not(want("acme/other"))
        assert "acme/other 1.0.0 needs acme/cache >=2" in said
        assert "acme/demo 1.0.0 needs acme/cache >=1,<2" in said

    def test_channels_advisories_and_withdrawals(self, client: Marketplace, market: Simulator) -> None:
        assert "acme/demo 2.0.0-beta.1 is on the beta channel" in client.why_not(want("acme/demo"))
        market.amend("acme/cache", "2.0.0", yanked="breaks mail")
        market.advise("PLG-1", "acme/other", action=Action.BLOCK_INSTALL)
        market.publish()
        client.refresh()
        assert "acme/cache 2.0.0 was withdrawn (breaks mail)" in client.why_not(want("acme/cache"))
        assert any("is blocked by PLG-1" in one for one in client.why_not(want("acme/other")))

    def test_hosts_and_versions(self, client: Marketplace) -> None:
        client.home.write_settings(HomeConfig(host=Name("panel"), host_version=Version("1.0.0")))
        assert "acme/other 1.0.0 is not for panel" in client.why_not(want("acme/other"))
        assert "acme/demo 1.0.0 is not >=9" in client.why_not(want("acme/demo", ">=9"))

    def test_policies(self, client: Marketplace) -> None:
        client.apply(client.plan_remove([DEMO]))
        client.home.write_settings(replace(client.home.policy(), deny_permissions=("network",)))
        assert "network" in client.why_not(want("acme/other"))[-1]

    def test_what_was_removed(self, client: Marketplace, market: Simulator) -> None:
        market.describe("acme/other", status=Status.REMOVED, reason="gone")
        market.publish()
        client.refresh()
        assert client.why_not(want("acme/other"))[0] == "acme/other was removed from the marketplace"

    def test_nothing_keeps_it(self, client: Marketplace) -> None:
        client.apply(client.plan_remove([DEMO]))
        assert client.why_not(want("acme/other")) == (
            "acme/other 1.0.0 can be installed",
            "it asks for network:a.test",
        )
        install(client, "acme/cache")
        assert client.why_not(want("acme/cache"))[-1] == "acme/cache 2.0.0 is installed"

    def test_what_nobody_has(self, client: Marketplace) -> None:
        with pytest.raises(NotFoundError):
            client.why_not(want("acme/nowhere"))
