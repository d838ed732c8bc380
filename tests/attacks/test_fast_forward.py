"""A thief of the online key publishes version and serial numbers so high that no genuine state is ever newer again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import pytest
from tuf.api.metadata import Metadata, Timestamp

from pluginry.errors import TamperedError
from pluginry.model.layout import METADATA_PREFIX, TIMESTAMP_KEY
from simulated_client import a_client
from simulator import Simulator

if TYPE_CHECKING:
    from pathlib import Path

    from pluginry.client.marketplace import Marketplace

FAR_AHEAD = 2**31


@dataclass(slots=True)
class Robbery:
    """A marketplace that a thief led far ahead, and a client that followed him."""

    market: Simulator
    client: Marketplace

    def recover(self, *, new_key: bool, new_epoch: bool) -> None:
        """Publish the genuine state once more, from its first numbers on."""
        market = self.market
        for key in [key for key in market.objects if key.startswith(METADATA_PREFIX)]:
            del market.objects[key]
        if new_key:
            market.replace_online_key()
        if new_epoch:
            market.policy = replace(market.policy, epoch=2)
        market.publish()


@pytest.fixture
def robbery(tmp_path: Path) -> Robbery:
    market = Simulator()
    market.release("acme/demo", "1.0.0")
    market.publish()
    client = a_client(tmp_path, market)
    market.publish(change_root=lambda root: replace(root, serial=FAR_AHEAD))
    timestamp = Metadata[Timestamp].from_bytes(market.objects[TIMESTAMP_KEY])
    timestamp.signed.version = FAR_AHEAD
    timestamp.sign(market.repository.online)
    market.objects[TIMESTAMP_KEY] = timestamp.to_bytes()
    assert client.refresh()["m0"].root.serial == FAR_AHEAD
    return Robbery(market=market, client=client)


def test_a_new_key_and_a_new_epoch_bring_the_client_back(robbery: Robbery) -> None:
    robbery.recover(new_key=True, new_epoch=True)
    assert robbery.client.refresh()["m0"].root.serial == 1


def test_without_a_new_key_the_client_would_be_locked_out(robbery: Robbery) -> None:
    robbery.recover(new_key=False, new_epoch=True)
    with pytest.raises(TamperedError, match="older than what was seen"):
        robbery.client.refresh()


def test_without_a_new_epoch_the_client_would_be_locked_out(robbery: Robbery) -> None:
    robbery.recover(new_key=True, new_epoch=False)
    with pytest.raises(TamperedError, match="went back"):
        robbery.client.refresh()
