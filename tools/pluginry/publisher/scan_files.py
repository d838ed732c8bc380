"""The stage *scan* for packages that lie in files: those of one release, read with the strict reader.

In: paths. Out: the facts and findings of the release. It never runs anything of a package, and writes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pluginry.encoding import documents
from pluginry.encoding.archive import read_archive
from pluginry.errors import DocumentError, TamperedError
from pluginry.model.digest import Digest, blob_ref_of_stream
from pluginry.model.manifest import MANIFEST_FILE, Manifest
from pluginry.publisher.scan import scan

if TYPE_CHECKING:
    from pathlib import Path

    from pluginry.model.names import Platform
    from pluginry.publisher.scan import ScanResult
    from pluginry.publisher.scan_setup import ScanSetup

_MAX_MANIFEST_BYTES = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageFile:
    """A package: where it lies, for which platform, and what it has to be, if that is known."""

    path: Path
    platform: Platform
    sha256: Digest | None = None


def scan_file(package: PackageFile, *, licence: str, setup: ScanSetup) -> tuple[Manifest, ScanResult]:
    """Return the manifest in `package` and what the scanners see in it, every byte of it having been read.

    Raises:
        ArchiveError, DocumentError: it is not a package.
        TamperedError: it is another one.
    """
    try:
        stream = package.path.open("rb")
    except OSError as error:
        raise DocumentError("the package cannot be read", where=str(package.path), why=error.strerror or "") from error
    with stream:
        digest = blob_ref_of_stream(stream).sha256
        if package.sha256 not in (None, digest):
            raise TamperedError("this is another package", where=str(package.path), why=f"its sha256 is {digest}")
        stream.seek(0)
        archive = read_archive(stream)
        archive.check_contents()
        body = archive.read(MANIFEST_FILE, max_bytes=_MAX_MANIFEST_BYTES)
        manifest = documents.decode(Manifest, body, what=MANIFEST_FILE)
        result = scan(
            archive, platform=package.platform, manifest=manifest, digest=digest, licence=licence, setup=setup
        )
    return manifest, result
