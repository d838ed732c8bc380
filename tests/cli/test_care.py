"""``pluginry doctor``, ``audit`` and ``prune``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from command_line import Shelf
from pluginry.model.advisory import Action

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    shelf = Shelf.at(tmp_path)
    shelf.market.release("acme/demo", "1.0.0")
    shelf.market.release("acme/demo", "1.1.0")
    shelf.publish()
    shelf.add()
    shelf.run("install", "acme/demo@1.0.0", "--enable")
    return shelf


def test_a_healthy_home(shelf: Shelf) -> None:
    answer = shelf.run("doctor")
    assert (answer.status, answer.out) == (0, "Nothing is wrong.\n")


def test_what_can_be_put_right_is(shelf: Shelf) -> None:
    pointer = shelf.home / "plugins/acme/demo/current"
    pointer.write_text("0.1.0-00000000\n")
    found = shelf.run("doctor")
    assert (found.status, "pluginry doctor --fix" in found.out) == (10, True)
    fixed = shelf.run("doctor", "--fix", "--json")
    assert (fixed.status, fixed.data["troubles"], len(fixed.data["fixed"])) == (0, [], 1)
    assert pointer.read_text().startswith("1.0.0-")


def test_what_only_the_user_can_put_right_stays_said(shelf: Shelf) -> None:
    (installed,) = shelf.run("list", "--json").data
    for path in (shelf.home / "plugins/acme/demo").glob("1.0.0-*/*.json"):
        if path.name != "receipt.json":
            path.write_text("{}")
    answer = shelf.run("doctor", "--fix")
    assert (answer.status, f"pluginry install {installed['id']}@1.0.0" in answer.out) == (10, True)
    shelf.run("install", "acme/demo@1.0.0")
    assert shelf.run("doctor").status == 0


def test_an_audit_tells_what_is_worth_knowing(shelf: Shelf) -> None:
    answer = shelf.run("audit")
    assert (answer.status, "held-back" in answer.out) == (0, True)
    shelf.market.advise("PLG-1", "acme/demo", action=Action.WARN, fixed="1.1.0")
    shelf.publish()
    shelf.run("source", "refresh")
    warned = shelf.run("audit", "--json")
    assert (warned.status, warned.data["remarks"][0]["concern"]) == (10, "advisory")
    assert warned.data["permissions"] == {"acme/demo": []}
    shelf.market.advise("PLG-2", "acme/demo", action=Action.DISABLE, fixed="1.1.0")
    shelf.publish()
    shelf.run("source", "refresh")
    assert shelf.run("audit").status == 5
    shelf.run("install", "acme/demo")
    assert shelf.run("audit").out == "1 plugin, and nothing to look at.\n"


def test_old_versions_go_when_nobody_can_go_back_to_them(shelf: Shelf) -> None:
    shelf.run("install", "acme/demo")
    looked = shelf.run("prune", "--keep", "1", "--dry-run", "--json")
    assert (len(looked.data["removed"]), looked.data["dry_run"]) == (1, True)
    assert looked.data["bytes"] > 0
    assert "went" in shelf.run("prune", "--keep", "1").out
    assert shelf.run("prune", "--keep", "1", "--json").data["removed"] == []
    assert shelf.run("rollback", "acme/demo").status == 7
    assert shelf.run("verify").status == 0
