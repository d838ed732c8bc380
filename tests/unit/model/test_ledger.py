from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from pluginry.model.channel import Channel
from pluginry.model.digest import BlobRef, Digest
from pluginry.model.ledger import (
    Amended,
    ArtifactFact,
    AttestationFact,
    Attested,
    Event,
    Ledger,
    Listed,
    Released,
    Rescanned,
)
from pluginry.model.names import Platform, PluginId
from pluginry.model.status import Status
from pluginry.model.versions import Version

if TYPE_CHECKING:
    from collections.abc import Iterator

AT = datetime(2026, 1, 1, tzinfo=UTC)
ONE, TWO = Version("1.0.0"), Version("2.0.0")


def a_release(version: Version) -> Released:
    ref = BlobRef.of(str(version).encode())
    artifact = ArtifactFact(platform=Platform("any"), sha256=ref.sha256, size=ref.size)
    return Released(at=AT, version=version, channel=Channel.STABLE, manifest=ref, facts=ref, artifacts=(artifact,))


def an_attestation(name: bytes) -> AttestationFact:
    return AttestationFact(artifact=Digest.of(b"artifact"), type="t", sha256=Digest.of(name), size=len(name))


def a_ledger(*events: Event) -> Ledger:
    return Ledger(id=PluginId.parse("acme/demo"), events=events)


def test_an_empty_ledger_knows_nothing() -> None:
    ledger = a_ledger()
    assert ledger.seq == 0
    assert ledger.standing is None
    assert ledger.releases == {}
    assert ledger.attestations_of(ONE) == ()
    assert ledger.amendment_of(ONE) is None


def test_every_event_raises_the_number_of_the_record() -> None:
    assert a_ledger(Listed(at=AT, status=Status.ACTIVE), a_release(ONE)).seq == 2


def test_the_last_word_on_a_plugin_counts() -> None:
    last = Listed(at=AT, status=Status.REMOVED)
    assert a_ledger(Listed(at=AT, status=Status.ACTIVE), a_release(ONE), last).standing is last


def test_releases_are_found_by_version() -> None:
    assert a_ledger(a_release(ONE), a_release(TWO)).releases == {ONE: a_release(ONE), TWO: a_release(TWO)}


def test_facts_are_those_of_the_last_scan_of_that_release() -> None:
    new = BlobRef.of(b"new facts")
    ledger = a_ledger(
        a_release(ONE),
        a_release(TWO),
        Rescanned(at=AT, version=ONE, facts=BlobRef.of(b"x")),
        Rescanned(at=AT, version=ONE, facts=new),
    )
    assert ledger.facts_of(ONE) == new
    assert ledger.facts_of(TWO) == a_release(TWO).facts


def test_attestations_add_up() -> None:
    first, second, other = map(an_attestation, (b"1", b"2", b"3"))
    ledger = a_ledger(
        a_release(ONE),
        Attested(at=AT, version=ONE, attestations=(first,)),
        Attested(at=AT, version=TWO, attestations=(other,)),
        Attested(at=AT, version=ONE, attestations=(second,)),
    )
    assert ledger.attestations_of(ONE) == (first, second)


def test_an_amendment_replaces_the_one_before() -> None:
    undone = Amended(at=AT, version=ONE)
    ledger = a_ledger(a_release(ONE), Amended(at=AT, version=ONE, yanked="broken"), undone)
    assert ledger.amendment_of(ONE) is undone
    assert ledger.amendment_of(TWO) is None


class _Counted(tuple[Event, ...]):  # noqa: SLOT001 - a tuple cannot have slots for what it counts
    """Events that count how often somebody goes through them."""

    passes = 0

    def __iter__(self) -> Iterator[Event]:
        self.passes += 1
        return super().__iter__()

    def __reversed__(self) -> Iterator[Event]:
        self.passes += 1
        return reversed(tuple(super().__iter__()))


def test_what_many_releases_come_to_is_looked_up_and_not_searched_for() -> None:
    versions = [Version(f"1.0.{number}") for number in range(50)]
    scanned = [Rescanned(at=AT, version=version, facts=BlobRef.of(b"later")) for version in versions]
    events = _Counted((*map(a_release, versions), *scanned))
    ledger = Ledger(id=PluginId.parse("acme/demo"), events=events)
    for version in versions:
        assert ledger.releases[version].version == version
        assert ledger.facts_of(version) == BlobRef.of(b"later")
        assert ledger.attestations_of(version) == ()
        assert ledger.amendment_of(version) is None
    assert events.passes == len({Released, Rescanned, Attested, Amended})


def test_facts_about_content_name_it() -> None:
    fact = an_attestation(b"bundle")
    assert fact.blob == BlobRef.of(b"bundle")
    assert a_release(ONE).artifacts[0].blob == BlobRef.of(b"1.0.0")
