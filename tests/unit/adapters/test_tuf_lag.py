"""A copy from before a change of keys is behind; everything else under other keys than today's is a lie."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from tuf.api.metadata import Metadata, Snapshot, Timestamp

from authority import TARGETS, Authority, key
from pluginry.errors import RolledBackError, TamperedError
from pluginry.model.layout import TIMESTAMP_KEY

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pluginry.adapters.tuf_client import TufClient

INDEX_ROOT = "index/root.json"
DAY = timedelta(days=1)


@pytest.fixture
def authority() -> Authority:
    published = Authority()
    published.publish()
    return published


def follows(client: TufClient, authority: Authority) -> bytes:
    """Refresh for good, and return the root of the index."""
    client.refresh(now=authority.now)
    body = client.target(INDEX_ROOT)
    client.keep()
    return body


def rotated(authority: Authority, *names: str) -> dict[str, bytes]:
    """Replace the online key, a day later each time; return what was published before."""
    before = dict(authority.store.objects)
    for name in names or ("new online",):
        authority.now += DAY
        authority.rotate(key(name))
        authority.publish()
    return before


def behind(authority: Authority, client: TufClient, objects: dict[str, bytes]) -> None:
    """Check that a place with `objects` is passed over, and that nothing of it is kept."""
    kept = (client.folder / "timestamp.json").read_bytes()
    authority.store.objects.clear()
    authority.store.objects.update(objects)
    with pytest.raises(RolledBackError, match="older than what was seen"):
        client.refresh(now=authority.now)
    client.keep()
    assert (client.folder / "timestamp.json").read_bytes() == kept


def lying(authority: Authority, client: TufClient) -> None:
    with pytest.raises(TamperedError, match="not trustworthy") as caught:
        client.refresh(now=authority.now)
    assert not isinstance(caught.value, RolledBackError)


def sign_timestamp(authority: Authority, signer: str, change: Callable[[Timestamp], Any] = lambda _: None) -> None:
    """Publish the present timestamp, changed and signed by another key."""
    metadata = Metadata[Timestamp].from_bytes(authority.store.objects[TIMESTAMP_KEY])
    change(metadata.signed)
    metadata.sign(key(signer))
    authority.store.objects[TIMESTAMP_KEY] = metadata.to_bytes()


@pytest.mark.parametrize("keys", [("second",), ("second", "third", "fourth")])
def test_a_place_from_before_a_change_of_keys_is_behind(
    authority: Authority, tmp_path: Path, keys: tuple[str, ...]
) -> None:
    follows(client := authority.client(tmp_path / "metadata"), authority)
    old = rotated(authority, *keys)
    follows(client, authority)
    behind(authority, client, old)


def test_a_place_between_two_changes_of_keys_is_behind_though_its_numbers_are_higher(
    authority: Authority, tmp_path: Path
) -> None:
    follows(client := authority.client(tmp_path / "metadata"), authority)
    rotated(authority, "second")
    for _ in range(5):
        authority.publish()
    old = rotated(authority, "third")
    follows(client, authority)
    behind(authority, client, old)


def test_a_place_that_has_the_new_root_but_not_yet_the_new_timestamp_is_behind(
    authority: Authority, tmp_path: Path
) -> None:
    follows(client := authority.client(tmp_path / "metadata"), authority)
    authority.now += DAY
    authority.publish()  # newer than what the client saw
    old = rotated(authority)
    old["v1/metadata/2.root.json"] = authority.roots[1]
    behind(authority, client, old)
    authority.publish()
    assert follows(client, authority) == TARGETS[INDEX_ROOT]


def test_a_place_that_is_behind_and_expired_is_behind(authority: Authority, tmp_path: Path) -> None:
    follows(client := authority.client(tmp_path / "metadata"), authority)
    old = rotated(authority)
    follows(client, authority)
    authority.now += 30 * DAY
    behind(authority, client, old)


def test_a_replaced_key_that_signs_on_is_no_lag(authority: Authority, tmp_path: Path) -> None:
    follows(client := authority.client(tmp_path / "metadata"), authority)
    rotated(authority)
    follows(client, authority)

    def go_on(says: Timestamp) -> None:
        says.version += 1
        says.expires += DAY

    sign_timestamp(authority, "online", go_on)
    lying(authority, client)


@pytest.mark.parametrize("signer", ["stranger", "root"])
def test_a_key_that_never_signed_timestamps_is_no_lag(authority: Authority, tmp_path: Path, signer: str) -> None:
    follows(client := authority.client(tmp_path / "metadata"), authority)
    rotated(authority)
    follows(client, authority)
    sign_timestamp(authority, signer, lambda says: setattr(says, "expires", says.expires - 2 * DAY))
    lying(authority, client)


def test_without_a_change_of_keys_no_other_key_is_a_lag(authority: Authority, tmp_path: Path) -> None:
    follows(client := authority.client(tmp_path / "metadata"), authority)
    sign_timestamp(authority, "new online")
    lying(authority, client)


def test_a_root_that_the_client_never_trusted_vouches_for_nothing(authority: Authority, tmp_path: Path) -> None:
    """A root in the client's own memory that nobody signed counts no more than one from the network."""
    follows(client := authority.client(tmp_path / "metadata"), authority)
    rotated(authority)
    follows(client, authority)
    stranger = Authority(root=key("stranger root"), online=key("stranger"))
    history = client.folder / "root_history"
    for name in ("1.root.json", "3.root.json"):
        (history / name).write_bytes(stranger.roots[0])
    sign_timestamp(authority, "stranger")
    lying(authority, client)


def test_a_document_of_another_kind_under_a_replaced_key_is_no_lag(authority: Authority, tmp_path: Path) -> None:
    follows(client := authority.client(tmp_path / "metadata"), authority)
    rotated(authority)
    follows(client, authority)
    snapshot: Metadata[Snapshot] = Metadata(Snapshot(version=1, expires=authority.now))
    snapshot.sign(key("online"))
    authority.store.objects[TIMESTAMP_KEY] = snapshot.to_bytes()
    with pytest.raises(TamperedError) as caught:
        client.refresh(now=authority.now)
    assert not isinstance(caught.value, RolledBackError)


def test_an_old_snapshot_under_a_new_timestamp_is_a_lie_and_no_lag(authority: Authority, tmp_path: Path) -> None:
    follows(client := authority.client(tmp_path / "metadata"), authority)
    old = rotated(authority)
    version = authority.metadata("timestamp")["signed"]["meta"]["snapshot.json"]["version"]
    authority.store.objects[f"v1/metadata/{version}.snapshot.json"] = old["v1/metadata/1.snapshot.json"]
    with pytest.raises(TamperedError) as caught:
        client.refresh(now=authority.now)
    assert not isinstance(caught.value, RolledBackError)
