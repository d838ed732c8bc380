"""Visits to a marketplace that speaks TUF, and what it may publish instead."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from tuf.api.metadata import Metadata, MetaFile, Snapshot, TargetFile, Targets, Timestamp

from authority import TARGETS, Authority
from pluginry.adapters.tuf_publication import metadata_key
from pluginry.model.layout import TIMESTAMP_KEY

if TYPE_CHECKING:
    from pathlib import Path

    from pluginry.adapters.tuf_client import TufClient


INDEX_ROOT = "index/root.json"
NEWER = {**TARGETS, INDEX_ROOT: b"a newer root"}
DAY = timedelta(days=1)


def accepts(client: TufClient, authority: Authority) -> bytes:
    """Refresh for good, and return the root of the index."""
    client.refresh(now=authority.now)
    body = client.target(INDEX_ROOT)
    client.keep()
    return body


def files_in(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def resigned(authority: Authority, files: dict[str, TargetFile] | None = None, **versions: int) -> None:
    """Publish metadata that holds together and is signed by the online key, with chosen targets and version numbers."""
    files = files or {path: TargetFile.from_data(path, body, ["sha256"]) for path, body in TARGETS.items()}
    number = {"targets": 1, "snapshot": 1, "timestamp": 1} | versions
    expires = authority.now + DAY

    def sign(says: Any, key: str) -> bytes:
        metadata: Metadata[Any] = Metadata(says)
        metadata.sign(authority.online)
        authority.store.objects[key] = metadata.to_bytes()
        return metadata.to_bytes()

    body = sign(
        Targets(version=number["targets"], expires=expires, targets=files), metadata_key(number["targets"], "targets")
    )
    meta = {"targets.json": MetaFile.from_data(number["targets"], body, ["sha256"])}
    body = sign(
        Snapshot(version=number["snapshot"], expires=expires, meta=meta), metadata_key(number["snapshot"], "snapshot")
    )
    snapshot_meta = MetaFile.from_data(number["snapshot"], body, ["sha256"])
    sign(Timestamp(version=number["timestamp"], expires=expires, snapshot_meta=snapshot_meta), TIMESTAMP_KEY)
