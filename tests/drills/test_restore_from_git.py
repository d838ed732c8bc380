"""Bucket and build machine are lost but for git and the objects that are named by their digest."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from e2e.marketplace_on_disk import CACHE, a_workspace

if TYPE_CHECKING:
    from pathlib import Path

    from e2e.marketplace_on_disk import Workspace

KEPT = ("packages", "t", "a")
"""Folders below ``v1/`` whose objects are named by digest, or are named with their digest in the ledger."""


@pytest.fixture(params=["simple", "hardened"])
def workspace(tmp_path: Path, request: pytest.FixtureRequest) -> Workspace:
    """Return a published marketplace with a client that has seen its second state."""
    workspace = a_workspace(tmp_path, profile=request.param)
    workspace.pluginry("publish", "dist")
    listing = workspace.root / "registry" / "plugins" / CACHE / "listing.yaml"
    listing.write_text(listing.read_text("utf-8").replace("summary: ", "summary: Second. ", 1), "utf-8")
    workspace.pluginry("publish", "dist")
    workspace.pluginry("source", "add", "demo", "dist", "--fingerprint", workspace.fingerprint())
    return workspace


def nodes(workspace: Workspace) -> dict[str, bytes]:
    """Return what is named by digest, and the packages."""
    folders = [workspace.dist / "v1" / name for name in KEPT]
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    return {path.relative_to(workspace.dist).as_posix(): path.read_bytes() for path in files}


def test_new_online_keys_and_a_new_epoch_bring_every_client_back(workspace: Workspace) -> None:
    before = nodes(workspace)
    shutil.rmtree(workspace.root / ".pluginry" / "objects")
    for path in sorted(workspace.dist.rglob("*")):
        if path.is_file() and path.relative_to(workspace.dist).parts[:2] not in [("v1", name) for name in KEPT]:
            path.unlink()

    # During: nothing to refresh from; what was seen is still known.
    workspace.pluginry("source", "refresh", expect=3)
    assert CACHE in str(workspace.pluginry("search", "dns"))

    # Restored: nothing is built or signed again. But the counts are lost, so old clients take it for an old state.
    answer = workspace.pluginry("publish", "dist")
    assert (answer["built"], answer["signed"], answer["quarantined"]) == ([], 0, [])
    assert nodes(workspace) == before
    workspace.pluginry("build", "--check", "dist")
    workspace.pluginry("source", "refresh", expect=5)

    # A new online key lets versions begin anew, a new epoch the serial.
    keys = workspace.root / ".pluginry" / "keys"
    workspace.pluginry("trust", "new-key", str(keys / "online-2.pem"))
    workspace.pluginry("trust", "rotate", "timestamp", "--new", str(keys / "online-2.pem.pub"))
    workspace.pluginry("trust", "new-epoch")
    made = {path.stem: path for path in keys.glob("*.pem")}
    for name in ("root", "root-1", "root-2", "root-5", "targets-1", "targets-3"):
        if name in made:
            workspace.pluginry("trust", "sign", "--yes", "--key", str(made[name]))
    assert workspace.pluginry("trust", "show")["pending"] == {}
    workspace.pluginry("publish", "dist", "--online-key", str(keys / "online-2.pem"))
    workspace.pluginry("source", "refresh")
    workspace.pluginry("source", "add", "new", "dist", "--fingerprint", workspace.fingerprint(), home="another-home")
