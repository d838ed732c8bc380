"""The log of the lab: its tree is the tree of RFC 6962, and it remembers."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pluginry.adapters.sigstore_lab.keys import create_keys
from pluginry.adapters.sigstore_lab.log import TransparencyLog
from pluginry.adapters.sigstore_lab.merkle import EMPTY_ROOT, MerkleTree
from pluginry.errors import DocumentError

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 3, 1, 12, 0, 0, 250_000, tzinfo=UTC)


# --- the tree


def hash_pair(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def root_by_definition(leaves: list[bytes]) -> bytes:
    """RFC 6962 section 2.1, word for word."""
    if not leaves:
        return hashlib.sha256().digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    middle = 1
    while middle * 2 < len(leaves):
        middle *= 2
    return hash_pair(root_by_definition(leaves[:middle]), root_by_definition(leaves[middle:]))


def root_by_proof(leaf: bytes, index: int, size: int, proof: tuple[bytes, ...]) -> bytes:
    """RFC 9162 section 2.1.3.2."""
    node, last, result = index, size - 1, hashlib.sha256(b"\x00" + leaf).digest()
    for step in proof:
        if node & 1 or node == last:
            result = hash_pair(step, result)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            result = hash_pair(result, step)
        node, last = node >> 1, last >> 1
    assert last == 0
    return result


@given(st.lists(st.binary(max_size=8), max_size=70))
def test_the_tree_has_the_root_of_rfc_6962_at_every_size(leaves: list[bytes]) -> None:
    tree = MerkleTree()
    assert tree.root() == EMPTY_ROOT == root_by_definition([])
    for size, leaf in enumerate(leaves, start=1):
        assert tree.append(leaf) == size - 1
        assert tree.size == size
        assert tree.root() == root_by_definition(leaves[:size])


@given(st.integers(min_value=1, max_value=130), st.data())
def test_every_inclusion_proof_leads_to_the_root(size: int, data: st.DataObject) -> None:
    tree = MerkleTree()
    for number in range(size):
        tree.append(b"%d" % number)
    index = data.draw(st.integers(min_value=0, max_value=size - 1))
    proof = tree.inclusion_proof(index)
    assert root_by_proof(b"%d" % index, index, size, proof) == tree.root()


@pytest.mark.parametrize("index", [-1, 3])
def test_there_is_no_proof_for_a_leaf_that_is_not_there(index: int) -> None:
    tree = MerkleTree()
    for leaf in (b"a", b"b", b"c"):
        tree.append(leaf)
    with pytest.raises(IndexError):
        tree.inclusion_proof(index)


# --- the log


def test_a_log_goes_on_where_it_stopped(tmp_path: Path) -> None:
    key = create_keys(NOW).entry_log
    first = TransparencyLog(tmp_path / "log", key=key)
    for number in range(3):
        first.append(b'{"n":%d}' % number, now=NOW)
    again = TransparencyLog(tmp_path / "log", key=key)
    assert again.size == 3
    (entry,) = again.append(b'{"n":3}', now=NOW).values()
    assert entry["logIndex"] == 3
    assert entry["verification"]["inclusionProof"]["rootHash"] == (
        root_by_definition([b'{"n":%d}' % number for number in range(4)]).hex()
    )


def test_a_line_cut_short_was_never_answered_for_and_is_dropped(tmp_path: Path) -> None:
    key, path = create_keys(NOW).entry_log, tmp_path / "log"
    TransparencyLog(path, key=key).append(b'{"n":0}', now=NOW)
    whole = path.read_bytes()
    path.write_bytes(whole + b'1764000000 {"n":')
    log = TransparencyLog(path, key=key)
    assert log.size == 1
    assert path.read_bytes() == whole
    (entry,) = log.append(b'{"n":1}', now=NOW).values()
    assert entry["logIndex"] == 1


def test_a_damaged_log_is_refused_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"1764000000 {}\nsomething else\n")
    with pytest.raises(DocumentError, match="log:2"):
        TransparencyLog(path, key=create_keys(NOW).entry_log)
