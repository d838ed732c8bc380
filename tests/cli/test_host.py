"""``pluginry host``: which application a home is for, said at any time, and what is said where nobody did."""

from __future__ import annotations

import shutil
import tomllib
from typing import TYPE_CHECKING, Any

import pytest

from command_line import Shelf, pluginry

if TYPE_CHECKING:
    from pathlib import Path

UNKNOWN = "plugins of every application are taken here"


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    """One plugin is for mairust, one for oko; the home is for nothing in particular."""
    shelf = Shelf.at(tmp_path)
    shelf.market.release("acme/mail", hosts={"mairust": ">=0.5"})
    shelf.market.release("acme/watch", hosts={"oko": "*"})
    shelf.publish()
    shelf.add("--platform", "linux-aarch64")
    return shelf


def written(shelf: Shelf) -> dict[str, Any]:
    return tomllib.loads((shelf.home / "home.toml").read_text("utf-8"))


def test_it_can_be_said_after_the_source_was_added(shelf: Shelf) -> None:
    said = shelf.run("host", "mairust", "0.5.0")
    assert (said.status, said.out) == (0, "This plugin home is for mairust 0.5.0, on linux-aarch64.\n")
    assert written(shelf) == {"schema": 1, "host": "mairust", "host_version": "0.5.0", "platform": "linux-aarch64"}
    assert shelf.run("install", "acme/watch").status == 8
    assert shelf.run("install", "acme/mail").status == 0


def test_a_newer_version_of_the_application_is_said_the_same_way(shelf: Shelf) -> None:
    shelf.run("host", "mairust", "0.4.0")
    assert shelf.run("install", "acme/mail").status == 8
    shelf.run("host", "mairust", "0.6.0")
    assert shelf.run("install", "acme/mail").status == 0


def test_without_a_word_it_is_told_and_nothing_is_written(shelf: Shelf) -> None:
    assert "plugins of every application, on linux-aarch64" in shelf.run("host").out
    shelf.run("host", "mairust")
    before = written(shelf)
    assert "mairust in any version" in shelf.run("host").out
    assert shelf.run("host", "--json").data == {
        "host": "mairust",
        "host_version": None,
        "platform": "linux-aarch64",
        "incompatible": [],
    }
    assert written(shelf) == before


def test_what_is_installed_and_does_not_go_with_it_is_named_and_stays(shelf: Shelf) -> None:
    shelf.run("install", "acme/watch")
    said = shelf.run("host", "mairust", "0.5.0")
    assert "acme/watch is installed and is not for mairust" in said.out
    assert [one["id"] for one in shelf.run("list", "--json").data] == ["acme/watch"]


def test_a_home_can_be_for_every_application_again(shelf: Shelf) -> None:
    shelf.run("host", "mairust", "0.5.0")
    assert shelf.run("host", "--any").status == 0
    assert "host" not in written(shelf)
    assert shelf.run("host", "mairust", "--any").status == 2


def test_another_platform_leaves_the_host_alone(shelf: Shelf) -> None:
    shelf.run("host", "mairust", "0.5.0")
    shelf.run("host", "--platform", "windows-x86_64")
    assert written(shelf) == {"schema": 1, "host": "mairust", "host_version": "0.5.0", "platform": "windows-x86_64"}


def test_it_can_be_said_where_no_marketplace_can_be_read(shelf: Shelf) -> None:
    shutil.rmtree(shelf.home / "sources")
    assert shelf.run("host", "mairust", "0.5.0").status == 0
    assert written(shelf)["host"] == "mairust"


def test_a_name_that_no_marketplace_knows_is_pointed_out(shelf: Shelf, tmp_path: Path) -> None:
    assert "no marketplace here has plugins for mairst" in shelf.run("host", "mairst").err
    assert "no marketplace here has plugins for mairst" in shelf.run("search", "--host", "mairst").err
    assert pluginry("host", "mairst", home=tmp_path / "new").err == ""


@pytest.mark.parametrize("words", [("Not A Name",), ("mairust", "0.5"), ("--platform", "amiga")])
def test_what_is_no_name_version_or_platform_is_refused(shelf: Shelf, words: tuple[str, ...]) -> None:
    before = written(shelf)
    assert shelf.run("host", *words).status == 2
    assert written(shelf) == before


def test_who_installs_without_a_host_is_told_so(shelf: Shelf, tmp_path: Path) -> None:
    assert UNKNOWN not in shelf.run("install", "acme/nothing").err
    assert UNKNOWN in shelf.run("install", "acme/mail").err
    shelf.run("export", str(tmp_path))
    assert UNKNOWN in shelf.run("sync", str(tmp_path)).err
    shelf.run("host", "mairust", "0.5.0")
    assert UNKNOWN not in shelf.run("install", "acme/mail").err
    assert UNKNOWN not in shelf.run("sync", str(tmp_path)).err
