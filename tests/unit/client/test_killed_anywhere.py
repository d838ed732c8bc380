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
    from pathlib import Path

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


@pytest.fixture
def before(tmp_path: Path) -> dict[str, Path]:
    """Return homes in the states that deeds begin with: nothing, 1.0.0, 2.0.0 after it."""
    market = Simulator()
    market.policy = type(market.policy)(epoch=1, publish_attestation="optional", registry_identities=())
    for version, form in (("1.0.0", 0), ("2.0.0", 1)):
        market.release("acme/demo", version, files={"a.txt": version.encode()}, data_version=form, signed_by=None)
    market.publish()
    market.write_to(tmp_path / "market")
    client = a_client(tmp_path / "home")
    client.add_source("m0", str(tmp_path / "market"), fingerprint=market.fingerprint)
    homes = {}
    for number, version in enumerate(("", "1.0.0", "2.0.0")):
        if version:
            install(client, want("acme/demo", f"=={version}"), enable=version == "1.0.0")
            write(client, version)
        homes[version] = tmp_path / f"before-{number}"
        shutil.copytree(client.home.root, homes[version])
    return homes


def a_client(home: Path) -> Marketplace:
    return Marketplace(home=PluginHome(home), connector=Connections(), now=lambda: START)


def write(client: Marketplace, version: str) -> None:
    """Let the plugin write something in the form of its version."""
    folder = client.home.data_folder_of(DEMO)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "data.txt").write_text(version[0])


@pytest.mark.parametrize("deed", ["install", "update", "rollback", "remove"])
def test_a_full_disk_is_said_and_leaves_a_whole_state(tmp_path: Path, before: dict[str, Path], deed: str) -> None:
    start, end = DEEDS[deed]
    home, number, is_full = tmp_path / "home", 0, True
    with driving(home) as driver:
        while is_full:
            number += 1
            shutil.rmtree(home)
            shutil.copytree(before[start.get("acme/demo", "")], home)
            is_full = driver.fill(number, deed)
            judge(a_client(home), start, end, is_done=not is_full, is_repair=False)
    assert number > FEWEST_CALLS


@pytest.mark.parametrize("deed", DEEDS)
def test_a_deed_is_done_or_not_done(tmp_path: Path, before: dict[str, Path], deed: str) -> None:
    start, end = DEEDS[deed]
    home, number, is_killed = tmp_path / "home", 0, True
    with driving(home) as driver:
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
