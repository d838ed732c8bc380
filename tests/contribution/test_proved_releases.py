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
    from collections.abc import Mapping
    from pathlib import Path

    from pluginry.model.publisher import Publisher

NEW, LATER = f"{SPAM}/releases/1.2.0.yaml", f"{SPAM}/releases/1.3.0.yaml"


@pytest.fixture
def forge(tmp_path: Path) -> Forge:
    forge = Forge.with_registry(tmp_path, {f"{SPAM}/listing.yaml": a_listing(publisher=documents.to_plain(ANN))})
    forge.proofs = {"verifier": SigstoreVerifier(), "trusted_root": lab().trusted_root}
    return forge


def a_signed_release(forge: Forge, version: str, publisher: Publisher, **changes: Any) -> str:
    """Return a release whose package the build of `publisher` answers for."""
    name = f"spam-filter-{version}.zip"
    return a_release(version, artifacts=[a_signed_artifact(forge, version, publisher, name, **changes)])


def for_platforms(forge: Forge, version: str, platforms: Mapping[str, str]) -> str:
    """Return a release that ANN's build signed, from platforms and the word in the name of the file for each."""
    artifacts = []
    for platform, word in platforms.items():
        name = f"spam-filter-{version}-{word}.zip"
        artifact = a_signed_artifact(forge, version, ANN, name, files={"lib": word.encode()})
        artifacts.append({**artifact, "platform": platform})
    return a_release(version, artifacts=artifacts)


def a_signed_artifact(forge: Forge, version: str, publisher: Publisher, name: str, **changes: Any) -> dict[str, Any]:
    artifact = forge.internet.artifact(f"https://acme.example/releases/{name}", version=version, **changes)
    subjects = [{"name": name, "digest": {"sha256": artifact["sha256"]}}]
    bundle = provenance(subjects, **build_of(publisher, version))
    address = f"https://acme.example/releases/{name}.json"
    forge.internet.files[address] = bundle
    artifact["provenance"] = {"url": address, "sha256": str(Digest.of(bundle))}
    return artifact


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


HONEST = {"linux-x86_64": "linux", "macos-aarch64": "mac", "windows-x86_64": "win"}


@pytest.mark.parametrize(
    "platforms",
    [
        {"linux-x86_64": "win", "macos-aarch64": "linux", "windows-x86_64": "mac"},
        {"windows-x86_64": "win"},
        {"any": "win"},
        {**HONEST, "linux-aarch64": "linux-arm"},
    ],
    ids=["swapped", "left out", "said to be for any", "one more"],
)
def test_a_proof_says_nothing_about_the_platform(forge: Forge, platforms: Mapping[str, str]) -> None:
    """The version would be used up for ever with files that do not run."""
    forge.merge(forge.branch({NEW: for_platforms(forge, "1.2.0", HONEST)}))
    decision = forge.opened({LATER: for_platforms(forge, "1.3.0", platforms)}, author=MALLORY)
    assert rules_of(decision) == {"ownership.stranger"}
    assert forge.opened({LATER: for_platforms(forge, "1.3.0", HONEST)}, author=MALLORY).merges


def test_a_proof_says_nothing_about_where_the_file_is(forge: Forge) -> None:
    """Beside the file for users, the publisher's build signs others: with symbols, of a nightly run."""
    elsewhere = a_signed_artifact(forge, "1.2.0", ANN, "debug-1.2.0.zip")
    decision = forge.opened({NEW: a_release("1.2.0", artifacts=[elsewhere])}, author=MALLORY)
    assert rules_of(decision) == {"ownership.stranger"}


def test_what_does_not_say_its_version_has_no_follower(forge: Forge) -> None:
    latest = a_signed_artifact(forge, "1.2.0", ANN, "latest.zip")
    forge.merge(forge.branch({NEW: a_release("1.2.0", artifacts=[latest])}))
    decision = forge.opened({LATER: a_signed_release(forge, "1.3.0", ANN)}, author=MALLORY)
    assert rules_of(decision) == {"ownership.stranger"}


def test_a_proof_that_is_missing_where_there_was_one_is_noticed(forge: Forge) -> None:
    forge.merge(forge.branch({NEW: a_signed_release(forge, "1.2.0", ANN)}))
    decision = forge.opened({LATER: forge.release("1.3.0")})
    assert {"releases.provenance-lost", "packages.proof-lost"} <= rules_of(decision)
    assert decision.tier == 2
