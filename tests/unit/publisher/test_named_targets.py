from __future__ import annotations

import json
from typing import Any

import pytest

from authority import Authority
from pluginry.errors import DocumentError
from pluginry.model.digest import Digest
from pluginry.model.layout import METADATA_PREFIX
from pluginry.publisher.named_targets import read_metadata

DIGEST = "a" * 64


def test_what_real_metadata_names_is_found() -> None:
    authority = Authority()
    authority.publish({"index/root.json": b"root", "trust/policy.json": b"policy"})
    objects = authority.store.objects
    targets = read_metadata(objects[f"{METADATA_PREFIX}1.targets.json"], what="targets")
    assert targets.paths == {"index/root.json": Digest.of(b"root"), "trust/policy.json": Digest.of(b"policy")}
    assert targets.targets <= objects.keys()
    assert targets.metadata == frozenset()
    snapshot = read_metadata(objects[f"{METADATA_PREFIX}1.snapshot.json"], what="snapshot")
    assert (snapshot.paths, snapshot.metadata) == ({}, {f"{METADATA_PREFIX}1.targets.json"})


@pytest.mark.parametrize(
    "document",
    [
        [],
        "text",
        {},
        {"signed": 1},
        {"signed": {"targets": []}},
        {"signed": {"targets": {"a": {}}}},
        {"signed": {"targets": {"a": {"hashes": {"sha256": "short"}}}}},
        {"signed": {"targets": {"a": {"hashes": {"sha256": 5}}}}},
        {"signed": {"meta": {"snapshot.json": {}}}},
        {"signed": {"meta": [DIGEST]}},
    ],
)
def test_what_is_no_metadata_is_refused(document: Any) -> None:
    with pytest.raises(DocumentError):
        read_metadata(json.dumps(document).encode(), what="x")


@pytest.mark.parametrize("data", [b"", b"\xff", b"{", b'{"signed":{},"signed":{}}'])
def test_what_is_no_json_is_refused(data: bytes) -> None:
    with pytest.raises(DocumentError):
        read_metadata(data, what="x")
