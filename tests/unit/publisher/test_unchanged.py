"""A publication of what was published already looks at nothing, and one that may differ in anything looks at all."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from memory_store import MemoryStore
from pluginry.model.layout import INDEX_ROOT_TARGET, TIMESTAMP_KEY
from pluginry.publisher import unchanged
from pluginry.publisher.unchanged import SettledFile, input_digest
from workshop import Workshop

if TYPE_CHECKING:
    from pathlib import Path

GIVEN = "the first input"


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    return Workshop.at(tmp_path, plugins=2)


@pytest.fixture
def store(workshop: Workshop) -> MemoryStore:
    """Return what was published of the first input."""
    store = MemoryStore(location="memory:unchanged")
    assert not workshop.publish(store, made_of=GIVEN).is_unchanged
    return store


def settled_file(workshop: Workshop) -> Path:
    (found,) = (workshop.root / "inventories").glob("*.settled")
    return found


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


@pytest.mark.parametrize("damage", [b"", b"\xff\xfe", b"pluginry-settled-1 the first input\n", b"x\n", b"\n\n"])
def test_a_damaged_memory_costs_a_whole_run_and_nothing_else(
    workshop: Workshop, store: MemoryStore, damage: bytes
) -> None:
    settled_file(workshop).write_bytes(damage)
    assert not workshop.publish(store, made_of=GIVEN).is_unchanged
    assert workshop.publish(store, made_of=GIVEN).is_unchanged


def test_a_run_that_breaks_off_leaves_no_memory(workshop: Workshop, store: MemoryStore) -> None:
    (workshop.root / "registry" / "registry.yaml").unlink()
    with pytest.raises(Exception, match="findings that block"):
        workshop.publish(store, made_of="a broken input")
    assert not [*(workshop.root / "inventories").glob("*.settled")]


def test_where_something_is_in_quarantine_the_next_run_tries_again(workshop: Workshop, store: MemoryStore) -> None:
    workshop.release("bench/plugin-1", "1.1.0")
    workshop.change("plugins/bench/plugin-1/releases/1.1.0.yaml", "sha256: ", "sha256: 00")
    for _ in range(2):
        outcome = workshop.publish(store, made_of="an input with a fault")
        assert outcome.quarantined
        assert not outcome.is_unchanged


def test_without_a_folder_nothing_is_remembered(workshop: Workshop, store: MemoryStore) -> None:
    nowhere = SettledFile.within(None, store)
    nowhere.keep(GIVEN, {INDEX_ROOT_TARGET: b"{}"})
    nowhere.forget()
    assert nowhere.current(GIVEN, workshop.repository, store) is None
    assert not nowhere.is_about(GIVEN)


def test_the_name_of_an_input_depends_on_trees_and_on_every_file_of_the_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = input_digest(("a", "b"))
    assert first == input_digest(("a", "b"))
    assert len({first, input_digest(("a", "c")), input_digest(("ab",)), input_digest(("b", "a"))}) == 4
    monkeypatch.setattr(unchanged, "_PROGRAM", tmp_path)
    names = [input_digest(("a", "b"))]
    for content in ("one", "two"):
        (tmp_path / "module.py").write_text(content)
        names.append(input_digest(("a", "b")))
    assert len({first, *names}) == 4
