"""Collecting garbage: whatever happened, clients of the last days can read all that they may want to."""

from __future__ import annotations

import tempfile
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memory_store import MemoryStore
from pluginry.adapters.sigstore_lab import LAB_IDENTITY
from pluginry.encoding import documents, tree
from pluginry.errors import BusyError, PublishConflictError, StaleError, TamperedError, TransportError, UsageError
from pluginry.model import layout
from pluginry.model.index import PluginRecord, TreeRoot, TrustPolicy
from pluginry.model.listing import Status
from pluginry.model.names import PluginId
from pluginry.model.turn import Doing
from pluginry.publisher.garbage import Collection, plan_collection, sweep
from pluginry.publisher.turn import Attempt
from simulated_client import a_client
from simulator import START, Simulator
from trustees import Trustees
from watched_store import WatchedStore, failing_at

if TYPE_CHECKING:
    from collections.abc import Callable

    from pluginry.client.marketplace import Marketplace
    from pluginry.model.published import PublishedObject

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


# What goes and what stays


def test_only_what_nobody_reaches_any_more_goes(tmp_path: Path) -> None:
    market = a_market()
    a_history(market)
    market.now += 3 * DAY
    before = dict(market.objects)
    planned = collect(market)
    gone = before.keys() - market.objects.keys()
    assert gone == {stored.key for stored in planned.garbage}
    assert planned.size == sum(len(before[key]) for key in gone)
    assert len([key for key in gone if key.startswith("v1/t/")]) >= 2 * 10
    assert any(key.startswith("v1/metadata/") for key in gone)
    assert any(key.endswith(".root.json") and key.startswith("v1/targets/index/") for key in gone)
    never = ("v1/packages/", "v1/plugins/", "v1/targets/trust/", "v1/index.json", "v1/metadata/1.root.json")
    assert not [key for key in gone if key.startswith(never)]
    assert planned.roots < 10
    assert read_everything(a_client(tmp_path, market), market) == 20
    assert collect(market).garbage == ()


def test_a_plan_removes_nothing_and_takes_no_turn() -> None:
    market = a_market()
    a_history(market)
    before = dict(market.objects)
    assert plan(market).garbage
    assert market.objects == before


def test_nothing_young_goes_however_useless_it_is() -> None:
    market = a_market()
    a_history(market, days=10)
    market.keep_node(b'{"nobody":"names me"}')
    for key in market.objects:
        market.store.modified_at[key] = market.now
    assert plan(market, days=30).garbage == ()
    market.now += 33 * DAY
    assert len(plan(market, days=30).garbage) > 1


def test_what_is_not_ours_stays() -> None:
    market = a_market()
    a_history(market)
    strange = ("v1/metadata/9.strange.json", "v1/targets/other/x.json", "v1/deltas/a.bin", "logo.png", "v1/x")
    for key in strange:
        market.objects[key] = b"not json"
        market.store.modified_at[key] = START
    collect(market)
    assert set(strange) <= market.objects.keys()


def test_what_a_removed_plugin_left_is_collected_but_its_packages_stay(tmp_path: Path) -> None:
    market = a_market()
    market.release("acme/one", "1.0.0")
    market.release("acme/two", "1.0.0")
    market.publish()
    market.describe("acme/one", status=Status.REMOVED)
    market.now += DAY
    market.publish()
    manifest = [key for key, body in market.objects.items() if key.startswith("v1/t/") and b'"acme/one"' in body]
    market.now += 60 * DAY
    market.publish()
    gone = {stored.key for stored in collect(market).garbage}
    assert gone & set(manifest)
    assert any(key.startswith("v1/a/") for key in gone)
    assert market.package_key("acme/one", "1.0.0") in market.objects
    read_everything(a_client(tmp_path, market), market)


def test_a_large_tree_is_walked_node_by_node(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(tree, "INLINE_LIMIT", 0)
    monkeypatch.setattr(tree.plant, "__kwdefaults__", {"inline_limit": 1})
    market = a_market()
    for plugin in PLUGINS:
        market.release(plugin, "1.0.0")
    market.publish()
    market.now += DAY
    market.release("acme/one", "1.1.0")
    market.publish()
    market.now += 40 * DAY
    market.publish()
    store = WatchedStore(market.store)
    planned = plan(market, store=store)
    nodes = [request.key for request in store.requests if request.key.startswith("v1/t/")]
    assert len(nodes) == len(set(nodes))
    assert len([stored for stored in planned.garbage if stored.key.startswith("v1/t/")]) >= 4
    sweep(planned)
    assert read_everything(a_client(tmp_path, market), market) == 4


def test_in_profile_hardened_what_people_signed_stays_and_old_indexes_go(tmp_path: Path) -> None:
    market = a_market()
    Trustees(market, tmp_path / "trust")
    a_history(market, days=60)
    market.now += 3 * DAY
    client = a_client(tmp_path / "home", market)
    gone = {stored.key for stored in collect(market, days=10).garbage}
    assert any(key.endswith(".index.json") for key in gone)
    assert any(key.endswith(".snapshot.json") for key in gone)
    assert not [key for key in gone if key.endswith((".targets.json", ".policy.json", ".trusted_root.json"))]
    assert read_everything(client, market) == read_everything(a_client(tmp_path / "new", market), market) == 12
    market.release("acme/one", "2.0.0", signed_by=None)
    market.publish()
    client.refresh()
    assert read_everything(client, market) == 13


# When it refuses, and when it breaks off


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


# Any history


steps = st.one_of(
    st.tuples(st.just("release"), st.sampled_from(PLUGINS)),
    st.tuples(st.just("yank"), st.sampled_from(PLUGINS)),
    st.tuples(st.just("remove"), st.sampled_from(PLUGINS)),
    st.tuples(st.just("restore"), st.sampled_from(PLUGINS)),
    st.tuples(st.just("advise"), st.sampled_from(PLUGINS)),
    st.tuples(st.just("withdraw"), st.just("")),
    st.tuples(st.just("publish"), st.sampled_from(["1", "8", "26"])),
    st.tuples(st.just("break"), st.sampled_from(["0", "2", "5", "9"])),
    st.tuples(st.just("resign"), st.sampled_from(["1", "6"])),
    st.tuples(st.just("visit"), st.just("")),
    st.tuples(st.just("collect"), st.just("")),
)


class Story:
    """A marketplace, and clients that came by at some time."""

    def __init__(self, folder: Path, keep: int) -> None:
        self.market = a_market()
        self.folder = folder
        self.keep = keep
        self.clients: list[tuple[datetime, Marketplace]] = []
        self.releases = 0
        for plugin in PLUGINS:
            self.market.release(plugin, "1.0.0", signed_by=None)
        self.market.publish()

    def do(self, what: str, about: str) -> None:
        self.market.now += timedelta(minutes=7)
        getattr(self, what)(about)

    def release(self, plugin: str) -> None:
        self.releases += 1
        self.market.release(plugin, f"1.{self.releases}.0", signed_by=None)

    def yank(self, plugin: str) -> None:
        entry = self.market.entries[PluginId.parse(plugin)]
        yanked = entry.releases[min(entry.releases)].yanked
        self.market.amend(plugin, str(min(entry.releases)), yanked=None if yanked else "It is broken.")

    def remove(self, plugin: str) -> None:
        self.market.describe(plugin, status=Status.REMOVED)

    def restore(self, plugin: str) -> None:
        self.market.describe(plugin, status=Status.ACTIVE)

    def advise(self, plugin: str) -> None:
        self.market.advise(f"PLG-2026-{len(self.market.advisories) + 1:04}", plugin)

    def withdraw(self, _about: str) -> None:
        self.market.advisories = [replace(one, withdrawn=self.market.now) for one in self.market.advisories]

    def publish(self, days: str) -> None:
        self.market.publish()
        self.market.now += int(days) * DAY

    def break_off(self, number: str) -> None:
        assert isinstance(self.market.store, DatedStore)
        self.market.store.breaks_at = int(number)
        with suppress(TransportError):
            self.market.publish()
        self.market.store.breaks_at = None

    def resign(self, days: str) -> None:
        self.market.now += int(days) * DAY
        timestamp = self.market.repository.refresh(self.market.store, now=self.market.now)
        found = self.market.store.find(layout.TIMESTAMP_KEY)
        self.market.store.replace(timestamp, expected=found.tag if found else None)

    def visit(self, _about: str) -> None:
        self.resign("0")
        home = self.folder / f"home{len(self.clients)}"
        try:
            client = a_client(home, self.market)
        except StaleError:  # a timestamp alone does not keep a marketplace fresh for ever
            self.market.publish()
            client = a_client(home, self.market)
        self.clients.append((self.market.now, client))

    def collect(self, _about: str) -> None:
        collect(self.market, days=self.keep)


@settings(max_examples=25)
@given(st.lists(steps, min_size=3, max_size=24), st.sampled_from([2, 7, 30]))
def test_clients_of_the_last_days_can_always_read_everything(history: list[tuple[str, str]], keep: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        story = Story(Path(folder), keep)
        for what, about in history:
            story.do("break_off" if what == "break" else what, about)
        story.visit("")
        before = len(story.market.objects)
        story.collect("")
        assert len(story.market.objects) <= before + 1  # whose turn it was
        horizon = story.market.now - keep * DAY
        for came_at, client in story.clients:
            if came_at >= horizon:
                read_everything(client, story.market)
        story.market.publish()
        for _, client in story.clients:
            client.refresh()
            read_everything(client, story.market)
