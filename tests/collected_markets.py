"""Marketplaces whose stores know when what was written, and whose garbage is collected."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from memory_store import MemoryStore
from pluginry.adapters.sigstore_lab import LAB_IDENTITY
from pluginry.errors import TransportError
from pluginry.model import layout
from pluginry.model.index import TrustPolicy
from pluginry.publisher.garbage import Collection, plan_collection, sweep
from simulator import START, Simulator

if TYPE_CHECKING:
    from collections.abc import Callable

    from pluginry.client.marketplace import Marketplace
    from pluginry.model.published import PublishedObject
    from watched_store import WatchedStore


DAY = timedelta(days=1)
PLUGINS = ("acme/one", "acme/two", "acme/three")


@dataclass(slots=True, kw_only=True)
class DatedStore(MemoryStore):
    """Remembers when the market wrote what, and lets it break off before the write number ``breaks_at``."""

    clock: Callable[[], datetime]
    breaks_at: int | None = None

    def create(self, published: PublishedObject) -> bool:
        return self._count() and MemoryStore.create(self, published) and self._date(published.key)

    def replace(self, published: PublishedObject, *, expected: str | None) -> None:
        self._count()
        MemoryStore.replace(self, published, expected=expected)
        self._date(published.key)

    def _count(self) -> bool:
        if self.breaks_at is not None:
            self.breaks_at -= 1
            if self.breaks_at < 0:
                raise TransportError("the store is gone")
        return True

    def _date(self, key: str) -> bool:
        self.modified_at[key] = self.clock()
        return True


def a_market() -> Simulator:
    market = Simulator()
    market.policy = TrustPolicy(
        epoch=1, publish_attestation="optional", registry_identities=market.policy.registry_identities, instance="lab"
    )
    market.store = DatedStore(location=market.location, clock=lambda: market.now)
    return market


def plan(market: Simulator, *, days: float = 30, store: WatchedStore | None = None) -> Collection:
    return plan_collection(store or market.store, reader=market.repository, now=market.now, keep=timedelta(days=days))


def collect(market: Simulator, *, days: float = 30) -> Collection:
    planned = plan(market, days=days)
    sweep(planned)
    return planned


def read_everything(client: Marketplace, market: Simulator) -> int:
    """Read, without a refresh, all that hangs on what `client` holds, and return how many packages there were."""
    (source,) = client.sources()
    packages = 0
    for summary in source.catalogue().plugins:
        record = source.record(summary.id)
        assert record is not None
        for release in record.releases:
            source.manifest(summary.id, release)
            assert layout.node_key(release.facts.sha256) in market.objects
            for known in release.attestations:
                assert layout.attestation_key(known.sha256) in market.objects
            for artifact in release.artifacts:
                source.package(summary.id, release, artifact)
                packages += 1
    return packages


def a_history(market: Simulator, *, days: int = 100, every: int = 5) -> None:
    """Publish a release every so many days, and refresh the timestamp in between."""
    for day in range(0, days, every):
        market.now = START + day * DAY
        market.release("acme/one", f"1.{day}.0", signed_by=None if day else LAB_IDENTITY)
        market.publish()
