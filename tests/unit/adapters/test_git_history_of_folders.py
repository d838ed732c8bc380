"""What only git has: merges, renames, shallow clones, programs of the repository, names that no sane person chose."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from pluginry.adapters.git_history import GitCheckout
from pluginry.errors import TransportError

if TYPE_CHECKING:
    from pathlib import Path

AUTHOR = ("-c", "user.name=Ann", "-c", "user.email=ann@example.com", "-c", "commit.gpgsign=false")
PLUGIN = "plugins/acme/demo"


def git(folder: Path, *arguments: str, feed: bytes | None = None) -> str:
    done = subprocess.run(["git", *AUTHOR, *arguments], cwd=folder, check=True, capture_output=True, input=feed)
    return os.fsdecode(done.stdout).strip()


@pytest.fixture(autouse=True)
def _only_this_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "no-such-file"))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    folder = tmp_path / "checkout"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    return folder


def commit(checkout: Path, text: str, name: str = f"{PLUGIN}/listing.yaml") -> str:
    path = checkout / "registry" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    git(checkout, "add", "-A", ".")
    git(checkout, "commit", "-qm", "next")
    return git(checkout, "rev-parse", "HEAD")


def of(checkout: Path) -> GitCheckout:
    return GitCheckout(checkout / "registry")


def listing_at(checkout: Path, name: str, into: Path, folder: str = PLUGIN) -> str | None:
    into.mkdir()
    there = of(checkout).write_folder(name, folder, into, max_bytes=1 << 20)
    return (into / "listing.yaml").read_text("utf-8") if there else None


def commit_tree(checkout: Path, *entries: tuple[str, bytes], body: bytes = b"x\n") -> str:
    """Commit a plugin folder whose entries no command would make: each a mode and a name, all with the same body."""
    blob = git(checkout, "hash-object", "-w", "--stdin", feed=body)
    kinds = {"160000": f"commit {'c' * 40}"}
    lines = b"".join(f"{mode} {kinds.get(mode, f'blob {blob}')}\t".encode() + name + b"\0" for mode, name in entries)
    tree = git(checkout, "mktree", "-z", "--missing", feed=lines)
    for name in (*reversed(PLUGIN.split("/")), "registry"):
        tree = git(checkout, "mktree", feed=f"040000 tree {tree}\t{name}\n".encode())
    return git(checkout, "commit-tree", tree, "-m", "strange")


def test_a_merge_counts_as_one_change_of_the_main_line(checkout: Path, tmp_path: Path) -> None:
    first = commit(checkout, "one\n")
    git(checkout, "checkout", "-q", "-b", "request")
    inside = [commit(checkout, "never on main\n"), commit(checkout, "two\n")]
    git(checkout, "checkout", "-q", "main")
    commit(checkout, "else\n", "plugins/acme/other/listing.yaml")
    git(checkout, "merge", "-q", "--no-ff", "-m", "merge", "request")
    merge = git(checkout, "rev-parse", "HEAD")
    assert of(checkout).commits_of(PLUGIN, limit=9) == (merge, first)
    assert not set(inside) & {*of(checkout).commits_of(PLUGIN, limit=9)}
    assert listing_at(checkout, merge, tmp_path / "a") == "two\n"
    assert of(checkout).position_of(first) < of(checkout).position_of(merge)


def test_a_renamed_folder_begins_anew(checkout: Path, tmp_path: Path) -> None:
    commit(checkout, "one\n", "plugins/acme/old/listing.yaml")
    git(checkout, "mv", "registry/plugins/acme/old", "registry/plugins/acme/demo")
    git(checkout, "commit", "-qm", "rename")
    renamed = git(checkout, "rev-parse", "HEAD")
    assert of(checkout).commits_of(PLUGIN, limit=9) == (renamed,)
    assert of(checkout).commits_of("plugins/acme/old", limit=9)[0] == renamed
    assert listing_at(checkout, renamed, tmp_path / "a", "plugins/acme/old") is None


def test_a_shallow_clone_has_what_it_has_and_says_so(checkout: Path, tmp_path: Path) -> None:
    commit(checkout, "one\n")
    second = commit(checkout, "two\n")
    git(tmp_path, "clone", "-q", "--depth", "1", checkout.as_uri(), "shallow")
    shallow = of(tmp_path / "shallow")
    assert not shallow.is_complete()
    assert shallow.commits_of(PLUGIN, limit=9) == (second,)
    assert listing_at(tmp_path / "shallow", second, tmp_path / "a") == "two\n"


def test_a_folder_whose_name_is_a_pattern_is_taken_by_its_letters(checkout: Path) -> None:
    commit(checkout, "one\n")
    assert of(checkout).commits_of("plugins/*/demo", limit=9) == ()
    assert of(checkout).commits_of(":(top)registry", limit=9) == ()


def test_only_names_of_commits_are_commits(checkout: Path, tmp_path: Path) -> None:
    commit(checkout, "one\n")
    for number, name in enumerate(("HEAD", "main", "--all", "-h", "main:registry", "HEAD^{tree}")):
        assert listing_at(checkout, name, tmp_path / str(number)) is None
        assert of(checkout).position_of(name) == 0


@pytest.mark.parametrize(
    "name",
    [
        b"caf\xc3\xa9.txt",
        b"caf\xe9.txt",
        b"a\nb.txt",
        b"-rf",
        b"two  spaces",
        b"\xe2\x80\xaeexe.txt",
        b"..a",
        b"x" * 255,
    ],
)
def test_names_that_are_strange_but_lead_nowhere_come_back(checkout: Path, tmp_path: Path, name: bytes) -> None:
    strange = commit_tree(checkout, ("100644", name))
    (tmp_path / "a").mkdir()
    assert of_any(checkout).write_folder(strange, PLUGIN, tmp_path / "a", max_bytes=1000)
    assert [entry.name for entry in os.scandir(os.fsencode(tmp_path / "a"))] == [name]


@pytest.mark.parametrize("name", [b"a\\b", b"c:", b"..\\up", b"x:stream"])
def test_names_that_lead_elsewhere_on_some_system_do_not_come_back(checkout: Path, tmp_path: Path, name: bytes) -> None:
    strange = commit_tree(checkout, ("100644", name), ("100644", b"listing.yaml"))
    (tmp_path / "a").mkdir()
    assert not of_any(checkout).write_folder(strange, PLUGIN, tmp_path / "a", max_bytes=1000)
    assert not list((tmp_path / "a").iterdir())


@pytest.mark.parametrize("name", [b".", b".."])
def test_names_that_lead_out_of_the_folder_do_not_come_back(checkout: Path, tmp_path: Path, name: bytes) -> None:
    """Git itself writes no such tree, but reads one that somebody wrote by hand."""
    blob = bytes.fromhex(git(checkout, "hash-object", "-w", "--stdin", feed=b"x\n"))
    inner = git(checkout, "hash-object", "-w", "-t", "tree", "--literally", "--stdin", feed=b"100644 evil\0" + blob)
    tree = git(
        checkout,
        *("hash-object", "-w", "-t", "tree", "--literally", "--stdin"),
        feed=b"40000 " + name + b"\0" + bytes.fromhex(inner),
    )
    for part in (*reversed(PLUGIN.split("/")), "registry"):
        tree = git(checkout, "mktree", feed=f"040000 tree {tree}\t{part}\n".encode())
    strange = git(checkout, "commit-tree", tree, "-m", "strange")
    (tmp_path / "a").mkdir()
    assert not of_any(checkout).write_folder(strange, PLUGIN, tmp_path / "a", max_bytes=1000)
    assert not (tmp_path / "evil").exists()


@pytest.mark.parametrize("mode", ["120000", "160000"])
def test_links_and_other_repositories_do_not_come_back(checkout: Path, tmp_path: Path, mode: str) -> None:
    strange = commit_tree(checkout, (mode, b"README.md"), ("100644", b"listing.yaml"))
    (tmp_path / "a").mkdir()
    assert not of_any(checkout).write_folder(strange, PLUGIN, tmp_path / "a", max_bytes=1000)


def test_files_stay_programs(checkout: Path, tmp_path: Path) -> None:
    strange = commit_tree(checkout, ("100755", b"run"), ("100644", b"read"))
    (tmp_path / "a").mkdir()
    assert of_any(checkout).write_folder(strange, PLUGIN, tmp_path / "a", max_bytes=1000)
    assert os.access(tmp_path / "a" / "run", os.X_OK)
    assert not os.access(tmp_path / "a" / "read", os.X_OK)


def test_a_replaced_commit_is_what_it_was(checkout: Path, tmp_path: Path) -> None:
    first = commit(checkout, "one\n")
    second = commit(checkout, "two\n")
    git(checkout, "replace", first, second)
    assert listing_at(checkout, first, tmp_path / "a") == "one\n"


def test_configuration_of_the_repository_changes_no_answer(checkout: Path, tmp_path: Path) -> None:
    first = commit(checkout, "one\n")
    for name, value in (
        ("log.showSignature", "true"),
        ("core.quotePath", "true"),
        ("core.fsmonitor", "false; touch x"),
    ):
        git(checkout, "config", name, value)
    git(checkout, "config", "alias.rev-list", "!touch was-run")
    assert of(checkout).commits_of(PLUGIN, limit=9) == (first,)
    assert listing_at(checkout, first, tmp_path / "a") == "one\n"
    assert not (checkout / "was-run").exists()


def test_a_git_that_never_answers_is_a_matter_of_trying_again(
    checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit(checkout, "one\n")
    (tmp_path / "bin").mkdir()
    slow = tmp_path / "bin" / "git"
    slow.write_text("#!/bin/sh\nexec sleep 60\n")
    slow.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
    impatient = GitCheckout(checkout / "registry", timeout_s=0.1)
    with pytest.raises(TransportError):
        impatient.commits_of(PLUGIN, limit=9)
    assert impatient.head_commit() is None


def of_any(checkout: Path) -> GitCheckout:
    """Return the checkout seen from its registry, which need not be checked out."""
    (checkout / "registry").mkdir(exist_ok=True)
    return of(checkout)
