"""A glance says of a plugin what its listing and its record say, whether it was made now or remembered."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from busy_catalogue import busy_input
from memory_store import MemoryStore
from pluginry.model.names import Name, PluginId
from pluginry.model.status import Status
from pluginry.publisher.glance import Glance
from pluginry.publisher.memory import Memory
from workshop import Workshop

if TYPE_CHECKING:
    from pathlib import Path

DEMO = Glance(
    made_of="a" * 64,
    listed="b" * 64,
    name="Démo\tof\n\x00 things",
    status=Status.ACTIVE,
    is_removed=False,
    is_translated=True,
    is_pictured=False,
    hosts=(Name("mail"),),
    categories=("tools",),
    tags=("one", "two"),
    related=(),
    names=(PluginId.parse("acme/cache"), PluginId.parse("acme/spam")),
    needs=(PluginId.parse("acme/cache"),),
    releases=2,
    first_published=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
    last_published=datetime(2026, 2, 3, tzinfo=UTC),
    is_offered=True,
    asks_for_nothing=False,
    price="paid",
    packages=(("c" * 64, 10), ("d" * 64, 20)),
)


@pytest.mark.parametrize("glance", [DEMO, replace(DEMO, first_published=None, last_published=None, packages=())])
def test_what_is_written_down_is_read_again_on_one_line(glance: Glance) -> None:
    assert Glance.read([str(glance), str(DEMO)]) == [glance, DEMO]
    assert [*map(str, Glance.read([str(glance)]))] == [str(glance)]
    assert not {"\n", "\t"} & {*str(glance)}


@pytest.mark.parametrize(
    "change",
    [
        {"status": "unheard-of"},
        {"hosts": ["No Name"]},
        {"hosts": None},
        {"names": ["acme"]},
        {"needs": [1]},
        {"first_published": "yesterday"},
        {"packages": [["c"]]},
        {"releases": "many"},
    ],
)
def test_what_is_damaged_is_not_read(change: dict[str, object]) -> None:
    names = [one.name for one in fields(Glance) if one.init]
    plain = dict(zip(names, json.loads(str(DEMO)), strict=True))
    damaged = json.dumps([*{**plain, **change}.values()])
    assert Glance.read([json.dumps([*plain.values()])]) == [DEMO]
    assert Glance.read([damaged]) == [None]
    assert Glance.read([str(DEMO), damaged]) == [None, None]


@pytest.mark.parametrize("text", ["", "{", "[]", "1", "null", "{}", str(DEMO)[:-1] + ",1]", f"{DEMO},{DEMO}"])
def test_what_is_no_glance_is_not_read(text: str) -> None:
    assert Glance.read([text]) == [None]


def test_it_says_what_listing_and_record_say() -> None:
    given = busy_input()
    config = given.registry.config
    glances = {
        plugin: Glance.of(
            given.registry.plugins[plugin], record, given.summaries[plugin], default=config.default_channel
        )
        for plugin, record in given.records.items()
    }
    for plugin, glance in glances.items():
        record, listing = given.records[plugin], given.registry.plugins[plugin].listing
        newest = record.newest(config.default_channel)
        assert (glance.name, glance.tags, glance.related) == (listing.name, listing.tags, listing.related)
        assert glance.is_offered == (newest is not None)
        assert set(glance.needs) == (set(newest.dependencies) if newest else set())
        assert set(glance.needs) <= set(glance.names)
        assert glance.releases == len(record.releases)
        assert Glance.read([str(glance)]) == [glance]
    for of_some in ("is_pictured", "asks_for_nothing", "needs", "names", "related"):
        assert len({bool(getattr(one, of_some)) for one in glances.values()}) == 2, of_some


def test_who_speaks_another_language_is_looked_at_in_each() -> None:
    given = busy_input()
    plugin, record = next(iter(given.records.items()))
    entry = given.registry.plugins[plugin]
    default = given.registry.config.default_channel
    for listing, is_translated in ((entry.listing, False), (replace(entry.listing, language="de"), True)):
        other = replace(entry, listing=listing)
        glance = Glance.of(other, record, given.summaries[plugin], default=default)
        assert glance.is_translated is is_translated


def test_a_remembered_one_counts_while_the_plugin_is_made_of_the_same(tmp_path: Path) -> None:
    workshop, store = Workshop.at(tmp_path, plugins=2), MemoryStore(location="memory:glances")
    workshop.publish(store)
    memory = Memory.within(tmp_path / "inventories", "glances")
    first = memory.load()
    assert first.keys() == {"bench/plugin-0", "bench/plugin-1"}
    workshop.release("bench/plugin-1", "1.1.0")
    workshop.publish(store)
    second = memory.load()
    assert second["bench/plugin-0"] == first["bench/plugin-0"]
    before, now = Glance.read([texts["bench/plugin-1"] for texts in (first, second)])
    assert before is not None
    assert now is not None
    assert (before.releases, now.releases) == (1, 2)
    assert (before.made_of, before.listed) != (now.made_of, now.listed)
    assert before.stands == now.stands
    for text in ("", "{}", second["bench/plugin-0"], first["bench/plugin-1"]):
        memory.keep({**second, "bench/plugin-1": text})
        workshop.change("plugins/bench/plugin-0/listing.yaml", "A generated", "A generated and changed")
        workshop.publish(store)
        assert memory.load()["bench/plugin-1"] == second["bench/plugin-1"]
        assert workshop.differences(store) == ()
