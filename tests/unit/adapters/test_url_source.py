from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

from pluginry.adapters.url_source import UrlSource
from pluginry.errors import NotFoundError, ObjectTooLargeError, TamperedError, TransportError
from pluginry.model.digest import BlobRef
from pluginry.model.release import Source

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BODY = b"the bytes of a release " * 1000
MIB = 1 << 20


@dataclass
class Answers:
    """What the server answers, in turn; the last answer stays. Each is a status, headers and a body."""

    queue: list[tuple[int, dict[str, str], bytes]] = field(default_factory=lambda: [(200, {}, BODY)])
    seen: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def next(self) -> tuple[int, dict[str, str], bytes]:
        return self.queue.pop(0) if len(self.queue) > 1 else self.queue[0]


@contextmanager
def _server(answers: Answers) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answers.seen.append((self.path, dict(self.headers)))
            status, headers, body = answers.next()
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def answers() -> Answers:
    return Answers()


@pytest.fixture
def base(answers: Answers) -> Iterator[str]:
    with _server(answers) as base:
        yield base


@dataclass
class Clock:
    """A clock that moves only when somebody waits, or by ``step`` each time it is looked at."""

    now: float = 0.0
    step: float = 0.0
    waits: list[float] = field(default_factory=list)

    def read(self) -> float:
        self.now += self.step
        return self.now

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += seconds


def _source(clock: Clock | None = None, **options: object) -> UrlSource:
    clock = clock or Clock()
    settings = {"unsafe_allow_loopback_http": True, "clock": clock.read, "sleep": clock.sleep, "jitter": lambda: 0.5}
    return UrlSource(**{**settings, **options})  # type: ignore[arg-type] # the tests name the options


def _fetch(source: UrlSource, url: str, into: Path, *, expected: BlobRef | None = None, max_bytes: int = MIB) -> bytes:
    return source.fetch(Source(url=url), into, expected=expected, max_bytes=max_bytes).read_bytes()


def test_a_file_is_downloaded_without_compression_or_credentials(base: str, answers: Answers, tmp_path: Path) -> None:
    assert _fetch(_source(), f"{base}/a.zip", tmp_path, expected=BlobRef.of(BODY)) == BODY

    path, headers = answers.seen[0]
    assert path == "/a.zip"
    assert headers["Accept-Encoding"] == "identity"
    assert not {"Cookie", "Authorization", "Referer"} & headers.keys()


def test_other_bytes_are_refused_and_not_asked_for_again(base: str, answers: Answers, tmp_path: Path) -> None:
    with pytest.raises(TamperedError):
        _fetch(_source(), f"{base}/a.zip", tmp_path, expected=BlobRef.of(b"other"))

    assert len(answers.seen) == 1


@pytest.mark.parametrize("status", [404, 410])
def test_a_missing_file_is_not_found(base: str, answers: Answers, tmp_path: Path, status: int) -> None:
    answers.queue = [(status, {}, b"no")]

    with pytest.raises(NotFoundError):
        _fetch(_source(), f"{base}/a.zip", tmp_path)

    assert len(answers.seen) == 1


def test_a_server_that_stumbles_is_asked_again_after_growing_pauses(
    base: str, answers: Answers, tmp_path: Path
) -> None:
    answers.queue = [(503, {}, b""), (429, {}, b""), (200, {}, BODY)]
    clock = Clock()

    assert _fetch(_source(clock), f"{base}/a.zip", tmp_path) == BODY
    assert clock.waits == [0.5, 1.0]


def test_a_server_that_stays_down_is_given_up(base: str, answers: Answers, tmp_path: Path) -> None:
    answers.queue = [(503, {}, b"")]

    with pytest.raises(TransportError, match="HTTP 503"):
        _fetch(_source(attempts=3), f"{base}/a.zip", tmp_path)

    assert len(answers.seen) == 3


def test_half_a_file_is_fetched_again_from_the_start(base: str, answers: Answers, tmp_path: Path) -> None:
    answers.queue = [(200, {"Content-Length": str(len(BODY) + 10)}, BODY), (200, {}, BODY)]

    assert _fetch(_source(), f"{base}/a.zip", tmp_path, expected=BlobRef.of(BODY)) == BODY


def test_nobody_at_the_address_is_a_transport_error(tmp_path: Path) -> None:
    with _server(Answers()) as base:
        pass

    with pytest.raises(TransportError, match="connection failed"):
        _fetch(_source(), f"{base}/a.zip", tmp_path)


def test_an_answer_that_makes_no_sense_is_a_transport_error(base: str, answers: Answers, tmp_path: Path) -> None:
    answers.queue = [(206, {}, b"part")]

    with pytest.raises(TransportError, match="HTTP 206"):
        _fetch(_source(), f"{base}/a.zip", tmp_path)


def test_a_stated_size_that_is_too_large_is_refused_at_once(base: str, answers: Answers, tmp_path: Path) -> None:
    answers.queue = [(200, {"Content-Length": "999999999"}, b"")]

    with pytest.raises(ObjectTooLargeError, match="more than 100 bytes"):
        _fetch(_source(), f"{base}/a.zip", tmp_path, max_bytes=100)


def test_a_body_without_a_size_is_cut_off_at_the_limit(base: str, answers: Answers, tmp_path: Path) -> None:
    answers.queue = [(200, {"Content-Length": ""}, BODY)]

    with pytest.raises(ObjectTooLargeError, match="more than 100 bytes"):
        _fetch(_source(), f"{base}/a.zip", tmp_path, max_bytes=100)


def test_a_slow_server_meets_the_deadline(base: str, tmp_path: Path) -> None:
    with pytest.raises(TransportError, match="longer than 10 seconds"):
        _fetch(_source(Clock(step=11.0), deadline_s=10), f"{base}/a.zip", tmp_path)


def test_no_pause_goes_beyond_the_deadline(base: str, answers: Answers, tmp_path: Path) -> None:
    answers.queue = [(503, {}, b"")]

    with pytest.raises(TransportError):
        _fetch(_source(deadline_s=0.1), f"{base}/a.zip", tmp_path)

    assert len(answers.seen) == 1


def test_redirects_are_followed_and_limited(base: str, answers: Answers, tmp_path: Path) -> None:
    answers.queue = [(302, {"Location": "/other/b.zip"}, b""), (200, {}, BODY)]
    assert _fetch(_source(), f"{base}/a.zip", tmp_path) == BODY
    assert answers.seen[1][0] == "/other/b.zip"

    answers.queue = [(302, {"Location": "/a.zip"}, b"")]
    with pytest.raises(TransportError, match="redirects"):
        _fetch(_source(), f"{base}/a.zip", tmp_path)


@pytest.mark.parametrize(
    "location",
    [
        "http://example.com/a.zip",
        "ftp://example.com/a.zip",
        "file:///etc/passwd",
        "https://user:pw@example.com/",
        "//[",
        "",
    ],
)
def test_a_redirect_to_something_else_than_https_is_refused(
    base: str, answers: Answers, tmp_path: Path, location: str
) -> None:
    answers.queue = [(302, {"Location": location}, b"")]

    with pytest.raises(TransportError):
        _fetch(_source(), f"{base}/a.zip", tmp_path)


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/a.zip",
        "ftp://example.com/a",
        "file:///etc/passwd",
        "https://user:secret@example.com/a",
        "https://",
        "x",
    ],
)
def test_only_https_without_credentials_is_spoken(tmp_path: Path, url: str) -> None:
    with pytest.raises(TransportError) as caught:
        _fetch(_source(), url, tmp_path)

    assert "secret" not in str(caught.value)


def test_plain_http_to_loopback_needs_a_flag(base: str, answers: Answers, tmp_path: Path) -> None:
    with pytest.raises(TransportError, match="only https"):
        _fetch(UrlSource(), f"{base}/a.zip", tmp_path)

    assert answers.seen == []


def test_a_query_never_appears_in_a_message(base: str, answers: Answers, tmp_path: Path) -> None:
    answers.queue = [(500, {}, b"")]

    with pytest.raises(TransportError) as caught:
        _fetch(_source(attempts=1), f"{base}/a.zip?X-Signature=secret", tmp_path)

    assert "secret" not in str(caught.value)
    assert "/a.zip" in str(caught.value)
