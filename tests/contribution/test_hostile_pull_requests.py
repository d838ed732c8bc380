"""Pull requests that somebody means ill with: each with its verdict, and the reason that is given for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from builders import (
    CACHE,
    LEFT_OUT,
    PANEL,
    SPAM,
    a_cache_listing,
    a_config,
    a_listing,
    a_manifest,
    a_namespace,
    a_panel_listing,
    a_png,
    a_release,
    a_reserved,
    a_review,
    an_advisory,
    an_artifact,
)
from pluginry.model.decision import Waiting
from pluginry.model.finding import Verdict
from pluginry.model.listing import Account
from pull_requests import ANNA, AUTO_MERGE, MALLORY, REVIEW, ROSA, RUTH, ZOE, Forge, Link, Submodule, rules_of

if TYPE_CHECKING:
    from pathlib import Path


MINE = {"login": "mallory", "id": 666}
COMMIT = "c0ffee" * 6 + "c0ff"
_BOMB = "a: &a [x,x,x,x,x,x,x,x]\n" + "".join(f"b{i}: &b{i} [*a,*a,*a,*a]\n" for i in range(50))


@pytest.fixture
def forge(tmp_path: Path) -> Forge:
    return Forge.with_registry(tmp_path)


BY_STRANGERS: dict[str, tuple[dict[str, Any], str]] = {
    "making oneself an owner": (
        {f"{SPAM}/listing.yaml": a_listing(owners=[{"login": "anna", "id": 101}, MINE])},
        "ownership.takeover",
    ),
    "signing somebody else's releases": (
        {f"{SPAM}/listing.yaml": a_listing(publisher=LEFT_OUT)},
        "ownership.takeover",
    ),
    "letting releases come from one's own place": (
        {f"{SPAM}/listing.yaml": a_listing(sources=["https://mallory.example/"])},
        "ownership.takeover",
    ),
    "yanking what belongs to others": (
        {f"{SPAM}/releases/1.0.0.yaml": a_release("1.0.0", yanked="because I say so")},
        "ownership.takeover",
    ),
    "sending users to one's own plugin": (
        {f"{SPAM}/listing.yaml": a_listing(status="deprecated", replaced_by="zenith/disk-panel", reason="Better.")},
        "ownership.takeover",
    ),
    "owning a namespace of others": (
        {"namespaces/acme.yaml": a_namespace(owners=[MINE])},
        "ownership.namespace-takeover",
    ),
    "becoming a reviewer": (
        {"registry.yaml": a_config(review={"reviewers": [MINE]}, auto_merge={"enabled": True, "tiers": [0, 1]})},
        "changes.protected",
    ),
    "lifting limits": (
        {"registry.yaml": a_config(review={**REVIEW, "max_files": 100000}, auto_merge=AUTO_MERGE)},
        "changes.protected",
    ),
    "writing the ledger": ({"/index/ledger/acme.jsonl": "{}\n{}\n"}, "changes.protected"),
    "replacing the root of trust": ({"/index/trust/1.root.json": "{}\n"}, "changes.protected"),
    "changing the workflow": ({"/.github/workflows/check.yml": "on: push\n"}, "changes.protected"),
    "adding a workflow": ({"/.github/workflows/mine.yml": "on: push\n"}, "changes.protected"),
    "writing a review in the name of another": (
        {f"{SPAM}/reviews/303.yaml": a_review(rating=1)},
        "ownership.review-of-another",
    ),
}


@pytest.mark.parametrize("what", BY_STRANGERS)
def test_strangers_are_refused(forge: Forge, what: str) -> None:
    changes, rule = BY_STRANGERS[what]
    decision = forge.opened(changes, author=MALLORY)
    assert decision.verdict is Verdict.REFUSED
    assert rule in rules_of(decision)
    assert not decision.merges
    assert decision.waiting_for is Waiting.AUTHOR


BY_OWNERS: dict[str, tuple[dict[str, Any], str]] = {
    "overwriting a release": (
        {f"{SPAM}/releases/1.1.0.yaml": a_release("1.1.0", artifacts=[an_artifact("https://acme.example/releases/e")])},
        "published.overwritten",
    ),
    "changing only a digest of a release": (
        {f"{CACHE}/releases/1.0.0.yaml": a_release("1.0.0")},
        "published.overwritten",
    ),
    "changing the sources of a release": (
        {f"{SPAM}/source/1.0.0/spam_filter.py": "import os\n"},
        "published.source-changed",
    ),
    "removing a release": ({f"{SPAM}/releases/1.1.0.yaml": LEFT_OUT}, "published.lost"),
    "removing a plugin that others need": (
        {
            f"{CACHE}/listing.yaml": LEFT_OUT,
            f"{CACHE}/README.md": LEFT_OUT,
            f"{CACHE}/releases/1.0.0.yaml": LEFT_OUT,
        },
        "dependencies.unknown",
    ),
    "removing a plugin": ({f"{PANEL}/listing.yaml": LEFT_OUT}, "entries.gone"),
    "taking away the only release that others need": (
        {f"{CACHE}/releases/1.0.0.yaml": LEFT_OUT},
        "dependencies.no-release",
    ),
    "losing an alias": ({f"{SPAM}/listing.yaml": a_listing(aliases=LEFT_OUT)}, "entries.alias-lost"),
    "removing an advisory": ({"advisories/PLG-2026-0001.yaml": LEFT_OUT}, "entries.gone"),
    "removing a namespace": ({"namespaces/acme.yaml": LEFT_OUT}, "entries.gone"),
    "reusing the id of a removed plugin": (
        {"plugins/acme/old-thing/listing.yaml": a_cache_listing(name="Old Thing")},
        "naming.tombstone",
    ),
    "taking the alias of another": (
        {f"{CACHE}/listing.yaml": a_cache_listing(aliases=["com.acme.spam_filter"])},
        "naming.alias-taken",
    ),
    "a link to a file outside": ({f"{SPAM}/README.md": Link("/etc/passwd")}, "changes.link"),
    "a link out of a source tree": ({f"{SPAM}/source/1.2.0/LICENSE": Link("../../../..")}, "changes.link"),
    "a link in place of a folder": ({f"{SPAM}/releases": Link("../dns-cache/releases")}, "changes.link"),
    "a submodule": ({f"{SPAM}/source/1.2.0": Submodule()}, "changes.link"),
    "a device of Windows": ({f"{SPAM}/source/1.2.0/aux.txt": "x"}, "changes.path"),
    "a name with a line break": ({f"{SPAM}/source/1.2.0/a\n::error::b": "x"}, "changes.path"),
    "a name that reads backwards": ({f"{SPAM}/source/1.2.0/\u202egnp.py": "x"}, "changes.path"),
    "a name that is no text": ({f"{SPAM}/source/1.2.0/\udcff": "x"}, "changes.path"),
    "a name with a backslash": ({f"{SPAM}/source/1.2.0/..\\..\\x": "x"}, "changes.path"),
    "a name in another spelling": ({f"{SPAM}/screenshots/MAIN.png": a_png()}, "changes.collision"),
    "ten thousand files": ({f"{SPAM}/source/1.2.0/{i}": "x" for i in range(10_000)}, "changes.too-many-files"),
    "too many bytes": ({f"{SPAM}/source/1.2.0/large": b"\0" * (17 << 20)}, "changes.too-large"),
    "a bomb of YAML aliases": ({f"{SPAM}/releases/1.2.0.yaml": _BOMB}, "yaml.alias"),
    "YAML that nests without end": ({f"{SPAM}/releases/1.2.0.yaml": "a: " + "[" * 100_000}, "yaml.too-deep"),
    "a release under another name": ({f"{SPAM}/releases/9.9.9.yaml": a_release("1.2.0")}, "layout.name-mismatch"),
    "a package that is not there": ({f"{SPAM}/releases/1.2.0.yaml": a_release("1.2.0")}, "packages.refused"),
    "a release from another place": (
        {f"{SPAM}/releases/1.2.0.yaml": a_release("1.2.0", artifacts=[an_artifact("https://evil.example/p.zip")])},
        "sources.not-allowed",
    ),
}


@pytest.mark.parametrize("what", BY_OWNERS)
def test_even_owners_are_refused(forge: Forge, what: str) -> None:
    changes, rule = BY_OWNERS[what]
    decision = forge.opened(changes, author=ANNA)
    assert decision.verdict is Verdict.REFUSED
    assert rule in rules_of(decision)


FOR_PEOPLE: dict[str, tuple[dict[str, Any], str]] = {
    "other owners": (
        {f"{SPAM}/listing.yaml": a_listing(owners=[{"login": "anna", "id": 101}, MINE])},
        "ownership.owners",
    ),
    "owners who do not know": (
        {f"{SPAM}/listing.yaml": a_listing(owners=[{"login": "anna", "id": 101}, MINE])},
        "ownership.silent-owner",
    ),
    "no publisher any more": ({f"{SPAM}/listing.yaml": a_listing(publisher=LEFT_OUT)}, "ownership.publisher"),
    "another publisher, in silence": (
        {
            f"{SPAM}/listing.yaml": a_listing(
                publisher={
                    "issuer": "https://token.actions.githubusercontent.com",
                    "repository": "mallory/spam-filter",
                    "repository_id": "13",
                    "owner_id": "666",
                    "workflow": ".github/workflows/release.yml",
                    "refs": ["refs/tags/v*"],
                }
            )
        },
        "ownership.transfer-unannounced",
    ),
    "another place for releases": (
        {f"{SPAM}/listing.yaml": a_listing(sources=["path:source/", "https://acme.example/", "https://b.example/x/"])},
        "entries.sources",
    ),
    "another display name": ({f"{SPAM}/listing.yaml": a_listing(name="Mail Guard")}, "entries.title"),
    "a new namespace": ({"namespaces/omega.yaml": a_namespace(namespace="omega")}, "ownership.namespace-claim"),
    "a namespace that looks like another": (
        {"namespaces/acrne.yaml": a_namespace(namespace="acrne")},
        "look-alikes.namespace",
    ),
    "a new plugin": ({"plugins/acme/mail-log/listing.yaml": a_cache_listing(name="Log")}, "entries.new-plugin"),
    "a new plugin in a namespace of others": (
        {"plugins/zenith/mail-log/listing.yaml": a_panel_listing(name="Log")},
        "ownership.namespace-stranger",
    ),
    "a new plugin that looks like another": (
        {"plugins/zenith/spam-fi1ter/listing.yaml": a_panel_listing(name="Good")},
        "look-alikes.name",
    ),
    "a new plugin with the title of another": (
        {"plugins/zenith/other/listing.yaml": a_panel_listing(name="Spam-Filter")},
        "look-alikes.title",
    ),
    "an advisory that warns of less": (
        {"advisories/PLG-2026-0001.yaml": an_advisory(withdrawn="2026-03-01T00:00:00Z")},
        "security.warning-weakened",
    ),
    "a file of nobody": ({"/setup.sh": "#!/bin/sh\n"}, "changes.outside"),
    "several plugins at once": (
        {f"{SPAM}/README.md": "# Spam\n", f"{CACHE}/README.md": "# Cache\n"},
        "changes.several-plugins",
    ),
}


@pytest.mark.parametrize("what", FOR_PEOPLE)
def test_what_owners_cannot_decide_alone_waits_for_a_reviewer(forge: Forge, what: str) -> None:
    changes, rule = FOR_PEOPLE[what]
    decision = forge.opened(changes, author=ANNA)
    assert decision.verdict in (Verdict.NEEDS_REVIEW, Verdict.REFUSED)
    assert decision.tier == 2
    assert rule in rules_of(decision)
    assert not decision.merges


def test_a_tombstone_stays_even_when_reviewers_remove_it(forge: Forge) -> None:
    decision = forge.opened({"reserved.yaml": a_reserved(tombstones=[])}, author=ROSA, approved_by=[RUTH])
    assert decision.verdict is Verdict.REFUSED
    assert "entries.tombstone-lost" in rules_of(decision)


def test_the_owner_named_in_the_commit_does_not_count(forge: Forge) -> None:
    changes = {f"{SPAM}/listing.yaml": a_listing(owners=[MINE])}
    head = forge.branch(changes, author="anna <101+anna@users.noreply.forge.example>")
    decision = forge.judged(head, author=MALLORY)
    assert decision.verdict is Verdict.REFUSED
    assert "ownership.takeover" in rules_of(decision)


def test_who_took_the_login_of_an_owner_is_not_the_owner(forge: Forge) -> None:
    changes = {f"{SPAM}/releases/1.2.0.yaml": forge.release("1.2.0")}
    decision = forge.opened(changes, author=Account(login="Anna", id=999))
    assert decision.verdict is Verdict.REFUSED
    assert "ownership.login-reused" in rules_of(decision)


def test_an_owner_who_renamed_the_account_keeps_all_rights(forge: Forge) -> None:
    changes = {f"{SPAM}/releases/1.2.0.yaml": forge.release("1.2.0")}
    assert forge.opened(changes, author=Account(login="anna-new", id=101)).merges


def test_owners_that_the_pull_request_brings_along_decide_nothing(forge: Forge) -> None:
    changes = {
        f"{SPAM}/listing.yaml": a_listing(owners=[{"login": "anna", "id": 101}, MINE]),
        f"{SPAM}/releases/1.2.0.yaml": forge.release("1.2.0"),
        "registry.yaml": a_config(review={"reviewers": [MINE]}),
    }
    decision = forge.opened(changes, author=MALLORY, approved_by=[MALLORY])
    assert decision.verdict is Verdict.REFUSED
    assert {"ownership.takeover", "changes.protected"} <= rules_of(decision)


def test_authors_do_not_approve_their_own_changes(forge: Forge) -> None:
    listing = a_listing(license="MIT")
    decision = forge.opened({f"{SPAM}/listing.yaml": listing}, author=ANNA, approved_by=[ANNA])
    assert decision.verdict is Verdict.NEEDS_REVIEW
    decision = forge.opened({"registry.yaml": a_config(review=REVIEW)}, author=ROSA, approved_by=[ROSA])
    assert decision.verdict is Verdict.NEEDS_REVIEW


@pytest.mark.parametrize(
    "address",
    [
        f"https://github.com/acme/spam-filter/archive/{COMMIT}.zip",
        f"https://github.com/acme/spam-filter/raw/{COMMIT}/spam.zip",
    ],
)
def test_a_commit_of_a_fork_does_not_pass_as_one_of_the_original(tmp_path: Path, address: str) -> None:
    forge = Forge.with_registry(
        tmp_path, {f"{SPAM}/listing.yaml": a_listing(sources=["https://github.com/acme/spam-filter/", "path:source/"])}
    )
    release = a_release("1.2.0", artifacts=[forge.internet.artifact(address, version="1.2.0")])
    decision = forge.opened({f"{SPAM}/releases/1.2.0.yaml": release})
    assert decision.verdict is Verdict.REFUSED
    assert "published.foreign-commit" in rules_of(decision)
    forge.internet.commits.add(("https://github.com/acme/spam-filter", COMMIT))
    assert "published.foreign-commit" not in rules_of(forge.opened({f"{SPAM}/releases/1.2.0.yaml": release}))


def test_a_handing_over_needs_both_sides_and_a_reviewer(forge: Forge) -> None:
    changes = {f"{PANEL}/listing.yaml": a_panel_listing(owners=[{"login": "anna", "id": 101}])}
    by_the_new_owner_alone = forge.opened(changes, author=ANNA)
    assert by_the_new_owner_alone.verdict is Verdict.REFUSED
    by_the_old_owner_alone = forge.opened(changes, author=ZOE)
    assert "ownership.silent-owner" in rules_of(by_the_old_owner_alone)
    assert by_the_old_owner_alone.waiting_for is Waiting.REVIEWERS
    by_both = forge.opened(changes, author=ZOE, approved_by=[ANNA])
    assert "ownership.silent-owner" not in rules_of(by_both)
    assert by_both.waiting_for is Waiting.REVIEWERS
    with_a_reviewer = forge.opened(changes, author=ZOE, approved_by=[ANNA, ROSA])
    assert with_a_reviewer.verdict is Verdict.PASS
    assert not with_a_reviewer.merges


def test_a_branch_that_grew_elsewhere_is_refused(forge: Forge) -> None:
    stranger = forge.commit({"registry.yaml": a_config()}, parent=None)
    assert rules_of(forge.judged(stranger)) == {"changes.unrelated"}


def test_nothing_hides_behind_two_merge_bases(forge: Forge) -> None:
    start = forge.main
    left = forge.commit({f"{SPAM}/README.md": "# Left\n"}, parent=start)
    right = forge.commit({f"{PANEL}/README.md": "# Right\n"}, parent=start)
    # Base and branch each merge the same two; the branch takes back what came from the left while it is at it.
    forge.merge(forge.commit({f"{PANEL}/README.md": "# Right\n"}, parent=left, merging=right))
    head = forge.commit({f"{SPAM}/README.md": "# Evil\n"}, parent=right, merging=left)
    decision = forge.judged(head, author=MALLORY)
    assert decision.verdict is Verdict.REFUSED
    assert rules_of(decision) == {"changes.tangled"}


def test_what_the_base_changed_meanwhile_is_not_overwritten(forge: Forge) -> None:
    head = forge.branch({f"{SPAM}/README.md": "# One\n"})
    forge.merge(forge.branch({f"{SPAM}/README.md": "# Two\n"}))
    assert rules_of(forge.judged(head)) == {"changes.conflict"}


def test_a_branch_that_lags_behind_does_not_undo_what_came_meanwhile(forge: Forge) -> None:
    head = forge.branch({f"{SPAM}/README.md": "# Better\n"})
    forge.merge(forge.branch({f"{SPAM}/releases/1.2.0.yaml": forge.release("1.2.0")}))
    assert forge.judged(head).merges


def test_a_source_tree_that_asks_for_more_waits(tmp_path: Path) -> None:
    forge = Forge.with_registry(tmp_path, {f"{SPAM}/releases/1.1.0.yaml": LEFT_OUT})
    permissions = [{"type": "network", "scope": "evil.example:443", "reason": "Sends everything home"}]
    tree = f"{SPAM}/source/1.2.0"
    artifact = {"platform": "any", "source": {"path": "source/1.2.0"}, "sha256": "ab" * 32}
    changes = {
        f"{tree}/plugin.yaml": a_manifest(version="1.2.0", permissions=permissions, config_schema=LEFT_OUT),
        f"{tree}/spam_filter.py": "class Plugin:\n    pass\n",
        f"{tree}/LICENSE": "Licence text\n",
        f"{SPAM}/releases/1.2.0.yaml": a_release("1.2.0", artifacts=[artifact]),
    }
    decision = forge.opened(changes)
    assert "published.permission" in rules_of(decision)
    assert decision.tier == 2


def test_a_file_is_not_in_a_folder_twice(forge: Forge) -> None:
    """Who reads such a tree takes the one or the other: what is judged need not be what is checked out."""
    head = forge.branch({f"{SPAM}/releases/1.2.0.yaml": forge.release("1.2.0")})
    other = forge.git("hash-object", "-w", "--stdin", feed=forge.release("1.2.0", {"more.py": b""}).encode())
    *folders, name = f"registry/{SPAM}/releases/1.2.0.yaml".split("/")
    entry = b"100644 %s\0" % name.encode()
    twice = entry + bytes.fromhex(other.decode())
    for depth in range(len(folders), -1, -1):
        tree = forge.git("cat-file", "tree", f"{head}:{'/'.join(folders[:depth])}")
        start = tree.index(entry)
        end = start + len(entry) + 20
        tree = tree[:end] + twice + tree[end:] if depth == len(folders) else tree[:start] + twice + tree[end:]
        made = forge.git("hash-object", "-w", "-t", "tree", "--literally", "--stdin", feed=tree).decode().strip()
        if depth:
            entry = b"40000 %s\0" % folders[depth - 1].encode()
            twice = entry + bytes.fromhex(made)
    forged = f"tree {made}\nparent {forge.main}\nauthor a <a> 1 +0000\ncommitter a <a> 1 +0000\n\nx"
    decision = forge.judged(
        forge.git("hash-object", "-w", "-t", "commit", "--stdin", feed=forged.encode()).decode().strip()
    )
    assert decision.verdict is Verdict.REFUSED
    assert "changes.collision" in rules_of(decision)
