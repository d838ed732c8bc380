from __future__ import annotations

import os
from pathlib import Path

import pytest

from pluginry.adapters.folder_transport import FolderTransport
from pluginry.errors import ObjectMissingError, ObjectTooLargeError, TransportError


@pytest.fixture
def transport(tmp_path: Path) -> FolderTransport:
    (tmp_path / "v1").mkdir()
    (tmp_path / "v1" / "index.json").write_bytes(b"{}")
    return FolderTransport(tmp_path)


def test_an_object_is_a_file(transport: FolderTransport) -> None:
    assert transport.fetch("v1/index.json", max_bytes=2) == b"{}"
    assert transport.location == str(transport.root)


def test_what_is_larger_than_it_may_be_is_another_object(transport: FolderTransport) -> None:
    with pytest.raises(ObjectTooLargeError):
        transport.fetch("v1/index.json", max_bytes=1)


@pytest.mark.parametrize("key", ["v1", "v1/index.json/more", "nothing"])
def test_what_is_no_file_is_missing(transport: FolderTransport, key: str) -> None:
    with pytest.raises(ObjectMissingError):
        transport.fetch(key, max_bytes=10)


@pytest.mark.parametrize(
    "key", ["../v1/index.json", "v1/../../x", "..", "v1\\index.json", "v1/index.json\0", "/etc/passwd"]
)
def test_no_key_leads_out(transport: FolderTransport, key: str) -> None:
    with pytest.raises(TransportError, match="not a key") as caught:
        transport.fetch(key, max_bytes=1 << 20)
    assert not isinstance(caught.value, ObjectMissingError)


def test_a_pipe_is_not_waited_for(transport: FolderTransport) -> None:
    os.mkfifo(transport.root / "pipe")
    with pytest.raises(ObjectMissingError):
        transport.fetch("pipe", max_bytes=10)


def test_an_endless_file_ends_at_the_limit(transport: FolderTransport) -> None:
    zero = Path("/dev/zero")
    (transport.root / "endless").symlink_to(zero)
    with pytest.raises(TransportError):
        transport.fetch("endless", max_bytes=1000)


def test_a_name_that_no_file_can_have_is_an_error_of_the_folder(transport: FolderTransport) -> None:
    with pytest.raises(TransportError, match="cannot be read"):
        transport.fetch("x" * 300, max_bytes=10)


def test_a_folder_that_is_not_there_has_no_objects(tmp_path: Path) -> None:
    with pytest.raises(ObjectMissingError):
        FolderTransport(tmp_path / "unplugged").fetch("v1/index.json", max_bytes=10)
