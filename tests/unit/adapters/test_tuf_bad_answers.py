"""Metadata and targets that are changed, are no such thing or do not arrive."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from tuf.api.metadata import TargetFile

from authority import TARGETS, Authority
from pluginry.adapters.folder_transport import FolderTransport
from pluginry.adapters.tuf_repository import target_key
from pluginry.errors import TamperedError, TransportError, TrustError
from pluginry.model.layout import TIMESTAMP_KEY
from tuf_visits import INDEX_ROOT, resigned

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from pluginry.adapters.tuf_client import TufClient


@pytest.mark.parametrize(("name", "step"), [("timestamp", 1), ("1.snapshot", 2), ("1.targets", 3), ("2.root", 4)])
def test_no_changed_byte_of_metadata_changes_what_is_believed(
    authority: Authority, tmp_path: Path, name: str, step: int
) -> None:
    authority.rotate(authority.online)
    authority.publish()
    path = f"v1/metadata/{name}.json"
    body = authority.store.objects[path]
    for at in range(0, len(body), step):
        authority.store.objects[path] = body[:at] + bytes([body[at] ^ 1]) + body[at + 1 :]
        client = authority.client(tmp_path / "metadata")
        assert _believed(client, authority.now) in (TARGETS, {})
        client.close()


def _believed(client: TufClient, now: datetime) -> dict[str, bytes]:
    """Return the targets that are accepted; none when anything at all is refused."""
    try:
        client.refresh(now=now)
        return {path: client.target(path) for path in TARGETS}
    except (TrustError, TransportError):
        return {}


@pytest.mark.parametrize("name", ["timestamp", "1.snapshot", "1.targets"])
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"[]",
        b"null",
        b"\xff\xfe",
        b"<html>",
        b'{"signed":{},"signatures":[]}',
        b"[" * 5000,
        b"1e999",
        b'{"a":NaN}',
    ],
)
def test_what_is_no_metadata_is_refused(authority: Authority, client: TufClient, name: str, body: bytes) -> None:
    authority.store.objects[f"v1/metadata/{name}.json"] = body
    with pytest.raises(TamperedError):
        client.refresh(now=authority.now)


@pytest.mark.parametrize("name", ["timestamp", "1.snapshot", "1.targets", "2.root"])
def test_metadata_with_two_readings_is_refused_though_its_signature_holds(
    authority: Authority, client: TufClient, name: str
) -> None:
    authority.rotate(authority.online)
    authority.publish()
    path = f"v1/metadata/{name}.json"
    body = authority.store.objects[path]
    doubled = body.replace(b'"version":', b'"version":999,"version":', 1)
    assert json.loads(doubled) == json.loads(body)
    authority.store.objects[path] = doubled
    with pytest.raises(TamperedError):
        client.refresh(now=authority.now)


def test_a_doubled_key_in_a_timestamp_is_what_is_refused(authority: Authority, client: TufClient) -> None:
    body = authority.store.objects[TIMESTAMP_KEY]
    authority.store.objects[TIMESTAMP_KEY] = body.replace(b'"version":', b'"version":999,"version":', 1)
    with pytest.raises(TamperedError, match="not strict JSON"):
        client.refresh(now=authority.now)


@pytest.mark.parametrize("name", ["timestamp", "1.snapshot", "1.targets", "2.root"])
def test_metadata_without_end_is_refused(authority: Authority, client: TufClient, name: str) -> None:
    authority.store.objects[f"v1/metadata/{name}.json"] = b'{"signed":"' + b"x" * 300_000 + b'"}'
    with pytest.raises(TamperedError):
        client.refresh(now=authority.now)


@pytest.mark.parametrize("body", [b"", b"the root of the indey", b"the root of the index!", b"x" * 1000])
def test_a_changed_target_is_refused(authority: Authority, client: TufClient, body: bytes) -> None:
    authority.store.objects[target_key(INDEX_ROOT, TARGETS[INDEX_ROOT])] = body
    client.refresh(now=authority.now)
    with pytest.raises(TamperedError):
        client.target(INDEX_ROOT)
    assert client.target("trust/policy.json") == TARGETS["trust/policy.json"]
    client.close()


def test_a_target_that_the_metadata_does_not_name_is_not_asked_for(authority: Authority, client: TufClient) -> None:
    client.refresh(now=authority.now)
    authority.store.requests.clear()
    for path in ("index/other.json", "../secret", "", "index/root.json/"):
        with pytest.raises(TamperedError, match="does not name this file"):
            client.target(path)
    assert authority.store.requests == []
    client.close()


@pytest.mark.parametrize("digest", ["../../../../secret", "/secret", "a/b", "", "\0"])
def test_a_hash_that_is_a_path_leads_nowhere(authority: Authority, client: TufClient, digest: str) -> None:
    evil = {INDEX_ROOT: TargetFile(length=6, hashes={"sha256": digest}, path=INDEX_ROOT)}
    resigned(authority, evil, targets=9, snapshot=9, timestamp=9)
    client.transport = FolderTransport(client.folder.parent / "market")
    for path, body in authority.store.objects.items():
        file = client.transport.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(body)
    (client.folder.parent / "secret").write_bytes(b"secret")
    client.refresh(now=authority.now)
    with pytest.raises((TrustError, TransportError)):
        client.target(INDEX_ROOT)


def test_a_target_of_any_size_is_not_asked_for(authority: Authority, client: TufClient) -> None:
    huge = TargetFile(length=1 << 40, hashes={"sha256": "ab" * 32}, path=INDEX_ROOT)
    resigned(authority, {INDEX_ROOT: huge}, targets=9, snapshot=9, timestamp=9)
    client.refresh(now=authority.now)
    authority.store.requests.clear()
    with pytest.raises(TamperedError, match="larger than any marketplace needs"):
        client.target(INDEX_ROOT)
    assert authority.store.requests == []


# What does not arrive


def test_a_marketplace_that_does_not_answer_is_not_called_tampered_with(
    authority: Authority, client: TufClient
) -> None:
    authority.store.is_down = True
    with pytest.raises(TransportError, match="does not answer"):
        client.refresh(now=authority.now)
    authority.store.is_down = False
    client.refresh(now=authority.now)
    authority.store.is_down = True
    with pytest.raises(TransportError, match="does not answer"):
        client.target(INDEX_ROOT)
    client.close()


@pytest.mark.parametrize("name", ["timestamp", "1.snapshot", "1.targets"])
def test_metadata_that_is_missing_is_incomplete(authority: Authority, client: TufClient, name: str) -> None:
    del authority.store.objects[f"v1/metadata/{name}.json"]
    with pytest.raises(TransportError, match="incomplete"):
        client.refresh(now=authority.now)


def test_a_target_that_is_missing_is_incomplete(authority: Authority, client: TufClient) -> None:
    del authority.store.objects[target_key(INDEX_ROOT, TARGETS[INDEX_ROOT])]
    client.refresh(now=authority.now)
    with pytest.raises(TransportError, match="incomplete"):
        client.target(INDEX_ROOT)
    client.close()
