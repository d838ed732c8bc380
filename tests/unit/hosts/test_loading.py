"""Plugins in a running host: listed without importing, loaded in order, and one that fails stops nobody."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pluggy
import pytest

from pluginry.errors import NotFoundError
from pluginry.hosts.loading import HostedPlugin, HostedPlugins, State
from pluginry.hosts.python_loading import PythonLoader, entry_points, register_all
from pluginry.model.manifest import Runtime
from pluginry.model.names import PluginId
from simulated_client import a_client, install
from simulator import Simulator

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pluginry.client.marketplace import Marketplace

DEMO, CACHE, BROKEN, FILES = (PluginId.parse(f"acme/{name}") for name in ("demo", "cache", "broken", "files"))
DEMO_CODE = b"""
import demo_cache.memory as memory
from demo_parts import words

class Plugin:
    def greet(self, name):
        memory.seen.append(name)
        return f"{words.HELLO} {name}, number {len(memory.seen)}"
"""


def python(entry_point: str) -> Runtime:
    return Runtime(kind="python", entry_point=entry_point)


@pytest.fixture
def client(tmp_path: Path) -> Marketplace:
    market = Simulator()
    market.release(
        "acme/cache",
        files={"demo_cache/__init__.py": b"", "demo_cache/memory.py": b"seen = []\n"},
        runtime=python("demo_cache:__name__"),
    )
    market.release(
        "acme/demo",
        files={"demo_main.py": DEMO_CODE, "demo_parts/words.py": b"HELLO = 'Hello'\n"},
        dependencies={"acme/cache": ">=1"},
        runtime=python("demo_main:Plugin"),
        hooks={"greet": "greet"},
    )
    market.release(
        "acme/broken", files={"broken_main.py": b"raise RuntimeError('oh no')\n"}, runtime=python("broken_main:x")
    )
    market.release("acme/files", files={"a.txt": b"a"})
    market.release("acme/shadow", files={"json.py": b"dumps = 1\n"}, runtime=python("json:dumps"))
    market.release("acme/twin", files={"demo_main.py": b"x = 1\n"}, runtime=python("demo_main:x"))
    market.publish()
    client = a_client(tmp_path, market)
    install(client, "acme/demo", "acme/broken", "acme/files")
    for plugin in (DEMO, BROKEN):
        client.set_enabled(plugin, enabled=True)
    return client


@pytest.fixture
def loader() -> Iterator[PythonLoader]:
    before = (list(sys.path), list(sys.meta_path), set(sys.modules))
    with PythonLoader() as loader:
        yield loader
    assert (sys.path, sys.meta_path) == before[:2]
    assert not {name for name in set(sys.modules) - before[2] if name.startswith(("demo_", "broken_"))}


def states(hosted: HostedPlugins) -> dict[str, State]:
    return {str(plugin): one.state for plugin, one in hosted.plugins.items()}


class TestLoading:
    def test_discovering_imports_nothing(self, client: Marketplace) -> None:
        hosted = HostedPlugins(client)
        found = hosted.discover()
        assert states(hosted) == {
            "acme/broken": State.DISCOVERED,
            "acme/cache": State.DISCOVERED,
            "acme/demo": State.DISCOVERED,
            "acme/files": State.DISABLED,
        }
        assert [point.name for one in found for point in one.entry_points("hooks")] == ["greet"]
        assert "demo_main" not in sys.modules

    def test_each_is_loaded_after_what_it_needs_and_one_that_fails_stops_nobody(
        self, client: Marketplace, loader: PythonLoader
    ) -> None:
        hosted = HostedPlugins(client)
        hosted.discover()
        hosted.load_all(loader)
        assert states(hosted) == {
            "acme/broken": State.ERROR,
            "acme/cache": State.ACTIVE,
            "acme/demo": State.ACTIVE,
            "acme/files": State.DISABLED,
        }
        assert hosted.plugins[BROKEN].error == "RuntimeError: oh no"
        assert hosted.plugins[DEMO].loaded().greet("Ada") == "Hello Ada, number 1"

    def test_one_whose_need_failed_fails_with_the_reason(self, client: Marketplace) -> None:
        def fails(hosted: HostedPlugin) -> object:
            if hosted.id == CACHE:
                raise ValueError("not today")
            return hosted

        hosted = HostedPlugins(client)
        hosted.discover()
        assert hosted.load(DEMO, fails).state is State.ERROR
        assert "needs acme/cache" in hosted.plugins[DEMO].error
        assert "not today" in hosted.plugins[DEMO].error

    def test_one_whose_files_were_changed_is_not_loaded(self, client: Marketplace, loader: PythonLoader) -> None:
        hosted = HostedPlugins(client)
        hosted.discover()
        (hosted.plugins[DEMO].folder / "demo_main.py").write_text("Plugin = 1\n")
        assert hosted.load(DEMO, loader).state is State.ERROR
        assert "not what was installed" in hosted.plugins[DEMO].error
        assert "demo_main" not in sys.modules

    def test_one_without_its_receipt_is_an_error_and_not_a_crash(self, client: Marketplace) -> None:
        hosted = HostedPlugins(client)
        hosted.discover()
        (hosted.plugins[DEMO].folder / "receipt.json").unlink()
        hosted.plugins.clear()
        hosted.discover()
        assert (hosted.plugins[DEMO].state, hosted.plugins[CACHE].state) == (State.ERROR, State.DISCOVERED)

    def test_unloading_starts_with_those_that_need_it(self, client: Marketplace, loader: PythonLoader) -> None:
        gone: list[PluginId] = []
        hosted = HostedPlugins(client)
        hosted.discover()
        hosted.load_all(loader)
        hosted.unload(CACHE, lambda one: gone.append(one.id))
        assert gone == [DEMO, CACHE]
        assert states(hosted)["acme/demo"] is State.DISCOVERED

    def test_looking_again_keeps_what_is_loaded_and_drops_what_was_disabled(
        self, client: Marketplace, loader: PythonLoader
    ) -> None:
        hosted = HostedPlugins(client)
        hosted.discover()
        hosted.load_all(loader)
        kept = hosted.plugins[CACHE]
        client.set_enabled(DEMO, enabled=False)
        hosted.discover()
        assert hosted.plugins[CACHE] is kept
        assert states(hosted)["acme/demo"] is State.DISABLED

    def test_what_is_not_there_cannot_be_loaded(self, client: Marketplace, loader: PythonLoader) -> None:
        with pytest.raises(NotFoundError):
            HostedPlugins(client).load(DEMO, loader)


class TestPython:
    def test_compiled_files_are_neither_read_nor_written(self, client: Marketplace, loader: PythonLoader) -> None:
        hosted = HostedPlugins(client)
        hosted.discover()
        hosted.load_all(loader)
        assert not list(client.home.root.rglob("__pycache__"))

    @pytest.mark.parametrize(
        ("plugin", "says"), [("acme/shadow", "which the host has too"), ("acme/twin", "both have")]
    )
    def test_names_that_somebody_else_has_are_refused(
        self, client: Marketplace, loader: PythonLoader, plugin: str, says: str
    ) -> None:
        install(client, plugin)
        client.set_enabled(PluginId.parse(plugin), enabled=True)
        hosted = HostedPlugins(client)
        hosted.discover()
        hosted.load_all(loader)
        assert says in hosted.plugins[PluginId.parse(plugin)].error
        assert hosted.plugins[DEMO].state is State.ACTIVE

    def test_files_are_no_python_plugin(self, client: Marketplace, loader: PythonLoader) -> None:
        client.set_enabled(FILES, enabled=True)
        hosted = HostedPlugins(client)
        hosted.discover()
        assert "no Python plugin" in hosted.load(FILES, loader).error

    def test_entry_points_and_pluggy_know_what_is_active(self, client: Marketplace, loader: PythonLoader) -> None:
        hosted = HostedPlugins(client)
        hosted.discover()
        hosted.load_all(loader)
        (point,) = entry_points(hosted, "hooks")
        assert (point.name, point.group, point.load().__name__) == ("greet", "hooks", "greet")
        manager = pluggy.PluginManager("demo")
        register_all(hosted, manager)
        assert {name for name, _ in manager.list_name_plugin()} == {"acme/cache", "acme/demo"}
