"""``pluginry run``: a plugin's answer on standard output, and nothing of a disabled or damaged one."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from command_line import Shelf, pluginry
from pluginry.model.advisory import Action
from pluginry.model.manifest import Runtime

if TYPE_CHECKING:
    from pathlib import Path

CODE = b"""
import os
class Plugin:
    def __init__(self, config, data_dir):
        self.file = os.path.join(data_dir, "count")
    def greet(self, name="world"):
        print("chatter")
        return {"said": "hello " + name}
    def count(self):
        with open(self.file, "a") as file:
            file.write("x")
        return os.path.getsize(self.file)
    def fail(self):
        raise ValueError("no luck \\x1b[31m")
"""


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    shelf = Shelf.at(tmp_path)
    shelf.market.release(
        "acme/demo",
        files={"demo.py": CODE},
        runtime=Runtime(kind="python", entry_point="demo:Plugin"),
        hooks={"greet": "", "count": "", "fail": ""},
    )
    shelf.market.release("acme/words", files={"words.txt": b"a\n"}, hooks={"read": "words.txt"})
    shelf.publish()
    shelf.add()
    shelf.run("install", "acme/demo", "acme/words", "--enable")
    return shelf


def test_the_answer_is_json_and_chatter_goes_elsewhere(shelf: Shelf) -> None:
    done = subprocess.run(
        [
            *(sys.executable, "-c", "from pluginry.cli.main import run; run()"),
            *("run", "acme/demo", "greet", "--args", '{"name": "you"}', "--home", str(shelf.home)),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, '{\n  "said": "hello you"\n}\n')
    assert done.stderr == "chatter\n"


def test_data_is_thrown_away_unless_it_is_asked_for(shelf: Shelf) -> None:
    assert [shelf.run("run", "acme/demo", "count").data for _ in range(2)] == [1, 1]
    assert [shelf.run("run", "acme/demo", "count", "--data").data for _ in range(2)] == [1, 2]


def test_a_failing_plugin_ends_with_its_message_and_no_traceback(shelf: Shelf) -> None:
    failed = shelf.run("run", "acme/demo", "fail")
    assert failed.status == 1
    assert failed.err == "error: acme/demo failed: ValueError: no luck \\x1b[31m\n"


def test_a_disabled_plugin_is_not_run(shelf: Shelf) -> None:
    shelf.run("disable", "acme/demo")
    refused = shelf.run("run", "acme/demo", "greet")
    assert refused.status == 6
    assert "pluginry enable acme/demo" in refused.err


def test_a_damaged_plugin_is_not_run(shelf: Shelf) -> None:
    (file,) = shelf.home.glob("plugins/acme/demo/*/demo.py")
    file.write_bytes(CODE + b"\nprint('surprise')\n")
    assert shelf.run("run", "acme/demo", "greet").status == 5


def test_a_withdrawn_plugin_is_not_run(shelf: Shelf) -> None:
    shelf.market.advise("PLG-2026-0001", "acme/demo", action=Action.DISABLE)
    shelf.publish()
    shelf.run("source", "refresh")
    refused = shelf.run("run", "acme/demo", "greet")
    assert refused.status == 5
    assert "PLG-2026-0001" in refused.err


def test_files_are_for_the_host(shelf: Shelf) -> None:
    refused = shelf.run("run", "acme/words", "read")
    assert refused.status == 2
    assert str(shelf.home / "plugins/acme/words") in refused.err


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (["acme/nothing"], 7),
        (["acme/demo", "nothing"], 7),
        (["acme/demo"], 2),
        (["acme/demo", "greet", "--args", "{"], 2),
        (["acme/demo", "greet", "--args", "[1]"], 2),
        (["acme/demo", "greet", "--timeout", "0"], 2),
    ],
    ids=str,
)
def test_what_makes_no_sense_is_said(shelf: Shelf, words: list[str], status: int) -> None:
    assert shelf.run("run", *words).status == status


def test_the_help_does_not_promise_a_sandbox() -> None:
    assert "There is no sandbox yet" in " ".join(pluginry("run", "--help").out.split())
