from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from memory_store import MemoryStore
from pluginry.encoding.content_store import ContentStore
from pluginry.errors import ObjectMissingError, TamperedError
from pluginry.model.digest import BlobRef
from pluginry.model.layout import node_key
from pluginry.publisher.inventory import NOTHING_KNOWN, Inventory
from pluginry.publisher.object_access import ObjectAccess
from small_marketplace import SmallMarketplace
from watched_store import WatchedStore

if TYPE_CHECKING:
    from pluginry.model.ledger import AttestationFact

BODY = b'{"a":1}'
REF = BlobRef.of(BODY)
KEY = node_key(REF.sha256)


def an_access(tmp_path: Path, *, known: Inventory = NOTHING_KNOWN, is_published: bool = True) -> ObjectAccess:
    store = WatchedStore(MemoryStore(location="here", objects={KEY: BODY} if is_published else {}))
    return ObjectAccess(ContentStore(tmp_path / "objects"), store, known)


def requests_of(access: ObjectAccess) -> list[str]:
    assert isinstance(access.published, WatchedStore)
    return [request.operation for request in access.published.requests]


def test_what_was_read_from_the_store_is_kept(tmp_path: Path) -> None:
    access = an_access(tmp_path)
    assert access.node(REF) == access.node(REF) == BODY
    assert requests_of(access) == ["read"]


def test_what_is_nowhere_or_another_thing_is_refused_and_not_kept(tmp_path: Path) -> None:
    with pytest.raises(ObjectMissingError):
        an_access(tmp_path, is_published=False).node(REF)
    tampered = ObjectAccess(ContentStore(tmp_path / "objects"), MemoryStore(location="here", objects={KEY: b"{}"}))
    with pytest.raises(TamperedError) as caught:
        tampered.node(REF)
    assert caught.value.where == KEY
    assert tampered.local.find(REF) is None


def test_what_is_to_be_published_comes_from_here_or_from_there(tmp_path: Path) -> None:
    access = an_access(tmp_path)
    assert access.to_publish(REF, KEY) == access.to_publish(REF, KEY) == BODY
    assert requests_of(access) == ["read"]


def test_what_is_large_is_published_from_its_file(tmp_path: Path) -> None:
    body = bytes(1 << 19)
    ref, key = BlobRef.of(body), node_key(BlobRef.of(body).sha256)
    access = ObjectAccess(ContentStore(tmp_path / "objects"), MemoryStore(location="here", objects={key: body}))
    assert access.to_publish(ref, key) == body
    found = access.to_publish(ref, key)
    assert isinstance(found, Path)
    assert found.read_bytes() == body


@pytest.mark.parametrize("size", [7, 1 << 19])
def test_what_was_altered_here_is_not_published(tmp_path: Path, size: int) -> None:
    body = bytes(size)
    ref = BlobRef.of(body)
    access = ObjectAccess(ContentStore(tmp_path / "objects"), MemoryStore(location="here"))
    access.local.path_of(access.local.add(body).sha256).write_bytes(bytes(size - 1) + b"x")
    with pytest.raises(ObjectMissingError):
        access.to_publish(ref, node_key(ref.sha256))


def test_what_is_published_already_is_not_looked_at(tmp_path: Path) -> None:
    access = an_access(tmp_path, known=Inventory(marks={KEY: "-"}))
    assert isinstance(access.to_publish(REF, KEY), Path)
    assert requests_of(access) == []


def test_everything_that_is_needed_is_brought_once(tmp_path: Path) -> None:
    bodies = [b'{"n":%d}' % number for number in range(40)]
    wanted = [(ref, node_key(ref.sha256)) for ref in map(BlobRef.of, bodies)]
    objects = {key: body for (_, key), body in zip(wanted, bodies, strict=True)}
    del objects[wanted[3][1]]
    objects[wanted[4][1]] = b"tampered"
    store = WatchedStore(MemoryStore(location="here", objects=objects, parallelism=8))
    access = ObjectAccess(ContentStore(tmp_path / "objects"), store)
    access.bring([*wanted, *wanted])
    assert len(store.requests) == 40
    assert sum(access.local.find(ref) is not None for ref, _ in wanted) == 38
    with pytest.raises(ObjectMissingError):
        access.node(wanted[3][0])


def test_a_store_is_asked_only_about_what_is_not_known(tmp_path: Path) -> None:
    market = SmallMarketplace()
    market.release("acme/demo", platforms=("linux-x86_64", "any"))
    (ledger,) = market.ledgers.values()
    (version,) = ledger.releases
    bundles: tuple[AttestationFact, ...] = ledger.attestations_of(version)

    asking = an_access(tmp_path)
    released = ledger.releases[version]
    assert asking.missing_from(ledger, version).split(", ") == [
        f"manifest {node_key(released.manifest.sha256)}",
        f"scan results {node_key(ledger.facts_of(version).sha256)}",
        "linux-x86_64 package v1/packages/acme/demo/1.0.0/demo-1.0.0-linux-x86_64.zip",
        "any package v1/packages/acme/demo/1.0.0/demo-1.0.0.zip",
    ]
    assert requests_of(asking) == ["find"] * 4
    knowing = an_access(tmp_path, known=Inventory(is_complete=True))
    assert knowing.missing_from(ledger, version) == asking.missing_from(ledger, version)
    assert not knowing.has_bundle(bundles[0])
    assert requests_of(knowing) == []
