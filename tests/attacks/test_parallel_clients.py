"""Two processes refresh at once, and the slower one writes the older state over the newer one."""

from __future__ import annotations

import threading
from contextlib import nullcontext
from typing import TYPE_CHECKING

from pluginry.client.source import Source
from pluginry.model.layout import TIMESTAMP_KEY
from simulated_client import a_client
from victims import a_market

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from simulator import Simulator

BLOCKED_S, LONG_ENOUGH_S = 0.3, 60.0


class SlowReader:
    """A transport whose timestamp arrives; before it is used, another client is given its chance."""

    def __init__(self, market: Simulator, other: threading.Thread, head_start_s: float) -> None:
        self._market, self._other, self._head_start_s = market, other, head_start_s

    def __getattr__(self, name: str) -> object:
        return getattr(self._market.store, name)

    def fetch(self, key: str, *, max_bytes: int) -> bytes:
        body = self._market.store.fetch(key, max_bytes=max_bytes)
        if key == TIMESTAMP_KEY and not self._other.ident:
            self._market.release("acme/demo", "1.1.0")
            self._market.publish()
            self._other.start()
            self._other.join(self._head_start_s)  # while the first one holds the lock, the other can only wait
        return body


def remembered_after_a_race(home: Path, *, head_start_s: float) -> int:
    """Let one client read an old state, another one the new state meanwhile, and return the serial that is kept."""
    market = a_market()
    first = a_client(home, market).sources()[0]
    second = Source(config=first.config, folder=first.folder, connector=first.connector)
    other = threading.Thread(target=lambda: second.refresh(now=market.now))
    first.locations.use(market.location, SlowReader(market, other, head_start_s))  # type: ignore[arg-type]  # it is a transport
    first.refresh(now=market.now)
    other.join()
    state = first.state()
    assert state is not None
    return state.serial


def test_the_newer_state_is_what_is_remembered(tmp_path: Path) -> None:
    assert remembered_after_a_race(tmp_path, head_start_s=BLOCKED_S) == 2


def test_without_the_lock_the_older_one_would_be_written_over_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("filelock.FileLock", lambda *_, **__: nullcontext())
    assert remembered_after_a_race(tmp_path, head_start_s=LONG_ENOUGH_S) == 1


def test_many_refreshes_at_once_disturb_nothing(tmp_path: Path) -> None:
    market = a_market()
    first = a_client(tmp_path, market).sources()[0]
    failures: list[BaseException] = []

    def refresh_often() -> None:
        try:
            for _ in range(15):
                Source(config=first.config, folder=first.folder, connector=first.connector).refresh(now=market.now)
        except BaseException as error:  # noqa: BLE001 - whatever happens in a thread is reported by the test
            failures.append(error)

    threads = [threading.Thread(target=refresh_often) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert first.state() is not None
