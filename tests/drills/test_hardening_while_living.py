"""A simple marketplace with clients becomes a hardened one: one ceremony, and clients notice only a new root."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from pluginry.adapters.tuf_roles import hardened_root, targets_document
from pluginry.errors import AuthError, TamperedError
from simulated_client import a_client, install, versions_in
from simulator import Simulator
from trustees import Trustees, new_key, new_keys, quorum

if TYPE_CHECKING:
    from pathlib import Path

    from securesystemslib.signer import CryptoSigner


def propose(people: Trustees, *, version: int, online: CryptoSigner | None = None) -> list[CryptoSigner]:
    """Propose to harden; return the old root keys."""
    old, people.root, people.targets = people.root, new_keys(5), new_keys(3)
    ceremony = people.ceremony
    ceremony.begin(
        hardened_root(
            ceremony.root,
            root=quorum(people.root, 3),
            targets=quorum(people.targets, 2),
            online=online.public_key if online else None,
            now=people.market.now,
        ),
        targets_document(
            ceremony.target_bodies(pending=False),
            index=people.index.public_key,
            now=people.market.now,
            version=version,
        ),
    )
    return old


def a_living_market(tmp_path: Path) -> tuple[Simulator, Trustees]:
    """Return a simple marketplace that was published three times."""
    market = Simulator()
    people = Trustees(market, tmp_path / "trust", profile="simple")
    for version in ("1.0.0", "1.1.0", "1.2.0"):
        market.release("acme/demo", version)
        market.publish()
    return market, people


@pytest.mark.parametrize("is_online_key_replaced", [False, True])
def test_clients_from_before_follow_and_the_index_goes_on_counting(
    tmp_path: Path, *, is_online_key_replaced: bool
) -> None:
    market, people = a_living_market(tmp_path)
    client = a_client(tmp_path / "home", market)
    install(client, "acme/demo")
    simple = people.repository()
    before = client.sources()[0].index().root

    # During: proposed and partly signed, nothing has changed, and the simple marketplace publishes on.
    online = new_key() if is_online_key_replaced else None
    (old_root,) = propose(people, version=1000, online=online)
    assert people.sign(*people.root[:3], people.targets[0]) == []
    market.release("acme/demo", "1.3.0")
    market.publish()
    client.refresh()

    # The old root and the second targets key make it so.
    assert people.sign(old_root) == []
    people.online = online or people.online
    assert people.sign(people.targets[1]) == ["2.root.json", "1000.targets.json"]
    market.release("acme/demo", "1.4.0")
    market.publish()
    assert "v1/metadata/1000.targets.json" in market.objects
    client.refresh()
    client.apply(client.plan_update())
    assert versions_in(client) == {"acme/demo": "1.4.0"}
    root = client.sources()[0].index().root
    assert (root.epoch, root.serial) == (before.epoch, before.serial + 2)
    install(a_client(tmp_path / "newcomer", market), "acme/demo")

    # After: the online key signs no policy any more, for publishers nor for clients.
    with pytest.raises(AuthError, match="may not sign"):
        replace(simple, roots=people.ceremony.files.roots).sign({}, store=market.store, now=market.now)
    market.repository = simple
    market.policy = replace(market.policy, publish_attestation="optional")
    market.store.objects = {key: body for key, body in market.objects.items() if "/metadata/" not in key}
    market.publish()
    market.objects["v1/metadata/2.root.json"] = people.ceremony.files.roots[1]
    with pytest.raises(TamperedError):
        client.sources()[0].refresh(now=market.now)
    assert versions_in(client) == {"acme/demo": "1.4.0"}


def test_without_the_old_root_key_nothing_changes(tmp_path: Path) -> None:
    market, people = a_living_market(tmp_path)
    client = a_client(tmp_path / "home", market)
    propose(people, version=1000)
    assert people.sign(*people.root, *people.targets) == []
    assert [vote.missing for vote in people.ceremony.votes()["root"]] == [1, 0]
    pending = people.ceremony.files.pending.read("root.json")
    assert pending is not None
    market.objects["v1/metadata/2.root.json"] = pending
    with pytest.raises(TamperedError):
        client.sources()[0].refresh(now=market.now)


def test_targets_that_count_no_further_than_the_published_ones_are_not_published(tmp_path: Path) -> None:
    market, people = a_living_market(tmp_path)
    (old_root,) = propose(people, version=3)
    people.sign(old_root, *people.root[:3], *people.targets[:2])
    with pytest.raises(AuthError, match="counts no further"):
        market.publish()
