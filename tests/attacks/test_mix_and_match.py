"""Whoever controls the bucket joins parts of two genuine states: a new timestamp over an old list of targets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tuf.api.metadata import Metadata
from tuf.ngclient._internal.trusted_metadata_set import TrustedMetadataSet

from pluginry.errors import TamperedError
from simulated_client import a_client
from victims import a_market

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    from simulator import Simulator


def attacked() -> Simulator:
    market = a_market()
    market.release("acme/demo", "1.1.0")
    market.publish()
    market.objects["v1/metadata/2.targets.json"] = market.objects["v1/metadata/1.targets.json"]
    return market


def test_old_targets_under_a_new_snapshot_are_refused(tmp_path: Path) -> None:
    with pytest.raises(TamperedError, match="not trustworthy"):
        a_client(tmp_path, attacked())


def test_without_the_hashes_of_the_snapshot_it_would_be_believed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unchecked(self: Any, data: bytes, role: str, _delegator: str) -> Any:
        self._trusted_set[role] = Metadata.from_bytes(data).signed
        return self._trusted_set[role]

    monkeypatch.setattr(TrustedMetadataSet, "update_delegated_targets", unchecked)
    client = a_client(tmp_path, attacked())
    assert client.sources()[0].index().root.serial == 1
