"""``pluginry registry init``: a registry that nobody had to type, and nothing in the way of what is there."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import pytest

from command_line import Answer, pluginry
from pluginry.publisher.load import load_registry
from pluginry.publisher.scaffold import new_files
from terminal import in_a_terminal

if TYPE_CHECKING:
    from pluginry.model.registry import Registry

NAMED = ("--name", "Acme plugins", "--summary", "Plugins for Acme")


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def start(*words: str) -> Answer:
    return pluginry("registry", "init", *words)


def files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


def registry(folder: str = ".") -> Registry:
    return load_registry(Path(folder) / "registry").registry


def test_two_answers_are_enough_for_a_registry_that_checks_out(here: Path) -> None:
    answer = start("market", *NAMED)
    assert answer.status == 0, answer.err
    written = [".gitignore", "registry/hosts/acme-plugins.yaml", "registry/registry.yaml"]
    assert answer.out.splitlines() == [f"market/{name}" for name in written]
    assert "pluginry registry add" in answer.err
    assert pluginry("check", "market/registry").out == "No findings.\n"
    assert (here / "market/.gitignore").read_text("utf-8").splitlines()[1:] == ["/.pluginry/", "/dist/", "/.dist.lock"]


def test_everything_can_be_said() -> None:
    host = ("--host-id", "mail", "--host-title", "Mail", "--host-version", "1.10.0", "--host-version", "1.9.0")
    shelves = ("--category", "Keeping spam out", "--category", "Tools")
    answer = start(*NAMED, *host, *shelves, "--runtime", "process", "--runtime", "lua", "--json")
    assert (answer.status, answer.data["host"], answer.data["written"]) == (0, "mail", True)
    found = registry()
    assert (found.config.name, found.config.summary, found.config.default_channel) == (NAMED[1], NAMED[3], "stable")
    assert [one.id for one in found.config.categories] == ["keeping-spam-out", "tools"]
    [profile] = found.hosts.values()
    assert [str(version) for version in profile.versions] == ["1.9.0", "1.10.0"]
    assert [runtime.kind for runtime in profile.runtimes] == ["process", "lua"]
    assert pluginry("check").out == "No findings.\n"


def test_a_dry_run_says_the_same_and_writes_nothing(here: Path) -> None:
    dry = start(*NAMED, "--dry-run", "--json").data
    assert files(here) == []
    assert dry | {"written": True} == start(*NAMED, "--json").data


def test_on_a_terminal_it_asks(here: Path) -> None:
    questions = [("What the marketplace", "Acme plugins"), ("What it offers", "\t"), ("What it offers", "Plugins")]
    in_a_terminal(["registry", "init"], [*questions, ("Application", "mail")])
    assert (here / "registry/hosts/mail.yaml").exists()
    assert registry().config.summary == "Plugins"


@pytest.mark.parametrize(
    "name", ["registry/registry.yaml", "registry/hosts/acme-plugins.yaml", "registry.yaml", "registry"]
)
def test_nothing_is_overwritten_and_nothing_else_is_written(here: Path, name: str) -> None:
    path = here / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("mine", "utf-8")
    before = files(here)
    assert start(*NAMED).status == 2
    assert (files(here), path.read_text("utf-8")) == (before, "mine")


def test_a_gitignore_that_is_there_stays_and_it_is_said_what_belongs_into_it(here: Path) -> None:
    (here / ".gitignore").write_text("/build/\n", "utf-8")
    answer = start(*NAMED)
    assert (answer.status, "/.pluginry/" in answer.err) == (0, True)
    assert (here / ".gitignore").read_text("utf-8") == "/build/\n"


def test_it_writes_through_no_link(here: Path) -> None:
    (here / "elsewhere").mkdir()
    (here / "market").mkdir()
    (here / "market/registry").symlink_to(here / "elsewhere")
    answer = start("market", *NAMED)
    assert (answer.status, "this is a link" in answer.err) == (2, True)
    assert files(here) == ["elsewhere", "market", "market/registry"]


@pytest.mark.parametrize(
    ("words", "status", "says"),
    [
        (("--summary", "x"), 2, "--name is missing"),
        (("--name", "x"), 2, "--summary is missing"),
        (("--name", "two\nlines", "--summary", "x"), 2, "is not a line"),
        (("--name", "\u202eevil", "--summary", "x"), 2, "is not a line"),
        ((*NAMED, "--host-title", "\x1b[2J"), 2, "is not a line"),
        ((*NAMED, "--category", ""), 2, "it is empty"),
        ((*NAMED, "--host-id", "../../etc"), 2, "--host-id: "),
        ((*NAMED, "--host-id", "con"), 2, "--host-id: "),
        ((*NAMED, "--host-version", "1.0"), 2, "--host-version"),
        ((*NAMED, "--runtime", "Not a kind"), 1, "schema.pattern"),
        ((*NAMED, "--category", "Tools", "--category", "TOOLS"), 1, "listings.category-twice"),
    ],
)
def test_what_cannot_be_written_is_refused_and_leaves_nothing(
    here: Path, words: tuple[str, ...], status: int, says: str
) -> None:
    answer = start("market", *words)
    assert (answer.status, says in answer.out + answer.err) == (status, True), answer
    assert files(here) == []


@pytest.mark.parametrize("is_there", [True, False])
def test_a_disk_that_is_full_half_way_leaves_nothing(
    here: Path, monkeypatch: pytest.MonkeyPatch, *, is_there: bool
) -> None:
    if is_there:
        (here / "market").mkdir()
    before = files(here)
    bodies: list[bytes] = []

    def filling(stream: BinaryIO, body: bytes) -> None:
        bodies.append(body)
        stream.write(body[: 10 if len(bodies) > 1 else None])
        if len(bodies) > 1:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(new_files, "_fill", filling)
    answer = start("market", *NAMED)
    assert (answer.status, "No space left" in answer.err) == (2, True)
    assert (len(bodies), files(here)) == (2, before)
