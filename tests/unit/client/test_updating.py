"""Plans for updating: what moves, what waits, and what never keeps the others from their updates."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from pluginry.client.plan import Refusal
from pluginry.errors import NotFoundError, PolicyError
from pluginry.model.advisory import Action
from pluginry.model.home import HomeConfig
from pluginry.model.names import Name, PluginId
from pluginry.model.receipt import ClientPolicy
from pluginry.model.status import Status
from pluginry.model.versions import Version
from simulated_client import BASE, DEMO, OTHER, install, installed, publish_later, versions_in, want

if TYPE_CHECKING:
    from pluginry.client.marketplace import Marketplace
    from simulator import Simulator

HEADERS, NETWORK = ("mail.headers", "inbound"), ("network", "example.com:443")


def test_everything_is_updated_and_stays_enabled(market: Simulator, client: Marketplace) -> None:
    install(client, "acme/demo", enable=True)
    market.release("acme/base", "1.2.0")
    market.release("acme/demo", "1.1.0", dependencies={"acme/base": ">=1.1,<2"})
    publish_later(market, client)
    client.apply(client.plan_update())
    assert versions_in(client) == {"acme/base": "1.2.0", "acme/demo": "1.1.0"}
    assert all(one.enabled for one in client.home.installed().values())


def test_only_named_plugins_are_updated(market: Simulator, client: Marketplace) -> None:
    install(client, "acme/demo", "acme/other")
    market.release("acme/demo", "1.1.0", dependencies={"acme/base": ">=1"})
    market.release("acme/other", "1.1.0")
    publish_later(market, client)
    client.apply(client.plan_update([OTHER]))
    assert versions_in(client) == {"acme/base": "1.0.0", "acme/demo": "1.0.0", "acme/other": "1.1.0"}


def test_a_dependency_can_be_updated_by_its_name(market: Simulator, client: Marketplace) -> None:
    install(client, "acme/demo")
    market.release("acme/base", "1.1.0")
    publish_later(market, client)
    client.apply(client.plan_update([BASE]))
    assert versions_in(client) == {"acme/base": "1.1.0", "acme/demo": "1.0.0"}
    assert not installed(client, BASE).requested


def test_what_is_needed_no_longer_goes(market: Simulator, client: Marketplace) -> None:
    install(client, "acme/demo")
    market.release("acme/demo", "2.0.0")
    publish_later(market, client)
    plan = client.plan_update()
    assert [(change.plugin, change.after is None) for change in plan.changes] == [(DEMO, False), (BASE, True)]
    client.apply(plan)
    assert versions_in(client) == {"acme/demo": "2.0.0"}


def test_what_comes_to_be_needed_is_enabled_with_its_user(market: Simulator, client: Marketplace) -> None:
    install(client, "acme/other", enable=True)
    market.release("acme/other", "1.1.0", dependencies={"acme/base": ">=1"})
    publish_later(market, client)
    client.apply(client.plan_update())
    assert installed(client, BASE).enabled


def test_one_that_asks_for_more_waits_while_the_others_go_on(market: Simulator, client: Marketplace) -> None:
    install(client, "acme/demo", "acme/other")
    market.release("acme/demo", "1.1.0", dependencies={"acme/base": ">=1"}, permissions=[NETWORK])
    market.release("acme/other", "1.1.0")
    publish_later(market, client)
    plan = client.plan_update()
    assert plan.waiting == (DEMO,)
    assert [(ask.plugin, ask.grant) for ask in plan.waiting_for] == [(DEMO, "network:example.com:443")]
    client.apply(plan)
    assert versions_in(client) == {"acme/base": "1.0.0", "acme/demo": "1.0.0", "acme/other": "1.1.0"}
    agreed = ["network:example.com:443"]
    client.apply(client.plan_update(accepted=agreed), accepted=agreed)
    assert versions_in(client)["acme/demo"] == "1.1.0"
    assert installed(client, DEMO).granted == ("network:example.com:443",)


def test_one_that_brings_a_plugin_that_asks_waits_alone(market: Simulator, client: Marketplace) -> None:
    install(client, "acme/demo", "acme/other")
    market.release("acme/new", permissions=[NETWORK])
    market.release("acme/demo", "1.1.0", dependencies={"acme/new": ">=1"})
    market.release("acme/other", "1.1.0")
    publish_later(market, client)
    plan = client.plan_update()
    assert plan.waiting == (DEMO,)
    assert [str(ask.plugin) for ask in plan.waiting_for] == ["acme/new"]
    client.apply(plan)
    assert versions_in(client) == {"acme/base": "1.0.0", "acme/demo": "1.0.0", "acme/other": "1.1.0"}


def test_one_that_asks_for_less_or_the_same_does_not_wait(market: Simulator, client: Marketplace) -> None:
    market.release("acme/asking", permissions=[HEADERS, NETWORK])
    publish_later(market, client)
    install(client, "acme/asking", accepted=["mail.headers:inbound", "network:example.com:443"])
    market.release("acme/asking", "1.1.0", permissions=[HEADERS])
    publish_later(market, client)
    client.apply(client.plan_update())
    assert installed(client, PluginId.parse("acme/asking")).granted == ("mail.headers:inbound",)


def test_a_wider_scope_of_a_granted_type_waits_too(market: Simulator, client: Marketplace) -> None:
    market.release("acme/asking", permissions=[NETWORK])
    publish_later(market, client)
    install(client, "acme/asking", accepted=["network:example.com:443"])
    market.release("acme/asking", "1.1.0", permissions=[("network", "*:*")])
    publish_later(market, client)
    assert [str(name) for name in client.plan_update().waiting] == ["acme/asking"]


def test_a_beta_follows_betas_and_what_is_more_finished(market: Simulator, client: Marketplace) -> None:
    market.release("acme/other", "1.1.0-beta.1", channel="beta")
    publish_later(market, client)
    install(client, want("acme/other", channel="beta"))
    market.release("acme/other", "1.1.0-beta.2", channel="beta")
    market.release("acme/other", "1.2.0-alpha.1", channel="experimental")
    publish_later(market, client)
    client.apply(client.plan_update())
    assert versions_in(client) == {"acme/other": "1.1.0-beta.2"}
    market.release("acme/other", "1.1.0")
    publish_later(market, client)
    client.apply(client.plan_update())
    assert versions_in(client) == {"acme/other": "1.1.0"}


def test_a_yanked_version_that_runs_stays_until_there_is_a_newer_one(market: Simulator, client: Marketplace) -> None:
    install(client, "acme/other")
    market.amend("acme/other", "1.0.0", yanked="broken")
    publish_later(market, client)
    assert client.plan_update().changes == ()
    market.release("acme/other", "1.0.1")
    publish_later(market, client)
    client.apply(client.plan_update())
    assert versions_in(client) == {"acme/other": "1.0.1"}


def test_a_plugin_that_was_removed_from_the_marketplace_stays_and_blocks_nothing(
    market: Simulator, client: Marketplace
) -> None:
    install(client, "acme/demo")
    market.describe("acme/base", status=Status.REMOVED)
    market.release("acme/other", "1.1.0")
    publish_later(market, client)
    install(client, "acme/other")
    assert versions_in(client) == {"acme/base": "1.0.0", "acme/demo": "1.0.0", "acme/other": "1.1.0"}
    assert client.plan_update().changes == ()


def test_only_what_is_installed_can_be_updated(client: Marketplace) -> None:
    install(client, "acme/other")
    with pytest.raises(NotFoundError, match="acme/demo is not installed"):
        client.plan_update([DEMO])


def test_the_newest_version_that_fits_is_known_without_a_plan(market: Simulator, client: Marketplace) -> None:
    install(client, "acme/other")
    assert client.newer_version(OTHER) is None
    market.release("acme/other", "1.1.0")
    market.release("acme/other", "1.2.0", hosts={"panel": "*"})
    market.release("acme/other", "2.0.0-beta.1", channel="beta")
    publish_later(market, client)
    client.home.write_settings(HomeConfig(host=Name("mairust"), host_version=Version("0.4.0")))
    assert client.newer_version(OTHER) == Version("1.1.0")
    assert client.newer_version(DEMO) is None


def test_an_update_to_a_blocked_version_is_not_made(market: Simulator, client: Marketplace) -> None:
    install(client, "acme/other")
    market.release("acme/other", "1.1.0")
    market.advise("PLG-2026-0001", "acme/other", action=Action.BLOCK_INSTALL)
    publish_later(market, client)
    plan = client.plan_update()
    assert plan.changes == ()
    assert plan.warnings == ("PLG-2026-0001: Something is wrong with acme/other (acme/other 1.0.0)",)


def test_what_a_policy_forbids_keeps_its_version_while_the_others_go_on(market: Simulator, client: Marketplace) -> None:
    install(client, "acme/demo", "acme/other")
    client.home.write_settings(ClientPolicy(deny_permissions=("network",)))
    market.release("acme/demo", "1.1.0", dependencies={"acme/base": ">=1"}, permissions=[NETWORK])
    market.release("acme/other", "1.1.0")
    publish_later(market, client)
    plan = client.plan_update(accepted=["network:example.com:443"])
    assert plan.waiting == (DEMO,)
    assert [(one.plugin, one.error.what) for one in plan.refused] == [
        (DEMO, "acme/demo asks for network, which is denied here")
    ]
    client.apply(plan)
    assert versions_in(client) == {"acme/base": "1.0.0", "acme/demo": "1.0.0", "acme/other": "1.1.0"}
    with pytest.raises(PolicyError, match="denied here"):
        client.plan_update([DEMO])


def test_a_plan_that_brings_something_forbidden_is_not_carried_out(market: Simulator, client: Marketplace) -> None:
    install(client, "acme/other")
    market.release("acme/other", "1.1.0")
    publish_later(market, client)
    plan = client.plan_update()
    refused = replace(plan, refused=(Refusal(plugin=OTHER, error=PolicyError("no")),))
    with pytest.raises(PolicyError, match="no"):
        client.apply(refused)
    assert versions_in(client) == {"acme/other": "1.0.0"}
