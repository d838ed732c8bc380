"""Real plugins of one marketplace, chosen for another one: it is sound, and has the same packages to the byte."""

from __future__ import annotations

from typing import TYPE_CHECKING

from e2e.marketplace_on_disk import CACHE, SCORER

if TYPE_CHECKING:
    from pathlib import Path

    from e2e.marketplace_on_disk import Workspace


def packages(dist: Path, plugin: str) -> dict[str, bytes]:
    folder = dist / "v1" / "packages" / plugin
    return {path.name: path.read_bytes() for path in folder.rglob("*.zip") if "beta" not in path.name}


def test_they_pass_the_check_and_are_published_as_they_are(workspace: Workspace) -> None:
    known = ("--fingerprint", workspace.fingerprint(), "--address", "https://plugins.example.com", "--owner", "it:7")
    words = ("import", "marketplace", "dist", SCORER, "--releases", "9", "--registry", "own/registry", *known)
    report = workspace.pluginry(*words)
    assert {outcome["id"] for outcome in report["outcomes"]} == {SCORER, CACHE}
    assert workspace.pluginry("check", "own/registry")["findings"] == []
    workspace.pluginry("trust", "init", "--workspace", "own", "--signing", "none")
    workspace.pluginry("publish", "own/dist", "--workspace", "own")
    for plugin in (SCORER, CACHE):
        assert packages(workspace.root / "own/dist", plugin) == packages(workspace.dist, plugin) != {}
