"""A client that is killed before any single call to the file system leaves the old state or the new one, whole."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from plugin_home_driver import driving
from pluginry.client.marketplace import Marketplace
from pluginry.client.plugin_home import PluginHome
from pluginry.hosts.connections import Connections
from pluginry.model.names import PluginId
from simulated_client import install, versions_in, want
from simulator import START, Simulator

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from plugin_home_driver import Driver

DEMO = PluginId.parse("acme/demo")
OLD, NEW, NONE = {"acme/demo": "1.0.0"}, {"acme/demo": "2.0.0"}, dict[str, str]()
DEEDS = {
    "install": (NONE, OLD),
    "update": (OLD, NEW),
    "repair": (OLD, OLD),
    "rollback": (NEW, OLD),
    "disable": (OLD, OLD),
    "remove": (OLD, NONE),
    "prune": (NEW, NEW),
}
FEWEST_CALLS = 5


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return where the home is that deeds change; each test puts another one there."""
    return tmp_path_factory.mktemp("killed") / "home"


@pytest.fixture(scope="module")
def before(home: Path) -> dict[str, Path]:
    """Return homes in the states that deeds begin with: nothing, 1.0.0, 2.0.0 after it; nobody may change them."""
    market = Simulator()
    market.policy = type(market.policy)(epoch=1, publish_attestation="optional", registry_identities=())
    for version, form in (("1.0.0", 0), ("2.0.0", 1)):
        market.release("acme/demo", version, files={"a.txt": version.encode()}, data_version=form, signed_by=None)
    market.publish()
    market.write_to(home.with_name("market"))
    client = a_client(home)
    client.add_source("m0", str(home.with_name("market")), fingerprint=market.fingerprint)
    homes = {}
    for number, version in enumerate(("", "1.0.0", "2.0.0")):
        if version:
            install(client, want("acme/demo", f"=={version}"), enable=version == "1.0.0")
            write(client, version)
        homes[version] = home.with_name(f"before-{number}")
        shutil.copytree(client.home.root, homes[version])
    return homes


@pytest.fixture(scope="module")
def driver(home: Path, before: dict[str, Path]) -> Iterator[Driver]:
    """Yield the process that forks a child for each deed: it has read the home in the last of the states `before`."""
    assert before
    with driving(home) as driver:
        yield driver


def a_client(home: Path) -> Marketplace:
    return Marketplace(home=PluginHome(home), connector=Connections(), now=lambda: START)


def write(client: Marketplace, version: str) -> None:
    """Let the plugin write something in the form of its version."""
    folder = client.home.data_folder_of(DEMO)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "data.txt").write_text(version[0])


@pytest.mark.parametrize("deed", ["install", "update", "rollback", "remove"])
def test_a_full_disk_is_said_and_leaves_a_whole_state(
    home: Path, before: dict[str, Path], driver: Driver, deed: str
) -> None:
    start, end = DEEDS[deed]
    number, is_full = 0, True
    while is_full:
        number += 1
        shutil.rmtree(home)
        shutil.copytree(before[start.get("acme/demo", "")], home)
        is_full = driver.fill(number, deed)
        judge(a_client(home), start, end, is_done=not is_full, is_repair=False)
    assert number > FEWEST_CALLS


@pytest.mark.parametrize("deed", DEEDS)
def test_a_deed_is_done_or_not_done(home: Path, before: dict[str, Path], driver: Driver, deed: str) -> None:
    start, end = DEEDS[deed]
    number, is_killed = 0, True
    while is_killed:
        number += 1
        shutil.rmtree(home)
        shutil.copytree(before[start.get("acme/demo", "")], home)
        if deed == "repair":
            next((home / "plugins/acme/demo").glob("1.0.0-*/a.txt")).write_text("damaged")
        is_killed = driver.die(number, deed)
        judge(a_client(home), start, end, is_done=not is_killed, is_repair=deed == "repair")
    assert number > FEWEST_CALLS


def judge(client: Marketplace, start: dict[str, str], end: dict[str, str], *, is_done: bool, is_repair: bool) -> None:
    """Check that what is there is whole, and that it goes on from there."""
    with client.home.locked():
        pass
    found = versions_in(client)
    assert found in ([end] if is_done else [start, end])
    assert client.examine() == () or is_repair
    damaged = [one for damages in client.verify().values() for one in damages]
    assert not damaged or (is_repair and not is_done)
    data = client.home.data_folder_of(DEMO) / "data.txt"
    if found and data.exists():  # the plugin finds what the version before it wrote, or what it wrote itself
        assert data.read_text() in ("1", "2") if found == NEW else data.read_text() == "1"
    install(client, want("acme/demo", "==2.0.0"))
    assert versions_in(client) == NEW
    assert not any(client.verify().values())
