"""Commits as data: what differs, what is there, and that nothing of a repository comes to life or is written."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from builders import LEFT_OUT
from pluginry.adapters.git_commits import GitCommits
from pluginry.errors import TransportError, UsageError
from pull_requests import Forge, Link, Submodule

if TYPE_CHECKING:
    from pathlib import Path

FILES = {"/a.txt": "one\n", "/folder/b.txt": "two\n", "/folder/deep/c.txt": "name: three\n"}


@pytest.fixture
def forge(tmp_path: Path) -> Forge:
    repository = tmp_path / "forge.git"
    subprocess.run(["git", "init", "--quiet", "--bare", str(repository)], check=True, capture_output=True)
    forge = Forge(repository)
    forge.main = forge.commit(FILES, parent=None)
    return forge


@pytest.fixture
def commits(forge: Forge) -> GitCommits:
    return GitCommits(forge.folder)


def test_a_commit_is_known_by_every_name_it_has(forge: Forge, commits: GitCommits) -> None:
    assert commits.commit_of(forge.main) == forge.main
    assert commits.commit_of("made-0") == forge.main


@pytest.mark.parametrize("name", ["none", "--all", "-h", "", "ab" * 20, "HEAD:a.txt", "a\nb"])
def test_what_is_no_commit_is_refused(commits: GitCommits, name: str) -> None:
    with pytest.raises(UsageError):
        commits.commit_of(name)


def test_differences_name_what_was_and_what_is(forge: Forge, commits: GitCommits) -> None:
    head = forge.branch({"/a.txt": LEFT_OUT, "/folder/b.txt": "new\n", "/l": Link("a"), "/s": Submodule()})
    found = {one.path: one for one in commits.differences(forge.main, head, limit=10)}
    assert found.keys() == {"a.txt", "folder/b.txt", "l", "s"}
    assert found["a.txt"].after is None
    assert found["a.txt"].before is not None
    after = [found[name].after for name in ("folder/b.txt", "l", "s")]
    assert [one.mode for one in after if one] == ["100644", "120000", "160000"]
    assert [one.is_plain for one in after if one] == [True, False, False]


def test_no_more_differences_are_listed_than_asked_for(forge: Forge, commits: GitCommits) -> None:
    head = forge.branch({f"/many/{number}": "x" for number in range(50)})
    assert len(commits.differences(forge.main, head, limit=7)) == 7


def test_a_file_that_moved_went_and_came(forge: Forge, commits: GitCommits) -> None:
    head = forge.branch({"/a.txt": LEFT_OUT, "/z.txt": "one\n"})
    assert [one.path for one in commits.differences(forge.main, head, limit=9)] == ["a.txt", "z.txt"]


def test_names_are_never_patterns(forge: Forge, commits: GitCommits) -> None:
    head = forge.branch({"/*": "star\n", "/:(top)x": "magic\n", "/-x": "option\n"})
    found = commits.entries(head, ["*", ":(top)x", "-x", "folder", "none"])
    assert found.keys() == {"*", ":(top)x", "-x"}


def test_names_that_are_no_text_are_carried_through(forge: Forge, commits: GitCommits) -> None:
    head = forge.branch({"/\udcff\n\t": "x"})
    (found,) = commits.differences(forge.main, head, limit=9)
    assert found.path == "\udcff\n\t"
    assert commits.entries(head, [found.path]).keys() == {found.path}


def test_what_is_below_a_folder(forge: Forge, commits: GitCommits) -> None:
    assert [entry.path for entry in commits.below(forge.main, "folder")] == ["folder/b.txt", "folder/deep/c.txt"]
    assert commits.below(forge.main, "none") == ()
    assert commits.names_in(forge.main, "folder") == ("deep",)
    assert commits.names_in(forge.main, "none", depth=2) == ()


def test_folders_are_named_at_every_depth(forge: Forge, commits: GitCommits) -> None:
    head = forge.branch({f"/p/{letter}/{number}/f": "x" for letter in "ab" for number in "12"})
    assert commits.names_in(head, "p", depth=2) == ("a/1", "a/2", "b/1", "b/2")


def test_sizes_and_contents_are_those_of_the_blobs(forge: Forge, commits: GitCommits) -> None:
    blobs = [entry.blob for entry in commits.below(forge.main, "folder")]
    assert sorted(commits.contents(blobs).values()) == [b"name: three\n", b"two\n"]
    assert sorted(commits.sizes(blobs).values()) == [4, 12]
    assert commits.contents([]) == {}
    assert commits.sizes([]) == {}


def test_a_missing_blob_is_no_content(commits: GitCommits) -> None:
    with pytest.raises(TransportError):
        commits.contents(["ab" * 20])


def test_lines_are_found_whatever_their_case(forge: Forge, commits: GitCommits) -> None:
    assert commits.mentions(forge.main, ["NAME: "], "folder/*/*.txt") == (("folder/deep/c.txt", "name: three"),)
    assert commits.mentions(forge.main, ["-e", "--"], "**") == ()
    assert commits.mentions(forge.main, [], "**") == ()


def test_where_branches_parted(forge: Forge, commits: GitCommits) -> None:
    head = forge.branch({"/x": "1"})
    forge.merge(forge.branch({"/y": "1"}))
    assert commits.merge_bases(forge.main, head) == (forge.git("rev-parse", "made-0").decode().strip(),)
    assert commits.merge_bases(forge.main, forge.commit({"/x": "1"}, parent=None)) == ()


def test_a_shallow_clone_says_what_it_lacks(forge: Forge, tmp_path: Path) -> None:
    head = forge.branch({"/x": "1"})
    forge.merge(forge.branch({"/y": "1"}))
    clone = tmp_path / "clone"
    options = ["--quiet", "--bare", "--depth=1", "--no-single-branch"]
    subprocess.run(["git", "clone", *options, forge.folder.as_uri(), str(clone)], check=True, capture_output=True)
    with pytest.raises(TransportError) as failure:
        GitCommits(clone).merge_bases(forge.main, head)
    assert "fetch-depth" in failure.value.hint


def test_what_is_no_repository_is_no_answer(tmp_path: Path) -> None:
    with pytest.raises(TransportError):
        GitCommits(tmp_path).below("ab" * 20, "x")


def test_nothing_is_written_to_the_repository(forge: Forge, commits: GitCommits) -> None:
    head = forge.branch({"/x": "1", "/.gitattributes": "* filter=evil diff=evil merge=evil\n"})
    before = sorted((path, path.stat().st_mtime_ns) for path in forge.folder.rglob("*"))
    commits.differences(forge.main, head, limit=9)
    commits.contents(entry.blob for entry in commits.below(head, "folder"))
    commits.mentions(head, ["two"], "**")
    assert sorted((path, path.stat().st_mtime_ns) for path in forge.folder.rglob("*")) == before


def test_programs_that_the_repository_configures_are_not_started(forge: Forge, commits: GitCommits) -> None:
    trace = forge.folder.parent / "ran"
    forge.git("config", "diff.evil.textconv", f"touch {trace};cat")
    forge.git("config", "diff.evil.command", f"touch {trace}")
    head = forge.branch({"/.gitattributes": "* diff=evil\n", "/a.txt": "name\n"})
    commits.differences(forge.main, head, limit=9)
    commits.mentions(head, ["name"], "**")
    assert not trace.exists()
