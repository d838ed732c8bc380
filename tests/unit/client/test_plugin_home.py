"""The home on disk: generations, settings, and what is left when a process is killed at the worst moment."""

from __future__ import annotations

import random
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from plugin_home_driver import Driver, driving
from pluginry.client.marketplace import Marketplace
from pluginry.client.plugin_home import PluginHome
from pluginry.errors import DocumentError, HomeLockedError, NotFoundError
from pluginry.hosts.connections import Connections
from pluginry.model.channel import Channel
from pluginry.model.digest import Digest
from pluginry.model.home import HomeConfig
from pluginry.model.names import Name, Platform, PluginId
from pluginry.model.receipt import ClientPolicy, InstalledPlugin, SourceConfig, Sources, UpdateMode
from pluginry.model.versions import Version
from simulated_client import versions_in
from simulator import START, Simulator

NOW = datetime(2026, 3, 1, tzinfo=UTC)
DEMO = PluginId.parse("acme/demo")
TESTS = Path(__file__).parents[2]
ROUNDS = 30


def an_installed(version: str = "1.0.0", plugin: PluginId = DEMO) -> InstalledPlugin:
    return InstalledPlugin(id=plugin, version=Version(version), sha256=Digest.of(version.encode()))


class TestGenerations:
    def test_a_new_home_has_none(self, tmp_path: Path) -> None:
        home = PluginHome(tmp_path / "home")
        assert home.generations.newest() is None
        assert home.installed() == {}
        assert home.generations.numbers() == []
        assert not home.root.exists()

    def test_the_newest_counts_and_earlier_ones_stay(self, tmp_path: Path) -> None:
        home = PluginHome(tmp_path)
        for version in ("1.0.0", "1.1.0"):
            home.commit((an_installed(version),), cause=f"install {version}", now=NOW)
        newest, first = home.generations.newest(), home.generations.find(1)
        assert newest is not None
        assert first is not None
        assert [(g.number, g.cause, str(g.plugins[0].version)) for g in (first, newest)] == [
            (1, "install 1.0.0", "1.0.0"),
            (2, "install 1.1.0", "1.1.0"),
        ]

    def test_they_are_ordered_by_number_not_by_name(self, tmp_path: Path) -> None:
        home = PluginHome(tmp_path)
        for number in range(12):
            home.commit((an_installed(f"1.0.{number}"),), cause="", now=NOW)
        assert home.generations.numbers() == list(range(1, 13))
        assert home.installed()[DEMO].version == Version("1.0.11")

    def test_the_same_set_again_is_the_same_generation(self, tmp_path: Path) -> None:
        home = PluginHome(tmp_path)
        other = an_installed(plugin=PluginId.parse("acme/other"))
        first = home.commit((an_installed(), other), cause="one", now=NOW)
        assert home.commit((other, an_installed()), cause="two", now=NOW) == first

    def test_pointers_follow_the_newest(self, tmp_path: Path) -> None:
        home = PluginHome(tmp_path)
        pointer = tmp_path / "plugins/acme/demo/current"
        home.commit((an_installed(),), cause="", now=NOW)
        assert pointer.read_text() == home.folder_of(DEMO, Version("1.0.0"), Digest.of(b"1.0.0")).name + "\n"
        home.commit((), cause="", now=NOW)
        assert not pointer.exists()

    def test_pointers_that_went_wrong_are_put_right_with_the_next_lock(self, tmp_path: Path) -> None:
        home = PluginHome(tmp_path)
        home.commit((an_installed(),), cause="", now=NOW)
        pointer, stray = tmp_path / "plugins/acme/demo/current", tmp_path / "plugins/acme/gone/current"
        right = pointer.read_text()
        stray.parent.mkdir()
        stray.write_text("1.0.0-00000000\n")
        pointer.write_text("0.9.0-00000000\n")
        with home.locked():
            assert pointer.read_text() == right
            assert not stray.exists()

    def test_a_number_that_is_not_there_is_not_found(self, tmp_path: Path) -> None:
        with pytest.raises(NotFoundError, match="no generation 7"):
            PluginHome(tmp_path).generations.find(7)

    def test_other_files_beside_them_are_ignored(self, tmp_path: Path) -> None:
        home = PluginHome(tmp_path)
        home.commit((), cause="", now=NOW)
        for name in (".2.json.new", "notes.json", "2.json.bak"):
            (tmp_path / "generations" / name).write_text("{")
        assert home.generations.numbers() == [1]

    def test_an_unreadable_one_is_an_error_and_not_an_empty_home(self, tmp_path: Path) -> None:
        home = PluginHome(tmp_path)
        home.commit((), cause="", now=NOW)
        (tmp_path / "generations/1.json").write_text("{")
        with pytest.raises(DocumentError):
            home.installed()


class TestSettings:
    def test_what_was_never_written_has_its_defaults(self, tmp_path: Path) -> None:
        home = PluginHome(tmp_path)
        assert home.config() == HomeConfig()
        assert home.policy() == ClientPolicy()
        assert home.sources() == Sources()

    @pytest.mark.parametrize(
        "settings",
        [
            HomeConfig(host=Name("mairust"), host_version=Version("0.5.0"), platform=Platform("linux-x86_64")),
            HomeConfig(),
            ClientPolicy(deny_permissions=("network",), max_stale_days=3, allow_channels=(Channel.STABLE,)),
            Sources(
                sources=(
                    SourceConfig(
                        name="one", location="https://one.test", root_sha256=Digest("0" * 64), namespaces=("acme/*",)
                    ),
                )
            ),
        ],
        ids=lambda settings: type(settings).__name__,
    )
    def test_what_was_written_is_read(self, tmp_path: Path, settings: HomeConfig | ClientPolicy | Sources) -> None:
        home = PluginHome(tmp_path)
        home.write_settings(settings)
        read = {HomeConfig: home.config, ClientPolicy: home.policy, Sources: home.sources}
        assert read[type(settings)]() == settings

    @pytest.mark.parametrize(
        "content",
        [
            b"schema = ",
            b"\xff\xfe",
            b"deny_permissions = 1",
            b'allow_channels = ["x"]',
            b"minimum_release_age_days = -1",
            b"max_stale_days = 99999999999",
        ],
    )
    def test_nonsense_names_the_file(self, tmp_path: Path, content: bytes) -> None:
        (tmp_path / "policy.toml").write_bytes(content)
        with pytest.raises(DocumentError, match=r"policy\.toml"):
            PluginHome(tmp_path).policy()

    @pytest.mark.parametrize(
        ("name", "content", "meant"),
        [
            ("policy.toml", 'provenence = "required"', "provenance"),
            ("home.toml", 'Host = "mairust"', "host"),
            (
                "sources.toml",
                f'[[sources]]\nname = "a"\nlocation = "b"\nroot_sha256 = "{"0" * 64}"\nnamespace = []',
                "namespaces",
            ),
        ],
    )
    def test_a_mistyped_rule_is_no_rule_that_is_silently_left_out(
        self, tmp_path: Path, name: str, content: str, meant: str
    ) -> None:
        (tmp_path / name).write_text(content)
        home = PluginHome(tmp_path)
        read = {"policy.toml": home.policy, "home.toml": home.config, "sources.toml": home.sources}
        with pytest.raises(DocumentError, match="is no setting") as caught:
            read[name]()
        assert caught.value.hint == f"did you mean {meant!r}?"

    @pytest.mark.parametrize("name", ["home.toml", "policy.toml", "sources.toml"])
    @pytest.mark.parametrize("schema", ["2", '"1"', "0"])
    def test_settings_of_a_format_that_is_not_known_are_not_taken_for_none(
        self, tmp_path: Path, name: str, schema: str
    ) -> None:
        (tmp_path / name).write_text(f"schema = {schema}\n")
        home = PluginHome(tmp_path)
        read = {"policy.toml": home.policy, "home.toml": home.config, "sources.toml": home.sources}
        with pytest.raises(DocumentError, match="format 1") as caught:
            read[name]()
        assert name in caught.value.where

    def test_the_machine_s_policy_goes_before_the_home_s_setting_by_setting(self, tmp_path: Path) -> None:
        machine, home = tmp_path / "machine.toml", tmp_path / "home"
        home.mkdir()
        (home / "policy.toml").write_text('updates = "automatic"\nallow_channels = ["stable", "beta"]\n')
        policed = PluginHome(home, machine_policy=lambda: machine)
        assert policed.policy() == PluginHome(home).policy()
        machine.write_text('allow_channels = ["stable"]\ndeny_permissions = ["network"]\n')
        assert policed.policy() == ClientPolicy(
            updates=UpdateMode.AUTOMATIC, allow_channels=(Channel.STABLE,), deny_permissions=("network",)
        )

    @pytest.mark.parametrize("content", ["deny_permission = []", "max_stale_days = 'long'", "["])
    def test_a_machine_s_policy_that_means_nothing_is_not_passed_over(self, tmp_path: Path, content: str) -> None:
        machine = tmp_path / "machine.toml"
        machine.write_text(content)
        with pytest.raises(DocumentError) as caught:
            PluginHome(tmp_path / "home", machine_policy=lambda: machine).policy()
        assert "machine.toml" in str(caught.value.where)


class TestStaging:
    def test_it_is_gone_afterwards_also_after_an_error(self, tmp_path: Path) -> None:
        home = PluginHome(tmp_path)

        def use_and_fail() -> None:
            with home.staging() as folder:
                (folder / "file").touch()
                raise KeyError

        with pytest.raises(KeyError):
            use_and_fail()
        assert [*(tmp_path / "staging").iterdir()] == []

    def test_what_a_killed_process_left_goes_with_the_next_lock(self, tmp_path: Path) -> None:
        home = PluginHome(tmp_path)
        (tmp_path / "staging/left").mkdir(parents=True)
        with home.locked():
            assert not (tmp_path / "staging").exists()


@pytest.fixture
def market(tmp_path: Path) -> Simulator:
    """Publish to a folder, unsigned: the children need not load sigstore."""
    market = Simulator()
    market.policy = type(market.policy)(epoch=1, publish_attestation="optional", registry_identities=())
    files = {f"file-{number}.txt": bytes([number]) * 10_000 for number in range(20)}
    market.release("acme/base", files=files, signed_by=None)
    for version in ("1.0.0", "1.1.0"):
        needs = {"acme/base": ">=1"}
        market.release("acme/demo", version, files=files, dependencies=needs, signed_by=None)
    for name in ("one", "two", "three"):
        market.release(f"acme/{name}", files=files, signed_by=None)
    market.publish()
    market.write_to(tmp_path / "market")
    return market


@pytest.fixture
def client(market: Simulator, tmp_path: Path) -> Marketplace:
    home = PluginHome(tmp_path / "home", lock_timeout_s=0.05)
    client = Marketplace(home=home, connector=Connections(), now=lambda: START)
    client.add_source("m0", str(tmp_path / "market"), fingerprint=market.fingerprint)
    return client


def how_long_a_turn_takes(driver: Driver, client: Marketplace) -> float:
    """Return how many seconds a child needs for all its deeds, so that it is killed in all of them."""
    child, began = driver.start("change"), time.monotonic()
    while len(client.home.generations.numbers()) < 4:
        time.sleep(0.005)
    driver.kill(child)
    return time.monotonic() - began


def test_a_process_killed_at_any_moment_leaves_the_old_state_or_the_new_one(client: Marketplace) -> None:
    states: list[dict[str, str]] = [
        {},
        {"acme/base": "1.0.0", "acme/demo": "1.0.0"},
        {"acme/base": "1.0.0", "acme/demo": "1.1.0"},
    ]
    seen, newest = set(), 0
    chance = random.Random(20260301)  # noqa: S311 - when a test kills is no secret
    with driving(client.home.root) as driver:
        one_turn_s = how_long_a_turn_takes(driver, client)
        for _ in range(ROUNDS):
            child = driver.start("change")
            time.sleep(chance.uniform(0, 1.2 * one_turn_s))
            driver.kill(child)
            generation = client.installed()
            number = generation.number if generation else 0
            assert number >= newest
            assert versions_in(client) in states
            assert not any(client.verify().values())
            newest = number
            seen.add(states.index(versions_in(client)))
            again = Marketplace(home=client.home, connector=Connections(), now=lambda: START)
            assert again.sources()[0].index().root.serial == 1
            with client.home.locked():
                pointers = {path.parent.name for path in client.home.root.glob("plugins/*/*/current")}
            assert pointers == {name.partition("/")[2] for name in versions_in(client)}
            assert not (client.home.root / "staging").exists()
    assert seen == {0, 1, 2}
    client.apply(client.plan_install([]))
    assert not any(client.verify().values())


def test_only_one_process_changes_a_home_at_a_time(client: Marketplace) -> None:
    with driving(client.home.root) as driver:
        child = driver.start("hold")
        while not (client.home.root / "held").exists():
            time.sleep(0.01)
        with pytest.raises(HomeLockedError, match="another process"):
            client.refresh()
        driver.kill(child)
        client.refresh()


def test_processes_that_change_a_home_together_lose_nothing(client: Marketplace) -> None:
    with driving(client.home.root) as driver:
        for name in ("one", "two", "three"):
            driver.start(f"install acme/{name}")
    assert versions_in(client) == {"acme/one": "1.0.0", "acme/two": "1.0.0", "acme/three": "1.0.0"}
    assert client.home.generations.numbers() == [1, 2, 3]
    assert not any(client.verify().values())
