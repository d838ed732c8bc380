"""A revoked plugin is offered again, or runs on, because the list of revocations lost a line or its order."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pluginry.client import verify
from pluginry.encoding import canonical_json, documents
from pluginry.encoding.revocation_file import parse_revocations
from pluginry.errors import PluginryError, RevokedError, TamperedError
from pluginry.model.advisory import Action
from pluginry.model.layout import REVOCATIONS_TARGET
from pluginry.model.revocation import revocation_of
from simulated_client import a_client, install, versions_in
from victims import DEMO, a_market, publish_target

if TYPE_CHECKING:
    from pathlib import Path

    from pluginry.client.marketplace import Marketplace
    from pluginry.model.advisory import Advisory
    from simulator import Simulator


def listed(*advisories: Advisory) -> bytes:
    """Return the list of revocations that says so of `advisories`, one after the other."""
    entries = (revocation_of(advisory, n=number) for number, advisory in enumerate(advisories, start=1))
    return b"".join(canonical_json.encode_line(documents.to_plain(entry)) for entry in entries)


def revoked(home: Path) -> tuple[Simulator, Marketplace]:
    """Return a client that had the plugin before it was revoked, and has heard of that."""
    market = a_market()
    client = a_client(home, market)
    install(client, "acme/demo", enable=True)
    market.advise("PLG-2026-0001", "acme/demo", action=Action.DISABLE)
    market.advise("PLG-2026-0002", "acme/other", action=Action.WARN)
    publish_target(market, REVOCATIONS_TARGET, listed(*market.advisories))
    client.refresh()
    return market, client


def shrunk(market: Simulator) -> bytes:
    return listed(market.advisories[1])


def reordered(market: Simulator) -> bytes:
    return listed(*reversed(market.advisories))


def emptied(_: Simulator) -> bytes:
    return b""


ATTACKS = (shrunk, reordered, emptied)


def may_run(client: Marketplace) -> bool:
    generation = client.installed()
    assert generation is not None
    (installed,) = generation.plugins
    try:
        client.require_usable(installed)
    except RevokedError:
        return False
    return True


def test_a_revoked_plugin_neither_runs_nor_is_installed_again(tmp_path: Path) -> None:
    market, client = revoked(tmp_path / "one")
    assert not may_run(client)
    with pytest.raises(PluginryError):
        client.set_enabled(DEMO, enabled=True)
    newcomer = a_client(tmp_path / "two", market)
    with pytest.raises(PluginryError):
        install(newcomer, "acme/demo")
    assert versions_in(newcomer) == {}


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_list_that_does_not_continue_the_known_one_is_refused(tmp_path: Path, attack: type) -> None:
    market, client = revoked(tmp_path)
    publish_target(market, REVOCATIONS_TARGET, attack(market))
    with pytest.raises(TamperedError, match="not a continuation"):
        client.refresh()
    assert not may_run(client)
    assert not may_run(a_client(tmp_path, market))


def test_without_holding_it_to_what_was_known_the_plugin_would_run_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        verify, "accept_revocations", lambda data, **_: parse_revocations(data, what="the attacker's list")
    )
    market, client = revoked(tmp_path)
    market.advisories.clear()
    market.publish()
    publish_target(market, REVOCATIONS_TARGET, emptied(market))
    client.refresh()
    assert may_run(client)
