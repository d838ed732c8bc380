"""Objects by digest, wherever they are: kept by an earlier run here, or published already.

In: the local store of objects and the store that is published to. Out: bytes that are what their digest
says, or an error. It makes nothing and keeps nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pluginry.encoding.tree import checked
from pluginry.errors import ObjectMissingError
from pluginry.model import layout

if TYPE_CHECKING:
    from pathlib import Path

    from pluginry.encoding.content_store import ContentStore
    from pluginry.model.digest import BlobRef
    from pluginry.model.ledger import ArtifactFact, AttestationFact, Ledger
    from pluginry.model.names import PluginId
    from pluginry.model.versions import Version
    from pluginry.ports import ObjectStore


@dataclass(frozen=True, slots=True)
class ObjectAccess:
    """Reads from ``local`` first, then from what is ``published``."""

    local: ContentStore
    published: ObjectStore

    def node(self, ref: BlobRef) -> bytes:
        """Return a manifest, facts or another JSON object.

        Raises:
            ObjectMissingError: it is nowhere.
            TamperedError: what is published under its name is something else.

        """
        return self._read(ref, layout.node_key(ref.sha256))

    def bundle(self, attestation: AttestationFact) -> bytes:
        """Return a sigstore bundle; the errors of `node`."""
        return self._read(attestation.blob, layout.attestation_key(attestation.sha256))

    def package(self, plugin: PluginId, version: Version, artifact: ArtifactFact) -> bytes | Path:
        """Return a package as a local file or as bytes; the errors of `node`."""
        path = self.local.find(artifact.blob)
        if path is not None:
            return path
        return checked(self.published.read(layout.package_key(plugin, version, artifact.platform)), artifact.blob)

    def missing_from(self, ledger: Ledger, version: Version) -> str:
        """Return what is nowhere of a recorded release, in words; empty when all is at hand."""
        released = ledger.releases[version]
        needed = [
            ("manifest", released.manifest, layout.node_key(released.manifest.sha256)),
            ("scan results", ledger.facts_of(version), layout.node_key(ledger.facts_of(version).sha256)),
            *(
                (
                    f"{artifact.platform} package",
                    artifact.blob,
                    layout.package_key(ledger.id, version, artifact.platform),
                )
                for artifact in released.artifacts
            ),
        ]
        return ", ".join(name for name, ref, key in needed if not self._is_there(ref, key))

    def has_bundle(self, attestation: AttestationFact) -> bool:
        """Return whether a bundle is at hand."""
        return self._is_there(attestation.blob, layout.attestation_key(attestation.sha256))

    def _is_there(self, ref: BlobRef, key: str) -> bool:
        return self.local.path_of(ref.sha256).exists() or self.published.find(key) is not None

    def _read(self, ref: BlobRef, key: str) -> bytes:
        kept = self.local.read(ref)
        if kept is not None:
            return kept
        try:
            return checked(self.published.read(key), ref)
        except ObjectMissingError as error:
            raise ObjectMissingError("an object that the ledger names is nowhere", where=key) from error
