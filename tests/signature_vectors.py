"""The part of the test vectors that is about other signatures than those on single packages; see make_vectors.py."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from notary import Notary, accepted
from pluginry.adapters.sigstore_lab import LAB_IDENTITY
from pluginry.model import layout
from pluginry.model.attestation import SignerIdentity, Use
from pluginry.model.names import PluginId
from pluginry.model.versions import Version
from pluginry.publisher.attest import Package, attest_together
from pluginry.publisher.index_attestation import index_statement
from victims import DEMO, lie

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from make_vectors import Vectors
    from pluginry.model.index import PluginRecord
    from simulator import Simulator

Attest = Callable[[bytes], bytes | None]
STRANGER = SignerIdentity(issuer=LAB_IDENTITY.issuer, san="https://stranger.example/publish")
IMPORTER = SignerIdentity(issuer=LAB_IDENTITY.issuer, san="https://lab.pluginry.invalid/first-import")
OVER, FAR = datetime(2020, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


def add_signed_indexes(vectors: Vectors, expected: Mapping[str, Any]) -> None:
    """Add indexes under a policy that demands a signature on them."""
    earlier = Notary().attest(index_statement(_root_of(vectors.market)))

    def published(attest: Attest | None = None, **policy: Any) -> Callable[[Simulator], None]:
        def change(market: Simulator) -> None:
            with _under(market, index_attestation="required", **policy):
                market.attest_index = attest
                market.publish(change_root=lambda root: replace(root, serial=root.serial + 1))
                market.attest_index = None

        return change

    packages_only = (accepted(LAB_IDENTITY, use=(Use.PUBLISH,)),)
    vectors.accepted_after("accepted-signed-index", "the policy demands a signed index", expected, published())
    for name, about, change in (
        ("index-not-signed", "the policy demands a signed index, and there is no bundle", published(lambda _: None)),
        ("index-signature-replayed", "the genuine bundle over an earlier index", published(lambda _: earlier)),
        (
            "index-signed-by-a-stranger",
            "a valid signature of somebody whom the policy does not name",
            published(lambda body: Notary(STRANGER).attest(index_statement(body))),
        ),
        (
            "index-signed-by-another-job",
            "a valid signature of somebody who may sign packages only",
            published(registry_identities=packages_only),
        ),
    ):
        vectors.refused(name, about, 3, change)


def add_backfills(vectors: Vectors, expected: Mapping[str, Any]) -> None:
    """Add packages that were signed together."""

    def signed(
        *,
        signer: SignerIdentity = IMPORTER,
        until: datetime = FAR,
        use: Use = Use.PUBLISH_BACKFILL,
        swapped: bool = False,
    ) -> Callable[[Simulator], None]:
        def change(market: Simulator) -> None:
            importer = accepted(IMPORTER, use=(use,), not_after=until)
            with _under(market, registry_identities=(accepted(LAB_IDENTITY), importer)):
                offer_signed_together(market, signer=signer, swapped=swapped)

        return change

    by_the_importer = {**expected, "signer": {"issuer": IMPORTER.issuer, "san": IMPORTER.san}}
    vectors.accepted_after("accepted-backfill", "two packages were signed together", by_the_importer, signed())
    for name, about, change in (
        ("backfill-by-another-job", "by somebody who may sign single packages only", signed(signer=LAB_IDENTITY)),
        ("backfill-not-allowed", "by somebody whom the policy lets sign single packages", signed(use=Use.PUBLISH)),
        ("backfill-after-its-last-day", "the policy ended its signer before", signed(until=OVER)),
        ("backfill-about-another", "what it says of this package is another's", signed(swapped=True)),
    ):
        vectors.refused(name, about, 8, change)


def offer_signed_together(market: Simulator, *, signer: SignerIdentity, swapped: bool) -> None:
    """Let the index name one bundle for packages of two plugins; `swapped`, each is said to be the other one."""
    other = PluginId.parse("acme/other")
    releases = {DEMO: Version("1.1.0"), other: Version("1.0.0")}
    packages = [
        Package(plugin=plugin, release=release, artifact=release.artifacts[0])
        for plugin, version in releases.items()
        for release in [market._ledgers[plugin].releases[version]]
    ]
    signed = packages
    if swapped:
        first, second = packages
        signed = [replace(first, release=second.release), replace(second, release=first.release)]
    bundle, facts = attest_together(signed, signer=Notary(signer))
    market.objects[layout.attestation_key(facts[0].sha256)] = bundle

    def named(record: PluginRecord) -> PluginRecord:
        newest, *others = record.releases
        return replace(record, releases=(replace(newest, attestations=(facts[0],)), *others))

    lie(market, named)


@contextmanager
def _under(market: Simulator, **policy: Any) -> Iterator[None]:
    before = market.policy
    market.policy = replace(before, **policy)
    try:
        yield
    finally:
        market.policy = before


def _root_of(market: Simulator) -> bytes:
    return market.repository.current_target(layout.INDEX_ROOT_TARGET, market.store) or b""
