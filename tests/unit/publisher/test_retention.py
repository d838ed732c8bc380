from __future__ import annotations

import shutil
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from memory_store import MemoryStore
from pluginry.errors import BusyError, PolicyError
from pluginry.model.digest import BlobRef
from pluginry.model.index import TreeRoot
from pluginry.model.layout import TURN_KEY
from pluginry.model.registry import Limits
from pluginry.publisher.retention import Losses, refusal
from watched_store import WatchedStore
from workshop import Workshop

if TYPE_CHECKING:
    from pathlib import Path


def a_root(plugins: int, releases: int) -> TreeRoot:
    return TreeRoot(
        epoch=1,
        serial=1,
        generated=datetime(2026, 3, 1, tzinfo=UTC),
        plugins=plugins,
        releases=releases,
        catalogue=BlobRef.of(b""),
    )


def names(count: int) -> tuple[str, ...]:
    return tuple(f"bench/plugin-{number}" for number in range(count))


@pytest.mark.parametrize(
    ("plugins", "releases", "lost_plugins", "lost_releases", "is_refused"),
    [
        (100, 500, 0, 0, False),
        (100, 500, 5, 25, False),  # exactly the share
        (100, 500, 6, 6, True),
        (100, 500, 0, 26, True),
        (4, 4, 3, 3, False),  # a large share, but few
        (4, 4, 4, 4, True),
        (10_000, 10_000, 500, 500, False),
        (10_000, 10_000, 501, 501, True),
    ],
)
def test_a_publication_is_refused_when_it_drops_much_by_number_and_by_share(
    plugins: int, releases: int, lost_plugins: int, lost_releases: int, is_refused: bool
) -> None:
    lost = Losses(plugins=names(lost_plugins), releases=names(lost_releases))
    assert (refusal(lost, a_root(plugins, releases), Limits()) is not None) is is_refused


def test_the_refusal_names_what_would_be_lost_and_the_number_that_allows_it() -> None:
    lost = Losses(plugins=names(6), releases=names(40))
    refused = refusal(lost, a_root(100, 500), Limits())
    assert refused is not None
    assert (refused.exit_status, refused.what) == (6, "this publication would drop 6 of 100 plugins")
    assert refused.why.startswith("bench/plugin-0, ")
    assert refused.why.endswith(", ...")
    assert "--allow-shrink 40" in refused.hint
    assert refusal(lost, a_root(100, 500), Limits(), allowed=40) is None
    assert refusal(lost, a_root(100, 500), Limits(), allowed=39) is not None


def test_a_marketplace_may_set_its_own_limits_and_the_first_publication_drops_nothing() -> None:
    lost = Losses(plugins=names(1), releases=names(1))
    assert refusal(lost, a_root(2, 2), Limits(shrink_count=0, shrink_percent=0)) is not None
    assert refusal(lost, None, Limits(shrink_count=0, shrink_percent=0)) is None


@pytest.fixture
def store() -> WatchedStore:
    return WatchedStore(MemoryStore(location="here"))


@pytest.fixture
def workshop(tmp_path: Path, store: WatchedStore) -> Workshop:
    workshop = Workshop.at(tmp_path / "ours", plugins=8)
    workshop.publish(store)
    return workshop


def remove(workshop: Workshop, count: int) -> None:
    for number in range(count):
        listing = f"plugins/bench/plugin-{number}/listing.yaml"
        workshop.change(listing, "status: active", "status: removed\nreason: It is gone.")


def test_removing_many_plugins_at_once_has_to_be_meant(workshop: Workshop, store: WatchedStore) -> None:
    before = dict(store.inner.objects)
    remove(workshop, 4)
    with pytest.raises(PolicyError, match="would drop 4 of 8 plugins") as caught:
        workshop.publish(store)
    assert "bench/plugin-0" in caught.value.why
    assert store.inner.objects == before
    outcome = workshop.publish(store, allow_shrink=4)
    assert (outcome.releases, outcome.report.written > 0) == (4, True)


def test_removing_a_few_is_ordinary(workshop: Workshop, store: WatchedStore) -> None:
    remove(workshop, 3)
    assert workshop.publish(store).releases == 5


def test_the_registry_says_how_many_are_many(workshop: Workshop, store: WatchedStore) -> None:
    workshop.change("registry.yaml", "default_channel", "limits: {shrink_count: 1}\ndefault_channel")
    remove(workshop, 2)
    with pytest.raises(PolicyError, match="would drop 2 of 8 plugins"):
        workshop.publish(store)


def test_new_plugins_do_not_hide_that_others_are_gone(workshop: Workshop, store: WatchedStore) -> None:
    remove(workshop, 4)
    for number in range(10, 20):
        workshop.release(f"bench/plugin-{number}")
    with pytest.raises(PolicyError, match="would drop 4 of 8 plugins"):
        workshop.publish(store)


def test_nobody_publishes_from_an_older_ledger(workshop: Workshop, store: WatchedStore, tmp_path: Path) -> None:
    old = workshop.copy(tmp_path / "old")
    workshop.change("plugins/bench/plugin-0/listing.yaml", "status: active", "status: deprecated\nreason: It is old.")
    workshop.publish(store)
    before = dict(store.inner.objects)
    with pytest.raises(BusyError, match="newer ledger") as caught:
        old.publish(store)
    assert (caught.value.exit_status, caught.value.where) == (9, "bench/plugin-0")
    assert store.inner.objects == before
    shutil.copytree(workshop.root / "index" / "ledger", old.root / "index" / "ledger", dirs_exist_ok=True)
    shutil.copytree(workshop.root / "registry", old.root / "registry", dirs_exist_ok=True)
    old.publish(store)


def test_a_published_index_that_cannot_be_read_does_not_stop_the_publication_that_repairs_it(
    workshop: Workshop, store: WatchedStore, tmp_path: Path
) -> None:
    lost = [key for key in store.inner.objects if key.startswith("v1/t/")]
    for key in (*lost, TURN_KEY):
        del store.inner.objects[key]
    repairing = workshop.copy(tmp_path / "elsewhere")
    repairing.change("plugins/bench/plugin-0/listing.yaml", "A generated plugin", "A plugin")
    repairing.publish(store)
    repairing.visit(tmp_path / "home", store.inner, "bench/plugin-0", "bench/plugin-7")


def test_a_plugin_that_goes_with_all_its_releases_is_one_loss(workshop: Workshop, store: WatchedStore) -> None:
    for minor in range(1, 9):
        workshop.release("bench/plugin-0", f"1.{minor}.0")
    workshop.publish(store)
    remove(workshop, 1)
    assert workshop.publish(store).releases == 7


def test_many_releases_that_go_from_plugins_that_stay_are_noticed(
    workshop: Workshop, store: WatchedStore, tmp_path: Path
) -> None:
    for minor in range(1, 9):
        workshop.release("bench/plugin-0", f"1.{minor}.0")
    workshop.publish(store)
    for key in [key for key in store.inner.objects if key.startswith("v1/packages/bench/plugin-0/1.")]:
        if not key.endswith("-1.0.0.zip"):
            del store.inner.objects[key]
    elsewhere = workshop.copy(tmp_path / "elsewhere")
    for minor in range(1, 9):
        shutil.rmtree(elsewhere.root / "registry" / "plugins" / "bench" / "plugin-0" / "source" / f"1.{minor}.0")
    with pytest.raises(PolicyError, match="would drop 8 of 16 releases"):
        elsewhere.publish(store)
