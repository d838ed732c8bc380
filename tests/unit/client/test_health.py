"""A change that the host is not well with is taken back, and what plugins wrote goes back with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pluginry.client.plugin_home import PluginHome
from pluginry.errors import BusyError, UnhealthyError
from pluginry.model.names import PluginId
from simulated_client import a_client, install, versions_in, want
from simulator import Simulator

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pluginry.client.marketplace import Marketplace
    from pluginry.model.receipt import Generation

DEMO = PluginId.parse("acme/demo")


@pytest.fixture
def client(tmp_path: Path) -> Marketplace:
    market = Simulator()
    for version, form in (("1.0.0", 0), ("1.1.0", 0), ("2.0.0", 1), ("3.0.0", 2)):
        market.release("acme/demo", version, data_version=form)
    market.publish()
    return a_client(tmp_path / "home", market)


def update(client: Marketplace, version: str, healthy: Callable[[Generation], bool] | None = None) -> None:
    client.apply(client.plan_install([want("acme/demo", f"=={version}")]), healthy=healthy)


def write(client: Marketplace, text: str) -> None:
    folder, config = client.home.data_folder_of(DEMO), client.home.config_file_of(DEMO)
    for file in (folder / "notes" / "one.txt", config):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)


def written(client: Marketplace) -> tuple[str, str]:
    files = (client.home.data_folder_of(DEMO) / "notes" / "one.txt", client.home.config_file_of(DEMO))
    first, second = (file.read_text() if file.exists() else "" for file in files)
    return first, second


def complain(_generation: Generation) -> bool:
    raise OSError("the host does not start")


class TestHealth:
    def test_a_host_that_is_well_keeps_the_change(self, client: Marketplace) -> None:
        seen: list[int] = []
        update(client, "1.0.0", lambda generation: not seen.append(generation.number))
        assert (versions_in(client), seen) == ({"acme/demo": "1.0.0"}, [1])

    @pytest.mark.parametrize("check", [lambda _: False, complain], ids=["says no", "fails"])
    def test_otherwise_the_version_before_is_back(
        self, client: Marketplace, check: Callable[[Generation], bool]
    ) -> None:
        update(client, "1.0.0")
        client.set_enabled(DEMO, enabled=True)
        before = client.home.installed()
        with pytest.raises(UnhealthyError, match="taken back"):
            update(client, "1.1.0", check)
        assert client.home.installed() == before
        assert client.home.generations.numbers() == [1, 2, 3, 4]

    def test_a_first_installation_is_taken_back_too(self, client: Marketplace) -> None:
        with pytest.raises(UnhealthyError):
            update(client, "1.0.0", complain)
        assert versions_in(client) == {}

    def test_a_home_that_somebody_changed_meanwhile_is_left_alone(self, client: Marketplace) -> None:
        update(client, "1.0.0")

        def meddles(_generation: Generation) -> bool:
            client.apply(client.plan_remove([DEMO]))
            return False

        with pytest.raises(BusyError):
            update(client, "1.1.0", meddles)
        assert versions_in(client) == {}


class TestWhatPluginsWrote:
    def test_it_survives_updates_that_keep_its_form(self, client: Marketplace) -> None:
        update(client, "1.0.0")
        write(client, "mine")
        update(client, "1.1.0")
        client.rollback(DEMO)
        assert written(client) == ("mine", "mine")
        assert not (client.home.root / "snapshots").exists()

    def test_it_goes_back_with_the_version_that_can_read_it(self, client: Marketplace) -> None:
        update(client, "1.1.0")
        write(client, "old form")
        update(client, "2.0.0")
        write(client, "new form")
        client.rollback(DEMO)
        assert written(client) == ("old form", "old form")

    def test_what_the_newer_version_wrote_is_set_aside_and_not_lost(self, client: Marketplace) -> None:
        update(client, "1.1.0")
        write(client, "old form")
        update(client, "2.0.0")
        write(client, "new form")
        client.rollback(DEMO)
        kept = client.home.root / "snapshots" / "acme" / "demo" / "1-until-3"
        assert (kept / "data" / "notes" / "one.txt").read_text() == (kept / "config.json").read_text() == "new form"

    def test_over_several_forms_each_way(self, client: Marketplace) -> None:
        update(client, "1.0.0")
        write(client, "form 0")
        update(client, "2.0.0")
        write(client, "form 1")
        update(client, "3.0.0")
        write(client, "form 2")
        client.rollback(to=2)
        assert written(client) == ("form 1", "form 1")
        client.rollback(to=1)
        assert written(client) == ("form 0", "form 0")

    def test_a_plugin_that_had_written_nothing_finds_nothing_again(self, client: Marketplace) -> None:
        update(client, "1.0.0")
        update(client, "2.0.0")
        write(client, "new form")
        client.rollback(DEMO)
        assert written(client) == ("", "")

    def test_an_unhealthy_update_brings_it_back_by_itself(self, client: Marketplace) -> None:
        update(client, "1.0.0")
        write(client, "old form")

        def migrates_and_fails(_generation: Generation) -> bool:
            write(client, "half migrated")
            return False

        with pytest.raises(UnhealthyError):
            update(client, "2.0.0", migrates_and_fails)
        assert (written(client), versions_in(client)) == (("old form", "old form"), {"acme/demo": "1.0.0"})

    def test_a_swap_for_a_generation_that_never_came_is_forgotten(self, client: Marketplace) -> None:
        update(client, "1.0.0")
        write(client, "old form")
        update(client, "2.0.0")
        write(client, "new form")
        journal = client.home.root / "snapshots" / "swap.json"
        journal.write_text('{"generation":3,"swaps":[{"plugin":"acme/demo","aside":1,"back":0}]}')
        with PluginHome(client.home.root).locked():
            assert written(client) == ("new form", "new form")
        assert not journal.exists()

    @pytest.mark.parametrize("steps", range(5))
    def test_a_swap_that_was_broken_off_is_finished(self, client: Marketplace, steps: int) -> None:
        update(client, "1.0.0")
        write(client, "old form")
        update(client, "2.0.0")
        write(client, "new form")
        home = client.home
        source, kept = (home.root / "snapshots" / "acme" / "demo" / name for name in ("0", "1-until-2"))
        data, config = home.data_folder_of(DEMO), home.config_file_of(DEMO)
        moves = ((data, kept / "data"), (source / "data", data), (config, kept / "config.json"))
        kept.mkdir()
        for start, end in (*moves, (source / "config.json", config))[:steps]:
            start.rename(end)
        journal = home.root / "snapshots" / "swap.json"
        journal.write_text('{"generation":2,"swaps":[{"plugin":"acme/demo","aside":1,"back":0}]}')
        with home.locked():
            assert written(client) == ("old form", "old form")
        assert (kept / "config.json").read_text() == "new form"

    def test_versions_without_a_form_change_nothing(self, client: Marketplace) -> None:
        install(client, want("acme/demo", "==1.0.0"))
        write(client, "mine")
        client.apply(client.plan_remove([DEMO]))
        install(client, want("acme/demo", "==3.0.0"))
        assert written(client) == ("mine", "mine")
