"""`pluginry publish` reads back what it published, from where everybody reads it, and takes back what is bad."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from e2e.marketplace_on_disk import CACHE
from loopback import LoopbackServer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from e2e.marketplace_on_disk import Workspace

NEW = "1.1.1"


@dataclass(slots=True)
class Folder:
    """The files of a folder as the objects of a `LoopbackServer`, but for those in `instead`."""

    root: Path
    instead: dict[str, bytes] = field(default_factory=dict)

    def get(self, key: str) -> bytes | None:
        path = self.root / key
        return self.instead.get(key) or (path.read_bytes() if path.is_file() else None)


@pytest.fixture
def edge(workspace: Workspace) -> Iterator[tuple[Folder, str]]:
    """Serve what is published, as an edge would; yield what to damage, and the address."""
    folder = Folder(workspace.dist)
    with LoopbackServer(folder) as server:  # type: ignore[arg-type]  # all it wants of them is `get`
        yield folder, server.address


def release(workspace: Workspace) -> None:
    """Claim a new release of a plugin."""
    plugin = workspace.root / "registry" / "plugins" / CACHE
    shutil.copytree(plugin / "source" / "1.1.0", plugin / "source" / NEW)
    manifest = plugin / "source" / NEW / "plugin.yaml"
    manifest.write_text(manifest.read_text("utf-8").replace("version: 1.1.0", f"version: {NEW}"), "utf-8")
    packed = workspace.pluginry("pack", str(plugin / "source" / NEW), "--dry-run")
    (plugin / "releases" / f"{NEW}.yaml").write_text(
        f"schema: 1\nversion: {NEW}\nchannel: stable\nartifacts:\n"
        f"  - platform: any\n    source: {{path: source/{NEW}}}\n    sha256: {packed['sha256']}\n",
        "utf-8",
    )


def serial_in(workspace: Workspace) -> int:
    """Return the serial that a new client finds."""
    shutil.rmtree(workspace.root / "visitor", ignore_errors=True)
    workspace.pluginry("source", "add", "demo", "dist", "--fingerprint", workspace.fingerprint(), home="visitor")
    state = (workspace.root / "visitor" / "sources" / "demo" / "state.json").read_text("utf-8")
    return int(json.loads(state)["serial"])


def test_what_is_new_is_installed_from_the_address_that_everybody_reads(
    workspace: Workspace, edge: tuple[Folder, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # As a workflow says it, in which a variable that nobody set is empty.
    monkeypatch.setenv("PLUGINRY_READ_BACK", edge[1])
    monkeypatch.setenv("PLUGINRY_CLOUDFRONT", "")
    release(workspace)
    answer = workspace.pluginry("publish", "dist")
    assert answer["read_back"] == {
        "place": edge[1],
        "looks": 1,
        "installed": f"{CACHE} {NEW}",
        "knew_before": True,
    }


def test_a_wrong_byte_at_the_edge_takes_the_publication_back_and_the_next_one_goes_on(
    workspace: Workspace, edge: tuple[Folder, str]
) -> None:
    folder, address = edge
    before = serial_in(workspace)
    release(workspace)
    folder.instead[f"v1/packages/{CACHE}/{NEW}/dns-cache-{NEW}.zip"] = b"PK-not"
    answer = workspace.pluginry("publish", "dist", "--read-back", address, expect=5)
    assert answer["read_back"]["taken_back"] is True
    assert "package" in answer["read_back"]["trouble"]
    assert answer["built"] == [f"{CACHE} {NEW}"]
    assert serial_in(workspace) == before

    folder.instead.clear()
    answer = workspace.pluginry("publish", "dist", "--read-back", address)
    assert (answer["built"], answer["read_back"]["installed"] != "") == ([], True)
    assert serial_in(workspace) == before + 1
    workspace.pluginry("build", "--check", "dist")


def test_it_is_read_back_from_the_target_itself_unless_that_is_forbidden(workspace: Workspace) -> None:
    answer = workspace.pluginry("publish", "dist")
    assert answer["read_back"]["place"].endswith("dist")
    assert "read_back" not in workspace.pluginry("publish", "dist", "--no-read-back")


def test_a_wrong_address_is_noticed_before_anything_is_published(
    workspace: Workspace, edge: tuple[Folder, str]
) -> None:
    release(workspace)
    timestamp = (workspace.dist / "v1" / "metadata" / "timestamp.json").read_bytes()
    answer = workspace.pluginry("publish", "dist", "--read-back", f"{edge[1]}elsewhere/", expect=2)
    assert "does not show what is published" in answer["error"]["what"]
    assert (workspace.dist / "v1" / "metadata" / "timestamp.json").read_bytes() == timestamp
    assert not (workspace.dist / "v1" / "packages" / CACHE / NEW).exists()


def test_edges_that_cannot_be_told_leave_the_publication_as_it_is(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, "/nowhere/at-all")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    before = serial_in(workspace)
    release(workspace)
    answer = workspace.pluginry("publish", "dist", "--cloudfront", "E2EXAMPLE1", expect=3)
    assert "NoCredentials" in answer["edges"]
    assert answer["read_back"]["installed"] == f"{CACHE} {NEW}"
    assert serial_in(workspace) == before + 1
