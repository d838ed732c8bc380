"""Installing, enabling, updating, going back and removing, from the plan to the generation on disk."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from pluginry.client.marketplace import receipt_of
from pluginry.errors import (
    BusyError,
    ConsentNeededError,
    NotFoundError,
    PluginryError,
    PolicyError,
    ResolutionError,
    RevokedError,
    StaleError,
    TamperedError,
    TransportError,
)
from pluginry.model.advisory import Action
from pluginry.model.home import HomeConfig
from pluginry.model.listing import Status
from pluginry.model.names import Name, PluginId
from pluginry.model.receipt import ClientPolicy
from pluginry.model.release import Channel
from pluginry.model.versions import Version
from simulated_client import a_client, install, versions_in, want
from simulator import Simulator

if TYPE_CHECKING:
    from pathlib import Path

    from pluginry.client.marketplace import Marketplace
    from pluginry.model.receipt import InstalledPlugin

BASE, DEMO, OTHER = (PluginId.parse(name) for name in ("acme/base", "acme/demo", "acme/other"))
HEADERS, NETWORK = ("mail.headers", "inbound"), ("network", "example.com:443")


@pytest.fixture
def market() -> Simulator:
    """Demo depends on base; other stands alone."""
    market = Simulator()
    market.release("acme/base")
    market.release("acme/demo", dependencies={"acme/base": ">=1,<2"}, files={"demo.txt": b"1"})
    market.release("acme/other")
    market.publish()
    return market


@pytest.fixture
def client(market: Simulator, tmp_path: Path) -> Marketplace:
    return a_client(tmp_path / "home", market)


def plugin(client: Marketplace, name: PluginId) -> InstalledPlugin:
    return client.home.installed()[name]


def publish(market: Simulator, client: Marketplace) -> None:
    market.now += timedelta(hours=1)
    market.publish()
    client.refresh()


class TestInstalling:
    def test_what_a_plugin_needs_comes_with_it_and_all_is_disabled(self, client: Marketplace) -> None:
        generation = install(client, "acme/demo")
        assert [(one.id, one.requested, one.enabled) for one in generation.plugins] == [
            (BASE, False, False),
            (DEMO, True, False),
        ]
        assert (generation.number, generation.cause) == (1, "install acme/demo")

    def test_it_can_be_enabled_at_once_with_what_it_needs(self, client: Marketplace) -> None:
        install(client, "acme/demo", enable=True)
        assert plugin(client, BASE).enabled
        assert plugin(client, DEMO).enabled

    def test_a_plan_changes_nothing(self, client: Marketplace) -> None:
        plan = client.plan_install([want("acme/demo")])
        assert [change.plugin for change in plan.changes] == [BASE, DEMO]
        assert client.installed() is None
        assert not (client.home.root / "plugins").exists()

    def test_installing_the_same_again_is_no_new_generation(self, client: Marketplace) -> None:
        first = install(client, "acme/demo")
        assert install(client, "acme/demo") == first
        assert client.home.generation_numbers() == [1]

    def test_what_was_needed_and_is_then_wanted_is_requested(self, client: Marketplace) -> None:
        install(client, "acme/demo")
        install(client, "acme/base")
        assert plugin(client, BASE).requested
        client.apply(client.plan_remove([DEMO]))
        assert versions_in(client) == {"acme/base": "1.0.0"}

    def test_an_exact_version_is_held_until_the_plugin_is_installed_without_one(
        self, market: Simulator, client: Marketplace
    ) -> None:
        install(client, want("acme/other", "==1.0.0"))
        assert plugin(client, OTHER).held
        market.release("acme/other", "1.1.0")
        publish(market, client)
        client.apply(client.plan_update())
        assert versions_in(client) == {"acme/other": "1.0.0"}
        install(client, "acme/demo")
        assert plugin(client, OTHER).held
        install(client, "acme/other")
        assert versions_in(client)["acme/other"] == "1.1.0"
        assert not plugin(client, OTHER).held

    def test_installing_one_plugin_leaves_the_others_alone(self, market: Simulator, client: Marketplace) -> None:
        install(client, "acme/demo")
        market.release("acme/base", "1.1.0")
        market.release("acme/demo", "1.1.0", dependencies={"acme/base": ">=1,<2"})
        publish(market, client)
        install(client, "acme/other")
        assert versions_in(client) == {"acme/base": "1.0.0", "acme/demo": "1.0.0", "acme/other": "1.0.0"}

    def test_a_failure_half_way_changes_nothing(self, market: Simulator, client: Marketplace) -> None:
        del market.objects[market.package_key("acme/demo", "1.0.0")]
        with pytest.raises(TransportError):
            install(client, "acme/demo")
        assert client.installed() is None

    def test_a_plan_that_was_overtaken_is_not_carried_out(self, client: Marketplace) -> None:
        plan = client.plan_install([want("acme/demo")])
        install(client, "acme/other")
        with pytest.raises(BusyError, match="changed meanwhile"):
            client.apply(plan)
        assert versions_in(client) == {"acme/other": "1.0.0"}

    def test_progress_counts_the_bytes_of_all_packages(self, market: Simulator, client: Marketplace) -> None:
        steps: list[int] = []
        client.apply(client.plan_install([want("acme/demo")]), progress=steps.append)
        keys = [market.package_key(name, "1.0.0") for name in ("acme/base", "acme/demo")]
        assert sum(steps) == sum(len(market.objects[key]) for key in keys)

    def test_an_unknown_plugin_does_not_exist(self, client: Marketplace) -> None:
        with pytest.raises(NotFoundError, match="there is no plugin acme/nothing"):
            install(client, "acme/nothing")

    def test_the_host_of_the_home_decides_which_release_fits(self, market: Simulator, client: Marketplace) -> None:
        market.release("acme/other", "1.1.0", hosts={"mairust": ">=0.5"})
        publish(market, client)
        client.home.write_settings(HomeConfig(host=Name("mairust"), host_version=Version("0.4.0")))
        install(client, "acme/other")
        assert versions_in(client) == {"acme/other": "1.0.0"}

    def test_a_release_narrowed_later_is_not_offered_any_more(self, market: Simulator, client: Marketplace) -> None:
        market.amend("acme/other", "1.0.0", hosts={"mairust": "<0.4"})
        publish(market, client)
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

    def test_the_receipt_of_what_is_not_installed_does_not_exist(self, client: Marketplace) -> None:
        install(client, "acme/demo")
        assert receipt_of(client.home, DEMO).version == Version("1.0.0")
        with pytest.raises(NotFoundError, match="not installed"):
            receipt_of(client.home, OTHER)


class TestConsent:
    @pytest.fixture
    def asking(self, market: Simulator, client: Marketplace) -> Marketplace:
        market.release("acme/asking", permissions=[HEADERS, NETWORK])
        publish(market, client)
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
        granted = plugin(asking, PluginId.parse("acme/asking")).granted
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
        publish(market, client)
        client.home.write_settings(ClientPolicy(allow_channels=(Channel.STABLE,)))
        with pytest.raises(PolicyError, match="on the beta channel, which is not allowed here"):
            install(client, want("acme/other", channel="beta"))


class TestEnabling:
    def test_what_it_needs_is_enabled_with_it(self, client: Marketplace) -> None:
        install(client, "acme/demo")
        client.set_enabled(DEMO, enabled=True)
        assert plugin(client, BASE).enabled
        assert plugin(client, DEMO).enabled

    def test_what_an_enabled_plugin_needs_cannot_be_disabled(self, client: Marketplace) -> None:
        install(client, "acme/demo", enable=True)
        with pytest.raises(ResolutionError, match="acme/demo is enabled and needs it"):
            client.set_enabled(BASE, enabled=False)
        client.set_enabled(DEMO, enabled=False)
        client.set_enabled(BASE, enabled=False)
        assert not plugin(client, BASE).enabled

    def test_only_what_is_installed_can_be_enabled(self, client: Marketplace) -> None:
        with pytest.raises(NotFoundError, match="not installed"):
            client.set_enabled(DEMO, enabled=True)

    def test_an_advisory_can_forbid_it(self, market: Simulator, client: Marketplace) -> None:
        install(client, "acme/demo")
        market.advise("PLG-2026-0001", "acme/base", action=Action.DISABLE)
        publish(market, client)
        with pytest.raises(RevokedError, match=r"acme/base 1\.0\.0 must not run.*PLG-2026-0001"):
            client.set_enabled(DEMO, enabled=True)
        assert not plugin(client, DEMO).enabled

    def test_a_warning_does_not_forbid_it(self, market: Simulator, client: Marketplace) -> None:
        install(client, "acme/other")
        market.advise("PLG-2026-0001", "acme/other")
        publish(market, client)
        client.set_enabled(OTHER, enabled=True)
        assert plugin(client, OTHER).enabled

    def test_a_plugin_whose_source_was_removed_still_works(self, client: Marketplace) -> None:
        install(client, "acme/other")
        client.remove_source("m0")
        client.set_enabled(OTHER, enabled=True)
        assert plugin(client, OTHER).enabled
        client.apply(client.plan_remove([OTHER]))
        assert versions_in(client) == {}


class TestUpdating:
    def test_everything_is_updated_and_stays_enabled(self, market: Simulator, client: Marketplace) -> None:
        install(client, "acme/demo", enable=True)
        market.release("acme/base", "1.2.0")
        market.release("acme/demo", "1.1.0", dependencies={"acme/base": ">=1.1,<2"})
        publish(market, client)
        client.apply(client.plan_update())
        assert versions_in(client) == {"acme/base": "1.2.0", "acme/demo": "1.1.0"}
        assert all(one.enabled for one in client.home.installed().values())

    def test_only_named_plugins_are_updated(self, market: Simulator, client: Marketplace) -> None:
        install(client, "acme/demo", "acme/other")
        market.release("acme/demo", "1.1.0", dependencies={"acme/base": ">=1"})
        market.release("acme/other", "1.1.0")
        publish(market, client)
        client.apply(client.plan_update([OTHER]))
        assert versions_in(client) == {"acme/base": "1.0.0", "acme/demo": "1.0.0", "acme/other": "1.1.0"}

    def test_a_dependency_can_be_updated_by_its_name(self, market: Simulator, client: Marketplace) -> None:
        install(client, "acme/demo")
        market.release("acme/base", "1.1.0")
        publish(market, client)
        client.apply(client.plan_update([BASE]))
        assert versions_in(client) == {"acme/base": "1.1.0", "acme/demo": "1.0.0"}
        assert not plugin(client, BASE).requested

    def test_what_is_needed_no_longer_goes(self, market: Simulator, client: Marketplace) -> None:
        install(client, "acme/demo")
        market.release("acme/demo", "2.0.0")
        publish(market, client)
        plan = client.plan_update()
        assert [(change.plugin, change.after is None) for change in plan.changes] == [(DEMO, False), (BASE, True)]
        client.apply(plan)
        assert versions_in(client) == {"acme/demo": "2.0.0"}

    def test_what_comes_to_be_needed_is_enabled_with_its_user(self, market: Simulator, client: Marketplace) -> None:
        install(client, "acme/other", enable=True)
        market.release("acme/other", "1.1.0", dependencies={"acme/base": ">=1"})
        publish(market, client)
        client.apply(client.plan_update())
        assert plugin(client, BASE).enabled

    def test_one_that_asks_for_more_waits_while_the_others_go_on(self, market: Simulator, client: Marketplace) -> None:
        install(client, "acme/demo", "acme/other")
        market.release("acme/demo", "1.1.0", dependencies={"acme/base": ">=1"}, permissions=[NETWORK])
        market.release("acme/other", "1.1.0")
        publish(market, client)
        plan = client.plan_update()
        assert plan.waiting == (DEMO,)
        assert [(ask.plugin, ask.grant) for ask in plan.waiting_for] == [(DEMO, "network:example.com:443")]
        client.apply(plan)
        assert versions_in(client) == {"acme/base": "1.0.0", "acme/demo": "1.0.0", "acme/other": "1.1.0"}
        agreed = ["network:example.com:443"]
        client.apply(client.plan_update(accepted=agreed), accepted=agreed)
        assert versions_in(client)["acme/demo"] == "1.1.0"
        assert plugin(client, DEMO).granted == ("network:example.com:443",)

    def test_one_that_brings_a_plugin_that_asks_waits_alone(self, market: Simulator, client: Marketplace) -> None:
        install(client, "acme/demo", "acme/other")
        market.release("acme/new", permissions=[NETWORK])
        market.release("acme/demo", "1.1.0", dependencies={"acme/new": ">=1"})
        market.release("acme/other", "1.1.0")
        publish(market, client)
        plan = client.plan_update()
        assert plan.waiting == (DEMO,)
        assert [str(ask.plugin) for ask in plan.waiting_for] == ["acme/new"]
        client.apply(plan)
        assert versions_in(client) == {"acme/base": "1.0.0", "acme/demo": "1.0.0", "acme/other": "1.1.0"}

    def test_one_that_asks_for_less_or_the_same_does_not_wait(self, market: Simulator, client: Marketplace) -> None:
        market.release("acme/asking", permissions=[HEADERS, NETWORK])
        publish(market, client)
        install(client, "acme/asking", accepted=["mail.headers:inbound", "network:example.com:443"])
        market.release("acme/asking", "1.1.0", permissions=[HEADERS])
        publish(market, client)
        client.apply(client.plan_update())
        assert plugin(client, PluginId.parse("acme/asking")).granted == ("mail.headers:inbound",)

    def test_a_wider_scope_of_a_granted_type_waits_too(self, market: Simulator, client: Marketplace) -> None:
        market.release("acme/asking", permissions=[NETWORK])
        publish(market, client)
        install(client, "acme/asking", accepted=["network:example.com:443"])
        market.release("acme/asking", "1.1.0", permissions=[("network", "*:*")])
        publish(market, client)
        assert [str(name) for name in client.plan_update().waiting] == ["acme/asking"]

    def test_a_beta_follows_betas_and_what_is_more_finished(self, market: Simulator, client: Marketplace) -> None:
        market.release("acme/other", "1.1.0-beta.1", channel="beta")
        publish(market, client)
        install(client, want("acme/other", channel="beta"))
        market.release("acme/other", "1.1.0-beta.2", channel="beta")
        market.release("acme/other", "1.2.0-alpha.1", channel="experimental")
        publish(market, client)
        client.apply(client.plan_update())
        assert versions_in(client) == {"acme/other": "1.1.0-beta.2"}
        market.release("acme/other", "1.1.0")
        publish(market, client)
        client.apply(client.plan_update())
        assert versions_in(client) == {"acme/other": "1.1.0"}

    def test_a_yanked_version_that_runs_stays_until_there_is_a_newer_one(
        self, market: Simulator, client: Marketplace
    ) -> None:
        install(client, "acme/other")
        market.amend("acme/other", "1.0.0", yanked="broken")
        publish(market, client)
        assert client.plan_update().changes == ()
        market.release("acme/other", "1.0.1")
        publish(market, client)
        client.apply(client.plan_update())
        assert versions_in(client) == {"acme/other": "1.0.1"}

    def test_a_plugin_that_was_removed_from_the_marketplace_stays_and_blocks_nothing(
        self, market: Simulator, client: Marketplace
    ) -> None:
        install(client, "acme/demo")
        market.describe("acme/base", status=Status.REMOVED)
        market.release("acme/other", "1.1.0")
        publish(market, client)
        install(client, "acme/other")
        assert versions_in(client) == {"acme/base": "1.0.0", "acme/demo": "1.0.0", "acme/other": "1.1.0"}
        assert client.plan_update().changes == ()

    def test_only_what_is_installed_can_be_updated(self, client: Marketplace) -> None:
        install(client, "acme/other")
        with pytest.raises(NotFoundError, match="acme/demo is not installed"):
            client.plan_update([DEMO])

    def test_the_newest_version_that_fits_is_known_without_a_plan(self, market: Simulator, client: Marketplace) -> None:
        install(client, "acme/other")
        assert client.newer_version(OTHER) is None
        market.release("acme/other", "1.1.0")
        market.release("acme/other", "1.2.0", hosts={"panel": "*"})
        market.release("acme/other", "2.0.0-beta.1", channel="beta")
        publish(market, client)
        client.home.write_settings(HomeConfig(host=Name("mairust"), host_version=Version("0.4.0")))
        assert client.newer_version(OTHER) == Version("1.1.0")
        assert client.newer_version(DEMO) is None

    def test_an_update_to_a_blocked_version_is_not_made(self, market: Simulator, client: Marketplace) -> None:
        install(client, "acme/other")
        market.release("acme/other", "1.1.0")
        market.advise("PLG-2026-0001", "acme/other", action=Action.BLOCK_INSTALL)
        publish(market, client)
        plan = client.plan_update()
        assert plan.changes == ()
        assert plan.warnings == ("PLG-2026-0001: Something is wrong with acme/other (acme/other 1.0.0)",)


class TestGoingBack:
    @pytest.fixture
    def updated(self, market: Simulator, client: Marketplace) -> Marketplace:
        install(client, "acme/demo", "acme/other", enable=True)
        market.release("acme/demo", "1.1.0", dependencies={"acme/base": ">=1"})
        market.release("acme/other", "1.1.0")
        publish(market, client)
        client.apply(client.plan_update())
        return client

    def test_one_plugin_goes_back_and_is_held(self, updated: Marketplace) -> None:
        updated.rollback(DEMO)
        assert versions_in(updated) == {"acme/base": "1.0.0", "acme/demo": "1.0.0", "acme/other": "1.1.0"}
        assert plugin(updated, DEMO).held
        assert plugin(updated, DEMO).enabled
        assert updated.plan_update().changes == ()
        pointer = updated.home.root / "plugins/acme/demo/current"
        assert pointer.read_text().startswith("1.0.0-")

    def test_everything_goes_back_to_the_state_before(self, updated: Marketplace) -> None:
        generation = updated.rollback()
        assert generation.number == 3
        assert versions_in(updated) == {"acme/base": "1.0.0", "acme/demo": "1.0.0", "acme/other": "1.0.0"}
        updated.rollback()
        assert versions_in(updated)["acme/other"] == "1.1.0"

    def test_everything_goes_back_to_a_numbered_generation(self, updated: Marketplace) -> None:
        updated.apply(updated.plan_remove([DEMO, OTHER]))
        updated.rollback(to=1)
        assert versions_in(updated) == {"acme/base": "1.0.0", "acme/demo": "1.0.0", "acme/other": "1.0.0"}
        with pytest.raises(NotFoundError, match="no generation 99"):
            updated.rollback(to=99)

    def test_it_needs_no_network(self, market: Simulator, updated: Marketplace) -> None:
        market.store.is_down = True
        a_client(updated.home.root, market).rollback()
        assert versions_in(updated)["acme/demo"] == "1.0.0"

    def test_there_must_be_something_to_go_back_to(self, client: Marketplace) -> None:
        with pytest.raises(NotFoundError, match="no earlier state"):
            client.rollback()
        install(client, "acme/other")
        with pytest.raises(NotFoundError, match="no earlier version"):
            client.rollback(OTHER)
        with pytest.raises(NotFoundError, match="not installed"):
            client.rollback(DEMO)

    def test_a_version_that_must_not_run_does_not_come_back(self, market: Simulator, updated: Marketplace) -> None:
        market.advise("PLG-2026-0001", "acme/other", action=Action.DISABLE, fixed="1.1.0")
        publish(market, updated)
        for attempt in (lambda: updated.rollback(OTHER), updated.rollback):
            with pytest.raises(RevokedError, match="must not run"):
                attempt()

    def test_a_version_whose_files_were_changed_does_not_come_back(self, updated: Marketplace) -> None:
        (old,) = updated.home.root.glob("plugins/acme/demo/1.0.0-*/demo.txt")
        old.write_bytes(b"changed")
        with pytest.raises(TamperedError, match=r"demo\.txt is changed"):
            updated.rollback(DEMO)
        assert versions_in(updated)["acme/demo"] == "1.1.0"

    def test_a_version_that_does_not_fit_the_others_does_not_come_back(
        self, market: Simulator, client: Marketplace
    ) -> None:
        install(client, "acme/demo")
        market.release("acme/base", "2.0.0")
        market.release("acme/demo", "2.0.0", dependencies={"acme/base": ">=2"})
        publish(market, client)
        client.apply(client.plan_update())
        with pytest.raises(ResolutionError, match=r"acme/demo 1\.0\.0 needs acme/base >=1,<2"):
            client.rollback(DEMO)
        client.rollback()
        assert versions_in(client) == {"acme/base": "1.0.0", "acme/demo": "1.0.0"}


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
        publish(market, client)
        with pytest.raises(ResolutionError, match="is blocked by PLG-2026-0001"):
            install(client, "acme/other")
        with pytest.raises(ResolutionError, match="is blocked by PLG-2026-0001"):
            install(client, want("acme/other", "==1.0.0"))
        market.release("acme/other", "1.1.0")
        publish(market, client)
        install(client, "acme/other")
        assert versions_in(client) == {"acme/other": "1.1.0"}

    def test_a_warning_is_shown_with_the_plan(self, market: Simulator, client: Marketplace) -> None:
        market.advise("PLG-2026-0001", "acme/other")
        publish(market, client)
        plan = client.plan_install([want("acme/other")])
        assert plan.warnings == ("PLG-2026-0001: Something is wrong with acme/other (acme/other 1.0.0)",)

    def test_a_withdrawn_one_counts_no_more(self, market: Simulator, client: Marketplace) -> None:
        market.advise("PLG-2026-0001", "acme/other", action=Action.BLOCK_INSTALL)
        market.advisories[0] = replace(market.advisories[0], withdrawn=market.now)
        publish(market, client)
        assert client.plan_install([want("acme/other")]).warnings == ()


@pytest.mark.parametrize("operation", ["install", "update", "remove"])
def test_two_plans_for_the_same_state_cannot_both_win(market: Simulator, client: Marketplace, operation: str) -> None:
    install(client, "acme/other")
    market.release("acme/other", "1.1.0")
    publish(market, client)
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
