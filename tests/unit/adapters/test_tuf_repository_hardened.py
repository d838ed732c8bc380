"""The publisher under profile *hardened*: offline targets, a delegated index, two online keys."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from tuf.api.metadata import Metadata, Snapshot, Targets

from authority import SETTLED, START, due_at, signed
from memory_store import MemoryStore
from pluginry.adapters.tuf_client import TufClient
from pluginry.adapters.tuf_lives import INDEX_LIFE, SNAPSHOT_LIFE
from pluginry.adapters.tuf_repository import TufRepository
from pluginry.adapters.tuf_roles import OFFLINE_TARGETS_LIFE, root_document, targets_document
from pluginry.errors import AuthError, TamperedError, UsageError
from pluginry.model.layout import TIMESTAMP_KEY
from pluginry.publisher.publish import publish
from trustees import new_key, new_keys, quorum

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

TRUST = {"trust/policy.json": b"a policy", "trust/trusted_root.json": b"certificates"}
FILES = {"index/root.json": b"the root of the index", "index/advisories.json": b"[]", **TRUST}
SECOND = timedelta(seconds=1)


class Hardened:
    """2 of 3 root keys, 2 of 3 targets keys, K1 and K2, and a store."""

    def __init__(self) -> None:
        self.root, self.targets = new_keys(3), new_keys(3)
        self.online, self.index = new_key(), new_key()
        self.store = MemoryStore(location="https://market.test")
        self.now = START
        body = root_document(
            root=quorum(self.root, 2), targets=quorum(self.targets, 2), online=self.online.public_key, now=self.now
        )
        self.roots = (signed(body, *self.root[:2]),)
        self.offline = signed(targets_document(TRUST, index=self.index.public_key, now=self.now), *self.targets[:2])

    def repository(self, **others: object) -> TufRepository:
        given = {"online": self.online, "roots": self.roots, "index_key": self.index, "offline_targets": self.offline}
        return TufRepository(**{**given, **others})

    def written(self, files: dict[str, bytes] = FILES, **others: object) -> list[str]:
        """Publish, and return the metadata that is new."""
        found = self.store.find(TIMESTAMP_KEY)
        objects = self.repository(**others).sign(files, store=self.store, now=self.now, settled=SETTLED).objects
        report = publish(objects, self.store, timestamp_tag=found.tag if found else None)
        names = [key.removeprefix("v1/metadata/") for key in (*report.created, *report.replaced)]
        return [name.removesuffix(".json") for name in names if "/" not in name and "root" not in name]

    def accepted(self, folder: Path, *, now: datetime | None = None) -> dict[str, bytes]:
        """Return what a client accepts that goes on from `folder`."""
        client = TufClient(folder=folder, root=self.roots[0], transport=self.store)
        client.refresh(now=now or self.now)
        found = {path: client.target(path) for path in FILES}
        client.keep()
        client.close()
        return found


@pytest.fixture
def hardened() -> Hardened:
    return Hardened()


def test_a_client_finds_every_target_through_the_delegation(hardened: Hardened, tmp_path: Path) -> None:
    assert hardened.written() == ["1.targets", "1.index", "1.snapshot", "timestamp"]
    assert hardened.accepted(tmp_path) == FILES
    snapshot: Metadata[Snapshot] = Metadata.from_bytes(hardened.store.objects["v1/metadata/1.snapshot.json"])
    for meta in snapshot.signed.meta.values():
        assert meta.length
        assert set(meta.hashes or {}) == {"sha256"}


def test_what_the_targets_keys_signed_is_published_as_it_is(hardened: Hardened) -> None:
    hardened.written()
    assert hardened.store.objects["v1/metadata/1.targets.json"] == hardened.offline


def test_a_new_index_needs_only_the_online_keys(hardened: Hardened, tmp_path: Path) -> None:
    hardened.written()
    hardened.accepted(tmp_path)
    newer = {**FILES, "index/root.json": b"a newer root"}
    assert hardened.written(newer) == ["2.index", "2.snapshot", "timestamp"]
    assert hardened.written(newer) == []
    assert hardened.accepted(tmp_path) == newer


def test_everything_that_is_published_can_be_read_back(hardened: Hardened) -> None:
    hardened.written()
    for path, body in FILES.items():
        assert hardened.repository().current_target(path, hardened.store) == body


@pytest.mark.parametrize(
    ("after", "new"),
    [
        (timedelta(hours=6), ["timestamp"]),
        (INDEX_LIFE / 2, ["2.index", "2.snapshot", "timestamp"]),
        (OFFLINE_TARGETS_LIFE - SECOND, ["2.index", "2.snapshot", "timestamp"]),
    ],
)
def test_only_what_ages_is_signed_anew(hardened: Hardened, tmp_path: Path, after: timedelta, new: list[str]) -> None:
    assert INDEX_LIFE == SNAPSHOT_LIFE
    hardened.written()
    hardened.now += after
    assert hardened.written() == new
    assert hardened.accepted(tmp_path) == FILES


def test_another_policy_than_the_signed_one_is_not_published(hardened: Hardened) -> None:
    for files in (
        {**FILES, "trust/policy.json": b"mine"},
        {**FILES, "trust/other.json": b"new"},
        {path: body for path, body in FILES.items() if path != "trust/policy.json"},
    ):
        with pytest.raises(AuthError, match="not the one that the targets keys signed"):
            hardened.written(files)


def test_the_index_role_speaks_of_no_path_that_clients_would_not_look_for_there(hardened: Hardened) -> None:
    with pytest.raises(AuthError, match="not the one that the targets keys signed"):
        hardened.written({**FILES, "index/deep/er.json": b"{}"})


@pytest.mark.parametrize("key", ["stranger", "online", "none"])
def test_the_index_is_signed_by_the_key_that_the_targets_name(hardened: Hardened, key: str) -> None:
    keys = {"stranger": new_key(), "online": hardened.online, "none": None}
    with pytest.raises(AuthError, match="key of the index"):
        hardened.written(index_key=keys[key])


def test_the_index_key_signs_no_timestamp(hardened: Hardened) -> None:
    with pytest.raises(AuthError, match="not the one that the root of trust names"):
        hardened.written(online=hardened.index)


def test_targets_without_a_quorum_are_not_published(hardened: Hardened) -> None:
    body = targets_document(TRUST, index=hardened.index.public_key, now=hardened.now)
    twice = Metadata[Targets].from_bytes(signed(body, hardened.targets[0]))
    for offline in (
        signed(body),
        signed(body, hardened.targets[0]),
        signed(body, hardened.targets[0], hardened.online, hardened.index, *hardened.root),
        twice.to_bytes(),
        hardened.roots[0],
        b"garbage",
    ):
        with pytest.raises(TamperedError, match="targets of trust are not signed"):
            hardened.written(offline_targets=offline)


def test_targets_that_delegate_nothing_are_a_mistake(hardened: Hardened) -> None:
    body = targets_document(TRUST, index=hardened.index.public_key, now=hardened.now)
    body.delegations = None
    with pytest.raises(UsageError, match="delegate no index"):
        hardened.written(offline_targets=signed(body, *hardened.targets[:2]))


def test_expired_targets_are_not_published_under(hardened: Hardened) -> None:
    hardened.now += OFFLINE_TARGETS_LIFE
    with pytest.raises(AuthError, match="expired"):
        hardened.written()


@pytest.mark.parametrize(
    "after", [timedelta(0), INDEX_LIFE / 2 - timedelta(hours=1), OFFLINE_TARGETS_LIFE - timedelta(hours=1)]
)
def test_it_says_until_when_nobody_has_to_sign(hardened: Hardened, after: timedelta) -> None:
    hardened.written()
    hardened.now += after
    hardened.written()
    due = due_at(hardened.store.read(TIMESTAMP_KEY))
    hours = [(due - hardened.now) / timedelta(hours=1)]
    assert hours == [6 if after == timedelta(0) else 1]
    hardened.now = due - timedelta(seconds=1)
    assert hardened.written() == []


def test_a_refresh_is_one_object_under_the_key_of_today(hardened: Hardened, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nothing is published"):
        hardened.repository().refresh(hardened.store, now=hardened.now)
    hardened.written()
    hardened.accepted(tmp_path)
    hardened.now += timedelta(days=6)
    timestamp = hardened.repository(index_key=None).refresh(hardened.store, now=hardened.now)
    assert timestamp.key == TIMESTAMP_KEY
    hardened.store.objects[TIMESTAMP_KEY] = bytes(timestamp.body)  # type: ignore[arg-type]  # bytes, as every timestamp
    assert hardened.accepted(tmp_path, now=hardened.now + timedelta(days=6)) == FILES
    with pytest.raises(AuthError):
        hardened.repository(online=hardened.index).refresh(hardened.store, now=hardened.now)


def test_after_a_change_of_the_index_key_a_refresh_is_not_enough(hardened: Hardened) -> None:
    hardened.written()
    hardened.index = new_key()
    body = targets_document(TRUST, index=hardened.index.public_key, now=hardened.now)
    body.version = 2
    hardened.offline = signed(body, *hardened.targets[1:])
    with pytest.raises(UsageError, match="replaced since"):
        hardened.repository().refresh(hardened.store, now=hardened.now)
    assert hardened.written() == ["2.targets", "2.index", "2.snapshot", "timestamp"]
    hardened.repository().refresh(hardened.store, now=hardened.now)


@pytest.mark.parametrize("name", ["1.index", "1.targets", "1.snapshot"])
@pytest.mark.parametrize("damage", [b"", b"{}", b"garbage", None])
def test_damaged_metadata_is_not_built_upon(hardened: Hardened, name: str, damage: bytes | None) -> None:
    hardened.written()
    path = f"v1/metadata/{name}.json"
    body = hardened.store.objects[path]
    hardened.store.objects[path] = body.replace(b'"version":1', b'"version":7') if damage is None else damage
    with pytest.raises(TamperedError):
        hardened.written()
