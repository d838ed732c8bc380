"""Installing and all that follows, as commands: what they say, what they end with, and what they never do."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from command_line import Shelf, pluginry
from pluginry.model.advisory import Action

if TYPE_CHECKING:
    from pathlib import Path

HEADERS, NETWORK = ("mail.headers", "inbound"), ("network", "example.com:443")
AGREE = ("--accept-permissions", "mail.headers:inbound")


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    """Demo asks for a permission and depends on base; other does neither."""
    shelf = Shelf.at(tmp_path)
    shelf.market.release("acme/base")
    shelf.market.release(
        "acme/demo", permissions=[HEADERS], dependencies={"acme/base": ">=1"}, files={"demo.txt": b"demo"}
    )
    shelf.market.release("acme/other")
    shelf.publish()
    shelf.add()
    return shelf


def publish_next(shelf: Shelf) -> None:
    """Publish demo 1.1.0, which asks for more, and other 1.1.0, which does not."""
    shelf.market.release("acme/demo", "1.1.0", permissions=[HEADERS, NETWORK], dependencies={"acme/base": ">=1"})
    shelf.market.release("acme/other", "1.1.0")
    shelf.publish()
    assert shelf.run("source", "refresh").status == 0


def versions(shelf: Shelf) -> dict[str, str]:
    return {one["id"]: one["version"] for one in shelf.run("list", "--json").data}


class TestInstall:
    def test_without_consent_it_ends_with_what_to_agree_to(self, shelf: Shelf) -> None:
        refused = shelf.run("install", "acme/demo")
        assert refused.status == 6
        assert "Reads the headers of incoming messages [mail.headers:inbound]" in refused.err
        assert "reason given: Needs mail.headers" in refused.err
        assert "--accept-permissions 'mail.headers:inbound'" in refused.err
        assert versions(shelf) == {}

    def test_it_says_what_was_installed_and_how_to_enable_it(self, shelf: Shelf) -> None:
        done = shelf.run("install", "acme/demo", *AGREE)
        assert done.status == 0
        assert done.out.splitlines() == [
            "install acme/base 1.0.0",
            "install acme/demo 1.0.0",
            "acme/demo 1.0.0 is installed, disabled; enable it with: pluginry enable acme/demo",
        ]

    def test_it_can_enable_at_once(self, shelf: Shelf) -> None:
        assert "acme/demo 1.0.0 is installed, enabled" in shelf.run("install", "acme/demo", "--enable", *AGREE).out
        assert {one["state"] for one in shelf.run("list", "--json").data} == {"enabled"}

    def test_what_is_installed_already_can_be_enabled_so_too(self, shelf: Shelf) -> None:
        shelf.run("install", "acme/other")
        assert "acme/other 1.0.0 is installed, enabled" in shelf.run("install", "acme/other", "--enable").out

    def test_a_dry_run_shows_the_plan_and_changes_nothing(self, shelf: Shelf) -> None:
        done = shelf.run("install", "acme/demo", "--dry-run", *AGREE)
        assert done.status == 0
        assert done.out.splitlines() == ["install acme/base 1.0.0", "install acme/demo 1.0.0", "Nothing was changed."]
        assert versions(shelf) == {}

    def test_a_dry_run_ends_as_the_real_run_would(self, shelf: Shelf) -> None:
        assert shelf.run("install", "acme/demo", "--dry-run").status == 6
        assert shelf.run("install", "acme/nothing", "--dry-run").status == 7

    def test_json_says_what_changed_and_what_was_granted(self, shelf: Shelf) -> None:
        data = shelf.run("install", "acme/demo", "--json", *AGREE).data
        assert data["generation"] == 1
        assert data["changes"][1] == {"id": "acme/demo", "before": None, "after": "1.0.0"}
        assert [(ask["permission"], ask["new"]) for ask in data["permissions"]] == [("mail.headers:inbound", True)]

    def test_a_refusal_in_json_is_one_document(self, shelf: Shelf) -> None:
        refused = shelf.run("install", "acme/demo", "--json")
        assert refused.status == 6
        assert refused.data["error"]["code"] == "consent"

    def test_an_exact_version_is_held(self, shelf: Shelf) -> None:
        publish_next(shelf)
        shelf.run("install", "acme/other@1.0.0")
        (one,) = shelf.run("list", "--json").data
        assert (one["version"], one["held"], one["newer"]) == ("1.0.0", True, "1.1.0")
        assert "held, 1.1.0 available" in shelf.run("list").out
        assert "acme/other is held at 1.0.0" in shelf.run("update").out

    def test_a_range_and_a_channel_are_understood(self, shelf: Shelf) -> None:
        shelf.market.release("acme/other", "2.0.0-beta.1", channel="beta")
        publish_next(shelf)
        shelf.run("install", "acme/other@<1.1")
        assert versions(shelf) == {"acme/other": "1.0.0"}
        shelf.run("install", "acme/other", "--channel", "beta")
        assert versions(shelf) == {"acme/other": "2.0.0-beta.1"}

    def test_a_misspelt_id_gets_a_suggestion(self, shelf: Shelf) -> None:
        missed = shelf.run("install", "acme/dmeo")
        assert missed.status == 7
        assert "did you mean 'acme/demo'?" in missed.err

    @pytest.mark.parametrize("wish", ["acme/other@9.9.9", "acme/other@>=9"])
    def test_what_does_not_exist_ends_every_command_alike(self, shelf: Shelf, wish: str) -> None:
        answers = [shelf.run(name, wish) for name in ("install", "show")]
        assert [answer.status for answer in answers] == [7, 7]
        assert all("there are 1.0.0" in answer.err for answer in answers)

    def test_a_single_plugin_that_cannot_be_had_is_told_with_the_way_out(self, shelf: Shelf) -> None:
        shelf.market.release("acme/early", "1.0.0-beta.1", channel="beta")
        shelf.market.release("acme/foreign", hosts={"oko": "*"})
        shelf.market.release("acme/native", platforms=["windows-aarch64"])
        publish_next(shelf)
        shelf.run("host", "mairust", "0.5.0")
        early, foreign, native = (shelf.run("install", f"acme/{name}") for name in ("early", "foreign", "native"))
        assert [answer.status for answer in (early, foreign, native)] == [8, 8, 8]
        assert "acme/early cannot be had here" in early.err
        assert "hint: take it from there: --channel beta" in early.err
        assert "hint: if this plugin home is for something else: pluginry host" in foreign.err
        assert "hint" not in native.err
        assert shelf.run("install", "acme/early", "--channel", "beta").status == 0

    @pytest.mark.parametrize("command", ["remove", "update", "rollback"])
    def test_what_is_not_installed_is_told_with_what_is(self, shelf: Shelf, command: str) -> None:
        assert "see what is: pluginry list" in shelf.run(command, "acme/other").err
        shelf.run("install", "acme/other")
        missed = shelf.run(command, "acme/othr")
        assert (missed.status, "did you mean 'acme/other'?" in missed.err) == (7, True)

    def test_what_cannot_be_had_together_is_explained(self, shelf: Shelf) -> None:
        shelf.market.release("acme/rival", conflicts={"acme/other": "*"})
        publish_next(shelf)
        refused = shelf.run("install", "acme/rival", "acme/other@1.0.0")
        assert refused.status == 8
        assert "acme/rival 1.0.0 does not work together with acme/other 1.0.0" in refused.err

    def test_a_tampered_package_is_refused_and_leaves_nothing(self, shelf: Shelf) -> None:
        package = shelf.folder / shelf.market.package_key("acme/other", "1.0.0")
        package.write_bytes(package.read_bytes()[:-1] + b"!")
        assert shelf.run("install", "acme/other").status == 5
        assert versions(shelf) == {}

    def test_a_permission_with_a_comma_can_be_accepted_on_its_own(self, shelf: Shelf) -> None:
        shelf.market.release("acme/odd", permissions=[("network", "a,b"), HEADERS])
        shelf.publish()
        shelf.run("source", "refresh")
        done = shelf.run("install", "acme/odd", "--accept-permissions", "network:a,b", *AGREE)
        assert done.status == 0

    def test_a_warning_is_passed_on(self, shelf: Shelf) -> None:
        shelf.market.advise("PLG-2026-0001", "acme/other")
        shelf.publish()
        shelf.run("source", "refresh")
        assert "warning: PLG-2026-0001" in shelf.run("install", "acme/other").out


class TestWithdrawnAdvisory:
    def test_who_has_the_plugin_is_told_at_the_next_refresh(self, shelf: Shelf) -> None:
        shelf.run("install", "acme/other", "--enable")
        shelf.market.advise("PLG-2026-0001", "acme/other", action=Action.DISABLE)
        shelf.publish()
        shelf.run("source", "refresh")
        shelf.market.advisories[0] = replace(shelf.market.advisories[0], withdrawn=shelf.market.now)
        shelf.publish()
        said = "PLG-2026-0001 counts no more for acme/other; where it was disabled: pluginry enable acme/other"
        assert said in shelf.run("source", "refresh").err.splitlines()
        assert said not in shelf.run("source", "refresh").err.splitlines()


class TestEnable:
    def test_what_it_needs_is_named_too(self, shelf: Shelf) -> None:
        shelf.run("install", "acme/demo", *AGREE)
        assert shelf.run("enable", "acme/demo").out.splitlines() == [
            "acme/base 1.0.0 is enabled",
            "acme/demo 1.0.0 is enabled",
        ]
        assert shelf.run("enable", "acme/demo").out == "acme/demo is enabled already\n"
        assert shelf.run("disable", "acme/demo", "--json").data["disabled"] == ["acme/demo"]

    def test_what_others_need_stays_enabled(self, shelf: Shelf) -> None:
        shelf.run("install", "acme/demo", "--enable", *AGREE)
        refused = shelf.run("disable", "acme/base")
        assert refused.status == 8
        assert "acme/demo is enabled and needs it" in refused.err

    def test_what_must_not_run_is_not_enabled(self, shelf: Shelf) -> None:
        shelf.run("install", "acme/other")
        shelf.market.advise("PLG-2026-0001", "acme/other", action=Action.DISABLE)
        shelf.publish()
        shelf.run("source", "refresh")
        refused = shelf.run("enable", "acme/other")
        assert refused.status == 5
        assert "PLG-2026-0001" in refused.err

    def test_only_what_is_installed_can_be_enabled(self, shelf: Shelf) -> None:
        assert shelf.run("enable", "acme/demo").status == 7


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


class TestAsking:
    """A person at a terminal is asked, and silence is not consent."""

    @staticmethod
    def at_a_terminal(shelf: Shelf, answer: str, *words: str) -> tuple[int, str]:
        """Run a command with a terminal for input and errors, and type `answer`."""
        ours, theirs = pty.openpty()
        process = subprocess.Popen(
            [sys.executable, "-c", "from pluginry.cli.main import run; run()", *words, "--home", str(shelf.home)],
            stdin=theirs,
            stdout=subprocess.PIPE,
            stderr=theirs,
        )
        os.close(theirs)
        os.write(ours, answer.encode())
        out, _ = process.communicate()
        os.close(ours)
        return process.returncode, out.decode()

    def test_who_agrees_gets_it(self, shelf: Shelf) -> None:
        status, out = self.at_a_terminal(shelf, "y\n", "install", "acme/demo")
        assert status == 0
        assert "acme/demo 1.0.0 is installed" in out

    @pytest.mark.parametrize("answer", ["n\n", "\n"])
    def test_who_does_not_agree_does_not(self, shelf: Shelf, answer: str) -> None:
        status, _ = self.at_a_terminal(shelf, answer, "install", "acme/demo")
        assert status == 6
        assert versions(shelf) == {}

    def test_the_fingerprint_of_a_new_source_is_asked_for(self, shelf: Shelf) -> None:
        shelf.run("source", "remove", "market")
        words = ("source", "add", "market", str(shelf.folder))
        assert self.at_a_terminal(shelf, "n\n", *words)[0] == 6
        assert self.at_a_terminal(shelf, f"{shelf.fingerprint}\n", *words)[0] == 0
        assert [one["fingerprint"] for one in shelf.run("source", "list", "--json").data] == [shelf.fingerprint]

    def test_an_update_that_waits_is_asked_for(self, shelf: Shelf) -> None:
        shelf.run("install", "acme/demo", *AGREE)
        publish_next(shelf)
        assert self.at_a_terminal(shelf, "n\n", "update")[0] == 0
        assert versions(shelf)["acme/demo"] == "1.0.0"
        assert self.at_a_terminal(shelf, "y\n", "update")[0] == 0
        assert versions(shelf)["acme/demo"] == "1.1.0"
