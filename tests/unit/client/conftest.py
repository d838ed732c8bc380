"""A marketplace of three plugins, and a client of it, for the tests that do not make their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from simulated_client import a_client
from simulator import Simulator

if TYPE_CHECKING:
    from pathlib import Path

    from pluginry.client.marketplace import Marketplace


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
