"""Going back: one plugin or everything, without a network, to nothing that must not run or does not fit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pluginry.errors import (
    NotFoundError,
    ResolutionError,
    RevokedError,
    TamperedError,
)
from pluginry.model.advisory import Action
from simulated_client import DEMO, OTHER, a_client, install, installed, publish_later, versions_in

if TYPE_CHECKING:
    from pluginry.client.marketplace import Marketplace
    from simulator import Simulator


@pytest.fixture
def updated(market: Simulator, client: Marketplace) -> Marketplace:
    install(client, "acme/demo", "acme/other", enable=True)
    market.release("acme/demo", "1.1.0", dependencies={"acme/base": ">=1"})
    market.release("acme/other", "1.1.0")
    publish_later(market, client)
    client.apply(client.plan_update())
    return client


def test_one_plugin_goes_back_and_is_held(updated: Marketplace) -> None:
    updated.rollback(DEMO)
    assert versions_in(updated) == {"acme/base": "1.0.0", "acme/demo": "1.0.0", "acme/other": "1.1.0"}
    assert installed(updated, DEMO).held
    assert installed(updated, DEMO).enabled
    assert updated.plan_update().changes == ()
    pointer = updated.home.root / "plugins/acme/demo/current"
    assert pointer.read_text().startswith("1.0.0-")


def test_everything_goes_back_to_the_state_before(updated: Marketplace) -> None:
    generation = updated.rollback()
    assert generation.number == 3
    assert versions_in(updated) == {"acme/base": "1.0.0", "acme/demo": "1.0.0", "acme/other": "1.0.0"}
    updated.rollback()
    assert versions_in(updated)["acme/other"] == "1.1.0"


def test_everything_goes_back_to_a_numbered_generation(updated: Marketplace) -> None:
    updated.apply(updated.plan_remove([DEMO, OTHER]))
    updated.rollback(to=1)
    assert versions_in(updated) == {"acme/base": "1.0.0", "acme/demo": "1.0.0", "acme/other": "1.0.0"}
    with pytest.raises(NotFoundError, match="no generation 99"):
        updated.rollback(to=99)


def test_it_needs_no_network(market: Simulator, updated: Marketplace) -> None:
    market.store.is_down = True
    a_client(updated.home.root, market).rollback()
    assert versions_in(updated)["acme/demo"] == "1.0.0"


def test_there_must_be_something_to_go_back_to(client: Marketplace) -> None:
    with pytest.raises(NotFoundError, match="no earlier state"):
        client.rollback()
    install(client, "acme/other")
    with pytest.raises(NotFoundError, match="no earlier version"):
        client.rollback(OTHER)
    with pytest.raises(NotFoundError, match="not installed"):
        client.rollback(DEMO)


def test_a_version_that_must_not_run_does_not_come_back(market: Simulator, updated: Marketplace) -> None:
    market.advise("PLG-2026-0001", "acme/other", action=Action.DISABLE, fixed="1.1.0")
    publish_later(market, updated)
    for attempt in (lambda: updated.rollback(OTHER), updated.rollback):
        with pytest.raises(RevokedError, match="must not run"):
            attempt()


def test_a_version_that_must_not_be_installed_any_more_does_not_come_back(
    market: Simulator, updated: Marketplace
) -> None:
    market.advise("PLG-2026-0001", "acme/other", action=Action.BLOCK_INSTALL, fixed="1.1.0")
    publish_later(market, updated)
    for attempt in (lambda: updated.rollback(OTHER), updated.rollback):
        with pytest.raises(RevokedError, match="must not be installed"):
            attempt()
    assert versions_in(updated)["acme/other"] == "1.1.0"


def test_what_may_not_be_installed_but_is_there_hinders_no_other_from_going_back(
    market: Simulator, updated: Marketplace
) -> None:
    market.advise("PLG-2026-0001", "acme/base", action=Action.BLOCK_INSTALL)
    publish_later(market, updated)
    updated.rollback()
    assert versions_in(updated) == {"acme/base": "1.0.0", "acme/demo": "1.0.0", "acme/other": "1.0.0"}


def test_a_version_whose_files_were_changed_does_not_come_back(updated: Marketplace) -> None:
    (old,) = updated.home.root.glob("plugins/acme/demo/1.0.0-*/demo.txt")
    old.write_bytes(b"changed")
    with pytest.raises(TamperedError, match=r"demo\.txt is changed"):
        updated.rollback(DEMO)
    assert versions_in(updated)["acme/demo"] == "1.1.0"


def test_a_version_that_does_not_fit_the_others_does_not_come_back(market: Simulator, client: Marketplace) -> None:
    install(client, "acme/demo")
    market.release("acme/base", "2.0.0")
    market.release("acme/demo", "2.0.0", dependencies={"acme/base": ">=2"})
    publish_later(market, client)
    client.apply(client.plan_update())
    with pytest.raises(ResolutionError, match=r"acme/demo 1\.0\.0 needs acme/base >=1,<2"):
        client.rollback(DEMO)
    client.rollback()
    assert versions_in(client) == {"acme/base": "1.0.0", "acme/demo": "1.0.0"}
