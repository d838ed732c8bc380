"""A home looks after itself: what is wrong is found and put right, what is worrying is said, what is old goes."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from pluginry.client.audit import Concern
from pluginry.client.doctor import repair
from pluginry.client.pruning import prune, waste
from pluginry.errors import DocumentError, NotFoundError
from pluginry.model.advisory import Action
from pluginry.model.names import PluginId
from pluginry.model.status import Status
from simulated_client import a_client, install, versions_in, want
from simulator import Simulator

if TYPE_CHECKING:
    from pathlib import Path

    from pluginry.client.marketplace import Marketplace

DEMO, CACHE = PluginId.parse("acme/demo"), PluginId.parse("acme/cache")


@pytest.fixture
def market() -> Simulator:
    market = Simulator()
    market.release("acme/cache", "1.0.0")
    market.release("acme/demo", "1.0.0", dependencies={"acme/cache": ">=1"}, files={"a.txt": b"a" * 1000})
    market.release("acme/demo", "1.1.0", dependencies={"acme/cache": ">=1"}, files={"a.txt": b"b" * 1000})
    market.publish()
    return market


@pytest.fixture
def client(tmp_path: Path, market: Simulator) -> Marketplace:
    client = a_client(tmp_path / "home", market)
    install(client, want("acme/demo", "==1.0.0"), enable=True)
    return client


def said(client: Marketplace) -> list[str]:
    return [f"{trouble.where}: {trouble.says}" for trouble in client.examine()]


class TestDoctor:
    def test_a_healthy_home_has_no_trouble(self, client: Marketplace, tmp_path: Path, market: Simulator) -> None:
        assert client.examine() == ()
        assert a_client(tmp_path / "new", market).examine() == ()

    def test_pointers_are_made_again(self, client: Marketplace) -> None:
        pointer = client.home.root / "plugins/acme/demo/current"
        stray = client.home.root / "plugins/acme/gone/current"
        right = pointer.read_text()
        pointer.write_text("0.9.0-00000000\n")
        stray.parent.mkdir()
        stray.write_text("1.0.0-00000000\n")
        assert [trouble.fixable for trouble in client.examine()] == [True, True]
        assert repair(client.home, now=client.now()) is None
        assert (client.examine(), pointer.read_text(), stray.exists()) == ((), right, False)

    def test_what_a_kill_left_is_cleared(self, client: Marketplace) -> None:
        left = client.home.root / "staging" / "tmp1"
        left.mkdir(parents=True)
        assert said(client) == [f"{left}: an installation was broken off"]
        repair(client.home, now=client.now())
        assert client.examine() == ()

    def test_damaged_files_are_named_with_what_to_do(self, client: Marketplace) -> None:
        installed = client.home.installed()[DEMO]
        folder = client.home.folder_of(DEMO, installed.version, installed.sha256)
        (folder / "a.txt").write_text("other")
        (trouble,) = client.examine()
        assert (trouble.says, trouble.fixable) == ("a.txt is changed", False)
        assert (installed.held, trouble.hint) == (True, "pluginry install acme/demo@1.0.0")

    def test_what_mends_a_plugin_that_is_not_held_does_not_hold_it(self, client: Marketplace) -> None:
        install(client, "acme/demo")
        installed = client.home.installed()[DEMO]
        (client.home.folder_of(DEMO, installed.version, installed.sha256) / "a.txt").write_text("other")
        (trouble,) = client.examine()
        assert (installed.held, trouble.hint) == (False, "pluginry install acme/demo")

    def test_other_users_are_locked_out_again(self, client: Marketplace) -> None:
        client.home.root.chmod(0o755)
        assert "other users" in said(client)[0]
        repair(client.home, now=client.now())
        assert client.home.root.stat().st_mode & 0o777 == 0o700

    def test_a_newest_generation_that_cannot_be_read_is_made_again(self, client: Marketplace) -> None:
        install(client, want("acme/demo", "==1.1.0"))
        before = client.home.installed()
        newest = client.home.root / "generations" / f"{client.home.generations.numbers()[-1]}.json"
        newest.write_text("{")
        with pytest.raises(DocumentError):
            client.home.installed()
        (trouble,) = client.examine()
        assert trouble.fixable
        assert repair(client.home, now=client.now()) is not None
        assert versions_in(client) == {"acme/cache": "1.0.0", "acme/demo": "1.1.0"}
        assert client.home.installed()[CACHE] == before[CACHE]
        assert not client.home.installed()[DEMO].enabled
        assert newest.with_suffix(".unreadable").read_text() == "{"
        assert client.examine() == ()

    def test_even_when_none_can_be_read(self, client: Marketplace) -> None:
        for path in (client.home.root / "generations").glob("*.json"):
            path.write_text("")
        repair(client.home, now=client.now())
        assert versions_in(client) == {"acme/cache": "1.0.0", "acme/demo": "1.0.0"}
        assert not any(one.enabled for one in client.home.installed().values())

    def test_receipts_that_are_damaged_too_are_left_out(self, client: Marketplace) -> None:
        installed = client.home.installed()[CACHE]
        folder = client.home.folder_of(CACHE, installed.version, installed.sha256)
        (folder / "receipt.json").write_text("{")
        (client.home.root / "generations" / "1.json").write_text("{")
        repair(client.home, now=client.now())
        assert versions_in(client) == {"acme/demo": "1.0.0"}
        assert "needs acme/cache" in said(client)[0]

    def test_settings_that_cannot_be_read_are_said(self, client: Marketplace) -> None:
        (client.home.root / "policy.toml").write_text("schema = 1\nmax_stale = 3\n")
        assert len(client.examine()) == 1

    def test_a_damaged_setting_is_named_once_and_with_what_to_do(self, client: Marketplace) -> None:
        file = client.home.root / "policy.toml"
        file.write_text("{")
        (trouble,) = client.examine()
        assert (trouble.where, str(file) in trouble.says) == (str(file), False)
        assert "this is not TOML: " in trouble.says
        assert trouble.hint == "mend the file by hand"

    def test_a_source_of_which_nothing_was_heard_is_said(self, client: Marketplace, market: Simulator) -> None:
        market.now += timedelta(days=9)
        assert "nothing was heard of it" in said(client)[0]


class TestAudit:
    def test_nothing_to_look_at(self, client: Marketplace) -> None:
        install(client, "acme/demo")
        found = client.audit()
        assert found.remarks == ()
        assert found.permissions == {CACHE: (), DEMO: ()}
        assert found.licences.keys() == {CACHE, DEMO}

    def concerns(self, client: Marketplace) -> list[tuple[Concern, str]]:
        client.refresh()
        return [(remark.concern, str(remark.plugin)) for remark in client.audit().remarks]

    def test_what_could_be_updated_or_is_held(self, client: Marketplace) -> None:
        assert self.concerns(client) == [(Concern.HELD_BACK, "acme/demo")]

    def test_advisories_come_first(self, client: Marketplace, market: Simulator) -> None:
        market.advise("PLG-1", "acme/demo", action=Action.DISABLE, fixed="1.1.0")
        market.advise("PLG-2", "acme/cache", action=Action.WARN)
        market.publish()
        assert self.concerns(client) == [
            (Concern.REVOKED, "acme/demo"),
            (Concern.ADVISORY, "acme/cache"),
            (Concern.HELD_BACK, "acme/demo"),
        ]

    def test_yanked_deprecated_removed(self, client: Marketplace, market: Simulator) -> None:
        market.amend("acme/demo", "1.0.0", yanked="loses mail")
        market.describe("acme/cache", status=Status.DEPRECATED, reason="old")
        market.publish()
        assert self.concerns(client)[:2] == [(Concern.YANKED, "acme/demo"), (Concern.DEPRECATED, "acme/cache")]
        market.describe("acme/cache", status=Status.REMOVED, reason="gone")
        market.publish()
        assert (Concern.REMOVED, "acme/cache") in self.concerns(client)

    def test_what_no_source_serves(self, client: Marketplace, market: Simulator) -> None:
        client.remove_source("m0")
        client.add_source("other", market.location, fingerprint=market.fingerprint, namespaces=("else/*",))
        assert [remark.concern for remark in client.audit().remarks] == [Concern.UNKNOWN, Concern.UNKNOWN]

    def test_what_was_installed_without_a_signature(self, tmp_path: Path) -> None:
        market = Simulator()
        market.release("acme/plain", "1.0.0", signed_by=None)
        market.policy = replace(market.policy, publish_attestation="optional")
        market.publish()
        client = a_client(tmp_path / "other", market)
        install(client, "acme/plain")
        assert [remark.concern for remark in client.audit().remarks] == [Concern.UNSIGNED]


class TestPruning:
    def folders(self, client: Marketplace) -> set[str]:
        return {path.name.partition("-")[0] for path in (client.home.root / "plugins/acme/demo").glob("*-*")}

    def test_versions_that_a_kept_generation_names_stay(self, client: Marketplace) -> None:
        install(client, want("acme/demo", "==1.1.0"))
        kept = prune(client.home, generations=2, unused_for=timedelta(days=1), now=client.now())
        assert (kept, self.folders(client)) == ((), {"1.0.0", "1.1.0"})
        went = prune(client.home, generations=1, unused_for=timedelta(days=1), now=client.now())
        assert [one.path.name.partition("-")[0] for one in went] == ["1.0.0"]
        assert went[0].size > 1000
        assert self.folders(client) == {"1.1.0"}
        assert client.verify() == {CACHE: (), DEMO: ()}
        with pytest.raises(NotFoundError):
            client.rollback(DEMO)

    def test_looking_removes_nothing(self, client: Marketplace) -> None:
        install(client, want("acme/demo", "==1.1.0"))
        found = waste(client.home, generations=1, unused_for=timedelta(days=1), now=client.now())
        assert (len(found), self.folders(client)) == (1, {"1.0.0", "1.1.0"})

    def test_fetched_objects_go_when_nobody_read_them_lately_and_come_again(self, client: Marketplace) -> None:
        objects = [path for path in (client.home.root / "sources/m0/cache").glob("*/*") if path.is_file()]
        old = (client.now() - timedelta(days=40)).timestamp()
        for path in objects:
            os.utime(path, (old, old))
        os.utime(objects[0], (client.now().timestamp(), old))
        went = prune(client.home, generations=3, unused_for=timedelta(days=30), now=client.now())
        assert {one.path for one in went} == set(objects[1:])
        install(client, want("acme/demo", "==1.1.0"))
        assert versions_in(client)["acme/demo"] == "1.1.0"

    def test_what_plugins_wrote_stays(self, client: Marketplace) -> None:
        data = client.home.data_folder_of(DEMO)
        data.mkdir(parents=True)
        (data / "mine.txt").write_text("mine")
        client.apply(client.plan_remove([DEMO]))
        prune(client.home, generations=1, unused_for=timedelta(0), now=client.now() + timedelta(days=1))
        assert (data / "mine.txt").read_text() == "mine"
        assert self.folders(client) == set()
