"""From a developer's files to a user's installed plugin, with a forge on loopback between them."""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

from e2e.marketplace_on_disk import CACHE, ROOT, Workspace, a_workspace
from github_server import ANNAS_TOKEN, REGISTRY, GithubServer

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

GUARD = "mairust/attachment-guard"
NAMES = ("-c", "user.name=Anna", "-c", "user.email=anna@example.org")
MAINTAINER, ANNA = "login: pluginry-maintainers, id: 1000001", "login: anna, id: 101"
REVIEWER = "login: rosa, id: 901"


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", "-C", str(folder), *arguments], check=True, capture_output=True, text=True, timeout=60
    )
    return done.stdout.strip()


def hand_to_anna(registry: Path) -> None:
    """Let anna own what the registry lists, and rosa review it."""
    for path in (*registry.glob("plugins/*/*/listing.yaml"), *registry.glob("namespaces/*.yaml")):
        lines = path.read_text("utf-8").replace(MAINTAINER, ANNA).splitlines(keepends=True)
        path.write_text("".join(line for line in lines if not line.startswith("related:")), "utf-8")
    config = registry / "registry.yaml"
    config.write_text(config.read_text("utf-8").replace(MAINTAINER, REVIEWER), "utf-8")


def hosted(server: GithubServer, workspace: Workspace) -> None:
    """Put registry and root of trust of the workspace on the forge."""
    path = server.host(REGISTRY)
    git(workspace.root, "init", "--quiet", "--bare", "--initial-branch=main", str(path))
    git(workspace.root, "init", "--quiet", "--initial-branch=main")
    git(workspace.root, "add", "registry", "index")
    git(workspace.root, *NAMES, "commit", "--quiet", "-m", "First")
    git(workspace.root, "push", "--quiet", str(path), "main")
    git(workspace.root, "remote", "add", "origin", str(path))


def swept(workspace: Workspace) -> dict[int, Any]:
    """Run the robot, as its workflow does, and return what became of each pull request."""
    os.environ["GH_TOKEN"] = "ghs_robot"  # noqa: S105 - it opens nothing
    found = workspace.pluginry("ci", "sweep", "--repository", REGISTRY)
    os.environ["GH_TOKEN"] = ANNAS_TOKEN
    return {one["number"]: (one["done"], one["waiting_for"]) for one in found["pull_requests"]}


def install(workspace: Workspace, plugin: str, permissions: str) -> None:
    workspace.pluginry("install", plugin, "--accept-permissions", permissions)


def test_a_release_merges_by_itself_a_new_plugin_after_one_look_and_users_get_both(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with GithubServer(tmp_path / "forge") as server:
        monkeypatch.setenv("GITHUB_API_URL", server.address)
        monkeypatch.setenv("GH_TOKEN", ANNAS_TOKEN)
        workspace = a_workspace(tmp_path / "market", (CACHE,))
        registry = workspace.root / "registry"
        release, source = (registry / "plugins" / CACHE / part for part in ("releases/1.1.0.yaml", "source/1.1.0"))
        kept = {path: tmp_path / path.name for path in (release, source)}
        for path, place in kept.items():
            shutil.move(path, place)
        hand_to_anna(registry)
        hosted(server, workspace)

        for path, place in kept.items():
            shutil.move(place, path)
        made = workspace.pluginry("submit", CACHE, "--repository", REGISTRY)
        assert made["action"] == "opened"
        assert swept(workspace) == {1: ("merged", None)}

        shutil.copytree(ROOT / "registry" / "plugins" / GUARD, registry / "plugins" / GUARD)
        hand_to_anna(registry)
        workspace.pluginry("submit", GUARD, "--repository", REGISTRY)
        assert swept(workspace) == {2: ("waiting", "reviewers")}
        head = server.pulls[1]["head"]["sha"]
        server.say(2, f"/pluginry approve {head}", ANNAS_TOKEN)
        assert swept(workspace) == {2: ("waiting", "reviewers")}
        server.say(2, f"/pluginry approve {head}", "token-rosa")
        assert swept(workspace) == {2: ("waiting", "nobody")}
        server.forge("token-market").merge(2, head=head)  # what a reviewer looked at, a person merges

        git(workspace.root, "clean", "--quiet", "-fd", "registry")
        git(workspace.root, "pull", "--quiet", "--ff-only", "origin", "main")
    workspace.pluginry("publish", "dist")
    trust = ("--fingerprint", workspace.fingerprint())
    workspace.pluginry("source", "add", "demo", "dist", *trust, "--host", "mairust", "--host-version", "0.5.0")
    install(workspace, CACHE, "network.dns:any")
    installed = {one["id"]: one["version"] for one in workspace.pluginry("list")}
    assert installed[CACHE] == "1.1.0"
    assert workspace.pluginry("show", GUARD)["id"] == GUARD
