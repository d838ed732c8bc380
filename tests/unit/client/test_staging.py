"""Updates in two steps: fetched and verified while the host works, made current when it has time, without a network."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from pluginry.client.lifecycle import Hooks, Transition
from pluginry.client.marketplace import Marketplace
from pluginry.client.plugin_home import PluginHome
from pluginry.client.pruning import prune
from pluginry.errors import NotFoundError, RevokedError, TamperedError, UnhealthyError, VetoError
from pluginry.model.advisory import Action, Advisory, Affected, AffectedPackage, Directive
from simulated_client import DEMO, Network, install, installed, publish_later, versions_in

if TYPE_CHECKING:
    from pluginry.model.receipt import InstalledPlugin
    from simulator import Simulator


@pytest.fixture
def staged(market: Simulator, client: Marketplace) -> Marketplace:
    """Return a client with acme/demo 1.0.0 enabled, and 1.1.0 staged."""
    install(client, "acme/demo", enable=True)
    market.release("acme/demo", "1.1.0", dependencies={"acme/base": "*"})
    publish_later(market, client)
    client.apply(client.plan_update(), stage=True)
    return client


def waiting(client: Marketplace) -> InstalledPlugin:
    """Return the version of acme/demo that is staged."""
    generation = client.home.generations.staged()
    assert generation is not None
    found = generation.find(DEMO)
    assert found is not None
    return found


def test_nothing_changes_until_it_is_switched_to(staged: Marketplace) -> None:
    assert versions_in(staged)["acme/demo"] == "1.0.0"
    assert staged.home.generations.numbers() == [1]
    assert str(waiting(staged).version) == "1.1.0"


def test_switching_needs_no_network_and_keeps_what_was_enabled(market: Simulator, staged: Marketplace) -> None:
    market.objects.clear()
    assert staged.switch_to_staged().cause == "update"
    assert versions_in(staged)["acme/demo"] == "1.1.0"
    assert installed(staged, DEMO).enabled
    assert staged.home.generations.staged() is None


def test_what_is_staged_is_for_one_state_of_the_home(staged: Marketplace) -> None:
    staged.set_enabled(DEMO, enabled=False)
    assert staged.home.generations.staged() is None
    with pytest.raises(NotFoundError, match="nothing is staged"):
        staged.switch_to_staged()
    assert versions_in(staged)["acme/demo"] == "1.0.0"


@pytest.mark.parametrize("action", [Action.DISABLE, Action.BLOCK_INSTALL])
def test_an_advisory_that_came_meanwhile_forbids_it(market: Simulator, staged: Marketplace, action: Action) -> None:
    market.advisories.append(
        Advisory(
            schema_version="1.7.0",
            id="PLG-2026-0007",
            modified=market.now,
            published=market.now,
            summary="It reads what it should not",
            affected=(Affected(package=AffectedPackage(ecosystem="Pluginry", name=DEMO)),),
            database_specific=Directive(action=action, digests=(waiting(staged).sha256,)),
        )
    )
    publish_later(market, staged)
    with pytest.raises(RevokedError, match="PLG-2026-0007"):
        staged.switch_to_staged()
    assert versions_in(staged)["acme/demo"] == "1.0.0"


def test_files_that_were_changed_meanwhile_are_refused(staged: Marketplace) -> None:
    one = waiting(staged)
    (staged.home.folder_of(DEMO, one.version, one.sha256) / "planted.py").write_text("")
    with pytest.raises(TamperedError, match=r"planted\.py"):
        staged.switch_to_staged()
    assert versions_in(staged)["acme/demo"] == "1.0.0"


def test_a_host_that_is_not_well_with_it_gets_the_old_state_back(staged: Marketplace) -> None:
    with pytest.raises(UnhealthyError):
        staged.switch_to_staged(healthy=lambda _generation: False)
    assert versions_in(staged)["acme/demo"] == "1.0.0"


def test_callbacks_are_asked_when_it_is_switched(market: Simulator, staged: Marketplace) -> None:
    asked: list[str] = []

    def forbid(change: Transition) -> None:
        asked.append(str(change.plugin))
        raise ValueError("not now")

    home = PluginHome(staged.home.root, hooks=Hooks(before=(forbid,)))
    host = Marketplace(home=home, connector=Network(markets=(market,)), now=lambda: market.now)
    with pytest.raises(VetoError, match="not now"):
        host.switch_to_staged()
    assert asked == ["acme/demo"]
    assert versions_in(staged)["acme/demo"] == "1.0.0"


def test_pruning_keeps_what_is_staged(staged: Marketplace) -> None:
    prune(staged.home, generations=1, unused_for=timedelta(days=365), now=staged.now())
    staged.switch_to_staged()
    assert versions_in(staged)["acme/demo"] == "1.1.0"


def test_staging_again_takes_the_place_of_what_was_staged(market: Simulator, staged: Marketplace) -> None:
    market.release("acme/demo", "1.2.0", dependencies={"acme/base": "*"})
    publish_later(market, staged)
    staged.apply(staged.plan_update(), stage=True)
    staged.switch_to_staged()
    assert versions_in(staged)["acme/demo"] == "1.2.0"
