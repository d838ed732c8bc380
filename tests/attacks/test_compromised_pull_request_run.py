"""A run of the workflow, but for a pull request or on a stranger's machine, signs the attacker's package."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pluginry.adapters import sigstore_policy
from pluginry.errors import TamperedError
from simulated_client import a_client, install
from victims import EVIL, BuildOfAForge, a_market_of_a_forge, evil_package, installed_file, offer_signed

if TYPE_CHECKING:
    from pathlib import Path

    from simulator import Simulator

RUNS = (
    {"event_name": "pull_request_target"},
    {"event_name": "workflow_dispatch"},
    {"runner_environment": "self-hosted"},
    {"ref": "refs/pull/5/merge", "event_name": "pull_request"},
    {"workflow": ".github/workflows/check.yml"},
)
SAME_NAME = RUNS[:3]
"""Their certificates bear the very name of the main run: only other extensions tell them apart."""


def attacked(claims: dict[str, str]) -> Simulator:
    market = a_market_of_a_forge()
    offer_signed(market, evil_package(market), signer=BuildOfAForge(claims))
    return market


@pytest.mark.parametrize("claims", RUNS, ids=str)
def test_what_another_run_signed_is_refused(tmp_path: Path, claims: dict[str, str]) -> None:
    client = a_client(tmp_path, attacked(claims))
    with pytest.raises(TamperedError, match="does not verify"):
        install(client, "acme/demo")
    assert installed_file(client) is None


def test_what_the_main_run_signed_is_accepted(tmp_path: Path) -> None:
    client = a_client(tmp_path, attacked({}))
    install(client, "acme/demo")
    assert installed_file(client) == EVIL  # so the refusals above are about the run, and nothing else


@pytest.mark.parametrize("claims", SAME_NAME, ids=str)
def test_without_the_other_extensions_it_would_be_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, claims: dict[str, str]
) -> None:
    monkeypatch.setattr(sigstore_policy, "_conditions", lambda *_: iter(()))
    client = a_client(tmp_path, attacked(claims))
    install(client, "acme/demo")
    assert installed_file(client) == EVIL
