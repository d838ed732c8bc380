from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pluginry.encoding import documents, tree
from pluginry.errors import TamperedError
from pluginry.model.digest import BlobRef, Digest
from pluginry.model.index import TreeNode, TreeRoot, TreeShard
from pluginry.model.names import PluginId

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

NOBODY = PluginId.parse("nobody/nothing")


def plugins(count: int) -> dict[PluginId, BlobRef]:
    return {PluginId.parse(f"ns{n % 7}/plugin-{n}"): BlobRef.of(b"record %d" % n) for n in range(count)}


def root_of(planted: tree.PlantedTree, count: int) -> TreeRoot:
    return TreeRoot(
        epoch=1,
        serial=1,
        generated=datetime(2026, 1, 1, tzinfo=UTC),
        plugins=count,
        releases=count,
        catalogue=BlobRef.of(b""),
        fanout=planted.fanout,
        nodes=planted.nodes,
        shard=planted.shard,
    )


class Bodies(dict[Digest, bytes]):
    """Objects by digest that count how often they are read."""

    reads = 0

    def __call__(self, ref: BlobRef) -> bytes:
        self.reads += 1
        return self[ref.sha256]


@cache
def forest(count: int, inline_limit: int = tree.INLINE_LIMIT) -> tuple[TreeRoot, Mapping[Digest, bytes]]:
    planted = tree.plant(plugins(count), inline_limit=inline_limit)
    return root_of(planted, count), {Digest.of(body): body for body in planted.bodies}


@pytest.mark.parametrize("count", [0, 1, 2000, 5000])
def test_everything_that_is_planted_is_found_and_nothing_else(count: int) -> None:
    root, bodies = forest(count)
    read = Bodies(bodies)
    wanted = plugins(count)
    assert {plugin: tree.lookup(root, plugin, read) for plugin in list(wanted)[:200]} == dict(
        list(wanted.items())[:200]
    )
    assert tree.lookup(root, NOBODY, read) is None
    assert tree.every_record(root, read) == wanted


@settings(max_examples=6)
@given(st.integers(0, 40), st.integers(0, 40))
def test_any_tree_holds_exactly_its_plugins(count: int, inline_limit: int) -> None:
    records = plugins(count)
    planted = tree.plant(records, inline_limit=inline_limit)
    read = Bodies({Digest.of(body): body for body in planted.bodies})
    root = root_of(planted, count)
    assert {plugin: tree.lookup(root, plugin, read) for plugin in plugins(45)} == {
        plugin: records.get(plugin) for plugin in plugins(45)
    }
    assert tree.every_record(root, read) == records


@settings(max_examples=10)
@given(st.integers(0, 40), st.sets(st.integers(0, 45)), st.sets(st.integers(0, 45)))
def test_a_tree_like_another_is_what_it_would_be_without_it(inline_limit: int, gone: set[int], new: set[int]) -> None:
    before, everybody = plugins(40), list(plugins(46))
    after = {plugin: ref for plugin, ref in before.items() if plugin not in {everybody[n] for n in gone}}
    after |= {everybody[n]: BlobRef.of(b"new %d" % n) for n in new}
    like = tree.plant(before, inline_limit=inline_limit)
    changed = {everybody[n] for n in gone | new}
    planted, whole = (
        tree.plant(after, like, changed, inline_limit=inline_limit),
        tree.plant(after, inline_limit=inline_limit),
    )
    assert replace(planted, bodies=()) == replace(whole, bodies=())
    assert set(planted.bodies) <= set(whole.bodies) <= {*planted.bodies, *like.bodies}
    assert tree.plant(before, planted, changed, inline_limit=inline_limit).nodes == like.nodes


def test_nodes_are_written_as_all_documents_are() -> None:
    bodies = tree.plant({**plugins(50), PluginId.parse("ns0-x/a"): BlobRef.of(b"x")}, inline_limit=0).bodies
    shards = [body for body in bodies if b"plugins" in body]
    assert [documents.encode(documents.decode(TreeShard, body, what="shard")) for body in shards] == shards
    nodes = [body for body in bodies if b"nodes" in body]
    assert [documents.encode(documents.decode(TreeNode, body, what="node")) for body in nodes] == nodes
    assert {*shards, *nodes} == {*bodies}


def test_a_small_marketplace_stands_in_its_root() -> None:
    planted = tree.plant(plugins(tree.INLINE_LIMIT))
    assert planted.fanout == planted.nodes == planted.bodies == ()
    assert len(planted.shard) == tree.INLINE_LIMIT


def test_a_large_marketplace_is_read_by_one_small_path() -> None:
    root, bodies = forest(5000)
    read = Bodies(bodies)
    assert not root.shard
    assert tree.lookup(root, next(iter(plugins(1))), read) is not None
    assert read.reads == len(tree.FANOUT)
    assert max(map(len, bodies.values())) < 10_000


def test_the_order_of_planting_does_not_matter() -> None:
    records = plugins(50)
    backwards = dict(reversed(records.items()))
    for limit in (0, 100):
        assert tree.plant(records, inline_limit=limit) == tree.plant(backwards, inline_limit=limit)


def test_one_changed_plugin_changes_one_path() -> None:
    records = plugins(60)
    changed = {**records, next(iter(records)): BlobRef.of(b"new")}
    before, after = (set(tree.plant(r, inline_limit=0).bodies) for r in (records, changed))
    assert len(after - before) == len(tree.FANOUT)


def test_the_tree_does_not_contradict_itself_after_a_trip_through_a_document() -> None:
    root, bodies = forest(30, 0)
    again = documents.decode(TreeRoot, documents.encode(root), what="root")
    assert again == root
    assert tree.every_record(again, Bodies(bodies)) == plugins(30)


@pytest.mark.parametrize(
    "damage", [lambda body: body + b" ", lambda body: body[:-1], lambda body: b"X" + body[1:], lambda _: b""]
)
def test_no_changed_node_or_shard_is_believed(damage: Callable[[bytes], bytes]) -> None:
    root, bodies = forest(40, 0)
    plugin = next(iter(plugins(1)))
    path = _path_of(root, plugin, bodies)
    assert len(path) == len(tree.FANOUT)
    for digest in path:
        read = Bodies({**bodies, digest: damage(bodies[digest])})
        with pytest.raises(TamperedError, match="not the one that the index names"):
            tree.lookup(root, plugin, read)
        with pytest.raises(TamperedError, match="not the one that the index names"):
            tree.every_record(root, read)


def test_swapped_objects_are_noticed() -> None:
    root, bodies = forest(40, 0)
    first, second, *_ = _path_of(root, next(iter(plugins(1))), bodies)
    read = Bodies({**bodies, first: bodies[second], second: bodies[first]})
    with pytest.raises(TamperedError):
        tree.lookup(root, next(iter(plugins(1))), read)


def _path_of(root: TreeRoot, plugin: PluginId, bodies: Mapping[Digest, bytes]) -> list[Digest]:
    path = []

    def read(ref: BlobRef) -> bytes:
        path.append(ref.sha256)
        return bodies[ref.sha256]

    tree.lookup(root, plugin, read)
    return path


def a_lying_root(fanout: tuple[int, ...], *bodies: bytes, width: int | None = None) -> tuple[TreeRoot, Bodies]:
    """Return a root, as its owner may sign it, whose every node is the first of `bodies`."""
    ref = BlobRef.of(bodies[0])
    size = width if width is not None else 1 << min(fanout[0], 8)
    planted = tree.PlantedTree(fanout=fanout, nodes=((ref.sha256, ref.size),) * size)
    return root_of(planted, 0), Bodies({Digest.of(body): body for body in bodies})


EMPTY_SHARD = documents.encode(TreeShard(plugins={}))


@pytest.mark.parametrize(
    "fanout", [(0,), (6, 0), (-1, 8), (-6, -6), (17,), (9, 8), (1,) * 17, (2**52,), (10**9, 1 - 10**9), (6,) * 1000]
)
def test_a_fanout_beyond_reason_is_refused_before_anything_is_read(fanout: tuple[int, ...]) -> None:
    root, read = a_lying_root(fanout, EMPTY_SHARD, width=2)
    for attempt in (lambda: tree.lookup(root, NOBODY, read), lambda: tree.every_record(root, read)):
        with pytest.raises(TamperedError, match="fanout") as caught:
            attempt()
        assert len(str(caught.value)) < 300
    assert read.reads == 0


@pytest.mark.parametrize("width", [0, 1, 3, 63, 65])
def test_a_root_with_the_wrong_number_of_nodes_is_refused(width: int) -> None:
    root, read = a_lying_root((1,), EMPTY_SHARD, width=width)
    for attempt in (lambda: tree.lookup(root, NOBODY, read), lambda: tree.every_record(root, read)):
        with pytest.raises(TamperedError, match="entries instead of 2"):
            attempt()


def test_a_node_with_the_wrong_number_of_entries_is_refused() -> None:
    narrow = documents.encode(TreeNode(nodes=((Digest.of(EMPTY_SHARD), len(EMPTY_SHARD)),)))
    root, read = a_lying_root((1, 1), narrow, EMPTY_SHARD)
    for attempt in (lambda: tree.lookup(root, NOBODY, read), lambda: tree.every_record(root, read)):
        with pytest.raises(TamperedError, match="1 entries instead of 2"):
            attempt()


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{}", b'{"plugins":[]}', b'{"plugins":{"x":1}}', b'{"plugins":{},"plugins":{}}', b"\xff"]
)
def test_a_node_that_is_something_else_counts_as_tampering(body: bytes) -> None:
    root, read = a_lying_root((1,), body)
    for attempt in (lambda: tree.lookup(root, NOBODY, read), lambda: tree.every_record(root, read)):
        with pytest.raises(TamperedError, match="something else"):
            attempt()


def test_a_plugin_that_is_listed_where_nobody_looks_for_it_is_refused() -> None:
    planted = tree.plant({}, inline_limit=-1)
    everywhere = documents.encode(TreeShard(plugins={NOBODY: (Digest.of(b"r"), 1)}))
    root, read = a_lying_root((1,), everywhere)
    assert planted.fanout == tree.FANOUT
    with pytest.raises(TamperedError, match="wrong place"):
        tree.every_record(root, read)


@pytest.mark.parametrize("inline_limit", [0, 100])
def test_a_root_that_counts_other_plugins_than_it_lists_is_refused(inline_limit: int) -> None:
    planted = tree.plant(plugins(3), inline_limit=inline_limit)
    root = root_of(planted, 4)
    with pytest.raises(TamperedError, match="says that it has 4 plugins, but it lists 3"):
        tree.every_record(root, Bodies({Digest.of(body): body for body in planted.bodies}))


def test_what_is_read_is_what_was_promised() -> None:
    ref = BlobRef.of(b"data")
    assert tree.checked(b"data", ref) == b"data"
    for wrong in (b"", b"datb", b"data "):
        with pytest.raises(TamperedError):
            tree.checked(wrong, ref)
    with pytest.raises(TamperedError):
        tree.checked(b"data", BlobRef(sha256=ref.sha256, size=5))


@pytest.mark.parametrize(("count", "inline_limit"), [(30, 100), (3000, 10)])
def test_what_changed_between_two_trees_is_found_by_reading_only_what_differs(count: int, inline_limit: int) -> None:
    before = plugins(count)
    changed, gone = list(before)[5:7]
    new = PluginId.parse("acme/new")
    after = {**before, changed: BlobRef.of(b"another record"), new: BlobRef.of(b"new record")}
    del after[gone]
    trees = [tree.plant(records, inline_limit=inline_limit) for records in (before, after)]
    read = Bodies({Digest.of(body): body for planted in trees for body in planted.bodies})
    roots = [root_of(planted, len(records)) for planted, records in zip(trees, (before, after), strict=True)]
    assert tree.changed_records(roots[0], roots[1], read) == {
        changed: (before[changed], after[changed]),
        gone: (before[gone], None),
        new: (None, after[new]),
    }
    assert read.reads <= 3 * 2 * 3
    assert tree.changed_records(roots[0], roots[0], read) == {}


def test_trees_of_different_shape_are_compared_as_a_whole() -> None:
    records = plugins(50)
    trees = [tree.plant(records, inline_limit=limit) for limit in (10, 100)]
    read = Bodies({Digest.of(body): body for planted in trees for body in planted.bodies})
    assert tree.changed_records(root_of(trees[0], 50), root_of(trees[1], 50), read) == {}
