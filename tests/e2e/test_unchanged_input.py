"""``pluginry publish`` over what git says was published from here already."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from e2e.marketplace_on_disk import CACHE, Workspace, copy_registry
from pluginry.adapters.s3_store import S3Store
from pluginry.encoding import documents
from pluginry.errors import AuthError, DocumentError, TamperedError, UsageError
from pluginry.model.layout import QUEUE_KEY, TIMESTAMP_KEY
from queues import a_queue

if TYPE_CHECKING:
    from pathlib import Path

    from s3_servers import S3Server

QUICKLY = ("publish", "dist", "--no-read-back")
HEAVY = (
    "boto3",
    "cryptography",
    "jinja2",
    "pluginry.client",
    "pluginry.encoding.documents",
    "pluginry.publisher.pipeline",
    "pluginry.publisher.workspace",
    "securesystemslib",
    "tuf",
    "yaml",
)


def commit(workspace: Workspace) -> None:
    for command in (["add", "registry", "index"], ["commit", "-qm", "all of it"]):
        who = ("-c", "user.name=Ann", "-c", "user.email=ann@example.com", "-c", "commit.gpgsign=false")
        subprocess.run(["git", *who, *command], cwd=workspace.root, check=True, capture_output=True)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """Return a marketplace that was published, and whose ledger was committed and published again."""
    copy_registry(tmp_path)
    workspace = Workspace(tmp_path)
    workspace.pluginry("trust", "init", "--signing", "none")
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    commit(workspace)
    workspace.pluginry(*QUICKLY)
    commit(workspace)
    assert not workspace.pluginry(*QUICKLY)["unchanged_input"]
    return workspace


def test_nothing_is_looked_at_until_something_differs(workspace: Workspace) -> None:
    again = workspace.pluginry(*QUICKLY)
    assert (again["unchanged_input"], again["created"], again["replaced"]) == (True, 0, 0)
    listing = workspace.root / "registry" / "plugins" / CACHE / "listing.yaml"
    listing.write_text(listing.read_text("utf-8").replace("summary: ", "summary: Now "), "utf-8")
    assert workspace.pluginry(*QUICKLY, "--clean-checkout")["unchanged_input"], "it was told not to compare files"
    changed = workspace.pluginry(*QUICKLY)
    assert not changed["unchanged_input"]
    assert changed["replaced"] > 0
    commit(workspace)
    assert not workspace.pluginry(*QUICKLY, "--clean-checkout")["unchanged_input"]
    assert workspace.pluginry(*QUICKLY, "--clean-checkout")["unchanged_input"]


def test_who_asks_for_a_new_listing_of_the_store_gets_all_of_the_work(workspace: Workspace) -> None:
    lost = next((workspace.dist / "v1" / "p").rglob("*.zip"), None) or next(workspace.dist.rglob("*.zip"))
    lost.unlink()
    assert workspace.pluginry(*QUICKLY)["unchanged_input"]
    assert not workspace.pluginry(*QUICKLY, "--relist")["unchanged_input"]
    assert lost.exists()


def test_a_queue_is_published_where_nothing_else_is_looked_at(workspace: Workspace) -> None:
    (workspace.root / "queue.json").write_bytes(documents.encode(a_queue("Add a clock")))
    first, second = (workspace.pluginry(*QUICKLY, "--queue", "queue.json") for _ in range(2))
    assert (first["unchanged_input"], first["created"]) == (True, 1)
    assert (second["unchanged_input"], second["created"], second["replaced"]) == (True, 0, 0)
    assert (first["unchanged"], second["unchanged"]) == (5, 1), "the second time the timestamp said enough"
    assert b"Add a clock" in (workspace.dist / QUEUE_KEY).read_bytes()


def test_a_queue_that_was_lost_or_replaced_is_published_again(workspace: Workspace) -> None:
    (workspace.root / "queue.json").write_bytes(documents.encode(a_queue("Add a clock")))
    workspace.pluginry(*QUICKLY, "--queue", "queue.json")
    page = workspace.dist / QUEUE_KEY
    for damage in (page.unlink, lambda: page.write_bytes(b"{}")):
        damage()
        again = workspace.pluginry(*QUICKLY, "--queue", "queue.json")
        assert again["unchanged_input"]
        assert b"Add a clock" in page.read_bytes()


def test_where_nothing_is_to_be_done_no_key_is_needed_and_nothing_heavy_is_loaded(workspace: Workspace) -> None:
    (workspace.root / ".pluginry" / "keys" / "online.pem").unlink()
    done = run_alone(workspace, *QUICKLY, "--clean-checkout", "--summary", "summary.md")
    assert "nothing changed since the last publication from here" in done.stdout
    assert "## Published: 5 plugins" in (workspace.root / "summary.md").read_text("utf-8")
    loaded = set(done.stderr.split())
    assert "pluginry.publisher.settled" in loaded
    assert loaded.isdisjoint(HEAVY)


@pytest.mark.parametrize("key", ["online.pem", "env:NO_SUCH_VARIABLE"])
def test_where_something_is_to_be_done_a_missing_key_is_told(workspace: Workspace, key: str) -> None:
    for other in (("--relist",), ()):
        if not other:
            (workspace.dist / TIMESTAMP_KEY).write_bytes(b"{}")
        failed = workspace.pluginry(*QUICKLY, *other, "--online-key", key, expect=AuthError.exit_status)
        assert "key" in failed["error"]["what"]


def test_a_timestamp_that_was_changed_is_refused(workspace: Workspace) -> None:
    timestamp = workspace.dist / TIMESTAMP_KEY
    timestamp.write_bytes(timestamp.read_bytes().replace(b'"version":1', b'"version":9'))
    workspace.pluginry(*QUICKLY, expect=TamperedError.exit_status)


def test_other_trust_is_another_input(workspace: Workspace) -> None:
    policy = workspace.root / "index" / "trust" / "policy.json"
    policy.write_bytes(policy.read_bytes() + b"\n")
    assert not workspace.pluginry(*QUICKLY)["unchanged_input"]


def test_what_is_asked_for_in_vain_is_refused_all_the_same(workspace: Workspace) -> None:
    workspace.pluginry(*QUICKLY, "--backfill", expect=UsageError.exit_status)
    (workspace.root / "queue.json").write_bytes(b"no queue")
    workspace.pluginry(*QUICKLY, "--queue", "queue.json", expect=DocumentError.exit_status)
    assert workspace.pluginry(*QUICKLY, "--plan")["adds"] == []


def test_nothing_is_read_back_where_nothing_was_published(workspace: Workspace) -> None:
    again = workspace.pluginry("publish", "dist")
    assert again["unchanged_input"]
    assert "read_back" not in again


def test_a_bucket_is_asked_for_one_object(
    workspace: Workspace, moto_server: S3Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name, value in moto_server.environment.items():
        monkeypatch.setenv(name, value)
    target = f"s3://market/unchanged-{tmp_path.name.lower().replace('_', '-')}"
    workspace.pluginry("publish", target, "--no-read-back")
    asked: list[str] = []
    ask = S3Store.read

    def read(store: S3Store, key: str) -> bytes:
        asked.append(key)
        return ask(store, key)

    monkeypatch.setattr(S3Store, "read", read)
    for name in ("check", "find", "create", "replace", "list"):
        monkeypatch.delattr(S3Store, name)
    assert workspace.pluginry("publish", target, "--no-read-back")["unchanged_input"]
    assert asked == [TIMESTAMP_KEY]


def test_the_end_of_a_ledger_branch_is_part_of_the_input(workspace: Workspace) -> None:
    run = workspace.root

    def git(*arguments: str) -> None:
        subprocess.run(["git", *arguments], cwd=run, check=True, capture_output=True)

    git("init", "-q", "--bare", "origin.git")
    git("remote", "add", "origin", str(run / "origin.git"))
    branch = (*QUICKLY, "--clean-checkout", "--ledger-branch", "ledger")
    answers = [workspace.pluginry(*branch)["unchanged_input"] for _ in range(3)]
    assert answers == [False, False, True], "the first makes the branch, the second knows its end"
    tree = subprocess.run(
        ["git", "commit-tree", "FETCH_HEAD^{tree}", "-p", "FETCH_HEAD", "-m", "by somebody else"],
        cwd=run,
        check=True,
        capture_output=True,
        text=True,
        env={
            **os.environ,
            **{f"GIT_{who}_{what}": "a@b" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
        },
    )
    git("push", "-q", "origin", f"{tree.stdout.strip()}:refs/heads/ledger")
    assert not workspace.pluginry(*branch)["unchanged_input"]


def test_what_few_publications_need_is_not_loaded_for_the_others(workspace: Workspace) -> None:
    listing = workspace.root / "registry" / "plugins" / CACHE / "listing.yaml"
    listing.write_text(listing.read_text("utf-8").replace("summary: ", "summary: Now "), "utf-8")
    loaded = run_alone(workspace, *QUICKLY).stderr.split()
    assert "tuf.api.metadata" in loaded
    assert not {"boto3.session", "packaging.metadata", "pluginry.client.verify"}.intersection(loaded)


def run_alone(workspace: Workspace, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command in a process of its own, which says on standard error what it has loaded."""
    program = (
        "import atexit, sys; from pluginry.cli.main import run;"
        "atexit.register(lambda: print(*sys.modules, file=sys.stderr)); run()"
    )
    command = [sys.executable, "-c", program, *arguments]
    return subprocess.run(command, cwd=workspace.root, check=True, capture_output=True, text=True)
