"""``pluginry publish --plan``: what it says is what publishing does, and it does nothing."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

from e2e.marketplace_on_disk import CACHE, SCORER
from pluginry.encoding.parsed_document import ParsedDocument
from pluginry.encoding.schema import check_against_schema

if TYPE_CHECKING:
    from pathlib import Path

    from e2e.marketplace_on_disk import Workspace

NOT_COMPARED = ("objects", "inventories")
"""What a plan may fill below ``.pluginry``."""


def everything_in(workspace: Workspace) -> dict[str, bytes]:
    return {
        path.relative_to(workspace.root).as_posix(): path.read_bytes()
        for path in sorted(workspace.root.rglob("*"))
        if path.is_file() and not path.is_relative_to(workspace.root / ".pluginry" / "objects")
        if not path.is_relative_to(workspace.root / ".pluginry" / "inventories")
    }


def plan(workspace: Workspace, *options: str, expect: int = 0) -> dict[str, Any]:
    """Return the plan, after seeing that it fits its schema and that nothing was changed."""
    before = everything_in(workspace)
    answer: dict[str, Any] = workspace.pluginry("publish", "dist", "--plan", *options, expect=expect)
    assert everything_in(workspace) == before
    document = ParsedDocument(file="plan.json", value=answer)
    assert [str(finding) for finding in check_against_schema(document, "publish-plan")] == []
    return answer


def release(workspace: Workspace, version: str = "1.1.1") -> None:
    plugin = workspace.root / "registry" / "plugins" / CACHE
    shutil.copytree(plugin / "source" / "1.1.0", plugin / "source" / version)
    manifest = plugin / "source" / version / "plugin.yaml"
    manifest.write_text(manifest.read_text("utf-8").replace("version: 1.1.0", f"version: {version}"), "utf-8")
    packed = workspace.pluginry("pack", str(plugin / "source" / version), "--dry-run")
    (plugin / "releases" / f"{version}.yaml").write_text(
        f"schema: 1\nversion: {version}\nchannel: stable\nartifacts:\n"
        f"  - platform: any\n    source: {{path: source/{version}}}\n    sha256: {packed['sha256']}\n",
        "utf-8",
    )


def keys(objects: list[dict[str, Any]]) -> set[str]:
    return {one["key"] for one in objects if not one["key"].startswith(("v1/t/", "v1/targets/"))}


def files_in(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }


def test_a_plan_for_what_is_published_already_is_empty(workspace: Workspace) -> None:
    answer = plan(workspace)
    empty = {name: answer[name] for name in ("builds", "signs", "adds", "changes", "removals", "bytes")}
    assert empty == {"builds": [], "signs": 0, "adds": [], "changes": [], "removals": [], "bytes": 0}
    assert answer["renews_metadata"] is False


def test_a_plan_names_what_publishing_then_writes_and_needs_no_key(workspace: Workspace) -> None:
    release(workspace)
    kept = workspace.root / "kept-keys"
    shutil.move(workspace.root / ".pluginry" / "keys", kept)
    answer = plan(workspace)
    assert (answer["builds"], answer["signs"], answer["serial"]) == ([f"{CACHE} 1.1.1"], 1, 2)
    assert answer["renews_metadata"] is True

    shutil.move(kept, workspace.root / ".pluginry" / "keys")
    before = files_in(workspace.dist)
    done = workspace.pluginry("publish", "dist")
    after = files_in(workspace.dist)
    own = ("v1/t/", "v1/a/", "v1/targets/", "v1/metadata/", "v1/turn.json")
    created = {key for key in after.keys() - before.keys() if not key.startswith(own)}
    replaced = {key for key in after.keys() & before.keys() if after[key] != before[key] and not key.startswith(own)}
    assert keys(answer["adds"]) == created
    assert keys(answer["changes"]) == replaced
    assert answer["serial"] == done["serial"]
    nodes = sum(one["key"].startswith("v1/t/") for one in answer["adds"])
    assert nodes == sum(key.startswith("v1/t/") for key in after.keys() - before.keys())
    assert plan(workspace)["adds"] == []


def test_a_plan_for_an_empty_place_holds_everything(workspace: Workspace) -> None:
    shutil.rmtree(workspace.dist)
    answer = plan(workspace)
    assert not workspace.dist.exists()
    assert answer["changes"] == []
    assert any(one["key"].startswith("v1/packages/") for one in answer["adds"])
    assert answer["bytes"] == sum(one["size"] for one in answer["adds"])


def test_what_is_no_longer_named_is_listed_and_stays(workspace: Workspace) -> None:
    listing = workspace.root / "registry" / "plugins" / SCORER / "listing.yaml"
    text = listing.read_text("utf-8")
    listing.write_text(text.replace("status: active", "status: removed\nreason: It was withdrawn."), "utf-8")
    answer = plan(workspace)
    assert any(key.startswith(f"v1/packages/{SCORER}/") for key in answer["removals"])
    assert not any(key.startswith(("v1/t/", "v1/metadata/", "v1/turn")) for key in answer["removals"])
    before = files_in(workspace.dist).keys()
    workspace.pluginry("publish", "dist")
    assert before <= files_in(workspace.dist).keys()


def test_a_plan_ends_as_the_publication_would(workspace: Workspace) -> None:
    for number, plugin in enumerate(sorted((workspace.root / "registry" / "plugins").glob("*/*/listing.yaml"))):
        if number < 4:
            text = plugin.read_text("utf-8")
            plugin.write_text(text.replace("status: active", "status: removed\nreason: It was withdrawn."), "utf-8")
    answer = plan(workspace, expect=6)
    assert answer["refused"]["code"] == "policy"
    refused = workspace.pluginry("publish", "dist", expect=6)
    assert refused["error"]["what"] == answer["refused"]["what"]
    lost = refused["error"]["hint"].rpartition(" ")[2]
    assert "refused" not in plan(workspace, "--allow-shrink", lost)
    workspace.pluginry("publish", "dist", "--allow-shrink", lost)


def test_a_damaged_place_is_repaired_after_looking_again(workspace: Workspace) -> None:
    lost = workspace.dist / "index.html"
    body = lost.read_bytes()
    workspace.pluginry("publish", "dist")
    lost.unlink()
    assert workspace.pluginry("publish", "dist", "--relist")["created"] == 1
    assert lost.read_bytes() == body
