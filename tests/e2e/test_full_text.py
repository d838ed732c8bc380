"""READMEs are made searchable by a publication, and everything that is proved stays as it was."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import yaml

from e2e.marketplace_on_disk import Workspace, copy_registry

if TYPE_CHECKING:
    from pathlib import Path


def files_below(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_readmes_are_searchable_where_the_operator_wants_it_and_nothing_signed_names_that(tmp_path: Path) -> None:
    copy_registry(tmp_path)
    workspace = Workspace(tmp_path)
    workspace.pluginry("trust", "init", "--signing", "none")
    settings = tmp_path / "registry" / "registry.yaml"
    config = yaml.safe_load(settings.read_text("utf-8"))
    config["site"] = {**config.get("site", {}), "full_text": True}
    settings.write_text(yaml.safe_dump(config), "utf-8")

    first = workspace.pluginry("publish", "dist")
    texts = files_below(workspace.dist / "text")
    assert {"pagefind.js", "pagefind-worker.js", "pagefind-entry.json"} <= texts.keys()
    assert first["text_left_out"] is None
    signed = [path.read_bytes() for path in (workspace.dist / "v1").rglob("*.json")]
    assert not any(b"pagefind" in body for body in signed)

    again = workspace.pluginry("publish", "dist")
    assert (again["created"], again["replaced"]) == (0, 0)
    planned = workspace.pluginry("publish", "dist", "--plan")
    assert "text/" not in json.dumps(planned)
    (workspace.dist / "text" / "pagefind.js").write_bytes(b"// another")
    assert workspace.pluginry("build", "--check", "dist")["equal"]
