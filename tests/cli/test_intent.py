"""``pluginry export``, ``lock`` and ``sync``."""

from __future__ import annotations

import platform
from typing import TYPE_CHECKING

import pytest

from command_line import Shelf, pluginry
from pluginry.cli.host import this_platform

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    shelf = Shelf.at(tmp_path)
    shelf.market.release("acme/cache", "1.0.0")
    shelf.market.release("acme/demo", "1.0.0", dependencies={"acme/cache": ">=1"}, permissions=[("network", "a.test")])
    shelf.publish()
    shelf.add()
    return shelf


def versions(home: Path) -> dict[str, tuple[str, str]]:
    return {one["id"]: (one["version"], one["state"]) for one in pluginry("list", "--json", home=home).data}


def test_what_one_machine_has_another_one_gets(shelf: Shelf, tmp_path: Path) -> None:
    shelf.run("install", "acme/demo", "--enable", "--accept-permissions", "network:a.test")
    assert shelf.run("export", str(tmp_path)).status == 0
    other = tmp_path / "other"
    answer = pluginry("sync", str(tmp_path), "--locked", home=other)
    assert (answer.status, versions(other)) == (0, versions(shelf.home))
    assert "added the source market" in answer.err
    again = pluginry("sync", str(tmp_path), "--locked", home=other)
    assert again.out == "Nothing to do.\n"


def test_a_new_home_is_for_the_platform_of_its_machine(shelf: Shelf, tmp_path: Path) -> None:
    shelf.market.release("acme/native", platforms=[str(this_platform(platform.system(), platform.machine()))])
    shelf.publish()
    shelf.run("source", "refresh")
    shelf.run("install", "acme/native")
    shelf.run("export", str(tmp_path))
    other = tmp_path / "other"
    assert pluginry("sync", str(tmp_path), "--locked", home=other).status == 0
    assert versions(other) == {"acme/native": ("1.0.0", "disabled")}


def test_it_works_without_a_network_from_what_was_fetched(shelf: Shelf, tmp_path: Path) -> None:
    shelf.run("install", "acme/demo", "--accept-permissions", "network:a.test")
    shelf.run("export", str(tmp_path))
    shelf.run("remove", "acme/demo")
    shelf.folder.rename(tmp_path / "gone")
    assert shelf.run("sync", str(tmp_path), "--locked", "--offline").status == 0
    assert versions(shelf.home) == {"acme/cache": ("1.0.0", "disabled"), "acme/demo": ("1.0.0", "disabled")}
    (tmp_path / "plugins.toml").write_text('schema = 1\n[plugins]\n"acme/elsewhere" = "*"\n')
    assert shelf.run("sync", str(tmp_path), "--offline").status == 7


def test_a_lock_is_brought_up_to_new_wishes(shelf: Shelf, tmp_path: Path) -> None:
    (tmp_path / "plugins.toml").write_text('schema = 1\n[plugins]\n"acme/cache" = "*"\n')
    checked = shelf.run("lock", str(tmp_path), "--check")
    assert (checked.status, checked.out) == (6, "acme/cache 1.0.0 is new\n")
    assert not (tmp_path / "plugins.lock").exists()
    refused = shelf.run("sync", str(tmp_path), "--locked")
    assert (refused.status, "does not answer" in refused.err) == (6, True)
    assert shelf.run("lock", str(tmp_path)).status == 0
    assert shelf.run("lock", str(tmp_path), "--check").status == 0
    shelf.market.release("acme/cache", "1.1.0")
    shelf.publish()
    shelf.run("source", "refresh")
    assert shelf.run("lock", str(tmp_path), "--check").status == 0
    moved = shelf.run("lock", str(tmp_path), "--upgrade", "acme/cache", "--json")
    assert moved.data == {"news": ["acme/cache moves from 1.0.0 to 1.1.0"], "plugins": 1}
    assert shelf.run("sync", str(tmp_path), "--locked").status == 0
    assert versions(shelf.home) == {"acme/cache": ("1.1.0", "disabled")}


def test_permissions_that_no_lock_lists_are_asked_for(shelf: Shelf, tmp_path: Path) -> None:
    (tmp_path / "plugins.toml").write_text('schema = 1\n[plugins]\n"acme/demo" = "*"\n')
    assert shelf.run("sync", str(tmp_path)).status == 6
    assert not (tmp_path / "plugins.lock").exists()
    dry = shelf.run("sync", str(tmp_path), "--accept-permissions", "network:a.test", "--dry-run")
    assert (dry.status, versions(shelf.home)) == (0, {})
    assert shelf.run("sync", str(tmp_path), "--accept-permissions", "network:a.test").status == 0
    other = tmp_path / "other"
    (tmp_path / "plugins.toml").write_text(
        "schema = 1\n[[sources]]\n"
        f'name = "market"\nlocation = "{shelf.folder}"\nroot_sha256 = "{shelf.fingerprint}"\n'
        '[plugins]\n"acme/demo" = "*"\n'
    )
    assert pluginry("sync", str(tmp_path), home=other).status == 0


def test_a_source_of_that_name_with_another_root_is_refused(shelf: Shelf, tmp_path: Path) -> None:
    (tmp_path / "plugins.toml").write_text(
        f'schema = 1\n[[sources]]\nname = "market"\nlocation = "{shelf.folder}"\n'
        f'root_sha256 = "{"0" * 64}"\n[plugins]\n'
    )
    answer = shelf.run("sync", str(tmp_path))
    assert (answer.status, "another marketplace" in answer.err) == (2, True)
    assert pluginry("sync", str(tmp_path), home=tmp_path / "new").status == 5


def test_without_a_wish_there_is_nothing_to_do(shelf: Shelf, tmp_path: Path) -> None:
    assert shelf.run("sync", str(tmp_path)).status == 7
    assert shelf.run("lock", str(tmp_path)).status == 7


@pytest.mark.parametrize("command", ["lock", "sync"])
def test_a_plugin_to_upgrade_that_is_not_there_is_not_ignored(shelf: Shelf, tmp_path: Path, command: str) -> None:
    (tmp_path / "plugins.toml").write_text('schema = 1\n[plugins]\n"acme/demo" = "*"\n')
    shelf.run("lock", str(tmp_path))
    refused = shelf.run(command, str(tmp_path), "--upgrade", "acme/cahce")
    assert (refused.status, "did you mean 'acme/cache'?" in refused.err) == (7, True)
    assert shelf.run("lock", str(tmp_path), "--upgrade", "acme/cache").status == 0


def test_an_id_that_is_none_is_told_with_its_file(shelf: Shelf, tmp_path: Path) -> None:
    (tmp_path / "plugins.toml").write_text('schema = 1\n[plugins]\n"cache" = "*"\n')
    refused = shelf.run("sync", str(tmp_path))
    assert refused.status == 1
    assert f"{tmp_path / 'plugins.toml'}: 'cache' is not a plugin id" in refused.err
