"""What a memory says of the keys of a plugin's objects does not keep from being published what the store lacks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memory_store import MemoryStore
from pluginry.publisher.memory import Memory
from workshop import Workshop

if TYPE_CHECKING:
    from pathlib import Path


def test_a_package_that_got_lost_is_published_again_whatever_is_remembered_of_it(tmp_path: Path) -> None:
    workshop, store = Workshop.at(tmp_path / "ours", plugins=3), MemoryStore(location="memory:keys")
    workshop.publish(store)
    memory = Memory.within(workshop.root / "inventories", "plugins")
    memory.keep(
        {name: text.rpartition("\t")[0] + "\t" if "\t" in text else text for name, text in memory.load().items()}
    )
    (package,) = (key for key in store.objects if key.endswith("plugin-2-1.0.0.zip"))
    lost = store.objects.pop(package)
    for file in (workshop.root / "inventories").glob("*.txt"):
        file.unlink()
    workshop.publish(store)
    assert store.objects.get(package) == lost
