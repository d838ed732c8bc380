from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import pytest

from notary import Notary as RealNotary
from notary import lab
from pluginry.adapters.sigstore_lab import LAB_IDENTITY
from pluginry.adapters.sigstore_verifier import SigstoreVerifier
from pluginry.client import limits
from pluginry.encoding import canonical_json
from pluginry.encoding.parsed_document import ParsedDocument
from pluginry.encoding.schema import check_against_schema
from pluginry.errors import TransportError
from pluginry.model.attestation import BACKFILL_PREDICATE, MAX_SUBJECTS, SignerIdentity
from pluginry.model.channel import Channel
from pluginry.model.digest import BlobRef
from pluginry.model.ledger import ArtifactFact, Released
from pluginry.model.names import Platform, PluginId
from pluginry.model.versions import Version
from pluginry.publisher.attest import Package, attest, attest_together, backfill_statement, publish_statement

PLUGIN = PluginId.parse("acme/demo")
PACKAGE = BlobRef.of(b"package")
ARTIFACT = ArtifactFact(platform=Platform("linux-x86_64"), sha256=PACKAGE.sha256, size=PACKAGE.size)
RELEASE = Released(
    at=datetime(2026, 1, 1, tzinfo=UTC),
    version=Version("1.0.0-rc.1"),
    channel=Channel.BETA,
    manifest=BlobRef.of(b"manifest"),
    facts=BlobRef.of(b"facts"),
    artifacts=(ARTIFACT,),
    registry_commit="c" * 40,
)


SOMEONE = SignerIdentity(issuer="https://issuer.example", san="someone")


@dataclass
class Notary:
    """A signer that wraps statements, or is out of order."""

    identity: SignerIdentity = SOMEONE
    is_down: bool = False
    seen: list[bytes] = field(default_factory=list)

    def attest(self, statement: bytes) -> bytes:
        if self.is_down:
            raise TransportError("no answer")
        self.seen.append(statement)
        return b"signed " + statement


def test_the_statement_names_the_file_and_what_it_belongs_to() -> None:
    statement = json.loads(publish_statement(PLUGIN, RELEASE, ARTIFACT))
    assert statement["_type"] == "https://in-toto.io/Statement/v1"
    assert statement["predicateType"] == "urn:pluginry:attestations:publish:v1"
    assert statement["subject"] == [
        {"name": "demo-1.0.0-rc.1-linux-x86_64.zip", "digest": {"sha256": PACKAGE.sha256.hex}}
    ]
    assert statement["predicate"] == {
        "plugin": "acme/demo",
        "version": "1.0.0-rc.1",
        "platform": "linux-x86_64",
        "manifest_sha256": RELEASE.manifest.sha256.hex,
        "facts_sha256": RELEASE.facts.sha256.hex,
        "registry_commit": "c" * 40,
    }


@pytest.mark.parametrize("commit", ["", "c" * 40])
def test_the_predicate_keeps_to_its_schema(commit: str) -> None:
    release = Released(**{name: getattr(RELEASE, name) for name in RELEASE.__slots__} | {"registry_commit": commit})
    predicate: Any = json.loads(publish_statement(PLUGIN, release, ARTIFACT))["predicate"]
    assert ("registry_commit" in predicate) is bool(commit)
    assert list(check_against_schema(ParsedDocument(file="p.json", value=predicate), "publish-predicate")) == []


def test_a_statement_has_one_spelling() -> None:
    statement = publish_statement(PLUGIN, RELEASE, ARTIFACT)
    assert canonical_json.encode(json.loads(statement)) == statement


def test_the_bundle_and_what_the_ledger_says_of_it_belong_together() -> None:
    notary = Notary()
    bundle, fact = attest(PLUGIN, RELEASE, ARTIFACT, signer=notary)
    assert notary.seen == [publish_statement(PLUGIN, RELEASE, ARTIFACT)]
    assert fact.blob == BlobRef.of(bundle)
    assert fact.artifact == ARTIFACT.sha256
    assert fact.type == "urn:pluginry:attestations:publish:v1"


def test_a_signer_that_is_out_of_order_is_not_hidden() -> None:
    with pytest.raises(TransportError, match="no answer"):
        attest(PLUGIN, RELEASE, ARTIFACT, signer=Notary(is_down=True))


def a_package(number: int) -> Package:
    """Return a package whose names are as long as they can be."""
    long = ("n" * 36) + f"{number:04}"
    version = Version(f"999999999.999999999.{100_000_000 + number}-alpha.999999999")
    blob = BlobRef.of(b"%d" % number)
    artifact = ArtifactFact(platform=Platform("windows-x86_64"), sha256=blob.sha256, size=blob.size)
    return Package(
        plugin=PluginId.parse(f"{long}/{long}"),
        release=replace(RELEASE, version=version, artifacts=(artifact,)),
        artifact=artifact,
    )


def test_one_statement_is_about_many_packages_and_says_of_each_what_it_is() -> None:
    notary, packages = Notary(), [a_package(1), a_package(2)]
    bundle, facts = attest_together(packages, signer=notary)
    (signed,) = notary.seen
    statement = json.loads(signed)
    assert statement["predicateType"] == "urn:pluginry:attestations:publish-backfill:v1"
    assert statement["subject"] == [package.subject for package in packages]
    assert {*statement["predicate"]["packages"]} == {package.artifact.sha256.hex for package in packages}
    assert [fact.artifact for fact in facts] == [package.artifact.sha256 for package in packages]
    assert {(fact.blob, fact.type) for fact in facts} == {(BlobRef.of(bundle), BACKFILL_PREDICATE)}


def test_the_predicate_about_many_packages_keeps_to_its_schema() -> None:
    predicate: Any = json.loads(backfill_statement([a_package(1)]))["predicate"]
    assert list(check_against_schema(ParsedDocument(file="p.json", value=predicate), "backfill-predicate")) == []


def test_a_statement_about_as_many_packages_as_may_be_fits_into_a_bundle_whatever_they_are_called() -> None:
    packages = [a_package(number) for number in range(MAX_SUBJECTS)]
    bundle = RealNotary().attest(backfill_statement(packages))
    assert len(bundle) <= limits.BUNDLE
    verified = SigstoreVerifier().verify(bundle, trusted_root=lab().trusted_root, identities=[LAB_IDENTITY])
    assert len(verified.payload) <= limits.STATEMENT
