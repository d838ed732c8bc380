"""Folders as ``git cat-file --batch`` prints them."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

from pluginry.adapters.git_trees import Entry, trees_in

if TYPE_CHECKING:
    from pathlib import Path

FILE, FOLDER = bytes(range(20)), bytes(range(20, 40))


def printed(body: bytes, kind: bytes = b"tree") -> bytes:
    return b"%s %s %d\n%s\n" % (b"f" * 40, kind, len(body), body)


def test_folders_come_one_after_the_other() -> None:
    tree = b"100644 a file\0" + FILE + b"40000 folder\0" + FOLDER
    both = (Entry("a file", FILE.hex(), is_folder=False), Entry("folder", FOLDER.hex(), is_folder=True))
    assert list(trees_in(printed(tree) + printed(b"") + printed(tree))) == [both, (), both]


def test_nothing_is_in_what_is_missing_or_no_folder() -> None:
    found = trees_in(
        b"HEAD:./no such folder missing\n" + printed(b"line\n\0\n", b"blob") + printed(b"40000 x\0" + FILE)
    )
    assert list(found) == [(), (), (Entry("x", FILE.hex(), is_folder=True),)]


def test_ids_are_as_long_as_those_of_the_repository() -> None:
    name = b"f" * 64
    tree = b"100644 x\0" + bytes(32)
    assert [*trees_in(b"%s tree %d\n%s\n" % (name, len(tree), tree))] == [(Entry("x", "00" * 32, is_folder=False),)]


def test_they_are_what_git_lists(tmp_path: Path) -> None:
    def git(*arguments: str, feed: bytes = b"") -> bytes:
        return subprocess.run(["git", *arguments], cwd=tmp_path, input=feed, check=True, capture_output=True).stdout

    git("init", "-q")
    for name in ("a\nb", "wörd", "sub/inner", "z"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)
    git("add", "-A")
    tree = git("write-tree").strip()
    (found,) = trees_in(git("cat-file", "--batch", feed=tree + b"\n"))
    listed = git("ls-tree", "-z", tree.decode()).decode().split("\0")[:-1]
    assert [f"{'tree' if one.is_folder else 'blob'} {one.id}\t{one.name}" for one in found] == [
        line.partition(" ")[2] for line in listed
    ]
