from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from pluginry.adapters.git_source import GitSource
from pluginry.errors import DocumentError, NotFoundError, TransportError
from pluginry.model.release import Source

if TYPE_CHECKING:
    from pathlib import Path

MIB = 1 << 20


class Repository:
    """A git repository of a stranger, on this disk."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        self.git("init", "--quiet", "--initial-branch=main")

    @property
    def url(self) -> str:
        return self.folder.as_uri()

    def git(self, *arguments: str) -> str:
        variables = {
            "PATH": os.environ["PATH"],
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_AUTHOR_NAME": "a",
            "GIT_AUTHOR_EMAIL": "a@example.com",
            "GIT_COMMITTER_NAME": "a",
            "GIT_COMMITTER_EMAIL": "a@example.com",
        }
        done = subprocess.run(
            ["git", *arguments], cwd=self.folder, env=variables, check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    def write(self, name: str, content: str, *, executable: bool = False) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
        path.chmod(0o755 if executable else 0o644)

    def commit(self) -> str:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message=change", "--no-verify")
        return self.git("rev-parse", "HEAD")


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    repository = Repository(tmp_path / "upstream")
    repository.write("README.md", "Read me.\n")
    repository.write("plugin/plugin.yaml", "schema: 1\n")
    repository.write("plugin/bin/run", "#!/bin/sh\n", executable=True)
    return repository


def _fetch(tmp_path: Path, source: Source, *, max_bytes: int = MIB) -> Path:
    into = tmp_path / "into"
    into.mkdir()
    return GitSource(unsafe_allow_file_protocol=True).fetch(source, into, expected=None, max_bytes=max_bytes)


def _names(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_a_folder_at_a_commit_is_brought_here(tmp_path: Path, repository: Repository) -> None:
    commit = repository.commit()
    repository.write("plugin/plugin.yaml", "schema: 2\n")
    repository.commit()

    tree = _fetch(tmp_path, Source(git=repository.url, commit=commit, subdir="plugin"))

    assert _names(tree) == ["bin/run", "plugin.yaml"]
    assert (tree / "plugin.yaml").read_text() == "schema: 1\n"
    assert os.access(tree / "bin/run", os.X_OK)


@pytest.mark.parametrize("subdir", ["", "."])
def test_the_whole_commit_can_be_meant(tmp_path: Path, repository: Repository, subdir: str) -> None:
    tree = _fetch(tmp_path, Source(git=repository.url, commit=repository.commit(), subdir=subdir))

    assert _names(tree) == ["README.md", "plugin/bin/run", "plugin/plugin.yaml"]


def test_no_filter_attribute_or_hook_of_the_repository_comes_to_life(tmp_path: Path, repository: Repository) -> None:
    repository.write("plugin/.gitattributes", "*.yaml text eol=crlf export-ignore ident\n*.txt export-subst\n")
    repository.write("plugin/version.txt", "$Format:%H$ $Id$\n")
    commit = repository.commit()

    tree = _fetch(tmp_path, Source(git=repository.url, commit=commit, subdir="plugin"))

    assert (tree / "plugin.yaml").read_bytes() == b"schema: 1\n"
    assert (tree / "version.txt").read_text() == "$Format:%H$ $Id$\n"


def test_the_configuration_of_the_user_is_not_asked(
    tmp_path: Path, repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = repository.commit()
    (tmp_path / "home").mkdir()
    (tmp_path / "home/.gitconfig").write_text(f'[url "file:///nowhere"]\n\tinsteadOf = {repository.url}\n')
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", "core.pager")
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", "false")

    assert _names(_fetch(tmp_path, Source(git=repository.url, commit=commit, subdir="plugin")))


def test_links_are_refused(tmp_path: Path, repository: Repository) -> None:
    (repository.folder / "plugin/link").symlink_to("../../../etc/passwd")
    commit = repository.commit()

    with pytest.raises(DocumentError, match="no links"):
        _fetch(tmp_path, Source(git=repository.url, commit=commit, subdir="plugin"))


def test_a_link_outside_of_the_wanted_folder_is_no_harm(tmp_path: Path, repository: Repository) -> None:
    (repository.folder / "link").symlink_to("/etc/passwd")
    commit = repository.commit()

    assert _names(_fetch(tmp_path, Source(git=repository.url, commit=commit, subdir="plugin")))


def test_submodules_are_refused(tmp_path: Path, repository: Repository) -> None:
    commit = repository.commit()
    repository.git("update-index", "--add", "--cacheinfo", f"160000,{commit},plugin/module")
    repository.git("commit", "--quiet", "--message=module")

    with pytest.raises(DocumentError, match="submodules"):
        _fetch(tmp_path, Source(git=repository.url, commit=repository.git("rev-parse", "HEAD"), subdir="plugin"))


@pytest.mark.parametrize("name", ["aux.txt", "a\\b", "a:b", "tail."])
def test_unsafe_names_are_refused(tmp_path: Path, repository: Repository, name: str) -> None:
    blob = repository.git("hash-object", "-w", "README.md")
    repository.commit()
    repository.git("update-index", "--add", "--cacheinfo", f"100644,{blob},plugin/{name}")
    repository.git("commit", "--quiet", "--message=name")

    with pytest.raises(DocumentError, match="unsafe name"):
        _fetch(tmp_path, Source(git=repository.url, commit=repository.git("rev-parse", "HEAD"), subdir="plugin"))


@pytest.mark.parametrize("subdir", ["missing", "README.md/x", "../up", "/", "a//b"])
def test_a_folder_that_is_not_there_is_not_found(tmp_path: Path, repository: Repository, subdir: str) -> None:
    with pytest.raises(NotFoundError):
        _fetch(tmp_path, Source(git=repository.url, commit=repository.commit(), subdir=subdir))


def test_a_commit_that_is_not_there_is_not_found(tmp_path: Path, repository: Repository) -> None:
    repository.commit()

    with pytest.raises(NotFoundError, match="no commit"):
        _fetch(tmp_path, Source(git=repository.url, commit="1" * 40))


def test_a_repository_that_is_not_there_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="no such repository"):
        _fetch(tmp_path, Source(git=(tmp_path / "nowhere").as_uri(), commit="1" * 40))


@pytest.mark.parametrize("commit", ["main", "HEAD", "v1.0.0", "1" * 39, "--upload-pack=touch x", "1" * 40 + "\n"])
def test_only_full_commit_ids_are_taken(tmp_path: Path, repository: Repository, commit: str) -> None:
    repository.commit()

    with pytest.raises(TransportError, match="full commit id"):
        _fetch(tmp_path, Source(git=repository.url, commit=commit))


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/a.git",
        "ssh://example.com/a.git",
        "git://example.com/a.git",
        "ext::sh -c touch% x",
        "/etc",
        "https://user:secret@example.com/a.git",
    ],
)
def test_only_https_without_credentials_is_spoken(tmp_path: Path, url: str) -> None:
    with pytest.raises(TransportError) as caught:
        _fetch(tmp_path, Source(git=url, commit="1" * 40))

    assert "secret" not in str(caught.value)


def test_files_on_this_machine_are_refused_unless_a_test_asks(tmp_path: Path, repository: Repository) -> None:
    with pytest.raises(TransportError):
        GitSource().fetch(
            Source(git=repository.url, commit=repository.commit()), tmp_path, expected=None, max_bytes=MIB
        )


def test_a_tree_may_be_too_large(tmp_path: Path, repository: Repository) -> None:
    repository.write("plugin/data", "x" * 5000)

    with pytest.raises(TransportError, match="larger"):
        _fetch(tmp_path, Source(git=repository.url, commit=repository.commit(), subdir="plugin"), max_bytes=1000)


def test_one_large_file_in_many_places_counts_each_time(tmp_path: Path, repository: Repository) -> None:
    for number in range(10):
        repository.write(f"plugin/copy{number}", "x" * 500)

    with pytest.raises(TransportError, match="larger"):
        _fetch(tmp_path, Source(git=repository.url, commit=repository.commit(), subdir="plugin"), max_bytes=1000)
