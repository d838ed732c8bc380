"""``pluginry registry``: each change is written as small as it can be, checks out, and says what users will see."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from builders import CACHE, LEFT_OUT, PANEL, SPAM, a_listing, a_panel_listing, a_registry
from pluginry.cli.main import run
from pluginry.publisher.load import load_registry
from pluginry.publisher.validate import validate

if TYPE_CHECKING:
    from pathlib import Path

SPAM_ID, CACHE_ID, PANEL_ID = (path.removeprefix("plugins/") for path in (SPAM, CACHE, PANEL))
_SPAM = ("1.0.0", "1.1.0")


class Desk:
    """A registry, and somebody who moderates it."""

    def __init__(self, folder: Path, changes: dict[str, Any] | None = None) -> None:
        a_registry(folder, changes or {})
        self.folder = folder / "registry"

    def run(self, *words: str, expect: int = 0) -> Any:
        done = CliRunner().invoke(run, ["registry", *words, "--registry", str(self.folder), "--json"])
        assert done.exit_code == expect, done.output
        return json.loads(done.stdout)

    def text(self, path: str) -> str:
        return (self.folder / path).read_text("utf-8")

    def findings(self) -> set[str]:
        loaded = load_registry(self.folder)
        return {finding.rule for finding in (*loaded.findings, *validate(loaded))}


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_a_release_is_withdrawn_and_offered_again(desk: Desk) -> None:
    file, before = f"{SPAM}/releases/1.1.0.yaml", desk.text(f"{SPAM}/releases/1.1.0.yaml")
    answer = desk.run("yank", f"{SPAM_ID}@1.1.0", "--reason", "Loses mail")
    assert desk.text(file) == f"{before}yanked: Loses mail\n"
    assert "The newest version that is left is 1.0.0." in answer["means"]
    assert desk.run("yank", f"{SPAM_ID}@1.1.0", "--reason", "Loses mail", expect=2)
    desk.run("yank", f"{SPAM_ID}@1.1.0", "--undo")
    assert desk.text(file) == before
    assert desk.findings() == set()


def test_who_withdraws_the_last_release_is_told_what_has_to_follow(desk: Desk) -> None:
    means = [desk.run("yank", f"{SPAM_ID}@{version}", "--reason", "Loses mail")["means"][-1] for version in _SPAM]
    assert "registry deprecate" not in means[0]
    assert f"pluginry registry remove {SPAM_ID}" in means[1]
    assert "releases.nothing-left" in desk.findings()


def test_a_dry_run_shows_the_change_and_makes_none(desk: Desk) -> None:
    file, before = f"{SPAM}/listing.yaml", desk.text(f"{SPAM}/listing.yaml")
    answer = desk.run("deprecate", SPAM_ID, "--reason", "Nobody looks after it", "--dry-run")
    assert (answer["dry_run"], answer["files"][0]["path"]) == (True, file)
    assert "status: deprecated" in answer["files"][0]["after"]
    assert desk.text(file) == before


def test_deprecation_names_what_to_use_and_can_be_taken_back(desk: Desk) -> None:
    before = load_registry(desk.folder).registry.plugins
    desk.run("deprecate", CACHE_ID, "--reason", "Slow", "--replaced-by", SPAM_ID)
    listing = next(
        one.listing for one in load_registry(desk.folder).registry.plugins.values() if str(one.id) == CACHE_ID
    )
    assert (listing.status, listing.reason, str(listing.replaced_by)) == ("deprecated", "Slow", SPAM_ID)
    desk.run("deprecate", CACHE_ID, "--undo")
    assert load_registry(desk.folder).registry.plugins == before


def test_a_removed_plugin_is_a_tombstone_and_its_users_are_named(desk: Desk) -> None:
    answer = desk.run("remove", CACHE_ID, "--reason", "Against the rules")
    assert any(SPAM_ID in sentence for sentence in answer["means"])
    registry = load_registry(desk.folder).registry
    assert [str(one.id) for one in registry.reserved.tombstones][-1] == CACHE_ID
    assert {str(one.id) for one in registry.plugins.values() if one.listing.status == "removed"} == {CACHE_ID}


def test_an_advisory_gets_the_next_number_and_says_whom_it_hits(desk: Desk) -> None:
    taken = {path.stem for path in (desk.folder / "advisories").iterdir()}
    words = ("--summary", "Reads other mail", "--action", "disable", "--introduced", "1.1.0", "--kind", "vulnerability")
    answer = desk.run("advise", SPAM_ID, *words)
    (new,) = {path.stem for path in (desk.folder / "advisories").iterdir()} - taken
    assert answer["title"] == f"{new}: Reads other mail"
    assert answer["means"][0] == "It hits 1.1.0."
    assert desk.run("advise", SPAM_ID, *words)["title"] != answer["title"]
    assert desk.findings() == set()


def test_an_advisory_is_withdrawn_with_the_reason_and_stays(desk: Desk) -> None:
    words = ("--summary", "Reads other mail", "--action", "disable", "--details", "It does.")
    name = desk.run("advise", SPAM_ID, *words)["title"].partition(":")[0]
    file, before = f"advisories/{name}.yaml", desk.text(f"advisories/{name}.yaml")
    answer = desk.run("withdraw", name, "--reason", "It was another plugin")
    assert answer["means"][-1] == "Publish it at once with `pluginry advisories publish TARGET`."
    (advisory,) = (one for one in load_registry(desk.folder).registry.advisories if one.id == name)
    assert advisory.withdrawn == advisory.modified
    assert advisory.details == "It does.\n\nWithdrawn: It was another plugin"
    assert before.splitlines()[0] == desk.text(file).splitlines()[0]
    assert desk.findings() == set()
    again = desk.run("withdraw", name, "--reason", "x", expect=2)
    assert "registry advise" in again["error"]["hint"]
    assert desk.run("advise", SPAM_ID, *words)["title"].partition(":")[0] != name


def test_an_advisory_that_is_not_there_is_not_withdrawn(desk: Desk) -> None:
    name = desk.run("advise", SPAM_ID, "--summary", "Reads other mail", "--action", "warn")["title"].partition(":")[0]
    missed = desk.run("withdraw", name.replace("PLG", "PGL"), "--reason", "x", expect=7)
    assert name in missed["error"]["hint"]


def test_a_transfer_keeps_what_was_before_for_everybody_to_see(tmp_path: Path) -> None:
    before = {
        "issuer": "https://token.actions.githubusercontent.com",
        "repository": "zenith/disk-panel",
        "workflow": ".github/workflows/release.yml",
        "refs": ["refs/tags/v*"],
        "repository_id": "77",
        "owner_id": "7",
    }
    desk = Desk(tmp_path, {f"{PANEL}/listing.yaml": a_panel_listing(publisher=before)})
    to = ("--repository", "nadir/disk-panel", "--repository-id", "88", "--owner-id", "8")
    desk.run("transfer", PANEL_ID, *to, "--reason", "The author retired")
    registry = load_registry(desk.folder).registry
    (listing,) = (one.listing for one in registry.plugins.values() if str(one.id) == PANEL_ID)
    assert listing.publisher is not None
    assert listing.transfer is not None
    assert (listing.publisher.repository, listing.publisher.workflow) == ("nadir/disk-panel", before["workflow"])
    assert (listing.transfer.previous.repository, listing.transfer.reason) == (
        before["repository"],
        "The author retired",
    )
    assert "already" in desk.run("transfer", PANEL_ID, *to, "--reason", "Again", expect=2)["error"]["what"]


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (("yank", f"{SPAM_ID}@9.9.9", "--reason", "x"), 7),
        (("yank", SPAM_ID, "--reason", "x"), 2),
        (("yank", f"{SPAM_ID}@1.0.0"), 2),
        (("yank", f"{SPAM_ID}@1.0.0", "--reason", "two\nlines"), 2),
        (("yank", "../../etc@1.0.0", "--reason", "x"), 2),
        (("deprecate", "acme/nothing", "--reason", "x"), 7),
        (("deprecate", SPAM_ID, "--reason", "x", "--replaced-by", SPAM_ID), 2),
        (("deprecate", SPAM_ID, "--undo"), 2),
        (("remove", SPAM_ID), 2),
        (("transfer", PANEL_ID, "--repository", "a/b", "--repository-id", "1", "--owner-id", "2", "--reason", "x"), 2),
        (("advise", SPAM_ID, "--summary", "x", "--action", "warn", "--fixed", "0.0.1"), 2),
        (("withdraw", "../registry", "--reason", "x"), 7),
        (("withdraw", "PLG-2026-0001"), 2),
    ],
)
def test_what_makes_no_sense_is_refused_and_changes_nothing(desk: Desk, words: tuple[str, ...], status: int) -> None:
    before = {path: path.read_bytes() for path in desk.folder.rglob("*") if path.is_file()}
    done = CliRunner().invoke(run, ["registry", *words, "--registry", str(desk.folder)])
    assert done.exit_code == status, done.output
    assert {path: path.read_bytes() for path in desk.folder.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("reason", ["x" * 5000, "turn\u202eed"])
def test_a_reason_that_no_document_may_hold_is_refused_before_anything_is_written(desk: Desk, reason: str) -> None:
    before = desk.text(f"{SPAM}/releases/1.1.0.yaml")
    answer = desk.run("yank", f"{SPAM_ID}@1.1.0", "--reason", reason, expect=1)
    assert "would not be accepted" in answer["error"]["what"]
    assert desk.text(f"{SPAM}/releases/1.1.0.yaml") == before


def test_people_see_the_difference_without_what_could_trick_their_terminal(tmp_path: Path) -> None:
    desk = Desk(tmp_path, {f"{SPAM}/listing.yaml": a_listing(replaced_by=LEFT_OUT)})
    done = CliRunner().invoke(
        run, ["registry", "deprecate", SPAM_ID, "--reason", "Old", "--registry", str(desk.folder)]
    )
    assert "  +status: deprecated" in done.stdout.splitlines()
    assert "Commit it, and open a pull request." in done.stdout
