"""No warning is missing on a page because of what a memory says that was written before anybody knew of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memory_store import MemoryStore
from pluginry.encoding.data_folder import data_folder
from pluginry.publisher.memory import Memory
from workshop import Workshop, write

if TYPE_CHECKING:
    from pathlib import Path

PAGE = "plugins/bench/plugin-0/index.html"
ADVISORY = """\
schema_version: "1.7.0"
id: PLG-2026-0001
published: 2026-02-01T00:00:00Z
modified: 2026-02-02T00:00:00Z
summary: It steals everything
affected:
  - package: {ecosystem: Pluginry, name: bench/plugin-1}
    ranges: [{type: SEMVER, events: [{introduced: "0"}]}]
database_specific: {action: disable, reason: malware}
"""


def test_who_stands_beside_a_plugin_that_is_warned_of_later_is_shown_with_the_warning(tmp_path: Path) -> None:
    """An operator's template shows the marks of relatives; before there is an advisory, somebody forges a note."""
    workshop, store = Workshop.at(tmp_path / "ours", plugins=3), MemoryStore(location="memory:notes")
    shipped = (data_folder("site_templates") / "plugin_parts.html").read_text("utf-8")
    name = '<p class="relative-summary"'
    assert shipped.count(name) == 1
    write(
        workshop.root / "registry/site/templates/plugin_parts.html",
        shipped.replace(name, "{{ m.marks(card) }}" + name),
    )
    workshop.publish(store)
    memory = Memory.within(workshop.root / "inventories", "units")
    units = memory.load()
    fingerprint, note, rest = units[PAGE].split("\t", 2)
    assert "bench/plugin-1" in note
    memory.keep({**units, PAGE: f"{fingerprint}\t\t{rest}"})
    write(workshop.root / "registry/advisories/PLG-2026-0001.yaml", ADVISORY)
    workshop.publish(store)
    assert workshop.differences(store) == ()
