"""The registry's account or repository was deleted, and somebody else registers one of the same name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pluginry.errors import TamperedError
from simulated_client import a_client, install
from victims import EVIL, BuildOfAForge, a_market_of_a_forge, evil_package, installed_file, offer_signed

if TYPE_CHECKING:
    from pathlib import Path

    from simulator import Simulator

RESURRECTED = ({"repository_id": "999999999"}, {"repository_owner_id": "888888888"})


def attacked(claims: dict[str, str], **policy: str) -> Simulator:
    market = a_market_of_a_forge(**policy)
    offer_signed(market, evil_package(market), signer=BuildOfAForge(claims))
    return market


@pytest.mark.parametrize("claims", RESURRECTED, ids=str)
def test_the_same_name_with_another_number_is_somebody_else(tmp_path: Path, claims: dict[str, str]) -> None:
    client = a_client(tmp_path, attacked(claims))
    with pytest.raises(TamperedError, match="does not verify"):
        install(client, "acme/demo")
    assert installed_file(client) is None


@pytest.mark.parametrize("claims", RESURRECTED, ids=str)
def test_without_the_numbers_the_name_would_do(tmp_path: Path, claims: dict[str, str]) -> None:
    client = a_client(tmp_path, attacked(claims, repository_id="", owner_id=""))
    install(client, "acme/demo")
    assert installed_file(client) == EVIL
