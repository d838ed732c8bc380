"""``pluginry search`` and ``pluginry show``: what people read before they decide."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from command_line import Shelf
from pluginry.model.advisory import Action
from pluginry.model.names import PluginId
from pluginry.model.publisher import Publisher
from pluginry.model.status import Status

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    """Publish a few plugins in every state; no test changes anything."""
    shelf = Shelf.at(tmp_path_factory.mktemp("catalogue"))
    market = shelf.market
    market.release("acme/spam-filter", "1.0.0", permissions=[("mail.headers", "inbound")])
    market.release("acme/spam-filter", "1.1.0", permissions=[("mail.headers", "inbound")])
    market.release(
        "acme/spam-filter",
        "1.2.0",
        permissions=[("mail.headers", "inbound"), ("network", "example.com:443")],
        dependencies={"acme/rules": ">=1"},
        conflicts={"acme/old": "*"},
        hosts={"mairust": ">=0.4,<1"},
        changes=[("added", "Looks senders up"), ("security", "Reads less")],
    )
    market.release("acme/spam-filter", "2.0.0-beta.1", channel="beta")
    market.amend("acme/spam-filter", "1.1.0", yanked="eats mail")
    market.describe(
        "acme/spam-filter",
        summary="Keeps junk away",
        tags=("mail", "junk"),
        publisher=Publisher(
            issuer="https://token.example", repository="acme/spam-filter", workflow="release.yml", refs=("refs/tags/*",)
        ),
    )
    market.release("acme/rules")
    market.release("acme/old")
    market.describe("acme/old", status=Status.DEPRECATED, replaced_by=PluginId.parse("acme/spam-filter"))
    market.release("acme/panel-clock", hosts={"panel": "*"})
    market.advise("PLG-2026-0001", "acme/rules", action=Action.BLOCK_INSTALL, fixed="9.0.0")
    market.release("acme/gone")
    market.describe("acme/gone", status=Status.REMOVED)
    shelf.publish()
    assert shelf.add("--host", "mairust", "--host-version", "0.5.0").status == 0
    return shelf


class TestSearch:
    def test_the_table_has_plain_columns(self, shelf: Shelf) -> None:
        lines = shelf.run("search", "spam").out.splitlines()
        assert lines[0].split() == ["ID", "VERSION", "HOST", "STATUS", "SUMMARY"]
        assert lines[1].split() == ["acme/spam-filter", "1.2.0", "mairust", "Keeps", "junk", "away"]
        assert lines[1].index("1.2.0") == lines[0].index("VERSION")

    def test_it_says_how_old_its_knowledge_is(self, shelf: Shelf) -> None:
        assert "market as of " in shelf.run("search").err
        assert shelf.run("search", "--quiet").err == ""

    def test_it_says_when_that_is_too_old(self, tmp_path: Path) -> None:
        shelf = Shelf.at(tmp_path)
        shelf.publish()
        shelf.add()
        state = shelf.home / "sources/market/state.json"
        assert "refresh" not in shelf.run("search").err
        state.write_text(re.sub(r'("last_ok":")[0-9]{4}', r"\g<1>2020", state.read_text()))
        assert "days ago); ask what is new: pluginry source refresh" in shelf.run("search").err

    def test_json_is_a_list_of_summaries(self, shelf: Shelf) -> None:
        found = shelf.run("search", "--json")
        assert [one["id"] for one in found.data] == ["acme/rules", "acme/spam-filter"]
        assert found.data[1]["channels"] == {"beta": "2.0.0-beta.1", "stable": "1.2.0"}
        assert found.err == ""

    def test_what_is_hidden_is_counted(self, shelf: Shelf) -> None:
        shown = shelf.run("search")
        assert "acme/old" not in shown.out
        assert "acme/panel-clock" not in shown.out
        assert "3 hidden" in shown.err
        everything = shelf.run("search", "--all")
        assert "deprecated" in everything.out
        assert "acme/panel-clock" in everything.out
        assert "hidden" not in everything.err

    @pytest.mark.parametrize(
        ("options", "expected"),
        [
            (["--host", "panel"], ["acme/panel-clock"]),
            (["--tag", "junk"], ["acme/spam-filter"]),
            (["--category", "nothing"], []),
            (["--license", "mit"], ["acme/rules", "acme/spam-filter"]),
            (["--channel", "beta"], ["acme/spam-filter"]),
            (["--platform", "linux-x86_64"], ["acme/rules", "acme/spam-filter"]),
            (["--without-permission", "mail.headers"], ["acme/rules"]),  # its stable release asks, its beta does not
            (["--limit", "1"], ["acme/rules"]),
        ],
        ids=str,
    )
    def test_filters(self, shelf: Shelf, options: list[str], expected: list[str]) -> None:
        assert [one["id"] for one in shelf.run("search", "--json", *options).data] == expected

    def test_a_limit_says_how_many_are_left_out(self, shelf: Shelf) -> None:
        assert "1 more: --limit 0" in shelf.run("search", "--limit", "1").err

    def test_no_match_is_no_error(self, shelf: Shelf) -> None:
        found = shelf.run("search", "nothing-like-this")
        assert (found.status, found.out) == (0, "No plugin matches.\n")


class TestShow:
    def test_everything_that_helps_to_decide_is_there(self, shelf: Shelf) -> None:
        text = shelf.run("show", "acme/spam-filter@1.2.0").out
        for line in (
            "acme/spam-filter  Spam Filter",
            "Keeps junk away",
            "Newest: 1.2.0 (stable), 2.0.0-beta.1 (beta)",
            "Licence: MIT",
            "Reads the headers of incoming messages [mail.headers:inbound]",
            "reason given: Needs network",
            "Version 1.2.0 is for mairust >=0.4,<1 on any",
            "needs acme/rules >=1",
            "does not work together with acme/old *",
            "added: Looks senders up",
            "security: Reads less",
            "Lab: The signatures of this marketplace are for development only.",
            "Clients accept it only when it was signed by https://lab.pluginry.invalid/publish",
            "Publisher: Only release.yml of acme/spam-filter may sign for its developers.",
            "withdrawn: eats mail",
        ):
            assert line in text

    def test_it_does_not_pretend_that_permissions_are_enforced(self, shelf: Shelf) -> None:
        assert "nothing enforces them yet" in shelf.run("show", "acme/spam-filter").out

    def test_the_newest_stable_release_is_shown_unless_another_is_named(self, shelf: Shelf) -> None:
        shown = {
            text: shelf.run("show", "--json", text).data["release"]["version"]
            for text in ("acme/spam-filter", "acme/spam-filter@2.0.0-beta.1", "acme/spam-filter@<1.2")
        }
        assert list(shown.values()) == ["1.2.0", "2.0.0-beta.1", "1.0.0"]

    def test_asking_for_nothing_is_said_plainly(self, shelf: Shelf) -> None:
        assert "Permissions: none requested" in shelf.run("show", "acme/rules").out

    def test_advisories_and_replacements_are_shown(self, shelf: Shelf) -> None:
        assert "ADVISORY PLG-2026-0001 (block-install)" in shelf.run("show", "acme/rules").out
        assert "This plugin is deprecated, use acme/spam-filter instead." in shelf.run("show", "acme/old").out

    def test_a_removed_plugin_still_has_a_page(self, shelf: Shelf) -> None:
        shown = shelf.run("show", "acme/gone")
        assert shown.status == 0
        assert "This plugin is removed." in shown.out
        assert "nothing to install" in shown.out

    def test_a_misspelt_id_gets_a_suggestion(self, shelf: Shelf) -> None:
        missed = shelf.run("show", "acme/spam-filtre")
        assert missed.status == 7
        assert "did you mean 'acme/spam-filter'?" in missed.err

    def test_a_version_that_is_not_there_is_not_found(self, shelf: Shelf) -> None:
        missed = shelf.run("show", "acme/spam-filter@7.0.0")
        assert missed.status == 7
        assert "there are 2.0.0-beta.1, 1.2.0, 1.1.0, 1.0.0" in missed.err

    @pytest.mark.parametrize("text", ["spam", "a/b/c", "acme/demo@", "acme/demo@one", "acme/demo@>=x", "../x"])
    def test_what_is_no_id_is_a_usage_error(self, shelf: Shelf, text: str) -> None:
        assert shelf.run("show", text).status == 2

    def test_json_has_it_all(self, shelf: Shelf) -> None:
        data = shelf.run("show", "--json", "acme/spam-filter").data
        assert data["source"] == "market"
        assert data["release"]["attested"] is True
        assert [ask["permission"] for ask in data["release"]["asks"]] == [
            "mail.headers:inbound",
            "network:example.com:443",
        ]
        assert [release.get("yanked") for release in data["releases"]] == [None, None, "eats mail", None]
        assert data["installed"] is None


def test_what_strangers_write_cannot_play_tricks_on_a_terminal(tmp_path: Path) -> None:
    shelf = Shelf.at(tmp_path)
    shelf.market.release("acme/demo", changes=[("added", "a\x1b[2Jb\u202ec")])
    shelf.market.describe("acme/demo", summary="x\x1b[31my\n  Installed: 1.0.0\u202e", tags=("\x07",))
    shelf.publish()
    shelf.add()
    for words in (("search",), ("show", "acme/demo")):
        shown = shelf.run(*words)
        assert shown.status == 0
        assert not {"\x1b", "\u202e", "\x07"} & set(shown.out + shown.err)
        assert not any(line.startswith("  Installed") for line in shown.out.splitlines())
