from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from pluginry.errors import TamperedError
from pluginry.model.channel import Channel
from pluginry.model.digest import BlobRef
from pluginry.model.ledger import Amended, AttestationFact, Event, Ledger, Listed, Released, Rescanned, Transferred
from pluginry.model.listing import Transfer
from pluginry.model.names import Name, PluginId
from pluginry.model.publisher import Publisher
from pluginry.model.status import Status
from pluginry.model.versions import Version, VersionRange
from pluginry.publisher.record import BuiltRelease, attested, record
from small_marketplace import START, SmallMarketplace

if TYPE_CHECKING:
    from collections.abc import Mapping

DEMO = PluginId.parse("acme/demo")
ONE, TWO = Version("1.0.0"), Version("2.0.0")


@pytest.fixture
def market() -> SmallMarketplace:
    return SmallMarketplace()


def new_events(market: SmallMarketplace, built: Mapping[Version, BuiltRelease] | None = None) -> tuple[Event, ...]:
    return record(market.entries[DEMO], market.ledgers[DEMO], built or {}, at=market.now, registry_commit="abc")


def test_a_new_plugin_is_listed_and_its_releases_are_recorded(market: SmallMarketplace) -> None:
    built = market.release("acme/demo", "1.0.0", channel="beta", is_signed=False)
    listed, released = market.ledgers[DEMO].events
    assert listed == Listed(at=market.now, status=Status.ACTIVE)
    assert released == Released(
        at=market.now,
        version=ONE,
        channel=Channel.BETA,
        manifest=built.manifest,
        facts=built.facts,
        artifacts=built.artifacts,
        registry_commit="c" * 40,
    )


def test_recording_twice_adds_nothing(market: SmallMarketplace) -> None:
    built = {ONE: market.release("acme/demo", "1.0.0"), TWO: market.release("acme/demo", "2.0.0")}
    market.amend("acme/demo", "1.0.0", yanked="broken", hosts={"mail": "<1"})
    market.describe("acme/demo", status=Status.DEPRECATED, replaced_by=PluginId.parse("acme/new"))
    assert new_events(market) == ()
    assert new_events(market, built) == ()


def test_releases_are_recorded_from_the_oldest(market: SmallMarketplace) -> None:
    built = {TWO: market.release("acme/demo", "2.0.0"), ONE: market.release("acme/demo", "1.0.0")}
    events = record(market.entries[DEMO], Ledger(id=DEMO), built, at=START, registry_commit="")
    assert [event.version for event in events if isinstance(event, Released)] == [ONE, TWO]


def test_a_release_that_was_not_built_is_not_recorded(market: SmallMarketplace) -> None:
    market.release("acme/demo", "1.0.0")
    events = record(market.entries[DEMO], Ledger(id=DEMO), {}, at=START, registry_commit="")
    assert [type(event) for event in events] == [Listed]


def test_a_release_that_is_not_claimed_any_more_is_not_recorded_again(market: SmallMarketplace) -> None:
    built = market.release("acme/demo", "1.0.0")
    market.entries[DEMO] = replace(market.entries[DEMO], releases={})
    assert new_events(market, {ONE: built}) == ()


@pytest.mark.parametrize("part", ["manifest", "artifacts"])
def test_a_published_release_that_is_built_anew_and_differs_is_refused(market: SmallMarketplace, part: str) -> None:
    built = market.release("acme/demo", "1.0.0")
    artifact = replace(built.artifacts[0], sha256=BlobRef.of(b"other").sha256)
    changed = {"manifest": BlobRef.of(b"other"), "artifacts": (artifact,)}
    with pytest.raises(TamperedError, match=r"release 1\.0\.0 of acme/demo is not what was published") as caught:
        new_events(market, {ONE: replace(built, **{part: changed[part]})})
    assert built.artifacts[0].sha256.short in caught.value.why


@pytest.mark.parametrize("platforms", [(), ("any",), ("any", "linux-x86_64", "macos-aarch64")])
def test_a_published_release_gains_and_loses_no_platform(market: SmallMarketplace, platforms: tuple[str, ...]) -> None:
    market.release("acme/demo", "1.0.0", platforms=("any", "linux-x86_64"))
    again = SmallMarketplace().release("acme/demo", "1.0.0", platforms=platforms)
    with pytest.raises(TamperedError):
        new_events(market, {ONE: again})


def test_the_order_of_platforms_is_no_difference(market: SmallMarketplace) -> None:
    built = market.release("acme/demo", "1.0.0", platforms=("any", "linux-x86_64"))
    assert new_events(market, {ONE: replace(built, artifacts=built.artifacts[::-1])}) == ()


def test_another_result_of_the_scan_is_recorded_once(market: SmallMarketplace) -> None:
    built = replace(market.release("acme/demo", "1.0.0"), facts=BlobRef.of(b"new facts"))
    assert new_events(market, {ONE: built}) == (Rescanned(at=market.now, version=ONE, facts=built.facts),)
    market.record("acme/demo", {ONE: built})
    assert new_events(market, {ONE: built}) == ()


def test_yanking_and_taking_it_back_are_two_events(market: SmallMarketplace) -> None:
    market.release("acme/demo", "1.0.0")
    market.amend("acme/demo", "1.0.0", yanked="broken")
    market.amend("acme/demo", "1.0.0")
    assert market.ledgers[DEMO].events[-2:] == (
        Amended(at=market.ledgers[DEMO].events[-2].at, version=ONE, yanked="broken"),
        Amended(at=market.now, version=ONE),
    )
    assert new_events(market) == ()


def test_host_ranges_that_were_found_out_later_are_recorded(market: SmallMarketplace) -> None:
    market.release("acme/demo", "1.0.0")
    market.amend("acme/demo", "1.0.0", hosts={"mail": ">=0.4,<0.9"})
    amended = market.ledgers[DEMO].events[-1]
    assert isinstance(amended, Amended)
    assert amended.hosts == {Name("mail"): VersionRange(">=0.4,<0.9")}


def test_a_release_that_is_yanked_before_it_was_ever_built_waits_for_it(market: SmallMarketplace) -> None:
    built = market.release("acme/demo", "1.0.0")
    market.amend("acme/demo", "1.0.0", yanked="too early")
    entry, empty = market.entries[DEMO], Ledger(id=DEMO)
    assert [type(e) for e in record(entry, empty, {}, at=START, registry_commit="")] == [Listed]
    events = record(entry, empty, {ONE: built}, at=START, registry_commit="")
    assert [type(event) for event in events] == [Listed, Released, Amended]


@pytest.mark.parametrize(
    "change",
    [
        {"status": Status.REMOVED},
        {"replaced_by": PluginId.parse("acme/new")},
        {"aliases": ("com.acme.demo",)},
        {"publisher": Publisher(issuer="https://i", repository="acme/demo", workflow="w", refs=("r",))},
    ],
)
def test_another_standing_is_recorded(market: SmallMarketplace, change: dict[str, object]) -> None:
    market.release("acme/demo", "1.0.0")
    market.describe("acme/demo", **change)
    standing = market.ledgers[DEMO].standing
    assert standing is market.ledgers[DEMO].events[-1]
    assert {name: getattr(standing, name) for name in change} == change


ANN = Publisher(issuer="https://i", repository="ann/demo", workflow="w", refs=("r",))
BOB = Publisher(issuer="https://i", repository="bob/demo", workflow="w", refs=("r",))


def test_an_announced_transfer_is_recorded_once_before_the_new_standing(market: SmallMarketplace) -> None:
    market.release("acme/demo", "1.0.0")
    market.describe("acme/demo", publisher=ANN)
    transfer = Transfer(previous=ANN, reason="Ann retires")
    market.describe("acme/demo", publisher=BOB, transfer=transfer)
    transferred, listed = market.ledgers[DEMO].events[-2:]
    assert transferred == Transferred(at=market.now, previous=ANN, publisher=BOB, reason="Ann retires")
    assert market.ledgers[DEMO].transfers == (transferred,)
    assert isinstance(listed, Listed)
    assert listed.publisher == BOB
    market.describe("acme/demo", summary="Other words")
    assert new_events(market) == ()


@pytest.mark.parametrize(
    ("before", "after"),
    [(BOB, ANN), (None, BOB), (ANN, ANN), (ANN, None)],
    ids=["from another than the holder", "from nobody", "to the same", "to nobody"],
)
def test_an_announcement_of_something_else_is_no_transfer(
    market: SmallMarketplace, before: Publisher | None, after: Publisher | None
) -> None:
    market.release("acme/demo", "1.0.0")
    market.describe("acme/demo", publisher=before)
    market.describe("acme/demo", publisher=after, transfer=Transfer(previous=ANN, reason="r"))
    assert market.ledgers[DEMO].transfers == ()


def test_what_only_describes_a_plugin_is_not_recorded(market: SmallMarketplace) -> None:
    market.release("acme/demo", "1.0.0")
    seq = market.ledgers[DEMO].seq
    market.describe("acme/demo", summary="Other words", tags=("new",))
    assert market.ledgers[DEMO].seq == seq


def test_a_signature_is_an_event() -> None:
    fact = AttestationFact(artifact=BlobRef.of(b"a").sha256, type="t", sha256=BlobRef.of(b"b").sha256, size=1)
    event = attested(ONE, iter([fact]), at=START)
    assert (event.version, event.at, event.attestations) == (ONE, START, (fact,))
