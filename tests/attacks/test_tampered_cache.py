"""Another program of the same user changes what the client keeps, or makes it forget what it has seen."""

from __future__ import annotations

import shutil
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from pluginry.client.source_memory import STATE_FILE
from pluginry.encoding.content_store import ContentStore
from pluginry.errors import StaleError
from pluginry.model.digest import Digest
from simulated_client import a_client, install
from victims import EVIL, GOOD, a_market, evil_package, installed_file

if TYPE_CHECKING:
    from pathlib import Path

    from pluginry.client.marketplace import Marketplace
    from pluginry.model.digest import BlobRef


def attacked_client(home: Path) -> Marketplace:
    """Return a client whose cached package was exchanged before it is installed once more."""
    market = a_market()
    client = a_client(home, market)
    genuine = Digest.of(market.objects[market.package_key("acme/demo", "1.0.0")])
    path = client.sources()[0].cache.path_of(genuine)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(evil_package(market))
    return client


def test_what_was_changed_in_the_cache_is_fetched_again(tmp_path: Path) -> None:
    client = attacked_client(tmp_path)
    install(client, "acme/demo")
    assert installed_file(client) == GOOD


def test_without_hashing_it_on_every_reading_it_would_be_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unhashed(self: ContentStore, ref: BlobRef) -> Path | None:
        path = self.path_of(ref.sha256)
        return path if path.is_file() else None

    monkeypatch.setattr(ContentStore, "find", unhashed)
    client = attacked_client(tmp_path)
    install(client, "acme/demo")
    assert installed_file(client) == EVIL


def test_a_client_that_forgot_everything_is_shown_an_old_state_only_until_that_expires(tmp_path: Path) -> None:
    market = a_market()
    old = dict(market.objects)
    client = a_client(tmp_path, market)
    market.release("acme/demo", "1.1.0")
    market.publish()
    client.refresh()
    folder = client.sources()[0].folder
    shutil.rmtree(folder / "metadata")
    (folder / STATE_FILE).unlink()
    market.objects.update(old)
    assert a_client(tmp_path, market).refresh()["m0"].root.serial == 1  # the bound that SECURITY.md tells
    market.now += timedelta(days=8)
    with pytest.raises(StaleError):
        a_client(tmp_path, market).refresh()
