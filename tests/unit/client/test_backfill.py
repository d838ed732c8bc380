"""One statement about many packages: who may make it, until when, and that it says of each package what it is."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from notary import Notary, accepted
from pluginry.adapters.sigstore_lab import LAB_IDENTITY
from pluginry.encoding import canonical_json
from pluginry.errors import PolicyError, TamperedError
from pluginry.model import layout
from pluginry.model.attestation import BACKFILL_PREDICATE, MAX_SUBJECTS, PUBLISH_PREDICATE, SignerIdentity, Use
from pluginry.model.digest import BlobRef, Digest
from pluginry.model.ledger import AttestationFact
from pluginry.model.names import PluginId
from pluginry.publisher.attest import Package, backfill_statement, publish_statement
from simulated_client import a_client, install, versions_in
from simulator import Simulator

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pluginry.model.index import PluginRecord

IMPORTER = SignerIdentity(issuer=LAB_IDENTITY.issuer, san="https://lab.pluginry.invalid/first-import")
TOMORROW = datetime.now(UTC) + timedelta(days=1)
NAMES = ("acme/demo", "acme/other")
Statement = dict[str, Any]


def a_market(*, until: datetime = TOMORROW, use: tuple[Use, ...] = (Use.PUBLISH_BACKFILL,)) -> Simulator:
    """Return a marketplace with two releases without attestations, and a policy that names the importer."""
    market = Simulator()
    importer = accepted(IMPORTER, use=use, not_after=until)
    market.policy = replace(market.policy, registry_identities=(accepted(LAB_IDENTITY), importer))
    for name in NAMES:
        market.release(name, "1.0.0", files={"name.txt": name.encode()}, signed_by=None)
    market.publish()
    return market


def packages(market: Simulator) -> list[Package]:
    """Return every package as it is recorded."""
    return [
        Package(plugin=plugin, release=release, artifact=artifact)
        for plugin, ledger in market._ledgers.items()
        for release in ledger.releases.values()
        for artifact in release.artifacts
    ]


def attach(market: Simulator, bundle: bytes, *, kind: str = BACKFILL_PREDICATE) -> None:
    """Let the index name `bundle` as the attestation of every package."""
    ref = BlobRef.of(bundle)
    market.objects[layout.attestation_key(ref.sha256)] = bundle

    def named(record: PluginRecord) -> PluginRecord:
        (release,) = record.releases
        (artifact,) = release.artifacts
        fact = AttestationFact(artifact=artifact.sha256, type=kind, sha256=ref.sha256, size=ref.size)
        return replace(record, releases=(replace(release, attestations=(fact,)),))

    market.publish(change_record=dict.fromkeys(NAMES, named), change_root=lambda r: replace(r, serial=r.serial + 1))


def signed_together(
    market: Simulator, change: Callable[[Statement], object] = lambda _statement: None, signer: Any = IMPORTER
) -> bytes:
    """Return a bundle about all packages, with the statement changed."""
    statement = json.loads(backfill_statement(packages(market)))
    change(statement)
    return Notary(signer).attest(canonical_json.encode(statement))


def entry_of(statement: Statement, name: str = "acme/demo") -> dict[str, str]:
    entries: dict[str, dict[str, str]] = statement["predicate"]["packages"]
    return next(entry for entry in entries.values() if entry["plugin"] == name)


def test_every_package_that_it_is_about_can_be_installed_and_the_bundle_is_fetched_once(tmp_path: Path) -> None:
    market = a_market()
    bundle = signed_together(market)
    attach(market, bundle)
    client = a_client(tmp_path, market)
    generation = install(client, *NAMES)
    assert versions_in(client) == dict.fromkeys(NAMES, "1.0.0")
    assert {client.home.receipt(one).signer for one in generation.plugins} == {IMPORTER}
    assert market.store.requests.count(layout.attestation_key(Digest.of(bundle))) == 1


class TestWho:
    @pytest.mark.parametrize("use", [(Use.PUBLISH,), (Use.PUBLISH, Use.INDEX)])
    def test_who_signs_releases_may_not_sign_many_at_once(self, tmp_path: Path, use: tuple[Use, ...]) -> None:
        market = a_market(use=use)
        attach(market, signed_together(market))
        with pytest.raises(PolicyError, match="no signer is accepted"):
            install(a_client(tmp_path, market), "acme/demo")

    def test_another_signer_than_the_one_who_may_does_not_count(self, tmp_path: Path) -> None:
        market = a_market()
        attach(market, signed_together(market, signer=LAB_IDENTITY))
        with pytest.raises(TamperedError, match="does not verify"):
            install(a_client(tmp_path, market), "acme/demo")

    def test_after_its_last_day_the_signer_counts_no_more(self, tmp_path: Path) -> None:
        market = a_market(until=datetime.now(UTC) - timedelta(days=1))
        attach(market, signed_together(market))
        with pytest.raises(TamperedError, match="does not verify") as caught:
            install(a_client(tmp_path, market), "acme/demo")
        assert "after its signer was accepted" in caught.value.why

    def test_a_statement_about_many_does_not_count_as_one_about_a_single_package(self, tmp_path: Path) -> None:
        market = a_market()
        attach(market, signed_together(market), kind=PUBLISH_PREDICATE)
        with pytest.raises(TamperedError, match="about something else"):
            install(a_client(tmp_path, market), "acme/demo")

    def test_nor_a_statement_about_a_single_package_as_one_about_many(self, tmp_path: Path) -> None:
        market = a_market()
        one = packages(market)[0]
        attach(market, Notary(IMPORTER).attest(publish_statement(one.plugin, one.release, one.artifact)))
        with pytest.raises(TamperedError, match="about something else"):
            install(a_client(tmp_path, market), "acme/demo")


def _rename(statement: Statement) -> None:
    statement["subject"][0]["name"] = "demo-9.9.9.zip"


def _other_digest(statement: Statement) -> None:
    statement["subject"][0]["digest"] = {"sha256": "0" * 64}


def _twice(statement: Statement) -> None:
    statement["subject"].append(statement["subject"][0])


def _too_many(statement: Statement) -> None:
    others = ({"name": f"x-{number}", "digest": {"sha256": f"{number:064}"}} for number in range(MAX_SUBJECTS - 1))
    statement["subject"] += others


def _without_entry(statement: Statement) -> None:
    entries = statement["predicate"]["packages"]
    statement["predicate"]["packages"] = {key: one for key, one in entries.items() if one["plugin"] != "acme/demo"}


def _entry_of_the_other(statement: Statement) -> None:
    entries = statement["predicate"]["packages"]
    first, second = entries
    entries[first], entries[second] = entries[second], entries[first]


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (_rename, "subject"),
        (_other_digest, "subject"),
        (_twice, "subject"),
        (_too_many, "subject"),
        (_without_entry, "predicate.plugin"),
        (_entry_of_the_other, "predicate.plugin"),
        (lambda statement: entry_of(statement).update(version="1.0.1"), "predicate.version"),
        (lambda statement: entry_of(statement).update(platform="linux-x86_64"), "predicate.platform"),
        (lambda statement: entry_of(statement).update(manifest_sha256="0" * 64), "predicate.manifest_sha256"),
        (lambda statement: statement.update(predicate=entry_of(statement)), "predicate.plugin"),
        (lambda statement: statement["predicate"].update(packages=[]), "predicate.plugin"),
    ],
)
def test_a_statement_that_says_something_else_of_a_package_is_refused(
    tmp_path: Path, change: Callable[[Statement], object], word: str
) -> None:
    market = a_market()
    attach(market, signed_together(market, change))
    with pytest.raises(TamperedError, match="about something else") as caught:
        install(a_client(tmp_path, market), "acme/demo")
    assert word in caught.value.why


def test_what_it_says_of_one_package_does_not_depend_on_the_others(tmp_path: Path) -> None:
    market = a_market()
    attach(market, signed_together(market, lambda statement: entry_of(statement, "acme/other").update(version="2.0.0")))
    client = a_client(tmp_path, market)
    install(client, "acme/demo")
    with pytest.raises(TamperedError, match="about something else"):
        install(client, "acme/other")
    assert PluginId.parse("acme/demo") in {one.id for one in client.installed().plugins}
