"""Stage *acquire*: the upstream bytes of one artifact, on this disk and checked.

In: a claim, fetchers for each kind of source, the store of what was fetched before. Out: a file (a finished package, or
the archive of another registry) or a folder of sources. What is in the store is not fetched again and needs no network.
Never: looks into what it brings, or believes a digest that it did not compute.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from pluginry.errors import TamperedError, UsageError
from pluginry.model.digest import BlobRef, blob_ref_of_stream

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from pluginry.encoding.content_store import ContentStore
    from pluginry.model.release import ArtifactClaim
    from pluginry.ports import SourceFetcher


def acquire(
    claim: ArtifactClaim,
    *,
    plugin_folder: Path,
    fetchers: Mapping[str, SourceFetcher],
    cache: ContentStore,
    scratch: Path,
    max_bytes: int,
) -> Path:
    """Return the file or source folder that `claim` names; ``path`` sources lie in `plugin_folder`.

    A file is in `cache` afterwards and must not be changed; a folder lies below the folder `scratch`. For a git commit
    whose package is in `cache` already, that package is returned.

    Raises:
        TransportError: it cannot be reached, or is larger than `max_bytes`.
        NotFoundError: the other side says that there is no such thing.
        DocumentError: a source tree holds links or unsafe names.
        TamperedError: the bytes are not the claimed ones.
        UsageError: there is no fetcher for this kind of source.
    """
    source = claim.source
    if not source.path and (cached := _cached(claim, cache)):
        return cached
    fetcher = fetchers.get(source.kind)
    if fetcher is None:
        raise UsageError(f"sources of kind {source.kind} cannot be fetched here", where=str(source))
    if source.path:
        source = dataclasses.replace(source, path=str(plugin_folder / source.path))
    into = scratch / "acquired"
    into.mkdir()
    expected = None if source.is_tree or claim.size is None else BlobRef(sha256=claim.sha256, size=claim.size)
    path = fetcher.fetch(source, into, expected=expected, max_bytes=max_bytes)
    if source.is_tree:
        return path
    with path.open("rb") as stream:
        found = blob_ref_of_stream(stream)
    if found.sha256 != claim.sha256 or claim.size not in (None, found.size):
        raise TamperedError(
            "the file is not the one that the release names",
            where=str(source),
            why=f"sha256 {found.sha256} of {found.size:,} bytes, not {claim.sha256}",
            hint="a published file never changes: if this one did, its author makes a new release",
        )
    cache.add_file(path)
    return path


def _cached(claim: ArtifactClaim, cache: ContentStore) -> Path | None:
    """Return the claimed file (of a git source: its package) from `cache`, hashed just now."""
    size = claim.size
    if size is None:
        path = cache.path_of(claim.sha256)
        if not path.is_file():
            return None
        size = path.stat().st_size
    return cache.find(BlobRef(sha256=claim.sha256, size=size))
