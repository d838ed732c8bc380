"""Whatever a glance says that was remembered, nobody falls over it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from memory_store import MemoryStore
from pluginry.publisher.glance import _FIELDS, Glance
from pluginry.publisher.memory import Memory
from workshop import Workshop

if TYPE_CHECKING:
    from pathlib import Path


def publish_after(tmp_path: Path, field: str, value: Any) -> None:
    """Publish, say something else of a plugin in the memory, and publish a change of another plugin."""
    workshop, store = Workshop.at(tmp_path / "ours", plugins=3), MemoryStore(location="memory:hostile")
    workshop.publish(store)
    memory = Memory.within(workshop.root / "inventories", "glances")
    texts = memory.load()
    plain = json.loads(texts["bench/plugin-1"])
    plain[_FIELDS.index(field)] = value
    memory.keep({**texts, "bench/plugin-1": json.dumps(plain)})
    workshop.change("plugins/bench/plugin-2/listing.yaml", "A generated", "Another")
    workshop.publish(store)


@pytest.mark.parametrize("field", ["made_of", "listed", "stands"])
@pytest.mark.parametrize("value", [7, None, ["x"], {"x": 1}, True])
def test_names_of_another_kind_cost_only_work(tmp_path: Path, field: str, value: Any) -> None:
    publish_after(tmp_path, field, value)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("listed", "x\ty\tz"),
        ("listed", "x\ny"),
        ("name", "\ud800"),
        ("name", "\n"),
        ("releases", float("inf")),
        ("tags", [7]),
        ("tags", [["x"]]),
        ("tags", [{"x": 1}]),
        ("categories", [7]),
        ("categories", [["x"]]),
        ("price", [1]),
        ("packages", [[["x"], 1]]),
        ("packages", [["x", float("inf")]]),
        ("first_published", "2026-01-01"),
        ("last_published", "2026-01-01"),
        ("first_published", "0001-01-01T00:00:00+00:00"),
        ("hosts", ["nowhere"]),
        ("needs", ["a/b"]),
        ("names", ["a/b"]),
        ("related", ["a/b"]),
        ("releases", -5),
        ("is_pictured", True),
        ("is_translated", True),
    ],
)
def test_what_no_plugin_says_costs_only_work(tmp_path: Path, field: str, value: Any) -> None:
    publish_after(tmp_path, field, value)


def test_a_text_that_is_too_deep_is_not_of_this_form() -> None:
    assert Glance.read(["[" * 200_000]) == [None]
