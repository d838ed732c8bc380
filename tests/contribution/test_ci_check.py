"""``pluginry ci check`` as a workflow calls it: files in, files out, exit status; what it names reproduces it."""

from __future__ import annotations

import json
import subprocess
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from builders import SPAM, a_listing
from pluginry.cli.main import run
from pluginry.contribution.report import MARKER
from pluginry.encoding import documents, strict_yaml
from pluginry.encoding.schema import check_against_schema
from pluginry.model.decision import Decision
from pull_requests import ANNA, MALLORY, ROSA, Forge

if TYPE_CHECKING:
    from pathlib import Path

    from pluginry.model.listing import Account

TEXTS = {f"{SPAM}/listing.yaml": a_listing(summary="Other words.")}


@pytest.fixture
def forge(tmp_path: Path) -> Forge:
    return Forge.with_registry(tmp_path)


def checked(forge: Forge, head: str, *words: str, expect: int) -> str:
    arguments = ["ci", "check", "--repository", str(forge.folder), "--base", forge.main, "--head", head, *words]
    done = CliRunner().invoke(run, arguments)
    assert done.exit_code == expect, (done.output, done.exception)
    return done.output


def an_event(forge: Forge, head: str, author: Account, folder: Path) -> str:
    event = {
        "pull_request": {
            "number": 1,
            "user": {"login": author.login, "id": author.id},
            "base": {"sha": forge.main},
            "head": {"sha": head},
        }
    }
    path = folder / "event.json"
    path.write_text(json.dumps(event))
    return str(path)


@pytest.mark.parametrize(("author", "status"), [(ANNA, 0), (MALLORY, 10)])
def test_the_exit_status_is_the_verdict(forge: Forge, author: Account, status: int) -> None:
    checked(forge, forge.branch(TEXTS), "--author-id", str(author.id), expect=status)


def test_what_is_refused_ends_with_1(forge: Forge) -> None:
    head = forge.branch({"/.github/workflows/x.yml": "on: push\n"})
    assert "changes.protected" in checked(forge, head, "--author-id", "666", expect=1)


def test_event_and_reviews_of_the_forge_are_enough(forge: Forge, tmp_path: Path) -> None:
    head = forge.branch({f"{SPAM}/listing.yaml": a_listing(license="MIT")})
    event = an_event(forge, head, ANNA, tmp_path)
    reviews = tmp_path / "reviews.json"
    review = {"user": {"login": ROSA.login, "id": ROSA.id}, "state": "APPROVED", "commit_id": head}
    reviews.write_text(json.dumps([review]))
    arguments = ["ci", "check", "--repository", str(forge.folder), "--event", event]
    assert CliRunner().invoke(run, arguments).exit_code == 10
    assert CliRunner().invoke(run, [*arguments, "--approvals", str(reviews)]).exit_code == 0


def test_the_decision_is_the_document_that_the_schema_describes(forge: Forge, tmp_path: Path) -> None:
    path = tmp_path / "decision.json"
    checked(forge, forge.branch(TEXTS), "--author-id", "666", "--decision", str(path), expect=10)
    written = strict_yaml.parse(path.read_bytes(), file="decision.json")
    assert [str(finding) for finding in check_against_schema(written, "decision")] == []
    decision = documents.decode(Decision, path.read_bytes(), what="decision.json")
    assert decision.base == forge.main
    assert "tier: 1" in decision.labels


def test_the_command_in_the_decision_reproduces_it(forge: Forge, tmp_path: Path) -> None:
    path = tmp_path / "decision.json"
    head = forge.branch(TEXTS)
    said = checked(forge, head, "--author-id", "666", "--approved-by", "101", "--json", expect=0)
    path.write_text(said)
    command = documents.decode(Decision, path.read_bytes(), what="it").command
    words = command.split()
    assert words[:3] == ["pluginry", "ci", "check"]
    again = CliRunner().invoke(run, [*words[1:], "--repository", str(forge.folder), "--json"])
    assert again.output == said


def test_report_and_annotations_are_written(forge: Forge, tmp_path: Path) -> None:
    report = tmp_path / "report.md"
    output = checked(
        forge, forge.branch(TEXTS), "--author-id", "666", "--report", str(report), "--annotations", expect=10
    )
    assert report.read_text().startswith(MARKER)
    assert f"::warning file=registry/{SPAM}/listing.yaml,title=ownership.stranger" in output


def test_names_of_files_start_no_workflow_command(forge: Forge) -> None:
    head = forge.branch({f"{SPAM}/source/1.2.0/x\n::set-output name=a::b": "x"})
    output = checked(forge, head, "--author-id", "101", "--annotations", expect=1)
    assert not [line for line in output.splitlines() if line.startswith("::set-output")]


@pytest.mark.parametrize(("name", "status"), [("::stop-commands::x", 1), ("  ::error::x", 1), ("a ##[add-mask]x", 10)])
def test_no_line_of_the_log_begins_like_a_command_of_the_workflow_runner(forge: Forge, name: str, status: int) -> None:
    output = checked(forge, forge.branch({f"/{name}": "x"}), "--author-id", "101", expect=status)
    assert not [line for line in output.splitlines() if line.strip().startswith("::") or "##[" in line]
    as_json = checked(forge, forge.branch({f"/{name}": "x"}), "--author-id", "101", "--json", expect=status)
    assert "##[" not in as_json
    assert name in {reason["file"] for reason in json.loads(as_json)["reasons"]}


def test_without_commits_there_is_nothing_to_judge() -> None:
    assert CliRunner().invoke(run, ["ci", "check"]).exit_code == 2


def test_a_commit_that_is_not_there_is_a_mistake_of_the_caller(forge: Forge) -> None:
    checked(forge, "ab" * 20, expect=2)


def test_a_clone_without_its_history_is_no_verdict(forge: Forge, tmp_path: Path) -> None:
    head = forge.branch(TEXTS)
    forge.merge(forge.branch({f"{SPAM}/README.md": "# Better\n"}))
    clone = tmp_path / "clone"
    options = ["--quiet", "--bare", "--depth=1", "--no-single-branch"]
    subprocess.run(["git", "clone", *options, forge.folder.as_uri(), str(clone)], check=True, capture_output=True)
    checked(replace(forge, folder=clone), head, "--author-id", "101", expect=3)
