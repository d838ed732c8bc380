from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from memory_store import MemoryStore
from pluginry.errors import PublishConflictError, TransportError
from pluginry.model.layout import TIMESTAMP_KEY
from pluginry.model.published import CachePolicy, Phase, PublishedObject, json_node, json_page
from pluginry.publisher.publish import publish

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pluginry.model.published import StoredObject


@dataclass
class RecordingStore:
    """A store that remembers the order of writes, and breaks before the write number `breaks_at`."""

    inner: MemoryStore = field(default_factory=lambda: MemoryStore(location="here"))
    writes: list[str] = field(default_factory=list)
    breaks_at: int | None = None

    @property
    def location(self) -> str:
        return self.inner.location

    @property
    def objects(self) -> dict[str, bytes]:
        return self.inner.objects

    def read(self, key: str) -> bytes:
        return self.inner.read(key)

    def find(self, key: str) -> StoredObject | None:
        return self.inner.find(key)

    def keys(self, prefix: str = "") -> Iterator[str]:
        return self.inner.keys(prefix)

    def create(self, published: PublishedObject) -> bool:
        self._count(published.key)
        return self.inner.create(published)

    def replace(self, published: PublishedObject, *, expected: str | None) -> None:
        self._count(published.key)
        self.inner.replace(published, expected=expected)

    def _count(self, key: str) -> None:
        if len(self.writes) == self.breaks_at:
            raise TransportError("the store is gone")
        self.writes.append(key)


def a_package(key: str, body: bytes | Path = b"package") -> PublishedObject:
    return PublishedObject(
        key=key, body=body, media_type="application/zip", cache=CachePolicy.IMMUTABLE, phase=Phase.ARTIFACT
    )


def a_timestamp(body: bytes = b"timestamp") -> PublishedObject:
    return PublishedObject(
        key=TIMESTAMP_KEY, body=body, media_type="application/json", cache=CachePolicy.SHORT, phase=Phase.ROOT
    )


def a_publication(serial: int = 1) -> list[PublishedObject]:
    return [
        a_package(f"v1/packages/{serial}.zip"),
        a_package("v1/packages/old.zip"),
        json_node(f"v1/t/{serial}.json", b"node %d" % serial),
        json_node(f"v1/metadata/{serial}.snapshot.json", b"snapshot %d" % serial),
        json_page("v1/index.json", b"page %d" % serial),
        json_page("v1/stats.json", b"always the same"),
        a_timestamp(b"timestamp %d" % serial),
    ]


def tag_in(store: RecordingStore) -> str | None:
    found = store.find(TIMESTAMP_KEY)
    return found.tag if found else None


def test_everything_is_written_phase_by_phase_and_the_timestamp_last() -> None:
    store = RecordingStore()
    objects = a_publication()
    phases = {published.key: published.phase for published in objects}
    publish(reversed(objects), store, timestamp_tag=None)
    written = [phases[key] for key in store.writes]
    assert written == sorted(written)
    assert store.writes[-1] == TIMESTAMP_KEY
    assert len(store.objects) == len(objects)


def test_the_report_says_what_was_done() -> None:
    store = RecordingStore()
    first = publish(a_publication(1), store, timestamp_tag=None)
    assert (first.written, len(first.created), first.replaced, first.unchanged) == (7, 7, [], 0)
    assert first.bytes_written == sum(map(len, store.objects.values()))
    second = publish(a_publication(2), store, timestamp_tag=tag_in(store))
    assert second.created == ["v1/packages/2.zip", "v1/t/2.json", "v1/metadata/2.snapshot.json"]
    assert second.replaced == ["v1/index.json", TIMESTAMP_KEY]
    assert second.unchanged == 2
    assert second.written == 5


def test_publishing_the_same_again_writes_only_the_timestamp() -> None:
    store = RecordingStore()
    publish(a_publication(), store, timestamp_tag=None)
    report = publish(a_publication(), store, timestamp_tag=tag_in(store))
    assert (report.created, report.replaced, report.unchanged) == ([], [TIMESTAMP_KEY], 6)


def test_progress_is_told_for_each_object() -> None:
    steps: list[int] = []
    publish(a_publication(), RecordingStore(), timestamp_tag=None, advance=steps.append)
    assert steps == [1] * 7


def test_a_body_may_lie_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "package.zip"
    file.write_bytes(b"from a file")
    store = RecordingStore()
    report = publish([a_package("v1/packages/a.zip", file)], store, timestamp_tag=None)
    assert store.objects == {"v1/packages/a.zip": b"from a file"}
    assert report.bytes_written == len(b"from a file")


@pytest.mark.parametrize("breaks_at", range(7))
def test_a_publication_that_breaks_off_anywhere_leaves_the_old_state_current(breaks_at: int) -> None:
    store = RecordingStore()
    publish(a_publication(1), store, timestamp_tag=None)
    before = dict(store.objects)
    store.writes.clear()
    store.breaks_at = breaks_at
    with pytest.raises(TransportError, match="the store is gone"):
        publish(a_publication(2), store, timestamp_tag=tag_in(store))
    assert store.objects[TIMESTAMP_KEY] == b"timestamp 1"
    immutable = [key for key in before if key.startswith(("v1/t/", "v1/packages/", "v1/metadata/1."))]
    assert all(store.objects[key] == before[key] for key in immutable)


@pytest.mark.parametrize("breaks_at", range(7))
def test_the_next_run_goes_on_from_there(breaks_at: int) -> None:
    store = RecordingStore(breaks_at=breaks_at)
    with pytest.raises(TransportError):
        publish(a_publication(), store, timestamp_tag=None)
    store.breaks_at = None
    report = publish(a_publication(), store, timestamp_tag=None)
    assert report.unchanged == breaks_at
    assert set(store.objects) == {published.key for published in a_publication()}


@pytest.mark.parametrize("known", [None, "a tag from yesterday"])
def test_whoever_comes_second_does_not_become_current(known: str | None) -> None:
    store = RecordingStore()
    publish(a_publication(1), store, timestamp_tag=None)
    with pytest.raises(PublishConflictError):
        publish(a_publication(2), store, timestamp_tag=known)
    assert store.objects[TIMESTAMP_KEY] == b"timestamp 1"


def test_two_publishers_never_mix_their_metadata() -> None:
    store = RecordingStore()
    ours, theirs = (json_node("v1/metadata/2.snapshot.json", body) for body in (b"ours", b"theirs"))
    publish([theirs], store, timestamp_tag=None)
    with pytest.raises(PublishConflictError, match="another version under this name") as caught:
        publish([ours, a_timestamp()], store, timestamp_tag=None)
    assert "v1/metadata/2.snapshot.json" in caught.value.where
    assert TIMESTAMP_KEY not in store.objects


def test_immutable_objects_are_not_read_back() -> None:
    store = RecordingStore()
    publish([a_package("v1/packages/a.zip")], store, timestamp_tag=None)
    report = publish([a_package("v1/packages/a.zip", Path("/nowhere"))], store, timestamp_tag=None)
    assert report.unchanged == 1
