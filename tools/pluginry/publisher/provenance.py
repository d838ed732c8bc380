"""A developer's own word on where a release was built: taken in when it is true, and kept beside the package.

In: a claim with the address and digest of a sigstore bundle (as build services make them: v0.3, SLSA provenance v1),
and the publisher that the plugin's listing names. Out: the fact for the ledger; the bundle lies in the object store.
Provenance that is not the publisher's, or about another file or version, is refused with the release: it is never
left out in silence.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from pluginry.encoding.provenance_statement import check_provenance, developer
from pluginry.errors import DocumentError, TamperedError
from pluginry.model.attestation import PROVENANCE_PREDICATE
from pluginry.model.digest import BlobRef
from pluginry.model.layout import package_file
from pluginry.model.ledger import AttestationFact
from pluginry.model.release import Source

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pluginry.encoding.content_store import ContentStore
    from pluginry.model.digest import Digest
    from pluginry.model.registry import PluginEntry
    from pluginry.model.release import ArtifactClaim, ProvenanceClaim, Release
    from pluginry.ports import SourceFetcher, Verifier

MAX_BUNDLE_BYTES = 256 << 10


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvenanceDesk:
    """Takes in provenance; without a ``verifier`` nothing can be checked, so nothing is taken."""

    verifier: Verifier | None
    trusted_root: bytes
    fetchers: Mapping[str, SourceFetcher]
    objects: ContentStore

    def accept(
        self, entry: PluginEntry, release: Release, claim: ArtifactClaim, package: Digest
    ) -> tuple[AttestationFact, ...]:
        """Return the fact about the provenance that `claim` names for the package that was made of it; none if none is.

        Raises:
            TransportError: the bundle cannot be reached.
            DocumentError: it cannot be checked: the listing names no publisher, or this marketplace signs nothing.
            TamperedError: it is not the publisher's word about this file.

        """
        if claim.provenance is None:
            return ()
        publisher = entry.listing.publisher
        where = f"{entry.folder}/releases/{release.version}.yaml"
        if publisher is None or self.verifier is None:
            raise DocumentError(
                "the provenance cannot be checked",
                where=where,
                why="this marketplace has no sigstore instance" if publisher else "the listing names no publisher",
            )
        bundle = self._bundle(claim.provenance)
        verified = self.verifier.verify(bundle, trusted_root=self.trusted_root, identities=(developer(publisher),))
        check_provenance(verified, name=_file_name(entry, release, claim), digest=claim.sha256, version=release.version)
        ref = self.objects.add(bundle)
        return (AttestationFact(artifact=package, type=PROVENANCE_PREDICATE, sha256=ref.sha256, size=ref.size),)

    def _bundle(self, named: ProvenanceClaim) -> bytes:
        with tempfile.TemporaryDirectory(prefix="pluginry-provenance-") as scratch:
            path = self.fetchers["url"].fetch(
                Source(url=named.url), Path(scratch), expected=None, max_bytes=MAX_BUNDLE_BYTES
            )
            bundle = path.read_bytes()
        if BlobRef.of(bundle).sha256 != named.sha256:
            raise TamperedError("the provenance is not the file that the release names", where=named.url)
        return bundle


def _file_name(entry: PluginEntry, release: Release, claim: ArtifactClaim) -> str:
    """Return what the build that made the claimed file calls it."""
    if claim.source.url:
        return unquote(urlsplit(claim.source.url).path).rpartition("/")[2]
    if claim.source.is_tree:
        return package_file(entry.id, release.version, claim.platform)
    raise DocumentError(
        "provenance is taken only with url, path and git sources",
        where=f"{entry.folder}/releases/{release.version}.yaml",
    )
