"""Collecting garbage is refused, or breaks off, without harm."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from collected_markets import DAY, a_history, a_market, collect, plan, read_everything
from pluginry.encoding import documents
from pluginry.errors import BusyError, PublishConflictError, TamperedError, TransportError, UsageError
from pluginry.model import layout
from pluginry.model.index import PluginRecord, TreeRoot
from pluginry.model.turn import Doing
from pluginry.publisher.garbage import sweep
from pluginry.publisher.turn import Attempt
from simulated_client import a_client
from simulator import START, Simulator
from watched_store import WatchedStore, failing_at

if TYPE_CHECKING:
    from pathlib import Path


def test_nothing_is_removed_where_the_current_index_is_not_whole() -> None:
    market = a_market()
    a_history(market, days=50)
    whole = dict(market.objects)
    record, *leaves = needed_by_current(market)
    for key in (record, *leaves):
        market.store.objects = {other: body for other, body in whole.items() if other != key}
        with pytest.raises(TamperedError, match="not whole") as caught:
            plan(market)
        assert caught.value.exit_status == 5
    market.store.objects = {**whole, record: b"{}"}
    with pytest.raises(TamperedError, match="not whole"):
        plan(market)
    market.store.objects = whole
    assert plan(market).garbage


def needed_by_current(market: Simulator) -> list[str]:
    """Return the key of the only plugin's record, then those of all that hangs on it."""
    body = market.repository.current_target(layout.INDEX_ROOT_TARGET, market.store)
    assert body is not None
    root = documents.decode(TreeRoot, body, what="root")
    ((plugin, (digest, _)),) = root.shard.items()
    key = layout.node_key(digest)
    record = documents.decode(PluginRecord, market.objects[key], what="record")
    leaves = [layout.node_key(root.catalogue.sha256)]
    for release in record.releases:
        leaves += [layout.node_key(ref.sha256) for ref in (release.manifest, release.facts)]
        leaves += [layout.package_key(plugin, release.version, one.platform) for one in release.artifacts]
        leaves += [layout.attestation_key(one.sha256) for one in release.attestations]
    return [key, *leaves]


def test_nothing_is_published_nothing_is_collected() -> None:
    with pytest.raises(UsageError, match="nothing is published there yet"):
        plan(a_market())


def test_somebody_who_publishes_meanwhile_stops_it() -> None:
    market = a_market()
    a_history(market)
    planned = plan(market)
    before = dict(market.objects)
    publisher = Attempt.begin(market.store, Doing.PUBLISHING, now=market.now)
    publisher.take()
    with pytest.raises(PublishConflictError):
        sweep(planned)
    with pytest.raises(BusyError, match="publishing"):
        plan(market)
    publisher.end()
    assert {key: body for key, body in market.objects.items() if key != layout.TURN_KEY} == before


def test_a_publication_that_began_before_does_not_count_on_what_is_gone() -> None:
    market = a_market()
    a_history(market)
    publisher = Attempt.begin(market.store, Doing.PUBLISHING, now=market.now)
    collect(market)
    with pytest.raises(PublishConflictError):
        publisher.take()


@pytest.mark.parametrize("breaks_at", [0, 1, 5, 20])
def test_a_collection_that_breaks_off_is_harmless_and_finished_by_the_next(breaks_at: int, tmp_path: Path) -> None:
    market = a_market()
    a_history(market)
    whole = {stored.key for stored in plan(market).garbage}
    store = WatchedStore(market.store, before=failing_at(breaks_at, writes_only=True))
    with pytest.raises(TransportError):
        sweep(plan(market, store=store))
    assert read_everything(a_client(tmp_path, market), market) == 20
    market.now += timedelta(hours=1)
    collect(market)
    assert not whole & market.objects.keys()


def test_a_long_collection_says_that_it_goes_on() -> None:
    market = a_market()
    a_history(market, days=10)
    for number in range(1000):
        key = market.keep_node(b'{"garbage":%d}' % number)
        market.store.modified_at[layout.node_key(key.sha256)] = START - 100 * DAY
    store = WatchedStore(market.store)
    sweep(plan(market, store=store))
    turns = [index for index, key in enumerate(store.writes) if key == layout.TURN_KEY]
    assert len(turns) == 7
    assert max(after - before for before, after in pairwise(turns)) <= 201
