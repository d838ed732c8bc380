"""What goes wrong while one release is built is told of that release; everything else is published."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from e2e.deeds import commit, git, new_release, rewrite
from e2e.marketplace_on_disk import CACHE, PLUGINS, Workspace, copy_registry
from pluginry.adapters.folder_store import FolderStore
from pluginry.cli.publisher_wiring import PublisherPlaces, equipment_of, repository_of
from pluginry.errors import AuthError, TransportError, UsageError
from pluginry.model.quarantine import Fault
from pluginry.publisher.pipeline import publish_marketplace

if TYPE_CHECKING:
    from pathlib import Path

    from pluginry.model.digest import BlobRef
    from pluginry.model.release import Source
    from pluginry.ports import SourceFetcher
    from pluginry.publisher.outcome import Outcome


@dataclass(frozen=True, slots=True)
class Unlucky:
    """A `SourceFetcher` that fails for one plugin."""

    genuine: SourceFetcher
    error: Exception

    def fetch(self, source: Source, into: Path, *, expected: BlobRef | None, max_bytes: int) -> Path:
        if CACHE in source.path:
            raise self.error
        return self.genuine.fetch(source, into, expected=expected, max_bytes=max_bytes)


@pytest.fixture
def places(tmp_path: Path) -> PublisherPlaces:
    copy_registry(tmp_path)
    Workspace(tmp_path).pluginry("trust", "init", "--signing", "none")
    return PublisherPlaces.at(tmp_path, None)


def publish(places: PublisherPlaces, error: Exception | None = None, *, debug: bool = False) -> Outcome:
    equipment = equipment_of(places, FolderStore(places.root / "dist"))
    if error:
        fetchers = {**equipment.fetchers, "path": Unlucky(equipment.fetchers["path"], error)}
        equipment = replace(equipment, fetchers=fetchers)
    return publish_marketplace(equipment, repository_of(places), now=datetime.now(UTC), debug=debug)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (RuntimeError("as met by hostile content"), "RuntimeError while building"),
        (RecursionError(), "RecursionError while building"),
        (UsageError("git is not installed"), "git is not installed"),
        (AuthError("the password is wrong"), "the password is wrong"),
        (TransportError("no route"), "no route"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_whatever_goes_wrong_the_others_are_published(places: PublisherPlaces, error: Exception, reason: str) -> None:
    outcome = publish(places, error)
    assert outcome.plugins == len(PLUGINS) - 1
    assert {(str(item.id), item.kind) for item in outcome.quarantined} == {(CACHE, Fault.INFRASTRUCTURE)}
    assert outcome.quarantined[0].reason.startswith(reason)
    mended = publish(places)
    assert (mended.plugins, mended.quarantined) == (len(PLUGINS), ())


def test_whoever_looks_for_the_mistake_gets_it(places: PublisherPlaces) -> None:
    with pytest.raises(RuntimeError):
        publish(places, RuntimeError("as met by hostile content"), debug=True)


def test_what_was_published_stays_when_a_newer_release_fails(places: PublisherPlaces) -> None:
    publish(places)
    newest = places.workspace.registry / "plugins" / CACHE / "releases" / "1.1.0.yaml"
    newer = newest.with_name("1.1.1.yaml")
    newer.write_text(newest.read_text("utf-8").replace("1.1.0", "1.1.1"), "utf-8")
    (newest.parent.parent / "source" / "1.1.1").mkdir()
    for file in (newest.parent.parent / "source" / "1.1.0").rglob("*"):
        if file.is_file():
            text = file.read_text("utf-8").replace("version: 1.1.0", "version: 1.1.1")
            (newest.parent.parent / "source" / "1.1.1" / file.name).write_text(text, "utf-8")
    outcome = publish(places)
    (item,) = outcome.quarantined
    assert (str(item.id), str(item.version), item.kind) == (CACHE, "1.1.1", Fault.AUTHOR)
    assert "the sources do not give the package that the release names" in item.reason
    assert item.kept.startswith("releases 1.1.0")
    assert outcome.plugins == len(PLUGINS)


def test_of_a_plugin_in_quarantine_nothing_new_is_released(places: PublisherPlaces) -> None:
    """A good release was merged, and before it was published a bad listing: the folder of then holds the release."""
    market, folder = Workspace(places.root), places.workspace.registry / "plugins" / CACHE
    (places.root / ".gitignore").write_text("/.pluginry\n/dist\n", "utf-8")
    git(market, "init", "-q")
    publish(places)
    new_release(market, CACHE, "1.1.1", sha256="0" * 64)
    digest = market.pluginry("pack", str(folder / "source" / "1.1.1"), "--dry-run")["sha256"]
    rewrite(folder / "releases" / "1.1.1.yaml", "0" * 64, digest)
    good = commit(market)
    rewrite(folder / "listing.yaml", "license: ", "license: no-such-")
    commit(market)
    outcome = publish(places)
    (item,) = outcome.quarantined
    assert (outcome.built, item.kept) == ((), f"as of commit {good[:12]}; releases 1.1.0, 1.0.0")
    rewrite(folder / "listing.yaml", "license: no-such-", "license: ")
    commit(market)
    outcome = publish(places)
    assert (outcome.built, outcome.quarantined) == ((f"{CACHE} 1.1.1",), ())


def test_names_of_scratch_folders_are_not_told(places: PublisherPlaces) -> None:
    """They would make another reason of it in each run."""
    outcomes = [publish(places, OSError(28, "No space left on device", "/x/pluginry-build-q/a")) for _ in range(2)]
    reasons = [item.reason for outcome in outcomes for item in outcome.quarantined]
    assert len(set(reasons)) == 1
    assert "pluginry-build" not in reasons[0]
