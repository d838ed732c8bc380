"""The trusted root decides whose keys count, and when."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from lab_evidence import STATEMENT, Evidence, parts, verify
from pluginry.adapters.sigstore_lab import Lab
from pluginry.adapters.sigstore_verifier import public_good_trusted_root
from pluginry.errors import TamperedError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def test_another_lab_is_not_trusted(evidence: Evidence, tmp_path: Path) -> None:
    with pytest.raises(TamperedError):
        verify(evidence, evidence.bundle, root=Lab.open(tmp_path).trusted_root)


@pytest.mark.parametrize("role", ["certificateAuthorities", "tlogs", "ctlogs", "timestampAuthorities"])
def test_every_role_must_be_the_right_one(evidence: Evidence, tmp_path: Path, role: str) -> None:
    root = json.loads(evidence.root)
    root[role] = json.loads(Lab.open(tmp_path).trusted_root)[role]
    bundle, entry = parts(json.loads(evidence.bundle))
    if role == "timestampAuthorities":
        # With the log's promise a timestamp is only further evidence, so take the promise away.
        del entry["inclusionPromise"]
    assert verify(evidence, bundle).payload == STATEMENT
    with pytest.raises(TamperedError):
        verify(evidence, bundle, root=json.dumps(root).encode())


def with_window(root: bytes, role: str, window: dict[str, str]) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(root)
    for entry in document[role]:
        entry.get("publicKey", entry)["validFor"] = window
    return document


ROLES = ("certificateAuthorities", "tlogs", "ctlogs")


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize(
    "window",
    [
        {"start": "2019-01-01T00:00:00Z", "end": "2020-01-01T00:00:00Z"},
        {"start": "2019-01-01T00:00:00Z", "end": "2020-01-01T00:00:00.999999999Z"},
        {"start": "2199-01-01T00:00:00Z"},
    ],
)
def test_nothing_counts_outside_the_time_that_the_trusted_root_gives_it(
    evidence: Evidence, role: str, window: dict[str, str]
) -> None:
    root = with_window(evidence.root, role, window)
    with pytest.raises(TamperedError, match="for the time of signing"):
        verify(evidence, evidence.bundle, root=json.dumps(root).encode())


@pytest.mark.parametrize("role", ROLES)
def test_the_first_and_the_last_moment_of_a_window_count(evidence: Evidence, role: str) -> None:
    moment = verify(evidence, evidence.bundle).signed_at.strftime("%Y-%m-%dT%H:%M:%SZ")
    root = with_window(evidence.root, role, {"start": moment, "end": moment})
    assert verify(evidence, evidence.bundle, root=json.dumps(root).encode()).payload == STATEMENT


@pytest.mark.parametrize("role", ROLES)
def test_a_retired_entry_does_not_count_beside_one_in_use(evidence: Evidence, tmp_path: Path, role: str) -> None:
    ended = {"start": "2019-01-01T00:00:00Z", "end": "2020-01-01T00:00:00Z"}
    in_use = json.loads(Lab.open(tmp_path).trusted_root)[role]
    root = with_window(evidence.root, role, ended)
    root[role] += in_use
    with pytest.raises(TamperedError):
        verify(evidence, evidence.bundle, root=json.dumps(root).encode())


@pytest.mark.parametrize("role", ROLES)
def test_retired_entries_of_others_do_no_harm(evidence: Evidence, tmp_path: Path, role: str) -> None:
    ended = {"start": "2019-01-01T00:00:00Z", "end": "2020-01-01T00:00:00Z"}
    retired = with_window(Lab.open(tmp_path).trusted_root, role, ended)[role]
    root = json.loads(evidence.root)
    root[role] = retired + root[role]
    assert verify(evidence, evidence.bundle, root=json.dumps(root).encode()).payload == STATEMENT


def test_the_public_instance_does_not_vouch_for_the_lab(evidence: Evidence) -> None:
    root = public_good_trusted_root()
    assert json.loads(root)["tlogs"][0]["baseUrl"] == "https://rekor.sigstore.dev"
    with pytest.raises(TamperedError, match="does not verify"):
        verify(evidence, evidence.bundle, root=root)


@pytest.mark.parametrize(
    "damage",
    [
        lambda _: b"",
        lambda _: b"[]",
        lambda _: b"{}",
        lambda root: root[:-1],
        lambda root: root.replace(b"version=0.1", b"version=0.9"),
        lambda root: root.replace(b'"ctlogs"', b'"ctLogs"'),
        lambda root: root.replace(b'"start":"', b'"start":"x'),
        lambda root: root.replace(b'"validFor":{', b'"validFor":7,"x":{'),
        lambda root: b'{"novelty":1,' + root[1:],
    ],
)
def test_a_trusted_root_that_cannot_be_read_trusts_nobody(evidence: Evidence, damage: Callable[[bytes], bytes]) -> None:
    with pytest.raises(TamperedError, match="trusted root"):
        verify(evidence, evidence.bundle, root=damage(evidence.root))
