"""The key of the index (K2) is stolen and a publishing run is made to list its work. The targets keys replace it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from pluginry.adapters.tuf_roles import replace_key
from pluginry.errors import AuthError, TamperedError
from simulated_client import a_client, install, versions_in
from simulator import Simulator
from trustees import Trustees, new_key

if TYPE_CHECKING:
    from pathlib import Path

FAR = 2**52


def test_a_quorum_of_targets_keys_and_a_new_epoch_bring_clients_back(tmp_path: Path) -> None:
    market = Simulator()
    people = Trustees(market, tmp_path / "trust")
    market.release("acme/demo", "1.0.0")
    market.publish()
    client = a_client(tmp_path / "home", market)
    install(client, "acme/demo")
    genuine = dict(market.objects)

    # During: an index that counts as far as numbers go, validly signed; nothing that is genuine is newer.
    market.publish(change_root=lambda root: replace(root, serial=FAR))
    client.refresh()
    assert client.sources()[0].index().root.serial == FAR
    market.store.objects.clear()
    market.objects.update(genuine)
    for version in ("1.1.0", "1.2.0"):
        market.release("acme/demo", version)
        market.publish()
    with pytest.raises(TamperedError):
        client.sources()[0].refresh(now=market.now)
    assert versions_in(client) == {"acme/demo": "1.0.0"}

    # One targets key proposes and signs: nothing changes yet.
    before, stolen, people.index = people.repository(), people.index, new_key()
    people.change_targets(
        lambda body: replace_key(body, "index", stolen.public_key.keyid, people.index.public_key), epoch=2
    )
    assert people.sign(people.targets[0]) == []
    assert market.policy.epoch == 1
    with pytest.raises(AuthError, match="key of the index"):
        market.publish()

    # The second one makes it so. The root was not needed.
    assert people.sign(people.targets[2]) == ["2.targets.json"]
    assert market.policy.epoch == 2
    market.publish()
    client.refresh()
    root = client.sources()[0].index().root
    assert (root.epoch, root.serial) == (2, 1)
    client.apply(client.plan_update())
    assert versions_in(client) == {"acme/demo": "1.2.0"}

    # After: the stolen key signs nothing any more, for publishers nor for clients.
    with pytest.raises(AuthError, match="key of the index"):
        people.repository(index_key=stolen).sign({}, store=market.store, now=market.now)
    market.repository = before
    market.policy = replace(market.policy, epoch=1)
    market.publish()
    with pytest.raises(TamperedError):
        client.sources()[0].refresh(now=market.now)
    assert versions_in(client) == {"acme/demo": "1.2.0"}
