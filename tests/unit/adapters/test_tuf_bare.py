"""The bare TUF client: any repository, through our own transport, and no further than that goes."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
from tuf.api.metadata import (
    DelegatedRole,
    Delegations,
    Metadata,
    MetaFile,
    Snapshot,
    TargetFile,
    Targets,
    Timestamp,
)

from authority import TARGETS, Authority
from loopback import LoopbackServer
from pluginry.adapters.http_transport import HttpTransport
from pluginry.adapters.signing_keys import sign_with
from pluginry.adapters.tuf_bare import ROOT_FILE, BareRepository, RoleFiles, download, refresh
from pluginry.errors import TamperedError, TransportError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

INDEX_ROOT = "index/root.json"
FOLDER, ODD = "odd", "odd.json"


@pytest.fixture
def server(authority: Authority) -> Iterator[LoopbackServer]:
    with LoopbackServer(authority.store.objects) as running:
        yield running


@pytest.fixture
def repository(server: LoopbackServer) -> BareRepository:
    return BareRepository(
        metadata=RoleFiles(f"{server.address}v1/metadata"), targets=HttpTransport(f"{server.address}v1/targets")
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


@pytest.mark.parametrize("name", ["?", "#", "/delegated", "../delegated", "..", "a b", "ö", "%2F", "a\\b"])
def test_a_role_may_have_any_name_and_its_file_stays_where_the_others_are(
    authority: Authority, server: LoopbackServer, repository: BareRepository, folder: Path, tmp_path: Path, name: str
) -> None:
    delegate(authority, server, name)
    around = set(tmp_path.rglob("*"))
    found = download(folder, repository, f"{FOLDER}/{ODD}", into=tmp_path, now=authority.now)
    assert found.read_bytes() == b"odd"
    assert f"v1/metadata/1.{name}.json" in server.requests
    assert (folder / f"{quote(name, safe='')}.json").is_file()
    assert {path.parent for path in set(tmp_path.rglob("*")) - around} <= {tmp_path, folder, folder / "root_history"}


@pytest.mark.parametrize(
    "name", ["../secret", "..%2fsecret", "%2e%2e%2Fsecret", "a/b", "?x", "a#b", "a b", "..", ".", ""]
)
def test_what_is_not_quoted_is_not_asked_for(server: LoopbackServer, repository: BareRepository, name: str) -> None:
    with pytest.raises(TransportError, match="not the name of a metadata file"):
        repository.fetch(f"v1/metadata/{name}", max_bytes=100)
    with pytest.raises(TransportError, match="not the name of a metadata file"):
        repository.download(f"v1/metadata/{name}", io.BytesIO(), max_bytes=100)
    assert server.requests == []


def delegate(authority: Authority, server: LoopbackServer, name: str) -> None:
    """Let the published targets delegate a folder to a role of this name, with one target in it."""
    role = DelegatedRole(name, keyids=[], threshold=1, terminating=False, paths=[f"{FOLDER}/*"])
    targets = Metadata[Targets].from_bytes(server.objects["v1/metadata/1.targets.json"]).signed
    targets.version, targets.delegations = 2, Delegations(keys={}, roles={name: role})
    targets.add_key(authority.online.public_key, name)
    odd = Targets(expires=targets.expires, targets={f"{FOLDER}/{ODD}": TargetFile.from_data(f"{FOLDER}/{ODD}", b"odd")})
    snapshot = Metadata[Snapshot].from_bytes(server.objects["v1/metadata/1.snapshot.json"]).signed
    snapshot.version = 2
    snapshot.meta |= {"targets.json": MetaFile(2), f"{name}.json": MetaFile(1)}
    timestamp = Metadata[Timestamp].from_bytes(server.objects["v1/metadata/timestamp.json"]).signed
    timestamp.version, timestamp.snapshot_meta = 2, MetaFile(2)
    for file, body in (("2.targets", targets), (f"1.{name}", odd), ("2.snapshot", snapshot), ("timestamp", timestamp)):
        metadata: Metadata[Any] = Metadata(body)
        sign_with(authority.online, metadata)
        server.objects[f"v1/metadata/{file}.json"] = metadata.to_bytes()
    digest = odd.targets[f"{FOLDER}/{ODD}"].hashes["sha256"]
    server.objects[f"v1/targets/{FOLDER}/{digest}.{ODD}"] = b"odd"


def test_a_folder_without_a_root_has_nothing_to_begin_with(
    authority: Authority, repository: BareRepository, tmp_path: Path
) -> None:
    with pytest.raises(TransportError):
        refresh(tmp_path, repository, now=authority.now)
    with pytest.raises(TransportError):
        download(tmp_path, repository, INDEX_ROOT, into=tmp_path, now=authority.now)


def test_its_location_is_that_of_the_metadata(repository: BareRepository) -> None:
    assert repository.location == repository.metadata.location
