"""Who holds the online key publishes a plugin's old record in a new index: TUF alone would accept that."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pluginry.client.source_memory import SourceMemory
from pluginry.errors import TamperedError
from simulated_client import a_client
from victims import DEMO, a_market, lie

if TYPE_CHECKING:
    from pathlib import Path

    from pluginry.client.marketplace import Marketplace


def attacked_client(home: Path) -> Marketplace:
    """Return a client that knew the newer record, and has just seen the older one come under a newer root."""
    market = a_market()
    client = a_client(home, market)
    old = client.record(DEMO)
    assert old is not None
    market.release("acme/demo", "1.1.0")
    market.publish()
    client.refresh()
    newer = client.record(DEMO)
    assert newer is not None
    assert newer.seq > old.seq
    lie(market, lambda _: old)
    client.refresh()
    return client


def test_an_old_record_in_a_new_index_is_refused(tmp_path: Path) -> None:
    client = attacked_client(tmp_path)
    with pytest.raises(TamperedError, match="an old record of acme/demo"):
        client.record(DEMO)


def test_without_the_number_of_the_record_it_would_be_believed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SourceMemory, "seen_seq", lambda *_: 0)
    record = attacked_client(tmp_path).record(DEMO)
    assert record is not None
    assert [str(release.version) for release in record.releases] == ["1.0.0"]
