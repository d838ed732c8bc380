"""A client of TUF follows a marketplace forwards, as long as it is fresh."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from tuf.api.metadata import Metadata, MetaFile, Timestamp

from authority import START, TARGETS, Authority, first_root, key
from pluginry.adapters.tuf_client import TufClient
from pluginry.adapters.tuf_lives import SNAPSHOT_LIFE, TIMESTAMP_LIFE
from pluginry.errors import StaleError, TamperedError
from pluginry.model.layout import TIMESTAMP_KEY
from tuf_visits import DAY, INDEX_ROOT, NEWER, accepts, files_in, resigned

if TYPE_CHECKING:
    from pathlib import Path


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
