"""Which releases newer scanners have not seen, and what is recorded of looking again."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from e2e.marketplace_on_disk import copy_registry
from memory_store import MemoryStore
from pluginry.encoding import documents
from pluginry.encoding.content_store import ContentStore
from pluginry.encoding.ledger_files import append_events, load_ledgers
from pluginry.errors import ObjectMissingError
from pluginry.model.channel import Channel
from pluginry.model.facts import Facts, ScanFinding
from pluginry.model.ledger import ArtifactFact, Released, Rescanned
from pluginry.model.names import ANY_PLATFORM, Name, PluginId
from pluginry.model.versions import Version
from pluginry.publisher.load import load_registry
from pluginry.publisher.object_access import ObjectAccess
from pluginry.publisher.rescan import keep, news_in, not_looked_at, outdated
from pluginry.publisher.scan import facts_of_release, looked_with
from pluginry.publisher.scan_setup import PLAIN_SETUP, ScanSetup
from pluginry.publisher.workspace import Workspace
from scanned_packages import manifest_with, package_of, scanned

if TYPE_CHECKING:
    from pathlib import Path

    from pluginry.publisher.rescan import OutdatedRelease

PLUGIN, VERSION = PluginId(Name("mairust"), Name("dns-cache")), Version("1.0.0")
NOW = datetime(2026, 1, 2, tzinfo=UTC)
CURRENT = facts_of_release(manifest_with(), [scanned({"setup.py": ""})])


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    copy_registry(tmp_path, ("mairust/dns-cache",))
    objects = ContentStore(tmp_path / "objects")
    return Workspace(registry=tmp_path / "registry", index=tmp_path / "index", objects=objects)


def record(workspace: Workspace, facts: Facts) -> None:
    """Record a release that was scanned with `facts`."""
    blob = workspace.objects.add(package_of({"setup.py": ""}))
    ref = workspace.objects.add(documents.encode(facts))
    released = Released(
        at=NOW,
        version=VERSION,
        channel=Channel("stable"),
        manifest=ref,
        facts=ref,
        artifacts=(ArtifactFact(platform=ANY_PLATFORM, sha256=blob.sha256, size=blob.size),),
    )
    append_events(workspace.ledger, PLUGIN, [released])


def left(workspace: Workspace, setup: ScanSetup = PLAIN_SETUP, **access: object) -> tuple[OutdatedRelease, ...]:
    registry = load_registry(workspace.registry).registry
    reach = replace(ObjectAccess(workspace.objects, MemoryStore(location="nowhere")), **access)
    return tuple(outdated(registry, load_ledgers(workspace.ledger), reach, setup))


def test_what_was_seen_by_the_scanners_of_today_is_not_looked_at_again(workspace: Workspace) -> None:
    record(workspace, CURRENT)
    assert left(workspace) == ()


@pytest.mark.parametrize("change", [{"secrets": "0"}, {"secrets": None}])
def test_a_newer_or_a_new_scanner_has_work(workspace: Workspace, change: dict[str, str | None]) -> None:
    scanners = {name: version for name, version in {**CURRENT.scanners, **change}.items() if version}
    record(workspace, replace(CURRENT, scanners=scanners))
    (release,) = left(workspace)
    assert (str(release), release.licence) == ("mairust/dns-cache 1.0.0", "Apache-2.0")


def test_new_data_has_work_and_a_scanner_that_is_no_more_has_none(workspace: Workspace, tmp_path: Path) -> None:
    record(workspace, replace(CURRENT, scanners={**CURRENT.scanners, "forgotten": "1"}))
    assert left(workspace) == ()
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "own.yar").write_text("rule own { condition: false }", encoding="utf-8")
    setup = ScanSetup(rules=tmp_path / "rules")
    assert len(left(workspace, setup)) == 1
    record_again = replace(CURRENT, scanners=looked_with(setup))
    keep(workspace, load_ledgers(workspace.ledger), left(workspace, setup)[0], record_again, at=NOW)
    assert left(workspace, setup) == ()


def test_withdrawn_releases_are_left_alone(workspace: Workspace) -> None:
    record(workspace, replace(CURRENT, scanners={}))
    assert left(workspace, withdrawn=frozenset({(PLUGIN, VERSION)})) == ()


def test_facts_that_are_nowhere_are_an_error(workspace: Workspace) -> None:
    record(workspace, CURRENT)
    ref = load_ledgers(workspace.ledger)[PLUGIN].facts_of(VERSION)
    workspace.objects.path_of(ref.sha256).unlink()
    with pytest.raises(ObjectMissingError):
        left(workspace)


def test_other_facts_are_one_more_event_and_equal_ones_are_none(workspace: Workspace) -> None:
    record(workspace, replace(CURRENT, scanners={}))
    (release,) = left(workspace)
    ledgers = load_ledgers(workspace.ledger)
    assert not keep(workspace, ledgers, release, release.facts, at=NOW)
    assert keep(workspace, ledgers, release, CURRENT, at=NOW)
    after = load_ledgers(workspace.ledger)[PLUGIN]
    assert isinstance(after.events[-1], Rescanned)
    body = workspace.objects.read(after.facts_of(VERSION))
    assert body == documents.encode(CURRENT)


def test_a_scan_without_end_is_tried_again_and_recorded_once(workspace: Workspace) -> None:
    record(workspace, replace(CURRENT, scanners={}))
    (release,) = left(workspace)
    assert keep(workspace, load_ledgers(workspace.ledger), release, not_looked_at(release, "it hung"), at=NOW)
    (again,) = left(workspace)
    assert not keep(workspace, load_ledgers(workspace.ledger), again, not_looked_at(again, "it hung"), at=NOW)


def test_news_is_what_was_not_there_before() -> None:
    one, two = (ScanFinding(rule=name, severity="note", message="m") for name in ("a", "b"))
    assert news_in(replace(CURRENT, findings=(one, two)), replace(CURRENT, findings=(one,))) == (two,)
