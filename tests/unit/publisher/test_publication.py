"""Publications from begin to end, over the whole real pipeline: what they cost, and who wins when there are several."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from memory_store import MemoryStore
from pluginry.errors import BusyError, PublishConflictError, TransportError
from pluginry.model.layout import TIMESTAMP_KEY, TURN_KEY
from pluginry.model.turn import Doing
from pluginry.publisher.inventory import body_of
from pluginry.publisher.publication import TRIES
from pluginry.publisher.turn import Attempt
from watched_store import Request, WatchedStore, failing_at
from workshop import Workshop

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pluginry.publisher.outcome import Outcome


def a_store() -> WatchedStore:
    return WatchedStore(MemoryStore(location="here"))


def contents(store: WatchedStore) -> dict[str, bytes]:
    """Return all that is published, but for whose turn it was."""
    return {stored.key: store.inner.read(stored.key) for stored in store.inner.list() if stored.key != TURN_KEY}


def requests_of(work: Callable[[], object], store: WatchedStore) -> int:
    store.requests.clear()
    work()
    return len(store.requests)


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    return Workshop.at(tmp_path / "ours", plugins=3)


def test_the_requests_of_a_publication_do_not_grow_with_the_marketplace(tmp_path: Path) -> None:
    costs = []
    for plugins in (5, 50, 200):
        store, workshop = a_store(), Workshop.at(tmp_path / str(plugins), plugins=plugins)
        workshop.publish(store)
        nothing = requests_of(lambda store=store, workshop=workshop: workshop.publish(store), store)
        workshop.release("bench/plugin-3", "1.1.0")
        one = requests_of(lambda store=store, workshop=workshop: workshop.publish(store), store)
        costs.append((nothing, one))
    small, *larger = costs
    assert small[0] < 30
    assert small[1] < 80
    assert all(nothing <= small[0] and one <= small[1] for nothing, one in larger)


def test_a_fresh_checkout_lists_and_reads_what_it_needs_and_asks_about_nothing_else(
    workshop: Workshop, tmp_path: Path
) -> None:
    store = a_store()
    workshop.publish(store)
    before = contents(store)
    fresh = workshop.copy(tmp_path / "fresh")
    store.requests.clear()
    outcome = fresh.publish(store)
    assert (outcome.built, outcome.report.written) == ((), 0)
    assert contents(store) == before
    asked = [request.key for request in store.requests if request.operation == "find"]
    assert {key for key in asked if not key.startswith("v1/metadata/2.")} == {TURN_KEY, TIMESTAMP_KEY}
    read = [request.key for request in store.requests if request.key.startswith("v1/t/")]
    assert len(read) == len(set(read)) == 6  # a manifest and facts for each release
    assert not any(request.key.startswith("v1/packages/") for request in store.requests)
    assert sum(request.operation == "list" for request in store.requests) == 1
    assert requests_of(lambda: fresh.publish(store), store) < 30


@pytest.mark.parametrize("is_lost", [True, False], ids=["lost", "damaged"])
def test_without_its_inventory_a_publisher_makes_more_requests_and_nothing_else(
    workshop: Workshop, is_lost: bool
) -> None:
    store = a_store()
    workshop.publish(store)
    before = contents(store)
    store.requests.clear()
    for file in (workshop.root / "inventories").iterdir():
        if is_lost:
            file.unlink()
        else:
            file.write_bytes(file.read_bytes()[:-1])
    assert workshop.publish(store).report.written == 0
    assert contents(store) == before
    assert sum(request.operation == "list" for request in store.requests) == 1


def test_what_somebody_else_published_makes_the_inventory_worthless(workshop: Workshop, tmp_path: Path) -> None:
    store = a_store()
    workshop.publish(store)
    others = workshop.copy(tmp_path / "theirs")
    others.change("plugins/bench/plugin-0/README.md", "Generated.", "Written by hand.")
    outcome = others.publish(store)
    assert outcome.report.replaced == ["plugins/bench/plugin-0/index.html"]  # a page only: no name became current
    assert workshop.publish(store).report.replaced == ["plugins/bench/plugin-0/index.html"]


def test_pages_of_a_publication_that_broke_off_elsewhere_are_put_right(workshop: Workshop, tmp_path: Path) -> None:
    store = a_store()
    workshop.publish(store)
    before = contents(store)
    others = workshop.copy(tmp_path / "theirs")
    others.change("plugins/bench/plugin-0/README.md", "Generated.", "Written by hand.")
    others.release("bench/plugin-0", "1.1.0")
    store.before = _breaking_at(TIMESTAMP_KEY)
    with pytest.raises(TransportError):
        others.publish(store)
    store.before = lambda _request: None
    page = "plugins/bench/plugin-0/index.html"
    assert contents(store)[page] != before[page]
    workshop.publish(store)
    assert {key: body for key, body in contents(store).items() if key in before} == before


def test_who_comes_second_starts_over_from_what_is_there(workshop: Workshop, tmp_path: Path) -> None:
    store = a_store()
    workshop.publish(store)
    others = workshop.copy(tmp_path / "theirs")
    workshop.release("bench/plugin-0", "1.1.0")
    intrusions: list[Outcome] = []

    def intrude(request: Request) -> None:
        if request.key.endswith("2.targets.json") and not intrusions:
            intrusions.append(others.publish(store.inner))

    others.change("plugins/bench/plugin-1/listing.yaml", "A generated plugin", "Somebody else's change")
    store.before = intrude
    outcome = workshop.publish(store)
    assert [one.serial for one in intrusions] == [2]
    assert (outcome.serial, outcome.built) == (3, ("bench/plugin-0 1.1.0",))
    assert workshop.publish(store).report.written == 0


def test_who_is_always_too_late_says_so(workshop: Workshop) -> None:
    store = a_store()
    workshop.publish(store)
    workshop.release("bench/plugin-0", "1.1.0")
    tries = 0

    def intrude(request: Request) -> None:
        """Sign the timestamp anew, as a schedule does, always in between."""
        nonlocal tries
        if request.key == TURN_KEY and request.operation == "replace":
            tries += 1
            timestamp = workshop.repository.refresh(store.inner, now=workshop.now)
            store.inner.objects[TIMESTAMP_KEY] = body_of(timestamp)

    store.before = intrude
    with pytest.raises(PublishConflictError) as caught:
        workshop.publish(store)
    assert (tries, caught.value.exit_status) == (TRIES, 9)
    store.before = lambda _request: None
    assert workshop.publish(store).report.written > 0


def test_nobody_publishes_while_garbage_is_collected(workshop: Workshop) -> None:
    store = a_store()
    workshop.publish(store)
    before = contents(store)
    collecting = Attempt.begin(store.inner, Doing.COLLECTING, now=workshop.now)
    collecting.take()
    workshop.release("bench/plugin-0", "1.1.0")
    with pytest.raises(BusyError, match="collecting garbage"):
        workshop.publish(store)
    assert contents(store) == before
    collecting.end()
    assert workshop.publish(store).serial == 2


@pytest.mark.parametrize("breaks_at", range(0, 24, 3))
def test_a_run_that_broke_off_is_finished_by_the_next_without_sending_anything_twice(
    workshop: Workshop, breaks_at: int, tmp_path: Path
) -> None:
    undisturbed = a_store()
    twin = workshop.copy(tmp_path / "twin")
    for one in (workshop, twin):
        one.publish(a_store() if one is workshop else undisturbed)
    store = a_store()
    workshop.publish(store)
    for one in (workshop, twin):
        one.release("bench/plugin-0", "1.1.0")
    twin.publish(undisturbed)

    store.requests.clear()
    store.before = failing_at(breaks_at, writes_only=True)
    with pytest.raises(TransportError):
        workshop.publish(store)
    store.before = lambda _request: None
    first = set(store.writes[:-1])
    store.requests.clear()
    workshop.publish(store)
    again = first & set(store.writes)
    assert again <= {TURN_KEY}
    ours, theirs = contents(store), contents(undisturbed)
    assert ours.keys() - theirs.keys() <= {key for key in ours if key.startswith("v1/metadata/")}
    assert {key for key in theirs if not key.startswith("v1/metadata/") and ours.get(key) != theirs[key]} == set()


def _breaking_at(key: str) -> Callable[[Request], None]:
    def check(request: Request) -> None:
        if request.key == key and request.is_write:
            raise TransportError("the store is gone")

    return check
