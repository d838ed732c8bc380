"""The bare TUF client: any repository, through our own transport, and no further than that goes."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest

from authority import TARGETS, Authority
from loopback import LoopbackServer
from pluginry.adapters.http_transport import HttpTransport
from pluginry.adapters.tuf_bare import ROOT_FILE, BareRepository, download, refresh
from pluginry.errors import TamperedError, TransportError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

INDEX_ROOT = "index/root.json"


@pytest.fixture
def authority() -> Authority:
    published = Authority()
    published.publish()
    return published


@pytest.fixture
def server(authority: Authority) -> Iterator[LoopbackServer]:
    with LoopbackServer(authority.store.objects) as running:
        yield running


@pytest.fixture
def repository(server: LoopbackServer) -> BareRepository:
    return BareRepository(
        metadata=HttpTransport(f"{server.address}v1/metadata"), targets=HttpTransport(f"{server.address}v1/targets")
    )


@pytest.fixture
def folder(authority: Authority, tmp_path: Path) -> Path:
    (tmp_path / "metadata").mkdir()
    (tmp_path / "metadata" / ROOT_FILE).write_bytes(authority.roots[0])
    return tmp_path / "metadata"


def test_a_target_comes_from_its_own_address_and_only_once(
    authority: Authority, server: LoopbackServer, repository: BareRepository, folder: Path, tmp_path: Path
) -> None:
    found = download(folder, repository, INDEX_ROOT, into=tmp_path, now=authority.now)
    assert found.read_bytes() == TARGETS[INDEX_ROOT]
    asked = len(server.requests)
    assert download(folder, repository, INDEX_ROOT, into=tmp_path, now=authority.now) == found
    assert [key for key in server.requests[asked:] if "targets/" in key] == []


def test_metadata_with_two_readings_is_refused_here_too(
    authority: Authority, server: LoopbackServer, repository: BareRepository, folder: Path
) -> None:
    body = server.objects["v1/metadata/timestamp.json"]
    server.objects["v1/metadata/timestamp.json"] = body.replace(b'"version":', b'"version":9,"version":', 1)
    with pytest.raises(TamperedError, match="not strict JSON"):
        refresh(folder, repository, now=authority.now)
    assert not (folder / "timestamp.json").exists()


@pytest.mark.parametrize("role", ["..%2Fsecret", "%2Fetc%2Fpasswd", "%3F", "%23", "%2e%2e%2fsecret"])
def test_a_role_whose_name_is_a_path_is_not_asked_for(
    server: LoopbackServer, repository: BareRepository, role: str
) -> None:
    with pytest.raises(TransportError, match="not a key"):
        repository.fetch(f"v1/metadata/1.{role}.json", max_bytes=100)
    with pytest.raises(TransportError, match="not a key"):
        repository.download(f"v1/metadata/{role}", io.BytesIO(), max_bytes=100)
    assert server.requests == []


def test_a_folder_without_a_root_has_nothing_to_begin_with(
    authority: Authority, repository: BareRepository, tmp_path: Path
) -> None:
    with pytest.raises(TransportError):
        refresh(tmp_path, repository, now=authority.now)
    with pytest.raises(TransportError):
        download(tmp_path, repository, INDEX_ROOT, into=tmp_path, now=authority.now)


def test_its_location_is_that_of_the_metadata(repository: BareRepository) -> None:
    assert repository.location == repository.metadata.location
