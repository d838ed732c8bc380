"""Plans for installing and removing: what comes along, what is asked, what stays, and what cannot be."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from pluginry.errors import (
    ConsentNeededError,
    NotFoundError,
    PolicyError,
    ResolutionError,
    StaleError,
)
from pluginry.model.advisory import Action
from pluginry.model.channel import Channel
from pluginry.model.home import HomeConfig
from pluginry.model.names import Name, PluginId
from pluginry.model.receipt import ClientPolicy
from pluginry.model.versions import Version
from simulated_client import BASE, DEMO, OTHER, install, installed, publish_later, versions_in, want

if TYPE_CHECKING:
    from pluginry.client.marketplace import Marketplace
    from simulator import Simulator

HEADERS, NETWORK = ("mail.headers", "inbound"), ("network", "example.com:443")


class TestInstalling:
    def test_what_a_plugin_needs_comes_with_it_and_all_is_disabled(self, client: Marketplace) -> None:
        generation = install(client, "acme/demo")
        assert [(one.id, one.requested, one.enabled) for one in generation.plugins] == [
            (BASE, False, False),
            (DEMO, True, False),
        ]
        assert (generation.number, generation.cause) == (1, "install acme/demo")

    def test_a_plan_changes_nothing(self, client: Marketplace) -> None:
        plan = client.plan_install([want("acme/demo")])
        assert [change.plugin for change in plan.changes] == [BASE, DEMO]
        assert client.installed() is None
        assert not (client.home.root / "plugins").exists()

    def test_what_was_needed_and_is_then_wanted_is_requested(self, client: Marketplace) -> None:
        install(client, "acme/demo")
        install(client, "acme/base")
        assert installed(client, BASE).requested
        client.apply(client.plan_remove([DEMO]))
        assert versions_in(client) == {"acme/base": "1.0.0"}

    def test_an_exact_version_is_held_until_the_plugin_is_installed_without_one(
        self, market: Simulator, client: Marketplace
    ) -> None:
        install(client, want("acme/other", "==1.0.0"))
        assert installed(client, OTHER).held
        market.release("acme/other", "1.1.0")
        publish_later(market, client)
        client.apply(client.plan_update())
        assert versions_in(client) == {"acme/other": "1.0.0"}
        install(client, "acme/demo")
        assert installed(client, OTHER).held
        install(client, "acme/other")
        assert versions_in(client)["acme/other"] == "1.1.0"
        assert not installed(client, OTHER).held

    def test_installing_one_plugin_leaves_the_others_alone(self, market: Simulator, client: Marketplace) -> None:
        install(client, "acme/demo")
        market.release("acme/base", "1.1.0")
        market.release("acme/demo", "1.1.0", dependencies={"acme/base": ">=1,<2"})
        publish_later(market, client)
        install(client, "acme/other")
        assert versions_in(client) == {"acme/base": "1.0.0", "acme/demo": "1.0.0", "acme/other": "1.0.0"}

    def test_an_unknown_plugin_does_not_exist(self, client: Marketplace) -> None:
        with pytest.raises(NotFoundError, match="there is no plugin acme/nothing"):
            install(client, "acme/nothing")

    def test_the_host_of_the_home_decides_which_release_fits(self, market: Simulator, client: Marketplace) -> None:
        market.release("acme/other", "1.1.0", hosts={"mairust": ">=0.5"})
        publish_later(market, client)
        client.home.write_settings(HomeConfig(host=Name("mairust"), host_version=Version("0.4.0")))
        install(client, "acme/other")
        assert versions_in(client) == {"acme/other": "1.0.0"}

    def test_a_release_narrowed_later_is_not_offered_any_more(self, market: Simulator, client: Marketplace) -> None:
        market.amend("acme/other", "1.0.0", hosts={"mairust": "<0.4"})
        publish_later(market, client)
        client.home.write_settings(HomeConfig(host=Name("mairust"), host_version=Version("0.4.0")))
        with pytest.raises(ResolutionError, match=r"needs mairust <0\.4, and this is 0\.4\.0"):
            install(client, "acme/other")

    def test_nothing_is_installed_from_what_is_too_old(self, market: Simulator, client: Marketplace) -> None:
        install(client, "acme/other")
        market.now += timedelta(days=31)
        with pytest.raises(StaleError, match="too old"):
            install(client, "acme/demo")
        client.set_enabled(OTHER, enabled=True)
        client.apply(client.plan_remove([OTHER]))


class TestConsent:
    @pytest.fixture
    def asking(self, market: Simulator, client: Marketplace) -> Marketplace:
        market.release("acme/asking", permissions=[HEADERS, NETWORK])
        publish_later(market, client)
        return client

    def test_without_it_nothing_is_installed(self, asking: Marketplace) -> None:
        with pytest.raises(ConsentNeededError) as caught:
            install(asking, "acme/asking", accepted=["mail.headers:inbound"])
        assert caught.value.permissions == ("network:example.com:443",)
        assert asking.installed() is None

    def test_it_is_asked_for_in_plain_words_with_the_authors_reason(self, asking: Marketplace) -> None:
        headers, network = asking.plan_install([want("acme/asking")]).consent.asks
        assert headers.says == "Reads the headers of incoming messages"
        assert headers.reason == "Needs mail.headers"
        assert network.says == "Connects to example.com:443"
        assert (headers.severity, network.severity) == ("medium", "high")

    def test_what_was_granted_is_remembered(self, asking: Marketplace) -> None:
        install(asking, "acme/asking", accepted=["mail.headers:inbound", "network:example.com:443"])
        granted = installed(asking, PluginId.parse("acme/asking")).granted
        assert granted == ("mail.headers:inbound", "network:example.com:443")
        assert asking.plan_install([want("acme/asking")]).consent.new == ()

    def test_a_denied_permission_cannot_be_agreed_to(self, asking: Marketplace) -> None:
        asking.home.write_settings(ClientPolicy(deny_permissions=("network",)))
        with pytest.raises(PolicyError, match="asks for network, which is denied here"):
            install(asking, "acme/asking", accepted=["mail.headers:inbound", "network:example.com:443"])

    def test_a_policy_that_became_stricter_does_not_block_other_plugins(self, asking: Marketplace) -> None:
        install(asking, "acme/asking", accepted=["mail.headers:inbound", "network:example.com:443"])
        asking.home.write_settings(ClientPolicy(deny_permissions=("network",)))
        install(asking, "acme/other")
        assert "acme/other" in versions_in(asking)

    def test_a_channel_that_is_not_allowed_is_refused(self, market: Simulator, client: Marketplace) -> None:
        market.release("acme/other", "2.0.0-beta.1", channel="beta")
        publish_later(market, client)
        client.home.write_settings(ClientPolicy(allow_channels=(Channel.STABLE,)))
        with pytest.raises(PolicyError, match="on the beta channel, which is not allowed here"):
            install(client, want("acme/other", channel="beta"))


class TestRemoving:
    def test_what_only_it_needed_goes_with_it_and_data_stays(self, client: Marketplace) -> None:
        install(client, "acme/demo", "acme/other")
        data = client.home.data_folder_of(DEMO)
        data.mkdir(parents=True)
        (data / "kept.txt").write_text("kept")
        plan = client.plan_remove([DEMO])
        assert [change.plugin for change in plan.changes] == [BASE, DEMO]
        client.apply(plan)
        assert versions_in(client) == {"acme/other": "1.0.0"}
        assert (data / "kept.txt").exists()
        assert not (client.home.root / "plugins/acme/demo/current").exists()

    def test_what_others_need_stays_unless_they_go_too(self, client: Marketplace) -> None:
        install(client, "acme/demo")
        with pytest.raises(ResolutionError, match="acme/demo needs one of them"):
            client.plan_remove([BASE])
        client.apply(client.plan_remove([BASE], cascade=True))
        assert versions_in(client) == {}

    def test_both_can_be_named(self, client: Marketplace) -> None:
        install(client, "acme/demo")
        client.apply(client.plan_remove([BASE, DEMO]))
        assert versions_in(client) == {}

    def test_it_needs_neither_network_nor_sources(self, market: Simulator, client: Marketplace) -> None:
        install(client, "acme/demo")
        client.remove_source("m0")
        market.store.is_down = True
        client.apply(client.plan_remove([DEMO]))
        assert versions_in(client) == {}

    def test_only_what_is_installed_can_be_removed(self, client: Marketplace) -> None:
        with pytest.raises(NotFoundError, match="not installed"):
            client.plan_remove([DEMO])


class TestAdvisories:
    def test_a_blocked_release_is_not_installed(self, market: Simulator, client: Marketplace) -> None:
        market.advise("PLG-2026-0001", "acme/other", action=Action.BLOCK_INSTALL, fixed="1.1.0")
        publish_later(market, client)
        with pytest.raises(ResolutionError, match="is blocked by PLG-2026-0001"):
            install(client, "acme/other")
        with pytest.raises(ResolutionError, match="is blocked by PLG-2026-0001"):
            install(client, want("acme/other", "==1.0.0"))
        market.release("acme/other", "1.1.0")
        publish_later(market, client)
        install(client, "acme/other")
        assert versions_in(client) == {"acme/other": "1.1.0"}

    def test_a_warning_is_shown_with_the_plan(self, market: Simulator, client: Marketplace) -> None:
        market.advise("PLG-2026-0001", "acme/other")
        publish_later(market, client)
        plan = client.plan_install([want("acme/other")])
        assert plan.warnings == ("PLG-2026-0001: Something is wrong with acme/other (acme/other 1.0.0)",)

    def test_a_withdrawn_one_counts_no_more(self, market: Simulator, client: Marketplace) -> None:
        market.advise("PLG-2026-0001", "acme/other", action=Action.BLOCK_INSTALL)
        market.advisories[0] = replace(market.advisories[0], withdrawn=market.now)
        publish_later(market, client)
        assert client.plan_install([want("acme/other")]).warnings == ()
