"""The hash tree: from the root of the index to the record of one plugin in a few small objects.

A plugin's place is given by the first bits of sha256(id), so one lookup reads one path, one changed
plugin rewrites one path, and the shard at the end lists every id of its prefix: it also proves absence.
Small marketplaces have no nodes: the one shard stands in the root. Planting and looking up are pure.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, TypeVar

from pluginry.encoding import documents
from pluginry.errors import DocumentError, TamperedError
from pluginry.model.digest import BlobRef, Digest
from pluginry.model.index import TreeNode, TreeRoot, TreeShard

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from pluginry.model.names import PluginId

FANOUT = (4, 4, 4)
"""Bits of the hash that each level takes: 4096 shards. Narrow nodes cost a request more and half of the bytes."""
INLINE_LIMIT = 2000
"""Up to this many plugins the shard stands in the root."""
_MAX_BITS = 16
"""Enough for a million plugins in shards of 15; the same few nodes over and over could pretend to any number."""

_MAX_SHOWN = 60

TreePointer = tuple[Digest, int]
_Node = TypeVar("_Node", TreeNode, TreeShard)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlantedTree:
    """A tree as it goes into the root: ``nodes`` or ``shard``; ``bodies`` are the objects below that are new in it.

    ``shards`` and ``levels`` hold all of it as text, by slot, for who plants another one like it.
    """

    fanout: tuple[int, ...]
    nodes: tuple[TreePointer, ...] = ()
    shard: Mapping[PluginId, TreePointer] = field(default_factory=lambda: MappingProxyType({}))
    bodies: tuple[bytes, ...] = ()
    shards: tuple[Mapping[str, str], ...] = field(default=(), repr=False)
    levels: tuple[tuple[str, ...], ...] = field(default=(), repr=False)


_BARE: Final = PlantedTree(
    fanout=FANOUT,
    shards=({},) * (1 << sum(FANOUT)),
    levels=tuple(("",) * (1 << sum(FANOUT[:depth])) for depth in range(len(FANOUT), 0, -1)),
)
_SHARD: Final = documents.encode(TreeShard(plugins={})).decode().removesuffix("{}}")
_NODE: Final = documents.encode(TreeNode(nodes=())).decode().removesuffix("[]}")


def plant(
    records: Mapping[PluginId, BlobRef],
    like: PlantedTree | None = None,
    changed: Iterable[PluginId] = (),
    *,
    inline_limit: int = INLINE_LIMIT,
) -> PlantedTree:
    """Return the tree over `records` (plugin to the reference of its record).

    All that stays of a tree that it is `like` is taken from there: one over the same, but for plugins that `changed`.
    """
    if len(records) <= inline_limit:
        return PlantedTree(fanout=(), shard={plugin: (ref.sha256, ref.size) for plugin, ref in sorted(records.items())})
    if like is None or not like.fanout:
        like, slot_of = _BARE, {plugin: _slot(plugin, FANOUT) for plugin in records}
        touched: dict[int, dict[str, str]] = {slot: {} for slot in range(1 << sum(FANOUT))}
    else:
        slot_of = {plugin: _slot(plugin, FANOUT) for plugin in changed}
        touched = {slot: dict(like.shards[slot]) for slot in slot_of.values()}
    for plugin, slot in slot_of.items():
        ref = records.get(plugin)
        if ref is None:
            touched[slot].pop(str(plugin), None)
        else:
            touched[slot][str(plugin)] = f'["{ref.sha256}",{ref.size}]'
    shards = [touched.get(slot, entries) for slot, entries in enumerate(like.shards)]
    levels: list[tuple[str, ...]] = []
    bodies: set[bytes] = set()
    made = {slot: _shard_body(entries) for slot, entries in touched.items()}
    for above, bits in zip(like.levels, reversed(FANOUT), strict=True):
        bodies.update(made.values())
        level = [*above]
        for slot, body in made.items():
            level[slot] = f'["{hashlib.sha256(body).hexdigest()}",{len(body)}]'
        levels.append(tuple(level))
        made = {slot: _node_body(level[slot << bits : slot + 1 << bits]) for slot in {slot >> bits for slot in made}}
    nodes = tuple((Digest(digest), size) for digest, size in map(json.loads, levels[-1]))
    return PlantedTree(
        fanout=FANOUT, nodes=nodes, bodies=tuple(sorted(bodies)), shards=tuple(shards), levels=tuple(levels)
    )


def lookup(root: TreeRoot, plugin: PluginId, read: Callable[[BlobRef], bytes]) -> BlobRef | None:
    """Return the reference to the record of `plugin`, or None when the marketplace has no such plugin.

    `read` returns the object for a reference; what it returns is hashed here.

    Raises:
        TamperedError: an object is not the promised one, or the tree is not well formed.

    """
    if not root.fanout:
        return _reference(root.shard.get(plugin))
    _check_fanout(root.fanout)
    slot, shift = _slot(plugin, root.fanout), sum(root.fanout)
    pointers = root.nodes
    for bits in root.fanout[:-1]:
        shift -= bits
        pointers = _decoded(TreeNode, _complete(pointers, bits)[slot >> shift & (1 << bits) - 1], read).nodes
    last = root.fanout[-1]
    shard = _decoded(TreeShard, _complete(pointers, last)[slot & (1 << last) - 1], read)
    return _reference(shard.plugins.get(plugin))


def every_record(root: TreeRoot, read: Callable[[BlobRef], bytes]) -> Mapping[PluginId, BlobRef]:
    """Return all plugins and the references of their records; what is here is what `lookup` finds.

    Raises:
        TamperedError: as in `lookup`; or a plugin stands where `lookup` would not find it, or their number is wrong.

    """
    pointers = dict(root.shard)
    if root.fanout:
        _check_fanout(root.fanout)
        level = _complete(root.nodes, root.fanout[0])
        for bits in root.fanout[1:]:
            level = tuple(below for node in level for below in _complete(_decoded(TreeNode, node, read).nodes, bits))
        pointers = {}
        for slot, shard in enumerate(level):
            for plugin, pointer in _decoded(TreeShard, shard, read).plugins.items():
                if _slot(plugin, root.fanout) != slot:
                    raise TamperedError("the index lists a plugin in the wrong place", where=str(plugin))
                pointers[plugin] = pointer
    if len(pointers) != root.plugins:
        raise TamperedError(f"the index says that it has {root.plugins} plugins, but it lists {len(pointers)}")
    return {plugin: _reference_of(pointer) for plugin, pointer in pointers.items()}


def changed_records(
    before: TreeRoot, after: TreeRoot, read: Callable[[BlobRef], bytes]
) -> Mapping[PluginId, tuple[BlobRef | None, BlobRef | None]]:
    """Return the plugins whose records differ, with the references before and after; reads only nodes that differ.

    Raises:
        TamperedError: as in `lookup`.

    """
    if before.fanout != after.fanout:
        return _differing(every_record(before, read), every_record(after, read))
    if not before.fanout:
        return _differing(_references(before.shard), _references(after.shard))
    _check_fanout(before.fanout)
    pairs = [*zip(_complete(before.nodes, before.fanout[0]), _complete(after.nodes, before.fanout[0]), strict=True)]
    for bits in before.fanout[1:]:
        nodes = [
            [_complete(_decoded(TreeNode, one, read).nodes, bits) for one in pair] for pair in pairs if _differ(pair)
        ]
        pairs = [pair for old, new in nodes for pair in zip(old, new, strict=True)]
    shards = ([_references(_decoded(TreeShard, one, read).plugins) for one in pair] for pair in pairs if _differ(pair))
    return {plugin: refs for old, new in shards for plugin, refs in _differing(old, new).items()}


def children(ref: BlobRef, body: bytes) -> tuple[BlobRef, ...]:
    """Return what the node `ref` with this `body` points to.

    Raises:
        TamperedError: it is another object, or no node.

    """
    return tuple(map(_reference_of, _decoded(TreeNode, (ref.sha256, ref.size), lambda _ref: body).nodes))


def records_in(ref: BlobRef, body: bytes) -> tuple[BlobRef, ...]:
    """Return the references of the records in the shard `ref` with this `body`; the errors of `children`."""
    shard = _decoded(TreeShard, (ref.sha256, ref.size), lambda _ref: body)
    return tuple(map(_reference_of, shard.plugins.values()))


def checked(data: bytes, ref: BlobRef) -> bytes:
    """Return `data` if it is what `ref` names.

    Raises:
        TamperedError: it is not.

    """
    if len(data) != ref.size or hashlib.sha256(data).hexdigest() != ref.sha256.hex:
        raise TamperedError(
            "an object is not the one that the index names",
            where=ref.sha256.hex,
            hint="the store or the way to it was tampered with, or a copy of it is incomplete",
        )
    return data


def _check_fanout(fanout: tuple[int, ...]) -> None:
    if sum(fanout) > _MAX_BITS or min(fanout) < 1:
        raise TamperedError("the index has a fanout that no marketplace uses", where=str(fanout)[:_MAX_SHOWN])


def _complete(pointers: tuple[TreePointer, ...], bits: int) -> tuple[TreePointer, ...]:
    if len(pointers) != 1 << bits:
        raise TamperedError(f"a node of the index has {len(pointers)} entries instead of {1 << bits}")
    return pointers


def _decoded(kind: type[_Node], pointer: TreePointer, read: Callable[[BlobRef], bytes]) -> _Node:
    ref = _reference_of(pointer)
    try:
        return documents.decode(kind, checked(read(ref), ref), what=f"node {ref.sha256.short} of the index")
    except DocumentError as error:
        raise TamperedError("the index names something else as its node", where=error.where, why=error.what) from error


def _slot(plugin: PluginId, fanout: tuple[int, ...]) -> int:
    first = int.from_bytes(hashlib.sha256(str(plugin).encode("ascii")).digest()[:4], "big")
    return first >> (32 - sum(fanout))


def _shard_body(entries: Mapping[str, str]) -> bytes:
    """Return a `TreeShard` as a document: ids need no quoting, and pointers are JSON."""
    return (_SHARD + "{" + ",".join([f'"{plugin}":{entries[plugin]}' for plugin in sorted(entries)]) + "}}").encode()


def _node_body(pointers: Iterable[str]) -> bytes:
    """Return a `TreeNode` as a document."""
    return (_NODE + "[" + ",".join(pointers) + "]}").encode()


def _differ(pair: tuple[TreePointer, TreePointer]) -> bool:
    return pair[0] != pair[1]


def _references(shard: Mapping[PluginId, TreePointer]) -> dict[PluginId, BlobRef]:
    return {plugin: _reference_of(pointer) for plugin, pointer in shard.items()}


def _differing(
    before: Mapping[PluginId, BlobRef], after: Mapping[PluginId, BlobRef]
) -> dict[PluginId, tuple[BlobRef | None, BlobRef | None]]:
    every = sorted(before.keys() | after.keys())
    return {
        plugin: (before.get(plugin), after.get(plugin)) for plugin in every if before.get(plugin) != after.get(plugin)
    }


def _reference(pointer: TreePointer | None) -> BlobRef | None:
    return None if pointer is None else _reference_of(pointer)


def _reference_of(pointer: TreePointer) -> BlobRef:
    return BlobRef(sha256=pointer[0], size=pointer[1])
