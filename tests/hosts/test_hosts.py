"""Host applications in two languages drive the client as a subprocess, over a marketplace on a real web server."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from command_line import Shelf, pluginry
from pluginry.cli.folder_server import FolderServer
from pluginry.encoding import strict_json
from pluginry.encoding.data_folder import data_folder

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent
HOSTS = {"python": (sys.executable, "python_host.py"), "javascript": ("node", "javascript_host.mjs")}
NETWORK = "network:api.test:443"


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """Yield a plugin home with a source on a web server."""
    shelf = Shelf.at(tmp_path)
    shelf.market.release("acme/cache", "1.0.0", files={"big.bin": bytes(300_000)})
    shelf.market.release(
        "acme/demo", "1.0.0", dependencies={"acme/cache": ">=1"}, permissions=[("network", "api.test:443")]
    )
    shelf.publish()
    with FolderServer(shelf.folder, host="127.0.0.1", port=0) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        fingerprint = str(shelf.market.fingerprint)
        added = pluginry("source", "add", "main", server.address, "--fingerprint", fingerprint, home=shelf.home)
        assert added.status == 0
        yield shelf.home
        server.shutdown()


def play(language: str, home: Path, plugin: str, *, allowed: str) -> dict[str, Any]:
    """Run a host and return what it printed."""
    program, script = HOSTS[language]
    command = [program, str(HERE / script), plugin, sys.executable, "-m", "pluginry"]
    variables = {**os.environ, "PLUGINRY_HOME": str(home), "ALLOWED": allowed}
    done = subprocess.run(command, env=variables, capture_output=True, text=True, check=True, timeout=120)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("language", HOSTS)
def test_a_host_installs_what_its_user_agrees_to(language: str, home: Path) -> None:
    found = play(language, home, "acme/demo", allowed=NETWORK)
    assert found["last"]["exit_status"] == 0
    assert {one["id"]: one["state"] for one in found["installed"]} == {"acme/cache": "enabled", "acme/demo": "enabled"}
    (question,) = found["heard"]["question"]
    assert [ask["permission"] for ask in question["about"]["permissions"]] == [NETWORK]
    assert question["about"]["permissions"][0]["reason"] == "Needs network"
    steps = found["heard"]["progress"]
    assert steps[0]["done"] == 0
    assert steps[-1]["done"] == steps[-1]["total"] > 300_000
    assert_events_are_as_documented(found["heard"])


@pytest.mark.parametrize("language", HOSTS)
def test_a_host_whose_user_does_not_agree_changes_nothing(language: str, home: Path) -> None:
    found = play(language, home, "acme/demo", allowed="")
    assert (found["last"]["event"], found["last"]["exit_status"]) == ("error", 6)
    assert found["installed"] == []
    assert_events_are_as_documented(found["heard"])


@pytest.mark.parametrize("language", HOSTS)
def test_a_host_hears_what_went_wrong(language: str, home: Path) -> None:
    found = play(language, home, "acme/nowhere", allowed="")
    assert found["last"]["error"]["code"] == "not-found"
    assert found["last"]["exit_status"] == found["last"]["error"]["exit_status"] == 7
    assert_events_are_as_documented(found["heard"])


def assert_events_are_as_documented(heard: dict[str, list[dict[str, Any]]]) -> None:
    """Check every event against the published schema."""
    from jsonschema import Draft202012Validator

    file = data_folder("schemas") / "command-event.schema.json"
    schema = strict_json.parse(file.read_bytes(), what=file.name, max_bytes=1 << 20)
    validator = Draft202012Validator(schema)
    events = [event for kind in heard.values() for event in kind]
    assert events
    for event in events:
        validator.validate(event)
