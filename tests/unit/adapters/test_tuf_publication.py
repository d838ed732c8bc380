from __future__ import annotations

import pytest

from authority import TARGETS, Authority, key
from pluginry.adapters.tuf_publication import Publication, metadata_key, published_now, root_chain
from pluginry.errors import TamperedError, UsageError


def has_old_keys(found: Publication) -> bool:
    """Return whether keys that were replaced signed it: all of it, because one key signs all."""
    parts = (found.timestamp, found.snapshot, found.targets)
    assert len({part.has_old_key for part in parts}) == 1
    return found.targets.has_old_key


@pytest.fixture
def authority() -> Authority:
    published = Authority()
    published.publish()
    return published


def test_nothing_is_published_in_an_empty_store(authority: Authority) -> None:
    assert published_now(Authority().store, root_chain(authority.roots)) is None


def test_what_is_published_is_read_back_with_its_bytes(authority: Authority) -> None:
    found = published_now(authority.store, root_chain(authority.roots))
    assert found is not None
    assert set(found.targets.says.targets) == set(TARGETS)
    for part, path in ((found.timestamp, "timestamp"), (found.snapshot, "1.snapshot"), (found.targets, "1.targets")):
        assert part.body == authority.store.objects[f"v1/metadata/{path}.json"]
        assert part.says.version == 1
    assert not has_old_keys(found)


def test_what_the_key_before_signed_is_known_as_such(authority: Authority) -> None:
    authority.rotate(key("new online"))
    found = published_now(authority.store, root_chain(authority.roots))
    assert found is not None
    assert has_old_keys(found)
    authority.publish()
    found = published_now(authority.store, root_chain(authority.roots))
    assert found is not None
    assert not has_old_keys(found)


def test_a_renewed_root_with_the_same_keys_changes_nothing(authority: Authority) -> None:
    authority.rotate(authority.online)
    found = published_now(authority.store, root_chain(authority.roots))
    assert found is not None
    assert not has_old_keys(found)


def test_a_key_that_no_root_ever_named_is_a_stranger(authority: Authority) -> None:
    stranger = Authority(root=key("other root"), online=key("other online"))
    with pytest.raises(TamperedError, match="keys of this marketplace"):
        published_now(authority.store, root_chain(stranger.roots))


def test_a_chain_has_its_roots_in_order(authority: Authority) -> None:
    authority.rotate(key("new online"))
    assert [root.version for root in root_chain(authority.roots)] == [1, 2]
    with pytest.raises(TamperedError):
        root_chain(authority.roots[::-1])
    with pytest.raises(UsageError):
        root_chain(())


def test_every_version_of_a_file_has_its_key() -> None:
    assert metadata_key(3, "snapshot") == "v1/metadata/3.snapshot.json"
