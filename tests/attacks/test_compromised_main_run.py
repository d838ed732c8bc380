"""The registry's main run itself was hijacked for a while.

Its owner denies that run, or the time of it, once he knows. Who lets releases be out for some days first has installed
nothing of it until then, whatever day the hijacked run writes into the index.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from pluginry.client import install as installing
from pluginry.errors import PolicyError, ResolutionError, TamperedError
from pluginry.model.receipt import ClientPolicy
from simulated_client import a_client, install
from simulator import START
from victims import EVIL, MAIN_RUN, BuildOfAForge, a_market_of_a_forge, evil_package, installed_file, offer_signed

if TYPE_CHECKING:
    from pathlib import Path

    from pluginry.client.marketplace import Marketplace
    from simulator import Simulator

RUN = "https://github.com/acme/registry/actions/runs/77"
DENIALS = (
    {"deny_runs": (RUN,)},
    {"deny_runs": (f"{RUN}/attempts/1",)},
    {"not_after": datetime(2026, 1, 1, tzinfo=UTC)},
    {"not_before": datetime(2199, 1, 1, tzinfo=UTC)},
)


def attacked(*, now: datetime = START, **policy: Any) -> Simulator:
    market = a_market_of_a_forge(now=now, **policy)
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


def a_patient_client(home: Path, market: Simulator) -> Marketplace:
    """Return a client that lets a week pass before it installs anything."""
    client = a_client(home, market)
    client.home.write_settings(ClientPolicy(minimum_release_age_days=7))
    return client


def today() -> datetime:
    """Return the time that the log of signatures will write down."""
    return datetime.now(UTC).replace(microsecond=0)


def test_what_is_denied_within_the_days_that_must_pass_is_never_installed(tmp_path: Path) -> None:
    market = attacked(now=today())
    client = a_patient_client(tmp_path, market)
    with pytest.raises(ResolutionError, match="wants 7 days to pass first"):
        install(client, "acme/demo")
    market.now += timedelta(days=6)
    market.policy = replace(market.policy, registry_identities=(replace(MAIN_RUN, deny_runs=(RUN,)),))
    offer_signed(market, evil_package(market), signer=BuildOfAForge({"run_id": "77"}))
    client.refresh()
    market.now += timedelta(days=2)
    with pytest.raises(TamperedError, match="does not verify") as caught:
        install(client, "acme/demo")
    assert "a run that is denied" in caught.value.why
    assert installed_file(client) is None


def test_a_release_that_the_hijacked_run_dated_back_is_as_young_as_its_signature(tmp_path: Path) -> None:
    market = attacked(now=today() - timedelta(days=6))
    client = a_patient_client(tmp_path, market)
    market.now += timedelta(days=7)
    with pytest.raises(PolicyError, match="too lately to install it here"):
        install(client, "acme/demo")
    assert installed_file(client) is None


def test_without_letting_days_pass_it_is_installed_on_the_first(tmp_path: Path) -> None:
    client = a_client(tmp_path, attacked(now=today()))
    install(client, "acme/demo")
    assert installed_file(client) == EVIL


def test_without_looking_at_the_signature_a_date_in_the_index_would_be_believed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(installing, "check_signed_until", lambda *_, **__: None)
    market = attacked(now=today() - timedelta(days=6))
    client = a_patient_client(tmp_path, market)
    market.now += timedelta(days=7)
    install(client, "acme/demo")
    assert installed_file(client) == EVIL
