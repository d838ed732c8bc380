"""Stage *attest*: from packages to signed statements about them.

In: what was built, and a `Signer`. Out: bundle bytes, and the facts for the ledger. As a rule one in-toto statement for
each package, whose single subject is the package's file name and digest; a back-fill signs many in one statement, which
clients accept only from a signer whose time is limited. It never opens a package.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pluginry.encoding import canonical_json
from pluginry.model.attestation import BACKFILL_PREDICATE, PUBLISH_PREDICATE, STATEMENT_TYPE
from pluginry.model.digest import BlobRef
from pluginry.model.layout import package_file
from pluginry.model.ledger import AttestationFact

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from pluginry.model.ledger import ArtifactFact, Released
    from pluginry.model.names import PluginId
    from pluginry.ports import Signer


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """What a statement is about: an artifact of a release of a plugin."""

    plugin: PluginId
    release: Released
    artifact: ArtifactFact

    @property
    def subject(self) -> dict[str, Any]:
        """The package as the subject of a statement."""
        name = package_file(self.plugin, self.release.version, self.artifact.platform)
        return {"name": name, "digest": {"sha256": self.artifact.sha256.hex}}

    @property
    def description(self) -> dict[str, str]:
        """What clients hold against the record that led them to the package."""
        return {
            "plugin": str(self.plugin),
            "version": str(self.release.version),
            "platform": str(self.artifact.platform),
            "manifest_sha256": self.release.manifest.sha256.hex,
        }


def statement_bytes(predicate_type: str, subjects: Iterable[object], predicate: Mapping[str, object]) -> bytes:
    """Return an in-toto statement in its one spelling."""
    return canonical_json.encode(
        {
            "_type": STATEMENT_TYPE,
            "subject": list(subjects),
            "predicateType": predicate_type,
            "predicate": predicate,
        }
    )


def publish_statement(plugin: PluginId, release: Released, artifact: ArtifactFact) -> bytes:
    """Return the statement that the registry published `artifact` as a package of `release`."""
    package = Package(plugin=plugin, release=release, artifact=artifact)
    predicate = {**package.description, "facts_sha256": release.facts.sha256.hex}
    if release.registry_commit:
        predicate["registry_commit"] = release.registry_commit
    return statement_bytes(PUBLISH_PREDICATE, [package.subject], predicate)


def backfill_statement(packages: Sequence[Package]) -> bytes:
    """Return the statement that the registry published all of `packages`, at most `MAX_SUBJECTS`."""
    described = {package.artifact.sha256.hex: package.description for package in packages}
    return statement_bytes(BACKFILL_PREDICATE, (package.subject for package in packages), {"packages": described})


def attest(
    plugin: PluginId, release: Released, artifact: ArtifactFact, *, signer: Signer
) -> tuple[bytes, AttestationFact]:
    """Return the signed bundle about `artifact`, and what the ledger says of it; the errors of `Signer.attest`."""
    bundle = signer.attest(publish_statement(plugin, release, artifact))
    return bundle, _fact(artifact, PUBLISH_PREDICATE, bundle)


def attest_together(packages: Sequence[Package], *, signer: Signer) -> tuple[bytes, tuple[AttestationFact, ...]]:
    """Return one bundle about all of `packages`, and what the ledger says of each of them."""
    bundle = signer.attest(backfill_statement(packages))
    return bundle, tuple(_fact(package.artifact, BACKFILL_PREDICATE, bundle) for package in packages)


def _fact(artifact: ArtifactFact, predicate_type: str, bundle: bytes) -> AttestationFact:
    ref = BlobRef.of(bundle)
    return AttestationFact(artifact=artifact.sha256, type=predicate_type, sha256=ref.sha256, size=ref.size)
