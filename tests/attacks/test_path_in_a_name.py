"""Names and references in documents hold paths and addresses, to make the client read or ask somewhere else."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from loopback import LoopbackServer
from pluginry.adapters import folder_transport, http_transport
from pluginry.adapters.folder_transport import FolderTransport
from pluginry.adapters.http_transport import HttpTransport
from pluginry.errors import DocumentError, TransportError
from pluginry.model.digest import Digest
from pluginry.model.names import Platform, PluginId
from pluginry.model.versions import Version

if TYPE_CHECKING:
    from pathlib import Path

PLACES = (
    "../secret.txt",
    "v1/../../secret.txt",
    "/etc/passwd",
    "v1//secret.txt",
    "%2e%2e/secret.txt",
    "https://evil.example/secret.txt",
    "v1\\..\\secret.txt",
    "v1/secret.txt?x",
    "v1/secret.txt#x",
    "",
)


@pytest.mark.parametrize("place", PLACES)
def test_no_transport_reads_what_is_no_key(tmp_path: Path, place: str) -> None:
    (tmp_path / "secret.txt").write_bytes(b"secret")
    (tmp_path / "market").mkdir()
    with pytest.raises(TransportError, match="not a key"):
        FolderTransport(tmp_path / "market").fetch(place, max_bytes=100)
    with LoopbackServer({}) as server:
        with pytest.raises(TransportError, match="not a key"):
            HttpTransport(server.address).fetch(place, max_bytes=100)
        assert server.requests == []


@pytest.mark.parametrize("place", [*PLACES, "..", "../..", "a/b/c", "acme/../x", "acme/%2e%2e"])
def test_no_document_can_name_a_place(place: str) -> None:
    for kind in (PluginId.parse, Version, Platform, Digest):
        with pytest.raises((DocumentError, ValueError)):
            kind(place)


def test_without_the_form_of_keys_a_file_outside_would_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder_transport, "parts_of_key", lambda key: tuple(key.split("/")))
    (tmp_path / "secret.txt").write_bytes(b"secret")
    (tmp_path / "market").mkdir()
    assert FolderTransport(tmp_path / "market").fetch("../secret.txt", max_bytes=100) == b"secret"


def test_without_the_form_of_keys_another_address_would_be_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_transport, "parts_of_key", lambda key: tuple(key.split("/")))
    with LoopbackServer({}) as server:
        with pytest.raises(TransportError):
            HttpTransport(server.address).fetch("../secret.txt", max_bytes=100)
        assert server.requests == ["/secret.txt"]
