"""The registry's signature on the index: what a refresh asks for, how often, and what is remembered without it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from github_builds import signed_by_build
from notary import Notary, accepted
from pluginry.adapters.sigstore_lab import LAB_IDENTITY
from pluginry.adapters.sigstore_verifier import SigstoreVerifier
from pluginry.client import limits, verify
from pluginry.encoding import canonical_json, documents
from pluginry.errors import PluginryError, PolicyError, TamperedError
from pluginry.model import layout
from pluginry.model.attestation import PAYLOAD_TYPE, SignerIdentity, Use, VerifiedStatement
from pluginry.model.digest import BlobRef
from pluginry.model.index import TreeRoot
from pluginry.publisher.index_attestation import index_statement
from simulated_client import Network, a_client, install, versions_in
from simulator import START, Simulator
from victims import MAIN_RUN

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pluginry.client.marketplace import Marketplace
    from pluginry.ports import Verifier

STRANGER = SignerIdentity(issuer=LAB_IDENTITY.issuer, san="https://stranger.example/publish")
RUN = "https://github.com/acme/registry/actions/runs/77"


def a_market(**policy: Any) -> Simulator:
    """Return a marketplace whose policy demands a signed index, unless told otherwise."""
    market = Simulator()
    market.policy = replace(market.policy, **{"index_attestation": "required", **policy})
    market.release("acme/demo", "1.0.0")
    market.publish()
    return market


def publish_next(market: Simulator, attest: Callable[[bytes], bytes | None] | None = None) -> None:
    """Publish one more release, with the bundle over the index that there should be, or another one."""
    market.attest_index = attest
    market.release("acme/demo", "1.1.0")
    market.publish()


def saying(*, signer: Notary | None = None, predicate: dict[str, Any] | None = None, **changes: Any) -> Any:
    """Return what signs an index with parts of the statement changed."""

    def attest(body: bytes) -> bytes:
        statement = json.loads(index_statement(body))
        said = statement["predicate"] | (predicate or {})
        return (signer or Notary()).attest(canonical_json.encode({**statement, "predicate": said, **changes}))

    return attest


def memory_of(client: Marketplace) -> dict[str, bytes]:
    """Return all that the client remembers of the marketplace, but for what it keeps by digest."""
    folder = client.sources()[0].folder
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and "cache" not in path.parts
    }


def refused(market: Simulator, client: Marketplace, error: type[PluginryError], words: str) -> None:
    """Check that a refresh fails so, and that nothing of what it saw is remembered."""
    before = memory_of(client)
    with pytest.raises(error, match=words):
        client.refresh()
    assert memory_of(client) == before
    assert a_client(client.home.root, market).sources()[0].index().root.serial == 1


@dataclass(slots=True)
class Watched:
    """A verifier that is counted."""

    verifier: SigstoreVerifier = field(default_factory=SigstoreVerifier)
    calls: int = 0

    def verify(self, bundle: bytes, **options: Any) -> Any:
        self.calls += 1
        return self.verifier.verify(bundle, **options)


@dataclass(slots=True)
class WatchedNetwork(Network):
    """A network whose verifier is counted."""

    watched: Watched = field(default_factory=Watched)

    def verifier(self) -> Verifier:
        return self.watched


def test_a_signed_index_is_accepted_and_its_releases_installed(tmp_path: Path) -> None:
    market = a_market()
    client = a_client(tmp_path, market)
    publish_next(market)
    client.refresh()
    install(client, "acme/demo")
    assert versions_in(client) == {"acme/demo": "1.1.0"}


def test_it_is_checked_once_for_each_index(tmp_path: Path) -> None:
    market = a_market()
    known, network = a_client(tmp_path, market), WatchedNetwork(markets=(market,))
    client = type(known)(home=known.home, connector=network, now=known.now)
    client.refresh()
    client.refresh()
    assert network.watched.calls == 0
    market.now += timedelta(days=1)
    market.publish()
    client.refresh()
    assert network.watched.calls == 0
    publish_next(market)
    client.refresh()
    client.refresh()
    assert network.watched.calls == 1


def test_a_warm_refresh_still_costs_two_requests(tmp_path: Path) -> None:
    market = a_market()
    client = a_client(tmp_path, market)
    market.store.requests.clear()
    a_client(client.home.root, market).refresh()
    assert market.store.requests == ["v1/metadata/2.root.json", layout.TIMESTAMP_KEY]


def test_a_new_index_costs_one_request_more(tmp_path: Path) -> None:
    market = a_market()
    client = a_client(tmp_path, market)
    market.store.requests.clear()
    publish_next(market)
    client.refresh()
    asked = [key.rpartition("/")[2].partition(".")[2] for key in market.store.requests]
    assert asked == ["root.json", "json", "snapshot.json", "targets.json", "root.json", "root.sigstore.json"]


class TestRefused:
    def test_an_index_without_a_signature(self, tmp_path: Path) -> None:
        market = a_market()
        client = a_client(tmp_path, market)
        publish_next(market, lambda _body: None)
        refused(market, client, TamperedError, "not signed by the registry")

    def test_a_marketplace_that_never_signed_cannot_be_added(self, tmp_path: Path) -> None:
        market = a_market()
        publish_next(market, lambda _body: None)
        with pytest.raises(TamperedError, match="not signed by the registry"):
            a_client(tmp_path, market)

    def test_the_genuine_signature_on_an_earlier_index(self, tmp_path: Path) -> None:
        market = a_market()
        client = a_client(tmp_path, market)
        earlier = market.repository.current_target(layout.INDEX_BUNDLE_TARGET, market.store)
        publish_next(market, lambda _body: earlier)
        refused(market, client, TamperedError, "over another index")

    def test_the_signature_of_a_stranger(self, tmp_path: Path) -> None:
        market = a_market()
        client = a_client(tmp_path, market)
        publish_next(market, saying(signer=Notary(STRANGER)))
        refused(market, client, TamperedError, "does not verify")

    @pytest.mark.parametrize(
        ("changes", "word"),
        [
            ({"predicateType": "urn:pluginry:attestations:publish:v1"}, "predicateType"),
            ({"subject": [{"name": "index/root.json", "digest": {"sha256": "0" * 64}}]}, "subject"),
            ({"predicate": {"serial": 1}}, "predicate.serial"),
            ({"predicate": {"epoch": 2}}, "predicate.epoch"),
            ({"predicate": {"epoch": None}}, "predicate.epoch"),
        ],
    )
    def test_a_statement_that_says_something_else(self, tmp_path: Path, changes: dict[str, Any], word: str) -> None:
        market = a_market()
        client = a_client(tmp_path, market)
        publish_next(market, saying(**changes))
        with pytest.raises(TamperedError) as caught:
            client.refresh()
        assert word in caught.value.why

    @pytest.mark.parametrize(
        "change",
        [
            lambda subject: [{**subject, "name": "root.json"}],
            lambda subject: [subject, subject],
            lambda subject: subject,
            lambda _subject: None,
        ],
    )
    def test_a_subject_of_another_name_or_shape(self, change: Callable[[Any], Any]) -> None:
        root = TreeRoot(epoch=1, serial=1, generated=START, plugins=0, releases=0, catalogue=BlobRef.of(b""))
        body = documents.encode(root)
        statement = json.loads(index_statement(body))
        payload = canonical_json.encode({**statement, "subject": change(statement["subject"][0])})
        verified = VerifiedStatement(
            payload_type=PAYLOAD_TYPE, payload=payload, signer=LAB_IDENTITY, signed_at=START, log_index=0
        )
        with pytest.raises(TamperedError, match="over another index"):
            verify.accept_index_statement(verified, root=root, root_bytes=body)

    def test_bytes_that_are_no_bundle(self, tmp_path: Path) -> None:
        market = a_market()
        client = a_client(tmp_path, market)
        publish_next(market, lambda _body: b"{}")
        refused(market, client, TamperedError, "cannot be read")

    def test_a_bundle_that_is_larger_than_any(self, tmp_path: Path) -> None:
        market = a_market()
        client = a_client(tmp_path, market)
        publish_next(market, lambda _body: b" " * (limits.BUNDLE + 1))
        refused(market, client, TamperedError, "larger than any marketplace needs")


class TestPolicy:
    @pytest.mark.parametrize(
        "signer",
        [
            accepted(LAB_IDENTITY, use=(Use.PUBLISH, Use.PUBLISH_BACKFILL), not_after=datetime(2100, 1, 1, tzinfo=UTC)),
            accepted(LAB_IDENTITY, not_after=datetime(2020, 1, 1, tzinfo=UTC)),
            accepted(LAB_IDENTITY, not_before=datetime.now(UTC) + timedelta(days=1)),
        ],
    )
    def test_whose_signatures_count_for_the_index(self, tmp_path: Path, signer: Any) -> None:
        market = a_market(registry_identities=(signer,))
        with pytest.raises((TamperedError, PolicyError), match=r"does not verify|no signer is accepted"):
            a_client(tmp_path, market)

    @pytest.mark.parametrize("conditions", [{"triggers": ("workflow_dispatch",)}, {"deny_runs": (RUN,)}])
    def test_which_builds_count_for_the_index(self, tmp_path: Path, conditions: dict[str, Any]) -> None:
        def by_a_build(body: bytes) -> bytes:
            return signed_by_build(index_statement(body))

        market = Simulator(attest_index=by_a_build)
        market.policy = replace(market.policy, index_attestation="required", registry_identities=(MAIN_RUN,))
        market.publish()
        a_client(tmp_path / "before", market)
        market.policy = replace(market.policy, registry_identities=(replace(MAIN_RUN, **conditions),))
        market.publish()
        with pytest.raises(TamperedError, match="does not verify"):
            a_client(tmp_path / "after", market)

    def test_another_policy_asks_again_of_an_index_that_stays(self, tmp_path: Path) -> None:
        market = a_market(index_attestation="optional")
        client = a_client(tmp_path, market)
        market.policy = replace(market.policy, index_attestation="required")
        market.attest_index = lambda _body: None
        market.publish()
        refused(market, client, TamperedError, "not signed by the registry")

    def test_who_cannot_check_what_is_demanded_takes_nothing(self, tmp_path: Path) -> None:
        with pytest.raises(PolicyError, match="cannot be checked here"):
            a_client(tmp_path, a_market(), can_verify=False)


class TestOptional:
    def test_an_index_without_a_signature_is_accepted(self, tmp_path: Path) -> None:
        client = a_client(tmp_path, a_market(index_attestation="optional"))
        assert client.sources()[0].index().root.serial == 1

    def test_a_signature_that_is_there_must_hold(self, tmp_path: Path) -> None:
        market = a_market(index_attestation="optional")
        client = a_client(tmp_path, market)
        publish_next(market, saying(signer=Notary(STRANGER)))
        refused(market, client, TamperedError, "does not verify")
        market.attest_index = saying()
        market.publish()
        client.refresh()

    def test_who_cannot_check_it_goes_on(self, tmp_path: Path) -> None:
        market = a_market(index_attestation="optional")
        client = a_client(tmp_path, market, can_verify=False)
        publish_next(market, saying(signer=Notary(STRANGER)))
        client.refresh()
        assert client.sources()[0].index().root.serial == 2

    def test_where_nobody_is_named_there_is_nothing_to_check(self, tmp_path: Path) -> None:
        market = a_market(index_attestation="optional", registry_identities=())
        publish_next(market, saying())
        assert a_client(tmp_path, market).sources()[0].index().root.serial == 2
