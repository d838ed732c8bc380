"""``--ledger-branch``: what continuous integration proves is in git before anybody can read of it."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from e2e.deeds import files_of, write_advisory
from e2e.marketplace_on_disk import CACHE
from pluginry.errors import AuthError

if TYPE_CHECKING:
    from pathlib import Path

    from e2e.marketplace_on_disk import Workspace

AUTHOR = ("-c", "user.name=Ann", "-c", "user.email=ann@example.com", "-c", "commit.gpgsign=false")
BRANCH = "ledger"


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *AUTHOR, *arguments], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture
def origin(workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make the workspace a checkout, without a ledger yet, of the repository that is returned."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "no-such-file"))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    git(tmp_path, "init", "-q", "--bare", "origin.git")
    git(workspace.root, "init", "-q", "-b", "main")
    git(workspace.root, "remote", "add", "origin", str(tmp_path / "origin.git"))
    (workspace.root / ".gitignore").write_text("/.pluginry\n/dist\n/home\n/index/ledger\n/index/revocations.jsonl\n")
    git(workspace.root, "add", "registry", "index/trust", ".gitignore")
    git(workspace.root, "commit", "-qm", "claims")
    return tmp_path / "origin.git"


def refuse_pushes(origin: Path) -> None:
    hook = origin / "hooks" / "pre-receive"
    hook.write_text("#!/bin/sh\necho protected branch\nexit 1\n")
    hook.chmod(0o755)


def yank(workspace: Workspace) -> None:
    release = workspace.root / "registry" / "plugins" / CACHE / "releases" / "1.0.0.yaml"
    release.write_text(release.read_text("utf-8") + "yanked: It forgets\n", "utf-8")


def test_a_publication_pushes_the_ledger_that_it_publishes(workspace: Workspace, origin: Path) -> None:
    yank(workspace)
    workspace.pluginry("publish", "dist", "--ledger-branch", BRANCH)
    ledger = git(origin, "show", f"{BRANCH}:index/ledger/{CACHE}.jsonl")
    assert "It forgets" in ledger.splitlines()[-1]
    assert ledger + "\n" == (workspace.root / "index" / "ledger" / f"{CACHE}.jsonl").read_text("utf-8")
    assert git(workspace.root, "diff", "--name-only") == f"registry/plugins/{CACHE}/releases/1.0.0.yaml"


def test_anybody_can_prove_a_publication_from_claims_and_ledger(workspace: Workspace, origin: Path) -> None:
    workspace.pluginry("publish", "dist", "--ledger-branch", BRANCH)
    shutil.rmtree(workspace.root / "index" / "ledger")
    shutil.rmtree(workspace.root / ".pluginry")
    assert git(origin, "rev-list", "--count", BRANCH) == "1"
    assert workspace.pluginry("build", "--check", "dist", "--ledger-branch", BRANCH)["equal"]


def test_what_cannot_be_pushed_is_not_published(workspace: Workspace, origin: Path) -> None:
    refuse_pushes(origin)
    before = files_of(workspace)
    yank(workspace)
    workspace.pluginry("publish", "dist", "--ledger-branch", BRANCH, expect=AuthError.exit_status)
    assert files_of(workspace) == before


def test_a_revocation_is_in_git_before_clients_know_it(workspace: Workspace, origin: Path) -> None:
    write_advisory(workspace)
    workspace.pluginry("advisories", "publish", "dist", "--ledger-branch", BRANCH)
    assert '"advisory":"PLG-2026-0009"' in git(origin, "show", f"{BRANCH}:index/revocations.jsonl")

    refuse_pushes(origin)
    before = files_of(workspace)
    write_advisory(workspace, action="warn")
    workspace.pluginry("advisories", "publish", "dist", "--ledger-branch", BRANCH, expect=AuthError.exit_status)
    assert files_of(workspace) == before


def test_a_run_that_ended_between_git_and_the_world_is_made_good_by_the_next(
    workspace: Workspace, origin: Path, tmp_path: Path
) -> None:
    write_advisory(workspace)
    before = files_of(workspace)
    workspace.pluginry("advisories", "publish", "dist", "--ledger-branch", BRANCH)
    for key, body in before.items():  # as if the store had failed after the push
        (workspace.dist / key).write_bytes(body)
    for key in files_of(workspace).keys() - before.keys():
        (workspace.dist / key).unlink()
    workspace.pluginry("publish", "dist", "--ledger-branch", BRANCH)
    assert b"PLG-2026-0009" in (workspace.dist / "v1" / "advisories.json").read_bytes()
    git(tmp_path, "clone", "-q", "-b", BRANCH, str(origin), "check")
    revocations = (tmp_path / "check" / "index" / "revocations.jsonl").read_text("utf-8")
    assert revocations.count("PLG-2026-0009") == 1
