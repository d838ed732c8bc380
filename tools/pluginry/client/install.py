"""From a chosen release to an installed folder: download, verify, unpack beside, move into place.

In: a release, the source it comes from, the home. Out: the receipt. Every check of verify.py from 6 on
happens here in its order, before anything of the package lies where a host would look. Never runs
anything of a plugin.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

from pluginry.client import limits, verify_release
from pluginry.client.attestations import built_by, published_by
from pluginry.client.integrity import differences
from pluginry.client.release_age import check_signed_until
from pluginry.encoding.archive import read_archive
from pluginry.encoding.archive_extraction import extract
from pluginry.errors import ArchiveError, DocumentError, NotFoundError, TamperedError
from pluginry.model.digest import BlobRef
from pluginry.model.manifest import FILES_FILE, MANIFEST_FILE, FileEntry, FileList, Manifest
from pluginry.model.receipt import Receipt

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from pluginry.client.plugin_home import PluginHome
    from pluginry.client.provenance import ProvenanceDemand
    from pluginry.client.resolve import Chosen
    from pluginry.client.source import Source
    from pluginry.model.digest import Digest
    from pluginry.model.index import ReleaseRecord
    from pluginry.model.names import Platform, PluginId
    from pluginry.ports import Progress


def install_release(
    chosen: Chosen,
    *,
    source: Source,
    home: PluginHome,
    platform: Platform,
    now: datetime,
    demand: ProvenanceDemand | None = None,
    signed_until: datetime | None = None,
    progress: Progress | None = None,
) -> Receipt:
    """Install a release beside what is there and return its receipt; nothing is activated.

    `demand` says that its developer's build must answer for it, and why; `signed_until` when it must have been signed.

    Raises:
        NotFoundError: no package for this platform.
        TrustError: any check failed.
        PolicyError: its provenance is demanded, and there is none that counts; or it was signed later.

    """
    plugin, release = chosen.plugin, chosen.release
    artifact = release.artifact_for(platform)
    if artifact is None:
        raise NotFoundError(f"{plugin} {release.version} has no package for {platform}")
    manifest = source.manifest(plugin, release)
    record = source.record(plugin)
    statement = published_by(chosen, artifact, source)
    if statement:
        check_signed_until(statement, signed_until, plugin=plugin)
    provenance = built_by(chosen, artifact, source)
    if demand and provenance.build is None:
        raise demand.refusal(plugin, release.version, provenance.why)
    package = source.package(
        plugin, release, artifact, progress, lambda digest: _installed_package(home, plugin, digest)
    )
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
            source_root=source.config.root_sha256,
            serial=source.index().root.serial,
            installed_at=now,
            files=files,
            signer=statement.signer if statement else None,
            log_index=statement.log_index if statement else None,
            publisher=record.publisher if record else None,
            published_at=release.published_at,
            provenance=provenance.build,
        )
        home.adopt(unpacked, receipt)
    return receipt


def _installed_package(home: PluginHome, plugin: PluginId, digest: Digest) -> bytes | None:
    """Return the package that `plugin` was installed from if it is the one with `digest`, made of its files again."""
    installed = home.installed().get(plugin)
    if installed is None or installed.sha256 != digest:
        return None
    try:
        receipt = home.receipt(installed)
    except (NotFoundError, DocumentError):
        return None
    from pluginry.client.package_delta import packed_again

    return packed_again(home.folder_of(installed.id, installed.version, installed.sha256), receipt)


def _unpack(stream: BinaryIO, folder: Path, release: ReleaseRecord, *, where: str) -> tuple[FileEntry, ...]:
    """Unpack a package into the new `folder` and return its files: exactly those that it lists itself."""
    try:
        archive = read_archive(stream)
        verify_release.accept_package_manifest(
            archive.read(MANIFEST_FILE, max_bytes=limits.DOCUMENTS[Manifest]), release=release
        )
        list_bytes = archive.read(FILES_FILE, max_bytes=limits.DOCUMENTS[FileList])
        extract(archive, folder)
    except ArchiveError as error:
        raise TamperedError("the package is not a well-formed archive", where=where, why=str(error)) from error
    listed = verify_release.accept_file_list(list_bytes)
    own = BlobRef.of(list_bytes)
    files = (*listed, FileEntry(path=FILES_FILE, sha256=own.sha256, size=own.size))
    wrong = differences(folder, files)
    if wrong:
        raise TamperedError("the package does not hold the files that it lists", where=where, why=wrong[0].path)
    return files
