"""The registry's signature on the index: when it is made or carried over, and what stays while it cannot be had."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from authority import START, Authority
from notary import Notary, accepted, lab
from pluginry.adapters.sigstore_lab import LAB_IDENTITY
from pluginry.adapters.sigstore_verifier import SigstoreVerifier
from pluginry.encoding import documents
from pluginry.encoding.parsed_document import ParsedDocument
from pluginry.encoding.schema import check_against_schema
from pluginry.errors import AuthError, TransportError, UsageError
from pluginry.model.attestation import SignerIdentity, Use
from pluginry.model.digest import BlobRef, Digest
from pluginry.model.index import TreeRoot, TrustPolicy
from pluginry.model.layout import INDEX_BUNDLE_TARGET, INDEX_ROOT_TARGET
from pluginry.publisher.index_attestation import IndexDesk, index_statement

if TYPE_CHECKING:
    from pluginry.publisher.index_attestation import CurrentIndex

STRANGER = SignerIdentity(issuer=LAB_IDENTITY.issuer, san="https://stranger.example/publish")
REQUIRED = TrustPolicy(
    epoch=1,
    publish_attestation="required",
    registry_identities=(accepted(LAB_IDENTITY),),
    instance="lab",
    index_attestation="required",
)
OPTIONAL = replace(REQUIRED, index_attestation="optional")


@dataclass(slots=True)
class Counting:
    """A signer that counts, and may be out of order."""

    identity: SignerIdentity = LAB_IDENTITY
    is_down: bool = False
    signed: list[bytes] = field(default_factory=list)

    def attest(self, statement: bytes) -> bytes:
        if self.is_down:
            raise TransportError("the log does not answer")
        self.signed.append(statement)
        return Notary(self.identity).attest(statement)


def a_root(serial: int = 1, epoch: int = 1, commit: str = "") -> TreeRoot:
    nothing = BlobRef.of(b"")
    return TreeRoot(
        epoch=epoch, serial=serial, generated=START, plugins=0, releases=0, catalogue=nothing, commit=commit
    )


@dataclass(slots=True)
class Market:
    """What is published, and the desk that decides what is to be."""

    authority: Authority = field(default_factory=Authority)
    policy: TrustPolicy = REQUIRED
    signer: Counting | None = field(default_factory=Counting)

    @property
    def desk(self) -> IndexDesk:
        return IndexDesk(
            policy=self.policy, trusted_root=lab().trusted_root, verifier=SigstoreVerifier(), signer=self.signer
        )

    def settle(self, root: TreeRoot) -> CurrentIndex:
        return self.desk.settle(root, repository=self.authority.repository, store=self.authority.store)

    def publish(self, root: TreeRoot) -> CurrentIndex:
        index = self.settle(root)
        self.authority.publish(index.targets)
        return index


def is_over(bundle: bytes, root: TreeRoot) -> bool:
    verified = SigstoreVerifier().verify(bundle, trusted_root=lab().trusted_root, identities=[LAB_IDENTITY])
    return verified.payload == index_statement(documents.encode(root))


def test_the_statement_is_about_the_root_alone_and_says_which_state_it_is() -> None:
    root = a_root(serial=7, commit="c" * 40)
    body = documents.encode(root)
    statement: Any = json.loads(index_statement(body))
    assert statement["predicateType"] == "urn:pluginry:attestations:index:v1"
    assert statement["subject"] == [{"name": "index/root.json", "digest": {"sha256": Digest.of(body).hex}}]
    assert statement["predicate"] == {"epoch": 1, "serial": 7, "registry_commit": "c" * 40}
    document = ParsedDocument(file="p.json", value=statement["predicate"])
    assert list(check_against_schema(document, "index-predicate")) == []


@pytest.mark.parametrize("policy", [REQUIRED, OPTIONAL])
def test_a_new_index_is_signed(policy: TrustPolicy) -> None:
    index = Market(policy=policy).settle(a_root())
    assert index.is_signed
    assert index.held_back is None
    assert is_over(index.targets[INDEX_BUNDLE_TARGET], a_root())


def test_an_index_that_stays_keeps_its_bundle_and_nobody_is_asked() -> None:
    market = Market()
    first = market.publish(a_root())
    assert market.signer is not None
    market.signer.signed.clear()
    assert market.publish(a_root()) == first
    assert market.signer.signed == []
    assert market.publish(a_root(2)).targets[INDEX_BUNDLE_TARGET] != first.targets[INDEX_BUNDLE_TARGET]


def test_an_index_that_stays_is_signed_again_when_its_signer_counts_no_more() -> None:
    market = Market()
    market.publish(a_root())
    next_job = replace(LAB_IDENTITY, san="https://lab.pluginry.invalid/next")
    market.policy = replace(REQUIRED, registry_identities=(accepted(next_job),))
    market.signer = Counting(next_job)
    assert market.publish(a_root()).is_signed
    assert len(market.signer.signed) == 1


class TestServiceIsDown:
    def test_the_published_index_stays_with_its_bundle(self) -> None:
        market = Market()
        first = market.publish(a_root())
        market.signer = Counting(is_down=True)
        index = market.settle(a_root(2))
        assert (index.root, index.targets) == (a_root(), first.targets)
        assert isinstance(index.held_back, TransportError)

    def test_an_unchanged_index_needs_no_service(self) -> None:
        market = Market()
        market.publish(a_root())
        market.signer = Counting(is_down=True)
        assert market.settle(a_root()).held_back is None

    def test_the_first_index_cannot_be_published(self) -> None:
        with pytest.raises(TransportError, match="does not answer"):
            Market(signer=Counting(is_down=True)).settle(a_root())

    @pytest.mark.parametrize(
        "policy",
        [
            replace(REQUIRED, epoch=2),
            replace(
                REQUIRED, registry_identities=(accepted(LAB_IDENTITY, not_after=datetime(2020, 1, 1, tzinfo=UTC)),)
            ),
        ],
    )
    def test_what_clients_would_refuse_under_the_new_policy_does_not_stay(self, policy: TrustPolicy) -> None:
        market = Market()
        market.publish(a_root())
        market.policy, market.signer = policy, Counting(is_down=True)
        with pytest.raises(TransportError, match="does not answer"):
            market.settle(a_root(2))

    def test_an_index_from_before_signatures_were_demanded_does_not_stay(self) -> None:
        market = Market(policy=replace(OPTIONAL, registry_identities=()))
        assert not market.publish(a_root()).is_signed
        market.policy, market.signer = REQUIRED, Counting(is_down=True)
        with pytest.raises(TransportError, match="does not answer"):
            market.settle(a_root())

    def test_where_none_is_demanded_the_new_index_is_published_without(self) -> None:
        market = Market(policy=OPTIONAL)
        market.publish(a_root())
        market.signer = Counting(is_down=True)
        index = market.settle(a_root(2))
        assert (index.root, index.is_signed, index.held_back) == (a_root(2), False, None)


class TestWhoSigns:
    def test_a_signer_that_does_not_count_for_the_index_leaves_it_to_others(self) -> None:
        market = Market()
        market.publish(a_root())
        market.signer = Counting(STRANGER)
        index = market.settle(a_root(2))
        assert index.root == a_root()
        assert isinstance(index.held_back, AuthError)
        assert "would not count" in str(index.held_back)

    def test_a_signer_of_packages_alone_does_not_count_for_the_index(self) -> None:
        market = Market(policy=replace(REQUIRED, registry_identities=(accepted(LAB_IDENTITY, use=(Use.PUBLISH,)),)))
        with pytest.raises(AuthError, match="would not count"):
            market.settle(a_root())

    def test_where_a_signature_is_demanded_somebody_must_sign(self) -> None:
        with pytest.raises(UsageError, match="nobody signs here"):
            Market(signer=None).settle(a_root())

    @pytest.mark.parametrize("signer", [None, Counting(STRANGER)])
    def test_where_none_is_demanded_a_bundle_that_nobody_would_accept_is_left_away(
        self, signer: Counting | None
    ) -> None:
        assert not Market(policy=OPTIONAL, signer=signer).settle(a_root()).is_signed

    def test_where_nobody_is_named_nobody_is_asked(self) -> None:
        market = Market(policy=replace(OPTIONAL, registry_identities=(accepted(LAB_IDENTITY, use=(Use.PUBLISH,)),)))
        assert not market.settle(a_root()).is_signed
        assert market.signer is not None
        assert market.signer.signed == []


class TestCarriedOver:
    """What the fast way out for advisories does: nothing is signed."""

    def test_the_bundle_goes_with_the_index_untouched(self) -> None:
        market = Market()
        first = market.publish(a_root())
        market.signer = None
        assert market.desk.carried_over(*parts(first)) == first.targets

    def test_another_policy_may_refuse_what_is_published(self) -> None:
        market = Market()
        first = market.publish(a_root())
        late = accepted(LAB_IDENTITY, not_before=datetime.now(UTC) + timedelta(days=1))
        for policy in (replace(REQUIRED, registry_identities=(late,)), replace(REQUIRED, epoch=2)):
            market.policy = policy
            assert market.desk.carried_over(*parts(first)) is None

    def test_a_bundle_that_counts_no_more_is_dropped_where_none_is_demanded(self) -> None:
        market = Market()
        first = market.publish(a_root())
        market.policy = replace(OPTIONAL, registry_identities=())
        body, _ = parts(first)
        assert market.desk.carried_over(*parts(first)) == {INDEX_ROOT_TARGET: body}

    def test_a_bundle_over_another_index_is_not_carried_over(self) -> None:
        market = Market()
        _, old = parts(market.publish(a_root()))
        assert market.desk.carried_over(documents.encode(a_root(2)), old) is None

    def test_where_nothing_is_signed_nothing_is_missing(self) -> None:
        body = documents.encode(a_root())
        desk = IndexDesk(policy=replace(OPTIONAL, registry_identities=()), trusted_root=b"{}", verifier=None)
        assert desk.carried_over(body, None) == {INDEX_ROOT_TARGET: body}
        assert desk.carried_over(None, None) is None


def parts(index: CurrentIndex) -> tuple[bytes, bytes]:
    return index.targets[INDEX_ROOT_TARGET], index.targets[INDEX_BUNDLE_TARGET]
