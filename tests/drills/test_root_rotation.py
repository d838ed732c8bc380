"""Root keys are replaced: by the quorum before and the quorum after, both."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pluginry.adapters.tuf_roles import replace_key
from pluginry.errors import TamperedError
from simulated_client import a_client, install, versions_in
from simulator import Simulator
from trustees import Trustees, new_keys

if TYPE_CHECKING:
    from pathlib import Path

    from securesystemslib.signer import CryptoSigner


def replace_three(people: Trustees) -> tuple[list[CryptoSigner], list[CryptoSigner]]:
    """Propose three new root keys; return the old three and the new three."""
    old, new = people.root[:3], new_keys(3)

    def change(body: object) -> None:
        for one, other in zip(old, new, strict=True):
            replace_key(body, "root", one.public_key.keyid, other.public_key)

    people.change_root(change)
    people.root = [*new, *people.root[3:]]
    return old, new


def test_old_and_new_quorum_sign_and_clients_of_any_age_follow(tmp_path: Path) -> None:
    market = Simulator()
    people = Trustees(market, tmp_path / "trust")
    market.release("acme/demo", "1.0.0")
    market.publish()
    client = a_client(tmp_path / "home", market)
    install(client, "acme/demo")

    old, new = replace_three(people)
    assert people.sign(*new) == []
    assert [vote.missing for vote in people.ceremony.votes()["root"]] == [3, 0]
    market.publish()
    client.refresh()

    assert people.sign(*old[:2]) == []
    assert people.sign(people.root[4]) == ["2.root.json"]
    replace_three(people)
    assert people.sign(*new, *people.root[:3]) == ["3.root.json"]
    market.release("acme/demo", "1.1.0")
    market.publish()
    client.refresh()
    client.apply(client.plan_update())
    assert versions_in(client) == {"acme/demo": "1.1.0"}
    install(a_client(tmp_path / "newcomer", market), "acme/demo")


def test_a_root_that_only_thieves_signed_is_followed_by_nobody(tmp_path: Path) -> None:
    market = Simulator()
    people = Trustees(market, tmp_path / "trust")
    market.publish()
    client = a_client(tmp_path / "home", market)
    _, new = replace_three(people)
    people.sign(*new)
    pending = people.ceremony.files.pending.read("root.json")
    assert pending is not None
    market.objects["v1/metadata/2.root.json"] = pending
    with pytest.raises(TamperedError):
        client.sources()[0].refresh(now=market.now)
    people.ceremony.files.write("2.root.json", pending)
    with pytest.raises(TamperedError, match="not signed as it must be"):
        people.repository().current_target("index/root.json", market.store)
