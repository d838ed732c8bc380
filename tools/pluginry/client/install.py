"""From a chosen release to an installed folder: download, verify, unpack beside, move into place.

In: a release, the source it comes from, the home. Out: the receipt. Every check of verify.py from 6 on
happens here in its order, before anything of the package lies where a host would look. Never runs
anything of a plugin.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from pluginry.client import verify
from pluginry.client.plugin_home import RECEIPT_FILE
from pluginry.encoding.archive import read_archive
from pluginry.encoding.archive_extraction import extract
from pluginry.errors import ArchiveError, DocumentError, NotFoundError, ObjectMissingError, TamperedError
from pluginry.model.attestation import PUBLISH_PREDICATE
from pluginry.model.digest import BlobRef, blob_ref_of_stream
from pluginry.model.manifest import FILES_FILE, MANIFEST_FILE, FileEntry
from pluginry.model.receipt import Receipt

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from pathlib import Path

    from pluginry.client.plugin_home import PluginHome
    from pluginry.client.resolve import Chosen
    from pluginry.client.source import Source
    from pluginry.model.attestation import VerifiedStatement
    from pluginry.model.index import ReleaseRecord
    from pluginry.model.ledger import ArtifactFact
    from pluginry.model.names import Platform
    from pluginry.model.receipt import InstalledPlugin
    from pluginry.ports import Progress

_MANIFEST_MAX_BYTES = 1 << 20
_FILES_MAX_BYTES = 16 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Damage:
    """A file of an installed plugin that is not what was installed: ``missing``, ``changed`` or ``added``."""

    path: str
    kind: str


def install_release(
    chosen: Chosen,
    *,
    source: Source,
    home: PluginHome,
    platform: Platform,
    now: datetime,
    progress: Progress | None = None,
) -> Receipt:
    """Install a release beside what is there and return its receipt; nothing is activated.

    Raises:
        NotFoundError: no package for this platform.
        TrustError: any check failed.

    """
    plugin, release = chosen.plugin, chosen.release
    artifact = release.artifact_for(platform)
    if artifact is None:
        raise NotFoundError(f"{plugin} {release.version} has no package for {platform}")
    manifest = source.manifest(plugin, release)
    record = source.record(plugin)
    statement = _attested(chosen, artifact, source)
    package = source.package(plugin, release, artifact, progress)
    with home.staging() as staging, package.open("rb") as stream:
        unpacked = staging / "plugin"
        files = _unpack(stream, unpacked, release, where=str(package))
        receipt = Receipt(
            id=plugin,
            version=release.version,
            platform=artifact.platform,
            channel=release.channel,
            artifact=artifact.blob,
            manifest=manifest,
            source=source.config.name,
            serial=source.index().root.serial,
            installed_at=now,
            files=files,
            signer=statement.signer if statement else None,
            log_index=statement.log_index if statement else None,
            publisher=record.publisher if record else None,
            published_at=release.published_at,
        )
        home.adopt(unpacked, receipt)
    return receipt


def damages(home: PluginHome, installed: InstalledPlugin) -> tuple[Damage, ...]:
    """Return what is not as it was when a plugin was installed, in order of path."""
    folder = home.folder_of(installed.id, installed.version, installed.sha256)
    try:
        receipt = home.receipt(installed)
    except NotFoundError:
        return (Damage(path=RECEIPT_FILE, kind="missing"),)
    except DocumentError:
        return (Damage(path=RECEIPT_FILE, kind="changed"),)
    if (receipt.id, receipt.version, receipt.artifact.sha256) != (installed.id, installed.version, installed.sha256):
        return (Damage(path=RECEIPT_FILE, kind="changed"),)
    return tuple(
        damage
        for damage in _differences(folder, receipt.files)
        if not (damage.kind == "added" and (damage.path == RECEIPT_FILE or "__pycache__" in damage.path))
    )


def _attested(chosen: Chosen, artifact: ArtifactFact, source: Source) -> VerifiedStatement | None:
    """Return the verified publish statement about `artifact`; None only where the policy does not demand one."""
    about = [
        attestation
        for attestation in chosen.release.attestations
        if attestation.artifact == artifact.sha256 and attestation.type == PUBLISH_PREDICATE
    ]
    if not about:
        if source.index().policy.publish_attestation == "required":
            raise TamperedError(
                f"{chosen.plugin} {chosen.release.version} is not signed, and its marketplace signs all"
            )
        return None
    if source.index().policy.publish_attestation != "required" and not source.can_verify():
        return None
    try:
        statement = source.statement(about[-1])
    except ObjectMissingError as error:
        raise TamperedError(f"the attestation of {chosen.plugin} is withheld", where=source.config.location) from error
    verify.accept_statement(statement, plugin=chosen.plugin, release=chosen.release, artifact=artifact)
    return statement


def _unpack(stream: BinaryIO, folder: Path, release: ReleaseRecord, *, where: str) -> tuple[FileEntry, ...]:
    """Unpack a package into the new `folder` and return its files: exactly those that it lists itself."""
    try:
        archive = read_archive(stream)
        verify.accept_package_manifest(archive.read(MANIFEST_FILE, max_bytes=_MANIFEST_MAX_BYTES), release=release)
        list_bytes = archive.read(FILES_FILE, max_bytes=_FILES_MAX_BYTES)
        extract(archive, folder)
    except ArchiveError as error:
        raise TamperedError("the package is not a well-formed archive", where=where, why=str(error)) from error
    listed = verify.accept_file_list(list_bytes)
    if any(entry.path == RECEIPT_FILE for entry in listed):
        raise TamperedError("the package brings a receipt of its own", where=where, why=RECEIPT_FILE)
    own = BlobRef.of(list_bytes)
    files = (*listed, FileEntry(path=FILES_FILE, sha256=own.sha256, size=own.size))
    wrong = _differences(folder, files)
    if wrong:
        raise TamperedError("the package does not hold the files that it lists", where=where, why=wrong[0].path)
    return files


def _differences(folder: Path, files: Iterable[FileEntry]) -> tuple[Damage, ...]:
    expected = {entry.path: BlobRef(sha256=entry.sha256, size=entry.size) for entry in files}
    present = {
        path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_symlink() or not path.is_dir()
    }
    found = [Damage(path=path, kind="missing") for path in expected.keys() - present]
    found += [Damage(path=path, kind="added") for path in present - expected.keys()]
    found += [
        Damage(path=path, kind="changed")
        for path in expected.keys() & present
        if _content(folder / path) != expected[path]
    ]
    return tuple(sorted(found, key=lambda damage: damage.path))


def _content(path: Path) -> BlobRef | None:
    if path.is_symlink() or not path.is_file():
        return None
    with path.open("rb") as stream:
        return blob_ref_of_stream(stream)
