"""Updating, going back, removing and looking at what is installed, as commands."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from command_line import Shelf, pluginry
from demo_shelf import AGREE, a_demo_shelf, publish_next, versions

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return a_demo_shelf(tmp_path)


class TestUpdate:
    @pytest.fixture
    def installed(self, shelf: Shelf) -> Shelf:
        shelf.run("install", "acme/demo", "acme/other", *AGREE)
        publish_next(shelf)
        return shelf

    def test_what_asks_for_more_waits_and_says_for_what(self, installed: Shelf) -> None:
        done = installed.run("update")
        assert done.status == 0
        assert "change acme/other 1.0.0 -> 1.1.0" in done.out
        assert "waiting for your consent: acme/demo" in done.out
        assert "Connects to example.com:443 [network:example.com:443]" in done.out
        assert "pluginry update acme/demo --accept-permissions 'network:example.com:443'" in done.out
        assert versions(installed) == {"acme/base": "1.0.0", "acme/demo": "1.0.0", "acme/other": "1.1.0"}

    def test_with_consent_it_is_updated(self, installed: Shelf) -> None:
        installed.run("update", "acme/demo", "--accept-permissions", "network:example.com:443")
        assert versions(installed) == {"acme/base": "1.0.0", "acme/demo": "1.1.0", "acme/other": "1.0.0"}

    @pytest.mark.parametrize("option", ["--check", "--dry-run"])
    def test_only_looking_changes_nothing(self, installed: Shelf, option: str) -> None:
        looked = installed.run("update", option, "--json")
        assert looked.data["generation"] is None
        assert looked.data["changes"] == [{"id": "acme/other", "before": "1.0.0", "after": "1.1.0"}]
        assert looked.data["waiting"] == ["acme/demo"]
        assert [ask["permission"] for ask in looked.data["waiting_for"]] == ["network:example.com:443"]
        assert versions(installed)["acme/other"] == "1.0.0"

    def test_nothing_new_is_said(self, shelf: Shelf) -> None:
        shelf.run("install", "acme/other")
        assert shelf.run("update").out == "Nothing to update.\n"

    def test_only_what_is_installed_can_be_updated(self, shelf: Shelf) -> None:
        assert shelf.run("update", "acme/demo").status == 7


class TestRollback:
    @pytest.fixture
    def updated(self, shelf: Shelf) -> Shelf:
        shelf.run("install", "acme/demo", "acme/other", *AGREE)
        publish_next(shelf)
        shelf.run("update")
        return shelf

    def test_one_plugin_goes_back(self, updated: Shelf) -> None:
        gone_back = updated.run("rollback", "acme/other")
        assert gone_back.out == "change acme/other 1.1.0 -> 1.0.0\n"
        assert "let it go with: pluginry install acme/other" in gone_back.err
        assert "held" in updated.run("list").out

    def test_everything_goes_back(self, updated: Shelf) -> None:
        assert updated.run("rollback", "--all", "--json").data["changes"] == [
            {"id": "acme/other", "before": "1.1.0", "after": "1.0.0"}
        ]

    def test_a_generation_is_chosen_by_its_number(self, updated: Shelf) -> None:
        updated.run("remove", "acme/demo", "acme/other")
        assert updated.run("rollback", "--to", "1").status == 0
        assert versions(updated) == {"acme/base": "1.0.0", "acme/demo": "1.0.0", "acme/other": "1.0.0"}
        refused = updated.run("rollback", "--to", "99")
        assert (refused.status, "pluginry rollback --list" in refused.err) == (7, True)

    def test_the_generations_to_choose_from_are_listed(self, updated: Shelf) -> None:
        listed = updated.run("rollback", "--list")
        assert listed.status == 0
        assert [line.split()[0] for line in listed.out.splitlines()] == ["N", "2", "1"]
        newest, oldest = updated.run("rollback", "--list", "--json").data
        assert (newest["number"], oldest["number"], oldest["plugins"]) == (2, 1, 3)
        assert "update" in newest["cause"]
        assert versions(updated)["acme/other"] == "1.1.0"
        assert pluginry("rollback", "--list", home=updated.home / "none").out == "There is no generation yet.\n"

    @pytest.mark.parametrize(
        "words", [[], ["acme/other", "--all"], ["acme/other", "--to", "1"], ["--to", "0"], ["--all", "--list"]]
    )
    def test_it_must_be_clear_what_goes_back(self, updated: Shelf, words: list[str]) -> None:
        assert updated.run("rollback", *words).status == 2


class TestRemove:
    def test_what_only_it_needed_goes_too_and_data_stays(self, shelf: Shelf) -> None:
        shelf.run("install", "acme/demo", *AGREE)
        data = shelf.home / "data/acme/demo"
        data.mkdir(parents=True)
        done = shelf.run("remove", "acme/demo")
        assert done.out.splitlines() == [
            "remove acme/base 1.0.0",
            "remove acme/demo 1.0.0",
            f"data stays in {data}",
        ]
        assert versions(shelf) == {}
        assert data.is_dir()

    def test_what_others_need_is_not_removed_by_accident(self, shelf: Shelf) -> None:
        shelf.run("install", "acme/demo", *AGREE)
        refused = shelf.run("remove", "acme/base")
        assert refused.status == 8
        assert "--cascade" in refused.err
        assert shelf.run("remove", "acme/base", "--cascade", "--dry-run").status == 0
        assert len(versions(shelf)) == 2
        shelf.run("remove", "acme/base", "--cascade")
        assert versions(shelf) == {}


class TestListAndVerify:
    def test_nothing_installed_is_said(self, shelf: Shelf) -> None:
        assert shelf.run("list").out == "Nothing is installed.\n"
        assert shelf.run("verify").out == "0 plugins as installed.\n"

    def test_states_are_listed(self, shelf: Shelf) -> None:
        shelf.run("install", "acme/demo", *AGREE)
        shelf.run("install", "acme/other", "--enable")
        lines = [line.split() for line in shelf.run("list").out.splitlines()]
        assert lines == [
            ["ID", "VERSION", "STATE"],
            ["acme/base", "1.0.0", "disabled", "needed", "by", "others"],
            ["acme/demo", "1.0.0", "disabled"],
            ["acme/other", "1.0.0", "enabled"],
        ]

    def test_what_does_not_go_with_the_host_any_more_is_said(self, shelf: Shelf) -> None:
        shelf.run("install", "acme/other")
        (shelf.home / "home.toml").write_text('schema = 1\nhost = "elsewhere"\n')
        (one,) = shelf.run("list", "--json").data
        assert one["incompatible"] == "is not for elsewhere"
        assert "INCOMPATIBLE: is not for elsewhere" in shelf.run("list").out
        shelf.folder.rename(shelf.folder.with_name("unplugged"))
        shelf.run("source", "remove", "market")
        assert shelf.run("list", "--json").data[0]["incompatible"] == one["incompatible"]

    def test_the_administrator_s_policy_goes_before_the_home_s(
        self, shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        if sys.platform != "linux":
            pytest.skip("settings for all users lie where nobody but the administrator may write")
        monkeypatch.setenv("XDG_CONFIG_DIRS", str(tmp_path / "etc"))
        (tmp_path / "etc" / "pluginry").mkdir(parents=True)
        (tmp_path / "etc" / "pluginry" / "policy.toml").write_text('allow_channels = ["experimental"]\n')
        (shelf.home / "policy.toml").write_text('allow_channels = ["stable"]\n')
        refused = shelf.run("install", "acme/other")
        assert (refused.status, "experimental" in refused.err) == (6, True)

    def test_it_works_without_network_or_marketplace(self, shelf: Shelf) -> None:
        shelf.run("install", "acme/other")
        shelf.folder.rename(shelf.folder.with_name("unplugged"))
        assert shelf.run("list").status == 0
        shelf.run("source", "remove", "market")
        assert [one["newer"] for one in shelf.run("list", "--json").data] == [None]

    def test_damage_is_found_and_can_be_put_right(self, shelf: Shelf) -> None:
        shelf.run("install", "acme/demo", *AGREE)
        assert shelf.run("verify").status == 0
        (file,) = shelf.home.glob("plugins/acme/demo/*/demo.txt")
        file.write_bytes(b"changed")
        found = shelf.run("verify")
        assert found.status == 5
        assert found.out.splitlines()[1].split() == ["acme/demo", "changed", "demo.txt"]
        assert "pluginry install acme/demo" in found.out
        assert "DAMAGED" in shelf.run("list").out
        assert shelf.run("verify", "--json").data["acme/demo"] == [{"path": "demo.txt", "kind": "changed"}]
        assert "repair acme/demo 1.0.0" in shelf.run("install", "acme/demo").out
        assert shelf.run("verify").status == 0
