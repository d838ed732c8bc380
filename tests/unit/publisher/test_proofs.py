"""What bundles prove of plugins that are settled is found out when somebody asks, and only once."""

from __future__ import annotations

from pluginry.model.attestation import VerifiedStatement
from pluginry.model.digest import BlobRef, Digest
from pluginry.model.names import PluginId
from pluginry.publisher.kept_records import KeptRecords, PublishedRecords
from pluginry.publisher.proofs import Proofs

FIRST, SECOND = PluginId.parse("acme/one"), PluginId.parse("acme/two")
GOOD, BAD, OTHER, NEW = (Digest.of(text) for text in (b"good", b"bad", b"other", b"new"))
STATEMENT = VerifiedStatement.__new__(VerifiedStatement)


class Desk:
    """Checks plugins that were kept, and keeps which ones it was asked about."""

    def __init__(self) -> None:
        self.asked: list[PluginId] = []
        bodies = {"acme/one": _record(GOOD, BAD), "acme/two": _record(OTHER)}
        refs = {plugin: BlobRef.of(bodies[str(plugin)].encode()) for plugin in (FIRST, SECOND)}
        published = PublishedRecords(refs=refs, bodies=bodies, catalogue=b"", rows={}, releases=2)
        self.proofs = Proofs({NEW: STATEMENT}, KeptRecords(published, (FIRST, SECOND)), self.check)

    def check(self, plugin: PluginId) -> dict[Digest, VerifiedStatement]:
        self.asked.append(plugin)
        return {GOOD: STATEMENT} if plugin == FIRST else {OTHER: STATEMENT}


def _record(*bundles: Digest) -> str:
    return "".join(f'{{"sha256":"{bundle}","size":1}}' for bundle in bundles)


def test_what_was_proved_just_now_asks_nobody() -> None:
    desk = Desk()
    assert desk.proofs[NEW] is STATEMENT
    assert Digest.of(b"nowhere") not in desk.proofs
    assert desk.asked == []


def test_what_is_asked_for_is_checked_once_with_its_plugin() -> None:
    desk = Desk()
    assert desk.proofs.get(GOOD) is STATEMENT
    assert desk.proofs.get(BAD) is None, "a bundle that proves nothing stays one"
    assert GOOD in desk.proofs
    assert desk.asked == [FIRST]


def test_all_are_checked_for_who_wants_all() -> None:
    desk = Desk()
    assert set(desk.proofs) == {NEW, GOOD, OTHER}
    assert len(desk.proofs) == 3
    assert desk.asked == [FIRST, SECOND]
