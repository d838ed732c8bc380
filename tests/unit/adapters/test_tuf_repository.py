from __future__ import annotations

import itertools
from contextlib import nullcontext
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from authority import SETTLED, START, TARGETS, Authority, due_at, first_root, key
from pluginry.adapters.tuf_lives import RESIGN_TIMESTAMP_AFTER, SNAPSHOT_LIFE, TARGETS_LIFE
from pluginry.adapters.tuf_repository import TufRepository, target_key
from pluginry.adapters.tuf_roles import ROOT_LIFE
from pluginry.errors import AuthError, PublishConflictError, TamperedError, TransportError, UsageError
from pluginry.model.digest import Digest
from pluginry.model.layout import TIMESTAMP_KEY
from pluginry.model.published import CachePolicy, Phase
from pluginry.publisher.publish import publish

if TYPE_CHECKING:
    from pathlib import Path

    from pluginry.model.published import PublishedObject

SECOND = timedelta(seconds=1)


@pytest.fixture
def authority() -> Authority:
    return Authority()


def signed(authority: Authority, targets: dict[str, bytes] = TARGETS) -> list[PublishedObject]:
    return [*authority.repository.sign(targets, store=authority.store, now=authority.now).objects]


def metadata_in(objects: list[PublishedObject]) -> list[str]:
    """Return the metadata that is new, by name and version."""
    names = [published.key.removeprefix("v1/metadata/") for published in objects]
    return [name.removesuffix(".json") for name in names if "/" not in name and "root" not in name]


def accepted_by_a_new_client(authority: Authority, folder: Path) -> dict[str, bytes]:
    client = authority.client(folder)
    client.refresh(now=authority.now)
    found = {path: client.target(path) for path in TARGETS}
    client.close()
    return found


def test_the_first_publication_is_complete(authority: Authority, tmp_path: Path) -> None:
    objects = signed(authority)
    assert [published.key for published in objects] == [
        "v1/metadata/1.root.json",
        *(target_key(path, body) for path, body in TARGETS.items()),
        "v1/metadata/1.targets.json",
        "v1/metadata/1.snapshot.json",
        TIMESTAMP_KEY,
    ]
    authority.publish()
    assert accepted_by_a_new_client(authority, tmp_path) == TARGETS


def test_only_the_timestamp_changes_and_comes_last(authority: Authority) -> None:
    *others, timestamp = signed(authority)
    assert (timestamp.phase, timestamp.cache) == (Phase.ROOT, CachePolicy.SHORT)
    assert {(published.phase, published.cache) for published in others} == {(Phase.NODE, CachePolicy.IMMUTABLE)}


def test_a_target_carries_its_digest_in_its_name() -> None:
    digest = Digest.of(b"body")
    assert target_key("index/root.json", b"body") == f"v1/targets/index/{digest}.root.json"
    assert target_key("root.json", b"body") == f"v1/targets/{digest}.root.json"


@pytest.mark.parametrize(
    ("after", "new"),
    [
        (timedelta(0), []),
        (RESIGN_TIMESTAMP_AFTER - SECOND, []),
        (-timedelta(days=1), []),
        (RESIGN_TIMESTAMP_AFTER, ["timestamp"]),
        (SNAPSHOT_LIFE / 2 - SECOND, ["timestamp"]),
        (SNAPSHOT_LIFE / 2, ["2.snapshot", "timestamp"]),
        (TARGETS_LIFE / 2, ["2.targets", "2.snapshot", "timestamp"]),
        (ROOT_LIFE - SECOND, ["2.targets", "2.snapshot", "timestamp"]),
    ],
)
def test_what_says_the_same_is_signed_anew_only_when_it_ages(
    authority: Authority, tmp_path: Path, after: timedelta, new: list[str]
) -> None:
    authority.publish()
    authority.now += after
    assert metadata_in(signed(authority)) == new
    authority.publish()
    assert accepted_by_a_new_client(authority, tmp_path) == TARGETS


@settings(max_examples=30)
@given(waits=st.lists(st.integers(0, int(ROOT_LIFE.total_seconds() * 1.1)), max_size=4), before=st.integers(0, 10**6))
def test_it_says_until_when_nothing_has_to_be_signed(waits: list[int], before: int) -> None:
    authority = Authority()
    for wait in [0, *waits]:
        authority.now += wait * SECOND
        if authority.now >= START + ROOT_LIFE:
            break
        authority.publish()
    else:
        state = authority.repository.sign(TARGETS, store=authority.store, now=authority.now)
        assert state.timestamp == authority.store.read(TIMESTAMP_KEY)
        due = due_at(state.timestamp)
        assert authority.now < due
        authority.now = max(authority.now, due - SECOND - before * SECOND)
        assert metadata_in(signed(authority)) == []
        authority.now = due
        with nullcontext() if due < START + ROOT_LIFE else pytest.raises(AuthError):
            assert metadata_in(signed(authority))[-1] == "timestamp"


def test_another_target_is_a_new_version_of_everything(authority: Authority, tmp_path: Path) -> None:
    authority.publish()
    changed = {**TARGETS, "index/root.json": b"another root"}
    assert metadata_in(signed(authority, changed)) == ["2.targets", "2.snapshot", "timestamp"]
    authority.publish(changed)
    assert accepted_by_a_new_client(authority, tmp_path) == changed
    assert authority.metadata("timestamp")["signed"]["version"] == 2


def test_what_is_published_can_be_read_back(authority: Authority) -> None:
    assert authority.repository.current_target("index/root.json", authority.store) is None
    authority.publish()
    for path, body in TARGETS.items():
        assert authority.repository.current_target(path, authority.store) == body
    assert authority.repository.current_target("index/other.json", authority.store) is None


@pytest.mark.parametrize("written", range(7))
def test_a_run_that_breaks_off_anywhere_does_not_spoil_the_next(
    authority: Authority, tmp_path: Path, written: int
) -> None:
    authority.publish()
    authority.now += timedelta(days=1)
    broken_off = {**TARGETS, "index/root.json": b"never became current"}
    first_of_them = itertools.islice(sorted(signed(authority, broken_off), key=lambda o: o.phase), written)
    publish([o for o in first_of_them if o.phase is not Phase.ROOT], authority.store, timestamp_tag=None)
    assert accepted_by_a_new_client(authority, tmp_path / "before") == TARGETS

    authority.now += timedelta(days=1)
    changed = {**TARGETS, "index/root.json": b"another root"}
    authority.publish(changed)
    assert accepted_by_a_new_client(authority, tmp_path / "after") == changed


def test_a_first_run_that_breaks_off_does_not_spoil_the_next(authority: Authority, tmp_path: Path) -> None:
    publish([o for o in signed(authority) if o.phase is not Phase.ROOT], authority.store, timestamp_tag=None)
    authority.now += timedelta(days=1)
    authority.publish()
    assert accepted_by_a_new_client(authority, tmp_path) == TARGETS


def test_of_two_publishers_at_once_one_wins_whole(authority: Authority, tmp_path: Path) -> None:
    authority.publish()
    found = authority.store.find(TIMESTAMP_KEY)
    assert found is not None
    ours = {**TARGETS, "index/root.json": b"ours"}
    theirs = {**TARGETS, "index/root.json": b"theirs"}
    objects = {name: signed(authority, targets) for name, targets in (("ours", ours), ("theirs", theirs))}
    publish(objects["theirs"], authority.store, timestamp_tag=found.tag)
    with pytest.raises(PublishConflictError):
        publish(objects["ours"], authority.store, timestamp_tag=found.tag)
    assert accepted_by_a_new_client(authority, tmp_path) == theirs


def test_publishing_again_after_a_conflict_succeeds(authority: Authority, tmp_path: Path) -> None:
    test_of_two_publishers_at_once_one_wins_whole(authority, tmp_path / "first")
    authority.publish({**TARGETS, "index/root.json": b"ours"})
    assert accepted_by_a_new_client(authority, tmp_path / "second")["index/root.json"] == b"ours"


def test_a_key_that_the_root_does_not_name_may_not_sign(authority: Authority) -> None:
    stranger = TufRepository(online=key("stranger"), roots=authority.roots)
    with pytest.raises(AuthError, match="not the one that the root of trust names"):
        stranger.sign(TARGETS, store=authority.store, now=authority.now)
    with pytest.raises(AuthError):
        TufRepository(online=authority.root, roots=authority.roots).sign({}, store=authority.store, now=START)


def test_an_expired_root_is_not_published_under(authority: Authority) -> None:
    authority.publish()
    authority.now += ROOT_LIFE
    with pytest.raises(AuthError, match="expired"):
        signed(authority)


def test_a_root_can_be_renewed_before_and_after_it_expired(authority: Authority, tmp_path: Path) -> None:
    authority.publish()
    for number in (1, 2):
        authority.now += number * ROOT_LIFE - SECOND
        authority.rotate(authority.online)
        authority.publish()
        assert accepted_by_a_new_client(authority, tmp_path / str(number)) == TARGETS


def test_after_a_change_of_the_online_key_everything_is_signed_anew(authority: Authority, tmp_path: Path) -> None:
    authority.publish()
    old_client = authority.client(tmp_path / "old")
    old_client.refresh(now=authority.now)
    old_client.keep()
    authority.rotate(key("new online"))
    assert authority.repository.current_target("index/root.json", authority.store) == TARGETS["index/root.json"]
    assert metadata_in(signed(authority)) == ["2.targets", "2.snapshot", "timestamp"]
    authority.publish()
    assert metadata_in(signed(authority)) == []
    assert accepted_by_a_new_client(authority, tmp_path / "new") == TARGETS
    old_client.refresh(now=authority.now)
    assert old_client.target("index/root.json") == TARGETS["index/root.json"]
    old_client.close()


def test_the_key_before_may_not_sign_any_more(authority: Authority) -> None:
    authority.rotate(key("new online"))
    with pytest.raises(AuthError):
        TufRepository(online=key("online"), roots=authority.roots).sign({}, store=authority.store, now=START)


def roots_that_do_not_hold() -> dict[str, tuple[bytes, ...]]:
    authority = Authority()
    authority.rotate(key("new online"))
    first, second = authority.roots
    foreign = first_root(key("stranger"), key("online"), now=START)
    return {
        "garbage": (b"garbage",),
        "empty": (b"",),
        "not signed": (first.replace(b'"sig":"', b'"sig":"00'),),
        "changed": (first.replace(b"2027", b"2029"),),
        "of another": (first, foreign),
        "twice": (first, first),
        "without the first": (second,),
        "backwards": (second, first),
    }


@pytest.mark.parametrize("name", list(roots_that_do_not_hold()))
def test_a_chain_of_roots_that_does_not_hold_is_not_published(authority: Authority, name: str) -> None:
    repository = TufRepository(online=authority.online, roots=roots_that_do_not_hold()[name])
    with pytest.raises(TamperedError, match="root of trust"):
        repository.sign(TARGETS, store=authority.store, now=START)
    with pytest.raises(TamperedError, match="root of trust"):
        repository.current_target("index/root.json", authority.store)


def test_without_a_root_there_is_nothing_to_sign_under(authority: Authority) -> None:
    with pytest.raises(UsageError, match="no root of trust"):
        TufRepository(online=authority.online, roots=()).sign({}, store=authority.store, now=START)


def test_what_others_published_is_not_taken_for_ours(authority: Authority) -> None:
    other = Authority(root=key("other root"), online=key("other online"))
    other.publish()
    with pytest.raises(TamperedError, match="not signed by the keys of this marketplace"):
        authority.repository.sign(TARGETS, store=other.store, now=START)
    with pytest.raises(TamperedError):
        authority.repository.current_target("index/root.json", other.store)


@pytest.mark.parametrize("name", ["timestamp", "1.snapshot", "1.targets"])
@pytest.mark.parametrize("damage", [b"", b"{}", b"garbage", None])
def test_damaged_metadata_is_not_built_upon(authority: Authority, name: str, damage: bytes | None) -> None:
    authority.publish()
    path = f"v1/metadata/{name}.json"
    body = authority.store.objects[path]
    authority.store.objects[path] = body.replace(b'"version":1', b'"version":7') if damage is None else damage
    with pytest.raises(TamperedError):
        signed(authority)


def test_old_metadata_under_a_new_name_is_not_built_upon(authority: Authority) -> None:
    authority.publish()
    authority.publish({**TARGETS, "index/root.json": b"two"})
    for role in ("snapshot", "targets"):
        objects = dict(authority.store.objects)
        authority.store.objects[f"v1/metadata/2.{role}.json"] = objects[f"v1/metadata/1.{role}.json"]
        with pytest.raises(TamperedError):
            signed(authority)
        authority.store.objects.update(objects)


def test_a_changed_target_is_not_built_upon(authority: Authority) -> None:
    authority.publish()
    authority.store.objects[target_key("index/root.json", TARGETS["index/root.json"])] = b"another root of index"
    with pytest.raises(TamperedError, match="a published target was changed"):
        authority.repository.current_target("index/root.json", authority.store)


def test_metadata_that_is_missing_is_an_incomplete_store(authority: Authority) -> None:
    authority.publish()
    del authority.store.objects["v1/metadata/1.snapshot.json"]
    with pytest.raises(TransportError):
        signed(authority)


def test_times_are_written_to_the_second() -> None:
    odd = datetime(2026, 3, 1, 12, 0, 0, 123_456, tzinfo=START.tzinfo)
    assert first_root(key("root"), key("online"), now=odd) == first_root(key("root"), key("online"), now=START)


NEXT = {**TARGETS, "index/root.json": b"the next root of the index"}


def take_back_the_next(authority: Authority) -> None:
    """Publish, publish something newer, and take that back."""
    authority.publish()
    before = authority.store.objects[TIMESTAMP_KEY]
    authority.publish(NEXT)
    replace_timestamp(authority, authority.repository.put_back(before, authority.store, now=authority.now))


def replace_timestamp(authority: Authority, timestamp: PublishedObject) -> None:
    assert timestamp.phase is Phase.ROOT
    found = authority.store.find(TIMESTAMP_KEY)
    publish([timestamp], authority.store, timestamp_tag=found.tag if found else None)


def test_what_is_put_back_is_the_state_before_with_a_number_above_both(authority: Authority, tmp_path: Path) -> None:
    take_back_the_next(authority)
    assert authority.metadata("timestamp")["signed"]["version"] == 3
    assert accepted_by_a_new_client(authority, tmp_path) == TARGETS
    assert authority.repository.current_target("index/root.json", authority.store) == TARGETS["index/root.json"]
    assert authority.repository.newest_target("index/root.json", authority.store) == NEXT["index/root.json"]


def test_after_something_was_put_back_the_next_metadata_is_above_all_that_was_seen(authority: Authority) -> None:
    take_back_the_next(authority)
    assert metadata_in(signed(authority, NEXT)) == ["3.targets", "3.snapshot", "timestamp"]
    authority.publish(NEXT)
    assert authority.metadata("timestamp")["signed"]["version"] == 4


def test_a_timestamp_that_is_renewed_meanwhile_remembers_what_was_taken_back(authority: Authority) -> None:
    take_back_the_next(authority)
    for _ in range(3):
        replace_timestamp(authority, authority.repository.refresh(authority.store, now=authority.now))
        assert authority.repository.newest_target("index/root.json", authority.store) == NEXT["index/root.json"]
    authority.publish(NEXT)
    assert "x-pluginry-newest-snapshot" not in authority.metadata("timestamp")["signed"]


def test_what_a_run_that_broke_off_left_is_not_the_newest(authority: Authority) -> None:
    authority.publish()
    current = authority.store.objects[TIMESTAMP_KEY]
    authority.publish(NEXT)
    authority.store.objects[TIMESTAMP_KEY] = current
    assert authority.repository.newest_target("index/root.json", authority.store) == TARGETS["index/root.json"]


def test_a_state_under_keys_that_were_replaced_cannot_be_put_back(authority: Authority) -> None:
    authority.publish()
    before = authority.store.objects[TIMESTAMP_KEY]
    authority.rotate(key("another"))
    authority.publish(NEXT)
    with pytest.raises(UsageError, match="keys that were replaced"):
        authority.repository.put_back(before, authority.store, now=authority.now)


def test_nothing_is_put_back_that_this_marketplace_did_not_sign(authority: Authority) -> None:
    authority.publish()
    stranger = Authority(root=key("stranger"), online=key("stranger-online"))
    stranger.publish()
    with pytest.raises(TamperedError):
        authority.repository.put_back(stranger.store.objects[TIMESTAMP_KEY], authority.store, now=authority.now)
    with pytest.raises(UsageError, match="nothing is published"):
        authority.repository.put_back(b"{}", Authority().store, now=authority.now)


@pytest.mark.parametrize("damage", ["snapshot", "targets", "target"])
def test_the_newest_target_is_the_current_one_when_what_came_later_is_not_whole(
    authority: Authority, damage: str
) -> None:
    take_back_the_next(authority)
    assert authority.repository.newest_target("index/root.json", authority.store) == NEXT["index/root.json"]
    keys = {
        "snapshot": "v1/metadata/2.snapshot.json",
        "targets": "v1/metadata/2.targets.json",
        "target": target_key("index/root.json", NEXT["index/root.json"]),
    }
    authority.store.objects[keys[damage]] = b"{}"
    assert authority.repository.newest_target("index/root.json", authority.store) == TARGETS["index/root.json"]


def test_before_the_first_publication_there_is_no_newest_target(authority: Authority) -> None:
    assert authority.repository.newest_target("index/root.json", authority.store) is None
    authority.publish()
    assert authority.repository.newest_target("index/other.json", authority.store) is None


def test_a_timestamp_names_the_input_that_is_settled(authority: Authority) -> None:
    authority.publish()
    assert metadata_in(signed(authority)) == []  # who says nothing of the input leaves it as it is
    same = authority.repository.sign(TARGETS, store=authority.store, now=authority.now, settled=SETTLED)
    assert same.timestamp == authority.store.read(TIMESTAMP_KEY)
    other = authority.repository.sign(TARGETS, store=authority.store, now=authority.now, settled="another input")
    assert metadata_in([*other.objects]) == ["timestamp"]


def test_a_refresh_goes_on_saying_what_is_settled_and_until_when(authority: Authority) -> None:
    authority.publish()
    for passed in (timedelta(hours=7), SNAPSHOT_LIFE / 2 - timedelta(hours=8)):
        authority.now += passed
        body = authority.repository.refresh(authority.store, now=authority.now).body
        assert isinstance(body, bytes)
        authority.store.objects[TIMESTAMP_KEY] = body
        wanted = min(authority.now + RESIGN_TIMESTAMP_AFTER, START + SNAPSHOT_LIFE / 2)
        assert due_at(body) == wanted
