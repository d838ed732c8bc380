"""``pluginry update --scheduled`` and ``--health-command``: updates that nobody watches."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from command_line import Shelf

if TYPE_CHECKING:
    from pathlib import Path

WELL, UNWELL = (f"{sys.executable} -c 'import sys; sys.exit({status})'" for status in (0, 3))


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    shelf = Shelf.at(tmp_path)
    shelf.market.release("acme/demo", "1.0.0")
    shelf.publish()
    shelf.add()
    shelf.run("install", "acme/demo")
    shelf.market.release("acme/demo", "1.1.0")
    shelf.publish()
    return shelf


def allow(shelf: Shelf, updates: str) -> None:
    (shelf.home / "policy.toml").write_text(f'schema = 1\nupdates = "{updates}"\n')


def version(shelf: Shelf) -> str:
    (installed,) = shelf.run("list", "--json").data
    return str(installed["version"])


def test_by_default_a_scheduler_only_tells(shelf: Shelf) -> None:
    answer = shelf.run("update", "--scheduled")
    assert (answer.status, answer.out, version(shelf)) == (10, "acme/demo 1.1.0 is there\n", "1.0.0")


def test_what_is_allowed_is_done(shelf: Shelf) -> None:
    allow(shelf, "automatic")
    looked = shelf.run("update", "--scheduled", "--check", "--json")
    assert (looked.status, looked.data["update"]["generation"], version(shelf)) == (0, None, "1.0.0")
    assert (shelf.run("update", "--scheduled").status, version(shelf)) == (0, "1.1.0")
    again = shelf.run("update", "--scheduled")
    assert (again.status, again.out) == (0, "Nothing to do.\n")


def test_naming_plugins_makes_no_sense_then(shelf: Shelf) -> None:
    assert shelf.run("update", "--scheduled", "acme/demo").status == 2


def test_a_host_that_is_not_well_gets_its_old_version_back(shelf: Shelf) -> None:
    allow(shelf, "automatic")
    answer = shelf.run("update", "--scheduled", "--health-command", UNWELL)
    assert (answer.status, "taken back" in answer.err, version(shelf)) == (6, True, "1.0.0")
    assert shelf.run("update", "--health-command", WELL).status == 0
    assert version(shelf) == "1.1.0"


@pytest.mark.parametrize(("command", "status"), [("'", 2), (" ", 2), ("/nowhere/at-all", 6)])
def test_a_health_command_that_is_none(shelf: Shelf, command: str, status: int) -> None:
    shelf.run("source", "refresh")
    assert (shelf.run("update", "--health-command", command).status, version(shelf)) == (status, "1.0.0")


def test_an_update_is_staged_and_switched_to_later(shelf: Shelf) -> None:
    assert "staged" not in shelf.run("update", "--stage").out
    shelf.run("source", "refresh")
    staged = shelf.run("update", "--stage")
    assert "pluginry update --switch" in staged.out
    assert version(shelf) == "1.0.0"
    (listed,) = shelf.run("list", "--json").data
    assert (listed["staged"], "1.1.0 staged" in shelf.run("list").out) == ("1.1.0", True)
    shelf.folder.rename(shelf.folder.with_name("unplugged"))
    switched = shelf.run("update", "--switch", "--json")
    assert switched.data == {
        "generation": 2,
        "changes": [{"id": "acme/demo", "before": "1.0.0", "after": "1.1.0"}],
    }
    assert version(shelf) == "1.1.0"
    assert shelf.run("update", "--switch").status == 7


def test_a_scheduler_may_stage_what_it_is_allowed(shelf: Shelf) -> None:
    allow(shelf, "automatic")
    answer = shelf.run("update", "--scheduled", "--stage", "--json")
    assert (answer.status, answer.data["staged"], version(shelf)) == (0, True, "1.0.0")
    assert shelf.run("update", "--switch", "--health-command", UNWELL).status == 6
    assert version(shelf) == "1.0.0"


def test_switching_takes_nothing_else(shelf: Shelf) -> None:
    assert shelf.run("update", "--switch", "acme/demo").status == 2
    assert shelf.run("update", "--switch", "--stage").status == 2
