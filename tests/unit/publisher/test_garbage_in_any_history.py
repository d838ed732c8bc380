"""Collecting garbage: whatever happened, clients of the last days can read all that they may want to."""

from __future__ import annotations

import tempfile
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from collected_markets import DAY, PLUGINS, DatedStore, a_market, collect, read_everything
from pluginry.errors import StaleError, TransportError
from pluginry.model import layout
from pluginry.model.names import PluginId
from pluginry.model.status import Status
from simulated_client import a_client

if TYPE_CHECKING:
    from pluginry.client.marketplace import Marketplace

steps = st.one_of(
    st.tuples(st.just("release"), st.sampled_from(PLUGINS)),
    st.tuples(st.just("yank"), st.sampled_from(PLUGINS)),
    st.tuples(st.just("remove"), st.sampled_from(PLUGINS)),
    st.tuples(st.just("restore"), st.sampled_from(PLUGINS)),
    st.tuples(st.just("advise"), st.sampled_from(PLUGINS)),
    st.tuples(st.just("withdraw"), st.just("")),
    st.tuples(st.just("publish"), st.sampled_from(["1", "8", "26"])),
    st.tuples(st.just("break"), st.sampled_from(["0", "2", "5", "9"])),
    st.tuples(st.just("resign"), st.sampled_from(["1", "6"])),
    st.tuples(st.just("visit"), st.just("")),
    st.tuples(st.just("collect"), st.just("")),
)


class Story:
    """A marketplace, and clients that came by at some time."""

    def __init__(self, folder: Path, keep: int) -> None:
        self.market = a_market()
        self.folder = folder
        self.keep = keep
        self.clients: list[tuple[datetime, Marketplace]] = []
        self.releases = 0
        for plugin in PLUGINS:
            self.market.release(plugin, "1.0.0", signed_by=None)
        self.market.publish()

    def do(self, what: str, about: str) -> None:
        self.market.now += timedelta(minutes=7)
        getattr(self, what)(about)

    def release(self, plugin: str) -> None:
        self.releases += 1
        self.market.release(plugin, f"1.{self.releases}.0", signed_by=None)

    def yank(self, plugin: str) -> None:
        entry = self.market.entries[PluginId.parse(plugin)]
        yanked = entry.releases[min(entry.releases)].yanked
        self.market.amend(plugin, str(min(entry.releases)), yanked=None if yanked else "It is broken.")

    def remove(self, plugin: str) -> None:
        self.market.describe(plugin, status=Status.REMOVED)

    def restore(self, plugin: str) -> None:
        self.market.describe(plugin, status=Status.ACTIVE)

    def advise(self, plugin: str) -> None:
        self.market.advise(f"PLG-2026-{len(self.market.advisories) + 1:04}", plugin)

    def withdraw(self, _about: str) -> None:
        self.market.advisories = [replace(one, withdrawn=self.market.now) for one in self.market.advisories]

    def publish(self, days: str) -> None:
        self.market.publish()
        self.market.now += int(days) * DAY

    def break_off(self, number: str) -> None:
        assert isinstance(self.market.store, DatedStore)
        self.market.store.breaks_at = int(number)
        with suppress(TransportError):
            self.market.publish()
        self.market.store.breaks_at = None

    def resign(self, days: str) -> None:
        self.market.now += int(days) * DAY
        timestamp = self.market.repository.refresh(self.market.store, now=self.market.now)
        found = self.market.store.find(layout.TIMESTAMP_KEY)
        self.market.store.replace(timestamp, expected=found.tag if found else None)

    def visit(self, _about: str) -> None:
        self.resign("0")
        home = self.folder / f"home{len(self.clients)}"
        try:
            client = a_client(home, self.market)
        except StaleError:  # a timestamp alone does not keep a marketplace fresh for ever
            self.market.publish()
            client = a_client(home, self.market)
        self.clients.append((self.market.now, client))

    def collect(self, _about: str) -> None:
        collect(self.market, days=self.keep)


@settings(max_examples=25)
@given(st.lists(steps, min_size=3, max_size=24), st.sampled_from([2, 7, 30]))
def test_clients_of_the_last_days_can_always_read_everything(history: list[tuple[str, str]], keep: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        story = Story(Path(folder), keep)
        for what, about in history:
            story.do("break_off" if what == "break" else what, about)
        story.visit("")
        before = len(story.market.objects)
        story.collect("")
        assert len(story.market.objects) <= before + 1  # whose turn it was
        horizon = story.market.now - keep * DAY
        for came_at, client in story.clients:
            if came_at >= horizon:
                read_everything(client, story.market)
        story.market.publish()
        for _, client in story.clients:
            client.refresh()
            read_everything(client, story.market)
