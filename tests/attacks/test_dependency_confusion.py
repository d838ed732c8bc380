"""A public marketplace offers a plugin under an id that belongs to a private one, hoping that clients fall through."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pluginry.client import publisher_pins
from pluginry.client.source_list import SourceList
from pluginry.errors import PluginryError
from simulated_client import a_client, install, versions_in
from simulator import Simulator

if TYPE_CHECKING:
    from pathlib import Path

    from pluginry.client.marketplace import Marketplace
    from pluginry.client.source import Source
    from pluginry.model.names import PluginId


def attacked_client(home: Path) -> Marketplace:
    """Return a client that takes ``corp/*`` from a private marketplace, and everything else from a public one."""
    private, public = Simulator(location="https://private.test"), Simulator(location="https://public.test")
    private.release("corp/other", "1.0.0")
    private.publish()
    public.release("corp/secret", "9.0.0")
    public.publish()
    client = a_client(home, private)
    client.remove_source("m0")
    client.connector.markets = (private, public)  # type: ignore[attr-defined]  # the simulated network
    client.add_source("private", private.location, fingerprint=private.fingerprint, namespaces=("corp/*",))
    client.add_source("public", public.location, fingerprint=public.fingerprint)
    return client


def test_a_name_of_another_source_is_not_looked_for_elsewhere(tmp_path: Path) -> None:
    client = attacked_client(tmp_path)
    with pytest.raises(PluginryError):
        install(client, "corp/secret")
    assert versions_in(client) == {}


def test_without_the_mapping_of_names_to_sources_the_strangers_plugin_would_be_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def falling_through(self: SourceList, plugin: PluginId) -> Source:
        return next(source for source in self.all() if source.record(plugin) is not None)

    monkeypatch.setattr(SourceList, "serving", falling_through)
    client = attacked_client(tmp_path)
    install(client, "corp/secret")
    assert versions_in(client) == {"corp/secret": "9.0.0"}


def taken_over_client(home: Path) -> Marketplace:
    """Return a client whose plugin a marketplace added later claims with a longer pattern."""
    first, later = Simulator(location="https://first.test"), Simulator(location="https://later.test")
    first.release("corp/secret", "1.0.0")
    first.publish()
    for version in ("1.0.0", "9.0.0"):
        later.release("corp/secret", version, files={"evil.txt": b"evil"})
        later.publish()
    client = a_client(home, first)
    install(client, "corp/secret")
    client.connector.markets = (first, later)  # type: ignore[attr-defined]  # the simulated network
    client.add_source("later", later.location, fingerprint=later.fingerprint, namespaces=("corp/*",))
    return client


def test_what_is_installed_is_not_updated_from_another_marketplace(tmp_path: Path) -> None:
    client = taken_over_client(tmp_path)
    client.apply(client.plan_update())
    assert versions_in(client) == {"corp/secret": "1.0.0"}


def test_without_looking_where_it_came_from_the_other_marketplace_would_replace_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publisher_pins, "source_change", lambda *_: None)
    client = taken_over_client(tmp_path)
    client.apply(client.plan_update())
    assert versions_in(client) == {"corp/secret": "9.0.0"}
