"""One release through the stages *acquire*, *wrap*, *pack* and *scan*, in this order.

In: a claimed release, the fetchers, the object store. Out: what was built, its content kept in the store,
so that nothing is fetched or made twice. It puts stages in order and decides nothing itself.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pluginry.encoding import documents
from pluginry.encoding.archive import read_archive
from pluginry.errors import DocumentError, TamperedError
from pluginry.model.finding import Severity
from pluginry.model.ledger import ArtifactFact
from pluginry.publisher.acquire import acquire
from pluginry.publisher.pack import adopt, pack
from pluginry.publisher.quarantine_list import SCRATCH_PREFIX
from pluginry.publisher.record import BuiltRelease
from pluginry.publisher.scan import facts_of_release, scan
from pluginry.publisher.scan_setup import PLAIN_SETUP
from pluginry.publisher.wrap import wrap

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pluginry.encoding.content_store import ContentStore
    from pluginry.model.ledger import AttestationFact
    from pluginry.model.manifest import Manifest
    from pluginry.model.registry import PluginEntry, Registry
    from pluginry.model.release import ArtifactClaim, Release
    from pluginry.ports import SourceFetcher
    from pluginry.publisher.pack import PackedArtifact
    from pluginry.publisher.provenance import ProvenanceDesk
    from pluginry.publisher.scan import ScanResult
    from pluginry.publisher.scan_setup import ScanSetup


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseBuilder:
    """Builds releases of `registry`, whose files lie in `folder`; what is made goes to `objects`."""

    registry: Registry
    folder: Path
    fetchers: Mapping[str, SourceFetcher]
    objects: ContentStore
    provenance: ProvenanceDesk
    scan_setup: ScanSetup = PLAIN_SETUP

    def build(self, entry: PluginEntry, release: Release) -> BuiltRelease:
        """Return what came out of building `release`.

        Raises:
            TransportError: the sources cannot be reached now.
            DocumentError, TamperedError, NotFoundError: the release is not what it claims to be.

        """
        artifacts: list[ArtifactFact] = []
        results: list[ScanResult] = []
        manifests: dict[bytes, Manifest] = {}
        provenance: list[AttestationFact] = []
        for claim in release.artifacts:
            with tempfile.TemporaryDirectory(prefix=SCRATCH_PREFIX) as scratch:
                packed = self._package(entry, release, claim, Path(scratch))
                results.append(_scanned(packed, claim, entry.listing.license, self.scan_setup))
                self.objects.add_file(packed.path)
            provenance += self.provenance.accept(entry, release, claim, packed.blob.sha256)
            manifests[packed.manifest_bytes] = packed.manifest
            artifacts.append(ArtifactFact(platform=claim.platform, sha256=packed.blob.sha256, size=packed.blob.size))
        if len(manifests) != 1:
            raise DocumentError(
                "the artifacts of a release do not hold the same manifest",
                where=f"{entry.folder}/releases/{release.version}.yaml",
                hint="only files may differ between platforms",
            )
        _refuse_blocking(entry, release, results)
        ((manifest_bytes, manifest),) = manifests.items()
        return BuiltRelease(
            manifest=self.objects.add(manifest_bytes),
            facts=self.objects.add(documents.encode(facts_of_release(manifest, results))),
            artifacts=tuple(artifacts),
            provenance=tuple(provenance),
        )

    def _package(self, entry: PluginEntry, release: Release, claim: ArtifactClaim, scratch: Path) -> PackedArtifact:
        limits = self.registry.config.limits
        acquired = acquire(
            claim,
            plugin_folder=self.folder / entry.folder,
            fetchers=self.fetchers,
            cache=self.objects,
            scratch=scratch,
            max_bytes=limits.upstream_bytes,
        )
        if claim.wrap is not None:
            acquired = wrap(
                acquired,
                claim,
                id=entry.id,
                version=release.version,
                listing=entry.listing,
                hosts=self.registry.hosts,
                scratch=scratch,
            )
        if acquired.is_dir():
            packed = pack(
                acquired, platform=claim.platform, out=scratch / "package.zip", foreign=claim.wrap is not None
            )
        else:
            packed = adopt(acquired)
        self._check_claims(entry, release, claim, packed)
        return packed

    def _check_claims(self, entry: PluginEntry, release: Release, claim: ArtifactClaim, packed: PackedArtifact) -> None:
        """Hold the package to what the registry says of it."""
        where = f"{entry.folder}/releases/{release.version}.yaml"
        if (packed.manifest.id, packed.manifest.version) != (entry.id, release.version):
            raise DocumentError(
                "the package is of another release",
                where=where,
                why=f"its manifest says {packed.manifest.id} {packed.manifest.version}",
            )
        if claim.source.is_tree and packed.blob.sha256 != claim.sha256:
            raise TamperedError(
                "the sources do not give the package that the release names",
                where=where,
                why=f"sha256 is {packed.blob.sha256}, not {claim.sha256}",
                hint=f"if the release is new, write sha256: {packed.blob.sha256}; a published one never changes",
            )
        if packed.blob.size > self.registry.config.limits.package_bytes:
            raise DocumentError("the package is larger than this marketplace allows", where=where)


def _scanned(packed: PackedArtifact, claim: ArtifactClaim, licence: str, setup: ScanSetup) -> ScanResult:
    """Read the package with the strict reader, every byte of it, and scan it."""
    with packed.path.open("rb") as stream:
        archive = read_archive(stream)
        archive.check_contents()
        return scan(
            archive,
            platform=claim.platform,
            manifest=packed.manifest,
            digest=packed.blob.sha256,
            licence=licence,
            setup=setup,
        )


def _refuse_blocking(entry: PluginEntry, release: Release, results: list[ScanResult]) -> None:
    blocking = [f for result in results for f in result.findings if f.severity is Severity.BLOCKS]
    if blocking:
        raise DocumentError(
            f"the scan refuses {entry.id} {release.version}",
            where=str(blocking[0].where),
            why="; ".join(finding.message for finding in blocking[:3]),
        )
