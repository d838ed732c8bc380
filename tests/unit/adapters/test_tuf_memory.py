"""What a client of TUF remembers, and when."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from authority import TARGETS, Authority
from pluginry.errors import PluginryError, TamperedError, TransportError
from pluginry.model.layout import TIMESTAMP_KEY
from tuf_visits import INDEX_ROOT, NEWER, accepts, files_in

if TYPE_CHECKING:
    from pathlib import Path

    from pluginry.adapters.tuf_client import TufClient


def test_nothing_is_remembered_until_it_is_kept(authority: Authority, client: TufClient) -> None:
    client.refresh(now=authority.now)
    client.close()
    assert not client.folder.exists()
    accepts(client, authority)
    before = files_in(client.folder)
    authority.publish(NEWER)
    client.refresh(now=authority.now)
    assert client.target(INDEX_ROOT) == NEWER[INDEX_ROOT]
    client.close()
    assert files_in(client.folder) == before


def test_after_it_was_closed_there_is_nothing_to_ask(authority: Authority, client: TufClient) -> None:
    for end in (client.close, client.keep):
        client.refresh(now=authority.now)
        end()
        with pytest.raises(TamperedError, match="no metadata was refreshed"):
            client.target(INDEX_ROOT)


def test_closing_and_keeping_nothing_does_nothing(client: TufClient) -> None:
    client.close()
    client.keep()
    client.close()
    assert not client.folder.exists()


def test_a_refresh_that_failed_is_not_kept(authority: Authority, client: TufClient) -> None:
    accepts(client, authority)
    before = files_in(client.folder)
    authority.publish(NEWER)
    authority.store.objects["v1/metadata/2.targets.json"] = b"garbage"
    with pytest.raises(TamperedError):
        client.refresh(now=authority.now)
    client.keep()
    assert files_in(client.folder) == before
    with pytest.raises(TamperedError, match="no metadata was refreshed"):
        client.target(INDEX_ROOT)


def test_it_can_be_refreshed_again_without_closing(authority: Authority, client: TufClient) -> None:
    client.refresh(now=authority.now)
    authority.publish(NEWER)
    assert accepts(client, authority) == NEWER[INDEX_ROOT]


def test_what_is_kept_is_what_the_marketplace_published(authority: Authority, client: TufClient) -> None:
    accepts(client, authority)
    assert files_in(client.folder) == {
        "root_history/1.root.json": authority.roots[0],
        "timestamp.json": authority.store.objects[TIMESTAMP_KEY],
        "snapshot.json": authority.store.objects["v1/metadata/1.snapshot.json"],
        "targets.json": authority.store.objects["v1/metadata/1.targets.json"],
    }


@pytest.mark.parametrize("kept", ["timestamp.json", "snapshot.json", "targets.json", "root_history/2.root.json"])
def test_a_crash_while_keeping_leaves_something_to_go_on_from(
    authority: Authority, client: TufClient, kept: str
) -> None:
    accepts(client, authority)
    authority.rotate(authority.online)
    authority.publish(NEWER)
    other = authority.client(client.folder.parent / "other")
    accepts(other, authority)
    (client.folder / kept).write_bytes(files_in(other.folder)[kept])
    (client.folder / ".incoming-x").write_bytes(b"half")
    assert accepts(client, authority) == NEWER[INDEX_ROOT]


@pytest.mark.parametrize("name", ["timestamp.json", "snapshot.json", "targets.json", "root_history/1.root.json"])
@pytest.mark.parametrize("damage", [b"", b"garbage", b"{}", None])
def test_a_damaged_memory_is_made_good_from_the_marketplace(
    authority: Authority, client: TufClient, name: str, damage: bytes | None
) -> None:
    accepts(client, authority)
    if damage is None:
        (client.folder / name).unlink()
    else:
        (client.folder / name).write_bytes(damage)
    assert accepts(client, authority) == TARGETS[INDEX_ROOT]
    assert files_in(client.folder)["timestamp.json"] == authority.store.objects[TIMESTAMP_KEY]


def test_a_memory_that_cannot_be_written_is_not_tampering(authority: Authority, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    client = authority.client(tmp_path / "file" / "metadata")
    client.refresh(now=authority.now)
    with pytest.raises(TransportError, match="kept on this machine"):
        client.keep()
    client.close()


def test_clients_that_refresh_at_once_do_not_disturb_each_other(authority: Authority, tmp_path: Path) -> None:
    outcomes: list[object] = []

    def work() -> None:
        for _ in range(8):
            client = authority.client(tmp_path / "metadata")
            try:
                outcomes.append(accepts(client, authority))
            except PluginryError as error:
                outcomes.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes == [TARGETS[INDEX_ROOT]] * 32
    assert set(files_in(tmp_path / "metadata")) >= {"timestamp.json", "snapshot.json", "targets.json"}
