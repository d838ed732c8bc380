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
from pluginry.model.facts import Facts, ScanFinding
from pluginry.model.finding import Severity
from pluginry.model.ledger import ArtifactFact
from pluginry.publisher.acquire import acquire
from pluginry.publisher.pack import adopt, pack
from pluginry.publisher.record import BuiltRelease
from pluginry.publisher.scan import SCANNERS, scan
from pluginry.publisher.wrap import wrap

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pluginry.encoding.content_store import ContentStore
    from pluginry.model.facts import ArtifactFacts
    from pluginry.model.finding import Finding
    from pluginry.model.registry import PluginEntry, Registry
    from pluginry.model.release import ArtifactClaim, Release
    from pluginry.ports import SourceFetcher
    from pluginry.publisher.pack import PackedArtifact


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseBuilder:
    """Builds releases of `registry`, whose files lie in `folder`; what is made goes to `objects`."""

    registry: Registry
    folder: Path
    fetchers: Mapping[str, SourceFetcher]
    objects: ContentStore

    def build(self, entry: PluginEntry, release: Release) -> BuiltRelease:
        """Return what came out of building `release`.

        Raises:
            TransportError: the sources cannot be reached now.
            DocumentError, TamperedError, NotFoundError: the release is not what it claims to be.

        """
        artifacts: list[ArtifactFact] = []
        seen: list[ArtifactFacts] = []
        findings: list[Finding] = []
        manifests: set[bytes] = set()
        for claim in release.artifacts:
            with tempfile.TemporaryDirectory(prefix="pluginry-build-") as scratch:
                packed = self._package(entry, release, claim, Path(scratch))
                with packed.path.open("rb") as stream:
                    archive = read_archive(stream)
                    archive.check_contents()
                    scanned = scan(
                        archive, platform=claim.platform, manifest=packed.manifest, digest=packed.blob.sha256
                    )
                self.objects.add_file(packed.path)
            manifests.add(packed.manifest_bytes)
            seen.append(scanned.facts)
            findings += scanned.findings
            artifacts.append(ArtifactFact(platform=claim.platform, sha256=packed.blob.sha256, size=packed.blob.size))
        manifest_bytes = self._one_manifest(entry, release, manifests)
        _refuse_blocking(entry, release, findings)
        return BuiltRelease(
            manifest=self.objects.add(manifest_bytes),
            facts=self.objects.add(documents.encode(_facts(entry, release, seen, findings))),
            artifacts=tuple(artifacts),
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
            packed = pack(acquired, platform=claim.platform, out=scratch / "package.zip")
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

    def _one_manifest(self, entry: PluginEntry, release: Release, manifests: set[bytes]) -> bytes:
        if len(manifests) != 1:
            raise DocumentError(
                "the artifacts of a release do not hold the same manifest",
                where=f"{entry.folder}/releases/{release.version}.yaml",
                hint="only files may differ between platforms",
            )
        return next(iter(manifests))


def _facts(entry: PluginEntry, release: Release, seen: list[ArtifactFacts], findings: list[Finding]) -> Facts:
    return Facts(
        id=entry.id,
        version=release.version,
        artifacts=tuple(seen),
        scanners={scanner.name: scanner.version for scanner in SCANNERS},
        findings=tuple(
            ScanFinding(
                rule=finding.rule,
                severity=finding.severity.value,
                message=finding.message,
                file=finding.where.file,
                line=finding.where.line,
            )
            for finding in findings
        ),
    )


def _refuse_blocking(entry: PluginEntry, release: Release, findings: list[Finding]) -> None:
    blocking = [finding for finding in findings if finding.severity is Severity.BLOCKS]
    if blocking:
        raise DocumentError(
            f"the scan refuses {entry.id} {release.version}",
            where=str(blocking[0].where),
            why="; ".join(finding.message for finding in blocking[:3]),
        )
