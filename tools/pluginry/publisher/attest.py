"""Stage *attest*: from an artifact to a signed statement about it.

In: what was built, and a `Signer`. Out: bundle bytes, and the fact for the ledger. One in-toto statement
for each artifact, whose single subject is the package's file name and digest. It never opens the package.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pluginry.encoding import canonical_json
from pluginry.model.attestation import PUBLISH_PREDICATE, STATEMENT_TYPE
from pluginry.model.digest import BlobRef
from pluginry.model.layout import package_file
from pluginry.model.ledger import AttestationFact

if TYPE_CHECKING:
    from pluginry.model.ledger import ArtifactFact, Released
    from pluginry.model.names import PluginId
    from pluginry.ports import Signer


def publish_statement(plugin: PluginId, release: Released, artifact: ArtifactFact) -> bytes:
    """Return the statement that the registry published `artifact` as a package of `release`."""
    predicate = {
        "plugin": str(plugin),
        "version": str(release.version),
        "platform": str(artifact.platform),
        "manifest_sha256": release.manifest.sha256.hex,
        "facts_sha256": release.facts.sha256.hex,
    }
    if release.registry_commit:
        predicate["registry_commit"] = release.registry_commit
    return canonical_json.encode(
        {
            "_type": STATEMENT_TYPE,
            "subject": [
                {
                    "name": package_file(plugin, release.version, artifact.platform),
                    "digest": {"sha256": artifact.sha256.hex},
                }
            ],
            "predicateType": PUBLISH_PREDICATE,
            "predicate": predicate,
        }
    )


def attest(
    plugin: PluginId, release: Released, artifact: ArtifactFact, *, signer: Signer
) -> tuple[bytes, AttestationFact]:
    """Return the signed bundle about `artifact`, and what the ledger says of it; the errors of `Signer.attest`."""
    bundle = signer.attest(publish_statement(plugin, release, artifact))
    ref = BlobRef.of(bundle)
    fact = AttestationFact(artifact=artifact.sha256, type=PUBLISH_PREDICATE, sha256=ref.sha256, size=ref.size)
    return bundle, fact
