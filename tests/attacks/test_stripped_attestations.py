"""Whoever controls the bucket deletes the attestations; who holds the online key leaves them out of the record."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from pluginry.client import install as installing
from pluginry.errors import TamperedError
from simulated_client import a_client, install, versions_in
from victims import a_market, lie

if TYPE_CHECKING:
    from pathlib import Path

    from pluginry.model.index import PluginRecord
    from simulator import Simulator


def withheld() -> Simulator:
    market = a_market()
    for key in [key for key in market.objects if key.startswith("v1/a/")]:
        del market.objects[key]
    return market


def unnamed() -> Simulator:
    def strip(record: PluginRecord) -> PluginRecord:
        return replace(record, releases=tuple(replace(one, attestations=()) for one in record.releases))

    market = a_market()
    lie(market, strip)
    return market


def test_an_attestation_that_is_withheld_is_not_done_without(tmp_path: Path) -> None:
    client = a_client(tmp_path, withheld())
    with pytest.raises(TamperedError, match="withheld"):
        install(client, "acme/demo")
    assert versions_in(client) == {}


def test_a_release_without_attestations_is_refused_where_all_are_signed(tmp_path: Path) -> None:
    client = a_client(tmp_path, unnamed())
    with pytest.raises(TamperedError, match="not signed"):
        install(client, "acme/demo")
    assert versions_in(client) == {}


@pytest.mark.parametrize("attacked", [withheld, unnamed])
def test_without_the_demand_for_it_the_unsigned_would_be_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, attacked: object
) -> None:
    monkeypatch.setattr(installing, "published_by", lambda *_, **__: None)
    client = a_client(tmp_path, attacked())  # type: ignore[operator]  # one of the two above
    install(client, "acme/demo")
    assert versions_in(client) == {"acme/demo": "1.0.0"}
