"""The targets keys are lost, or stolen: the root names others, and everything goes on under those."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pluginry.adapters.tuf_roles import replace_key
from pluginry.errors import AuthError
from simulated_client import a_client, install, versions_in
from simulator import Simulator
from trustees import Trustees, new_keys

if TYPE_CHECKING:
    from pathlib import Path


def test_the_root_names_new_targets_keys_and_clients_notice_nothing(tmp_path: Path) -> None:
    market = Simulator()
    people = Trustees(market, tmp_path / "trust")
    market.release("acme/demo", "1.0.0")
    market.publish()
    client = a_client(tmp_path / "home", market)
    install(client, "acme/demo")

    lost, people.targets = people.targets, new_keys(3)

    def replace_all(body: object) -> None:
        for old, new in zip(lost, people.targets, strict=True):
            replace_key(body, "targets", old.public_key.keyid, new.public_key)

    people.change_root(replace_all)
    assert set(people.ceremony.votes()) == {"root", "targets"}

    # During: the root is signed, but would leave clients without targets that anybody vouches for. So it waits.
    assert people.sign(*people.root[:3]) == []
    market.release("acme/demo", "1.1.0")
    market.publish()
    client.refresh()
    with pytest.raises(AuthError, match="waits for this key"):
        people.ceremony.sign(lost[0])
    assert people.sign(people.targets[0]) == []

    # After: both come into force together.
    assert people.sign(people.targets[1]) == ["2.root.json", "2.targets.json"]
    market.publish()
    client.refresh()
    client.apply(client.plan_update())
    assert versions_in(client) == {"acme/demo": "1.1.0"}
    install(a_client(tmp_path / "newcomer", market), "acme/demo")

    people.change_targets(epoch=2)
    with pytest.raises(AuthError, match="waits for this key"):
        people.ceremony.sign(lost[0])
    assert people.sign(*people.targets[1:]) == ["3.targets.json"]
    market.publish()
    client.refresh()
    assert client.sources()[0].index().policy.epoch == 2


def test_one_lost_key_of_three_stops_nobody(tmp_path: Path) -> None:
    market = Simulator()
    people = Trustees(market, tmp_path / "trust")
    market.publish()
    client = a_client(tmp_path / "home", market)
    people.change_targets(epoch=2)
    assert people.sign(people.targets[2], people.targets[0]) == ["2.targets.json"]
    market.publish()
    client.refresh()
    assert client.sources()[0].index().policy.epoch == 2
