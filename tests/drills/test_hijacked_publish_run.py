"""A publishing run is hijacked: false releases, genuinely attested. The targets keys end the window of its signer."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from notary import accepted
from pluginry.adapters.sigstore_lab import LAB_IDENTITY
from pluginry.errors import AuthError, TamperedError
from pluginry.model.attestation import SignerIdentity
from simulated_client import a_client, install, versions_in, want
from simulator import Simulator
from trustees import Trustees

if TYPE_CHECKING:
    from pathlib import Path

NEXT_JOB = SignerIdentity(issuer=LAB_IDENTITY.issuer, san="https://lab.pluginry.invalid/the-next-publishing-job")


def test_what_the_hijacked_job_signed_is_refused_once_its_window_is_over(tmp_path: Path) -> None:
    market = Simulator()
    people = Trustees(market, tmp_path / "trust")
    market.release("acme/demo", "1.0.0", signed_by=NEXT_JOB)
    market.release("evil/demo", "1.0.0")
    people.change_targets(registry_identities=(accepted(LAB_IDENTITY), accepted(NEXT_JOB)))
    people.sign(*people.targets[:2])
    market.publish()

    # During: what the hijacked job signed is as good as anything.
    victim = a_client(tmp_path / "victim", market)
    install(victim, "acme/demo", "evil/demo")
    assert set(versions_in(victim)) == {"acme/demo", "evil/demo"}

    # The window of the job is closed before the run. One targets key is not enough for that.
    over = accepted(LAB_IDENTITY, not_after=datetime.now(UTC) - timedelta(days=1))
    people.change_targets(registry_identities=(over, accepted(NEXT_JOB)), epoch=2)
    assert people.sign(people.targets[0]) == []
    market.publish()
    install(a_client(tmp_path / "early", market), "evil/demo")
    assert people.sign(people.targets[1]) == ["3.targets.json"]
    market.publish()

    # After: nobody installs it any more; what the next job signs goes on, for old and new clients.
    client = a_client(tmp_path / "home", market)
    with pytest.raises(TamperedError):
        install(client, "evil/demo")
    assert versions_in(client) == {}
    install(client, "acme/demo")
    market.release("acme/demo", "1.1.0", signed_by=NEXT_JOB)
    market.publish()
    victim.refresh()
    victim.apply(victim.plan_install([want("acme/demo")]))
    assert versions_in(victim)["acme/demo"] == "1.1.0"


def test_a_policy_that_nobody_signed_changes_nothing(tmp_path: Path) -> None:
    market = Simulator()
    people = Trustees(market, tmp_path / "trust")
    market.publish()
    client = a_client(tmp_path / "home", market)
    people.ceremony.files.write("policy.json", b'{"format":1}')
    assert client.sources()[0].index().policy == market.policy
    market.policy = replace(market.policy, registry_identities=(accepted(NEXT_JOB),))
    with pytest.raises(AuthError, match="not the one that the targets keys signed"):
        market.publish()
