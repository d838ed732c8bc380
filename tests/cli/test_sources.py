"""``pluginry source``: a marketplace is believed once, by its fingerprint."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from command_line import Shelf, pluginry
from pluginry.cli.host import this_platform

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    shelf = Shelf.at(tmp_path)
    shelf.market.release("acme/demo")
    shelf.publish()
    return shelf


class TestAdd:
    def test_it_says_what_was_found_and_who_signs(self, shelf: Shelf) -> None:
        added = shelf.add()
        assert added.status == 0
        assert "Added market: Testing ground" in added.out
        assert "1 plugin, 1 release, serial 1" in added.out
        assert "signed by https://lab.pluginry.invalid/publish" in added.out

    def test_it_says_loudly_that_a_lab_proves_nothing(self, shelf: Shelf) -> None:
        assert "*** DEVELOPMENT ONLY" in shelf.add().out
        assert "DEVELOPMENT ONLY" in shelf.run("source", "list").out

    def test_a_production_instance_is_not_shouted_at(self, shelf: Shelf) -> None:
        shelf.market.policy = replace(shelf.market.policy, instance="public-good")
        shelf.publish()
        added = shelf.add()
        assert "sigstore instance: public-good" in added.out
        assert "DEVELOPMENT" not in added.out

    def test_without_a_fingerprint_it_ends_and_offers_none_to_copy(self, shelf: Shelf) -> None:
        refused = shelf.run("source", "add", "market", str(shelf.folder))
        assert refused.status == 6
        assert "--fingerprint" in refused.err
        assert shelf.fingerprint not in refused.err
        assert shelf.fingerprint not in shelf.run("source", "add", "market", str(shelf.folder), "--json").out
        assert shelf.run("source", "list", "--json").data == []

    @pytest.mark.parametrize(("fingerprint", "status"), [("0" * 64, 5), ("nonsense", 2)])
    def test_with_a_wrong_fingerprint_nothing_is_added(self, shelf: Shelf, fingerprint: str, status: int) -> None:
        refused = shelf.run("source", "add", "market", str(shelf.folder), "--fingerprint", fingerprint)
        assert refused.status == status
        assert shelf.fingerprint not in refused.err
        assert shelf.run("source", "list", "--json").data == []

    def test_a_folder_is_remembered_wherever_one_stands(
        self, shelf: Shelf, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.chdir(shelf.folder.parent)
        added = shelf.run("source", "add", "market", "market", "--fingerprint", shelf.fingerprint)
        assert added.status == 0
        monkeypatch.chdir(tmp_path.parent)
        assert shelf.run("source", "refresh").status == 0

    def test_the_host_of_the_home_is_written_down(self, shelf: Shelf) -> None:
        shelf.add("--host", "mairust", "--host-version", "0.5.0", "--platform", "linux-aarch64")
        settings = tomllib.loads((shelf.home / "home.toml").read_text())
        assert settings == {"schema": 1, "host": "mairust", "host_version": "0.5.0", "platform": "linux-aarch64"}

    def test_the_platform_is_this_machines_when_none_is_named(self, shelf: Shelf) -> None:
        import platform

        shelf.add()
        settings = tomllib.loads((shelf.home / "home.toml").read_text())
        assert settings.get("platform", "any") == this_platform(platform.system(), platform.machine())

    def test_a_second_source_leaves_the_host_alone(self, shelf: Shelf, tmp_path: Path) -> None:
        shelf.add("--host", "mairust", "--platform", "linux-aarch64")
        before = (shelf.home / "home.toml").read_text()
        other = Shelf.at(tmp_path / "other")
        other.publish()
        added = shelf.run(
            *("source", "add", "other", str(other.folder)),
            *("--fingerprint", other.fingerprint, "--namespace", "other/*"),
        )
        assert added.status == 0
        assert (shelf.home / "home.toml").read_text() == before
        assert [one["name"] for one in shelf.run("source", "list", "--json").data] == ["market", "other"]

    def test_a_host_that_nobody_knows_is_pointed_out(self, shelf: Shelf) -> None:
        assert "no marketplace here has plugins for mairst" in shelf.add("--host", "mairst").err

    @pytest.mark.parametrize(
        ("options", "status"),
        [(["--host-version", "1.0.0"], 2), (["--host", "Not A Name"], 2), (["--platform", "amiga"], 2)],
    )
    def test_a_host_that_makes_no_sense_is_refused_before_anything_is_added(
        self, shelf: Shelf, options: list[str], status: int
    ) -> None:
        assert shelf.add(*options).status == status
        assert not shelf.home.exists()

    def test_a_place_that_is_not_there_is_not_reached(self, shelf: Shelf, tmp_path: Path) -> None:
        assert shelf.run("source", "add", "market", str(tmp_path / "nowhere")).status == 3

    def test_an_address_of_another_kind_is_a_usage_error(self, shelf: Shelf) -> None:
        assert shelf.run("source", "add", "market", "ftp://market.test/").status == 2

    @pytest.mark.parametrize(
        "words",
        [("--mirror", "ftp://mirror.test"), ("--proxy", "nonsense"), ("--credential", "TOKEN")],
        ids=lambda words: words[0],
    )
    def test_a_way_that_can_never_be_gone_is_wrong_usage(self, shelf: Shelf, words: tuple[str, str]) -> None:
        refused = shelf.add(*words)
        assert (refused.status, "hint:" in refused.err, "TOKEN" in refused.err) == (2, True, False)
        assert shelf.run("source", "list", "--json").data == []

    def test_a_namespace_that_no_plugin_can_be_in_is_refused(self, shelf: Shelf) -> None:
        refused = shelf.add("--namespace", "acme")
        assert (refused.status, "say 'acme/*'" in refused.err) == (2, True)
        assert shelf.add("--namespace", "acme/*", "--namespace", "other/clock").status == 0

    def test_a_name_is_no_path(self, shelf: Shelf) -> None:
        refused = shelf.run("source", "add", "../x", str(shelf.folder), "--fingerprint", shelf.fingerprint)
        assert refused.status == 2
        assert "not a valid name" in refused.err

    def test_json_says_the_same(self, shelf: Shelf) -> None:
        data = shelf.add("--json").data
        assert (data["name"], data["serial"], data["plugins"], data["instance"]) == ("market", 1, 1, "lab")
        assert data["fingerprint"] == shelf.fingerprint
        assert data["signers"] == [
            {"issuer": "https://lab.pluginry.invalid", "san": "https://lab.pluginry.invalid/publish"}
        ]


class TestTheOthers:
    def test_a_home_without_sources_says_how_to_add_one(self, shelf: Shelf) -> None:
        listed = shelf.run("source", "list")
        assert (listed.status, listed.out) == (
            0,
            "No marketplace was added yet: pluginry source add NAME LOCATION\n",
        )
        assert shelf.run("search").status == 7

    def test_a_refresh_says_what_there_is(self, shelf: Shelf) -> None:
        shelf.add()
        shelf.market.release("acme/other")
        shelf.publish()
        refreshed = shelf.run("source", "refresh")
        assert refreshed.status == 0
        assert refreshed.out.startswith("market: 2 plugins, 2 releases, serial 2")

    @pytest.mark.parametrize("name", ["index/advisories.json", "index/root.json", "trust/policy.json"])
    @pytest.mark.parametrize("left", [b"", b"junk", b"{}"])
    def test_a_refresh_mends_what_was_kept_and_is_damaged(self, shelf: Shelf, name: str, left: bytes) -> None:
        shelf.add()
        assert shelf.run("install", "acme/demo").status == 0
        (shelf.home / "sources/market/targets" / name).write_bytes(left)
        assert shelf.run("source", "refresh").status == 0
        assert shelf.run("search").status == 0

    def test_a_mirror_may_ask_for_what_is_not_at_hand_yet(
        self, shelf: Shelf, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
            monkeypatch.setenv(name, str(tmp_path / "nothing"))
        monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        shelf.add("--mirror", "s3://bucket/copy")
        assert [one["name"] for one in shelf.run("source", "list", "--json").data] == ["market"]

    def test_a_refresh_from_a_tampered_copy_is_refused(self, shelf: Shelf) -> None:
        shelf.add()
        shelf.market.release("acme/other")
        shelf.publish()
        timestamp = shelf.folder / "v1/metadata/timestamp.json"
        timestamp.write_bytes(timestamp.read_bytes().replace(b'"version":2', b'"version":9'))
        assert shelf.run("source", "refresh").status == 5
        assert [one["serial"] for one in shelf.run("source", "list", "--json").data] == [1]

    def test_a_refresh_makes_searching_work_offline(self, shelf: Shelf) -> None:
        shelf.add()
        shelf.folder.rename(shelf.folder.with_name("unplugged"))
        assert shelf.run("search", "demo").status == 0
        assert shelf.run("source", "refresh").status == 3

    @pytest.mark.parametrize("command", ["test", "remove"])
    def test_a_source_that_is_not_there_is_told_with_those_that_are(self, shelf: Shelf, command: str) -> None:
        assert "pluginry source add" in shelf.run("source", "remove", "markt").err
        shelf.add()
        missed = shelf.run("source", command, "markt")
        assert (missed.status, "there are market" in missed.err) == (7, True)

    def test_a_removed_source_is_not_used_any_more(self, shelf: Shelf) -> None:
        shelf.add()
        assert shelf.run("source", "remove", "market").status == 0
        assert shelf.run("source", "list", "--json").data == []
        assert shelf.run("source", "remove", "market").status == 7


@pytest.mark.parametrize(
    ("system", "machine", "expected"),
    [
        ("Linux", "x86_64", "linux-x86_64"),
        ("Darwin", "arm64", "macos-aarch64"),
        ("Windows", "AMD64", "windows-x86_64"),
        ("Linux", "aarch64", "linux-aarch64"),
        ("Plan9", "x86_64", "any"),
        ("Linux", "mystery", "any"),
    ],
)
def test_this_machine_gets_the_name_that_packages_use(system: str, machine: str, expected: str) -> None:
    assert this_platform(system, machine) == expected


def test_the_group_explains_itself() -> None:
    shown = pluginry("source", "--help")
    assert shown.status == 0
    for name in ("add", "list", "remove", "refresh"):
        assert name in shown.out
