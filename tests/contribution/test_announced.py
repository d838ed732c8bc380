"""What the registry's robot finds merges like the owner's own; for everything else it is a stranger."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from builders import LEFT_OUT, SPAM, a_listing, a_release
from pluginry.contribution.rules import ownership
from pluginry.model.finding import Verdict
from pluginry.model.proposal import ROBOT
from pull_requests import MALLORY, Forge, rules_of

if TYPE_CHECKING:
    from pathlib import Path

    from pluginry.model.decision import Decision

NEW, LISTING = f"{SPAM}/releases/1.2.0.yaml", f"{SPAM}/listing.yaml"
PUBLISHER = {
    "issuer": "https://token.actions.githubusercontent.com",
    "repository": "acme/spam-filter",
    "repository_id": "11",
    "owner_id": "22",
    "workflow": ".github/workflows/release.yml",
    "refs": ["refs/tags/v*"],
}
HOME = "https://github.com/acme/spam-filter"
FEED = {
    "source": HOME,
    "releases": {"from": "tags"},
    "sources": ["path:source/", "https://acme.example/releases/", HOME],
}


def released(forge: Forge, address: str = f"{HOME}/releases/download/v1.2.0/spam-filter-1.2.0.zip") -> dict[str, str]:
    return {NEW: a_release("1.2.0", artifacts=[forge.internet.artifact(address, version="1.2.0")])}


@pytest.fixture
def forge(tmp_path: Path) -> Forge:
    return Forge.with_registry(tmp_path, {LISTING: a_listing(**FEED)})


def opened(forge: Forge, changes: dict[str, Any], author: Any = ROBOT) -> Decision:
    return forge.opened(changes, author=author)


def test_a_release_that_the_robot_found_merges_by_itself(forge: Forge) -> None:
    decision = opened(forge, released(forge))
    assert (decision.verdict, decision.merges, decision.tier) == (Verdict.PASS, True, 0)


def test_of_a_plugin_that_did_not_ask_for_it_an_owner_decides(tmp_path: Path) -> None:
    forge = Forge.with_registry(tmp_path)
    decision = opened(forge, released(forge))
    assert ownership.STRANGER.id in rules_of(decision)
    assert not decision.merges


def test_it_cannot_bring_the_permission_along(tmp_path: Path) -> None:
    forge = Forge.with_registry(tmp_path)
    decision = opened(forge, {**released(forge), LISTING: a_listing(**FEED)})
    assert not decision.merges


@pytest.mark.parametrize("file", [f"{SPAM}/releases/1.1.0.yaml", f"{SPAM}/README.md", LISTING])
def test_for_everything_else_it_is_a_stranger(forge: Forge, file: str) -> None:
    text = {LISTING: a_listing(**FEED, tags=["other"]), f"{SPAM}/README.md": "# Other\n"}.get(file)
    text = text or forge.release("1.1.0").replace("channel: stable", "channel: stable\nyanked: bad")
    decision = opened(forge, {**released(forge), file: text})
    assert not decision.merges
    assert {ownership.STRANGER.id, ownership.STRANGER_DECIDES.id} & rules_of(decision)


def test_nobody_else_is_the_robot(forge: Forge) -> None:
    assert ownership.STRANGER.id in rules_of(opened(forge, released(forge), author=MALLORY))


def test_where_releases_are_looked_for_is_for_owners_to_say(forge: Forge) -> None:
    changes = {LISTING: a_listing(**{**FEED, "releases": {"from": "tags", "pattern": "evil-{version}"}})}
    assert ownership.STRANGER_DECIDES.id in rules_of(opened(forge, changes, author=MALLORY))


@pytest.mark.parametrize(
    "changes",
    [
        {"status": "deprecated", "reason": "old"},
        {"status": "removed", "reason": "malware"},
        {"source": "https://git.example/acme/spam-filter"},
        {"source": "https://github.com/acme/another"},
        {"publisher": {"repository_id": LEFT_OUT}},
        {"publisher": {"owner_id": LEFT_OUT}},
        {"publisher": LEFT_OUT},
    ],
)
def test_a_repository_that_is_only_known_by_its_name_announces_nothing(tmp_path: Path, changes: dict[str, Any]) -> None:
    publisher = changes.get("publisher")
    if isinstance(publisher, dict):
        kept = {key: value for key, value in PUBLISHER.items() if key not in publisher}
        changes = {"publisher": kept}
    forge = Forge.with_registry(tmp_path, {LISTING: a_listing(**{**FEED, **changes})})
    decision = opened(forge, released(forge))
    assert ownership.STRANGER.id in rules_of(decision)
    assert not decision.merges


@pytest.mark.parametrize("address", ["https://acme.example/releases/spam-filter-1.2.0.zip", f"{HOME}-2/releases/a.zip"])
def test_what_comes_from_elsewhere_than_the_repository_is_not_announced(forge: Forge, address: str) -> None:
    decision = opened(forge, released(forge, address))
    assert not decision.merges
    assert ownership.STRANGER.id in rules_of(decision)
