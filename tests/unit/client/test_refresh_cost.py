"""What a refresh and a verified lookup cost in requests and bytes: bounds of the design, counted and not timed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pluginry.encoding import tree
from pluginry.errors import ObjectMissingError
from pluginry.model import layout
from pluginry.model.digest import BlobRef
from pluginry.model.names import PluginId
from simulated_client import a_client
from simulator import Simulator

if TYPE_CHECKING:
    from pathlib import Path

    from memory_store import MemoryStore
    from pluginry.model.index import TreeRoot

DEMO = PluginId.parse("acme/demo")
MANY = 100_000


@dataclass(frozen=True, slots=True)
class Cost:
    """Requests, and bytes of what came back."""

    requests: tuple[str, ...]
    size: int


def cost(store: MemoryStore) -> Cost:
    """Return what was asked for since the last time."""
    asked = tuple(store.requests)
    store.requests.clear()
    return Cost(asked, sum(_size(store, key) for key in asked))


def a_market() -> Simulator:
    market = Simulator()
    market.release("acme/demo", "1.0.0")
    market.publish()
    return market


def test_a_warm_refresh_costs_two_requests_and_600_bytes(tmp_path: Path) -> None:
    market = a_market()
    client = a_client(tmp_path, market)
    cost(market.store)
    a_client(client.home.root, market).refresh()
    found = cost(market.store)
    assert found.requests == ("v1/metadata/2.root.json", layout.TIMESTAMP_KEY)
    assert found.size <= 600


def test_after_a_publication_only_what_changed_is_fetched(tmp_path: Path) -> None:
    market = a_market()
    client = a_client(tmp_path, market)
    cost(market.store)
    market.release("acme/demo", "1.1.0")
    market.publish()
    client.refresh()
    kinds = [key.rpartition(".")[0].rpartition("/")[2].split(".")[-1] for key in cost(market.store).requests]
    assert kinds == ["root", "timestamp", "snapshot", "targets", "root"]


def test_a_cold_refresh_asks_for_each_thing_once(tmp_path: Path) -> None:
    market = a_market()
    client = a_client(tmp_path, market)
    asked = cost(market.store).requests
    assert len(asked) == len(set(asked)) <= 9
    assert client.record(DEMO) is not None


def test_a_cold_lookup_among_many_plugins_reads_one_path_of_the_tree(tmp_path: Path) -> None:
    market = a_market()
    bodies: list[bytes] = []

    def crowded(root: TreeRoot) -> TreeRoot:
        others = {PluginId.parse(f"crowd/plugin-{number}"): BlobRef.of(b"record") for number in range(MANY - 1)}
        (own,) = (BlobRef(sha256=sha256, size=size) for sha256, size in root.shard.values())
        planted = tree.plant({DEMO: own, **others})
        bodies.extend(planted.bodies)
        return replace(root, plugins=MANY, fanout=planted.fanout, nodes=planted.nodes, shard={})

    root = market.publish(change_root=lambda root: replace(crowded(root), serial=root.serial + 1))
    for body in bodies:
        market.keep_node(body)
    client = a_client(tmp_path, market)
    trust = cost(market.store)
    assert client.record(DEMO) is not None
    path = cost(market.store)
    assert len(path.requests) == len(root.fanout) + 1
    described = sum(_size(market.store, key) for key in trust.requests if "/trust/" not in key)
    assert described + path.size <= 12_000, (described, path.size)


def _size(store: MemoryStore, key: str) -> int:
    try:
        return len(store.read(key))
    except ObjectMissingError:
        return 0
