"""Every decision of trust that the client makes about a release: numbers 10 to 14 of the list in verify.py.

In: bytes as they arrived, and what was promised about them. Out: values, or nothing. Whatever is not exactly as
promised raises `TrustError`. It does no I/O.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pluginry.client.statements import statement_differences
from pluginry.client.verify import decoded
from pluginry.encoding import tree
from pluginry.errors import TamperedError
from pluginry.model.attestation import PUBLISH_PREDICATE
from pluginry.model.index import PluginRecord
from pluginry.model.layout import package_file
from pluginry.model.manifest import FileList, Manifest

if TYPE_CHECKING:
    from pluginry.model.attestation import VerifiedStatement
    from pluginry.model.digest import BlobRef
    from pluginry.model.index import ReleaseRecord
    from pluginry.model.ledger import ArtifactFact
    from pluginry.model.manifest import FileEntry
    from pluginry.model.names import PluginId
    from pluginry.model.versions import Version


def accept_record(data: bytes, *, ref: BlobRef, plugin: PluginId, seen_seq: int) -> PluginRecord:
    """Return the record of `plugin`.

    Raises:
        TamperedError: not the promised bytes, of another plugin, or older than one that was seen.

    """
    record = decoded(PluginRecord, tree.checked(data, ref), f"record of {plugin}")
    if record.id != plugin:
        raise TamperedError("the index gives the record of another plugin", why=f"{record.id} instead of {plugin}")
    if record.seq < seen_seq:
        raise TamperedError(
            f"the index gives an old record of {plugin}", why=f"number {record.seq}, but {seen_seq} was seen"
        )
    return record


def accept_manifest(data: bytes, *, ref: BlobRef, plugin: PluginId, version: Version) -> Manifest:
    """Return the manifest of a release, known before the package is downloaded.

    Raises:
        TamperedError: not the promised bytes, or of another plugin or version.

    """
    manifest = decoded(Manifest, tree.checked(data, ref), f"manifest of {plugin} {version}")
    if (manifest.id, manifest.version) != (plugin, version):
        raise TamperedError(
            "a manifest is of another release", why=f"{manifest.id} {manifest.version}, not {plugin} {version}"
        )
    return manifest


def accept_package_manifest(data: bytes, *, release: ReleaseRecord) -> None:
    """Check that the manifest inside the package is, byte for byte, the one that the user agreed to.

    Raises:
        TamperedError: it is another one.

    """
    tree.checked(data, release.manifest)


def accept_file_list(data: bytes) -> tuple[FileEntry, ...]:
    """Return the files that a package says it holds.

    Raises:
        TamperedError: not a list of files.

    """
    return decoded(FileList, data, "package's list of files").files


def accept_statement(
    verified: VerifiedStatement,
    *,
    plugin: PluginId,
    release: ReleaseRecord,
    artifact: ArtifactFact,
    kind: str = PUBLISH_PREDICATE,
) -> None:
    """Check that a verified statement is the registry's about exactly this artifact, and of the `kind` it was named.

    The kind decides whose signature counts, so it must be true.

    Raises:
        TamperedError: it speaks of something else.

    """
    wrong = statement_differences(
        verified,
        kind=kind,
        name=package_file(plugin, release.version, artifact.platform),
        digest=artifact.sha256,
        says={
            "plugin": str(plugin),
            "version": str(release.version),
            "platform": str(artifact.platform),
            "manifest_sha256": release.manifest.sha256.hex,
        },
    )
    if wrong:
        raise TamperedError(
            f"the attestation of {plugin} {release.version} is about something else", why=f"see {', '.join(wrong)}"
        )
