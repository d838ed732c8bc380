"""Installing and enabling, as commands: what they say, what they end with, and what they never do."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from demo_shelf import AGREE, HEADERS, a_demo_shelf, publish_next, versions
from pluginry.model.advisory import Action

if TYPE_CHECKING:
    from pathlib import Path

    from command_line import Shelf


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return a_demo_shelf(tmp_path)


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
