"""A publication of what was published already looks at nothing, and one that may differ in anything looks at all."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from memory_store import MemoryStore
from pluginry.adapters.tuf_roles import ROOT_LIFE
from pluginry.errors import AuthError, PublishConflictError, TamperedError
from pluginry.model.layout import INDEX_ROOT_TARGET, TIMESTAMP_KEY
from pluginry.model.published import SETTLED_FIELD
from pluginry.publisher import memory
from pluginry.publisher.settled import Settled
from settled_market import GIVEN, published, settled_file, standing
from watched_store import WatchedStore
from workshop import START, Workshop

if TYPE_CHECKING:
    from pathlib import Path

    from pluginry.publisher.outcome import Outcome
    from watched_store import Request


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    return Workshop.at(tmp_path, plugins=2)


@pytest.fixture
def store(workshop: Workshop) -> MemoryStore:
    return published(workshop)


def test_the_same_input_is_not_looked_at_again_and_nothing_is_written(workshop: Workshop, store: MemoryStore) -> None:
    (workshop.root / "registry" / "registry.yaml").unlink()  # whoever reads this now, fails
    before = dict(store.objects)
    outcome = workshop.publish(store, made_of=GIVEN)
    assert outcome.is_unchanged
    assert (outcome.plugins, outcome.releases, outcome.serial) == (2, 2, 1)
    assert outcome.report.written == 0
    assert store.objects == before


def test_metadata_is_kept_fresh_all_the_same(workshop: Workshop, store: MemoryStore) -> None:
    for passed, written in ((timedelta(hours=7), {TIMESTAMP_KEY}), (timedelta(days=60), None)):
        workshop.now += passed
        before = dict(store.objects)
        outcome = workshop.publish(store, made_of=GIVEN)
        assert outcome.is_unchanged
        changed = {key for key, body in store.objects.items() if before.get(key) != body}
        assert changed == written if written else {TIMESTAMP_KEY} < changed
        assert json.loads(store.objects[TIMESTAMP_KEY])["signed"]["expires"] > f"{workshop.now:%Y-%m-%dT%H}"


def test_after_fresh_metadata_a_new_release_is_published_as_ever(workshop: Workshop, store: MemoryStore) -> None:
    workshop.now += timedelta(days=60)
    workshop.publish(store, made_of=GIVEN)
    workshop.release("bench/plugin-1", "1.1.0")
    outcome = workshop.publish(store, made_of="the second input")
    assert not outcome.is_unchanged
    assert outcome.built == ("bench/plugin-1 1.1.0",)
    assert workshop.differences(store) == ()


@pytest.mark.parametrize("given", ["another input", None])
def test_another_input_or_one_without_a_name_is_looked_at(
    workshop: Workshop, store: MemoryStore, given: str | None
) -> None:
    assert not workshop.publish(store, made_of=given).is_unchanged


def test_what_somebody_else_published_meanwhile_is_noticed(
    workshop: Workshop, store: MemoryStore, tmp_path: Path
) -> None:
    rival = workshop.copy(tmp_path / "rival")
    rival.release("bench/plugin-7")
    rival.publish(store)
    assert not workshop.publish(store, made_of=GIVEN).is_unchanged


def test_an_empty_store_is_filled_whatever_is_remembered(workshop: Workshop, store: MemoryStore) -> None:
    before = set(store.objects)
    store.objects.clear()
    assert not workshop.publish(store, made_of=GIVEN).is_unchanged
    assert set(store.objects) == before


@pytest.mark.parametrize("damage", [b"", b"\xff\xfe", b"pluginry-memory-2 the first input\n", b"x\n", b"\n\n"])
def test_a_damaged_memory_costs_a_whole_run_and_nothing_else(
    workshop: Workshop, store: MemoryStore, damage: bytes
) -> None:
    settled_file(workshop).write_bytes(damage)
    assert standing(workshop, store) is None
    assert not workshop.publish(store, made_of=GIVEN).is_unchanged
    assert workshop.publish(store, made_of=GIVEN).is_unchanged


def test_a_run_that_breaks_off_leaves_no_memory(workshop: Workshop, store: MemoryStore) -> None:
    (workshop.root / "registry" / "registry.yaml").unlink()
    with pytest.raises(Exception, match="findings that block"):
        workshop.publish(store, made_of="a broken input")
    assert not [*(workshop.root / "inventories").glob("settled-*")]


def test_where_something_is_in_quarantine_the_next_run_tries_again(workshop: Workshop, store: MemoryStore) -> None:
    workshop.release("bench/plugin-1", "1.1.0")
    workshop.change("plugins/bench/plugin-1/releases/1.1.0.yaml", "sha256: ", "sha256: 00")
    for _ in range(2):
        outcome = workshop.publish(store, made_of="an input with a fault")
        assert outcome.quarantined
        assert not outcome.is_unchanged


def test_without_a_folder_nothing_is_remembered(workshop: Workshop, store: MemoryStore) -> None:
    state = workshop.repository.sign({}, store=store, now=workshop.now)
    nowhere = Settled.within(None, store)
    nowhere.keep(GIVEN, state, workshop.publish(store))
    nowhere.forget()
    assert nowhere.current(GIVEN, workshop.repository, store) is None
    assert nowhere.standing(GIVEN, store, now=workshop.now) is None
    assert not nowhere.is_about(GIVEN)


def test_what_stands_as_it_was_left_is_known_from_one_object(workshop: Workshop, store: MemoryStore) -> None:
    watched = WatchedStore(store)
    known = standing(workshop, watched)
    assert [(one.operation, one.key) for one in watched.requests] == [("read", TIMESTAMP_KEY)]
    looked = workshop.publish(store, made_of=GIVEN)
    assert known is not None
    for name in (
        "built",
        "quarantined",
        "serial",
        "plugins",
        "releases",
        "is_index_signed",
        "is_unchanged",
        "held_back",
    ):
        assert getattr(known, name) == getattr(looked, name), name
    assert known.report.written == looked.report.written == 0


@pytest.mark.parametrize("given", ["another input", "", None])
def test_nothing_is_known_of_another_input(workshop: Workshop, store: MemoryStore, given: str | None) -> None:
    watched = WatchedStore(store)
    assert standing(workshop, watched, given) is None
    assert watched.requests == []


@pytest.mark.parametrize("hours", [-24 * 365 * 50, -24, 0, 1, 5.9, 6, 7, 24 * 15, 24 * 45, 24 * 364])
def test_what_is_known_at_once_is_what_a_look_would_find(workshop: Workshop, store: MemoryStore, hours: float) -> None:
    """Also by a clock that went back, or far ahead."""
    workshop.now += timedelta(hours=hours)
    known, before = standing(workshop, store), dict(store.objects)
    outcome = workshop.publish(store, made_of=GIVEN)
    assert outcome.is_unchanged
    assert (known is not None) == (store.objects == before) == (hours < 6)
    assert standing(workshop, store) is not None, "and what was signed anew is remembered"


def test_nothing_stands_longer_than_what_people_signed(workshop: Workshop, store: MemoryStore) -> None:
    workshop.now = START + ROOT_LIFE - timedelta(hours=1)
    workshop.publish(store, made_of=GIVEN)
    workshop.now += timedelta(minutes=59)
    assert standing(workshop, store) is not None
    workshop.now += timedelta(minutes=1)
    assert standing(workshop, store) is None
    with pytest.raises(AuthError, match="root of trust has expired"):
        workshop.publish(store, made_of=GIVEN)


def test_a_store_that_was_put_back_is_looked_at(workshop: Workshop, store: MemoryStore) -> None:
    before = store.objects[TIMESTAMP_KEY]
    workshop.now += timedelta(hours=7)
    workshop.publish(store, made_of=GIVEN)
    store.objects[TIMESTAMP_KEY] = before
    assert standing(workshop, store) is None
    workshop.publish(store, made_of=GIVEN)
    assert store.objects[TIMESTAMP_KEY] != before
    assert standing(workshop, store) is not None


def test_a_store_that_was_put_back_to_another_index_is_published_to(workshop: Workshop, store: MemoryStore) -> None:
    before = store.objects[TIMESTAMP_KEY]
    workshop.release("bench/plugin-1", "1.1.0")
    workshop.publish(store, made_of="the second input")
    store.objects[TIMESTAMP_KEY] = before
    assert standing(workshop, store, "the second input") is None
    assert not workshop.publish(store, made_of="the second input").is_unchanged
    assert workshop.differences(store) == ()


def test_what_another_publisher_left_is_looked_at(workshop: Workshop, store: MemoryStore, tmp_path: Path) -> None:
    rival = workshop.copy(tmp_path / "rival")
    rival.now += timedelta(hours=1)
    rival.release("bench/plugin-7")
    rival.publish(store)
    assert standing(workshop, store) is None


def test_a_timestamp_from_a_schedule_is_looked_at_once(workshop: Workshop, store: MemoryStore) -> None:
    fresh = workshop.repository.refresh(store, now=workshop.now + timedelta(minutes=1))
    assert isinstance(fresh.body, bytes)
    store.objects[TIMESTAMP_KEY] = fresh.body
    assert standing(workshop, store) is None
    assert workshop.publish(store, made_of=GIVEN).report.written == 0
    assert standing(workshop, store) is not None


@pytest.mark.parametrize("damage", [b"", b"{}", None])
def test_a_timestamp_that_nobody_signed_is_refused(
    workshop: Workshop, store: MemoryStore, damage: bytes | None
) -> None:
    body = store.objects[TIMESTAMP_KEY]
    store.objects[TIMESTAMP_KEY] = body.replace(b'"version":1', b'"version":9') if damage is None else damage
    assert standing(workshop, store) is None
    with pytest.raises(TamperedError):
        workshop.publish(store, made_of=GIVEN)


def test_an_empty_store_does_not_stand(workshop: Workshop, store: MemoryStore) -> None:
    store.objects.clear()
    assert standing(workshop, store) is None


def test_what_is_remembered_of_one_store_is_not_believed_of_another(workshop: Workshop, store: MemoryStore) -> None:
    other = MemoryStore(location="memory:another", objects=dict(store.objects))
    assert standing(workshop, other) is None


def test_a_publication_that_was_put_back_is_not_settled(workshop: Workshop, store: MemoryStore) -> None:
    before = store.objects[TIMESTAMP_KEY]
    workshop.release("bench/plugin-1", "1.1.0")
    workshop.publish(store, made_of="the second input")
    back = workshop.repository.put_back(before, store, now=workshop.now)
    assert isinstance(back.body, bytes)
    assert SETTLED_FIELD.encode() not in back.body


def test_another_installation_believes_nothing(
    workshop: Workshop, store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "installation_digest", lambda: "another")
    assert standing(workshop, store) is None


def test_what_was_not_confirmed_does_not_stand(workshop: Workshop, store: MemoryStore) -> None:
    for given, passed in ((GIVEN, timedelta(hours=7)), ("the second input", timedelta(0))):
        workshop.now += passed
        workshop.publish(store, made_of=given, confirm=lambda _outcome: False)
        assert standing(workshop, store, given) is None
        workshop.publish(store, made_of=given)


def test_fresh_metadata_that_was_not_confirmed_before_a_kill_is_confirmed_by_the_next_run(
    workshop: Workshop, store: MemoryStore
) -> None:
    def killed(_outcome: Outcome) -> bool:
        raise KeyboardInterrupt

    workshop.now += timedelta(hours=7)
    with pytest.raises(KeyboardInterrupt):
        workshop.publish(store, made_of=GIVEN, confirm=killed)
    seen: list[bool] = []
    workshop.publish(store, made_of=GIVEN, confirm=lambda outcome: seen.append(outcome.is_unchanged) or True)
    assert seen == [False]  # not taken for one that wrote nothing, which needs no reading back
    assert standing(workshop, store) is not None


def test_whether_any_store_was_left_so_is_known_without_opening_one(workshop: Workshop) -> None:
    folder = workshop.root / "inventories"
    workshop.publish(MemoryStore(location="memory:unchanged"), made_of=GIVEN)
    workshop.publish(MemoryStore(location="memory:another"), made_of="the second input")
    assert Settled.is_anywhere(folder, GIVEN)
    assert Settled.is_anywhere(folder, "the second input")
    assert not Settled.is_anywhere(folder, "another input")
    assert not Settled.is_anywhere(folder, None)
    assert not Settled.is_anywhere(folder / "nowhere", GIVEN)


@pytest.mark.parametrize("moment", range(12))
def test_who_keeps_metadata_fresh_never_puts_back_what_another_published_meanwhile(
    workshop: Workshop, store: MemoryStore, tmp_path: Path, moment: int
) -> None:
    rival = workshop.copy(tmp_path / "rival")
    rival.release("bench/plugin-7")
    workshop.now = rival.now = workshop.now + timedelta(hours=7)

    def at_the_moment(request: Request) -> None:
        if request.number == moment:
            rival.publish(store)

    with suppress(PublishConflictError):
        workshop.publish(WatchedStore(store, before=at_the_moment), made_of=GIVEN)
    current = json.loads(rival.repository.current_target(INDEX_ROOT_TARGET, store) or b"{}")
    assert (current["serial"], current["plugins"]) in ((2, 3), (3, 2)), "theirs, or a whole publication after it"
