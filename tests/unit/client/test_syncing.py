"""plugins.toml and plugins.lock: the same plugins on another machine, reviewed in git."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pluginry.client.intent_files import read_intent, read_lock, write_intent, write_lock
from pluginry.errors import (
    ConsentNeededError,
    DocumentError,
    NotFoundError,
    PolicyError,
    TamperedError,
)
from pluginry.model.channel import Channel
from pluginry.model.intent import IntendedPlugin, Intent, Lock
from pluginry.model.names import PluginId
from pluginry.model.publisher import Publisher
from pluginry.model.status import Status
from pluginry.model.versions import VersionRange
from simulated_client import a_client, install, versions_in, want
from simulator import Simulator

if TYPE_CHECKING:
    from pathlib import Path

    from pluginry.client.marketplace import Marketplace

DEMO, CACHE, CLOCK = (PluginId.parse(f"acme/{name}") for name in ("demo", "cache", "clock"))


@pytest.fixture
def market() -> Simulator:
    market = Simulator()
    market.release("acme/cache", "1.0.0")
    market.release("acme/cache", "1.1.0")
    market.release("acme/demo", "1.0.0", dependencies={"acme/cache": ">=1"}, permissions=[("network", "a.test:443")])
    market.release("acme/demo", "1.1.0", dependencies={"acme/cache": ">=1"}, permissions=[("network", "a.test:443")])
    market.release("acme/clock", "1.0.0")
    market.publish()
    return market


def an_intent(**plugins: str | IntendedPlugin) -> Intent:
    return Intent(
        plugins={
            PluginId.parse(f"acme/{name}"): wish
            if isinstance(wish, IntendedPlugin)
            else IntendedPlugin(versions=VersionRange(wish))
            for name, wish in plugins.items()
        }
    )


def sync(client: Marketplace, intent: Intent, lock: Lock | None = None, *, upgrade: tuple[PluginId, ...] = ()) -> Lock:
    """Do what `pluginry sync` does, agreeing to the network where no lock does."""
    synced = client.plan_sync(intent, lock, upgrade=upgrade)
    client.apply(synced.plan, accepted=() if lock else {"network:a.test:443"})
    return synced.lock


class TestSync:
    def test_it_installs_what_is_wanted_and_needed(self, tmp_path: Path, market: Simulator) -> None:
        client = a_client(tmp_path, market)
        lock = sync(client, an_intent(demo="==1.0.0"))
        assert versions_in(client) == {"acme/demo": "1.0.0", "acme/cache": "1.1.0"}
        found = client.home.installed()
        assert (found[DEMO].requested, found[DEMO].held, found[CACHE].requested) == (True, True, False)
        assert {str(one.id): (str(one.version), one.granted) for one in lock.plugins} == {
            "acme/cache": ("1.1.0", ()),
            "acme/demo": ("1.0.0", ("network:a.test:443",)),
        }

    def test_another_machine_gets_the_very_same(self, tmp_path: Path, market: Simulator) -> None:
        lock = sync(a_client(tmp_path / "one", market), an_intent(demo="*"))
        market.release("acme/demo", "1.2.0", dependencies={"acme/cache": ">=1"})
        market.release("acme/cache", "1.2.0")
        market.publish()
        other = a_client(tmp_path / "other", market)
        again = sync(other, an_intent(demo="*"), lock)
        assert again == lock
        assert versions_in(other) == {"acme/demo": "1.1.0", "acme/cache": "1.1.0"}
        assert other.plan_sync(an_intent(demo="*"), lock).plan.changes == ()

    def test_what_is_not_wanted_any_more_goes(self, tmp_path: Path, market: Simulator) -> None:
        client = a_client(tmp_path, market)
        lock = sync(client, an_intent(demo="*", clock="*"))
        synced = client.plan_sync(an_intent(clock="*"), lock)
        assert synced.news == ("acme/cache 1.1.0 goes", "acme/demo 1.1.0 goes")
        client.apply(synced.plan)
        assert versions_in(client) == {"acme/clock": "1.0.0"}

    def test_also_what_nobody_offers_any_more(self, tmp_path: Path, market: Simulator) -> None:
        client = a_client(tmp_path, market)
        install(client, "acme/clock", "acme/cache")
        market.describe("acme/clock", status=Status.REMOVED, reason="gone")
        market.publish()
        client.refresh()
        sync(client, an_intent(cache="*"))
        assert versions_in(client) == {"acme/cache": "1.1.0"}

    def test_only_what_is_named_moves_on(self, tmp_path: Path, market: Simulator) -> None:
        client = a_client(tmp_path, market)
        lock = sync(client, an_intent(demo="*", cache="*"))
        for plugin in ("acme/demo", "acme/cache"):
            market.release(plugin, "1.2.0")
        market.publish()
        client.refresh()
        synced = client.plan_sync(an_intent(demo="*", cache="*"), lock, upgrade=(CACHE,))
        assert synced.news == ("acme/cache moves from 1.1.0 to 1.2.0",)
        everything = client.plan_sync(an_intent(demo="*", cache="*"), lock, upgrade=None)
        assert len(everything.news) == 2

    def test_a_wish_that_the_lock_does_not_answer_moves_it(self, tmp_path: Path, market: Simulator) -> None:
        client = a_client(tmp_path, market)
        lock = sync(client, an_intent(cache="*"))
        synced = client.plan_sync(an_intent(cache="<1.1"), lock)
        assert synced.news == ("acme/cache moves from 1.1.0 to 1.0.0",)

    def test_enabled_and_disabled_as_written(self, tmp_path: Path, market: Simulator) -> None:
        client = a_client(tmp_path, market)
        lock = sync(client, an_intent(demo=IntendedPlugin(enabled=True), clock=IntendedPlugin(enabled=True)))
        assert {plugin for plugin, one in client.home.installed().items() if one.enabled} == {DEMO, CACHE, CLOCK}
        sync(client, an_intent(demo=IntendedPlugin(enabled=True), clock="*"), lock)
        assert {plugin for plugin, one in client.home.installed().items() if one.enabled} == {DEMO, CACHE}

    def test_permissions_that_the_lock_does_not_list_are_asked_for(self, tmp_path: Path, market: Simulator) -> None:
        client = a_client(tmp_path, market)
        synced = client.plan_sync(an_intent(demo="*"), None)
        with pytest.raises(ConsentNeededError):
            client.apply(synced.plan)

    def test_what_cannot_be_met_says_why(self, tmp_path: Path, market: Simulator) -> None:
        client = a_client(tmp_path, market)
        with pytest.raises(NotFoundError, match="there is no acme/demo >=9"):
            client.plan_sync(an_intent(demo=">=9"), None)
        with pytest.raises(NotFoundError):
            client.plan_sync(an_intent(nowhere="*"), None)


class TestOtherThanLocked:
    def test_another_package_under_a_locked_version_is_refused(self, tmp_path: Path, market: Simulator) -> None:
        lock = sync(a_client(tmp_path / "one", market), an_intent(clock="*"))
        evil = Simulator()
        evil.release("acme/clock", "1.0.0", files={"evil.txt": b"evil"})
        evil.publish()
        with pytest.raises(TamperedError, match="not the release that was locked"):
            a_client(tmp_path / "other", evil).plan_sync(an_intent(clock="*"), lock)

    def test_another_source_is_refused(self, tmp_path: Path, market: Simulator) -> None:
        lock = sync(a_client(tmp_path / "one", market), an_intent(clock="*"))
        other = a_client(tmp_path / "other", market)
        other.remove_source("m0")
        other.add_source("elsewhere", market.location, fingerprint=market.fingerprint)
        with pytest.raises(PolicyError, match="another source"):
            other.plan_sync(an_intent(clock="*"), lock)

    def test_another_publisher_is_refused(self, tmp_path: Path, market: Simulator) -> None:
        def by(repository: str) -> Publisher:
            return Publisher(issuer="https://ci.test", repository=repository, workflow="release.yml", refs=("*",))

        market.describe("acme/clock", publisher=by("acme/clock"))
        market.publish()
        lock = sync(a_client(tmp_path / "one", market), an_intent(clock="*"))
        market.describe("acme/clock", publisher=by("thief/clock"))
        market.publish()
        with pytest.raises(PolicyError, match="another publisher"):
            a_client(tmp_path / "other", market).plan_sync(an_intent(clock="*"), lock)


class TestAsFiles:
    def test_a_home_written_down_is_the_same_home_elsewhere(self, tmp_path: Path, market: Simulator) -> None:
        client = a_client(tmp_path / "one", market)
        install(client, want("acme/demo", "==1.0.0"), "acme/clock", accepted=["network:a.test:443"], enable=True)
        intent, lock = client.as_files()
        write_intent(intent, tmp_path)
        write_lock(lock, tmp_path)
        assert (read_intent(tmp_path), read_lock(tmp_path)) == (intent, lock)
        other = a_client(tmp_path / "other", market)
        sync(other, intent, lock)
        assert other.home.installed() == client.home.installed()
        assert intent.sources == client.home.sources().sources

    def test_a_plugin_that_is_not_offered_any_more_cannot_be_locked(self, tmp_path: Path, market: Simulator) -> None:
        client = a_client(tmp_path, market)
        install(client, "acme/clock")
        market.describe("acme/clock", status=Status.REMOVED, reason="gone")
        market.publish()
        client.refresh()
        with pytest.raises(NotFoundError, match="not offered any more"):
            client.as_files()


class TestFiles:
    def test_wishes_are_ranges_or_tables(self, tmp_path: Path) -> None:
        (tmp_path / "plugins.toml").write_text(
            'schema = 1\n[plugins]\n"acme/demo" = ">=1,<2"\n'
            '"acme/clock" = {version = "==1.0.0", channel = "beta", enabled = true}\n"acme/cache" = {}\n'
        )
        intent = read_intent(tmp_path)
        assert intent.plugins == {
            DEMO: IntendedPlugin(versions=VersionRange(">=1,<2")),
            CLOCK: IntendedPlugin(versions=VersionRange("==1.0.0"), channel=Channel.BETA, enabled=True),
            CACHE: IntendedPlugin(),
        }
        write_intent(intent, tmp_path)
        assert read_intent(tmp_path) == intent

    @pytest.mark.parametrize(
        "text",
        [
            "schema = 1\n[plugins",
            "schema = 2\n[plugins]\n",
            "[plugins]\n",
            'schema = 1\nplugin = {"acme/demo" = "*"}\n',
            "schema = 1\nplugins = []\n",
            "schema = 1\nsources = {}\n[plugins]\n",
            'schema = 1\n[plugins]\n"acme/demo" = 1\n',
            'schema = 1\n[plugins]\n"acme/demo" = {versoin = "1"}\n',
            'schema = 1\n[plugins]\n"acme/demo" = "newest"\n',
            'schema = 1\n[plugins]\n"../demo" = "*"\n',
            'schema = 1\n[plugins]\n"acme/demo" = {channel = "nightly"}\n',
            'schema = 1\n[[sources]]\nname = "m"\nlocation = "https://a.test"\n[plugins]\n',
            'schema = 1\n[[sources]]\nname = "m"\nlocation = "https://a.test"\nroot_sha256 = "x"\n[plugins]\n',
        ],
    )
    def test_what_cannot_be_meant_is_refused(self, tmp_path: Path, text: str) -> None:
        (tmp_path / "plugins.toml").write_text(text)
        with pytest.raises(DocumentError):
            read_intent(tmp_path)

    @pytest.mark.parametrize(
        "text", ["schema = 2\nplugins = []\n", "plugins = []\n", "schema = 1\nplugins = [{}]\n", "\0", "x = 1\n"]
    )
    def test_a_lock_that_is_none_is_refused(self, tmp_path: Path, text: str) -> None:
        (tmp_path / "plugins.lock").write_text(text)
        with pytest.raises(DocumentError):
            read_lock(tmp_path)

    def test_no_lock_is_no_answer_yet_and_no_intent_is_an_error(self, tmp_path: Path) -> None:
        assert read_lock(tmp_path) is None
        with pytest.raises(NotFoundError):
            read_intent(tmp_path)

    def test_the_same_lock_is_the_same_bytes(self, tmp_path: Path, market: Simulator) -> None:
        lock = sync(a_client(tmp_path / "home", market), an_intent(demo="*"))
        write_lock(lock, tmp_path)
        first = (tmp_path / "plugins.lock").read_bytes()
        write_lock(Lock(plugins=lock.plugins[::-1]), tmp_path)
        assert (tmp_path / "plugins.lock").read_bytes() == first
