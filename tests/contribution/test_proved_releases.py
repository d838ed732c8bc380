"""Releases that the developer's own build signed: they need no account of the owner, and nobody signs in his place."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from builders import SPAM, a_listing, a_release
from developers import ANN, EVE, build_of
from github_builds import provenance
from notary import lab
from pluginry.adapters.sigstore_verifier import SigstoreVerifier
from pluginry.encoding import documents
from pluginry.model.digest import Digest
from pluginry.model.finding import Verdict
from pull_requests import MALLORY, Forge, rules_of

if TYPE_CHECKING:
    from pathlib import Path

    from pluginry.model.publisher import Publisher

NEW = f"{SPAM}/releases/1.2.0.yaml"


@pytest.fixture
def forge(tmp_path: Path) -> Forge:
    forge = Forge.with_registry(tmp_path, {f"{SPAM}/listing.yaml": a_listing(publisher=documents.to_plain(ANN))})
    forge.proofs = {"verifier": SigstoreVerifier(), "trusted_root": lab().trusted_root}
    return forge


def a_signed_release(forge: Forge, version: str, publisher: Publisher, **changes: Any) -> str:
    """Return a release whose package the build of `publisher` answers for."""
    name = f"spam-filter-{version}.zip"
    artifact = forge.internet.artifact(f"https://acme.example/releases/{name}", **changes)
    subjects = [{"name": name, "digest": {"sha256": artifact["sha256"]}}]
    bundle = provenance(subjects, **build_of(publisher, version))
    address = f"https://acme.example/releases/{name}.json"
    forge.internet.files[address] = bundle
    artifact["provenance"] = {"url": address, "sha256": str(Digest.of(bundle))}
    return a_release(version, artifacts=[artifact])


def test_whoever_files_it_a_release_of_the_publishers_build_merges(forge: Forge) -> None:
    decision = forge.opened({NEW: a_signed_release(forge, "1.2.0", ANN)}, author=MALLORY)
    assert (decision.verdict, decision.tier, decision.merges) == (Verdict.PASS, 0, True)


def test_a_build_of_somebody_else_proves_nothing(forge: Forge) -> None:
    decision = forge.opened({NEW: a_signed_release(forge, "1.2.0", EVE)}, author=MALLORY)
    assert decision.verdict is Verdict.REFUSED
    assert {"packages.refused", "ownership.stranger"} <= rules_of(decision)


@pytest.mark.parametrize("number", ["repository_id", "owner_id"])
def test_a_publisher_that_is_known_by_name_alone_proves_nothing(forge: Forge, number: str) -> None:
    """A name that was given up can be taken by anybody, who then builds under it."""
    publisher = replace(ANN, **{number: ""})
    forge.merge(forge.branch({f"{SPAM}/listing.yaml": a_listing(publisher=documents.to_plain(publisher))}))
    successor = replace(ANN, **{number: "987654"})
    decision = forge.opened({NEW: a_signed_release(forge, "1.2.0", successor)}, author=MALLORY)
    assert not decision.merges
    assert "ownership.stranger" in rules_of(decision)


def test_a_publisher_that_comes_along_proves_nothing(forge: Forge) -> None:
    changes = {
        NEW: a_signed_release(forge, "1.2.0", EVE),
        f"{SPAM}/listing.yaml": a_listing(publisher=documents.to_plain(EVE)),
    }
    decision = forge.opened(changes, author=MALLORY)
    assert decision.verdict is Verdict.REFUSED
    assert "ownership.takeover" in rules_of(decision)


def test_a_proof_excuses_nothing_else(forge: Forge) -> None:
    changes = {NEW: a_signed_release(forge, "1.2.0", ANN), f"{SPAM}/README.md": "# Buy my things\n"}
    decision = forge.opened(changes, author=MALLORY)
    assert rules_of(decision) == {"ownership.stranger"}


def test_a_proof_says_nothing_about_the_channel(forge: Forge) -> None:
    release = a_signed_release(forge, "1.2.0", ANN).replace("channel: stable", "channel: beta")
    assert rules_of(forge.opened({NEW: release}, author=MALLORY)) == {"ownership.stranger"}


def test_a_proof_that_is_missing_where_there_was_one_is_noticed(forge: Forge) -> None:
    forge.merge(forge.branch({NEW: a_signed_release(forge, "1.2.0", ANN)}))
    decision = forge.opened({f"{SPAM}/releases/1.3.0.yaml": forge.release("1.3.0")})
    assert {"releases.provenance-lost", "packages.proof-lost"} <= rules_of(decision)
    assert decision.tier == 2
