from __future__ import annotations

import json
import threading
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from tuf.api.metadata import Metadata, MetaFile, Snapshot, TargetFile, Targets, Timestamp

from authority import START, TARGETS, Authority, first_root, key
from pluginry.adapters.folder_transport import FolderTransport
from pluginry.adapters.tuf_client import TufClient
from pluginry.adapters.tuf_lives import SNAPSHOT_LIFE, TIMESTAMP_LIFE
from pluginry.adapters.tuf_publication import metadata_key
from pluginry.adapters.tuf_repository import target_key
from pluginry.errors import (
    PluginryError,
    StaleError,
    TamperedError,
    TransportError,
    TrustError,
)
from pluginry.model.layout import TIMESTAMP_KEY

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

INDEX_ROOT = "index/root.json"
NEWER = {**TARGETS, INDEX_ROOT: b"a newer root"}
DAY = timedelta(days=1)


@pytest.fixture
def authority() -> Authority:
    published = Authority()
    published.publish()
    return published


@pytest.fixture
def client(authority: Authority, tmp_path: Path) -> Iterator[TufClient]:
    one = authority.client(tmp_path / "metadata")
    yield one
    one.close()


def accepts(client: TufClient, authority: Authority) -> bytes:
    """Refresh for good, and return the root of the index."""
    client.refresh(now=authority.now)
    body = client.target(INDEX_ROOT)
    client.keep()
    return body


def files_in(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def resigned(authority: Authority, files: dict[str, TargetFile] | None = None, **versions: int) -> None:
    """Publish metadata that holds together and is signed by the online key, with chosen targets and version numbers."""
    files = files or {path: TargetFile.from_data(path, body, ["sha256"]) for path, body in TARGETS.items()}
    number = {"targets": 1, "snapshot": 1, "timestamp": 1} | versions
    expires = authority.now + DAY

    def sign(says: Any, key: str) -> bytes:
        metadata: Metadata[Any] = Metadata(says)
        metadata.sign(authority.online)
        authority.store.objects[key] = metadata.to_bytes()
        return metadata.to_bytes()

    body = sign(
        Targets(version=number["targets"], expires=expires, targets=files), metadata_key(number["targets"], "targets")
    )
    meta = {"targets.json": MetaFile.from_data(number["targets"], body, ["sha256"])}
    body = sign(
        Snapshot(version=number["snapshot"], expires=expires, meta=meta), metadata_key(number["snapshot"], "snapshot")
    )
    snapshot_meta = MetaFile.from_data(number["snapshot"], body, ["sha256"])
    sign(Timestamp(version=number["timestamp"], expires=expires, snapshot_meta=snapshot_meta), TIMESTAMP_KEY)


def test_targets_arrive_as_they_were_published(authority: Authority, client: TufClient) -> None:
    client.refresh(now=authority.now)
    assert {path: client.target(path) for path in TARGETS} == TARGETS
    client.close()


def test_a_marketplace_begins_with_its_first_root_and_no_other(authority: Authority, tmp_path: Path) -> None:
    other = first_root(key("root"), key("other online"), now=START)
    for root in (other, b"garbage", b"", b"{}", authority.roots[0][:-1], authority.roots[0].replace(b"2027", b"2028")):
        client = TufClient(folder=tmp_path / "metadata", root=root, transport=authority.store)
        with pytest.raises(TamperedError):
            client.refresh(now=authority.now)
    assert not (tmp_path / "metadata").exists()


def test_a_marketplace_signed_by_others_is_refused(authority: Authority, client: TufClient) -> None:
    other = Authority(root=key("other root"), online=key("other online"))
    other.publish()
    client.transport = other.store
    with pytest.raises(TamperedError, match="not trustworthy"):
        client.refresh(now=authority.now)


def test_an_unchanged_marketplace_costs_two_requests(authority: Authority, client: TufClient) -> None:
    accepts(client, authority)
    authority.store.requests.clear()
    client.refresh(now=authority.now)
    assert authority.store.requests == ["v1/metadata/2.root.json", TIMESTAMP_KEY]
    client.close()


def test_a_fresh_timestamp_alone_costs_no_more(authority: Authority, client: TufClient) -> None:
    accepts(client, authority)
    authority.now += DAY
    authority.publish()
    authority.store.requests.clear()
    client.refresh(now=authority.now)
    assert authority.store.requests == ["v1/metadata/2.root.json", TIMESTAMP_KEY]
    client.close()


def test_a_new_publication_is_followed(authority: Authority, client: TufClient) -> None:
    assert accepts(client, authority) == TARGETS[INDEX_ROOT]
    authority.publish(NEWER)
    assert accepts(client, authority) == NEWER[INDEX_ROOT]


# What the time is


def test_the_time_is_what_the_caller_says_in_the_past(tmp_path: Path) -> None:
    long_ago = Authority(now=datetime(2001, 2, 3, tzinfo=UTC))
    long_ago.publish()
    assert accepts(long_ago.client(tmp_path), long_ago) == TARGETS[INDEX_ROOT]


def test_the_time_is_what_the_caller_says_in_the_future(tmp_path: Path) -> None:
    far_away = Authority(now=datetime(2199, 2, 3, tzinfo=UTC))
    far_away.publish()
    assert accepts(far_away.client(tmp_path), far_away) == TARGETS[INDEX_ROOT]
    with pytest.raises(StaleError):
        far_away.client(tmp_path).refresh(now=far_away.now + timedelta(days=8))


@pytest.mark.parametrize("age", [TIMESTAMP_LIFE, TIMESTAMP_LIFE + DAY, timedelta(days=5000)])
def test_a_marketplace_that_is_frozen_is_stale(authority: Authority, client: TufClient, age: timedelta) -> None:
    accepts(client, authority)
    before = files_in(client.folder)
    with pytest.raises(StaleError, match="expired") as caught:
        client.refresh(now=authority.now + age)
    assert "clock" in caught.value.hint
    assert files_in(client.folder) == before


def test_until_the_last_second_it_is_fresh(authority: Authority, client: TufClient) -> None:
    client.refresh(now=authority.now + TIMESTAMP_LIFE - timedelta(seconds=1))
    client.close()


def test_a_fresh_timestamp_does_not_make_an_old_snapshot_fresh(authority: Authority, client: TufClient) -> None:
    snapshot = MetaFile.from_data(1, authority.store.objects["v1/metadata/1.snapshot.json"], ["sha256"])
    later = authority.now + SNAPSHOT_LIFE
    says = Timestamp(version=2, expires=later + DAY, snapshot_meta=snapshot)
    metadata = Metadata(says)
    metadata.sign(authority.online)
    authority.store.objects[TIMESTAMP_KEY] = metadata.to_bytes()
    with pytest.raises(StaleError):
        client.refresh(now=later)


# Going back


def test_an_older_state_is_refused_by_who_saw_a_newer_one(authority: Authority, client: TufClient) -> None:
    old = dict(authority.store.objects)
    authority.publish(NEWER)
    accepts(client, authority)
    authority.store.objects.update(old)
    with pytest.raises(TamperedError, match="older than what was seen"):
        client.refresh(now=authority.now)
    assert b'"version":2' in files_in(client.folder)["timestamp.json"]


@pytest.mark.parametrize("role", ["snapshot", "targets"])
def test_no_part_goes_back_even_under_a_newer_timestamp(authority: Authority, client: TufClient, role: str) -> None:
    resigned(authority, targets=5, snapshot=5, timestamp=5)
    accepts(client, authority)
    resigned(authority, **{"targets": 5, "snapshot": 6, "timestamp": 6, role: 4})
    with pytest.raises(TamperedError):
        client.refresh(now=authority.now)


def test_a_thief_who_ran_ahead_is_forgotten_with_his_key(authority: Authority, client: TufClient) -> None:
    resigned(authority, targets=2**31, snapshot=2**31, timestamp=2**31)
    accepts(client, authority)
    authority.rotate(key("clean online"))
    authority.store.objects.clear()
    authority.publish(NEWER)
    assert authority.metadata("timestamp")["signed"]["version"] == 1
    assert accepts(client, authority) == NEWER[INDEX_ROOT]


def test_a_root_is_followed_only_to_the_very_next_version(authority: Authority, client: TufClient) -> None:
    authority.rotate(key("second"))
    authority.rotate(key("third"))
    authority.publish()
    authority.store.objects["v1/metadata/2.root.json"] = authority.roots[2]
    with pytest.raises(TamperedError):
        client.refresh(now=authority.now)


def test_a_chain_of_roots_is_followed_to_its_end_and_kept(authority: Authority, client: TufClient) -> None:
    for name in ("second", "third", "fourth"):
        authority.rotate(key(name))
    authority.publish(NEWER)
    assert accepts(client, authority) == NEWER[INDEX_ROOT]
    authority.store.requests.clear()
    accepts(client, authority)
    assert authority.store.requests[:2] == ["v1/metadata/5.root.json", TIMESTAMP_KEY]


def test_a_root_of_a_stranger_is_refused(authority: Authority, client: TufClient) -> None:
    accepts(client, authority)
    stranger = Authority(root=key("stranger"))
    stranger.rotate(key("online"))
    authority.store.objects["v1/metadata/2.root.json"] = stranger.roots[1]
    with pytest.raises(TamperedError):
        client.refresh(now=authority.now)


# Other bytes


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


# What is remembered


def test_nothing_is_remembered_until_it_is_kept(authority: Authority, client: TufClient) -> None:
    client.refresh(now=authority.now)
    client.close()
    assert not client.folder.exists()
    accepts(client, authority)
    before = files_in(client.folder)
    authority.publish(NEWER)
    client.refresh(now=authority.now)
    assert client.target(INDEX_ROOT) == NEWER[INDEX_ROOT]
    client.close()
    assert files_in(client.folder) == before


def test_after_it_was_closed_there_is_nothing_to_ask(authority: Authority, client: TufClient) -> None:
    for end in (client.close, client.keep):
        client.refresh(now=authority.now)
        end()
        with pytest.raises(TamperedError, match="no metadata was refreshed"):
            client.target(INDEX_ROOT)


def test_closing_and_keeping_nothing_does_nothing(client: TufClient) -> None:
    client.close()
    client.keep()
    client.close()
    assert not client.folder.exists()


def test_a_refresh_that_failed_is_not_kept(authority: Authority, client: TufClient) -> None:
    accepts(client, authority)
    before = files_in(client.folder)
    authority.publish(NEWER)
    authority.store.objects["v1/metadata/2.targets.json"] = b"garbage"
    with pytest.raises(TamperedError):
        client.refresh(now=authority.now)
    client.keep()
    assert files_in(client.folder) == before
    with pytest.raises(TamperedError, match="no metadata was refreshed"):
        client.target(INDEX_ROOT)


def test_it_can_be_refreshed_again_without_closing(authority: Authority, client: TufClient) -> None:
    client.refresh(now=authority.now)
    authority.publish(NEWER)
    assert accepts(client, authority) == NEWER[INDEX_ROOT]


def test_what_is_kept_is_what_the_marketplace_published(authority: Authority, client: TufClient) -> None:
    accepts(client, authority)
    assert files_in(client.folder) == {
        "root_history/1.root.json": authority.roots[0],
        "timestamp.json": authority.store.objects[TIMESTAMP_KEY],
        "snapshot.json": authority.store.objects["v1/metadata/1.snapshot.json"],
        "targets.json": authority.store.objects["v1/metadata/1.targets.json"],
    }


@pytest.mark.parametrize("kept", ["timestamp.json", "snapshot.json", "targets.json", "root_history/2.root.json"])
def test_a_crash_while_keeping_leaves_something_to_go_on_from(
    authority: Authority, client: TufClient, kept: str
) -> None:
    accepts(client, authority)
    authority.rotate(authority.online)
    authority.publish(NEWER)
    other = authority.client(client.folder.parent / "other")
    accepts(other, authority)
    (client.folder / kept).write_bytes(files_in(other.folder)[kept])
    (client.folder / ".incoming-x").write_bytes(b"half")
    assert accepts(client, authority) == NEWER[INDEX_ROOT]


@pytest.mark.parametrize("name", ["timestamp.json", "snapshot.json", "targets.json", "root_history/1.root.json"])
@pytest.mark.parametrize("damage", [b"", b"garbage", b"{}", None])
def test_a_damaged_memory_is_made_good_from_the_marketplace(
    authority: Authority, client: TufClient, name: str, damage: bytes | None
) -> None:
    accepts(client, authority)
    if damage is None:
        (client.folder / name).unlink()
    else:
        (client.folder / name).write_bytes(damage)
    assert accepts(client, authority) == TARGETS[INDEX_ROOT]
    assert files_in(client.folder)["timestamp.json"] == authority.store.objects[TIMESTAMP_KEY]


def test_a_memory_that_cannot_be_written_is_not_tampering(authority: Authority, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    client = authority.client(tmp_path / "file" / "metadata")
    client.refresh(now=authority.now)
    with pytest.raises(TransportError, match="kept on this machine"):
        client.keep()
    client.close()


def test_clients_that_refresh_at_once_do_not_disturb_each_other(authority: Authority, tmp_path: Path) -> None:
    outcomes: list[object] = []

    def work() -> None:
        for _ in range(8):
            client = authority.client(tmp_path / "metadata")
            try:
                outcomes.append(accepts(client, authority))
            except PluginryError as error:
                outcomes.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes == [TARGETS[INDEX_ROOT]] * 32
    assert set(files_in(tmp_path / "metadata")) >= {"timestamp.json", "snapshot.json", "targets.json"}
