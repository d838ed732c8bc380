"""Commits of proposals: the clone stays as it is, and the token goes to one place only."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from github_server import ANNAS_TOKEN
from pluginry.adapters.git_proposals import GitProposals
from pluginry.errors import AuthError, NotFoundError, TransportError, UsageError
from pluginry.model.listing import Account
from registry_clone import NAMES, run

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    folder = tmp_path / "clone"
    folder.mkdir()
    run(folder, "init", "--quiet", "--initial-branch=main", ".")
    (folder / "a.txt").write_text("one\n", "utf-8")
    run(folder, "add", "--all")
    run(folder, *NAMES, "commit", "--quiet", "-m", "First")
    return folder


def test_git_logs_in_with_the_token_at_the_forge_and_nowhere_else(folder: Path) -> None:
    git = GitProposals(folder=folder, token=ANNAS_TOKEN, token_host="forge.example")  # noqa: S106 - a machine's name
    told = git.credential("https://forge.example/market/registry.git").decode()
    assert "username=x-access-token\n" in told
    assert f"password={ANNAS_TOKEN}\n" in told
    for address in ("https://elsewhere.example/x", "http://forge.example/x", "https://forge.example.evil/x"):
        assert ANNAS_TOKEN.encode() not in git.credential(address)
    assert ANNAS_TOKEN not in repr(git)


def test_a_commit_touches_neither_files_nor_index_nor_branches(folder: Path) -> None:
    (folder / "a.txt").write_text("mine\n", "utf-8")
    git, head = GitProposals(folder=folder), run(folder, "rev-parse", "HEAD")
    before = run(folder, "status", "--porcelain"), run(folder, "for-each-ref")
    made = git.commit(head, {"b/c.txt": b"new\r\n"}, message="New\n", author=Account(login="anna", id=101))
    assert run(folder, "diff", "--name-status", head, made) == "A\tb/c.txt"
    assert git.patch(made).startswith(f"From {made}".encode())
    assert (run(folder, "status", "--porcelain"), run(folder, "for-each-ref")) == before


def test_another_push_meanwhile_is_not_overwritten_unseen(folder: Path, tmp_path: Path) -> None:
    there = tmp_path / "there.git"
    run(tmp_path, "init", "--quiet", "--bare", str(there))
    git, head = GitProposals(folder=folder), run(folder, "rev-parse", "HEAD")
    author = Account(login="anna", id=101)
    one = git.commit(head, {"b": b"1"}, message="1\n", author=author)
    assert git.push(one, address=str(there), branch="pluginry/x")
    assert not git.push(one, address=str(there), branch="pluginry/x")
    two = git.commit(head, {"b": b"2"}, message="2\n", author=author)
    assert git.push(two, address=str(there), branch="pluginry/x")
    assert run(there, "rev-parse", "pluginry/x") == two


def test_what_is_not_there_is_said_so(folder: Path, tmp_path: Path) -> None:
    git = GitProposals(folder=folder)
    with pytest.raises(NotFoundError):
        git.fetch(str(folder), "no-such-branch")
    with pytest.raises(TransportError):
        git.fetch(str(tmp_path / "nothing"), "main")
    with pytest.raises((AuthError, TransportError)):
        git.fetch("https://127.0.0.1:1/x", "main")
    for branch in ("--upload-pack=touch", "a..b/../c d", "-x", "a/-b", ""):
        with pytest.raises(UsageError):
            git.fetch(str(folder), branch)
    with pytest.raises(UsageError):
        git.remote("origin")
    with pytest.raises(UsageError):
        GitProposals(folder=tmp_path).top()
