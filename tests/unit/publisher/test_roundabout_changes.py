"""Nothing stays as it was published when what it shows changed in a roundabout way."""

from __future__ import annotations

import shutil
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from catalogues import a_picture
from memory_store import MemoryStore
from pluginry.encoding.data_folder import data_folder
from pluginry.publisher.memory import Memory
from workshop import ADVISORY, MANIFEST, Workshop, write

if TYPE_CHECKING:
    from pathlib import Path

    from pluginry.model.published import PublishedObject

FIRST, SECOND = "plugins/bench/plugin-1/listing.yaml", "plugins/bench/plugin-2/listing.yaml"


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    return Workshop.at(tmp_path / "ours", plugins=3)


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore(location="memory:roundabout")


def publish(workshop: Workshop, store: MemoryStore) -> None:
    """Publish, and find in the store what a whole build gives."""
    assert workshop.publish(store).quarantined == ()
    assert workshop.differences(store) == ()


def test_what_was_removed_is_called_by_its_new_name_where_others_need_it(
    workshop: Workshop, store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workshop.MANIFEST", f'{MANIFEST}dependencies: {{bench/plugin-1: ">=1.0"}}\n')
    workshop.release("bench/plugin-2", "1.1.0")
    publish(workshop, store)
    workshop.change(FIRST, "status: active", "status: removed\nreason: It was no good.")
    publish(workshop, store)
    workshop.change(FIRST, "name: Plugin 1", "name: Withdrawn name")
    publish(workshop, store)
    assert b"Withdrawn name" in store.objects["plugins/bench/plugin-2/index.html"]


def test_another_first_language_is_that_of_the_feeds(workshop: Workshop, store: MemoryStore) -> None:
    workshop.change("registry.yaml", "default_channel: stable", "default_channel: stable\nsite: {languages: [en, de]}")
    german = "status: active\nlocales: {de: {name: Erstes Ding, summary: Ein Ding}}"
    workshop.change(FIRST, "status: active", german)
    publish(workshop, store)
    assert "Erstes Ding" not in store.objects["feeds/releases.atom"].decode()
    workshop.change("registry.yaml", "[en, de]", "[de, en]")
    publish(workshop, store)
    assert "Erstes Ding" in store.objects["feeds/releases.atom"].decode()


def test_a_picture_that_could_not_be_drawn_is_shown_as_soon_as_it_can(
    workshop: Workshop, store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(workshop, store)
    (workshop.root / "registry/plugins/bench/plugin-1/icon.png").write_bytes(a_picture(128, 128))

    def full(*_given: object) -> tuple[object, tuple[PublishedObject, ...]]:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("pluginry.publisher.site.pictures_of", full)
        assert [str(item.id) for item in workshop.publish(store).quarantined] == ["bench/plugin-1"]
    icon = b"bench/plugin-1/icon"
    assert icon not in store.objects["all/index.html"]
    publish(workshop, store)
    assert icon in store.objects["all/index.html"]


def test_a_warning_stands_whatever_is_remembered_of_the_plugin(workshop: Workshop, store: MemoryStore) -> None:
    write(workshop.root / "registry/advisories/PLG-2026-0001.yaml", ADVISORY)
    publish(workshop, store)
    for file in (workshop.root / "inventories").glob("*.memory"):
        memory = Memory.within(file.parent, file.stem)
        texts = {name: text.replace("PLG-2026-0001", "PLG-2026-0009") for name, text in memory.load().items()}
        memory.keep(texts)
    workshop.change(SECOND, "A generated", "Another")
    publish(workshop, store)
    for page in ("plugins/bench/plugin-1/index.html", "advisories/PLG-2026-0001/index.html"):
        assert b"It steals everything" in store.objects[page]


@pytest.mark.parametrize("is_forgotten", [False, True])
def test_who_is_slower_publishes_what_the_rival_recorded(
    workshop: Workshop, store: MemoryStore, tmp_path: Path, *, is_forgotten: bool
) -> None:
    publish(workshop, store)
    rival = workshop.copy(tmp_path / "rival")
    rival.now = workshop.now = workshop.now + timedelta(minutes=5)
    rival.release("bench/plugin-1", "1.1.0")
    workshop.change(SECOND, "A generated", "Another")
    if is_forgotten:
        shutil.rmtree(workshop.root / "inventories")
    called = 0

    def keep() -> None:
        """Bring the ledger to safety, where the rival was quicker the first time, and so take over what they wrote."""
        nonlocal called
        called += 1
        if called == 1:
            rival.publish(store)
        shutil.copytree(rival.root / "index/ledger", workshop.root / "index/ledger", dirs_exist_ok=True)

    outcome = workshop.publish(store, keep=keep)
    assert (called, outcome.releases) == (2, 4)
    assert b"1.1.0" in store.objects["plugins/bench/plugin-1/index.html"]
    shutil.copytree(rival.root / "registry", workshop.root / "registry", dirs_exist_ok=True)
    workshop.change(SECOND, "A generated", "Another")
    publish(workshop, store)


def test_who_stands_beside_a_plugin_that_is_warned_of_later_is_shown_with_the_warning(
    workshop: Workshop, store: MemoryStore
) -> None:
    """An operator's template shows the marks of relatives; before there is an advisory, somebody forges a note."""
    shipped = (data_folder("site_templates") / "plugin_parts.html").read_text("utf-8")
    name = '<p class="relative-summary"'
    assert shipped.count(name) == 1
    write(
        workshop.root / "registry/site/templates/plugin_parts.html",
        shipped.replace(name, "{{ m.marks(card) }}" + name),
    )
    workshop.publish(store)
    memory = Memory.within(workshop.root / "inventories", "units")
    page, units = "plugins/bench/plugin-0/index.html", memory.load()
    fingerprint, note, rest = units[page].split("\t", 2)
    assert "bench/plugin-1" in note
    memory.keep({**units, page: f"{fingerprint}\t\t{rest}"})
    write(workshop.root / "registry/advisories/PLG-2026-0001.yaml", ADVISORY)
    workshop.publish(store)
    assert workshop.differences(store) == ()


def test_what_somebody_else_says_of_a_plugin_does_not_stay_when_it_is_our_turn_again(
    workshop: Workshop, store: MemoryStore, tmp_path: Path
) -> None:
    """Their record of it is ours, and only its row of the catalogue is not."""
    publish(workshop, store)
    rival = workshop.copy(tmp_path / "rival")
    rival.change(FIRST, "A generated", "Their")
    rival.publish(store)
    workshop.change(SECOND, "A generated", "Another")
    publish(workshop, store)
