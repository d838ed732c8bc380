from __future__ import annotations

import errno
import inspect
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import pytest
from click.testing import CliRunner

from pluginry import errors
from pluginry.cli.command import OrNothing, command
from pluginry.cli.entry import INTERRUPTED_EXIT_STATUS
from pluginry.errors import ArchiveError, ConsentNeededError, PluginryError, ResolutionError, TamperedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from click.testing import Result

    from pluginry.cli.console import Console

KINDS = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, PluginryError)]


def an_error(kind: type[PluginryError]) -> PluginryError:
    special: dict[type[PluginryError], PluginryError] = {
        ArchiveError: ArchiveError("archive.bomb", "it broke"),
        ConsentNeededError: ConsentNeededError("it broke", ("network:*",)),
        ResolutionError: ResolutionError("it broke", ("a needs b",)),
    }
    return special.get(kind) or kind("it broke", where="here", why="because", hint="mend it")


def run(function: Callable[..., Any], *arguments: str) -> Result:
    return CliRunner().invoke(command("act")(function), arguments)


def raising(error: BaseException) -> Callable[..., Any]:
    def act(_console: Console) -> None:
        raise error

    return act


def test_a_command_gets_its_console_first_and_then_its_arguments() -> None:
    seen: list[object] = []

    @click.argument("name")
    @click.option("--count", type=int, default=1)
    def act(console: Console, name: str, count: int) -> None:
        """Do something."""
        seen.extend([console.as_json, console.quiet, console.debug, name, count])

    assert run(act, "demo", "--count", "3", "-q").exit_code == 0
    assert seen == [False, True, False, "demo", 3]


def test_common_options_are_explained_with_the_commands_own() -> None:
    def act(_console: Console) -> None:
        """Do something useful."""

    shown = run(act, "--help").output
    assert "Do something useful." in shown
    assert all(option in shown for option in ("--json", "-q, --quiet", "--debug"))


@pytest.mark.parametrize(("returned", "status"), [(None, 0), (0, 0), (1, 1), (10, 10)])
def test_what_a_command_returns_is_its_exit_status(returned: int | None, status: int) -> None:
    assert run(lambda _console: returned).exit_code == status


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("options", [(), ("--json",), ("-q",), ("--debug",)], ids=" ".join)
def test_every_error_ends_the_command_with_its_status(kind: type[PluginryError], options: tuple[str, ...]) -> None:
    result = run(raising(an_error(kind)), *options)
    assert result.exit_code == kind.exit_status
    assert "it broke" in result.output
    assert ("Traceback" in result.output) is ("--debug" in options)


def test_an_error_in_json_is_on_standard_output() -> None:
    result = run(raising(an_error(TamperedError)), "--json")
    assert json.loads(result.stdout)["error"]["code"] == "tampered"
    assert result.stderr == ""


def test_an_error_for_people_is_not_among_the_results() -> None:
    result = run(raising(an_error(TamperedError)))
    assert result.stdout == ""
    assert "hint: mend it" in result.stderr


def test_a_traceback_shows_what_was_behind_an_error() -> None:
    def act(_console: Console) -> None:
        try:
            _ = 1 / 0
        except ZeroDivisionError as error:
            raise TamperedError("it broke") from error

    assert "ZeroDivisionError" in run(act, "--debug").output
    assert "ZeroDivisionError" not in run(act).output


@pytest.mark.parametrize("interruption", [KeyboardInterrupt(), click.Abort()], ids=["at work", "while being asked"])
def test_an_interruption_ends_quietly(interruption: BaseException) -> None:
    result = run(raising(interruption))
    assert (result.exit_code, result.output) == (INTERRUPTED_EXIT_STATUS, "")
    assert INTERRUPTED_EXIT_STATUS == 130


def test_a_part_that_is_not_installed_is_named_with_the_way_to_get_it() -> None:
    result = run(raising(ModuleNotFoundError("No module named 'yaml'", name="yaml")))
    assert result.exit_code == 2
    assert "needs yaml, which is not installed" in result.stderr
    assert "pip install 'pluginry[registry]'" in result.stderr


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (PermissionError(errno.EACCES, "Permission denied", "out/plugins.toml"), "out/plugins.toml: "),
        (NotADirectoryError(errno.ENOTDIR, "Not a directory", Path("file/home.toml")), "file/home.toml: "),
        (OSError(errno.ENOSPC, "No space left on device"), "error: this cannot be read or written: No space left"),
    ],
    ids=["permission", "folder", "full"],
)
def test_a_disk_that_refuses_is_told_in_a_sentence(error: OSError, said: str) -> None:
    result = run(raising(error))
    assert result.exit_code == 3
    assert said in result.stderr
    assert error.strerror in result.stderr
    assert "Traceback" not in result.output
    assert json.loads(run(raising(error), "--json").stdout)["error"]["code"] == "disk"


@pytest.mark.parametrize(
    "error",
    [
        ModuleNotFoundError("x", name="pluginry.gone"),
        ModuleNotFoundError("x"),
        ValueError("x"),
        OSError(errno.EBADF, "Bad file descriptor"),
    ],
)
def test_a_mistake_of_ours_is_not_dressed_up(error: Exception) -> None:
    assert run(raising(error)).exception is error


@pytest.mark.parametrize("arguments", [("--nonsense",), ("surplus",)])
def test_wrong_usage_has_its_own_status(arguments: tuple[str, ...]) -> None:
    assert run(lambda _console: None, *arguments).exit_code == 2


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (("--home", ""), "'--home'"),
        (("--home=",), "'--home'"),
        (("--copy", "there", "--copy", ""), "'--copy'"),
        (("",), "'[PLACE]'"),
        (("  ",), "'[PLACE]'"),
    ],
    ids=repr,
)
def test_an_empty_value_is_not_the_current_folder(words: tuple[str, ...], named: str) -> None:
    @click.argument("place", type=click.Path(), default=".")
    @click.option("--home", type=click.Path())
    @click.option("--copy", multiple=True)
    def act(_console: Console, **_: object) -> None:
        raise AssertionError("it is not begun")

    result = run(act, *words)
    assert result.exit_code == 2
    assert f"Invalid value for {named}: it is empty." in result.stderr


def test_an_empty_value_is_as_good_as_none_where_workflows_pass_unset_variables() -> None:
    seen: list[object] = []

    @click.option("--key", type=OrNothing())
    @click.option("--author", default="")
    def act(_console: Console, key: str | None, author: str) -> None:
        seen.extend((key, author))

    assert run(act, "--key", "", "--author", "").exit_code == 0
    assert seen == ["", ""]
