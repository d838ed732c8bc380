"""Calling a plugin in a process of its own: what it gets, what comes back, and when nothing is started at all."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pluginry.errors import (
    DocumentError,
    NotFoundError,
    PluginryError,
    PolicyError,
    RevokedError,
    TamperedError,
    UsageError,
)
from pluginry.hosts.call import call
from pluginry.hosts.plugin_process import PluginFailedError
from pluginry.model.advisory import Action
from pluginry.model.manifest import Runtime
from pluginry.model.names import PluginId
from simulated_client import a_client, install
from simulator import Simulator

if TYPE_CHECKING:
    from pluginry.client.marketplace import Marketplace

DEMO, BASE = PluginId.parse("acme/demo"), PluginId.parse("acme/base")
CODE = b"""
import os
import sys

import shouting


class Plugin:
    def __init__(self, config, data_dir):
        self.config, self.data_dir = config, data_dir

    def greet(self, name="world"):
        print("this is not the answer")
        os.system("echo neither is this")
        return {"said": shouting.shout("hello " + name), "config": self.config, "share": 0.5}

    def count(self):
        path = os.path.join(self.data_dir, "count")
        count = 1 + (int(open(path).read()) if os.path.exists(path) else 0)
        with open(path, "w") as file:
            file.write(str(count))
        return count

    def surroundings(self):
        return {"variables": dict(os.environ), "folder": os.getcwd(), "path": sys.path, "flags": list(sys.flags)}

    def plant(self):
        import importlib.util, marshal
        place = importlib.util.cache_from_source(os.path.abspath(__file__))
        os.makedirs(os.path.dirname(place), exist_ok=True)
        code = compile("plain = lambda text: 'planted'", __file__, "exec")
        with open(place, "wb") as file:
            file.write(importlib.util.MAGIC_NUMBER + (1).to_bytes(4, "little") + bytes(8) + marshal.dumps(code))
        return [place]

    def fail(self):
        raise ValueError("no luck")

    def leave(self):
        sys.exit(3)

    def die(self):
        os._exit(3)

    def odd(self):
        return float("nan")

    def strange(self):
        return object()

    def hang(self):
        import time
        time.sleep(600)


def plain(text):
    return text[::-1]
"""
HOOKS = {
    "greet": "",
    "welcome": "demo:Plugin.greet",
    "reverse": "demo:plain",
    "missing": "demo:Plugin.not_there",
    "nowhere": "no_such_module:call",
} | {name: name for name in ("count", "plant", "surroundings", "fail", "leave", "die", "odd", "strange", "hang")}
PROGRAM = b"""
import json, sys
call = json.load(sys.stdin)
if sys.argv[1] == "fail":
    sys.exit(4)
print("not JSON" if sys.argv[1] == "chat" else json.dumps([sys.argv[1], call["arguments"], sorted(call)]))
"""


@pytest.fixture(scope="module")
def market() -> Simulator:
    market = Simulator()
    python = Runtime(kind="python", entry_point="demo:Plugin")
    market.release(
        "acme/base",
        files={"lib/shouting.py": b"def shout(text):\n    return text.upper()\n"},
        runtime=Runtime(kind="python", entry_point="shouting:shout", paths=("lib",)),
    )
    market.release("acme/demo", files={"demo.py": CODE}, runtime=python, hooks=HOOKS, dependencies={"acme/base": ">=1"})
    market.release(
        "acme/program",
        files={"bin/tool.py": PROGRAM},
        runtime=Runtime(kind="process", entry_point="bin/tool.py"),
        hooks={"send": "send", "fail": "", "chat": ""},
    )
    market.release("acme/ghost", runtime=Runtime(kind="process", entry_point="../../../bin/sh"), hooks={"send": "send"})
    market.release("acme/words", files={"words.txt": b"a\n"}, hooks={"read": "words.txt"})
    market.release("acme/web", runtime=Runtime(kind="wasm", entry_point="web.wasm"), hooks={"read": ""})
    market.publish()
    return market


@pytest.fixture
def client(market: Simulator, tmp_path: Path) -> Marketplace:
    client = a_client(tmp_path / "home", market)
    install(client, "acme/demo", enable=True)
    return client


def answer(client: Marketplace, hook: str | None, plugin: str = "acme/demo", **options: Any) -> Any:
    arguments = options.pop("arguments", {})
    return call(client, PluginId.parse(plugin), hook, arguments, **options)


class TestPython:
    def test_the_answer_comes_back_and_the_chatter_does_not(
        self, client: Marketplace, capfd: pytest.CaptureFixture[str]
    ) -> None:
        said = answer(client, "greet", arguments={"name": "you"})
        assert said == {"said": "HELLO YOU", "config": {}, "share": 0.5}
        out, err = capfd.readouterr()
        assert out == ""
        assert set(err.splitlines()) == {"this is not the answer", "neither is this"}

    def test_an_entry_point_is_named_by_its_name_or_its_target(self, client: Marketplace) -> None:
        answers = [answer(client, hook)["said"] for hook in ("greet", "welcome", "demo:Plugin.greet")]
        assert answers == ["HELLO WORLD"] * 3

    def test_a_function_needs_no_class(self, client: Marketplace) -> None:
        assert answer(client, "reverse", arguments={"text": "abc"}) == "cba"

    def test_settings_are_passed_on(self, client: Marketplace) -> None:
        file = client.home.config_file_of(DEMO)
        file.parent.mkdir(parents=True)
        file.write_text('{"loud": true, "level": 0.5}')
        assert answer(client, "greet")["config"] == {"loud": True, "level": 0.5}

    @pytest.mark.parametrize("content", ["{", "[]", "1"])
    def test_settings_that_make_no_sense_are_refused(self, client: Marketplace, content: str) -> None:
        file = client.home.config_file_of(DEMO)
        file.parent.mkdir(parents=True)
        file.write_text(content)
        with pytest.raises(DocumentError, match="the settings of the plugin"):
            answer(client, "greet")

    def test_data_is_kept_only_when_it_is_the_plugins_own(self, client: Marketplace) -> None:
        assert [answer(client, "count") for _ in range(3)] == [1, 2, 3]
        assert [answer(client, "count", own_data=False) for _ in range(2)] == [1, 1]
        assert (client.home.data_folder_of(DEMO) / "count").read_text() == "3"

    def test_it_sees_little_of_what_is_around_it(
        self, client: Marketplace, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.setenv("SECRET_TOKEN", "hidden")
        monkeypatch.setenv("PYTHONPATH", str(tmp_path))
        seen = answer(client, "surroundings")
        assert set(seen["variables"]) <= {"PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "TEMP", "TMP"}
        assert seen["folder"] == str(client.home.data_folder_of(DEMO))
        assert str(tmp_path) not in seen["path"]
        assert [path.rpartition("/plugins/")[2].split("/")[1] for path in seen["path"][:2]] == ["demo", "base"]

    def test_no_compiled_file_is_left_in_the_plugins_folder_or_read_from_it(self, client: Marketplace) -> None:
        answer(client, "greet")
        assert [*client.home.root.rglob("*.pyc")] == []
        assert not any(client.verify().values())

    def test_what_a_plugin_compiled_itself_does_not_go_before_what_was_installed(self, client: Marketplace) -> None:
        places = [*answer(client, "plant"), *answer(client, "plant")]
        assert answer(client, "reverse", arguments={"text": "abc"}) == "cba"
        assert not any(place.startswith(str(client.home.root)) for place in places)
        assert len(set(places)) == len(places)

    @pytest.mark.parametrize(
        ("hook", "words"),
        [
            ("fail", "ValueError: no luck"),
            ("leave", "SystemExit: 3"),
            ("odd", "ValueError"),
            ("strange", "TypeError"),
            ("missing", "AttributeError"),
            ("nowhere", "ModuleNotFoundError"),
            ("die", "ended with status 3"),
        ],
    )
    def test_a_failure_is_one_sentence(
        self, client: Marketplace, capfd: pytest.CaptureFixture[str], hook: str, words: str
    ) -> None:
        with pytest.raises(PluginFailedError, match=words) as caught:
            answer(client, hook)
        assert caught.value.exit_status == 1
        assert "Traceback" not in capfd.readouterr().err

    def test_a_traceback_is_there_for_who_wants_it(
        self, client: Marketplace, capfd: pytest.CaptureFixture[str]
    ) -> None:
        with pytest.raises(PluginFailedError):
            answer(client, "fail", show_traceback=True)
        assert "Traceback" in capfd.readouterr().err

    def test_wrong_arguments_are_the_callers_fault_and_said_so(self, client: Marketplace) -> None:
        with pytest.raises(PluginFailedError, match="unexpected keyword argument"):
            answer(client, "greet", arguments={"nobody": 1})

    def test_one_that_never_ends_is_ended(self, client: Marketplace) -> None:
        with pytest.raises(PluginFailedError, match=r"within 0\.5 seconds"):
            answer(client, "hang", timeout_s=0.5)


class TestProgram:
    @pytest.fixture
    def client(self, market: Simulator, tmp_path: Path) -> Marketplace:
        client = a_client(tmp_path / "home", market)
        install(client, "acme/program", "acme/ghost", "acme/words", "acme/web", enable=True)
        return client

    def test_it_gets_one_document_and_answers_with_one(self, client: Marketplace) -> None:
        assert answer(client, "send", "acme/program", arguments={"n": 1}) == [
            "send",
            {"n": 1},
            ["arguments", "config", "data_dir"],
        ]

    @pytest.mark.parametrize(("hook", "words"), [("fail", "ended with status 4"), ("chat", "did not answer with JSON")])
    def test_a_failure_is_one_sentence(self, client: Marketplace, hook: str, words: str) -> None:
        with pytest.raises(PluginFailedError, match=words):
            answer(client, hook, "acme/program")

    def test_a_program_outside_of_the_package_is_not_started(self, client: Marketplace) -> None:
        with pytest.raises(PluginFailedError, match="has no program"):
            answer(client, "send", "acme/ghost")

    def test_files_are_read_by_the_host_and_not_called(self, client: Marketplace) -> None:
        with pytest.raises(UsageError) as caught:
            answer(client, "read", "acme/words")
        assert "plugins/acme/words/1.0.0-" in caught.value.hint

    def test_what_only_the_host_can_run_is_left_to_it(self, client: Marketplace) -> None:
        with pytest.raises(UsageError, match="run by its host itself"):
            answer(client, "read", "acme/web")


class TestRefusals:
    """Nothing of a plugin is started before all of this was checked."""

    @staticmethod
    def refused(client: Marketplace, error: type[PluginryError], words: str, hook: str | None = "count") -> None:
        with pytest.raises(error, match=words):
            answer(client, hook)
        assert not (client.home.data_folder_of(DEMO) / "count").exists()

    def test_one_that_is_not_installed(self, client: Marketplace) -> None:
        client.apply(client.plan_remove([DEMO]))
        self.refused(client, NotFoundError, "acme/demo is not installed")

    def test_one_that_is_not_enabled(self, client: Marketplace) -> None:
        client.set_enabled(DEMO, enabled=False)
        self.refused(client, PolicyError, "acme/demo is not enabled")

    @pytest.mark.parametrize("file", ["demo/*/demo.py", "base/*/lib/shouting.py"])
    def test_one_whose_files_or_whose_dependencies_files_were_changed(self, client: Marketplace, file: str) -> None:
        (path,) = client.home.root.glob(f"plugins/acme/{file}")
        path.write_bytes(path.read_bytes() + b"\n")
        self.refused(client, TamperedError, "not what was installed")

    def test_one_with_an_added_file(self, client: Marketplace) -> None:
        (path,) = client.home.root.glob("plugins/acme/demo/*/demo.py")
        path.with_name("json.py").write_text("print('surprise')")
        self.refused(client, TamperedError, r"json\.py is added")

    @pytest.mark.parametrize("plugin", ["acme/demo", "acme/base"])
    def test_one_that_must_not_run_or_needs_one_that_must_not(self, tmp_path: Path, plugin: str) -> None:
        market = Simulator()
        market.release("acme/base", files={"shouting.py": b""}, runtime=Runtime(kind="python", entry_point="x:y"))
        market.release(
            "acme/demo",
            files={"demo.py": CODE},
            runtime=Runtime(kind="python", entry_point="demo:Plugin"),
            hooks={"count": ""},
            dependencies={"acme/base": "*"},
        )
        market.publish()
        client = a_client(tmp_path, market)
        install(client, "acme/demo", enable=True)
        market.advise("PLG-2026-0001", plugin, action=Action.DISABLE)
        market.publish()
        client.refresh()
        self.refused(client, RevokedError, f"{plugin} 1.0.0 must not run")

    def test_an_entry_point_that_it_does_not_have(self, client: Marketplace) -> None:
        self.refused(client, NotFoundError, "no entry point __init__", "__init__")
        self.refused(client, UsageError, "say which entry point", None)


def test_the_only_entry_point_needs_no_name(tmp_path: Path) -> None:
    market = Simulator()
    market.release(
        "acme/one",
        files={"one.py": b"def say():\n    return 1\n"},
        runtime=Runtime(kind="python", entry_point="one:say"),
        hooks={"say": "one:say"},
    )
    market.publish()
    client = a_client(tmp_path, market)
    install(client, "acme/one", enable=True)
    assert answer(client, None, "acme/one") == 1


def test_what_a_plugin_started_is_ended_with_it(tmp_path: Path) -> None:
    code = b"""
import subprocess, sys
def start():
    return subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], stdout=2).pid
"""
    market = Simulator()
    market.release(
        "acme/one",
        files={"one.py": code},
        runtime=Runtime(kind="python", entry_point="one:start"),
        hooks={"start": "one:start"},
    )
    market.publish()
    client = a_client(tmp_path, market)
    install(client, "acme/one", enable=True)
    child = answer(client, "start", "acme/one")
    for _ in range(500):  # the kernel ends it when it likes, but soon
        if not is_running(child):
            return
        time.sleep(0.01)
    pytest.fail(f"process {child} is still running")


def is_running(process: int) -> bool:
    """Return whether a process runs; one that ended and was not waited for by its new parent does not."""
    assert sys.platform == "linux"
    try:
        status = Path(f"/proc/{process}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return status.rpartition(")")[2].split()[0] != "Z"
