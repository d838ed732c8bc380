from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from plugins.plugin_sources import load

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PLUGIN = "oko/uptime-check"
UPTIME = load(PLUGIN)
PAGES = [
    {"name": "shop", "url": "https://shop.example/"},
    {"name": "api", "url": "https://api.example/health", "expect": 204},
]


def a_plugin(folder: Path, answers: dict[str, tuple[int | None, str, int]], **config: Any) -> Any:
    def ask(url: str, timeout_s: float) -> Any:
        assert timeout_s == 5
        return UPTIME.Answer(*answers[url])

    return UPTIME.Plugin({"pages": PAGES, **config}, str(folder), ask=ask)


def now(minute: int) -> str:
    return f"2026-08-01T09:{minute:02}:00Z"


def test_pages_are_up_slow_or_down(tmp_path: Path) -> None:
    answers = {PAGES[0]["url"]: (200, "", 1500), PAGES[1]["url"]: (None, "timed out", 5003)}
    assert a_plugin(tmp_path, answers).check(now=now(0)) == {
        "checked_at": now(0),
        "rows": [
            {"name": "shop", "state": "slow", "status": 200, "took_ms": 1500, "up_percent": 100.0},
            {"name": "api", "state": "down", "status": None, "took_ms": 5003, "up_percent": 0.0, "error": "timed out"},
        ],
    }


def test_each_page_has_its_own_status_that_means_up(tmp_path: Path) -> None:
    answers: dict[str, tuple[int | None, str, int]] = {page["url"]: (204, "", 10) for page in PAGES}
    rows = a_plugin(tmp_path, answers).check(now=now(0))["rows"]
    assert [row["state"] for row in rows] == ["down", "up"]


def test_the_share_of_good_answers_is_counted_over_restarts(tmp_path: Path) -> None:
    for minute, status in enumerate([200, 200, 500]):
        answers = {PAGES[0]["url"]: (status, "", 10), PAGES[1]["url"]: (204, "", 10)}
        rows = a_plugin(tmp_path, answers).check(now=now(minute))["rows"]
    assert [row["up_percent"] for row in rows] == [66.7, 100.0]
    history = a_plugin(tmp_path, {}).history(name="shop")
    assert [result["state"] for result in history["results"]] == ["up", "up", "down"]
    assert history["up_percent"] == 66.7


def test_only_the_last_results_are_kept_and_only_of_pages_that_are_asked(tmp_path: Path) -> None:
    answers = {page["url"]: (200, "", 10) for page in PAGES}
    for minute in range(5):
        a_plugin(tmp_path, answers, keep=3).check(now=now(minute))
    assert len(a_plugin(tmp_path, {}).history(name="shop")["results"]) == 3
    a_plugin(tmp_path, answers, pages=PAGES[:1]).check(now=now(9))
    assert list(json.loads((tmp_path / "results.json").read_bytes())) == ["shop"]
    assert a_plugin(tmp_path, {}).history(name="api") == {"name": "api", "results": [], "up_percent": None}


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://example.com/", "javascript:1", "//example.com/", ""])
def test_only_web_pages_are_asked(tmp_path: Path, url: str) -> None:
    plugin = a_plugin(tmp_path, {}, pages=[{"name": "x", "url": url}])
    assert plugin.check(now=now(0))["rows"] == []


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(int(self.path.strip("/")))
        self.send_header("Content-Length", "5")
        self.end_headers()
        self.wfile.write(b"hello")

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def address() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), _Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("status", [200, 404, 503])
def test_real_pages_answer_with_their_status(address: str, status: int) -> None:
    answer = UPTIME.ask(f"{address}/{status}", 5)
    assert (answer.status, answer.error) == (status, "")
    assert answer.took_ms >= 0


def test_a_page_that_is_not_there_says_why() -> None:
    with HTTPServer(("127.0.0.1", 0), _Handler) as gone:
        port = gone.server_port
    answer = UPTIME.ask(f"http://127.0.0.1:{port}/200", 5)
    assert answer.status is None
    assert answer.error


def test_the_first_version_kept_no_results(tmp_path: Path) -> None:
    first = load(PLUGIN, "1.0.0").Plugin({"pages": PAGES}, str(tmp_path), ask=lambda *_: 200)
    assert [row["state"] for row in first.check(now=now(0))["rows"]] == ["up", "up"]
    assert list(tmp_path.iterdir()) == []
