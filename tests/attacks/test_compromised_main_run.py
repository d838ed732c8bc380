"""The registry's main run itself was hijacked for a while; its owner denies that run, or the time of it, afterwards."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from pluginry.errors import TamperedError
from simulated_client import a_client, install
from victims import EVIL, BuildOfAForge, a_market_of_a_forge, evil_package, installed_file, offer_signed

if TYPE_CHECKING:
    from pathlib import Path

    from simulator import Simulator

RUN = "https://github.com/acme/registry/actions/runs/77"
DENIALS = (
    {"deny_runs": (RUN,)},
    {"deny_runs": (f"{RUN}/attempts/1",)},
    {"not_after": datetime(2026, 1, 1, tzinfo=UTC)},
    {"not_before": datetime(2199, 1, 1, tzinfo=UTC)},
)


def attacked(**policy: Any) -> Simulator:
    market = a_market_of_a_forge(**policy)
    offer_signed(market, evil_package(market), signer=BuildOfAForge({"run_id": "77"}))
    return market


@pytest.mark.parametrize("denial", DENIALS, ids=str)
def test_what_a_hijacked_run_signed_is_refused_once_that_is_known(tmp_path: Path, denial: dict[str, Any]) -> None:
    client = a_client(tmp_path, attacked(**denial))
    with pytest.raises(TamperedError, match="does not verify"):
        install(client, "acme/demo")
    assert installed_file(client) is None


@pytest.mark.parametrize("policy", [{}, {"deny_runs": ("https://github.com/acme/registry/actions/runs/78",)}], ids=str)
def test_without_the_denial_it_is_installed(tmp_path: Path, policy: dict[str, Any]) -> None:
    client = a_client(tmp_path, attacked(**policy))
    install(client, "acme/demo")
    assert installed_file(client) == EVIL
