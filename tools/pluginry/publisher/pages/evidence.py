"""Why a release may be trusted, as statements that each name their evidence. There is no tick and no score.

In: a release, its plugin and the trust policy. Out: statements. A statement that is missing is said to be missing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pluginry.model import layout
from pluginry.model.attestation import PUBLISH_PREDICATE
from pluginry.publisher.pages import addresses
from pluginry.publisher.pages.words import plural

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from pluginry.model.index import PluginRecord, ReleaseRecord
    from pluginry.model.ledger import AttestationFact
    from pluginry.publisher.pages.catalogue_input import CatalogueInput

_PROOFS = {
    "domain": "its owners answer for the domain {}",
    "repository": "its owners control the repository {}",
    "registry": "the marketplace gave it out itself: {}",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What is claimed (``says``) about a ``subject``, and what it rests on (``because``).

    ``link`` is the key of a published file that proves it, or empty; ``at`` is when it was done.
    """

    subject: str
    says: str
    because: str = ""
    link: str = ""
    at: datetime | None = None


def statements_about(release: ReleaseRecord, record: PluginRecord, given: CatalogueInput) -> tuple[Statement, ...]:
    """Return every statement about `release`, strongest evidence first."""
    return (
        *_signatures(release, given),
        *_publisher(record),
        *_namespace(record, given),
        *_scan(release, given),
    )


def _signatures(release: ReleaseRecord, given: CatalogueInput) -> Iterator[Statement]:
    if not release.attestations:
        required = given.policy.publish_attestation == "required"
        yield Statement(
            subject="Signature",
            says="No attestation is published for this release.",
            because="Clients refuse to install it."
            if required
            else "Clients hold it to the signed index of the marketplace, which names its digest.",
        )
    for attestation in release.attestations:
        yield _signature(attestation, release, given)


def _signature(attestation: AttestationFact, release: ReleaseRecord, given: CatalogueInput) -> Statement:
    link = layout.attestation_key(attestation.sha256)
    platform = next((a.platform for a in release.artifacts if a.sha256 == attestation.artifact), "")
    what = "The package" if len(release.artifacts) == 1 else f"The package for {platform}"
    proved = given.signatures.get(attestation.sha256)
    if proved:
        return Statement(
            subject="Signature",
            says=f"{what} was signed by {proved.signer.san}.",
            because=f"Issuer {proved.signer.issuer}, transparency log entry {proved.log_index}.",
            link=link,
            at=proved.signed_at,
        )
    if attestation.type != PUBLISH_PREDICATE:
        return Statement(subject="Attestation", says=f"{what} has an attestation of type {attestation.type}.", link=link)
    signers = ", or ".join(f"{known.san} (issuer {known.issuer})" for known in given.policy.registry_identities)
    return Statement(
        subject="Signature",
        says=f"{what} has a sigstore attestation.",
        because=f"Clients accept it only when it was signed by {signers}." if signers else "",
        link=link,
    )


def _publisher(record: PluginRecord) -> Iterator[Statement]:
    publisher = record.publisher
    if publisher:
        refs = ", ".join(publisher.refs)
        yield Statement(
            subject="Publisher",
            says=f"Only {publisher.workflow} of {publisher.repository} may sign for its developers.",
            because=f"Issuer {publisher.issuer}, refs {refs}.",
        )


def _namespace(record: PluginRecord, given: CatalogueInput) -> Iterator[Statement]:
    namespace = given.registry.namespaces.get(record.id.namespace)
    if namespace:
        proof = _PROOFS.get(namespace.proof.kind, "{}").format(namespace.proof.value)
        yield Statement(
            subject="Namespace",
            says=f"{record.id.namespace} belongs to {namespace.title}: {proof}.",
            link=addresses.publisher_page(record.id.namespace),
            at=namespace.proof.checked_at,
        )


def _scan(release: ReleaseRecord, given: CatalogueInput) -> Iterator[Statement]:
    facts = given.facts.get(release.facts.sha256)
    if facts:
        names = ", ".join(f"{name} {version}".strip() for name, version in sorted(facts.scanners.items()))
        found = plural(len(facts.findings), "finding") if facts.findings else "no findings"
        yield Statement(
            subject="Scan",
            says=f"The files were scanned with {found}.",
            because=f"Scanners: {names}." if names else "",
            link=layout.node_key(release.facts.sha256),
        )
