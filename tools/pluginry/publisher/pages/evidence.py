"""What is said on a release's pages about trusting it: the statements for everybody, and those only the registry knows.

In: a release, its plugin and all that the catalogue is made of. Out: statements, worst news first, and addresses where
others keep the same evidence. It checks nothing itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pluginry.model import layout
from pluginry.model.trust_statement import TrustStatement, TrustWord, trust_statements
from pluginry.publisher.pages import addresses
from pluginry.publisher.pages.words import plural

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pluginry.model.index import PluginRecord, ReleaseRecord
    from pluginry.publisher.pages.catalogue_input import CatalogueInput
    from pluginry.publisher.pages.view import CatalogueView

_PROOFS = {
    "domain": "its owners answer for the domain {}",
    "repository": "its owners control {}",
    "registry": "the marketplace itself gave it out, for {}",
}


def log_address(entry: int, instance: str) -> str:
    """Return where the public transparency log shows an entry; empty for entries of other logs."""
    return f"https://search.sigstore.dev/?logIndex={entry}" if instance == "public-good" else ""


def statements_about(release: ReleaseRecord, record: PluginRecord, view: CatalogueView) -> tuple[TrustStatement, ...]:
    """Return every statement about `release`, worst news first."""
    given = view.given
    return (
        *trust_statements(
            record,
            release,
            policy=given.policy,
            proved=given.signatures,
            advisories=view.book.hitting(record, release),
        ),
        *_namespace(record, given),
        *_scan(release, given),
    )


def _namespace(record: PluginRecord, given: CatalogueInput) -> Iterator[TrustStatement]:
    namespace = given.registry.namespaces.get(record.id.namespace)
    if namespace:
        proof = _PROOFS.get(namespace.proof.kind, "{}").format(namespace.proof.value)
        yield TrustStatement(
            word=TrustWord.NAMESPACE,
            says=f"{record.id.namespace} belongs to {namespace.title}: {proof}.",
            links=(addresses.publisher_page(record.id.namespace),),
            at=namespace.proof.checked_at,
        )


def _scan(release: ReleaseRecord, given: CatalogueInput) -> Iterator[TrustStatement]:
    facts = given.facts.get(release.facts.sha256)
    if facts:
        names = ", ".join(f"{name} {version}".strip() for name, version in sorted(facts.scanners.items()))
        found = plural(len(facts.findings), "finding") if facts.findings else "no findings"
        yield TrustStatement(
            word=TrustWord.SCANNED,
            says=f"The files were scanned with {found}.",
            because=f"Scanners: {names}." if names else "",
            links=(layout.node_key(release.facts.sha256),),
        )
