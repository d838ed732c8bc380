"""What is said on a release's pages about trusting it: the statements for everybody, and those only the registry knows.

In: a release, its plugin and all that the catalogue is made of. Out: statements, worst news first, and addresses where
others keep the same evidence. It checks nothing itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pluginry.model import layout
from pluginry.model.said import counted, said
from pluginry.model.trust_statement import TrustStatement, TrustWord, trust_statements
from pluginry.publisher.pages import addresses

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pluginry.model.index import PluginRecord, ReleaseRecord
    from pluginry.model.listing import Namespace
    from pluginry.model.said import Said
    from pluginry.publisher.pages.catalogue_input import CatalogueInput
    from pluginry.publisher.pages.view import CatalogueView


def log_address(entry: int, instance: str) -> str:
    """Return where the public transparency log shows an entry; empty for entries of other logs."""
    return f"https://search.sigstore.dev/?logIndex={entry}" if instance == "public-good" else ""


def statements_about(release: ReleaseRecord, record: PluginRecord, view: CatalogueView) -> tuple[TrustStatement, ...]:
    """Return every statement about `release`, worst news first."""
    given = view.given
    return (*statements_for_everybody(release, record, view), *_namespace(record, given), *_scan(release, given))


def statements_for_everybody(
    release: ReleaseRecord, record: PluginRecord, view: CatalogueView
) -> tuple[TrustStatement, ...]:
    """Return those of the statements about `release` that clients find out by themselves; they take no scan results."""
    given = view.given
    advisories = view.book.hitting(record, release)
    return trust_statements(record, release, policy=given.policy, proved=given.signatures, advisories=advisories)


def _namespace(record: PluginRecord, given: CatalogueInput) -> Iterator[TrustStatement]:
    namespace = given.registry.namespaces.get(record.id.namespace)
    if namespace:
        yield TrustStatement(
            word=TrustWord.NAMESPACE,
            says=_proof(namespace),
            links=(addresses.publisher_page(record.id.namespace),),
            at=namespace.proof.checked_at,
        )


def _proof(namespace: Namespace) -> Said:
    names = {"name": namespace.namespace, "title": namespace.title, "proof": namespace.proof.value}
    match namespace.proof.kind:
        case "domain":
            return said("%(name)s belongs to %(title)s: its owners answer for the domain %(proof)s.", **names)
        case "repository":
            return said("%(name)s belongs to %(title)s: its owners control %(proof)s.", **names)
        case "registry":
            return said("%(name)s belongs to %(title)s: the marketplace itself gave it out, for %(proof)s.", **names)
        case _:
            return said("%(name)s belongs to %(title)s: %(proof)s.", **names)


def _scan(release: ReleaseRecord, given: CatalogueInput) -> Iterator[TrustStatement]:
    facts = given.facts.get(release.facts.sha256)
    if facts:
        names = ", ".join(f"{name} {version}".strip() for name, version in sorted(facts.scanners.items()))
        found = len(facts.findings)
        yield TrustStatement(
            word=TrustWord.SCANNED,
            says=counted(
                "The files were scanned with %(count)s finding.",
                "The files were scanned with %(count)s findings.",
                found,
            )
            if found
            else said("The files were scanned with no findings."),
            because=said("Scanners: %(names)s.", names=names) if names else "",
            links=(layout.node_key(release.facts.sha256),),
        )
