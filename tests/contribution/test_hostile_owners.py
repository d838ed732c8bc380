"""What an owner, or whoever stole an owner's account, must not get through with nobody looking."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from builders import SPAM, a_listing, a_release
from pluginry.contribution.rules import entries, ownership, packages, published
from pluginry.model.finding import Verdict
from pluginry.model.listing import Account
from pluginry.model.manifest import Permission
from pluginry.model.names import PluginId
from pluginry.model.versions import VersionRange
from pull_requests import ANNA, ROSA, Forge, rules_of

if TYPE_CHECKING:
    from pathlib import Path

    from pluginry.model.decision import Decision
    from pluginry.model.rule import Rule

LISTING, NEW = f"{SPAM}/listing.yaml", f"{SPAM}/releases/1.2.0.yaml"
COMMIT = "ab" * 20


@pytest.fixture
def forge(tmp_path: Path) -> Forge:
    return Forge.with_registry(tmp_path)


def owned_by(login: str) -> dict[str, Any]:
    return {LISTING: a_listing(owners=[{"login": login, "id": ANNA.id}])}


def test_nobody_takes_the_login_of_somebody_famous(forge: Forge) -> None:
    decision = forge.opened(owned_by("torvalds"), author=ANNA)
    assert (decision.tier, decision.merges) == (2, False)
    assert ownership.OWNERS.id in rules_of(decision)


def test_an_account_that_was_renamed_is_called_as_its_forge_calls_it(forge: Forge) -> None:
    assert forge.opened(owned_by("anna-new"), author=Account(login="anna-new", id=ANNA.id)).merges


def test_a_name_in_another_language_is_a_display_name_too(forge: Forge) -> None:
    locales = {"de": {"name": "Mail Guard", "summary": "Sortiert unerwünschte Post aus, bevor sie jemand sieht"}}
    decision = forge.opened({LISTING: a_listing(locales=locales)}, author=ANNA)
    assert (decision.tier, decision.merges) == (2, False)
    assert entries.TITLE.id in rules_of(decision)


def test_a_summary_in_another_language_is_the_owners_own_matter(tmp_path: Path) -> None:
    summary = "Sortiert unerwünschte Post aus, bevor sie jemand sieht"
    named = {"name": "Postwächter"}
    forge = Forge.with_registry(tmp_path, {LISTING: a_listing(locales={"de": named})})
    assert forge.opened({LISTING: a_listing(locales={"de": {**named, "summary": summary}})}, author=ANNA).merges


def test_an_alias_is_not_taken_unseen(forge: Forge) -> None:
    """Hosts would offer this plugin to users of one that is not listed, and goes by that name."""
    decision = forge.opened({LISTING: a_listing(aliases=["com.acme.spam_filter", "com.zenith.panel"])}, author=ANNA)
    assert (decision.tier, decision.merges) == (2, False)
    assert entries.ALIAS.id in rules_of(decision)


def test_a_handing_over_is_not_announced_unseen_afterwards(forge: Forge) -> None:
    """Clients stop asking their users about a publisher whose coming was announced."""
    previous = {
        "issuer": "https://token.actions.githubusercontent.com",
        "repository": "somebody/else",
        "workflow": ".github/workflows/release.yml",
        "refs": ["refs/tags/v*"],
    }
    decision = forge.opened({LISTING: a_listing(transfer={"previous": previous, "reason": "Sold"})}, author=ANNA)
    assert (decision.tier, decision.merges) == (2, False)
    assert ownership.PUBLISHER.id in rules_of(decision)


def test_a_new_release_is_not_said_to_work_with_more_hosts_than_its_package_says(forge: Forge) -> None:
    release = forge.release("1.2.0") + "amends:\n  hosts:\n    mail: '*'\n"
    decision = forge.opened({NEW: release}, author=ANNA)
    assert not decision.merges
    assert published.AMENDED.id in rules_of(decision)


HEADERS = Permission(type="mail.headers", scope="inbound", reason="Scores the sender")
BODY = Permission(type="mail.body", scope="inbound", reason="Reads the text")


def yanked(release: str) -> str:
    return f"{release}yanked: It is broken.\n"


def history(forge: Forge, *releases: str) -> None:
    """Let the releases of the main branch go on with `releases`, 1.2.0 and upwards."""
    for minor, release in enumerate(releases, start=2):
        forge.merge(forge.branch({f"{SPAM}/releases/1.{minor}.0.yaml": release}))


@pytest.mark.parametrize(
    ("more", "rule"),
    [
        ({"permissions": (HEADERS, BODY)}, published.ASKS_MORE),
        ({"dependencies": {PluginId.parse("acme/cache"): VersionRange("*")}}, published.NEEDS_MORE),
        ({"files": {"bin/tool": b"\x7fELF" + bytes(100)}}, packages.PROGRAM),
        ({"files": {"net.py": b"import socket\nsocket.create_connection(('a.example', 1))\n"}}, packages.ACCESS),
    ],
)
def test_what_was_given_up_does_not_come_back_by_yanking_the_release_without_it(
    forge: Forge, more: dict[str, Any], rule: Rule
) -> None:
    history(forge, forge.release("1.2.0", **more), yanked(forge.release("1.3.0")))
    decision = forge.opened({f"{SPAM}/releases/1.4.0.yaml": forge.release("1.4.0", **more)}, author=ANNA)
    assert not decision.merges
    assert rule.id in rules_of(decision)


def test_what_a_yanked_release_asked_for_is_not_given_for_ever(forge: Forge) -> None:
    """It may have been yanked for just that; users have the one before."""
    history(forge, forge.release("1.2.0"), yanked(forge.release("1.3.0", permissions=(HEADERS, BODY))))
    decision = forge.opened(
        {f"{SPAM}/releases/1.4.0.yaml": forge.release("1.4.0", permissions=(HEADERS, BODY))}, author=ANNA
    )
    assert published.ASKS_MORE.id in rules_of(decision)


def test_after_a_yanked_release_the_next_like_it_merges_by_itself(forge: Forge) -> None:
    history(forge, forge.release("1.2.0"), yanked(forge.release("1.3.0")))
    assert forge.opened({f"{SPAM}/releases/1.4.0.yaml": forge.release("1.4.0")}, author=ANNA).merges


def from_forge(tmp_path: Path, address: str) -> Decision:
    place = address.replace("%61cme", "acme").replace("//acme", "/acme").split("/")
    allowed = "/".join(place[:5]) + "/"
    forge = Forge.with_registry(tmp_path, {LISTING: a_listing(sources=["https://acme.example/", allowed])})
    artifact = forge.internet.artifact(address, version="1.2.0")
    return forge.opened({NEW: a_release("1.2.0", artifacts=[artifact])}, author=ANNA)


@pytest.mark.parametrize(
    "address",
    [
        f"https://raw.githubusercontent.com/acme/spam/{COMMIT}/spam.zip",
        f"https://codeload.github.com/acme/spam/zip/{COMMIT}",
        f"https://github.com/acme/spam/raw/{COMMIT.upper()}/spam.zip",
        f"https://github.com/acme/spam/raw/%61{COMMIT[1:]}/spam.zip",
        f"https://github.com/acme/spam//raw/{COMMIT}/spam.zip",
        f"https://github.com/acme/spam/legacy.zip/{COMMIT}",
        f"https://github.com/acme/spam/raw/{COMMIT}/spam~1.zip",
        f"https://gitlab.com/acme/group/spam/-/raw/{COMMIT}/spam.zip",
        f"https://codeberg.org/acme/spam/raw/commit/{COMMIT}/spam.zip",
        f"https://bitbucket.org/acme/spam/get/{COMMIT}.zip",
    ],
)
def test_commits_of_forks_are_known_at_every_address_that_forges_have_for_them(tmp_path: Path, address: str) -> None:
    decision = from_forge(tmp_path, address)
    assert decision.verdict is Verdict.REFUSED
    assert published.FORK.id in rules_of(decision)


@pytest.mark.parametrize(
    "address",
    [
        "https://github.com/acme/spam/archive/refs/pull/5/head.zip",
        "https://github.com/acme/spam/raw/refs/pull/5/head/spam.zip",
        "https://github.com/acme/spam/raw/pull/5/head/spam.zip",
        "https://github.com/acme/spam/raw/abababab/spam.zip",
        f"https://github.com/acme/spam/raw/{COMMIT}~0/spam.zip",
        f"https://github.com/acme/spam/archive/{COMMIT}^0.zip",
        f"https://github.com/acme/spam/archive/{COMMIT}%7E0.zip",
        f"https://github.com/acme/spam/archive/{COMMIT}%257E0.zip",
        f"https://github.com/acme/spam/archive/{COMMIT}%5E%7B%7D.zip",
        "https://github.com/acme/spam/archive/v1.2.0-1-gabababab.zip",
        f"https://raw.githubusercontent.com/acme/spam/{COMMIT}~0/spam.zip",
        f"https://codeload.github.com/acme/spam/zip/{COMMIT}~0",
        f"https://gitlab.com/acme/group/spam/-/raw/{COMMIT}~0/spam.zip",
        f"https://git.acme.example/acme/spam/raw/{COMMIT}~0/spam.zip",
        "https://github.com/acme/spam/files/123/spam.zip",
        "https://github.com/user-attachments/files/123/spam.zip",
        "https://gitlab.com/acme/spam/uploads/0123/spam.zip",
        "https://gitlab.com/acme/spam/-/archive/refs/merge-requests/1/head/spam.zip",
        "https://codeberg.org/acme/spam/attachments/0123",
        "https://raw.githubusercontent.com/acme/spam/refs/pull/5/head/spam.zip",
    ],
)
def test_places_where_strangers_can_put_files_are_looked_at(tmp_path: Path, address: str) -> None:
    decision = from_forge(tmp_path, address)
    assert (decision.tier, decision.merges) == (2, False)
    assert published.OPEN_PLACE.id in rules_of(decision)


@pytest.mark.parametrize(
    "address",
    [
        "https://github.com/acme/spam/releases/download/v1.2.0/spam.zip",
        "https://github.com/acme/spam/archive/refs/tags/v1.2.0.zip",
        "https://github.com/acme/spam/archive/v1.2.0.zip",
        "https://github.com/acme/spam/releases/download/v1.2.0/spam_1.2.0~1-gnu.zip",
        "https://github.com/acme/spam/archive/v1.2.0-generic.zip",
        "https://raw.githubusercontent.com/acme/spam/refs/tags/v1.2.0/spam.zip",
        "https://codeload.github.com/acme/spam/zip/refs/tags/v1.2.0",
        "https://gitlab.com/acme/spam/-/releases/v1.2.0/downloads/spam.zip",
        "https://gitlab.com/acme/group/spam/-/archive/v1.2.0/spam-v1.2.0.zip",
        "https://codeberg.org/acme/spam/releases/download/v1.2.0/spam.zip",
        "https://codeberg.org/acme/spam/archive/v1.2.0.zip",
        "https://bitbucket.org/acme/spam/downloads/spam.zip",
        "https://acme.example/files/1.2.0/spam.zip",
    ],
)
def test_what_only_developers_can_publish_merges_by_itself(tmp_path: Path, address: str) -> None:
    assert from_forge(tmp_path, address).merges


def test_a_reviewer_can_let_another_place_in(tmp_path: Path) -> None:
    forge = Forge.with_registry(tmp_path, {LISTING: a_listing(sources=["https://github.com/acme/spam/"])})
    artifact = forge.internet.artifact("https://github.com/acme/spam/files/1/a.zip", version="1.2.0")
    changes = {NEW: a_release("1.2.0", artifacts=[artifact])}
    assert forge.opened(changes, author=ANNA, approved_by=[ROSA]).verdict is Verdict.PASS
