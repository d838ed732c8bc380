from __future__ import annotations

import json
import subprocess
import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import click
import pytest
from click.testing import CliRunner

import pluginry
from pluginry.cli import main
from pluginry.cli.main import COMMANDS, LazyGroup, run

if TYPE_CHECKING:
    from pathlib import Path

HEAVY = (
    "boto3",
    "cryptography",
    "jinja2",
    "jsonschema",
    "requests",
    "rich",
    "securesystemslib",
    "sigstore",
    "tuf",
    "urllib3",
    "yaml",
)
OPTIONAL = (
    "PIL",
    "asn1crypto",
    "boto3",
    "jinja2",
    "jsonschema",
    "markdown_it",
    "nh3",
    "referencing",
    "rich",
    "sigstore",
    "yaml",
)
WRITTEN = [
    name
    for group in COMMANDS.values()
    for name, (target, _) in group.items()
    if find_spec(target.partition(":")[0]) is not None
]


def python(program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", program, *arguments], capture_output=True, text=True, check=False)


def invoke(*arguments: str) -> Any:
    return CliRunner().invoke(run, arguments)


def modules_after(program: str) -> set[str]:
    done = python(f"{program}\nimport sys\nprint(*sys.modules, file=sys.__stdout__)")
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


def test_the_command_itself_loads_nothing_heavy() -> None:
    loaded = modules_after("import pluginry.cli.main")
    assert loaded.isdisjoint(HEAVY)


def test_help_loads_no_command() -> None:
    program = """
import contextlib, io
from pluginry.cli.main import run
with contextlib.suppress(SystemExit), contextlib.redirect_stdout(io.StringIO()):
    run(["--help"])
"""
    loaded = modules_after(program)
    targets = {target.partition(":")[0] for group in COMMANDS.values() for target, _ in group.values()}
    assert loaded.isdisjoint(targets)
    assert loaded.isdisjoint(HEAVY)


def test_what_is_left_at_the_end_of_a_command_is_not_searched_for_garbage() -> None:
    program = """
import atexit, gc
from pluginry.cli.main import run
atexit.register(lambda: print(gc.get_freeze_count()))
run(["help", "exit-codes"])
"""
    done = python(program)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout.splitlines()[-1]) > 1000


def test_help_names_every_command_under_whom_it_is_for() -> None:
    shown = invoke("--help").output
    for audience, group in COMMANDS.items():
        assert f"{audience}:" in shown
        assert all(f"  {name} " in shown for name in group)


def test_the_version_is_that_of_the_package() -> None:
    result = invoke("--version")
    assert (result.exit_code, result.output) == (0, f"pluginry, version {pluginry.__version__}\n")


@pytest.mark.parametrize("name", WRITTEN)
def test_a_command_is_found_by_its_name_and_explains_itself(name: str) -> None:
    result = invoke(name, "--help")
    assert result.exit_code == 0, result.output
    assert result.output.startswith(f"Usage: run {name}")


STOPPED = """
import importlib.abc, os, signal, sys
loading, hearing = sys.argv[1:]
class Stopping(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name == loading:
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Stopping())
if hearing == "ignored":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
from pluginry.cli.entry import main
sys.argv[1:] = ["help", "exit-codes"]
main()
"""


@pytest.mark.parametrize("loading", ["click", "pluginry.cli.main", "pluginry.cli.help"])
def test_an_interruption_while_modules_are_loaded_ends_quietly(loading: str) -> None:
    done = python(STOPPED, loading, "heard")
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


def test_interruptions_that_are_ignored_stay_so() -> None:
    assert python(STOPPED, "click", "ignored").returncode == 0


BLOCKED = """
import importlib.abc, sys
class Missing(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name.partition(".")[0] in sys.argv[1].split():
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Missing())
import click
from pluginry.cli.main import run
context = click.Context(run)
for name in sys.argv[2].split():
    assert run.get_command(context, name) is not None, name
"""


def test_every_command_can_be_explained_without_the_optional_parts() -> None:
    done = python(BLOCKED, " ".join(OPTIONAL), " ".join(WRITTEN))
    assert done.returncode == 0, done.stderr


def test_a_command_whose_parts_are_not_installed_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(main, "COMMANDS", {"For nobody": {"odd": ("a_package_that_nobody_has:odd", "Does nothing.")}})
    result = invoke("odd")
    assert result.exit_code == 2
    assert "a_package_that_nobody_has" in result.output
    assert "pip install" in result.output


def test_a_module_of_ours_that_is_missing_is_a_mistake_and_no_missing_part(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(main, "COMMANDS", {"For nobody": {"odd": ("pluginry.cli.no_such_module:odd", "Nothing.")}})
    assert isinstance(invoke("odd").exception, ModuleNotFoundError)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("instal", "install"),
        ("pak", "pack"),
        ("udpate", "update"),
        ("roll-back", "rollback"),
        ("INSTALL", "install"),
        ("pubilsh", "publish"),
    ],
)
def test_a_slip_of_the_finger_is_answered_with_what_was_meant(typed: str, meant: str) -> None:
    result = invoke(typed)
    assert result.exit_code == 2
    assert f"No such command '{typed}'. Did you mean '{meant}'?" in result.output


@pytest.mark.parametrize("typed", ["xyzzy", "", "\x1b[2J", "x" * 10_000])
def test_what_is_like_no_command_is_answered_without_a_guess(typed: str) -> None:
    result = invoke(typed)
    assert result.exit_code == 2
    assert "Did you mean" not in result.output


@pytest.mark.parametrize("arguments", [("--nonsense",), ("--versoin",)])
def test_an_option_that_does_not_exist_is_wrong_usage(arguments: tuple[str, ...]) -> None:
    assert invoke(*arguments).exit_code == 2


def test_a_name_is_no_command_unless_it_is_in_the_table() -> None:
    group = LazyGroup()
    assert group.get_command(click.Context(group), "json") is None


def test_every_command_has_one_place() -> None:
    names = [name for group in COMMANDS.values() for name in group]
    assert sorted(set(names)) == sorted(names)
    assert run.list_commands(click.Context(run)) == names


@pytest.mark.parametrize("name", ["pack", "check"])
def test_an_error_of_a_command_is_its_exit_status(name: str) -> None:
    result = invoke(name, "/no/such/folder")
    assert result.exit_code in (1, 2)
    assert "Traceback" not in result.output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("show", "clock", "--json"), "'clock' is not a plugin id"),
        (("show", "acme/clock", "--nope", "--json"), "No such option"),
        (("source", "add", "--json"), "Missing argument"),
        (("nope", "--json"), "No such command"),
        (("--nope", "list", "--json"), "No such option"),
    ],
)
def test_who_asks_for_json_is_told_in_json_that_words_were_not_understood(words: tuple[str, ...], said: str) -> None:
    result = invoke(*words)
    assert result.exit_code == 2
    error = json.loads(result.stdout)["error"]
    assert (error["code"], error["exit_status"]) == ("usage", 2)
    assert said in error["what"]
    assert error["hint"].endswith("--help")
    assert result.stderr == ""


def test_who_listens_line_by_line_hears_it_as_the_last_line() -> None:
    result = invoke("install", "clock", "--json-lines")
    assert result.exit_code == 2
    assert json.loads(result.stdout.splitlines()[-1])["event"] == "error"


def test_people_are_told_in_words() -> None:
    result = invoke("show", "clock")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "Usage: " in result.stderr


@pytest.mark.parametrize(
    "words",
    [
        ("source", "add", "two words", "market"),
        ("source", "add", "market", "market", "--host", "Not A Name"),
        ("source", "add", "market", "market", "--host", "mail", "--host-version", "1.2"),
        ("source", "add", "market", "market", "--platform", "toaster"),
        ("source", "add", "market", "market", "--fingerprint", "00"),
        ("source", "add", "market", "https://plugins.example/#00"),
        ("search", "--host", ""),
        ("search", "--host-version", "v1"),
        ("search", "--platform", "toaster"),
        ("bump", "clock"),
        ("bump", "../clock"),
        ("bump", "acme/clock", "v1.2.0"),
        ("submission", "clock"),
        ("submission", "acme/clock", "1.2"),
        ("lock", "--upgrade", "clock"),
        ("registry", "yank", "acme/clock", "--reason", "It is broken"),
        ("source", "add", "market", ""),
        ("source", "add", "market", "market", "--mirror", ""),
        ("list", "--home", " "),
        ("export", ""),
        ("pack", ""),
        ("publish", ""),
    ],
    ids=" ".join,
)
def test_a_word_that_is_no_value_is_wrong_usage_and_no_bad_content(words: tuple[str, ...], tmp_path: Path) -> None:
    result = CliRunner().invoke(run, words, env={"PLUGINRY_HOME": str(tmp_path)})
    assert result.exit_code == 2, result.output
