from __future__ import annotations

import json
import shutil
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

from foreign_archives import an_npm_package
from pluginry.adapters.npm_source import NpmSource
from pluginry.errors import NotFoundError, TamperedError, TransportError
from pluginry.model.digest import BlobRef
from pluginry.model.release import Source

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MIB = 1 << 20
DEMO = Source(npm="eslint-plugin-demo", version="1.2.0")
__test__ = shutil.which("npm") is not None  # nobody needs npm to work on the rest


@pytest.fixture
def tarball(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Return the tarball of the one package in a registry on loopback, which is all that npm knows."""
    path = an_npm_package(tmp_path, scripts={"prepack": "touch ran", "preinstall": "touch ran"})

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            base = f"http://127.0.0.1:{server.server_address[1]}"
            release = {
                "name": "eslint-plugin-demo",
                "version": "1.2.0",
                "dist": {"tarball": f"{base}/eslint-plugin-demo/-/{path.name}"},
            }
            document = {
                "name": "eslint-plugin-demo",
                "dist-tags": {"latest": "1.2.0"},
                "versions": {"1.1.0": {**release, "version": "1.1.0"}, "1.2.0": release},
            }
            found = {
                "/eslint-plugin-demo": json.dumps(document).encode(),
                f"/eslint-plugin-demo/-/{path.name}": path.read_bytes(),
            }.get(self.path)
            self.send_response(200 if found else 404)
            self.send_header("Content-Length", str(len(found or b"{}")))
            self.end_headers()
            self.wfile.write(found or b"{}")

        def log_message(self, *_arguments: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    monkeypatch.setenv("npm_config_registry", f"http://127.0.0.1:{server.server_address[1]}/")
    monkeypatch.setenv("npm_config_cache", str(tmp_path / "cache"))
    monkeypatch.setenv("npm_config_userconfig", str(tmp_path / "npmrc"))
    monkeypatch.setenv("npm_config_globalconfig", str(tmp_path / "global-npmrc"))
    monkeypatch.setenv("npm_config_fetch_retries", "0")
    try:
        yield path
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _fetch(tmp_path: Path, source: Source, *, expected: BlobRef | None = None, max_bytes: int = MIB) -> Path:
    into = tmp_path / "into"
    into.mkdir()
    return NpmSource().fetch(source, into, expected=expected, max_bytes=max_bytes)


def test_a_tarball_is_fetched_as_it_was_published_and_no_script_runs(tmp_path: Path, tarball: Path) -> None:
    found = _fetch(tmp_path, DEMO, expected=BlobRef.of(tarball.read_bytes()))

    assert found.read_bytes() == tarball.read_bytes()
    assert not list(tmp_path.rglob("ran"))


@pytest.mark.usefixtures("tarball")
def test_versions_are_listed() -> None:
    assert NpmSource().versions("eslint-plugin-demo") == ("1.1.0", "1.2.0")


@pytest.mark.usefixtures("tarball")
def test_a_version_that_is_not_there_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError):
        _fetch(tmp_path, Source(npm="eslint-plugin-demo", version="9.9.9"))


@pytest.mark.usefixtures("tarball")
def test_a_package_that_is_not_there_is_not_found() -> None:
    with pytest.raises(NotFoundError):
        NpmSource().versions("not-there")


@pytest.mark.parametrize(
    "source",
    [
        Source(npm="eslint-plugin-demo", version="latest"),
        Source(npm="eslint-plugin-demo", version="^1.0.0"),
        Source(npm="eslint-plugin-demo", version="1.2.0 --foreground-scripts"),
        Source(npm="./demo", version="1.2.0"),
        Source(npm="git+https://example.com/demo", version="1.2.0"),
        Source(npm="--registry=https://example.com", version="1.2.0"),
    ],
)
def test_only_exact_releases_of_the_registry_are_asked_for(tmp_path: Path, source: Source) -> None:
    with pytest.raises(NotFoundError, match="cannot be"):
        _fetch(tmp_path, source)


@pytest.mark.usefixtures("tarball")
def test_another_tarball_than_promised_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TamperedError):
        _fetch(tmp_path, DEMO, expected=BlobRef.of(b"other"))


@pytest.mark.usefixtures("tarball")
def test_a_tarball_may_be_too_large(tmp_path: Path) -> None:
    with pytest.raises(TransportError, match="larger"):
        _fetch(tmp_path, DEMO, max_bytes=100)


@pytest.mark.usefixtures("tarball")
def test_a_registry_that_is_not_reached_is_not_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("npm_config_registry", "http://127.0.0.1:9/secret-path/")

    with pytest.raises(TransportError, match="could not reach") as caught:
        _fetch(tmp_path, DEMO)

    assert "127.0.0.1" not in str(caught.value)
    assert "secret" not in str(caught.value)


def test_a_missing_npm_is_named(tmp_path: Path) -> None:
    with pytest.raises(TransportError, match="no-such-npm cannot be started"):
        NpmSource(npm="no-such-npm").fetch(DEMO, tmp_path, expected=None, max_bytes=MIB)
