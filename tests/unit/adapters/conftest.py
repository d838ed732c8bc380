"""What tests of adapters share.

Stores of S3 that are opened as commands open them, and one that meets faults; a marketplace that speaks TUF with a
client of it; bundles of a sigstore lab.
"""

from __future__ import annotations

import io
import itertools
from typing import TYPE_CHECKING, Any

import pytest

from authority import Authority
from fault_proxy import FaultProxy
from pluginry.adapters.s3_store import S3Store
from pluginry.adapters.s3_upload import WHOLE_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from lab_evidence import Evidence
    from pluginry.adapters.tuf_client import TufClient
    from s3_servers import S3Server

_numbers = itertools.count()


@pytest.fixture
def open_s3_store(monkeypatch: pytest.MonkeyPatch) -> Callable[..., S3Store]:
    """Return what opens an empty store at a server; with a `prefix`, one that somebody may use already."""

    def open_store(server: S3Server, prefix: str | None = None, **options: Any) -> S3Store:
        for variable, value in server.environment.items():
            monkeypatch.setenv(variable, value)
        return S3Store.open(f"s3://{server.bucket}/{prefix or f'own-{next(_numbers)}'}", **options)

    return open_store


@pytest.fixture
def large_file(tmp_path: Path) -> Path:
    """Return a file that goes in parts."""
    file = tmp_path / "large.zip"
    with file.open("wb") as stream:
        stream.write(b"beginning")
        stream.truncate(WHOLE_BYTES)
        stream.seek(0, io.SEEK_END)
        stream.write(b"end")
    return file


@pytest.fixture(params=["moto", "swift", "radosgw"])
def s3_server(request: pytest.FixtureRequest) -> S3Server:
    found: S3Server = request.getfixturevalue(f"{request.param}_server")
    return found


@pytest.fixture
def moto_proxy(moto_server: S3Server) -> Iterator[FaultProxy]:
    with FaultProxy(moto_server.address) as running:
        yield running


@pytest.fixture
def moto_store(moto_server: S3Server, moto_proxy: FaultProxy, open_s3_store: Callable[..., S3Store]) -> S3Store:
    """Return a store at moto that was found fit already, so that the next requests are those of the test."""
    opened = open_s3_store(moto_server.behind(moto_proxy.address))
    opened.check()
    moto_proxy.clear()
    return opened


@pytest.fixture
def authority() -> Authority:
    published = Authority()
    published.publish()
    return published


@pytest.fixture
def client(authority: Authority, tmp_path: Path) -> Iterator[TufClient]:
    one = authority.client(tmp_path / "metadata")
    yield one
    one.close()


@pytest.fixture(scope="session")
def evidence(tmp_path_factory: pytest.TempPathFactory) -> Evidence:
    from lab_evidence import Evidence

    return Evidence(tmp_path_factory.mktemp("lab"))
