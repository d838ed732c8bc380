"""The whole way with the commands that people type: publish, verify, install, run, update, roll back."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

from e2e.deeds import add_source, files_of
from e2e.marketplace_on_disk import CACHE, SCORER

if TYPE_CHECKING:
    import pytest

    from e2e.marketplace_on_disk import Workspace

MESSAGE = json.dumps({"headers": {"From": "a@example.com", "Subject": "YOU WON!!!"}})
CONSENT = "mail.headers:inbound,mail.modify:headers,network.dns:any"
MORE_CONSENT = "mail.body:inbound,storage:plugin-data"


def test_publishing_again_builds_nothing_and_changes_no_byte(workspace: Workspace) -> None:
    before = files_of(workspace)
    answer = workspace.pluginry("publish", "dist")
    assert (answer["built"], answer["signed"], answer["created"], answer["replaced"]) == ([], 0, 0, 0)
    assert files_of(workspace) == before


def test_a_new_release_builds_only_itself(workspace: Workspace) -> None:
    registry = workspace.root / "registry" / "plugins" / CACHE
    shutil.copytree(registry / "source" / "1.1.0", registry / "source" / "1.1.1")
    manifest = registry / "source" / "1.1.1" / "plugin.yaml"
    manifest.write_text(manifest.read_text("utf-8").replace("version: 1.1.0", "version: 1.1.1"), "utf-8")
    packed = workspace.pluginry("pack", str(registry / "source" / "1.1.1"), "--dry-run")
    (registry / "releases" / "1.1.1.yaml").write_text(
        "schema: 1\nversion: 1.1.1\nchannel: stable\nartifacts:\n"
        f"  - platform: any\n    source: {{path: source/1.1.1}}\n    sha256: {packed['sha256']}\n",
        "utf-8",
    )
    answer = workspace.pluginry("publish", "dist")
    assert answer["built"] == [f"{CACHE} 1.1.1"]
    assert answer["signed"] == 1
    assert answer["serial"] == 2
    workspace.pluginry("build", "--check", "dist")


def test_the_published_marketplace_can_be_built_again_to_the_byte(workspace: Workspace) -> None:
    answer = workspace.pluginry("build", "--check", "dist")
    assert answer["equal"] is True


def test_a_published_file_that_was_not_built_from_the_registry_is_noticed(workspace: Workspace) -> None:
    (workspace.dist / "v1" / "index.json").write_text("{}", "utf-8")
    answer = workspace.pluginry("build", "--check", "dist", expect=5)
    assert "v1/index.json" in answer["error"]["why"]


def test_the_same_registry_gives_the_same_packages_and_nodes_elsewhere(
    published: Workspace, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = tmp_path_factory.mktemp("elsewhere")
    shutil.copytree(published.root / "registry", other / "registry")
    twin = type(published)(other)
    twin.pluginry("trust", "init", "--signing", "none")
    twin.pluginry("publish", "dist")
    ours = {key: body for key, body in files_of(published).items() if key.startswith("v1/packages/")}
    theirs = {key: body for key, body in files_of(twin).items() if key.startswith("v1/packages/")}
    assert ours
    assert theirs == ours


def test_a_user_installs_runs_updates_and_rolls_back(workspace: Workspace) -> None:
    add_source(workspace)
    found = workspace.pluginry("search", "spam")
    assert SCORER in json.dumps(found)

    refused = workspace.pluginry("install", f"{SCORER}@<1.2", expect=6)
    assert refused["error"]["permissions"] == CONSENT.split(",")
    workspace.pluginry("install", f"{SCORER}@<1.2", "--accept-permissions", CONSENT)
    workspace.pluginry("run", SCORER, "score", "--args", MESSAGE, expect=6)
    workspace.pluginry("enable", SCORER)
    assert "score" in json.dumps(workspace.pluginry("run", SCORER, "score", "--args", MESSAGE))

    workspace.pluginry("update")
    assert installed_version(workspace) == "1.1.0"
    workspace.pluginry("update", SCORER, "--accept-permissions", MORE_CONSENT)
    assert installed_version(workspace) == "1.2.0"
    workspace.pluginry("rollback", SCORER)
    assert installed_version(workspace) == "1.1.0"
    workspace.pluginry("verify")


def test_a_changed_file_of_an_installed_plugin_is_noticed(workspace: Workspace) -> None:
    add_source(workspace)
    workspace.pluginry("install", CACHE, "--accept-permissions", "network.dns:any", "--enable")
    code = next((workspace.root / "home" / "plugins" / CACHE).glob("*/*.py"))
    code.write_text(code.read_text("utf-8") + "\n# changed\n", "utf-8")
    workspace.pluginry("verify", expect=5)


def installed_version(workspace: Workspace) -> str:
    answer = workspace.pluginry("list")
    plugins = answer["plugins"] if isinstance(answer, dict) else answer
    return str(next(plugin["version"] for plugin in plugins if plugin["id"] == SCORER))
