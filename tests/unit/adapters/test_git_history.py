from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from pluginry.adapters.git_history import GitCheckout

if TYPE_CHECKING:
    from pathlib import Path

AUTHOR = ("-c", "user.name=Ann", "-c", "user.email=ann@example.com", "-c", "commit.gpgsign=false")


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *AUTHOR, *arguments], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture(autouse=True)
def _only_this_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "no-such-file"))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    folder = tmp_path / "checkout"
    (folder / "registry").mkdir(parents=True)
    git(folder, "init", "-q")
    (folder / ".gitignore").write_text("*.pem\nkeys/\n")
    (folder / "registry" / "registry.yaml").write_text("schema: 1\n")
    (folder / "notes.txt").write_text("one\n")
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "first")
    return folder


def test_a_clean_checkout_has_its_commit(checkout: Path) -> None:
    assert GitCheckout(checkout).head_commit() == git(checkout, "rev-parse", "HEAD")
    assert GitCheckout(checkout / "registry").head_commit() == git(checkout, "rev-parse", "HEAD")


def test_files_that_no_commit_holds_have_no_commit(checkout: Path) -> None:
    (checkout / "registry" / "registry.yaml").write_text("schema: 2\n")
    assert GitCheckout(checkout).head_commit() is None
    git(checkout, "add", ".")
    assert GitCheckout(checkout).head_commit() is None
    git(checkout, "commit", "-qm", "second")
    assert GitCheckout(checkout).head_commit() is not None
    (checkout / "registry" / "new.yaml").write_text("")
    assert GitCheckout(checkout).head_commit() is None


def test_ignored_files_and_those_of_other_folders_do_not_count(checkout: Path) -> None:
    (checkout / "root.pem").write_text("")
    assert GitCheckout(checkout).head_commit() is not None
    (checkout / "notes.txt").write_text("two\n")
    assert GitCheckout(checkout / "registry").head_commit() is not None
    assert GitCheckout(checkout).head_commit() is None


def test_what_is_no_repository_has_no_commit(tmp_path: Path) -> None:
    assert GitCheckout(tmp_path).head_commit() is None
    assert GitCheckout(tmp_path / "nowhere").head_commit() is None


def test_a_repository_without_commits_has_no_commit(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    assert GitCheckout(tmp_path).head_commit() is None


def test_without_git_there_is_no_answer(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(checkout / "empty"))
    assert GitCheckout(checkout).head_commit() is None
    assert not GitCheckout(checkout).would_track(checkout / "notes.txt")


def test_asking_writes_nothing(checkout: Path) -> None:
    index = checkout / ".git" / "index"
    before = index.read_bytes()
    os.utime(checkout / "notes.txt", (1, 1))
    assert GitCheckout(checkout).head_commit() is not None
    assert index.read_bytes() == before


@pytest.mark.parametrize("option", ["core.fsmonitor", "core.hooksPath"])
def test_asking_runs_no_program_of_the_repository(checkout: Path, option: str) -> None:
    hooks = checkout / ".git" / "hooks"
    hooks.mkdir(exist_ok=True)
    hook = hooks / "fsmonitor-watchman"
    hook.write_text(f"#!/bin/sh\ntouch '{checkout}/.git/was-run'\n")
    hook.chmod(0o755)
    git(checkout, "config", option, str(hook if option == "core.fsmonitor" else hooks))
    assert GitCheckout(checkout).head_commit() is not None
    assert not (checkout / ".git" / "was-run").exists()


@pytest.mark.parametrize(
    ("name", "tracked"),
    [
        ("notes.txt", True),
        ("new.txt", True),
        ("registry/deep/er/new.txt", True),
        ("root.pem", False),
        ("registry/root.pem", False),
        ("keys/anything", False),
        ("-q", True),
        ("registry/../root.pem", False),
        ("../outside.txt", False),
    ],
)
def test_git_takes_what_is_inside_and_not_ignored(checkout: Path, name: str, tracked: bool) -> None:
    for folder in (checkout, checkout / "registry"):
        assert GitCheckout(folder).would_track(checkout / name) is tracked


def test_a_path_through_a_link_is_the_path_it_leads_to(checkout: Path) -> None:
    link = checkout.parent / "link"
    link.symlink_to(checkout, target_is_directory=True)
    assert GitCheckout(checkout).would_track(link / "notes.txt")
    assert not GitCheckout(link).would_track(link / "root.pem")


def test_a_relative_path_is_relative_to_here(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(checkout / "registry")
    here = checkout.relative_to(checkout)
    assert GitCheckout(checkout).would_track(here / "new.txt")
    assert not GitCheckout(checkout).would_track(here / "root.pem")


def test_without_a_repository_nothing_is_tracked(tmp_path: Path) -> None:
    assert not GitCheckout(tmp_path).would_track(tmp_path / "root.pem")


def test_a_copy_that_git_ignores_is_of_no_commit(tmp_path: Path) -> None:
    for arguments in (["init", "-q"], ["config", "user.email", "a@example.com"], ["config", "user.name", "A"]):
        subprocess.run(["git", *arguments], cwd=tmp_path, check=True)
    (tmp_path / ".gitignore").write_text("copy/\n", "utf-8")
    subprocess.run(["git", "add", "."], cwd=tmp_path, check=True)
    subprocess.run(["git", "commit", "-qm", "first"], cwd=tmp_path, check=True)
    (tmp_path / "copy").mkdir()
    assert GitCheckout(tmp_path).head_commit() is not None
    assert GitCheckout(tmp_path / "copy").head_commit() is None


def test_folders_have_the_ids_of_their_trees_as_long_as_they_hold_what_head_holds(checkout: Path) -> None:
    trees = GitCheckout(checkout).trees_of("registry")
    assert trees == (git(checkout, "rev-parse", "HEAD:registry"),)
    (checkout / "notes.txt").write_text("two\n")
    assert GitCheckout(checkout).trees_of("registry") == trees
    (checkout / "registry" / "new.yaml").write_text("")
    assert GitCheckout(checkout).trees_of("registry") is None
    assert GitCheckout(checkout).trees_of("registry", is_clean=True) == trees


def test_a_folder_that_no_commit_holds_has_no_tree(checkout: Path, tmp_path: Path) -> None:
    assert GitCheckout(checkout).trees_of("registry", "no-such-folder") is None
    assert GitCheckout(tmp_path).trees_of("registry") is None


def test_a_commit_counts_as_fetched_only_after_a_fetch_that_found_it(checkout: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "-q", str(checkout), "copy")
    copy = tmp_path / "copy"
    assert GitCheckout(copy).fetched_commit() is None
    git(copy, "fetch", "-q", "origin", "HEAD")
    assert GitCheckout(copy).fetched_commit() == git(checkout, "rev-parse", "HEAD")
    with pytest.raises(subprocess.CalledProcessError):
        git(copy, "fetch", "-q", "origin", "refs/heads/no-such-branch")
    assert GitCheckout(copy).fetched_commit() is None


class TestNamesOfContent:
    def test_files_that_git_ignores_count_as_changes(self, checkout: Path) -> None:
        registry = GitCheckout(checkout / "registry")
        before = registry.content_names()
        assert before.keys() == {"registry.yaml"}
        (checkout / "registry" / "root.pem").write_text("")
        (checkout / "root.pem").write_text("")
        assert registry.content_names() == {**before, "root.pem": ""}

    def test_what_is_known_to_be_clean_is_not_compared(self, checkout: Path) -> None:
        before = GitCheckout(checkout / "registry").content_names()
        (checkout / "registry" / "registry.yaml").write_text("schema: 2\n")
        assert GitCheckout(checkout / "registry").content_names() == {"registry.yaml": ""}
        clean = GitCheckout(checkout / "registry", is_clean=True)
        assert clean.content_names() == before
        assert clean.head_commit() == git(checkout, "rev-parse", "HEAD")

    def test_files_elsewhere_do_not_count(self, checkout: Path) -> None:
        before = GitCheckout(checkout / "registry").content_names()
        (checkout / "notes.txt").write_text("two\n")
        assert GitCheckout(checkout / "registry").content_names() == before

    def test_where_git_does_not_answer_there_are_none(
        self, checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        folder = tmp_path / "no repository"
        folder.mkdir()
        assert GitCheckout(folder).content_names() == {}
        assert GitCheckout(folder, is_clean=True).content_names() == {}
        monkeypatch.setenv("PATH", str(checkout / "empty"))
        for is_clean in (True, False):
            assert GitCheckout(checkout / "registry", is_clean=is_clean).content_names() == {}
            impatient = GitCheckout(checkout / "registry", timeout_s=0, is_clean=is_clean)
            assert impatient.content_names() == {}
