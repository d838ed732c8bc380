"""Whoever controls the way to a marketplace shows the same old state for ever, or turns back the victim's clock."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from tuf.api.metadata import Signed

from pluginry.client import verify
from pluginry.errors import PolicyError, StaleError
from simulated_client import a_client
from victims import a_market

if TYPE_CHECKING:
    from pathlib import Path

    from pluginry.client.marketplace import Marketplace
    from simulator import Simulator


def frozen(home: Path) -> tuple[Simulator, Marketplace]:
    """Return a marketplace whose newer states the victim never sees, eight days later."""
    market = a_market()
    client = a_client(home, market)
    market.now += timedelta(days=8)
    return market, client


def test_a_state_that_nobody_renewed_is_refused(tmp_path: Path) -> None:
    _, client = frozen(tmp_path)
    with pytest.raises(StaleError, match="expired"):
        client.refresh()


def test_a_clock_that_went_back_is_noticed(tmp_path: Path) -> None:
    market, client = frozen(tmp_path)
    market.publish()
    client.refresh()
    market.now -= timedelta(days=10)
    with pytest.raises(PolicyError, match="clock went back"):
        client.refresh()


def test_without_the_expiry_it_would_be_believed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Signed, "is_expired", lambda *_: False)
    market, client = frozen(tmp_path)
    assert client.refresh()["m0"].as_of == market.now


def test_without_the_guard_of_the_clock_expired_metadata_would_look_fresh(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verify, "check_clock", lambda *_, **__: None)
    market = a_market()
    client = a_client(tmp_path, market)
    old = dict(market.objects)
    market.now += timedelta(days=20)
    market.publish()
    client.refresh()
    market.now -= timedelta(days=20)
    market.objects.update({key: body for key, body in old.items() if "metadata" not in key})
    assert client.refresh()["m0"].as_of == market.now
