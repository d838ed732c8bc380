from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from pluginry.encoding import canonical_json
from pluginry.encoding.parsed_document import ParsedDocument
from pluginry.encoding.schema import check_against_schema
from pluginry.errors import TransportError
from pluginry.model.attestation import SignerIdentity
from pluginry.model.digest import BlobRef
from pluginry.model.ledger import ArtifactFact, Released
from pluginry.model.names import Platform, PluginId
from pluginry.model.release import Channel
from pluginry.model.versions import Version
from pluginry.publisher.attest import attest, publish_statement

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
