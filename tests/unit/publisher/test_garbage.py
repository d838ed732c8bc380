"""Collecting garbage: what nobody reaches any more goes, and all else stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from collected_markets import DAY, PLUGINS, a_history, a_market, collect, plan, read_everything
from pluginry.encoding import tree
from pluginry.model.status import Status
from pluginry.publisher.garbage import sweep
from simulated_client import a_client
from simulator import START
from trustees import Trustees
from watched_store import WatchedStore

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


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
