"""Which deltas a publisher makes: from the last releases for the same platform, as far as they are worth it."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from memory_store import MemoryStore
from pluginry.encoding.content_store import ContentStore
from pluginry.encoding.delta import apply_delta
from pluginry.model import layout
from pluginry.model.channel import Channel
from pluginry.model.digest import BlobRef
from pluginry.model.ledger import ArtifactFact, Ledger, Released
from pluginry.model.names import ANY_PLATFORM, Platform, PluginId
from pluginry.model.registry import DeltaSettings
from pluginry.model.versions import Version
from pluginry.publisher.object_access import ObjectAccess
from pluginry.publisher.package_deltas import with_deltas
from pluginry.publisher.record import BuiltRelease

if TYPE_CHECKING:
    from pathlib import Path

    from pluginry.model.ledger import DeltaFact

DEMO = PluginId.parse("acme/demo")
NOTHING = BlobRef.of(b"")
DATA = random.Random(3).randbytes(50_000)  # noqa: S311 - the same bytes each time


class Desk:
    """A publisher of one plugin, with packages that differ by their version only."""

    def __init__(self, folder: Path) -> None:
        self.objects, self.store = ContentStore(folder), MemoryStore(location="here")
        self.ledger = Ledger(id=DEMO)
        self.withdrawn: frozenset[tuple[PluginId, Version]] = frozenset()

    def body(self, version: str) -> bytes:
        return version.encode().join([DATA[:20_000], DATA[20_000:]])

    def artifact(self, body: bytes, platform: Platform = ANY_PLATFORM) -> ArtifactFact:
        ref = BlobRef.of(body)
        return ArtifactFact(platform=platform, sha256=ref.sha256, size=ref.size)

    def published(self, version: str, platform: Platform = ANY_PLATFORM) -> None:
        """Let a version be published already: its package lies in the store only."""
        artifact = self.artifact(self.body(version), platform)
        released = Released(
            at=datetime(2026, 1, 1, tzinfo=UTC),
            version=Version(version),
            channel=Channel.STABLE,
            manifest=NOTHING,
            facts=NOTHING,
            artifacts=(artifact,),
        )
        self.store.objects[layout.package_key(DEMO, Version(version), platform)] = self.body(version)
        self.ledger = replace(self.ledger, events=(*self.ledger.events, released))

    def deltas(self, *versions: str, body: bytes | None = None, **settings: int) -> dict[str, tuple[DeltaFact, ...]]:
        """Build `versions` and return their deltas."""
        built = {}
        for version in versions:
            made = self.body(version) if body is None else body
            self.objects.add(made)
            built[Version(version)] = BuiltRelease(manifest=NOTHING, facts=NOTHING, artifacts=(self.artifact(made),))
        access = ObjectAccess(self.objects, self.store, withdrawn=self.withdrawn)
        made_of = with_deltas(built, self.ledger, access=access, settings=DeltaSettings(**settings))
        return {str(version): release.deltas for version, release in made_of.items()}


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_each_of_the_last_releases_gets_a_delta_that_leads_to_the_new_one(desk: Desk) -> None:
    for version in ("1.0.0", "1.1.0", "1.2.0", "1.3.0", "2.0.0"):
        desk.published(version)
    (found,) = desk.deltas("1.4.0").values()
    assert [fact.base for fact in found] == [
        BlobRef.of(desk.body(version)).sha256 for version in ("1.3.0", "1.2.0", "1.1.0")
    ]
    for fact, version in zip(found, ("1.3.0", "1.2.0", "1.1.0"), strict=True):
        delta = desk.objects.read(fact.blob)
        assert delta is not None
        assert len(delta) < 200
        package = desk.body("1.4.0")
        assert apply_delta(desk.body(version), delta, size=len(package)) == package


def test_releases_built_together_are_bases_of_each_other(desk: Desk) -> None:
    found = desk.deltas("1.0.0", "1.1.0")
    assert found["1.0.0"] == ()
    assert len(found["1.1.0"]) == 1


def test_a_release_that_is_built_again_keeps_what_the_ledger_says(desk: Desk) -> None:
    desk.published("1.0.0")
    desk.published("1.1.0")
    assert desk.deltas("1.1.0") == {"1.1.0": ()}


def test_settings_bound_number_and_share(desk: Desk) -> None:
    desk.published("1.0.0")
    assert desk.deltas("1.1.0", releases=0) == {"1.1.0": ()}
    fresh = random.Random(4).randbytes(30_000)  # noqa: S311 - the same bytes each time
    assert desk.deltas("1.1.0", body=fresh + DATA[:20_000]) == {"1.1.0": ()}
    assert len(desk.deltas("1.1.0", body=fresh + DATA[:20_000], percent=90)["1.1.0"]) == 1


def test_small_packages_and_lost_withdrawn_or_foreign_bases_get_none(desk: Desk) -> None:
    desk.published("1.0.0", Platform("linux-x86_64"))
    assert desk.deltas("1.1.0") == {"1.1.0": ()}
    desk.published("1.0.1")
    assert desk.deltas("1.1.0", body=DATA[:9000]) == {"1.1.0": ()}
    desk.withdrawn = frozenset({(DEMO, Version("1.0.1"))})
    assert desk.deltas("1.1.0") == {"1.1.0": ()}
    desk.withdrawn = frozenset()
    key = layout.package_key(DEMO, Version("1.0.1"), ANY_PLATFORM)
    body = desk.store.objects.pop(key)
    assert desk.deltas("1.1.0") == {"1.1.0": ()}
    desk.store.objects[key] = b"x" * len(body)
    assert desk.deltas("1.1.0") == {"1.1.0": ()}
