"""Why a release may be trusted, or may not: statements that each name their evidence. No tick, no score.

In: a release with its plugin's record, the policy, what bundles proved, the advisories about it. Out: statements, the
same for the catalogue, the command line and programs. What is missing is said to be missing; a signature that nobody
has checked here is never told as one that was.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import reduce
from itertools import groupby
from types import MappingProxyType
from typing import TYPE_CHECKING

from pluginry.model import layout
from pluginry.model.advisory import Action
from pluginry.model.attestation import PROVENANCE_PREDICATE, RELEASE_PREDICATES
from pluginry.model.said import said

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from pluginry.model.advisory import Advisory
    from pluginry.model.attestation import AcceptedSigner, VerifiedStatement
    from pluginry.model.digest import Digest
    from pluginry.model.index import PluginRecord, ReleaseRecord, TrustPolicy
    from pluginry.model.ledger import AttestationFact

LAB_INSTANCE = "lab"


class TrustWord(StrEnum):
    """What can be said about a release, worst news first. Every page, command and document uses these words."""

    REVOKED = "revoked"
    YANKED = "yanked"
    ADVISED = "advisory"
    LAB = "lab"
    UNSIGNED = "unsigned"
    SIGNED_BY_REGISTRY = "signed-by-registry"
    SIGNATURE_UNCHECKED = "signature-unchecked"
    PROVENANCE = "provenance"
    OTHER_ATTESTATION = "other-attestation"
    PUBLISHER = "publisher"
    TRANSFERRED = "transferred"
    NAMESPACE = "namespace"
    SCANNED = "scanned"

    @property
    def heading(self) -> str:
        """The word as a heading."""
        return _TITLES[self]


_TITLES = MappingProxyType(
    {
        TrustWord.REVOKED: said("Revoked"),
        TrustWord.YANKED: said("Yanked"),
        TrustWord.ADVISED: said("Advisory"),
        TrustWord.LAB: said("Lab"),
        TrustWord.UNSIGNED: said("Unsigned"),
        TrustWord.SIGNED_BY_REGISTRY: said("Signed by the registry"),
        TrustWord.SIGNATURE_UNCHECKED: said("Signature"),
        TrustWord.PROVENANCE: said("Provenance"),
        TrustWord.OTHER_ATTESTATION: said("Attestation"),
        TrustWord.PUBLISHER: said("Publisher"),
        TrustWord.TRANSFERRED: said("Handed over"),
        TrustWord.NAMESPACE: said("Namespace"),
        TrustWord.SCANNED: said("Scan"),
    }
)


class LinkWord(StrEnum):
    """What can be said about a link in a listing. Every page, command and document uses these words."""

    VERIFIED = "verified"
    CLAIMED = "claimed"

    @property
    def heading(self) -> str:
        """The word as people read it."""
        return said("verified") if self is LinkWord.VERIFIED else said("claimed by the author, not verified")


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustStatement:
    """What is said (``says``) under a ``word``, and what it rests on (``because``).

    ``links`` are keys of published files that prove it; ``at`` is when it was done. ``signer`` and ``issuer``,
    ``log_entries``, ``runs`` (addresses of builds) and ``commits`` are what a checked signature proved.
    """

    word: TrustWord
    says: str
    because: str = ""
    links: tuple[str, ...] = ()
    at: datetime | None = None
    signer: str = ""
    issuer: str = ""
    log_entries: tuple[int, ...] = ()
    runs: tuple[str, ...] = ()
    commits: tuple[str, ...] = ()


def trust_statements(
    record: PluginRecord,
    release: ReleaseRecord,
    *,
    policy: TrustPolicy,
    proved: Mapping[Digest, VerifiedStatement],
    advisories: Iterable[Advisory],
) -> tuple[TrustStatement, ...]:
    """Return what can be said about `release`, worst news first.

    `proved` maps bundles to what they proved to somebody who checked them; `advisories` are those about this release.
    """
    found = [
        *_warnings(record, release, advisories),
        *_signatures(release, policy, proved),
        *_publisher(record),
        *_transfers(record),
    ]
    words = tuple(TrustWord)
    return tuple(sorted(found, key=lambda statement: words.index(statement.word)))


def _warnings(record: PluginRecord, release: ReleaseRecord, advisories: Iterable[Advisory]) -> Iterator[TrustStatement]:
    subject = record.subject_of(release)
    for advisory in advisories:
        signers = (one.says for one in advisory.database_specific.signers if one.made(subject))
        because = _CONSEQUENCES[advisory.action]
        for one in signers:
            because = said(
                "%(before)s It was published by %(signer)s, and nothing of that is to be believed.",
                before=because,
                signer=one,
            )
        yield TrustStatement(
            word=TrustWord.ADVISED if advisory.action is Action.WARN else TrustWord.REVOKED,
            says=f"{advisory.id}: {advisory.summary}",
            because=because,
            at=advisory.modified,
        )
    if release.yanked is not None:
        yield TrustStatement(
            word=TrustWord.YANKED,
            says=said("The release was withdrawn: %(reason)s", reason=release.yanked),
            because=said("Clients choose it only when this exact version is asked for."),
        )


_CONSEQUENCES = MappingProxyType(
    {
        Action.WARN: said("Clients warn."),
        Action.BLOCK_INSTALL: said("Clients do not install it."),
        Action.DISABLE: said("Clients do not install it, and disable it where it is installed."),
    }
)


def _signatures(
    release: ReleaseRecord, policy: TrustPolicy, proved: Mapping[Digest, VerifiedStatement]
) -> Iterator[TrustStatement]:
    if not any(known.type in RELEASE_PREDICATES for known in release.attestations):
        yield TrustStatement(
            word=TrustWord.UNSIGNED,
            says=said("No attestation is published for this release."),
            because=said("Clients refuse to install it.")
            if policy.publish_attestation == "required"
            else said("Clients hold it to the signed index of the marketplace, which names its digest."),
        )
    elif policy.instance == LAB_INSTANCE:
        yield TrustStatement(
            word=TrustWord.LAB,
            says=said("The signatures of this marketplace are for development only."),
            because=said("They are of a lab, whose keys lie on a developer's disk: they prove nothing."),
        )

    def group_of(known: AttestationFact) -> tuple[str, str]:
        """Attestations of one kind by one signer are told in one statement."""
        statement = proved.get(known.sha256)
        return known.type, f"{statement.signer.issuer} {statement.signer.san}" if statement else ""

    for (kind, _), group in groupby(sorted(release.attestations, key=group_of), key=group_of):
        yield _signature(kind, tuple(group), release, policy.signers_of(kind), proved)


def _signature(
    kind: str,
    group: tuple[AttestationFact, ...],
    release: ReleaseRecord,
    accepted: tuple[AcceptedSigner, ...],
    proved: Mapping[Digest, VerifiedStatement],
) -> TrustStatement:
    links = tuple(dict.fromkeys(layout.attestation_key(known.sha256) for known in group))
    what = _packages(release, {known.artifact for known in group})
    statements = [proved[known.sha256] for known in group if known.sha256 in proved]
    if kind == PROVENANCE_PREDICATE and statements:
        says = said("%(what)s was built by %(workflow)s.", what=what, workflow=statements[0].build.workflow)
        return _proved(TrustWord.PROVENANCE, says, statements, links)
    if kind not in RELEASE_PREDICATES:
        return TrustStatement(
            word=TrustWord.OTHER_ATTESTATION,
            says=said("%(what)s has an attestation of type %(kind)s.", what=what, kind=kind),
            links=links,
        )
    if statements:
        says = said("%(what)s was signed by %(signer)s.", what=what, signer=statements[0].signer.san)
        return _proved(TrustWord.SIGNED_BY_REGISTRY, says, statements, links)
    signers = [
        said("%(signer)s (issuer %(issuer)s)", signer=known.san or known.repository, issuer=known.issuer)
        for known in accepted
    ]
    either = reduce(lambda one, other: said("%(one)s, or %(other)s", one=one, other=other), signers) if signers else ""
    return TrustStatement(
        word=TrustWord.SIGNATURE_UNCHECKED,
        says=said("%(what)s has a sigstore attestation.", what=what),
        because=said("Clients accept it only when it was signed by %(signers)s.", signers=either) if either else "",
        links=links,
    )


def _proved(word: TrustWord, says: str, statements: list[VerifiedStatement], links: tuple[str, ...]) -> TrustStatement:
    signer = statements[0].signer
    entries = tuple(dict.fromkeys(statement.log_index for statement in statements))
    runs = tuple(dict.fromkeys(statement.build.run for statement in statements if statement.build.run))
    commits = tuple(dict.fromkeys(statement.build.commit for statement in statements if statement.build.commit))
    because = [f"Issuer {signer.issuer}", f"transparency log entry {', '.join(map(str, entries))}"]
    because += [f"run {', '.join(runs)}"] if runs else []
    because += [f"commit {', '.join(commits)}"] if commits else []
    return TrustStatement(
        word=word,
        says=says,
        because=f"{', '.join(because)}.",
        links=links,
        at=max(statement.signed_at for statement in statements),
        signer=signer.san,
        issuer=signer.issuer,
        log_entries=entries,
        runs=runs,
        commits=commits,
    )


def _packages(release: ReleaseRecord, signed: set[Digest]) -> str:
    platforms = [artifact.platform for artifact in release.artifacts if artifact.sha256 in signed]
    if len(release.artifacts) == 1:
        return said("The package")
    if len(platforms) == len(release.artifacts):
        return said("Every package")
    return said("The package for %(platforms)s", platforms=", ".join(platforms))


def _publisher(record: PluginRecord) -> Iterator[TrustStatement]:
    publisher = record.publisher
    if publisher:
        yield TrustStatement(
            word=TrustWord.PUBLISHER,
            says=said(
                "Only %(workflow)s of %(repository)s may sign for its developers.",
                workflow=publisher.workflow,
                repository=publisher.repository,
            ),
            because=said("Issuer %(issuer)s, refs %(refs)s.", issuer=publisher.issuer, refs=", ".join(publisher.refs)),
        )


def _transfers(record: PluginRecord) -> Iterator[TrustStatement]:
    for transfer in record.transfers:
        yield TrustStatement(
            word=TrustWord.TRANSFERRED,
            says=said(
                "The plugin was handed over from %(before)s to %(after)s.",
                before=transfer.previous.repository,
                after=transfer.publisher.repository,
            ),
            because=transfer.reason,
            at=transfer.at,
        )
