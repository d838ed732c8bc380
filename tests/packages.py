"""Packages for tests: well-formed ones from a manifest and files, and archives that say what a test wants."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from pluginry.encoding import documents
from pluginry.encoding.archive_writer import NewMember, write_archive
from pluginry.model.digest import Digest
from pluginry.model.manifest import FILES_FILE, MANIFEST_FILE, FileEntry, FileList

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pluginry.model.manifest import Manifest


def package(manifest: Manifest, files: Mapping[str, bytes], *, platform: str = "any") -> bytes:
    """Return a well-formed package of `files`."""
    extra = {} if platform == "any" else {"platform.txt": platform.encode()}
    bodies = {MANIFEST_FILE: documents.encode(manifest), **files, **extra}
    entries = tuple(
        FileEntry(path=name, sha256=Digest.of(body), size=len(body)) for name, body in sorted(bodies.items())
    )
    bodies[FILES_FILE] = documents.encode(FileList(files=entries))
    return zipped(bodies)


def zipped(bodies: Mapping[str, bytes]) -> bytes:
    """Return an archive of `bodies`, whatever they say of each other."""
    stream = io.BytesIO()
    write_archive(stream, [NewMember(name=name, body=body) for name, body in bodies.items()])
    return stream.getvalue()
