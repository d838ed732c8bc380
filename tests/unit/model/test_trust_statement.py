"""The words about trust: each with what it rests on, worst news first, and nothing told as checked that was not."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from pluginry.encoding import documents
from pluginry.model.advisory import Action, Advisory, Directive
from pluginry.model.attestation import (
    BACKFILL_PREDICATE,
    PAYLOAD_TYPE,
    PROVENANCE_PREDICATE,
    PUBLISH_PREDICATE,
    AcceptedSigner,
    CertifiedBuild,
    SignerIdentity,
    Use,
    VerifiedStatement,
)
from pluginry.model.channel import Channel
from pluginry.model.digest import BlobRef, Digest
from pluginry.model.index import PluginRecord, ReleaseRecord, TrustPolicy
from pluginry.model.ledger import ArtifactFact, AttestationFact, Transferred
from pluginry.model.names import Platform, PluginId
from pluginry.model.publisher import Publisher
from pluginry.model.status import Status
from pluginry.model.trust_statement import TrustStatement, TrustWord, trust_statements
from pluginry.model.versions import Version

if TYPE_CHECKING:
    from collections.abc import Mapping

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
DEMO = PluginId.parse("acme/demo")
ISSUER, SAN = "https://issuer.example", "https://signer.example/publish"
RUN = "https://github.com/acme/registry/actions/runs/77/attempts/1"
POLICY = TrustPolicy(
    epoch=1, publish_attestation="required", registry_identities=(AcceptedSigner(issuer=ISSUER, san=SAN),)
)
ANN = Publisher(issuer=ISSUER, repository="ann/demo", workflow="release.yml", refs=("refs/tags/v*",))
BOB = replace(ANN, repository="bob/demo")
PLATFORMS = ("linux-x86_64", "macos-aarch64")
IMPORTER = AcceptedSigner(issuer=ISSUER, san="https://signer.example/first-import")


def digest(name: str) -> Digest:
    return Digest.of(name.encode())


def an_attestation(platform: str, kind: str = PUBLISH_PREDICATE) -> AttestationFact:
    return AttestationFact(artifact=digest(platform), type=kind, sha256=digest(f"{kind} {platform}"), size=1)


def a_release(*attestations: AttestationFact, yanked: str | None = None) -> ReleaseRecord:
    blob = BlobRef(sha256=digest("x"), size=1)
    return ReleaseRecord(
        version=Version("1.0.0"),
        channel=Channel.STABLE,
        published_at=AT,
        hosts={},
        manifest=blob,
        facts=blob,
        artifacts=tuple(ArtifactFact(platform=Platform(p), sha256=digest(p), size=1) for p in PLATFORMS),
        attestations=attestations,
        yanked=yanked,
    )


def an_advisory(action: Action) -> Advisory:
    return Advisory(
        schema_version="1.6.0",
        id=f"PLG-2026-{action}",
        modified=AT,
        published=AT,
        summary="Reads too much",
        affected=(),
        database_specific=Directive(action=action),
    )


def said(
    release: ReleaseRecord,
    *,
    policy: TrustPolicy = POLICY,
    proved: Mapping[Digest, VerifiedStatement] | None = None,
    advisories: tuple[Advisory, ...] = (),
    **record: Any,
) -> tuple[TrustStatement, ...]:
    plugin = PluginRecord(id=DEMO, seq=1, status=Status.ACTIVE, releases=(release,), **record)
    return trust_statements(plugin, release, policy=policy, proved=proved or {}, advisories=advisories)


def proof(number: int, **build: str) -> VerifiedStatement:
    return VerifiedStatement(
        payload_type=PAYLOAD_TYPE,
        payload=b"",
        signer=SignerIdentity(issuer=ISSUER, san=SAN),
        signed_at=AT,
        log_index=number,
        build=CertifiedBuild(**build),
    )


SIGNED = tuple(map(an_attestation, PLATFORMS))


def test_every_word_has_a_heading_of_its_own() -> None:
    assert len({word.heading for word in TrustWord}) == len(TrustWord)


def test_packages_that_were_signed_together_are_signed_and_their_bundle_is_named_once() -> None:
    bundle = digest("bundle")
    together = tuple(replace(an_attestation(name, BACKFILL_PREDICATE), sha256=bundle) for name in PLATFORMS)
    policy = replace(
        POLICY, registry_identities=(*POLICY.registry_identities, replace(IMPORTER, use=(Use.PUBLISH_BACKFILL,)))
    )
    (statement,) = said(a_release(*together), policy=policy)
    assert statement.word is TrustWord.SIGNATURE_UNCHECKED
    assert statement.because == f"Clients accept it only when it was signed by {IMPORTER.san} (issuer {ISSUER})."
    assert len(statement.links) == 1
    (statement,) = said(a_release(*together), policy=policy, proved={bundle: proof(7)})
    assert (statement.word, statement.log_entries) == (TrustWord.SIGNED_BY_REGISTRY, (7,))
    assert statement.says == f"Every package was signed by {SAN}."


def test_an_unsigned_release_is_said_to_be_unsigned_and_what_that_means() -> None:
    (statement,) = said(a_release())
    assert (statement.word, statement.because) == (TrustWord.UNSIGNED, "Clients refuse to install it.")
    (statement,) = said(a_release(), policy=replace(POLICY, publish_attestation="optional"))
    assert "signed index" in statement.because


def test_an_attestation_of_another_kind_does_not_make_a_release_signed() -> None:
    found = said(a_release(an_attestation(PLATFORMS[0], PROVENANCE_PREDICATE)))
    assert [statement.word for statement in found] == [TrustWord.UNSIGNED, TrustWord.OTHER_ATTESTATION]


def test_checked_provenance_names_the_build() -> None:
    fact = an_attestation(PLATFORMS[0], PROVENANCE_PREDICATE)
    found = said(a_release(*SIGNED, fact), proved={fact.sha256: proof(9, run=RUN, workflow="https://forge/w@v1")})
    assert [statement.word for statement in found] == [TrustWord.SIGNATURE_UNCHECKED, TrustWord.PROVENANCE]
    assert found[1].says == "The package for linux-x86_64 was built by https://forge/w@v1."
    assert (found[1].log_entries, found[1].runs) == ((9,), (RUN,))


def test_a_signature_that_nobody_checked_is_no_proof() -> None:
    (statement,) = said(a_release(*SIGNED))
    assert statement.word is TrustWord.SIGNATURE_UNCHECKED
    assert statement.because == f"Clients accept it only when it was signed by {SAN} (issuer {ISSUER})."
    assert (statement.signer, statement.log_entries) == ("", ())


def test_a_checked_signature_names_signer_log_entries_run_and_commit() -> None:
    proved = {known.sha256: proof(n, run=RUN, commit="a" * 40) for n, known in enumerate(SIGNED, start=7)}
    (statement,) = said(a_release(*SIGNED), proved=proved)
    assert statement.word is TrustWord.SIGNED_BY_REGISTRY
    assert statement.says == f"Every package was signed by {SAN}."
    assert statement.because == f"Issuer {ISSUER}, transparency log entry 7, 8, run {RUN}, commit {'a' * 40}."
    assert (statement.signer, statement.issuer, statement.log_entries, statement.runs) == (SAN, ISSUER, (7, 8), (RUN,))
    assert len(statement.links) == 2


def test_a_package_that_was_not_checked_is_told_apart_from_one_that_was() -> None:
    found = said(a_release(*SIGNED), proved={SIGNED[1].sha256: proof(7)})
    assert [(statement.word, statement.says) for statement in found] == [
        (TrustWord.SIGNED_BY_REGISTRY, f"The package for macos-aarch64 was signed by {SAN}."),
        (TrustWord.SIGNATURE_UNCHECKED, "The package for linux-x86_64 has a sigstore attestation."),
    ]


def test_signatures_of_the_lab_are_said_to_prove_nothing() -> None:
    words = [one.word for one in said(a_release(*SIGNED), policy=replace(POLICY, instance="lab"))]
    assert words == [TrustWord.LAB, TrustWord.SIGNATURE_UNCHECKED]


@pytest.mark.parametrize(
    ("action", "word"),
    [
        (Action.WARN, TrustWord.ADVISED),
        (Action.BLOCK_INSTALL, TrustWord.REVOKED),
        (Action.DISABLE, TrustWord.REVOKED),
    ],
)
def test_an_advisory_that_stops_clients_is_a_revocation(action: Action, word: TrustWord) -> None:
    (statement, _) = said(a_release(*SIGNED), advisories=(an_advisory(action),))
    assert (statement.word, statement.says) == (word, f"PLG-2026-{action}: Reads too much")


def test_bad_news_comes_first_and_transfers_are_told() -> None:
    transfer = Transferred(at=AT, previous=ANN, publisher=BOB, reason="Ann retires")
    found = said(
        a_release(*SIGNED, yanked="broken"),
        advisories=(an_advisory(Action.WARN), an_advisory(Action.DISABLE)),
        publisher=BOB,
        transfers=(transfer,),
    )
    assert [statement.word for statement in found] == [
        TrustWord.REVOKED,
        TrustWord.YANKED,
        TrustWord.ADVISED,
        TrustWord.SIGNATURE_UNCHECKED,
        TrustWord.PUBLISHER,
        TrustWord.TRANSFERRED,
    ]
    assert found[-1].says == "The plugin was handed over from ann/demo to bob/demo."


def test_programs_get_the_same_words() -> None:
    (plain,) = documents.to_plain(said(a_release()))
    assert plain["word"] == "unsigned"
    assert plain["says"] == "No attestation is published for this release."
