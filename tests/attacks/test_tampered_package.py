"""Whoever controls the bucket or the way to it puts another package in the place of the genuine one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pluginry.client.source import Source
from pluginry.errors import TamperedError
from pluginry.model import layout
from simulated_client import a_client, install
from victims import EVIL, a_market, evil_package, installed_file, put_package

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    from simulator import Simulator


def attacked() -> Simulator:
    market = a_market()
    put_package(market, evil_package(market))
    return market


def test_a_tampered_package_is_refused(tmp_path: Path) -> None:
    client = a_client(tmp_path, attacked())
    with pytest.raises(TamperedError, match="not the one that the index names"):
        install(client, "acme/demo")
    assert installed_file(client) is None


def test_a_package_that_only_grew_is_refused(tmp_path: Path) -> None:
    market = a_market()
    market.objects[market.package_key("acme/demo", "1.0.0")] += b"\0"
    with pytest.raises(TamperedError, match="larger"):
        install(a_client(tmp_path, market), "acme/demo")


def test_without_the_digest_it_would_be_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unchecked(self: Source, plugin: Any, release: Any, artifact: Any, *_others: object) -> Path:
        key = layout.package_key(plugin, release.version, artifact.platform)
        path = tmp_path / "unchecked.zip"
        path.write_bytes(self.transport.fetch(key, max_bytes=1 << 20))
        return path

    monkeypatch.setattr(Source, "package", unchecked)
    client = a_client(tmp_path / "home", attacked())
    install(client, "acme/demo")
    assert installed_file(client) == EVIL
