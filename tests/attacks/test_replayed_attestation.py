"""Who holds the online key, but not the registry's identity, names a genuine attestation for another package."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pluginry.client import verify_release
from pluginry.errors import TamperedError
from simulated_client import a_client, install
from victims import EVIL, a_market, evil_package, installed_file, lie, put_package, with_package

if TYPE_CHECKING:
    from pathlib import Path

    from simulator import Simulator


def attacked() -> Simulator:
    market = a_market()
    ref = put_package(market, evil_package(market))
    lie(market, lambda record: with_package(record, ref))
    return market


def test_an_attestation_about_another_file_is_refused(tmp_path: Path) -> None:
    client = a_client(tmp_path, attacked())
    with pytest.raises(TamperedError, match="about something else"):
        install(client, "acme/demo")
    assert installed_file(client) is None


def test_without_reading_what_was_attested_it_would_be_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(verify_release, "accept_statement", lambda *_, **__: None)
    client = a_client(tmp_path, attacked())
    install(client, "acme/demo")
    assert installed_file(client) == EVIL
