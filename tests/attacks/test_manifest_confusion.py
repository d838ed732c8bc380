"""The index shows a harmless manifest, and the package holds another: users agree to less than they get."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from packages import package
from pluginry.client import verify_release
from pluginry.errors import TamperedError
from pluginry.model.manifest import Permission
from simulated_client import a_client, install, want
from victims import EVIL, FILE, a_market, installed_file, manifest_of, offer_signed

if TYPE_CHECKING:
    from pathlib import Path

    from simulator import Simulator


def attacked() -> Simulator:
    market = a_market()
    greedy = (Permission(type="network", scope="*", reason="Needs it"),)
    offer_signed(market, package(replace(manifest_of(market), permissions=greedy), {FILE: EVIL}))
    return market


def test_a_package_that_asks_for_more_than_the_index_said_is_refused(tmp_path: Path) -> None:
    client = a_client(tmp_path, attacked())
    with pytest.raises(TamperedError):
        install(client, "acme/demo")
    assert installed_file(client) is None


def test_without_the_comparison_it_would_be_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verify_release, "accept_package_manifest", lambda *_, **__: None)
    client = a_client(tmp_path, attacked())
    plan = client.plan_install([want("acme/demo")])
    assert plan.consent.asks == ()
    client.apply(plan)
    assert installed_file(client) == EVIL
