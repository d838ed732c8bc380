"""``pluginry help`` and ``pluginry completion``: read from the code, and never from the network."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from command_line import Shelf, pluginry
from pluginry import errors
from pluginry.cli.help_topics import TOPICS, exit_statuses

if TYPE_CHECKING:
    from pathlib import Path

EVERY_ERROR = [
    kind
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, errors.PluginryError) and kind is not errors.PluginryError
]


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    """Refresh and install, and then take the marketplace away."""
    shelf = Shelf.at(tmp_path_factory.mktemp("completion"))
    for name in ("acme/spam-filter", "acme/spam-rules", "other/clock"):
        shelf.market.release(name)
    shelf.publish()
    shelf.add()
    shelf.run("install", "other/clock")
    shelf.folder.rename(shelf.folder.with_name("unplugged"))
    return shelf


class TestTopics:
    def test_without_a_topic_they_are_listed(self) -> None:
        listed = pluginry("help")
        assert listed.status == 0
        assert all(name in listed.out for name in TOPICS)
        assert set(pluginry("help", "--json").data) == set(TOPICS)

    @pytest.mark.parametrize("topic", TOPICS)
    def test_each_can_be_read(self, topic: str) -> None:
        shown = pluginry("help", topic)
        assert shown.out.startswith(TOPICS[topic].title)
        assert len(shown.out.splitlines()) > 5 or topic == "environment"

    def test_an_unknown_one_is_a_usage_error(self) -> None:
        refused = pluginry("help", "exit-code")
        assert (refused.status, "did you mean 'exit-codes'?" in refused.err) == (2, True)
        assert "did you mean 'install'?" in pluginry("help", "instal").err
        assert pluginry("help", "install", "surplus").status == 2

    @pytest.mark.parametrize("words", [("install",), ("source",), ("source", "add"), ("trust", "init")])
    def test_a_command_is_a_topic_too(self, words: tuple[str, ...]) -> None:
        shown = pluginry("help", *words)
        assert (shown.status, shown.out) == (0, pluginry(*words, "--help").out)

    @pytest.mark.parametrize("kind", EVERY_ERROR, ids=lambda kind: kind.__name__)
    def test_every_error_is_explained_under_its_exit_status(self, kind: type[errors.PluginryError]) -> None:
        meanings = exit_statuses()[kind.exit_status]
        assert any(meaning.startswith(f"{kind.code}: ") for meaning in meanings)

    def test_statuses_that_are_no_errors_are_explained_too(self) -> None:
        assert {0, 1, 2, errors.NEEDS_REVIEW_EXIT_STATUS, 130} <= set(exit_statuses())


class TestCompletion:
    @staticmethod
    def completed(home: Path, *words: str) -> list[str]:
        """Return what bash would offer for the last of `words`."""
        variables = {
            **os.environ,
            "PLUGINRY_HOME": str(home),
            "_PLUGINRY_COMPLETE": "bash_complete",
            "COMP_WORDS": " ".join(("pluginry", *words)),
            "COMP_CWORD": str(len(words)),
        }
        program = "from pluginry.cli.main import run; run(prog_name='pluginry')"
        done = subprocess.run(
            [sys.executable, "-c", program], env=variables, capture_output=True, text=True, check=False
        )
        assert done.stderr == ""
        return [line.partition(",")[2] for line in done.stdout.splitlines() if line]

    def test_ids_come_from_what_was_refreshed_last_without_any_network(self, shelf: Shelf) -> None:
        assert self.completed(shelf.home, "install", "acme/") == ["acme/spam-filter", "acme/spam-rules"]
        assert self.completed(shelf.home, "show", "o") == ["other/clock"]

    def test_what_stands_there_already_is_not_offered_again(self, shelf: Shelf) -> None:
        assert self.completed(shelf.home, "install", "acme/spam-filter", "acme/") == ["acme/spam-rules"]

    def test_installed_ones_are_offered_where_only_they_make_sense(self, shelf: Shelf) -> None:
        assert self.completed(shelf.home, "remove", "") == ["other/clock"]
        assert self.completed(shelf.home, "enable", "a") == []

    def test_another_home_is_taken_from_the_line(self, shelf: Shelf, tmp_path: Path) -> None:
        assert self.completed(tmp_path, "remove", "--home", str(shelf.home), "") == ["other/clock"]

    def test_an_empty_or_broken_home_offers_nothing_and_says_nothing(self, tmp_path: Path) -> None:
        assert self.completed(tmp_path, "install", "") == []
        (tmp_path / "sources.toml").write_text("nonsense")
        assert self.completed(tmp_path, "install", "") == []

    @pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
    def test_the_script_is_for_this_program(self, shell: str) -> None:
        printed = pluginry("completion", shell, "--json")
        assert printed.status == 0
        assert "_PLUGINRY_COMPLETE" in printed.data["script"]
        assert "pluginry" in printed.data["script"]

    def test_other_shells_are_a_usage_error(self) -> None:
        assert pluginry("completion", "tcsh").status == 2
