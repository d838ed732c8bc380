"""A client follows the catalogue in few bytes; what anybody does to them on the way costs bytes and nothing else."""

from __future__ import annotations

import bz2
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from catalogue_history import ChangingCatalogue
from pluginry.client.catalogue_steps import catalogue_by_log
from pluginry.encoding import documents
from pluginry.encoding.content_store import ContentStore
from pluginry.errors import TransportError
from pluginry.model import layout
from pluginry.model.catalogue_log import CatalogueBase, CatalogueLog, CatalogueStep
from pluginry.model.digest import BlobRef
from simulated_client import a_client
from simulator import Simulator

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pluginry.client.source import Source
    from pluginry.model.index import TreeRoot


def offered(scene: ChangingCatalogue) -> Callable[[TreeRoot], TreeRoot]:
    """Return a change of a root that names the catalogue of `scene` instead of its own."""
    ours = scene.roots[-1]
    return lambda root: replace(root, catalogue=ours.catalogue, catalogue_log=ours.catalogue_log)


@pytest.fixture
def scene(tmp_path: Path) -> ChangingCatalogue:
    made = ChangingCatalogue(tmp_path / "publisher")
    made.publish()
    return made


@pytest.fixture
def market(scene: ChangingCatalogue) -> Simulator:
    market = Simulator()
    market.release("acme/demo")
    offer(market, scene)
    return market


@pytest.fixture
def source(tmp_path: Path, market: Simulator) -> Source:
    (source,) = a_client(tmp_path / "home", market).sources()
    return source


def offer(market: Simulator, scene: ChangingCatalogue) -> None:
    market.objects.update(scene.store.objects)
    market.publish(change_root=offered(scene))


def read(market: Simulator, source: Source) -> list[str]:
    """Let the client refresh and read the catalogue; return the keys that it fetched for it."""
    source.refresh(now=market.now)
    market.store.requests.clear()
    assert len(source.search_table().lines) == len(source.catalogue().plugins)
    return list(market.store.requests)


def fetched(market: Simulator, keys: list[str]) -> int:
    return sum(len(market.objects[key]) for key in keys)


def test_the_first_catalogue_comes_packed(market: Simulator, source: Source, scene: ChangingCatalogue) -> None:
    keys = read(market, source)
    assert len(keys) == 2
    assert fetched(market, keys) < len(scene.catalogues[-1]) // 8
    assert documents.encode(source.catalogue()) == scene.catalogues[-1]


def test_later_ones_cost_one_small_object(market: Simulator, source: Source, scene: ChangingCatalogue) -> None:
    read(market, source)
    for behind in (1, 10):
        for number in range(behind):
            scene.release(number)
        offer(market, scene)
        keys = read(market, source)
        assert len(keys) == 1
        assert fetched(market, keys) < 3000
        assert documents.encode(source.catalogue()) == scene.catalogues[-1]


def test_what_is_damaged_or_withheld_on_the_way_costs_the_whole(
    market: Simulator, source: Source, scene: ChangingCatalogue
) -> None:
    read(market, source)
    for number, damage in enumerate((b"", b"x", None)):
        log = scene.release(number).catalogue_log
        offer(market, scene)
        assert log is not None
        key = layout.packed_key(log.sha256)
        if damage is None:
            del market.objects[key]
        else:
            market.objects[key] = damage
        assert read(market, source) == [key, layout.node_key(scene.roots[-1].catalogue.sha256)]
        assert documents.encode(source.catalogue()) == scene.catalogues[-1]
        scene.store.objects[key] = b"gone for the publisher too"


def lying_log(scene: ChangingCatalogue, log: CatalogueLog | bytes) -> BlobRef:
    body = log if isinstance(log, bytes) else bz2.compress(documents.encode(log))
    ref = BlobRef.of(body)
    scene.store.objects[layout.packed_key(ref.sha256)] = body
    return ref


@pytest.mark.parametrize("with_kept", [True, False])
def test_a_log_that_lies_is_never_believed(tmp_path: Path, scene: ChangingCatalogue, *, with_kept: bool) -> None:
    before = scene.roots[-1].catalogue
    wanted = scene.release(1).catalogue
    cache = ContentStore(tmp_path / "cache")
    if with_kept:
        cache.add(scene.catalogues[0])

    fetch = scene.store.fetch

    def base(packed: bytes) -> CatalogueBase:
        return CatalogueBase(catalogue=before, packed=lying_log(scene, packed))

    nothing = base(b"nothing")
    bomb = base(bz2.compress(b" " * (64 << 20)))
    lies: list[CatalogueLog | bytes] = [
        b"no log",
        bz2.compress(b" " * (64 << 20)),
        CatalogueLog(base=nothing),
        CatalogueLog(base=bomb, steps=()),
        CatalogueLog(base=replace(bomb, catalogue=replace(before, size=1 << 40))),
        CatalogueLog(base=replace(bomb, packed=replace(bomb.packed, size=1 << 40))),
        CatalogueLog(base=nothing, steps=(CatalogueStep(before=before),)),
        CatalogueLog(base=nothing, steps=(CatalogueStep(before=before, rows=("no row",)),)),
        CatalogueLog(base=nothing, steps=(CatalogueStep(before=before, rows=('{"id":"a/b"}',)),)),
        CatalogueLog(base=nothing, steps=(CatalogueStep(before=before, head="x" * 1000),)),
    ]
    for lie in lies:
        assert catalogue_by_log(wanted, lying_log(scene, lie), cache, fetch=fetch) is None
    real = scene.roots[-1].catalogue_log
    assert real is not None
    assert catalogue_by_log(wanted, real, cache, fetch=fetch) == scene.catalogues[-1]
    assert catalogue_by_log(replace(wanted, size=1 << 40), real, cache, fetch=fetch) is None


def test_without_a_network_nothing_is_guessed(market: Simulator, source: Source, scene: ChangingCatalogue) -> None:
    read(market, source)
    scene.release(1)
    offer(market, scene)
    source.refresh(now=market.now)
    market.store.is_down = True
    with pytest.raises(TransportError):
        source.catalogue()
