"""What is remembered of a finished publication saves time, whoever wrote it: it decides nothing alone."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from pluginry.model.digest import Digest
from pluginry.model.layout import INDEX_ADVISORIES_TARGET, TIMESTAMP_KEY
from pluginry.model.published import SETTLED_FIELD
from pluginry.publisher.settled import Settled
from settled_market import GIVEN, published, settled_file, standing
from workshop import ADVISORY, Workshop, write

if TYPE_CHECKING:
    from pathlib import Path

    from memory_store import MemoryStore


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    return Workshop.at(tmp_path, plugins=2)


@pytest.fixture
def store(workshop: Workshop) -> MemoryStore:
    return published(workshop)


def test_no_byte_of_the_memory_can_be_another_one(workshop: Workshop, store: MemoryStore) -> None:
    file = settled_file(workshop)
    whole = file.read_bytes()
    for at in range(len(whole)):
        file.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        assert standing(workshop, store) is None, at
        file.write_bytes(whole[:at])
        assert standing(workshop, store) is None, at
    file.write_bytes(whole)
    assert standing(workshop, store) is not None


@pytest.mark.parametrize("name", ["timestamp", "serial", "plugins", "releases", "index"])
@pytest.mark.parametrize("instead", [None, "", "2026-03-01T12:00:00", "9" * 9999])
def test_a_memory_that_makes_no_sense_costs_a_look(
    workshop: Workshop, store: MemoryStore, name: str, instead: str | None
) -> None:
    kept = Settled.within(workshop.root / "inventories", store).memory
    facts = {**kept.load(), name: instead}
    kept.keep({key: value for key, value in facts.items() if value is not None})
    assert standing(workshop, store) is None or (name == "index" and instead is not None)
    assert workshop.publish(store, made_of=GIVEN).is_unchanged


def forged(workshop: Workshop, store: MemoryStore, made_of: str) -> None:
    """Write what whoever can write to the cache of a build machine would, to hold back what is `made_of` this."""
    kept = Settled.within(workshop.root / "inventories", store).memory
    timestamp = Digest.of(store.objects[TIMESTAMP_KEY]).hex
    kept.keep(kept.load() | {"made of": made_of, "timestamp": timestamp, "due at": "9999-12-31T23:59:59+00:00"})


def test_a_forged_memory_holds_back_no_release_and_no_revocation(workshop: Workshop, store: MemoryStore) -> None:
    workshop.release("bench/plugin-0", "1.1.0")
    write(workshop.root / "registry/advisories/PLG-2026-0001.yaml", ADVISORY)
    forged(workshop, store, "the second input")
    assert standing(workshop, store, "the second input") is None
    outcome = workshop.publish(store, made_of="the second input")
    assert outcome.built == ("bench/plugin-0 1.1.0",)
    assert b"PLG-2026-0001" in (workshop.repository.current_target(INDEX_ADVISORIES_TARGET, store) or b"")
    assert workshop.differences(store) == ()


@pytest.mark.parametrize("passed", [timedelta(hours=6), timedelta(days=60)])
def test_a_forged_memory_holds_back_no_renewal(workshop: Workshop, store: MemoryStore, passed: timedelta) -> None:
    forged(workshop, store, GIVEN)
    workshop.now += passed
    assert standing(workshop, store) is None
    before = store.objects[TIMESTAMP_KEY]
    workshop.publish(store, made_of=GIVEN)
    assert store.objects[TIMESTAMP_KEY] != before


def test_a_forged_memory_takes_no_target_away(workshop: Workshop, store: MemoryStore) -> None:
    kept = Settled.within(workshop.root / "inventories", store).memory
    kept.keep({name: text for name, text in kept.load().items() if INDEX_ADVISORIES_TARGET not in name})
    before = workshop.repository.current_targets(store)
    assert INDEX_ADVISORIES_TARGET in before
    workshop.now += timedelta(hours=7)
    workshop.publish(store, made_of=GIVEN)
    assert workshop.repository.current_targets(store) == before


def test_what_waits_for_another_run_is_not_called_settled_in_public(workshop: Workshop, store: MemoryStore) -> None:
    workshop.release("bench/plugin-1", "1.1.0")
    workshop.change("plugins/bench/plugin-1/releases/1.1.0.yaml", "sha256: ", "sha256: 00")
    workshop.publish(store, made_of="an input with a fault")
    forged(workshop, store, "an input with a fault")
    assert standing(workshop, store, "an input with a fault") is None
    assert not workshop.publish(store, made_of="an input with a fault").is_unchanged


@pytest.mark.parametrize(
    "instead",
    [
        None,
        "x",
        {},
        {"made_of": GIVEN},
        {"made_of": GIVEN, "due_at": 7},
        {"made_of": GIVEN, "due_at": "soon"},
        {"made_of": GIVEN, "due_at": "9999-12-31"},
    ],
)
def test_a_timestamp_that_says_nothing_of_its_input_costs_a_look(
    workshop: Workshop, store: MemoryStore, instead: object
) -> None:
    says = json.loads(store.objects[TIMESTAMP_KEY])
    says["signed"][SETTLED_FIELD] = instead
    store.objects[TIMESTAMP_KEY] = json.dumps(says).encode()
    forged(workshop, store, GIVEN)
    assert standing(workshop, store) is None
