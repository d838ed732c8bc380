"""``pluginry publish`` over what git says was published from here already."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from e2e.marketplace_on_disk import CACHE, Workspace, copy_registry
from pluginry.encoding import documents
from pluginry.model.layout import QUEUE_KEY
from queues import a_queue

if TYPE_CHECKING:
    from pathlib import Path

QUICKLY = ("publish", "dist", "--no-read-back")


def commit(workspace: Workspace) -> None:
    for command in (["add", "registry", "index"], ["commit", "-qm", "all of it"]):
        who = ("-c", "user.name=Ann", "-c", "user.email=ann@example.com", "-c", "commit.gpgsign=false")
        subprocess.run(["git", *who, *command], cwd=workspace.root, check=True, capture_output=True)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """Return a marketplace that was published, and whose ledger was committed and published again."""
    copy_registry(tmp_path)
    workspace = Workspace(tmp_path)
    workspace.pluginry("trust", "init", "--signing", "none")
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    commit(workspace)
    workspace.pluginry(*QUICKLY)
    commit(workspace)
    assert not workspace.pluginry(*QUICKLY)["unchanged_input"]
    return workspace


def test_nothing_is_looked_at_until_something_differs(workspace: Workspace) -> None:
    again = workspace.pluginry(*QUICKLY)
    assert (again["unchanged_input"], again["created"], again["replaced"]) == (True, 0, 0)
    listing = workspace.root / "registry" / "plugins" / CACHE / "listing.yaml"
    listing.write_text(listing.read_text("utf-8").replace("summary: ", "summary: Now "), "utf-8")
    assert workspace.pluginry(*QUICKLY, "--clean-checkout")["unchanged_input"], "it was told not to compare files"
    changed = workspace.pluginry(*QUICKLY)
    assert not changed["unchanged_input"]
    assert changed["replaced"] > 0
    commit(workspace)
    assert not workspace.pluginry(*QUICKLY, "--clean-checkout")["unchanged_input"]
    assert workspace.pluginry(*QUICKLY, "--clean-checkout")["unchanged_input"]


def test_who_asks_for_a_new_listing_of_the_store_gets_all_of_the_work(workspace: Workspace) -> None:
    lost = next((workspace.dist / "v1" / "p").rglob("*.zip"), None) or next(workspace.dist.rglob("*.zip"))
    lost.unlink()
    assert workspace.pluginry(*QUICKLY)["unchanged_input"]
    assert not workspace.pluginry(*QUICKLY, "--relist")["unchanged_input"]
    assert lost.exists()


def test_a_queue_is_published_where_nothing_else_is_looked_at(workspace: Workspace) -> None:
    (workspace.root / "queue.json").write_bytes(documents.encode(a_queue("Add a clock")))
    first, second = (workspace.pluginry(*QUICKLY, "--queue", "queue.json") for _ in range(2))
    assert (first["unchanged_input"], first["created"]) == (True, 1)
    assert (second["unchanged_input"], second["created"], second["replaced"]) == (True, 0, 0)
    assert b"Add a clock" in (workspace.dist / QUEUE_KEY).read_bytes()
