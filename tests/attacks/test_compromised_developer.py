"""Whoever took over a developer's account releases a new version: with more permissions, or from another repository."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from developers import ANN, EVE, RESURRECTED, build_of
from pluginry.client import drafting, publisher_pins, source_list
from pluginry.client.consent import ConsentRequest
from pluginry.errors import ConsentNeededError, PolicyError
from simulated_client import a_client, install
from victims import DEMO, EVIL, FILE, GOOD, a_market, installed_file

if TYPE_CHECKING:
    from pathlib import Path

    from pluginry.client.marketplace import Marketplace
    from pluginry.model.publisher import Publisher


def victim(home: Path) -> Marketplace:
    """Return a client that has version 1.0.0, and has just heard of 1.1.0, which wants the network."""
    market = a_market()
    client = a_client(home, market)
    install(client, "acme/demo")
    market.release("acme/demo", "1.1.0", files={FILE: EVIL}, permissions=[("network", "any")])
    market.publish()
    client.refresh()
    return client


def test_an_update_that_wants_more_is_not_installed_unasked(tmp_path: Path) -> None:
    client = victim(tmp_path)
    plan = client.plan_update([DEMO])
    if plan.changes:
        with pytest.raises(ConsentNeededError):
            client.apply(plan)
    assert installed_file(client) != EVIL


def test_without_comparing_permissions_it_would_be_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drafting, "ask_consent", lambda *_, **__: ConsentRequest(asks=()))
    client = victim(tmp_path)
    client.apply(client.plan_update([DEMO]))
    assert installed_file(client) == EVIL


def victim_of_a_new_publisher(home: Path, publisher: Publisher | None) -> Marketplace:
    """Return a client that has a release of Ann's, and has just heard of one by somebody else."""
    market = a_market()
    market.describe("acme/demo", publisher=ANN)
    market.publish()
    client = a_client(home, market)
    install(client, "acme/demo")
    market.release("acme/demo", "1.1.0", files={FILE: EVIL})
    market.describe("acme/demo", publisher=publisher)
    market.publish()
    client.refresh()
    return client


@pytest.mark.parametrize("publisher", [EVE, RESURRECTED, None])
def test_an_update_from_another_publisher_is_not_installed(tmp_path: Path, publisher: Publisher | None) -> None:
    client = victim_of_a_new_publisher(tmp_path, publisher)
    with pytest.raises(PolicyError, match="another publisher"):
        client.plan_update([DEMO])
    client.apply(client.plan_update())
    assert installed_file(client) != EVIL


@pytest.mark.parametrize("publisher", [EVE, RESURRECTED, None])
def test_without_remembering_the_publisher_it_would_be_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, publisher: Publisher | None
) -> None:
    monkeypatch.setattr(publisher_pins, "publisher_change", lambda *_: None)
    client = victim_of_a_new_publisher(tmp_path, publisher)
    client.apply(client.plan_update([DEMO]))
    assert installed_file(client) == EVIL


def victim_of_a_theft_of_the_forge_account(home: Path) -> Marketplace:
    """Return a client with a release that Ann's build made, and has heard of one that somebody made elsewhere."""
    market = a_market()
    market.describe("acme/demo", publisher=ANN)
    market.release("acme/demo", "1.1.0", files={FILE: GOOD}, built_by=build_of(ANN, "1.1.0"))
    market.publish()
    client = a_client(home, market)
    install(client, "acme/demo")
    market.release("acme/demo", "1.2.0", files={FILE: EVIL})
    market.publish()
    client.refresh()
    return client


def test_an_update_without_the_provenance_that_was_there_before_is_not_installed(tmp_path: Path) -> None:
    client = victim_of_a_theft_of_the_forge_account(tmp_path)
    with pytest.raises(PolicyError, match="without the provenance that it had"):
        client.plan_update([DEMO])
    client.apply(client.plan_update())
    assert installed_file(client) == GOOD


def test_without_remembering_that_there_was_provenance_it_would_be_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source_list.SourceList, "is_proven", lambda *_: False)
    client = victim_of_a_theft_of_the_forge_account(tmp_path)
    client.apply(client.plan_update([DEMO]))
    assert installed_file(client) == EVIL
