"""Why a release may be trusted, as statements that each name their evidence. There is no tick and no score.

In: a release, its plugin and the trust policy. Out: statements. A statement that is missing is said to be missing.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
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
    "repository": "its owners control {}",
    "registry": "the marketplace itself gave it out, for {}",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What is claimed (``says``) about a ``subject``, and what it rests on (``because``).

    ``links`` are keys of published files that prove it; ``at`` is when it was done.
    """

    subject: str
    says: str
    because: str = ""
    links: tuple[str, ...] = ()
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
    for (kind, _), group in groupby(_in_groups(release, given), key=lambda known: _group_of(known, given)):
        yield _signature(kind, tuple(group), release, given)


def _in_groups(release: ReleaseRecord, given: CatalogueInput) -> list[AttestationFact]:
    return sorted(release.attestations, key=lambda known: _group_of(known, given))


def _group_of(attestation: AttestationFact, given: CatalogueInput) -> tuple[str, str]:
    """Attestations of one kind by one signer are told in one statement."""
    proved = given.signatures.get(attestation.sha256)
    return attestation.type, f"{proved.signer.issuer} {proved.signer.san}" if proved else ""


def _signature(
    kind: str, group: tuple[AttestationFact, ...], release: ReleaseRecord, given: CatalogueInput
) -> Statement:
    links = tuple(layout.attestation_key(known.sha256) for known in group)
    signed = {known.artifact for known in group}
    platforms = [artifact.platform for artifact in release.artifacts if artifact.sha256 in signed]
    if len(release.artifacts) == 1:
        what = "The package"
    elif len(platforms) == len(release.artifacts):
        what = "Every package"
    else:
        what = f"The package for {', '.join(platforms)}"
    proved = [given.signatures[known.sha256] for known in group if known.sha256 in given.signatures]
    if proved:
        entries = ", ".join(str(statement.log_index) for statement in proved)
        return Statement(
            subject="Signature",
            says=f"{what} was signed by {proved[0].signer.san}.",
            because=f"Issuer {proved[0].signer.issuer}, transparency log entry {entries}.",
            links=links,
            at=max(statement.signed_at for statement in proved),
        )
    if kind != PUBLISH_PREDICATE:
        return Statement(subject="Attestation", says=f"{what} has an attestation of type {kind}.", links=links)
    signers = ", or ".join(f"{known.san} (issuer {known.issuer})" for known in given.policy.registry_identities)
    return Statement(
        subject="Signature",
        says=f"{what} has a sigstore attestation.",
        because=f"Clients accept it only when it was signed by {signers}." if signers else "",
        links=links,
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
            links=(addresses.publisher_page(record.id.namespace),),
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
            links=(layout.node_key(release.facts.sha256),),
        )
