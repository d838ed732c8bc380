"""The signed statements that an installation rests on: the registry's about the package, and the developer's.

In: a chosen release, its package, the source. Out: what they prove. The registry's must be there where its policy says
so, and must be true. The developer's counts or does not count: whether it must is asked by provenance.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pluginry.client import verify_release
from pluginry.client.provenance import NONE_NAMED, accept_provenance, developers_of, provenance_of
from pluginry.errors import PolicyError, TamperedError
from pluginry.model.attestation import RELEASE_PREDICATES

if TYPE_CHECKING:
    from pluginry.client.resolve import Chosen
    from pluginry.client.source import Source
    from pluginry.model.attestation import CertifiedBuild, VerifiedStatement
    from pluginry.model.ledger import ArtifactFact


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """The developer's ``build`` that made a package; None, and then ``why`` there is none that counts."""

    build: CertifiedBuild | None = None
    why: str = ""


def published_by(chosen: Chosen, artifact: ArtifactFact, source: Source) -> VerifiedStatement | None:
    """Return the registry's verified statement about `artifact`; None only where its policy does not demand one.

    Raises:
        TamperedError: it is missing, withheld, not signed by the registry, or about something else.
        PolicyError: it cannot be checked here, and must be.

    """
    about = [
        attestation
        for attestation in chosen.release.attestations
        if attestation.artifact == artifact.sha256 and attestation.type in RELEASE_PREDICATES
    ]
    if not about:
        if source.index().policy.publish_attestation == "required":
            raise TamperedError(
                f"{chosen.plugin} {chosen.release.version} is not signed, and its marketplace signs all"
            )
        return None
    if source.index().policy.publish_attestation != "required" and not source.can_verify():
        return None
    named = about[-1]
    statement = source.statement(named)
    verify_release.accept_statement(
        statement, plugin=chosen.plugin, release=chosen.release, artifact=artifact, kind=named.type
    )
    return statement


def built_by(chosen: Chosen, artifact: ArtifactFact, source: Source) -> Provenance:
    """Return which build of the developer made `artifact`, if that is proved.

    Raises:
        TamperedError: the bundle that the index names is withheld, or is another one.

    """
    record, named = source.record(chosen.plugin), provenance_of(chosen.release, artifact)
    if named is None or record is None:
        return Provenance(why=NONE_NAMED)
    signers = developers_of(record, chosen.release)
    if not signers:
        return Provenance(why="the marketplace names no publisher to hold it to")
    if not source.can_verify():
        return Provenance(why="it cannot be checked here: pip install 'pluginry[verify]'")
    source.bundle(named)  # whose bytes are what the index names; whether they prove anything is another question
    try:
        statement = source.statement(named, signers=signers)
        return Provenance(build=accept_provenance(statement, release=chosen.release, artifact=artifact))
    except (TamperedError, PolicyError) as error:
        return Provenance(why=": ".join(filter(None, (error.what, error.why))))
