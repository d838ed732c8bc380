"""From one publication to the next, through the whole pipeline: clients fetch what changed, and `--check` agrees."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from memory_store import MemoryStore
from pluginry.model import layout
from pluginry.model.names import PluginId
from pluginry.model.versions import Version
from pluginry.publisher.garbage import plan_collection, sweep
from pluginry.publisher.pack import pack
from workshop import RELEASE, Workshop

if TYPE_CHECKING:
    from pathlib import Path

    from pluginry.client.marketplace import Marketplace

ONE = PluginId.parse("bench/plugin-0")
PLUGINS = 260
DATA = random.Random(5).randbytes(60_000)  # noqa: S311 - the same bytes each time


def release_large(workshop: Workshop, version: str) -> None:
    """Release a version of the first plugin that differs from the others in a few bytes of many."""
    workshop.release(str(ONE), version)
    folder = workshop.root / "registry" / "plugins" / str(ONE)
    (folder / "source" / version / "data.bin").write_bytes(DATA[:30_000] + version.encode() + DATA[30_000:])
    packed = pack(folder / "source" / version, platform="any", out=workshop.root / "package.zip")  # type: ignore[arg-type]  # as the workshop does
    (folder / "releases" / f"{version}.yaml").write_text(RELEASE % (version, version, packed.blob.sha256))


def fetched_by(client: Marketplace, store: MemoryStore) -> list[str]:
    """Let a client catch up, search and update; return the keys that it fetched from the second step on."""
    client.refresh()
    store.requests.clear()
    (source,) = client.sources()
    assert len(source.search_table().lines) == PLUGINS
    client.apply(client.plan_update())
    return list(store.requests)


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    return Workshop.at(tmp_path_factory.mktemp("workshop"), plugins=PLUGINS)


def test_clients_follow_publications_in_few_bytes(workshop: Workshop, tmp_path: Path) -> None:
    store = MemoryStore(location="https://market.test")
    release_large(workshop, "2.0.0")
    workshop.publish(store)
    client = workshop.visit(tmp_path / "home", store, str(ONE))
    (source,) = client.sources()
    assert len(source.search_table().lines) == PLUGINS

    workshop.now += timedelta(hours=1)
    release_large(workshop, "2.0.1")
    workshop.publish(store)
    client = workshop.visit(tmp_path / "home", store)
    keys = fetched_by(client, store)
    (source,) = client.sources()
    (release, *_) = source.record(ONE).releases  # type: ignore[union-attr]  # it is there
    (delta,) = release.deltas
    assert layout.delta_key(ONE, Version("2.0.1"), delta.sha256) in keys
    assert not [key for key in keys if key.endswith(".zip")]
    log = source.index().root.catalogue_log
    assert log is not None
    assert layout.packed_key(log.sha256) in keys
    assert layout.node_key(source.index().root.catalogue.sha256) not in keys
    assert sum(len(store.objects[key]) for key in keys) < 10_000
    assert source.saved_bytes > 55_000

    assert workshop.differences(store) == ()
    assert workshop.copy(tmp_path / "other").differences(store) == ()

    planned = plan_collection(store, reader=workshop.repository, now=workshop.now, keep=timedelta(0))
    sweep(planned)
    newcomer = workshop.visit(tmp_path / "newcomer", store, str(ONE))
    assert len(newcomer.sources()[0].catalogue().plugins) == PLUGINS
