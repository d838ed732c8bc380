from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from pluginry.adapters.ledger_branch import LedgerBranch
from pluginry.errors import AuthError, PublishConflictError, TransportError, UsageError

if TYPE_CHECKING:
    from pathlib import Path

AUTHOR = ("-c", "user.name=Ann", "-c", "user.email=ann@example.com", "-c", "commit.gpgsign=false")
BRANCH = "ledger"
ONE, TWO, THREE = '{"n":1}\n', '{"n":2}\n', '{"n":3}\n'


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *AUTHOR, *arguments], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture(autouse=True)
def _only_these_repositories(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "no-such-file"))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))


@pytest.fixture
def origin(tmp_path: Path) -> Path:
    """Return a bare repository whose branch ``main`` holds claims, and ignores what is proved."""
    folder, work = tmp_path / "origin.git", tmp_path / "first"
    git(tmp_path, "init", "-q", "--bare", "-b", "main", str(folder))
    git(tmp_path, "clone", "-q", str(folder), str(work))
    (work / "registry").mkdir()
    (work / "registry" / "registry.yaml").write_text("schema: 1\n")
    (work / "index" / "trust").mkdir(parents=True)
    (work / "index" / "trust" / "policy.json").write_text("{}\n")
    (work / ".gitignore").write_text("/index/ledger\n/index/revocations.jsonl\n")
    git(work, "add", ".")
    git(work, "commit", "-qm", "first")
    git(work, "push", "-q", "origin", "HEAD:main")
    return folder


def checkout(origin: Path, name: str) -> Path:
    git(origin.parent, "clone", "-q", "--depth", "1", origin.as_uri(), str(origin.parent / name))
    return origin.parent / name


def file_of(work: Path, namespace: str = "acme") -> Path:
    return work / "index" / "ledger" / namespace / "demo.jsonl"


def append(work: Path, lines: str, namespace: str = "acme") -> None:
    file_of(work, namespace).parent.mkdir(parents=True, exist_ok=True)
    with file_of(work, namespace).open("a") as stream:
        stream.write(lines)


def revoke(work: Path, lines: str) -> None:
    (work / "index" / "revocations.jsonl").write_text(lines)


def kept(work: Path, branch: str = BRANCH) -> LedgerBranch:
    return LedgerBranch(folder=work / "index", branch=branch)


def at_origin(origin: Path, namespace: str = "acme") -> str:
    return git(origin, "show", f"{BRANCH}:index/ledger/{namespace}/demo.jsonl") + "\n"


def test_what_is_proved_goes_to_a_branch_that_holds_nothing_else(origin: Path) -> None:
    main = git(origin, "rev-parse", "main")
    work = checkout(origin, "work")
    append(work, ONE)
    append(work, ONE, "other")
    revoke(work, ONE)
    (work / "index" / "trust" / "policy.json").write_text('{"instance":"mine"}\n')
    (work / "index" / "notes.txt").write_text("new\n")
    (work / "registry" / "new.yaml").write_text("new\n")
    git(work, "add", "registry/new.yaml")
    kept(work).push()
    files = git(origin, "ls-tree", "-r", "--name-only", BRANCH).splitlines()
    assert files == ["index/ledger/acme/demo.jsonl", "index/ledger/other/demo.jsonl", "index/revocations.jsonl"]
    assert git(origin, "log", "-1", "--format=%an <%ae>%n%s", BRANCH) == (
        f"pluginry <pluginry@localhost>\nWhat was proved of {main}"
    )
    assert git(origin, "rev-parse", "main") == git(work, "rev-parse", "HEAD") == main
    assert git(work, "diff", "--cached", "--name-only") == "registry/new.yaml"


def test_the_next_run_takes_it_and_goes_on_from_there(origin: Path) -> None:
    first, second = checkout(origin, "one"), checkout(origin, "two")
    append(first, ONE)
    revoke(first, ONE)
    kept(first).push()
    kept(second).take()
    assert file_of(second).read_text() == ONE
    assert (second / "index" / "revocations.jsonl").read_text() == ONE
    append(second, TWO)
    kept(second).push()
    assert at_origin(origin) == ONE + TWO
    assert git(origin, "rev-list", "--count", BRANCH) == "2"


def test_nothing_new_makes_no_commit(origin: Path) -> None:
    work = checkout(origin, "work")
    append(work, ONE)
    kept(work).push()
    kept(work).push()
    assert git(origin, "rev-list", "--count", BRANCH) == "1"


def test_without_a_branch_there_is_nothing_to_take(origin: Path) -> None:
    work = checkout(origin, "work")
    append(work, ONE)
    kept(work).take()
    assert file_of(work).read_text() == ONE


def test_a_ledger_that_is_in_the_main_branch_too_is_brought_up_to_date(origin: Path) -> None:
    work, later = checkout(origin, "work"), checkout(origin, "later")
    append(work, ONE + TWO)
    kept(work).push()
    append(later, ONE)
    append(later, ONE, "new")
    kept(later).take()
    assert file_of(later).read_text() == ONE + TWO
    assert file_of(later, "new").read_text() == ONE


def test_what_others_pushed_meanwhile_stays_and_comes_here(origin: Path) -> None:
    publication, fast_lane = checkout(origin, "publication"), checkout(origin, "fast")
    append(publication, ONE)
    revoke(fast_lane, ONE)
    kept(publication).push()
    kept(fast_lane).push()
    assert at_origin(origin) == ONE
    assert git(origin, "show", f"{BRANCH}:index/revocations.jsonl") + "\n" == ONE
    assert file_of(fast_lane).read_text() == ONE


def test_two_who_wrote_the_same_ledger_do_not_both_win(origin: Path) -> None:
    one, other = checkout(origin, "one"), checkout(origin, "other")
    append(one, ONE + TWO)
    append(other, ONE + THREE)
    append(other, ONE, "more")
    kept(one).push()
    with pytest.raises(PublishConflictError, match="not the same here"):
        kept(other).push()
    assert at_origin(origin) == ONE + TWO
    assert file_of(other).read_text() == ONE + THREE


def test_a_branch_that_was_rewritten_is_not_taken(origin: Path) -> None:
    work, forger, later = (checkout(origin, name) for name in ("work", "forger", "later"))
    append(work, ONE + TWO)
    kept(work).push()
    append(later, ONE + TWO)
    append(forger, THREE)
    git(forger, "add", "-f", "index/ledger")
    git(forger, "commit", "-qm", "forged")
    git(forger, "push", "-q", "--force", "origin", f"HEAD:{BRANCH}")
    with pytest.raises(PublishConflictError, match="not the same here"):
        kept(later).take()
    assert file_of(later).read_text() == ONE + TWO


def test_nothing_else_that_lies_in_the_branch_is_taken(origin: Path, tmp_path: Path) -> None:
    work, forger = checkout(origin, "work"), checkout(origin, "forger")
    append(forger, ONE)
    (forger / "registry" / "registry.yaml").write_text("schema: 666\n")
    (forger / "index" / "trust" / "policy.json").write_text("forged\n")
    (tmp_path / "secret").write_text("secret\n")
    (forger / "index" / "revocations.jsonl").symlink_to(tmp_path / "secret")
    git(forger, "add", "-f", "index", "registry")
    git(forger, "commit", "-qm", "forged")
    git(forger, "push", "-q", "origin", f"HEAD:{BRANCH}")
    kept(work).take()
    assert git(work, "status", "--porcelain") == ""
    assert file_of(work).read_text() == ONE
    assert "secret\n" not in (work / "index" / "revocations.jsonl").read_text()


def test_no_hook_of_the_checkout_runs(origin: Path, tmp_path: Path) -> None:
    work = checkout(origin, "work")
    for name in ("pre-push", "reference-transaction", "post-checkout"):
        hook = work / ".git" / "hooks" / name
        hook.parent.mkdir(exist_ok=True)
        hook.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\nexit 1\n")
        hook.chmod(0o755)
    append(work, ONE)
    kept(work).push()
    assert not (tmp_path / "ran").exists()


def test_a_rule_of_the_branch_is_told_as_what_it_is(origin: Path) -> None:
    hook = origin / "hooks" / "pre-receive"
    hook.write_text("#!/bin/sh\necho protected branch hook declined: secret-of-the-server\nexit 1\n")
    hook.chmod(0o755)
    work = checkout(origin, "work")
    append(work, ONE)
    with pytest.raises(AuthError, match="not open to this run") as caught:
        kept(work).push()
    assert "secret-of-the-server" not in str(caught.value)


def test_a_remote_that_is_away_can_be_tried_again(origin: Path) -> None:
    work = checkout(origin, "work")
    git(work, "remote", "set-url", "origin", "https://user:pass@127.0.0.1:1/none.git")
    with pytest.raises(TransportError, match="cannot be reached") as caught:
        kept(work).take()
    assert "pass" not in str(caught.value)


@pytest.mark.parametrize("branch", ["", "a..b", "a:b", "a b", "a.lock", "@{-1}"])
def test_a_branch_name_is_only_a_name(origin: Path, branch: str) -> None:
    with pytest.raises(UsageError, match="cannot be called"):
        kept(checkout(origin, "work"), branch).push()


def test_a_folder_without_git_is_told_so(tmp_path: Path) -> None:
    (tmp_path / "index").mkdir()
    with pytest.raises(UsageError, match="not a git checkout"):
        kept(tmp_path).push()
