"""Whoever controls the bucket lets one plugin, or its newest release, disappear from the index."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from tuf.api.metadata import TargetFile

from pluginry.encoding import documents, tree
from pluginry.errors import TamperedError
from pluginry.model import layout
from pluginry.model.digest import BlobRef, Digest
from pluginry.model.index import TreeRoot, TreeShard
from pluginry.model.names import PluginId
from simulated_client import a_client
from simulator import START
from victims import DEMO, a_market, key_of_record, record_in

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from simulator import Simulator


def without_the_plugin() -> Simulator:
    market = a_market()
    market.release("acme/other", "1.0.0")
    root = market.publish()
    hiding = documents.encode(replace(root, shard={k: v for k, v in root.shard.items() if k != DEMO}))
    genuine = Digest.of(documents.encode(root)).hex
    market.objects[f"{layout.TARGETS_PREFIX}index/{genuine}.root.json"] = hiding
    return market


def a_large_tree() -> tuple[TreeRoot, dict[Digest, bytes], PluginId]:
    """Return a tree with nodes and shards, and one of its plugins, whose shard lost it on the way."""
    record = BlobRef.of(b"record")
    hidden = PluginId.parse("acme/plugin-7")
    planted = tree.plant({PluginId.parse(f"acme/plugin-{n}"): record for n in range(300)}, inline_limit=0)
    bodies = {Digest.of(body): body for body in planted.bodies}
    for digest, body in bodies.items():
        if b'"plugins"' in body and b'"acme/plugin-7"' in body:
            shard = documents.decode(TreeShard, body, what="shard")
            bodies[digest] = documents.encode(
                TreeShard(plugins={k: v for k, v in shard.plugins.items() if k != hidden})
            )
    root = TreeRoot(
        epoch=1,
        serial=1,
        generated=START,
        plugins=300,
        releases=300,
        catalogue=record,
        fanout=planted.fanout,
        nodes=planted.nodes,
    )
    return root, bodies, hidden


def reader(bodies: dict[Digest, bytes]) -> Callable[[BlobRef], bytes]:
    return lambda ref: bodies[ref.sha256]


def test_an_index_that_leaves_a_plugin_out_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TamperedError):
        a_client(tmp_path, without_the_plugin())


def test_a_shard_that_leaves_a_plugin_out_is_refused() -> None:
    root, bodies, hidden = a_large_tree()
    with pytest.raises(TamperedError, match="not the one that the index names"):
        tree.lookup(root, hidden, reader(bodies))


def test_a_record_that_leaves_a_release_out_is_refused(tmp_path: Path) -> None:
    market = a_market("1.0.0", "1.1.0")
    root = market.publish()
    record = record_in(market, root)
    market.objects[key_of_record(root)] = documents.encode(replace(record, releases=record.releases[1:]))
    with pytest.raises(TamperedError, match="not the one that the index names"):
        a_client(tmp_path, market).record(DEMO)


def test_without_the_hash_of_the_target_it_would_be_unknown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(TargetFile, "verify_length_and_hashes", lambda *_: None)
    monkeypatch.setattr("pluginry.adapters.tuf_client.target_info", _with_room)
    assert a_client(tmp_path, without_the_plugin()).record(DEMO) is None


def test_without_the_hash_of_the_shard_it_would_be_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tree, "checked", lambda data, _ref: data)
    root, bodies, hidden = a_large_tree()
    assert tree.lookup(root, hidden, reader(bodies)) is None


def _with_room(updater: object, path: str, **_: object) -> TargetFile:
    info: TargetFile = updater.get_targetinfo(path)  # type: ignore[attr-defined]  # python-tuf's updater
    return TargetFile(1 << 20, info.hashes, path)
