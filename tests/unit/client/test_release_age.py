"""A release has to be out for a while before it is installed, unless it is the first without a known fault."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from pluginry.errors import PolicyError, ResolutionError
from pluginry.model.advisory import Action
from pluginry.model.home import HomeConfig
from pluginry.model.names import Name, PluginId
from pluginry.model.receipt import ClientPolicy
from pluginry.model.versions import Version
from simulated_client import a_client, install, versions_in, want
from simulator import Simulator

if TYPE_CHECKING:
    from pathlib import Path

    from pluginry.client.marketplace import Marketplace

DEMO = PluginId.parse("acme/demo")
DAY = timedelta(days=1)
A_WEEK = ClientPolicy(minimum_release_age_days=7, max_stale_days=90)


@pytest.fixture
def market() -> Simulator:
    """Return a marketplace whose first releases are ten days old; its clock begins now, as that of its signatures."""
    market = Simulator(now=datetime.now(UTC).replace(microsecond=0))
    market.release("acme/demo", "1.0.0")
    market.release("acme/other", "1.0.0")
    market.publish()
    market.now += 10 * DAY
    market.publish()
    return market


@pytest.fixture
def client(market: Simulator, tmp_path: Path) -> Marketplace:
    client = a_client(tmp_path, market)
    client.home.write_settings(A_WEEK)
    return client


def release(market: Simulator, client: Marketplace, version: str, **said: Any) -> None:
    """Publish a release an hour later."""
    market.now += timedelta(hours=1)
    market.release("acme/demo", version, **said)
    market.publish()
    client.refresh()


def advise(market: Simulator, client: Marketplace, action: Action = Action.WARN, *, fixed: str) -> None:
    market.advise("PLG-2026-0001", "acme/demo", action=action, fixed=fixed)
    market.publish()
    client.refresh()


def chosen(client: Marketplace) -> str:
    (change,) = client.plan_install([want("acme/demo")]).changes
    assert change.after is not None
    return str(change.after.release.version)


def test_without_a_policy_the_newest_is_taken_at_once(market: Simulator, tmp_path: Path) -> None:
    client = a_client(tmp_path, market)
    release(market, client, "1.1.0")
    assert chosen(client) == "1.1.0"


def test_a_new_release_waits_and_an_older_one_is_taken(market: Simulator, client: Marketplace) -> None:
    release(market, client, "1.1.0")
    plan = client.plan_install([want("acme/demo")])
    day = market.now.strftime("%Y-%m-%d")
    assert plan.warnings == (f"acme/demo 1.1.0 is of {day}, and policy.toml wants 7 days to pass first",)
    client.apply(plan)
    assert versions_in(client) == {"acme/demo": "1.0.0"}
    assert client.newer_version(DEMO) is None
    assert client.plan_update().changes == ()
    assert client.plan_update().warnings == plan.warnings


def test_to_the_second_and_then_it_waits_no_longer(market: Simulator, client: Marketplace) -> None:
    release(market, client, "1.1.0")
    market.now += 7 * DAY - timedelta(seconds=1)
    assert chosen(client) == "1.0.0"
    market.now += timedelta(seconds=1)
    assert chosen(client) == "1.1.0"
    install(client, "acme/demo")
    assert versions_in(client) == {"acme/demo": "1.1.0"}


@pytest.mark.parametrize("wish", ["*", "==2.0.0"])
def test_a_plugin_that_is_new_altogether_cannot_be_had_yet_and_it_is_said_why(
    market: Simulator, client: Marketplace, wish: str
) -> None:
    market.release("acme/new", "2.0.0")
    market.publish()
    client.refresh()
    with pytest.raises(ResolutionError) as caught:
        client.plan_install([want("acme/new", wish)])
    day = market.now.strftime("%Y-%m-%d")
    assert f"acme/new 2.0.0 is of {day}, and policy.toml wants 7 days to pass first" in caught.value.reasons


def test_what_is_installed_stays_however_young(market: Simulator, client: Marketplace) -> None:
    release(market, client, "1.1.0")
    client.home.write_settings(ClientPolicy())
    install(client, "acme/demo")
    client.home.write_settings(A_WEEK)
    install(client, "acme/other")
    assert versions_in(client) == {"acme/demo": "1.1.0", "acme/other": "1.0.0"}


def test_what_is_needed_waits_too(market: Simulator, client: Marketplace) -> None:
    market.release("acme/user", "1.0.0", dependencies={"acme/demo": ">=1.1"})
    market.publish()
    market.now += 8 * DAY
    release(market, client, "1.1.0")
    with pytest.raises(ResolutionError, match=r"acme/demo 1\.1\.0 is of"):
        client.plan_install([want("acme/user")])


class TestFixes:
    @pytest.mark.parametrize("action", [Action.WARN, Action.BLOCK_INSTALL, Action.DISABLE])
    def test_the_release_that_mends_a_known_fault_does_not_wait(
        self, market: Simulator, client: Marketplace, action: Action
    ) -> None:
        install(client, "acme/demo")
        release(market, client, "1.0.1")
        assert client.plan_update().changes == ()
        advise(market, client, action, fixed="1.0.1")
        client.apply(client.plan_update())
        assert versions_in(client) == {"acme/demo": "1.0.1"}

    def test_what_comes_after_it_waits_like_everything_else(self, market: Simulator, client: Marketplace) -> None:
        release(market, client, "1.0.1")
        advise(market, client, fixed="1.0.1")
        release(market, client, "1.0.2")
        assert chosen(client) == "1.0.1"
        market.now += 8 * DAY
        release(market, client, "1.0.3")
        assert chosen(client) == "1.0.2"

    def test_a_release_that_mends_nothing_waits(self, market: Simulator, client: Marketplace) -> None:
        release(market, client, "1.0.1")
        advise(market, client, fixed="1.0.2")
        assert chosen(client) == "1.0.0"

    def test_one_that_has_the_next_fault_is_no_fix(self, market: Simulator, client: Marketplace) -> None:
        release(market, client, "1.0.1")
        release(market, client, "1.0.2")
        advise(market, client, fixed="1.0.1")
        market.advise("PLG-2026-0002", "acme/demo", fixed="1.0.2")
        market.publish()
        client.refresh()
        assert chosen(client) == "1.0.2"

    def test_one_that_does_not_run_here_keeps_no_other_from_being_the_fix(
        self, market: Simulator, client: Marketplace
    ) -> None:
        client.home.write_settings(HomeConfig(host=Name("mairust"), host_version=Version("0.4.0")))
        release(market, client, "1.0.1", hosts={"mairust": ">=0.5"})
        release(market, client, "1.0.2")
        advise(market, client, fixed="1.0.1")
        assert chosen(client) == "1.0.2"

    def test_a_fault_of_another_plugin_lets_nothing_through(self, market: Simulator, client: Marketplace) -> None:
        release(market, client, "1.0.1")
        market.advise("PLG-2026-0001", "acme/other", fixed="1.0.1")
        market.publish()
        client.refresh()
        assert chosen(client) == "1.0.0"


class TestWhatTheLogSays:
    """The index can say any day; a signature was made when the log of signatures says."""

    def test_a_release_that_claims_to_be_older_than_its_signature_is_refused(self, tmp_path: Path) -> None:
        market = Simulator(now=datetime.now(UTC).replace(microsecond=0) - 30 * DAY)
        market.release("acme/demo", "1.0.0")
        market.publish()
        market.now += 30 * DAY
        market.publish()
        client = a_client(tmp_path, market)
        client.home.write_settings(A_WEEK)
        plan = client.plan_install([want("acme/demo")])
        with pytest.raises(PolicyError, match="too lately to install it here"):
            client.apply(plan)
        assert versions_in(client) == {}
        market.now += 8 * DAY
        market.publish()
        client.refresh()
        install(client, "acme/demo")
        assert versions_in(client) == {"acme/demo": "1.0.0"}

    def test_a_fix_is_young_and_its_signature_may_be(self, market: Simulator, client: Marketplace) -> None:
        release(market, client, "1.0.1")
        advise(market, client, Action.BLOCK_INSTALL, fixed="1.0.1")
        install(client, "acme/demo")
        assert versions_in(client) == {"acme/demo": "1.0.1"}
