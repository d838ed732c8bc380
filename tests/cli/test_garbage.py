"""``pluginry gc`` over a folder: what it tells, removes and refuses."""

from __future__ import annotations

import os
import shutil
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from command_line import Answer, pluginry
from pluginry.adapters.folder_store import FolderStore
from pluginry.adapters.folder_transport import FolderTransport
from workshop import Workshop, write

if TYPE_CHECKING:
    from pathlib import Path

ADVISORY = """\
schema_version: "1.7.0"
id: PLG-2026-0001
published: 2026-03-01T00:00:00Z
modified: 2026-03-01T00:00:00Z
summary: It sends away what it reads
affected:
  - package: {ecosystem: Pluginry, name: bench/plugin-0}
    ranges:
      - type: SEMVER
        events: [{introduced: "0"}, {fixed: "1.1.0"}]
database_specific: {action: block-install, reason: malware}
"""


class Place:
    """A workspace whose states were published some days ago."""

    def __init__(self, workshop: Workshop) -> None:
        self.workshop = workshop
        self.store = FolderStore(workshop.root / "dist")

    def publish(self, *, days_ago: int) -> None:
        self.workshop.now = datetime.now(UTC).replace(microsecond=0) - timedelta(days=days_ago)
        before = self.files()
        self.workshop.publish(self.store)
        moment = self.workshop.now.timestamp()
        for key in self.files().keys() - before.keys():
            os.utime(self.store.root / key, (moment, moment))
        turn = self.store.root / "v1" / "turn.json"
        os.utime(turn, (moment, moment))

    def files(self) -> dict[str, bytes]:
        return {stored.key: self.store.read(stored.key) for stored in self.store.list()}

    def gc(self, *options: str) -> Answer:
        return pluginry("gc", str(self.store.root), "--workspace", str(self.workshop.root), *options)


@pytest.fixture(scope="module")
def old_place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    place = Place(Workshop.at(tmp_path_factory.mktemp("old") / "ours", plugins=2))
    place.publish(days_ago=90)
    place.workshop.release("bench/plugin-0", "1.1.0")
    place.publish(days_ago=60)
    place.workshop.release("bench/plugin-0", "1.2.0")
    place.publish(days_ago=1)
    return place


@pytest.fixture
def place(old_place: Place, tmp_path: Path) -> Place:
    return Place(Workshop(shutil.copytree(old_place.workshop.root, tmp_path / "ours")))


def test_a_plan_is_told_and_nothing_is_removed(place: Place) -> None:
    before = place.files()
    answer = place.gc("--plan", "--json")
    assert answer.status == 0
    assert place.files() == before
    assert answer.data["removed"] is False
    assert answer.data["bytes"] == sum(len(before[key]) for key in answer.data["objects"])
    told = place.gc("--plan").out
    assert f"would remove {len(answer.data['objects'])} objects" in told
    assert "index nodes" in told


def test_what_was_planned_is_removed_and_the_rest_serves(place: Place, tmp_path: Path) -> None:
    before = place.files()
    planned = place.gc("--plan", "--json").data["objects"]
    answer = place.gc("--json")
    assert (answer.status, answer.data["objects"], answer.data["states"]) == (0, planned, 2)
    assert before.keys() - place.files().keys() == set(planned)
    place.workshop.visit(tmp_path / "home", FolderTransport(place.store.root), "bench/plugin-0", "bench/plugin-1")
    assert place.gc("--json").data["objects"] == []
    place.publish(days_ago=0)
    assert place.files().keys() >= before.keys() - set(planned)


def test_whoever_keeps_more_days_keeps_more(place: Place) -> None:
    few = set(place.gc("--plan", "--json", "--keep-days", "2").data["objects"])
    many = set(place.gc("--plan", "--json", "--keep-days", "80").data["objects"])
    assert many <= few
    assert place.gc("--plan", "--json", "--keep-days", "200").data["objects"] == []
    assert place.gc("--keep-days", "0").status == 2


def test_damage_is_told_and_nothing_is_removed(place: Place) -> None:
    package = place.store.root / "v1/packages/bench/plugin-1/1.0.0/plugin-1-1.0.0.zip"
    package.unlink()
    before = place.files()
    answer = place.gc("--json")
    assert answer.status == 5
    assert answer.data["error"]["where"].endswith("plugin-1-1.0.0.zip")
    assert place.files() == before


class TestTakeDown:
    PACKAGE = "v1/packages/bench/plugin-0/1.0.0/plugin-0-1.0.0.zip"

    def withdraw(self, place: Place) -> None:
        place.workshop.change("plugins/bench/plugin-0/releases/1.0.0.yaml", "channel:", "yanked: Malware\nchannel:")
        write(place.workshop.root / "registry" / "advisories" / "PLG-2026-0001.yaml", ADVISORY)
        place.publish(days_ago=0)

    def test_a_withdrawn_release_goes_and_does_not_come_back(self, place: Place, tmp_path: Path) -> None:
        self.withdraw(place)
        before = place.files()
        assert self.PACKAGE in place.gc("--plan", "--json", "--take-down", "bench/plugin-0@1.0.0").data["objects"]
        assert place.files().keys() == before.keys()
        answer = place.gc("--json", "--take-down", "bench/plugin-0@1.0.0")
        assert (answer.status, answer.data["objects"]) == (0, [self.PACKAGE])
        assert before.keys() - place.files().keys() == {self.PACKAGE}

        place.publish(days_ago=0)  # with the package in its object cache
        assert self.PACKAGE not in place.files()
        elsewhere = place.workshop.copy(tmp_path / "elsewhere")
        elsewhere.now = place.workshop.now
        outcome = elsewhere.publish(place.store)
        assert (outcome.quarantined, outcome.built, self.PACKAGE in place.files()) == ((), (), False)
        assert place.gc("--json").status == 0
        place.workshop.visit(tmp_path / "home", FolderTransport(place.store.root), "bench/plugin-0")

    def test_it_comes_back_when_the_advisory_is_withdrawn(self, place: Place) -> None:
        self.withdraw(place)
        place.gc("--take-down", "bench/plugin-0@1.0.0")
        place.workshop.change(
            "advisories/PLG-2026-0001.yaml", "published:", "withdrawn: 2026-03-02T00:00:00Z\npublished:"
        )
        place.publish(days_ago=0)
        assert self.PACKAGE in place.files()

    @pytest.mark.parametrize("how", ["offered", "yanked", "blocked"])
    def test_what_can_still_be_installed_stays(self, place: Place, how: str) -> None:
        if how == "yanked":
            place.workshop.change("plugins/bench/plugin-0/releases/1.0.0.yaml", "channel:", "yanked: Bug\nchannel:")
        if how == "blocked":
            write(place.workshop.root / "registry" / "advisories" / "PLG-2026-0001.yaml", ADVISORY)
        place.publish(days_ago=0)
        before = place.files()
        answer = place.gc("--json", "--take-down", "bench/plugin-0@1.0.0")
        assert (answer.status, answer.data["error"]["what"]) == (6, "bench/plugin-0 1.0.0 can still be installed")
        assert place.files() == before

    def test_the_packages_of_a_removed_plugin_can_go(self, place: Place) -> None:
        listing = "plugins/bench/plugin-0/listing.yaml"
        place.workshop.change(listing, "status: active", "status: removed\nreason: It was malware.")
        place.publish(days_ago=0)
        answer = place.gc("--json", "--take-down", "bench/plugin-0@1.0.0", "--take-down", "bench/plugin-0@1.2.0")
        assert (answer.status, len(answer.data["objects"])) == (0, 2)

    @pytest.mark.parametrize(
        ("named", "status"), [("bench/nobody@1.0.0", 7), ("bench/plugin-0@9.9.9", 7), ("bench/plugin-0", 2)]
    )
    def test_what_there_is_not_is_said(self, place: Place, named: str, status: int) -> None:
        assert place.gc("--take-down", named).status == status
