"""An object that is damaged or lost, here and where it is published, holds back its release and nothing else."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from memory_store import MemoryStore
from pluginry.cli.quarantine_report import exit_status_of
from pluginry.encoding import ledger_files
from pluginry.encoding.tree import checked
from pluginry.errors import PolicyError, TransportError
from pluginry.model import layout
from pluginry.model.names import PluginId
from pluginry.model.quarantine import Fault
from pluginry.publisher.inventory import InventoryFile
from pluginry.publisher.plan import plan_publication
from workshop import ADVISORY, Workshop, write

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from pluginry.model.digest import BlobRef
    from pluginry.model.ledger import Event
    from pluginry.publisher.outcome import Outcome
    from pluginry.publisher.plan import PublicationPlan

HURT, OTHER = PluginId.parse("bench/plugin-1"), PluginId.parse("bench/plugin-2")
MANIFEST, FACTS, PACKAGE = "manifest", "scan results", "any package"
LISTING = "plugins/bench/plugin-2/listing.yaml"
DOCUMENT = "v1/plugins/bench/plugin-1.json"


class NoSources:
    """A `SourceFetcher` whose sources cannot be reached."""

    def fetch(self, *_given: Any, **_more: Any) -> Path:
        raise TransportError("the sources are away")


@dataclass
class Market:
    """Three published plugins; objects of theirs are damaged, lost and put back."""

    workshop: Workshop
    store: MemoryStore

    def place_of(self, what: str, plugin: PluginId = HURT) -> tuple[BlobRef, str]:
        """Return the reference and the key of an object of the release 1.0.0."""
        ledger = self.workshop.workspace.ledgers()[plugin]
        version, released = min(ledger.releases.items())
        (artifact,) = released.artifacts
        if what == PACKAGE:
            return artifact.blob, layout.package_key(plugin, version, artifact.platform)
        ref = released.manifest if what == MANIFEST else ledger.facts_of(version)
        return ref, layout.node_key(ref.sha256)

    def damage(self, what: str, plugin: PluginId = HURT) -> None:
        """Change a byte of an object, here and where it is published."""
        ref, key = self.place_of(what, plugin)
        path = self.workshop.workspace.objects.path_of(ref.sha256)
        if path.exists():
            path.write_bytes(spoiled(path.read_bytes()))
        self.store.objects[key] = spoiled(self.store.objects[key])

    def lose(self, what: str, plugin: PluginId = HURT) -> None:
        """Remove an object, here and where it is published."""
        ref, key = self.place_of(what, plugin)
        self.workshop.workspace.objects.path_of(ref.sha256).unlink(missing_ok=True)
        del self.store.objects[key]

    def forget(self) -> None:
        """Become a fresh checkout, which has nothing but registry and ledger."""
        for name in ("objects", "inventories"):
            shutil.rmtree(self.workshop.root / name, ignore_errors=True)

    def relist(self) -> None:
        """Forget what is in the store."""
        InventoryFile.within(self.workshop.workspace.inventories, self.store).forget()

    def publish(self, *, sources: bool = True) -> Outcome:
        """Publish, perhaps while no sources can be reached."""
        return self.workshop.publish(self.store, None if sources else NoSources())

    def plan(self) -> PublicationPlan:
        equipment = self.workshop.equipment(self.store, NoSources())
        return plan_publication(equipment, self.workshop.repository, signs=False, now=self.workshop.now)

    def readable(self, home: Path) -> set[str]:
        """Return the releases that are offered to a new client, each with documents that are what its record says."""
        (source,) = self.workshop.visit(home, self.store).sources()
        found = set()
        for plugin in source.plugins():
            record = source.record(plugin)
            for release in record.releases if record else ():
                for ref in (release.manifest, release.facts):
                    checked(self.store.objects[layout.node_key(ref.sha256)], ref)
                found.add(f"{plugin} {release.version}")
        return found


def spoiled(data: bytes) -> bytes:
    return bytes([data[0] ^ 1]) + data[1:]


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Market:
    """Return what was published once; tests work on copies."""
    market = Market(Workshop.at(tmp_path_factory.mktemp("first"), plugins=3), MemoryStore(location="memory:damaged"))
    market.publish()
    return market


@pytest.fixture
def market(published: Market, tmp_path: Path) -> Market:
    root = tmp_path / "again"
    shutil.copytree(published.workshop.root, root)
    return Market(Workshop(root), MemoryStore(location="memory:damaged", objects=dict(published.store.objects)))


def everybody_is_looked_at(market: Market) -> None:
    market.workshop.change("registry.yaml", "title: Tools", "title: Instruments")


def a_neighbour_changes(market: Market) -> None:
    """Change a page of the plugin by another one: its record is kept, and its page is made again."""
    market.workshop.change(LISTING, "status: active", "status: active\nrelated: [bench/plugin-1]")
    market.workshop.release(str(OTHER), "1.1.0")


def a_fresh_checkout(market: Market) -> None:
    market.forget()


SITUATIONS = pytest.mark.parametrize("situation", [everybody_is_looked_at, a_neighbour_changes, a_fresh_checkout])


@SITUATIONS
@pytest.mark.parametrize("what", [MANIFEST, FACTS])
def test_a_damaged_document_holds_back_its_release_until_it_is_put_back(
    market: Market, tmp_path: Path, what: str, situation: Callable[[Market], None]
) -> None:
    _, key = market.place_of(what)
    good = market.store.objects[key]
    market.damage(what)
    situation(market)
    for _ in range(2):
        outcome = market.publish()
        (item,) = outcome.quarantined
        assert (item.id, str(item.version), item.kind, item.kept) == (HURT, "1.0.0", Fault.INFRASTRUCTURE, "")
        assert item.reason.startswith("damaged where it is published, and not at hand here (put back what was there, ")
        assert item.reason.endswith(f": {what} {key}")
        assert exit_status_of(outcome) == 3
        assert outcome.plugins == 2
        assert market.workshop.differences(market.store) == (DOCUMENT,)  # nothing is ever deleted
    assert not any(name.startswith(str(HURT)) for name in market.readable(tmp_path / "before"))
    market.store.objects[key] = good
    outcome = market.publish()
    assert (outcome.quarantined, outcome.plugins, outcome.built) == ((), 3, ())
    assert market.workshop.differences(market.store) == ()
    assert f"{HURT} 1.0.0" in market.readable(tmp_path / "after")


@SITUATIONS
@pytest.mark.parametrize("what", [MANIFEST, FACTS])
def test_a_damaged_document_that_is_removed_is_made_anew(
    market: Market, tmp_path: Path, what: str, situation: Callable[[Market], None]
) -> None:
    market.damage(what)
    situation(market)
    market.publish()
    market.lose(what)
    market.relist()
    outcome = market.publish()
    assert (outcome.quarantined, outcome.built) == ((), (f"{HURT} 1.0.0",))
    assert market.workshop.differences(market.store) == ()
    assert f"{HURT} 1.0.0" in market.readable(tmp_path / "client")


@SITUATIONS
@pytest.mark.parametrize("what", [MANIFEST, FACTS, PACKAGE])
def test_what_is_lost_is_told_with_the_reason_why_it_is_not_made_anew_and_then_it_is(
    market: Market, what: str, situation: Callable[[Market], None]
) -> None:
    key = market.place_of(what)[1]
    market.lose(what)
    market.relist()
    if situation is not a_neighbour_changes:  # nobody could build the neighbour's release either
        situation(market)
    outcome = market.publish(sources=False)
    (item,) = outcome.quarantined
    assert (item.id, str(item.version), item.kind) == (HURT, "1.0.0", Fault.INFRASTRUCTURE)
    assert item.reason == f"the sources are away; not at hand: {what} {key}"
    assert exit_status_of(outcome) == 3
    outcome = market.publish()
    assert (outcome.quarantined, outcome.plugins, outcome.built) == ((), 3, (f"{HURT} 1.0.0",))
    assert market.workshop.differences(market.store) == ()


@pytest.mark.parametrize("situation", [everybody_is_looked_at, a_neighbour_changes])
@pytest.mark.parametrize("what", [MANIFEST, FACTS])
def test_what_somebody_removed_from_the_store_is_noticed_without_being_told(
    market: Market, what: str, situation: Callable[[Market], None]
) -> None:
    """The inventory goes on to say that it is there."""
    key = market.place_of(what)[1]
    market.lose(what)
    situation(market)
    (item,) = market.publish().quarantined
    assert (item.id, str(item.version)) == (HURT, "1.0.0")
    assert item.reason == f"not at hand, and built again next time: {what} {key}"
    outcome = market.publish()
    assert (outcome.quarantined, outcome.built) == ((), (f"{HURT} 1.0.0",))
    assert market.workshop.differences(market.store) == ()


@pytest.mark.parametrize("what", [MANIFEST, FACTS, PACKAGE])
def test_as_many_as_there_are_damaged_here_and_lost_in_the_store_are_made_anew_at_once(
    market: Market, what: str
) -> None:
    for plugin in (HURT, OTHER):
        ref, key = market.place_of(what, plugin)
        market.workshop.workspace.objects.path_of(ref.sha256).write_bytes(b"X")
        del market.store.objects[key]
    market.relist()
    outcome = market.publish()
    assert (outcome.quarantined, len(outcome.built)) == ((), 2)
    assert market.workshop.differences(market.store) == ()


def test_while_something_is_damaged_only_its_plugin_is_looked_at_each_time(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    market.damage(MANIFEST)
    a_neighbour_changes(market)
    market.publish()
    parsed: list[str] = []
    events = ledger_files._events

    def noting(data: bytes, path: str) -> Iterable[Event]:
        parsed.append(path)
        return events(data, path)

    monkeypatch.setattr(ledger_files, "_events", noting)
    write(market.workshop.root / "registry/plugins/bench/plugin-0/README.md", "# Other words\n")
    assert [item.id for item in market.publish().quarantined] == [HURT]
    assert {path.rpartition("/")[2] for path in parsed} == {"plugin-0.jsonl", "plugin-1.jsonl"}


def test_the_other_releases_of_the_plugin_stay(market: Market, tmp_path: Path) -> None:
    market.workshop.release(str(HURT), "1.1.0")
    market.publish()
    market.damage(MANIFEST)
    everybody_is_looked_at(market)
    (item,) = market.publish().quarantined
    assert (str(item.version), item.kept) == ("1.0.0", "releases 1.1.0")
    assert f"{HURT} 1.1.0" in market.readable(tmp_path)


def test_nothing_that_warns_of_a_release_is_lost_with_it(market: Market) -> None:
    write(market.workshop.root / "registry/advisories/PLG-2026-0001.yaml", ADVISORY)
    market.workshop.release(str(HURT), "1.1.0")
    yanked = "channel: stable\nyanked: It is bad."
    market.workshop.change(f"plugins/{HURT}/releases/1.0.0.yaml", "channel: stable", yanked)
    assert market.publish().quarantined == ()
    yanked_document = market.store.objects[DOCUMENT]
    assert b'"yanked":"It is bad."' in yanked_document
    revocations, ledger = market.workshop.workspace.revocations, market.workshop.workspace.ledgers()[HURT]
    said = revocations.read_bytes()
    warned = {key: market.store.objects[key] for key in (layout.ADVISORIES_KEY, layout.osv_key("PLG-2026-0001"))}
    _, key = market.place_of(MANIFEST)
    good = market.store.objects[key]
    market.damage(MANIFEST)
    everybody_is_looked_at(market)
    assert [item.id for item in market.publish().quarantined] == [HURT]
    assert {key: market.store.objects[key] for key in warned} == warned
    assert (revocations.read_bytes(), market.workshop.workspace.ledgers()[HURT]) == (said, ledger)
    assert b"1.0.0" not in market.store.objects[DOCUMENT]
    market.store.objects[key] = good
    assert market.publish().quarantined == ()
    assert market.store.objects[DOCUMENT] == yanked_document


def test_a_plan_tells_what_the_publication_would(market: Market) -> None:
    market.damage(MANIFEST)
    market.lose(FACTS, OTHER)
    plan = market.plan()
    assert [(item.id, str(item.version)) for item in plan.outcome.quarantined] == [(HURT, "1.0.0"), (OTHER, "1.0.0")]


def test_damage_that_would_take_much_of_the_marketplace_is_refused_and_told(market: Market) -> None:
    for number in range(3, 8):
        market.workshop.release(f"bench/plugin-{number}")
    market.publish()
    hurt = [plugin for plugin in market.workshop.workspace.ledgers() if plugin != OTHER]
    for plugin in hurt:
        market.damage(MANIFEST, plugin)
    everybody_is_looked_at(market)
    with pytest.raises(PolicyError, match=r"would drop 7 of 8 plugins.*damaged where it is published"):
        market.publish()
    assert market.workshop.publish(market.store, allow_shrink=7).plugins == 1
