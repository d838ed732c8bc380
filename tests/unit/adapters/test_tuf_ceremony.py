from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tuf.api.metadata import Metadata

from pluginry.adapters.tuf_roles import add_key, replace_key
from pluginry.adapters.tuf_words import pending_lines
from pluginry.errors import AuthError, TamperedError, UsageError
from simulator import Simulator
from trustees import Trustees, new_key

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def people(tmp_path: Path) -> Trustees:
    """Return the people of a hardened marketplace: 3 of 5 for the root, 2 of 3 for the targets."""
    return Trustees(Simulator(), tmp_path / "trust")


def replace_online(people: Trustees) -> None:
    people.change_root(
        lambda body: replace_key(body, "timestamp", people.online.public_key.keyid, new_key().public_key)
    )


def missing(people: Trustees) -> dict[str, list[int]]:
    return {role: [vote.missing for vote in votes] for role, votes in people.ceremony.votes().items()}


def test_nothing_is_pending_after_everybody_signed(people: Trustees) -> None:
    assert people.ceremony.votes() == {}
    assert not people.ceremony.files.pending.folder.exists()
    assert list(pending_lines(people.ceremony)) == ["nothing is pending"]


def test_signatures_add_up_one_at_a_time_in_any_order(people: Trustees) -> None:
    replace_online(people)
    for number, signer in enumerate((people.root[4], people.root[0])):
        assert missing(people) == {"root": [3 - number, 3 - number]}
        assert people.ceremony.sign(signer) == ()
    assert people.ceremony.sign(people.root[2]) == ("2.root.json",)
    assert people.ceremony.chain[-1].version == 2


def test_nobody_signs_twice_and_no_stranger_signs(people: Trustees) -> None:
    replace_online(people)
    people.ceremony.sign(people.root[0])
    for signer in (people.root[0], people.online, people.targets[0], new_key()):
        with pytest.raises(AuthError, match="waits for this key"):
            people.ceremony.sign(signer)
    assert missing(people) == {"root": [2, 2]}


def test_a_change_of_the_proposal_takes_its_signatures(people: Trustees) -> None:
    replace_online(people)
    people.ceremony.sign(people.root[0])
    people.ceremony.sign(people.root[1])
    people.change_root(lambda body: add_key(body, "root", new_key().public_key))
    assert missing(people) == {"root": [3, 3]}
    pending = people.ceremony.pending_root
    assert pending is not None
    assert pending.signed.version == 2
    assert len(pending.signed.roles["root"].keyids) == 6


def test_signatures_that_somebody_forged_count_for_nothing(people: Trustees) -> None:
    replace_online(people)
    pending = people.ceremony.pending_root
    assert pending is not None
    for signer in people.root[:2]:
        pending.sign(signer, append=True)
    pending.signed.expires = pending.signed.expires.replace(year=2099)  # signed something else
    people.ceremony.files.pending.write("root.json", pending.to_bytes())
    assert missing(people) == {"root": [3, 3]}


@pytest.mark.parametrize("version", [1, 3, 2**40])
def test_a_proposal_follows_what_is_in_force(people: Trustees, version: int) -> None:
    for change, name in ((replace_online, "root"), (Trustees.change_targets, "targets")):
        change(people)
        body = people.ceremony.files.pending.read(f"{name}.json")
        pending = Metadata.from_bytes(body or b"")
        pending.signed.version = version
        people.ceremony.files.pending.write(f"{name}.json", pending.to_bytes())
        with pytest.raises(TamperedError, match="does not follow"):
            people.ceremony.votes()
        people.ceremony.files.pending.remove(f"{name}.json")


@pytest.mark.parametrize("body", [b"", b"garbage", b"{}"])
@pytest.mark.parametrize("name", ["root.json", "targets.json"])
def test_a_proposal_that_cannot_be_read_is_refused(people: Trustees, name: str, body: bytes) -> None:
    people.ceremony.files.pending.write(name, body)
    with pytest.raises(TamperedError, match="cannot be read"):
        people.ceremony.votes()


def test_a_proposal_with_two_readings_is_refused(people: Trustees) -> None:
    replace_online(people)
    body = people.ceremony.files.pending.read("root.json") or b""
    twice = body.replace(b'"version":', b'"version":9,"version":', 1)
    assert twice != body
    people.ceremony.files.pending.write("root.json", twice)
    with pytest.raises(TamperedError, match="cannot be read"):
        people.ceremony.votes()


def test_one_kind_of_document_is_not_taken_for_another(people: Trustees) -> None:
    root = people.ceremony.files.roots[0]
    people.ceremony.files.pending.write("targets.json", root)
    with pytest.raises(TamperedError, match="another kind"):
        people.ceremony.votes()


def test_a_pending_policy_is_the_one_that_is_signed(people: Trustees) -> None:
    people.change_targets(epoch=2)
    people.ceremony.files.pending.write("policy.json", b'{"epoch":3}')
    with pytest.raises(TamperedError, match="not the one that the pending targets name"):
        people.ceremony.sign(people.targets[0])
    people.ceremony.files.pending.remove("policy.json")
    with pytest.raises(TamperedError):
        people.ceremony.votes()


def test_a_policy_comes_into_force_with_its_signatures_and_not_before(people: Trustees) -> None:
    before = people.ceremony.files.read("policy.json")
    people.change_targets(epoch=2)
    people.ceremony.sign(people.targets[0])
    assert people.ceremony.files.read("policy.json") == before
    assert people.ceremony.sign(people.targets[1]) == ("2.targets.json",)
    assert b'"epoch":2' in (people.ceremony.files.read("policy.json") or b"")
    assert not people.ceremony.files.pending.folder.exists()


def test_a_root_that_is_pending_does_not_hold_up_the_targets(people: Trustees) -> None:
    replace_online(people)
    people.change_targets(epoch=2)
    people.ceremony.sign(people.targets[2])
    assert people.ceremony.sign(people.targets[0]) == ("2.targets.json",)
    assert missing(people) == {"root": [3, 3]}


def test_one_replaced_targets_key_needs_no_new_targets_if_the_others_are_enough(people: Trustees) -> None:
    unused = people.targets[2].public_key.keyid
    people.change_root(lambda body: replace_key(body, "targets", unused, new_key().public_key))
    assert set(people.ceremony.votes()) == {"root"}


def test_a_replaced_key_is_replaced_wherever_it_signs(people: Trustees) -> None:
    new = new_key().public_key
    people.change_root(lambda body: replace_key(body, "snapshot", people.online.public_key.keyid, new))
    pending = people.ceremony.pending_root
    assert pending is not None
    assert pending.signed.roles["snapshot"].keyids == pending.signed.roles["timestamp"].keyids == [new.keyid]
    assert people.online.public_key.keyid not in pending.signed.keys


def test_keys_that_make_no_sense_are_refused(people: Trustees) -> None:
    first, second = (signer.public_key for signer in people.root[:2])
    for change in (
        lambda body: add_key(body, "root", first),
        lambda body: add_key(body, "root", new_key().public_key, threshold=7),
        lambda body: add_key(body, "root", new_key().public_key, threshold=0),
        lambda body: replace_key(body, "root", "0" * 64, new_key().public_key),
        lambda body: replace_key(body, "root", first.keyid, second),
    ):
        with pytest.raises(UsageError):
            people.change_root(change)
    assert people.ceremony.votes() == {}


def test_profile_simple_has_no_offline_targets_to_propose(tmp_path: Path) -> None:
    people = Trustees(Simulator(), tmp_path / "trust", "simple")
    with pytest.raises(UsageError, match="no offline targets"):
        people.change_targets(epoch=2)


def test_what_a_signature_changes_is_said_in_words(people: Trustees) -> None:
    old = people.root[0].public_key.keyid
    people.change_root(lambda body: replace_key(body, "root", old, new_key().public_key))
    people.change_targets(epoch=2)
    people.ceremony.sign(people.targets[0])
    words = "\n".join(pending_lines(people.ceremony))
    assert "pending root, version 2, good until 2027-03-01:" in words
    assert f"root: removes key {old[:8]}" in words
    assert "root keys of root 1: 0 of 3 signatures (nobody yet); 3 missing" in words
    assert "trust/policy.json: epoch is 2, was 1" in words
    assert "targets keys of root 1: 1 of 2 signatures" in words


def test_a_wider_delegation_is_said_in_words(people: Trustees) -> None:
    def widen(body: object) -> None:
        body.delegations.roles["index"].paths = ["index/*", "trust/*"]  # type: ignore[attr-defined]  # targets

    people.change_targets(widen)
    assert "the role index may speak of index/*, trust/*" in "\n".join(pending_lines(people.ceremony))
