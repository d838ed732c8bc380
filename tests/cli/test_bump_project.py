"""``pluginry bump --project``: the next release of a plugin whose sources lie in the registry."""

from __future__ import annotations

import errno
import shutil
from pathlib import Path
from typing import BinaryIO

import pytest

from beginnings import FOLDER, OWNER, add, assert_refused, begin, entry, files, project
from command_line import Answer, pluginry
from pluginry.publisher.scaffold import new_files


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the current folder, with a new marketplace and a project."""
    monkeypatch.chdir(tmp_path)
    begin()
    return tmp_path


def bump(*words: str) -> Answer:
    return pluginry("bump", "--project", "hello", "--registry", "market/registry", *words)


def next_version(version: str = "0.2.0") -> None:
    manifest = Path("hello/plugin.yaml")
    manifest.write_text(manifest.read_text("utf-8").replace("version: 0.1.0", f"version: {version}"), "utf-8")
    Path("hello/new.txt").write_text("New here.\n", "utf-8")


def test_the_second_release_takes_its_sources_from_the_project_too() -> None:
    assert add(*OWNER).status == 0
    next_version()
    before = files()
    assert bump("--dry-run").status == 0
    assert files() == before
    answer = bump()
    assert answer.status == 0, answer
    sources = Path("market/registry", FOLDER, "source/0.2.0")
    assert (sources / "new.txt").read_text("utf-8") == "New here.\n"
    assert [str(version) for version in sorted(entry().releases)] == ["0.1.0", "0.2.0"]
    assert pluginry("check", "market/registry").status == 0  # it packs what is there, and compares the digests
    assert bump().status == 2


def test_sources_that_are_there_already_have_to_be_those_of_the_project() -> None:
    assert add(*OWNER).status == 0
    next_version()
    folder = Path("market/registry", FOLDER, "source/0.2.0")
    shutil.copytree("hello", folder)
    (folder / "new.txt").unlink()  # as a copy that broke off
    before = files()
    assert_refused(bump(), 2, "other sources of this version", before)
    shutil.copy("hello/new.txt", folder)
    assert bump().status == 0
    assert pluginry("check", "market/registry").status == 0


def test_nothing_is_copied_through_a_link_that_packing_leaves_out() -> None:
    Path("secret.txt").write_text("PRIVATE-KEY\n", "utf-8")
    ignored = Path("hello/.pluginryignore")
    ignored.unlink(missing_ok=True)
    ignored.symlink_to("../secret.txt")
    assert add(*OWNER).status == 0
    next_version()
    assert bump().status == 0
    assert [path for path in Path("market").rglob("*") if path.is_file() and b"PRIVATE" in path.read_bytes()] == []


def test_a_project_of_another_plugin_adds_nothing() -> None:
    assert add(*OWNER).status == 0
    project("other", "acme/other")
    before = files()
    answer = pluginry("bump", "acme/hello", "0.2.0", "--project", "other", "--registry", "market/registry")
    assert_refused(answer, 2, "not the project of acme/hello 0.2.0", before)


def test_a_release_that_cannot_be_written_leaves_no_sources(monkeypatch: pytest.MonkeyPatch) -> None:
    assert add(*OWNER).status == 0
    next_version()
    before = files()

    def full(stream: BinaryIO, body: bytes | Path) -> None:
        if isinstance(body, bytes):
            raise OSError(errno.ENOSPC, "No space left on device")
        stream.write(body.read_bytes())

    monkeypatch.setattr(new_files, "_fill", full)
    assert_refused(bump(), 2, "No space left", before)


def test_who_forgets_the_project_is_told_of_it() -> None:
    assert add(*OWNER).status == 0
    words = ("bump", "acme/hello", "--registry", "market/registry")
    before = files()
    assert_refused(pluginry(*words), 2, "name it, or pass --project", before)
    assert_refused(pluginry(*words, "0.2.0"), 2, "pass --project with the folder of the plugin", before)


def test_a_project_that_was_not_moved_on_is_told_of_its_version() -> None:
    assert add(*OWNER).status == 0
    before = files()
    assert_refused(bump(), 2, "write the next version into its plugin.yaml", before)
    assert_refused(bump("acme/hello", "0.3.0"), 2, "this is not the project of acme/hello 0.3.0", before)
