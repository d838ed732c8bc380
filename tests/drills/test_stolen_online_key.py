"""The key of timestamp and snapshot (K1) is stolen: its thief counts as far as he likes. The root replaces it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tuf.api.metadata import Metadata, MetaFile, Snapshot, Timestamp

from pluginry.errors import AuthError, TamperedError
from pluginry.model.layout import TIMESTAMP_KEY
from simulated_client import a_client, install, versions_in
from simulator import Simulator
from trustees import Trustees

if TYPE_CHECKING:
    from pathlib import Path

    from securesystemslib.signer import CryptoSigner

FAR = 2**52
PROFILES = ["simple", "hardened"]


def a_market(folder: Path, profile: str) -> tuple[Simulator, Trustees]:
    market = Simulator()
    people = Trustees(market, folder, profile)
    market.release("acme/demo", "1.0.0")
    market.publish()
    return market, people


def fast_forward(market: Simulator, thief: CryptoSigner) -> None:
    """Let the thief sign what is current with the highest numbers that clients read."""
    timestamp: Metadata[Timestamp] = Metadata.from_bytes(market.objects[TIMESTAMP_KEY])
    version = timestamp.signed.snapshot_meta.version
    snapshot: Metadata[Snapshot] = Metadata.from_bytes(market.objects[f"v1/metadata/{version}.snapshot.json"])
    snapshot.signed.version = timestamp.signed.version = FAR
    snapshot.sign(thief)
    body = market.objects[f"v1/metadata/{FAR}.snapshot.json"] = snapshot.to_bytes()
    timestamp.signed.snapshot_meta = MetaFile.from_data(FAR, body, ["sha256"])
    timestamp.sign(thief)
    market.objects[TIMESTAMP_KEY] = timestamp.to_bytes()


@pytest.mark.parametrize("profile", PROFILES)
def test_clients_that_were_counted_forward_come_back(tmp_path: Path, profile: str) -> None:
    market, people = a_market(tmp_path / "trust", profile)
    client = a_client(tmp_path / "home", market)
    install(client, "acme/demo")
    genuine = dict(market.objects)

    fast_forward(market, people.online)
    stolen_state = dict(market.objects)
    client.refresh()
    market.store.objects.clear()
    market.objects.update(genuine)
    market.release("acme/demo", "1.1.0")
    market.publish()
    with pytest.raises(TamperedError):
        client.sources()[0].refresh(now=market.now)
    assert versions_in(client) == {"acme/demo": "1.0.0"}

    old = people.replace_online(people.root[:3])
    market.publish()
    client.refresh()
    client.apply(client.plan_update())
    assert versions_in(client) == {"acme/demo": "1.1.0"}
    install(a_client(tmp_path / "newcomer", market), "acme/demo")

    market.objects[TIMESTAMP_KEY] = stolen_state[TIMESTAMP_KEY]
    with pytest.raises(TamperedError):
        client.sources()[0].refresh(now=market.now)
    with pytest.raises(AuthError, match="not the one that the root of trust names"):
        people.repository(online=old).sign({}, store=market.store, now=market.now)


@pytest.mark.parametrize("profile", PROFILES)
def test_a_bucket_that_still_holds_what_the_thief_published_can_be_published_over(tmp_path: Path, profile: str) -> None:
    market, people = a_market(tmp_path / "trust", profile)
    client = a_client(tmp_path / "home", market)
    fast_forward(market, people.online)
    client.refresh()
    people.replace_online(people.root[:3])
    market.release("acme/demo", "1.1.0")
    market.publish()
    client.refresh()
    install(client, "acme/demo")
    assert versions_in(client) == {"acme/demo": "1.1.0"}
    assert Metadata.from_bytes(market.objects[TIMESTAMP_KEY]).signed.version == 1


def test_in_profile_simple_the_thief_also_makes_an_index_and_a_new_epoch_undoes_it(tmp_path: Path) -> None:
    market, people = a_market(tmp_path / "trust", "simple")
    client = a_client(tmp_path / "home", market)
    genuine = dict(market.objects)
    market.publish(change_root=lambda root: replace(root, serial=FAR))
    client.refresh()
    assert client.sources()[0].index().root.serial == FAR

    market.store.objects.clear()
    market.objects.update(genuine)
    people.replace_online(people.root)
    market.publish()
    with pytest.raises(TamperedError, match="went back"):
        client.sources()[0].refresh(now=market.now)

    market.policy = replace(market.policy, epoch=2)
    market.publish()
    client.refresh()
    assert (client.sources()[0].index().root.epoch, client.sources()[0].index().root.serial) == (2, 1)


def test_too_few_of_the_root_do_not_replace_it(tmp_path: Path) -> None:
    market, people = a_market(tmp_path / "trust", "hardened")
    old = people.online
    people.replace_online(people.root[:2])
    assert people.ceremony.chain[-1].version == 1
    assert people.ceremony.votes()["root"][0].missing == 1
    people.online = old
    people.equip()
    market.publish()
    a_client(tmp_path / "home", market)
