from __future__ import annotations

import threading
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from memory_store import MemoryStore
from pluginry.errors import PublishConflictError, TransportError
from pluginry.model.layout import TIMESTAMP_KEY
from pluginry.model.published import CachePolicy, Phase, PublishedObject, json_node, json_page
from pluginry.publisher.inventory import Inventory
from pluginry.publisher.publish import publish
from watched_store import WatchedStore, failing_at

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from watched_store import Request


def a_store(
    *,
    before: Callable[[Request], None] = lambda _request: None,
    after: Callable[[Request], None] = lambda _request: None,
    parallelism: int = 1,
) -> WatchedStore:
    return WatchedStore(MemoryStore(location="here", parallelism=parallelism), before=before, after=after)


def contents(store: WatchedStore) -> dict[str, bytes]:
    return {stored.key: store.inner.read(stored.key) for stored in store.inner.list()}


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


def tag_in(store: WatchedStore) -> str | None:
    found = store.inner.find(TIMESTAMP_KEY)
    return found.tag if found else None


def test_everything_is_written_phase_by_phase_and_the_timestamp_last() -> None:
    store = a_store()
    objects = a_publication()
    phases = {published.key: published.phase for published in objects}
    publish(objects[::-1], store, timestamp_tag=None)
    written = [phases[key] for key in store.writes]
    assert written == sorted(written)
    assert store.writes[-1] == TIMESTAMP_KEY
    assert len(contents(store)) == len(objects)


def test_the_report_holds_the_timestamp_that_was_replaced() -> None:
    store = a_store()
    assert publish(a_publication(1), store, timestamp_tag=None).root_before is None
    assert publish(a_publication(2), store, timestamp_tag=tag_in(store)).root_before == b"timestamp 1"


def test_the_report_says_what_was_done() -> None:
    store = a_store()
    first = publish(a_publication(1), store, timestamp_tag=None)
    assert (first.written, len(first.created), first.replaced, first.unchanged) == (7, 7, [], 0)
    assert first.bytes_written == sum(map(len, contents(store).values()))
    second = publish(a_publication(2), store, timestamp_tag=tag_in(store))
    assert second.created == ["v1/packages/2.zip", "v1/t/2.json", "v1/metadata/2.snapshot.json"]
    assert second.replaced == ["v1/index.json", TIMESTAMP_KEY]
    assert second.unchanged == 2
    assert second.written == 5


def test_publishing_the_same_again_writes_only_the_timestamp() -> None:
    store = a_store()
    publish(a_publication(), store, timestamp_tag=None)
    report = publish(a_publication(), store, timestamp_tag=tag_in(store))
    assert (report.created, report.replaced, report.unchanged) == ([], [TIMESTAMP_KEY], 6)


def test_progress_is_told_for_each_object() -> None:
    steps: list[int] = []
    publish(a_publication(), a_store(), timestamp_tag=None, advance=steps.append)
    assert steps == [1] * 7


def test_a_body_may_lie_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "package.zip"
    file.write_bytes(b"from a file")
    store = a_store()
    report = publish([a_package("v1/packages/a.zip", file)], store, timestamp_tag=None)
    assert contents(store) == {"v1/packages/a.zip": b"from a file"}
    assert report.bytes_written == len(b"from a file")


@pytest.mark.parametrize("breaks_at", range(6))
def test_a_publication_that_breaks_off_anywhere_leaves_the_old_state_current(breaks_at: int) -> None:
    store = a_store()
    publish(a_publication(1), store, timestamp_tag=None)
    before = contents(store)
    store.before = failing_at(breaks_at, writes_only=True)
    with pytest.raises(TransportError, match="the store is gone"):
        publish(a_publication(2), store, timestamp_tag=tag_in(store))
    after = contents(store)
    assert after[TIMESTAMP_KEY] == b"timestamp 1"
    immutable = [key for key in before if key.startswith(("v1/t/", "v1/packages/", "v1/metadata/1."))]
    assert all(after[key] == before[key] for key in immutable)


@pytest.mark.parametrize("breaks_at", range(7))
def test_the_next_run_goes_on_from_there(breaks_at: int) -> None:
    store = a_store(before=failing_at(breaks_at, writes_only=True))
    with pytest.raises(TransportError):
        publish(a_publication(), store, timestamp_tag=None)
    store.before = lambda _request: None
    report = publish(a_publication(), store, timestamp_tag=None)
    assert report.unchanged == breaks_at
    assert set(contents(store)) == {published.key for published in a_publication()}


@pytest.mark.parametrize("known", [None, "a tag from yesterday"])
def test_whoever_comes_second_does_not_become_current(known: str | None) -> None:
    store = a_store()
    publish(a_publication(1), store, timestamp_tag=None)
    with pytest.raises(PublishConflictError):
        publish(a_publication(2), store, timestamp_tag=known)
    assert contents(store)[TIMESTAMP_KEY] == b"timestamp 1"


def test_two_publishers_never_mix_their_metadata() -> None:
    store = a_store()
    ours, theirs = (json_node("v1/metadata/2.snapshot.json", body) for body in (b"ours", b"theirs"))
    publish([theirs], store, timestamp_tag=None)
    with pytest.raises(PublishConflictError, match="another version under this name") as caught:
        publish([ours, a_timestamp()], store, timestamp_tag=None)
    assert "v1/metadata/2.snapshot.json" in caught.value.where
    assert TIMESTAMP_KEY not in contents(store)


def test_immutable_objects_are_not_read_back() -> None:
    store = a_store()
    publish([a_package("v1/packages/a.zip")], store, timestamp_tag=None)
    report = publish([a_package("v1/packages/a.zip", Path("/nowhere"))], store, timestamp_tag=None)
    assert report.unchanged == 1


def test_a_stream_out_of_order_is_refused_before_anything_names_what_is_not_there() -> None:
    store = a_store()
    with pytest.raises(ValueError, match="comes after objects of a later phase"):
        publish(iter(a_publication()[::-1]), store, timestamp_tag=None)
    assert TIMESTAMP_KEY in contents(store)  # it came first; nothing else did
    assert len(contents(store)) == 1


def test_objects_of_a_phase_are_written_side_by_side_and_phases_one_after_the_other() -> None:
    together = threading.Barrier(4, timeout=30)
    phases = {published.key: published.phase for published in many(8)}
    running: list[str] = []
    seen_at_once: list[set[Phase]] = []

    def enter(request: Request) -> None:
        running.append(request.key)
        if phases[request.key] is not Phase.ROOT:
            together.wait()  # nobody passes alone: four writes are under way, or this fails
            seen_at_once.append({phases[key] for key in running[-4:]})
            together.wait()

    store = a_store(before=enter, parallelism=4)
    known = Inventory(is_complete=True)
    report = publish(iter(many(8)), store, timestamp_tag=None, known=known)
    assert len(report.created) == len(contents(store)) == 25
    assert all(len(at_once) == 1 for at_once in seen_at_once)
    order = [phases[key] for key in store.writes]
    assert all(before <= after for before, after in pairwise(order))
    assert store.writes[-1] == TIMESTAMP_KEY


@pytest.mark.parametrize("parallelism", [1, 4])
def test_the_first_failure_ends_the_phase_and_nothing_later_is_written(parallelism: int) -> None:
    def fail(request: Request) -> None:
        if request.key == "v1/t/10.json":
            raise TransportError("the store is gone")

    store = a_store(before=fail, parallelism=parallelism)
    with pytest.raises(TransportError, match="the store is gone"):
        publish(iter(many(200)), store, timestamp_tag=None)
    written = contents(store)
    assert not any(key.startswith("pages/") for key in written)
    assert TIMESTAMP_KEY not in written
    assert sum(key.startswith("v1/t/") for key in written) <= 10 + 2 * parallelism


def test_a_stream_is_never_held_as_a_whole() -> None:
    begun = ahead = 0
    store = a_store(parallelism=4)

    def stream() -> Iterator[PublishedObject]:
        nonlocal begun, ahead
        for number in range(500):
            begun += 1
            ahead = max(ahead, begun - len(store.inner.objects))
            yield json_page(f"pages/{number}.html", b"page")

    report = publish(stream(), store, timestamp_tag=None)
    assert len(report.created) == 500
    assert ahead <= 5


def test_what_is_known_to_be_there_costs_no_request() -> None:
    store = a_store()
    publish(a_publication(1), store, timestamp_tag=None)
    known = Inventory.of(store.inner)
    store.requests.clear()
    report = publish(a_publication(1)[:-1], store, timestamp_tag=tag_in(store), known=known)
    assert (report.written, report.unchanged, store.requests) == (0, 6, [])


def test_what_is_known_to_be_missing_is_written_at_once() -> None:
    store = a_store()
    publish(a_publication(1), store, timestamp_tag=None, known=Inventory(is_complete=True))
    assert [request.operation for request in store.requests] == ["create"] * 4 + ["replace"] * 3


def test_a_page_that_changed_is_looked_at_once_and_replaced() -> None:
    store = a_store()
    publish(a_publication(1), store, timestamp_tag=None)
    known, store.requests = Inventory.of(store.inner), []
    publish([json_page("v1/index.json", b"page 2")], store, timestamp_tag=None, known=known)
    assert [request.operation for request in store.requests] == ["find", "replace"]


def test_wrong_knowledge_is_put_right_by_the_store_or_refused_by_it() -> None:
    store = a_store()
    publish(a_publication(1), store, timestamp_tag=None)
    before = contents(store)
    all_wrong = Inventory(marks={"v1/index.json": "f" * 64, "v1/stats.json": "f" * 64}, is_complete=True)
    report = publish(a_publication(1)[:-1], store, timestamp_tag=tag_in(store), known=all_wrong)
    assert (report.written, report.unchanged) == (0, 6)
    with pytest.raises(PublishConflictError):
        publish(a_publication(1), store, timestamp_tag=tag_in(store), known=Inventory(is_complete=True))
    assert contents(store) == before


def test_the_turn_is_taken_before_the_first_page_and_not_for_what_is_the_same() -> None:
    store, taken = a_store(), []
    publish(a_publication(1), store, timestamp_tag=None, take_turn=lambda: taken.append(store.writes[-1]))
    assert taken[0] == "v1/metadata/1.snapshot.json"
    taken.clear()
    publish(a_publication(1)[:-1], store, timestamp_tag=tag_in(store), take_turn=lambda: taken.append("page"))
    assert taken == []


def test_the_turn_is_taken_for_new_names_without_a_page_and_not_for_a_timestamp_alone() -> None:
    store, taken = a_store(), []
    publish([a_timestamp(b"one")], store, timestamp_tag=None, take_turn=lambda: taken.append(1))
    assert taken == []
    publish(
        [json_node("v1/t/x.json", b"x"), a_timestamp(b"two")],
        store,
        timestamp_tag=tag_in(store),
        take_turn=lambda: taken.append(1),
    )
    assert taken == [1]


def test_a_timestamp_whose_answer_was_lost_is_recognised_as_ours() -> None:
    def ask_twice(request: Request) -> None:
        if request.key == TIMESTAMP_KEY and request.operation == "replace":
            raise PublishConflictError("somebody else published meanwhile")

    store = a_store(after=ask_twice)
    report = publish(a_publication(1), store, timestamp_tag=None)
    assert TIMESTAMP_KEY in report.created


def many(count: int) -> list[PublishedObject]:
    return [
        *(a_package(f"v1/packages/{number}.zip") for number in range(count)),
        *(json_node(f"v1/t/{number}.json", b"node") for number in range(count)),
        *(json_page(f"pages/{number}.html", b"page") for number in range(count)),
        a_timestamp(),
    ]
