"""A package made of an earlier one and a delta, where that is less to fetch than the package.

In: what the signed record says of a package and its deltas, earlier packages, a way to fetch. Out: the package with the
promised digest, or None: then whoever asks fetches it whole. Nothing else comes out, whatever was fetched.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from pluginry.encoding.archive_writer import NewMember, write_archive
from pluginry.encoding.delta import MAX_PACKAGE_BYTES, apply_delta, is_possible
from pluginry.encoding.tree import checked
from pluginry.errors import ArchiveError, DocumentError, ObjectMissingError, ObjectTooLargeError, TamperedError
from pluginry.model import layout
from pluginry.model.digest import Digest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pluginry.encoding.content_store import ContentStore
    from pluginry.model.index import ReleaseRecord
    from pluginry.model.ledger import ArtifactFact
    from pluginry.model.names import PluginId
    from pluginry.model.receipt import Receipt


def made_by_delta(
    plugin: PluginId,
    release: ReleaseRecord,
    artifact: ArtifactFact,
    *,
    cache: ContentStore,
    earlier: Callable[[Digest], bytes | None],
    fetch: Callable[..., bytes],
) -> int:
    """Make the package of `artifact`, keep it in `cache`, and return how many bytes that saved; 0 if it cannot be.

    An earlier package is in `cache`, or `earlier` returns it; `fetch` returns an object by key, of at most
    ``max_bytes``.

    Raises:
        TransportError: the marketplace cannot be reached.

    """
    if artifact.size > MAX_PACKAGE_BYTES or not is_possible():
        return 0
    # The smallest first; one that does not save anything is not looked at, whatever its publisher meant by it.
    for delta in sorted(release.deltas, key=lambda delta: delta.size):
        if delta.artifact != artifact.sha256 or delta.size >= artifact.size:
            continue
        base = kept_package(cache.path_of(delta.base), delta.base) or earlier(delta.base)
        if base is None:
            continue
        try:
            key = layout.delta_key(plugin, release.version, delta.sha256)
            body = checked(fetch(key, max_bytes=delta.size), delta.blob)
            package = checked(apply_delta(base, body, size=artifact.size), artifact.blob)
        except (DocumentError, TamperedError, ObjectMissingError, ObjectTooLargeError):
            return 0
        cache.add(package)
        return artifact.size - delta.size
    return 0


def kept_package(path: Path, digest: Digest) -> bytes | None:
    """Return the package in the file `path` if it is the one with `digest`."""
    try:
        if path.stat().st_size > MAX_PACKAGE_BYTES:
            return None
        body = path.read_bytes()
    except OSError:
        return None
    return body if Digest.of(body) == digest else None


def packed_again(folder: Path, receipt: Receipt) -> bytes | None:
    """Return the package that was unpacked into `folder`, the same to the byte; None when the files do not give it.

    Archives are written in one way only, so this works as long as nobody changed anything there.
    """
    if receipt.artifact.size > MAX_PACKAGE_BYTES:
        return None
    out = io.BytesIO()
    try:
        members = [
            NewMember(
                name=entry.path,
                body=folder / entry.path,
                executable=bool((folder / entry.path).stat().st_mode & 0o100),
            )
            for entry in receipt.files
        ]
        write_archive(out, members)
    except (ArchiveError, OSError):
        return None
    body = out.getvalue()
    return body if Digest.of(body) == receipt.artifact.sha256 else None
