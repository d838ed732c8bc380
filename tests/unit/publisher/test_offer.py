"""What is offered when records are kept: of these plugins nothing is looked at, not even their signatures."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from memory_store import MemoryStore
from pluginry.encoding import documents
from pluginry.encoding.ledger_files import append_events, load_ledgers
from pluginry.errors import TamperedError
from pluginry.model.attestation import PUBLISH_PREDICATE, VerifiedStatement
from pluginry.model.digest import BlobRef, Digest
from pluginry.model.index import TreeRoot, TrustPolicy
from pluginry.model.layout import INDEX_ROOT_TARGET, attestation_key, node_key
from pluginry.model.ledger import AttestationFact, Attested
from pluginry.model.names import PluginId
from pluginry.model.quarantine import Fault
from pluginry.publisher.inventory import Inventory
from pluginry.publisher.kept_records import kept_records
from pluginry.publisher.load import load_registry
from pluginry.publisher.memory import Memory
from pluginry.publisher.object_access import ObjectAccess
from pluginry.publisher.offer import offer_of
from workshop import Workshop

if TYPE_CHECKING:
    from pathlib import Path

    from pluginry.publisher.offer import Offer

NOW = datetime(2026, 3, 1, tzinfo=UTC)
FIRST, SECOND, THIRD = (PluginId.parse(f"bench/plugin-{number}") for number in range(3))


@dataclass
class Examiner:
    """A verifier to whom every bundle is good but those that say ``bad``; it keeps what it was shown."""

    seen: list[bytes] = field(default_factory=list)

    def verify(self, bundle: bytes, **_policy: Any) -> VerifiedStatement:
        self.seen.append(bundle)
        if b"bad" in bundle:
            raise TamperedError("nobody signed this")
        return VerifiedStatement.__new__(VerifiedStatement)


@dataclass
class Market:
    """Three published plugins, whose records can be kept."""

    workshop: Workshop
    store: MemoryStore

    @classmethod
    def at(cls, folder: Path) -> Market:
        market = cls(Workshop.at(folder, plugins=3), MemoryStore(location="memory:offer"))
        market.workshop.publish(market.store)
        return market

    def attest(self, plugin: PluginId, bundle: bytes) -> None:
        """Write a bundle about the package of `plugin` to the ledger."""
        workspace = self.workshop.workspace
        (released,) = load_ledgers(workspace.ledger)[plugin].releases.values()
        ref = workspace.objects.add(bundle)
        fact = AttestationFact(
            artifact=released.artifacts[0].sha256, type=PUBLISH_PREDICATE, sha256=ref.sha256, size=ref.size
        )
        append_events(workspace.ledger, plugin, [Attested(at=NOW, version=released.version, attestations=(fact,))])

    def damage(self, bundle: bytes) -> str:
        """Change what is kept of a bundle, and publish the same; return its key."""
        ref = BlobRef.of(bundle)
        key = attestation_key(ref.sha256)
        self.workshop.workspace.objects.path_of(ref.sha256).write_bytes(b"X")
        self.store.objects[key] = b"X"
        return key

    def offer(self, *kept: PluginId, verifier: Examiner | None = None) -> Offer:
        workspace = self.workshop.workspace
        root = self.workshop.repository.current_target(INDEX_ROOT_TARGET, self.store)
        bodies = Memory.within(workspace.inventories, "records").load()
        published = documents.decode(TreeRoot, root or b"", what="root")
        catalogue = self.store.read(node_key(published.catalogue.sha256))
        return offer_of(
            load_registry(workspace.registry).registry,
            workspace.ledgers(),
            trusted_root=workspace.trusted_root_bytes,
            access=ObjectAccess(workspace.objects, self.store, Inventory.of(self.store)),
            policy=documents.decode(TrustPolicy, workspace.policy_bytes, what="policy"),
            verifier=verifier,
            kept=kept_records(bodies, catalogue, published, {*map(str, kept)}, Inventory.of(self.store)),
            not_built=(),
            as_if_signed=False,
        )


@pytest.fixture
def market(tmp_path: Path) -> Market:
    return Market.at(tmp_path)


def test_with_and_without_kept_records_the_same_is_offered(market: Market) -> None:
    whole, part = market.offer(), market.offer(FIRST, THIRD)
    assert (whole.kept.keys(), whole.ledgers.keys()) == (set(), {FIRST, SECOND, THIRD})
    assert (part.kept.keys(), part.ledgers.keys()) == ({FIRST, THIRD}, {SECOND})
    assert (dict(part.manifests), dict(part.facts)) == (dict(whole.manifests), dict(whole.facts))
    assert len(part.manifests) == len(part.facts) == 3
    assert Digest.of(b"nothing") not in part.manifests
    assert part.left_out == whole.left_out == ()


def test_only_signatures_of_what_is_not_kept_are_looked_at(market: Market) -> None:
    for plugin in (FIRST, SECOND):
        market.attest(plugin, f"good {plugin}".encode())
    examiner = Examiner()
    offer = market.offer(FIRST, THIRD, verifier=examiner)
    assert examiner.seen == [b"good bench/plugin-1"]
    assert BlobRef.of(examiner.seen[0]).sha256 in offer.signatures
    assert offer.kept.keys() == {FIRST, THIRD}


def test_whose_signature_counts_no_more_is_not_offered(market: Market) -> None:
    market.attest(FIRST, b"bad")
    market.attest(THIRD, b"good")
    whole, part = market.offer(verifier=Examiner()), market.offer(SECOND, verifier=Examiner())
    assert [item.id for item in part.refused] == [FIRST]
    assert (part.refused, part.left_out, part.skipped) == (whole.refused, whole.left_out, whole.skipped)
    assert part.withheld == whole.withheld == {BlobRef.of(b"bad").sha256}
    assert set(part.manifests) == set(whole.manifests)


def test_whose_signature_is_damaged_is_not_offered_and_nobody_says_that_it_was_refused(market: Market) -> None:
    market.attest(FIRST, b"good and hurt")
    market.attest(THIRD, b"bad")
    key = market.damage(b"good and hurt")
    examiner = Examiner()
    offer = market.offer(verifier=examiner)
    damaged, refused = sorted(offer.left_out, key=lambda item: str(item.id))
    assert (damaged.id, damaged.kind) == (FIRST, Fault.INFRASTRUCTURE)
    assert damaged.reason.startswith("damaged where it is published, and not at hand here (")
    assert damaged.reason.endswith(f": signature {key}")
    assert offer.refused == (refused,)
    assert examiner.seen == [b"bad"]
    assert offer.skipped.isdisjoint({(SECOND, version) for version in offer.ledgers[SECOND].releases})


def test_a_damaged_signature_beside_a_good_one_is_left_out_alone(market: Market) -> None:
    for bundle in (b"good and hurt", b"good"):
        market.attest(FIRST, bundle)
    market.damage(b"good and hurt")
    offer = market.offer(verifier=Examiner())
    assert (offer.left_out, offer.withheld) == ((), {BlobRef.of(b"good and hurt").sha256})
    assert set(offer.signatures) == {BlobRef.of(b"good").sha256}


def test_a_damaged_signature_of_what_is_kept_is_noticed_when_somebody_asks_for_it(market: Market) -> None:
    market.attest(FIRST, b"good and hurt")
    market.workshop.publish(market.store)
    market.damage(b"good and hurt")
    offer = market.offer(FIRST, verifier=Examiner())
    assert offer.left_out == ()
    with pytest.raises(TamperedError, match="damaged where it is published"):
        _ = offer.signatures[BlobRef.of(b"good and hurt").sha256]
