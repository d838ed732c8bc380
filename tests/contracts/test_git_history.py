"""Every `GitHistory` answers alike: the real one over repositories made here, and the one that tests use elsewhere."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import pytest

from history_in_memory import HistoryInMemory
from pluginry.adapters.git_history import GitCheckout

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pluginry.ports import GitHistory

AUTHOR = ("-c", "user.name=Ann", "-c", "user.email=ann@example.com", "-c", "commit.gpgsign=false")
PLUGIN = "plugins/acme/demo"
NOWHERE = "f" * 40


class Line(Protocol):
    """A folder with a history that grows by one commit after the other."""

    folder: Path

    @property
    def history(self) -> GitHistory: ...

    def commit(self) -> str: ...


@dataclass
class InGit:
    folder: Path
    history: GitHistory

    def commit(self) -> str:
        for arguments in (["add", "-A", "."], ["commit", "-qm", "next", "--allow-empty"]):
            subprocess.run(["git", *AUTHOR, *arguments], cwd=self.folder, check=True)
        return self.history.head_commit() or ""


@dataclass
class InMemory:
    folder: Path
    history: HistoryInMemory

    def commit(self) -> str:
        return self.history.commit()


@pytest.fixture(params=["git", "memory"])
def line(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Line:
    folder = tmp_path / "checkout" / "registry"
    folder.mkdir(parents=True)
    if request.param == "memory":
        return InMemory(folder, HistoryInMemory(folder))
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "no-such-file"))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    subprocess.run(["git", "init", "-q"], cwd=folder.parent, check=True)
    return InGit(folder, GitCheckout(folder))


@pytest.fixture
def write(line: Line) -> Callable[[str, str], None]:
    def write(name: str, text: str) -> None:
        path = line.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")

    return write


def written(line: Line, commit: str, into: Path, *, max_bytes: int = 1000) -> dict[str, str] | None:
    into.mkdir()
    if not line.history.write_folder(commit, PLUGIN, into, max_bytes=max_bytes):
        return None
    return {path.relative_to(into).as_posix(): path.read_text("utf-8") for path in into.rglob("*") if path.is_file()}


def test_without_commits_there_is_no_history(line: Line) -> None:
    assert not line.history.is_complete()
    assert line.history.commits_of(PLUGIN, limit=9) == ()


def test_the_commits_of_a_folder_are_those_that_changed_it(line: Line, write: Callable[[str, str], None]) -> None:
    write("registry.yaml", "schema: 1\n")
    before = line.commit()
    write(f"{PLUGIN}/listing.yaml", "one\n")
    first = line.commit()
    write("plugins/acme/demo-2/listing.yaml", "other\n")
    other = line.commit()
    write(f"{PLUGIN}/listing.yaml", "two\n")
    second = line.commit()
    assert line.history.head_commit() == second
    assert line.history.commits_of(PLUGIN, limit=9) == (second, first)
    assert line.history.commits_of(PLUGIN, limit=1) == (second,)
    assert line.history.commits_of("plugins/acme/none", limit=9) == ()
    assert line.history.is_complete()
    positions = [line.history.position_of(commit) for commit in (before, first, other, second)]
    assert positions == sorted(set(positions))


def test_a_folder_comes_back_as_it_was(line: Line, write: Callable[[str, str], None], tmp_path: Path) -> None:
    write(f"{PLUGIN}/listing.yaml", "one\n")
    write(f"{PLUGIN}/source/1.0.0/deep/er.txt", "deep\n")
    first = line.commit()
    write(f"{PLUGIN}/listing.yaml", "two\n")
    (line.folder / PLUGIN / "source/1.0.0/deep/er.txt").unlink()
    second = line.commit()
    assert written(line, first, tmp_path / "a") == {"listing.yaml": "one\n", "source/1.0.0/deep/er.txt": "deep\n"}
    assert written(line, second, tmp_path / "b") == {"listing.yaml": "two\n"}


def test_what_was_not_there_does_not_come_back(line: Line, write: Callable[[str, str], None], tmp_path: Path) -> None:
    write("registry.yaml", "schema: 1\n")
    before = line.commit()
    assert written(line, before, tmp_path / "a") is None
    assert written(line, NOWHERE, tmp_path / "b") is None
    assert written(line, "", tmp_path / "c") is None


def test_what_is_too_large_does_not_come_back(line: Line, write: Callable[[str, str], None], tmp_path: Path) -> None:
    write(f"{PLUGIN}/listing.yaml", "x" * 600)
    write(f"{PLUGIN}/README.md", "x" * 400)
    commit = line.commit()
    assert written(line, commit, tmp_path / "a", max_bytes=999) is None
    assert written(line, commit, tmp_path / "b", max_bytes=1000) is not None


def test_a_folder_with_a_link_does_not_come_back(line: Line, write: Callable[[str, str], None], tmp_path: Path) -> None:
    write(f"{PLUGIN}/listing.yaml", "one\n")
    (line.folder / PLUGIN / "README.md").symlink_to(tmp_path / "secret")
    assert written(line, line.commit(), tmp_path / "a") is None


def test_content_has_the_same_name_as_long_as_it_is_the_same(line: Line, write: Callable[[str, str], None]) -> None:
    write("registry.yaml", "schema: 1\n")
    write("hosts/shell.yaml", "schema: 1\n")
    write("namespaces/acme.yaml", "schema: 1\n")
    write("plugins/acme/other/listing.yaml", "one\n")
    write(f"{PLUGIN}/releases/1.0.0.yaml", "one\n")
    assert not any(line.history.content_names().values())
    line.commit()
    first = names_of(line)
    assert first.keys() == {"registry.yaml", "hosts", "namespaces/acme.yaml", "plugins/acme/other", PLUGIN}
    assert all(first.values())
    write(f"{PLUGIN}/releases/1.0.0.yaml", "two\n")
    write("hosts/new.yaml", "schema: 1\n")
    write("plugins/acme/new/listing.yaml", "new\n")
    assert names_of(line) == {**first, PLUGIN: "", "hosts": "", "plugins/acme/new": ""}
    (line.folder / "plugins/acme/new/listing.yaml").unlink()
    (line.folder / "hosts/new.yaml").unlink()
    line.commit()
    second = names_of(line)
    assert {path for path in second if second[path] != first[path]} == {PLUGIN}
    write(f"{PLUGIN}/releases/1.0.0.yaml", "one\n")
    (line.folder / "namespaces/acme.yaml").unlink()
    assert names_of(line) == {**second, PLUGIN: "", "namespaces/acme.yaml": ""}
    line.commit()
    assert names_of(line) == {path: name for path, name in first.items() if path != "namespaces/acme.yaml"}


def test_names_that_look_like_options_or_hold_odd_characters_have_names(
    line: Line, write: Callable[[str, str], None]
) -> None:
    odd = ("plugins/--all/-x", "plugins/acme/wörd", 'plugins/ac me/quo"te')
    for folder in odd:
        write(f"{folder}/listing.yaml", "one\n")
    line.commit()
    before = names_of(line)
    assert before.keys() == {*odd}
    for folder in odd:
        write(f"{folder}/other.yaml", "two\n")
    assert names_of(line) == dict.fromkeys(odd, "")


def names_of(line: Line) -> dict[str, str]:
    """Return the names but for those of the two folders whose parts have their own."""
    names = line.history.content_names()
    return {path: name for path, name in names.items() if path not in ("plugins", "namespaces")}
