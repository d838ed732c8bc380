"""The registry's statement about a package: by whom the policy names, about this very file, and never left out."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from notary import Notary
from pluginry.encoding import canonical_json
from pluginry.errors import PolicyError, TamperedError
from pluginry.model import layout
from pluginry.model.attestation import PUBLISH_PREDICATE, STATEMENT_TYPE, SignerIdentity
from pluginry.model.digest import BlobRef, Digest
from pluginry.model.ledger import AttestationFact
from simulated_client import a_client, install
from simulator import Simulator

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pluginry.model.index import PluginRecord, ReleaseRecord

from victims import a_market, refused

STRANGER = SignerIdentity(issuer="https://lab.pluginry.invalid", san="https://stranger.example/publish")


def publish_statement(
    market: Simulator,
    release: ReleaseRecord,
    artifact: Digest,
    *,
    signer: Notary | None = None,
    predicate_type: str = PUBLISH_PREDICATE,
    subject: dict[str, object] | None = None,
    **predicate: str,
) -> AttestationFact:
    """Publish a signed statement about `artifact`, with any part of it changed, and return how it is named."""
    named = {"name": "demo-1.0.0.zip", "digest": {"sha256": artifact.hex}}
    said = {
        "plugin": "acme/demo",
        "version": str(release.version),
        "platform": "any",
        "manifest_sha256": release.manifest.sha256.hex,
        "facts_sha256": release.facts.sha256.hex,
    }
    statement = {
        "_type": STATEMENT_TYPE,
        "subject": [{**named, **(subject or {})}],
        "predicateType": predicate_type,
        "predicate": {**said, **predicate},
    }
    bundle = (signer or Notary()).attest(canonical_json.encode(statement))
    ref = BlobRef.of(bundle)
    market.objects[layout.attestation_key(ref.sha256)] = bundle
    return AttestationFact(artifact=artifact, type=PUBLISH_PREDICATE, sha256=ref.sha256, size=ref.size)


def offer_attestation(market: Simulator, make: Callable[[ReleaseRecord], AttestationFact | None]) -> None:
    """Make the marketplace name another attestation for acme/demo 1.0.0, or none."""

    def change(record: PluginRecord) -> PluginRecord:
        (old,) = record.releases
        fact = make(old)
        return replace(record, releases=(replace(old, attestations=(fact,) if fact else ()),))

    market.publish(change_record={"acme/demo": change})


def test_a_release_without_one_is_refused_where_all_are_signed(tmp_path: Path) -> None:
    market = Simulator()
    market.release("acme/demo", signed_by=None)
    market.publish()
    refused(a_client(tmp_path, market), TamperedError, "not signed")


def test_a_release_without_one_is_fine_where_the_policy_says_so(tmp_path: Path) -> None:
    market = Simulator()
    market.policy = replace(market.policy, publish_attestation="optional")
    market.release("acme/demo", signed_by=None)
    market.publish()
    client = a_client(tmp_path, market)
    (installed,) = install(client, "acme/demo").plugins
    assert client.home.receipt(installed).signer is None


def test_one_by_a_stranger_is_refused(tmp_path: Path) -> None:
    market = a_market()
    stranger = Notary(STRANGER)
    offer_attestation(
        market, lambda release: publish_statement(market, release, release.artifacts[0].sha256, signer=stranger)
    )
    refused(a_client(tmp_path, market), TamperedError, "does not verify")


def test_one_by_a_stranger_is_refused_also_where_it_is_optional(tmp_path: Path) -> None:
    market = Simulator()
    market.policy = replace(market.policy, publish_attestation="optional")
    market.release("acme/demo", signed_by=STRANGER)
    market.publish()
    refused(a_client(tmp_path, market), TamperedError, "does not verify")


def test_one_that_is_withheld_is_refused(tmp_path: Path) -> None:
    market = a_market()
    for key in [stored.key for stored in market.store.list("v1/a/")]:
        del market.objects[key]
    refused(a_client(tmp_path, market), TamperedError, "withheld")


def test_one_that_was_changed_is_refused(tmp_path: Path) -> None:
    market = a_market()
    (key,) = [stored.key for stored in market.store.list("v1/a/")]
    market.objects[key] = market.objects[key].replace(b"a", b"b", 1)
    refused(a_client(tmp_path, market), TamperedError, "not the one")


@pytest.mark.parametrize(
    "lie",
    [
        {"version": "1.0.1"},
        {"plugin": "acme/other"},
        {"platform": "linux-x86_64"},
        {"manifest_sha256": "0" * 64},
        {"subject": {"name": "demo-1.0.1.zip"}},
        {"subject": {"digest": {"sha256": "0" * 64}}},
        {"subject": {"digest": {"sha512": "0" * 128}}},
        {"predicate_type": "urn:pluginry:attestations:review:v1"},
    ],
    ids=str,
)
def test_one_about_something_else_is_refused(tmp_path: Path, lie: dict[str, str]) -> None:
    market = a_market()
    offer_attestation(market, lambda release: publish_statement(market, release, release.artifacts[0].sha256, **lie))
    refused(a_client(tmp_path, market), TamperedError, "about something else")


def test_one_about_another_artifact_of_the_record_does_not_count(tmp_path: Path) -> None:
    market = a_market()
    offer_attestation(market, lambda release: publish_statement(market, release, Digest("0" * 64)))
    refused(a_client(tmp_path, market), TamperedError, "not signed")


def test_without_a_verifier_a_signed_marketplace_is_refused(tmp_path: Path) -> None:
    market = a_market()
    refused(a_client(tmp_path, market, can_verify=False), PolicyError, "cannot be checked here")


def test_without_a_verifier_an_optional_one_is_not_looked_at(tmp_path: Path) -> None:
    market = Simulator()
    market.policy = replace(market.policy, publish_attestation="optional")
    market.release("acme/demo")
    market.publish()
    client = a_client(tmp_path, market, can_verify=False)
    (installed,) = install(client, "acme/demo").plugins
    assert client.home.receipt(installed).signer is None
