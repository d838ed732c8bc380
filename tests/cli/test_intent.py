"""``pluginry export``, ``lock`` and ``sync``."""

from __future__ import annotations

import json
import platform
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from command_line import Shelf, pluginry
from pluginry.cli.host import this_platform
from pluginry.cli.main import run
from simulator import Simulator

if TYPE_CHECKING:
    from pathlib import Path

TRUST_IT = ("--accept-source", "helper", "--accept-publisher", "acme/cache")


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    shelf = Shelf.at(tmp_path)
    shelf.market.release("acme/cache", "1.0.0")
    shelf.market.release("acme/demo", "1.0.0", dependencies={"acme/cache": ">=1"}, permissions=[("network", "a.test")])
    shelf.publish()
    shelf.add()
    return shelf


@pytest.fixture
def stranger(shelf: Shelf, tmp_path: Path) -> Shelf:
    """Return a marketplace that the home does not use, named in a plugins.toml that somebody cloned."""
    stranger = Shelf(Simulator(now=shelf.market.now), tmp_path / "stranger", shelf.home)
    for version in ("1.0.0", "99.0.0"):
        stranger.market.release("acme/cache", version, files={"cache.txt": b"evil"})
        stranger.publish()
    (tmp_path / "plugins.toml").write_text(
        f'schema = 1\n[[sources]]\nname = "helper"\nlocation = "{stranger.folder}"\n'
        f'root_sha256 = "{stranger.fingerprint}"\nnamespaces = ["acme/ca*"]\n[plugins]\n"acme/cache" = "*"\n'
    )
    return stranger


def everything_in(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


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


def test_permissions_that_the_lock_lists_for_one_plugin_are_no_other_ones(shelf: Shelf, tmp_path: Path) -> None:
    shelf.run("install", "acme/demo", "acme/cache", "--accept-permissions", "network:a.test")
    shelf.run("export", str(tmp_path))
    shelf.market.release("acme/cache", "2.0.0", permissions=[("network", "a.test")])
    shelf.publish()
    shelf.run("source", "refresh")
    upgrade = ("sync", str(tmp_path), "--upgrade", "acme/cache")
    refused = shelf.run(*upgrade)
    assert (refused.status, "acme/cache asks for permission" in refused.err) == (6, True)
    assert shelf.run(*upgrade, "--accept-permissions", "network:a.test").status == 0
    assert versions(shelf.home)["acme/cache"] == ("2.0.0", "disabled")


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


@pytest.mark.usefixtures("stranger")
@pytest.mark.parametrize(
    "words", [("lock", "--check"), ("lock",), ("sync", "--dry-run", *TRUST_IT), ("sync", "--locked", *TRUST_IT)]
)
def test_a_look_changes_nothing_of_the_home(shelf: Shelf, tmp_path: Path, words: tuple[str, ...]) -> None:
    shelf.run("install", "acme/cache")
    before = everything_in(shelf.home)
    command, *options = words
    answer = shelf.run(command, str(tmp_path), *options)
    assert answer.status == (6 if {"--check", "--locked"} & {*options} else 0)
    assert "99.0.0" in answer.out + answer.err
    assert everything_in(shelf.home) == before
    assert not [*shelf.home.glob("sources/helper")]


def test_a_look_makes_no_home(stranger: Shelf, tmp_path: Path) -> None:
    assert stranger.folder.is_dir()
    new = tmp_path / "new"
    assert pluginry("lock", str(tmp_path), home=new).status == 0
    assert pluginry("sync", str(tmp_path), "--dry-run", home=new).status == 0
    assert not new.exists()


@pytest.mark.usefixtures("stranger")
def test_a_source_of_plugins_toml_is_added_only_when_it_is_agreed_to(shelf: Shelf, tmp_path: Path) -> None:
    shelf.run("install", "acme/cache")
    refused = shelf.run("sync", str(tmp_path))
    assert refused.status == 6
    assert "would serve acme/ca* (of what is installed: acme/cache)" in refused.err
    assert "--accept-source helper" in refused.err
    still_refused = shelf.run("sync", str(tmp_path), "--accept-source", "helper")
    assert (still_refused.status, "--accept-publisher acme/cache" in still_refused.err) == (6, True)
    assert [one["name"] for one in shelf.run("source", "list", "--json").data] == ["market"]
    assert shelf.run("sync", str(tmp_path), *TRUST_IT).status == 0
    assert [one["name"] for one in shelf.run("source", "list", "--json").data] == ["market", "helper"]
    assert versions(shelf.home) == {"acme/cache": ("99.0.0", "disabled")}


@pytest.mark.parametrize(("answer", "status"), [("true", 0), ("false", 6)])
def test_whoever_can_be_asked_is_asked_about_a_new_source(
    stranger: Shelf, tmp_path: Path, answer: str, status: int
) -> None:
    new = tmp_path / "new"
    result = CliRunner().invoke(
        run,
        ["sync", str(tmp_path), "--json-lines"],
        env={"PLUGINRY_HOME": str(new)},
        input=f'{{"answer": {answer}}}\n',
    )
    (question,) = (event for line in result.stdout.splitlines() if (event := json.loads(line))["event"] == "question")
    assert (question["text"], question["about"]["source"]["root_sha256"]) == (
        "Do you trust helper?",
        stranger.fingerprint,
    )
    assert (result.exit_code, (new / "sources.toml").exists()) == (status, status == 0)
