"""What somebody did to a published file does not keep the next release of anybody from being published."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pluginry.adapters.folder_store import FolderStore
from workshop import Workshop

if TYPE_CHECKING:
    from pathlib import Path


def test_a_manifest_that_was_edited_where_it_is_published_ends_no_publication(tmp_path: Path) -> None:
    workshop, store = Workshop.at(tmp_path / "ours", plugins=3), FolderStore(tmp_path / "dist")
    workshop.publish(store)
    nodes = (path for path in (tmp_path / "dist/v1/t").rglob("*.json") if b'"changes":' in path.read_bytes())
    (manifest,) = (path for path in nodes if b"plugin-1" in path.read_bytes())
    with manifest.open("r+b") as stream:
        stream.write(b"X")
    workshop.release("bench/plugin-1", "1.1.0")
    workshop.release("bench/plugin-2", "1.1.0")
    outcome = workshop.publish(store)
    assert outcome.releases == 5
