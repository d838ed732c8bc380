from __future__ import annotations

import hashlib
import hmac
import json
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from plugins.plugin_sources import load_file, manifest_of, newest_of, tree_of

if TYPE_CHECKING:
    from collections.abc import Iterator

PLUGIN = "mlebotics/webhook-step"
NEWEST = newest_of(PLUGIN)
SCRIPT = tree_of(PLUGIN, NEWEST) / manifest_of(PLUGIN, NEWEST).runtime.entry_point
WEBHOOK = load_file(SCRIPT)
KEY = "not a real key"


class Receiver(ThreadingHTTPServer):
    """Answers with the statuses it was given, then with 204; remembers what it got."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.statuses: list[int] = []
        self.got: list[tuple[str, dict[str, str], bytes]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/hook"


class _Handler(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append((self.path, dict(self.headers), body))
        self.send_response(self.server.statuses.pop(0) if self.server.statuses else 204)
        self.send_header("Location", f"{self.server.url}/elsewhere")
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def run(config: dict[str, Any], payload: Any, *, key: str = "", hook: str = "send") -> dict[str, Any]:
    call = {"config": config, "data_dir": "unused", "arguments": {"payload": payload}}
    environment = {WEBHOOK.KEY_VARIABLE: key} if key else {}
    done = subprocess.run(
        [sys.executable, "-I", str(SCRIPT), hook],
        input=json.dumps(call),
        capture_output=True,
        text=True,
        encoding="utf-8",
        env=environment,
        check=True,
        timeout=60,
    )
    assert done.stderr == ""
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def test_the_payload_arrives_as_json_with_a_signature_that_holds(receiver: Receiver) -> None:
    answer = run({"url": receiver.url}, {"state": "high", "ort": "Süd"}, key=KEY)
    assert answer == {"sent": True, "status": 204, "attempts": 1}
    [(path, headers, body)] = receiver.got
    assert path == "/hook"
    assert json.loads(body) == {"state": "high", "ort": "Süd"}
    assert headers["Content-Type"] == "application/json"
    assert headers["X-Signature-256"] == "sha256=" + hmac.new(KEY.encode(), body, hashlib.sha256).hexdigest()


def test_without_a_key_nothing_is_signed(receiver: Receiver) -> None:
    run({"url": receiver.url}, {})
    assert "X-Signature-256" not in receiver.got[0][1]


def test_a_receiver_that_is_busy_is_asked_again(receiver: Receiver) -> None:
    receiver.statuses = [503, 429]
    answer = run({"url": receiver.url, "pause_s": 0}, {"n": 1})
    assert answer == {"sent": True, "status": 204, "attempts": 3}
    assert len({body for _, _, body in receiver.got}) == 1


def test_a_receiver_that_stays_busy_is_given_up(receiver: Receiver) -> None:
    receiver.statuses = [500] * 9
    answer = run({"url": receiver.url, "pause_s": 0, "retries": 1}, {})
    assert answer == {"sent": False, "status": 500, "error": "the receiver answered 500", "attempts": 2}


def test_a_refusal_is_final(receiver: Receiver) -> None:
    receiver.statuses = [403]
    assert run({"url": receiver.url}, {})["attempts"] == 1


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_redirects_are_not_followed(receiver: Receiver, status: int) -> None:
    receiver.statuses = [status]
    answer = run({"url": receiver.url}, {"secret": 1}, key=KEY)
    assert (answer["sent"], answer["status"]) == (False, status)
    assert [path for path, _, _ in receiver.got] == ["/hook"]


def test_a_receiver_that_is_not_there_is_reported() -> None:
    with Receiver() as gone:
        url = gone.url
    answer = run({"url": url, "pause_s": 0, "retries": 1}, {})
    assert (answer["sent"], answer["status"], answer["attempts"]) == (False, None, 2)
    assert "was not reached" in answer["error"]


@pytest.mark.parametrize(
    "url",
    [
        "",
        "http://example.com/hook",
        "http://127.0.0.1.example.com/",
        "ftp://127.0.0.1/",
        "file:///etc/passwd",
        "https://user:password@example.com/",
        "http://127.0.0.1@example.com/",
    ],
)
def test_nothing_is_sent_to_other_addresses(url: str) -> None:
    answer = run({"url": url}, {})
    assert answer["sent"] is False
    assert "the address" in answer["error"]


@pytest.mark.parametrize(
    ("arguments", "standard_input"),
    [([], "{}"), (["delete"], "{}"), (["send", "x"], "{}"), (["send"], ""), (["send"], "[]"), (["send"], "{")],
)
def test_a_wrong_call_ends_with_status_2_and_says_why(arguments: list[str], standard_input: str) -> None:
    done = subprocess.run(
        [sys.executable, "-I", str(SCRIPT), *arguments],
        input=standard_input,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(("usage:", "standard input is not a call"))
    assert "Traceback" not in done.stderr


def test_it_can_be_started_by_itself() -> None:
    assert SCRIPT.read_bytes().startswith(b"#!/usr/bin/env python3\n")
    assert [step.target for step in manifest_of(PLUGIN, NEWEST).entry_points["steps"]] == ["send"]
