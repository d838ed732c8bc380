"""The table for searches that is kept between commands, of which several may run at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from simulated_client import a_client
from simulator import Simulator

if TYPE_CHECKING:
    from pathlib import Path

    from pluginry.client.source import Source


@pytest.fixture
def source(tmp_path: Path) -> Source:
    market = Simulator()
    market.release("acme/demo")
    market.publish()
    (source,) = a_client(tmp_path, market).sources()
    source.refresh(now=market.now)
    return source


def test_a_folder_that_another_process_takes_away_costs_nothing_but_time(
    source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    def taken_away(path: Path, body: bytes) -> None:  # noqa: ARG001 - of `replace_file`
        raise FileNotFoundError(path)

    monkeypatch.setattr("pluginry.client.source.replace_file", taken_away)
    assert len(source.search_table().lines) == 1


def test_half_of_a_table_is_made_again(source: Source) -> None:
    whole = source.search_table()
    for kept in (source.folder / "search").iterdir():
        kept.unlink()
        assert source.search_table().lines == whole.lines
    assert len([*(source.folder / "search").iterdir()]) == 2
