"""The sources of a home: confirmed once by their fingerprint, and never two that could serve the same plugin."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pluginry.client.marketplace import Marketplace
from pluginry.client.plugin_home import PluginHome
from pluginry.client.source_list import FIRST_ROOT_KEY
from pluginry.errors import (
    DocumentError,
    NotFoundError,
    PluginryError,
    PolicyError,
    StaleError,
    TamperedError,
    TransportError,
    UsageError,
)
from pluginry.model.digest import Digest
from pluginry.model.names import PluginId
from simulated_client import Network, a_client, install, versions_in
from simulator import START, Simulator

if TYPE_CHECKING:
    from pathlib import Path

ONE, TWO = "https://one.test", "https://two.test"


def a_market(location: str, *plugins: str) -> Simulator:
    market = Simulator(location=location)
    for plugin in plugins:
        market.release(plugin, files={"from.txt": location.encode()})
    market.publish()
    return market


def a_home(home: Path, *markets: Simulator) -> Marketplace:
    """Return a client over a home without sources."""
    return Marketplace(home=PluginHome(home), connector=Network(markets=markets), now=lambda: START)


class TestAdding:
    def test_the_fingerprint_is_that_of_the_first_root(self, tmp_path: Path) -> None:
        market = a_market(ONE, "acme/demo")
        client = a_home(tmp_path, market)
        assert client.fingerprint_of(ONE) == Digest.of(market.objects[FIRST_ROOT_KEY])
        config = client.add_source("one", ONE, fingerprint=client.fingerprint_of(ONE))
        assert (config.name, config.location, config.namespaces) == ("one", ONE, ("*",))
        assert a_home(tmp_path, market).sources()[0].config == config

    def test_without_a_fingerprint_nothing_is_believed(self, tmp_path: Path) -> None:
        market = a_market(ONE, "acme/demo")
        client = a_home(tmp_path, market)
        with pytest.raises(PolicyError, match=str(market.fingerprint)):
            client.add_source("one", ONE, fingerprint=None)
        assert not tmp_path.joinpath("sources").exists()

    def test_with_another_fingerprint_it_is_another_marketplace(self, tmp_path: Path) -> None:
        client = a_home(tmp_path, a_market(ONE, "acme/demo"))
        with pytest.raises(TamperedError, match="not the marketplace that you expect"):
            client.add_source("one", ONE, fingerprint=Digest("0" * 64))
        with pytest.raises(NotFoundError, match="no marketplace was added"):
            client.sources()

    def test_a_place_without_a_marketplace_is_not_reached(self, tmp_path: Path) -> None:
        empty = Simulator(location=ONE)
        with pytest.raises(TransportError):
            a_home(tmp_path, empty).fingerprint_of(ONE)

    def test_one_that_cannot_be_verified_is_not_added(self, tmp_path: Path) -> None:
        market = a_market(ONE, "acme/demo")
        client = Marketplace(
            home=PluginHome(tmp_path), connector=Network(markets=(market,)), now=lambda: START.replace(year=2027)
        )
        with pytest.raises(StaleError, match="expired"):
            client.add_source("one", ONE, fingerprint=market.fingerprint)
        assert client.home.sources().sources == ()

    def test_a_name_is_taken_once(self, tmp_path: Path) -> None:
        one, two = a_market(ONE, "acme/demo"), a_market(TWO, "acme/demo")
        client = a_home(tmp_path, one, two)
        client.add_source("one", ONE, fingerprint=one.fingerprint, namespaces=("acme/*",))
        with pytest.raises(UsageError, match="a source named one already"):
            client.add_source("one", TWO, fingerprint=two.fingerprint, namespaces=("other/*",))
        assert [source.config.location for source in client.sources()] == [ONE]

    @pytest.mark.parametrize("name", ["", "..", "../elsewhere", "a/b", "A", "x" * 41, "."])
    def test_a_name_is_never_a_path(self, tmp_path: Path, name: str) -> None:
        market = a_market(ONE, "acme/demo")
        with pytest.raises(DocumentError, match="not a valid name"):
            a_home(tmp_path / "home", market).add_source(name, ONE, fingerprint=market.fingerprint)

    def test_two_that_serve_the_same_are_refused_at_once(self, tmp_path: Path) -> None:
        one, two = a_market(ONE, "acme/demo"), a_market(TWO, "acme/demo")
        client = a_home(tmp_path, one, two)
        client.add_source("one", ONE, fingerprint=one.fingerprint)
        with pytest.raises(UsageError, match=r"one serves \* already"):
            client.add_source("two", TWO, fingerprint=two.fingerprint)
        client.add_source("two", TWO, fingerprint=two.fingerprint, namespaces=("acme/*",))

    def test_another_marketplace_under_a_used_name_begins_afresh(self, tmp_path: Path) -> None:
        one, two = a_market(ONE, "acme/demo"), a_market(TWO, "acme/demo")
        for _ in range(3):
            one.release("acme/demo", f"1.{len(one.objects)}.0")
            one.publish()
        client = a_home(tmp_path, one, two)
        client.add_source("it", ONE, fingerprint=one.fingerprint)
        client.remove_source("it")
        client.add_source("it", TWO, fingerprint=two.fingerprint)
        assert client.sources()[0].index().root.serial == 1

    def test_the_same_marketplace_does_not_go_back_by_being_removed_and_added(self, tmp_path: Path) -> None:
        one = a_market(ONE, "acme/demo")
        old = dict(one.objects)
        one.release("acme/demo", "1.1.0")
        one.publish()
        client = a_home(tmp_path, one)
        client.add_source("it", ONE, fingerprint=one.fingerprint)
        client.remove_source("it")
        one.objects.update(old)
        with pytest.raises(TamperedError, match="older than what was seen"):
            client.add_source("it", ONE, fingerprint=one.fingerprint)


class TestRemoving:
    def test_what_was_installed_stays(self, tmp_path: Path) -> None:
        client = a_client(tmp_path, a_market(ONE, "acme/demo"))
        install(client, "acme/demo")
        client.remove_source("m0")
        assert versions_in(client) == {"acme/demo": "1.0.0"}
        with pytest.raises(NotFoundError, match="no marketplace was added"):
            client.search()

    def test_an_unknown_one_is_not_found(self, tmp_path: Path) -> None:
        client = a_client(tmp_path, a_market(ONE, "acme/demo"))
        with pytest.raises(NotFoundError, match="no source named other"):
            client.remove_source("other")


class TestServing:
    """Which source a plugin comes from depends on patterns alone, never on who answers, or answers first."""

    @staticmethod
    def a_home_with(tmp_path: Path, one: tuple[str, ...], two: tuple[str, ...]) -> Marketplace:
        markets = (a_market(ONE, "acme/demo", "other/thing"), a_market(TWO, "acme/demo", "acme/more"))
        client = a_home(tmp_path, *markets)
        for name, market, patterns in (("one", markets[0], one), ("two", markets[1], two)):
            client.add_source(name, market.location, fingerprint=market.fingerprint, namespaces=patterns)
        return client

    @pytest.mark.parametrize(
        ("one", "two", "plugin", "serves"),
        [
            (("*",), ("acme/*",), "acme/demo", "two"),
            (("*",), ("acme/*",), "other/thing", "one"),
            (("acme/*",), ("*",), "acme/demo", "one"),
            (("acme/demo",), ("acme/*",), "acme/demo", "one"),
            (("acme/*",), ("acme/demo",), "acme/demo", "two"),
            (("acme/*", "other/*"), ("*",), "other/anything", "one"),
            (("acme/*",), ("*",), "acme-but-longer/demo", "two"),
        ],
    )
    def test_the_longest_pattern_wins(
        self, tmp_path: Path, one: tuple[str, ...], two: tuple[str, ...], plugin: str, serves: str
    ) -> None:
        client = self.a_home_with(tmp_path, one, two)
        assert client.source_of(PluginId.parse(plugin)).config.name == serves

    def test_patterns_of_equal_length_are_refused(self, tmp_path: Path) -> None:
        client = self.a_home_with(tmp_path, ("acme/*",), ("*/demo",))
        with pytest.raises(PolicyError, match="acme/demo could come from one or two"):
            install(client, "acme/demo")

    def test_a_plugin_that_no_pattern_names_is_not_found(self, tmp_path: Path) -> None:
        client = self.a_home_with(tmp_path, ("acme/*",), ("other/*",))
        with pytest.raises(NotFoundError, match="no source serves third/party"):
            client.source_of(PluginId.parse("third/party"))

    def test_there_is_no_falling_through_to_another_source(self, tmp_path: Path) -> None:
        client = self.a_home_with(tmp_path, ("*",), ("other/*",))
        with pytest.raises(NotFoundError, match="there is no plugin other/thing"):
            install(client, "other/thing")

    def test_what_is_found_is_what_would_be_installed(self, tmp_path: Path) -> None:
        client = self.a_home_with(tmp_path, ("other/*",), ("acme/*",))
        assert [str(found.id) for found in client.search()] == ["acme/demo", "acme/more", "other/thing"]
        install(client, "acme/demo")
        installed = client.home.installed()[PluginId.parse("acme/demo")]
        assert client.home.receipt(installed).source == "two"

    def test_one_that_is_down_does_not_hand_its_plugins_to_another(self, tmp_path: Path) -> None:
        one, two = a_market(ONE, "acme/demo"), a_market(TWO, "acme/demo")
        client = a_home(tmp_path, one, two)
        client.add_source("one", ONE, fingerprint=one.fingerprint, namespaces=("acme/*",))
        client.add_source("two", TWO, fingerprint=two.fingerprint)
        one.store.is_down = True
        with pytest.raises(PluginryError, match="does not answer"):
            install(client, "acme/demo")
        assert versions_in(client) == {}
