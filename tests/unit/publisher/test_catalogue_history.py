"""The log of a catalogue: small, complete from wherever a client may stand, and begun anew when it must be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from catalogue_history import ChangingCatalogue
from pluginry.encoding.catalogue_delta import after_steps
from pluginry.encoding.catalogue_pack import unpack_catalogue, unpack_log
from pluginry.model import layout
from pluginry.model.digest import BlobRef
from pluginry.publisher.catalogue_history import history_of, most_log_bytes

if TYPE_CHECKING:
    from pathlib import Path

    from pluginry.model.catalogue_log import CatalogueLog

LARGE = 1 << 24


def log_of(scene: ChangingCatalogue) -> CatalogueLog:
    ref = scene.roots[-1].catalogue_log
    assert ref is not None
    return unpack_log(scene.store.objects[layout.packed_key(ref.sha256)], max_bytes=LARGE)


def from_base(scene: ChangingCatalogue) -> bytes:
    log = log_of(scene)
    body = unpack_catalogue(scene.store.objects[layout.packed_key(log.base.packed.sha256)], max_bytes=LARGE)
    assert BlobRef.of(body) == log.base.catalogue
    return after_steps(body, log.since(log.base.catalogue) or ())


def test_a_small_catalogue_has_no_log(tmp_path: Path) -> None:
    scene = ChangingCatalogue(tmp_path)
    scene.rows = {0: scene.rows[0]}
    assert scene.publish().catalogue_log is None


def test_ten_releases_later_one_small_object_leads_from_every_state(tmp_path: Path) -> None:
    scene = ChangingCatalogue(tmp_path)
    scene.publish()
    for number in range(10):
        root = scene.release(number)
    assert root.catalogue_log is not None
    assert root.catalogue_log.size < 3000
    for body in scene.catalogues[:-1]:
        assert after_steps(body, log_of(scene).since(BlobRef.of(body)) or ()) == scene.catalogues[-1]
    assert from_base(scene) == scene.catalogues[-1]


def test_however_long_it_goes_on_the_log_stays_small_and_complete(tmp_path: Path) -> None:
    scene = ChangingCatalogue(tmp_path)
    scene.publish()
    bases = set()
    for number in range(120):
        if number % 17 == 0:
            del scene.rows[number]
        root = scene.release(number * 3 % 500, 499 - number)
        assert root.catalogue_log is not None
        assert root.catalogue_log.size <= most_log_bytes(len(scene.catalogues[-1]))
        assert from_base(scene) == scene.catalogues[-1]
        assert log_of(scene).steps[0].before == BlobRef.of(scene.catalogues[-2])
        bases.add(log_of(scene).base)
    assert 1 < len(bases) < 20


def test_nothing_changes_when_the_catalogue_does_not(tmp_path: Path) -> None:
    scene = ChangingCatalogue(tmp_path)
    scene.publish()
    before = scene.release(7)
    there = set(scene.store.objects)
    assert scene.publish().catalogue_log == before.catalogue_log
    assert set(scene.store.objects) == there


def test_a_publication_that_changes_nearly_everything_begins_a_new_log(tmp_path: Path) -> None:
    scene = ChangingCatalogue(tmp_path)
    scene.publish()
    scene.release(*range(500))
    assert log_of(scene).steps == ()
    assert from_base(scene) == scene.catalogues[-1]


def test_a_large_batch_still_leads_from_the_catalogue_before(tmp_path: Path) -> None:
    scene = ChangingCatalogue(tmp_path)
    scene.publish()
    scene.release(1)
    scene.release(*range(0, 500, 4))
    step = log_of(scene).steps[0]
    assert after_steps(scene.catalogues[-2], (step,)) == scene.catalogues[-1]


def test_a_lost_or_damaged_log_or_catalogue_begins_a_new_log(tmp_path: Path) -> None:
    for number, lost in enumerate(("log", "base", "catalogue", "damaged")):
        scene = ChangingCatalogue(tmp_path / str(number))
        scene.publish()
        root = scene.release(3)
        assert root.catalogue_log is not None
        log, base = root.catalogue_log, log_of(scene).base.packed
        keys = {
            "log": layout.packed_key(log.sha256),
            "base": layout.packed_key(base.sha256),
            "catalogue": layout.node_key(root.catalogue.sha256),
        }
        if lost == "damaged":
            scene.store.objects[keys["log"]] = b"x" * log.size
        else:
            del scene.store.objects[keys[lost]]
        scene.release(4)
        assert (log_of(scene).steps == ()) is (lost != "base"), "of the base a publisher keeps a copy"
        assert from_base(scene) == scene.catalogues[-1]


def test_the_same_history_gives_the_same_bytes(tmp_path: Path) -> None:
    scenes = [ChangingCatalogue(tmp_path / name) for name in ("a", "b")]
    for scene in scenes:
        scene.publish()
        scene.release(5)
    assert scenes[0].store.objects == scenes[1].store.objects
    again = history_of(scenes[0].catalogues[-1], previous=scenes[0].roots[0], access=scenes[0].access)
    assert again is not None
    assert again.log == scenes[0].roots[-1].catalogue_log
