"""Whoever controls the bucket puts an old state back, with all its genuine signatures, that has not expired yet."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from pluginry.client import verify
from pluginry.errors import TamperedError
from simulated_client import a_client
from victims import a_market

if TYPE_CHECKING:
    from pathlib import Path

    from pluginry.client.marketplace import Marketplace
    from simulator import Simulator

STATES = 4


def a_history() -> tuple[Simulator, list[dict[str, bytes]]]:
    """Return a marketplace and everything that it published in each of its states."""
    market = a_market()
    states = [dict(market.objects)]
    for number in range(1, STATES):
        market.release("acme/demo", f"1.{number}.0")
        market.publish()
        states.append(dict(market.objects))
    return market, states


def forget_metadata(client: Marketplace) -> None:
    """Take away what the TUF library remembers; `state.json` stays."""
    shutil.rmtree(client.sources()[0].folder / "metadata")


@pytest.mark.parametrize("replayed", range(STATES - 1))
def test_every_older_state_is_refused(tmp_path: Path, replayed: int) -> None:
    market, states = a_history()
    client = a_client(tmp_path, market)
    market.objects.update(states[replayed])
    with pytest.raises(TamperedError, match="older than what was seen"):
        client.refresh()
    assert client.sources()[0].index().root.serial == STATES


@pytest.mark.parametrize("replayed", range(STATES - 1))
def test_the_serial_alone_is_enough_to_refuse_it(tmp_path: Path, replayed: int) -> None:
    market, states = a_history()
    client = a_client(tmp_path, market)
    forget_metadata(client)
    market.objects.update(states[replayed])
    with pytest.raises(TamperedError, match="went back"):
        client.refresh()


def test_without_both_memories_it_would_be_believed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verify, "_check_not_older", lambda *_: None)
    market, states = a_history()
    client = a_client(tmp_path, market)
    forget_metadata(client)
    market.objects.update(states[0])
    assert client.refresh()["m0"].root.serial == 1
