"""The marketplace is down, and its mirror gives what an attacker wants."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from tuf.api.metadata import Metadata, Timestamp

from memory_store import MemoryStore
from pluginry.client.marketplace import Marketplace
from pluginry.client.plugin_home import PluginHome
from pluginry.encoding import documents, tree
from pluginry.errors import PluginryError, TrustError
from pluginry.model.layout import TIMESTAMP_KEY
from simulated_client import Network, install, versions_in
from victims import DEMO, a_market, evil_package, key_of_record, record_in

if TYPE_CHECKING:
    from pathlib import Path

    from pluginry.ports import Transport
    from simulator import Simulator

MIRROR = "https://mirror.test"


@dataclass(slots=True)
class Mirrored(Network):
    """The simulated network with a mirror in it."""

    mirror: MemoryStore = field(default_factory=lambda: MemoryStore(location=MIRROR))

    def transport(self, location: str, _access: object = None) -> Transport:
        return self.mirror if location == MIRROR else Network.transport(self, location)


@dataclass(frozen=True, slots=True)
class Scene:
    """A client that knows a marketplace, which is down now, and the mirror that is left."""

    market: Simulator
    mirror: MemoryStore
    client: Marketplace
    old: dict[str, bytes]

    @property
    def key_of_package(self) -> str:
        """Where the newest package lies."""
        return self.market.package_key("acme/demo", "1.1.0")


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    market = a_market()
    old = dict(market.objects)
    network = Mirrored(markets=(market,))
    client = Marketplace(home=PluginHome(tmp_path), connector=network, now=lambda: market.now)
    client.home.root.mkdir(exist_ok=True)
    client.add_source("m0", market.location, fingerprint=market.fingerprint, mirrors=(MIRROR,))
    market.release("acme/demo", "1.1.0")
    market.publish()
    client.refresh()
    network.mirror.objects.update(market.objects)
    market.store.is_down = True
    return Scene(market=market, mirror=network.mirror, client=client, old=old)


def changed_package(scene: Scene) -> None:
    scene.mirror.objects[scene.key_of_package] = evil_package(scene.market, "1.1.0")


def longer_package(scene: Scene) -> None:
    scene.mirror.objects[scene.key_of_package] += b"\0"


def changed_record(scene: Scene) -> None:
    root = scene.client.sources()[0].index().root
    record = record_in(scene.market, root)
    kept = tuple(one for one in record.releases if str(one.version) == "1.0.0")
    scene.mirror.objects[key_of_record(root)] = documents.encode(replace(record, releases=kept))


def withheld_attestations(scene: Scene) -> None:
    for key in [key for key in scene.mirror.objects if key.startswith("v1/a/")]:
        del scene.mirror.objects[key]


def older_state(scene: Scene) -> None:
    scene.mirror.objects.update(scene.old)


def frozen_state(scene: Scene) -> None:
    scene.market.now += timedelta(days=8)


def two_readings(scene: Scene) -> None:
    body = scene.mirror.objects[TIMESTAMP_KEY]
    scene.mirror.objects[TIMESTAMP_KEY] = body.replace(b'"version":', b'"version":999,"version":', 1)


def signed_on_with_a_replaced_key(scene: Scene) -> None:
    """Whoever holds the key that was replaced makes a state that claims to be newer than all others."""
    scene.market.store.is_down = False
    stolen = scene.market.replace_online_key()
    scene.market.publish()
    scene.client.refresh()
    scene.market.store.is_down = True
    timestamp = Metadata[Timestamp].from_bytes(scene.mirror.objects[TIMESTAMP_KEY])
    timestamp.signed.version += 100
    timestamp.signed.expires += timedelta(days=1)
    timestamp.sign(stolen)
    scene.mirror.objects[TIMESTAMP_KEY] = timestamp.to_bytes()


def test_a_mirror_is_asked_when_the_marketplace_is_down(scene: Scene) -> None:
    scene.client.refresh()
    install(scene.client, "acme/demo")
    assert versions_in(scene.client) == {"acme/demo": "1.1.0"}
    assert scene.key_of_package in scene.mirror.requests


@pytest.mark.parametrize("attack", [changed_package, longer_package, changed_record, withheld_attestations])
def test_what_a_mirror_changed_or_withholds_is_not_installed(scene: Scene, attack: Any) -> None:
    attack(scene)
    with pytest.raises(PluginryError):
        install(scene.client, "acme/demo")
    assert versions_in(scene.client) == {}


@pytest.mark.parametrize("attack", [older_state, frozen_state, two_readings, signed_on_with_a_replaced_key])
def test_a_state_that_a_mirror_made_up_or_kept_is_not_believed(scene: Scene, attack: Any) -> None:
    attack(scene)
    before = scene.client.sources()[0].index().root
    with pytest.raises(TrustError):
        scene.client.refresh()
    assert scene.client.sources()[0].index().root == before


def test_without_checking_what_it_gives_a_mirror_would_be_believed(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed_record(scene)
    monkeypatch.setattr(tree, "checked", lambda data, _ref: data)
    record = scene.client.record(DEMO)
    assert record is not None
    assert [str(release.version) for release in record.releases] == ["1.0.0"]
