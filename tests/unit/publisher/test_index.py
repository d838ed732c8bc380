from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalogues import an_advisory
from index_objects import index_objects
from pluginry.encoding import documents, tree
from pluginry.encoding.parsed_document import ParsedDocument
from pluginry.encoding.schema import check_against_schema
from pluginry.model import layout
from pluginry.model.advisory import Action, AdvisoryList, Directive
from pluginry.model.channel import Channel
from pluginry.model.digest import BlobRef, Digest
from pluginry.model.index import Catalogue, PluginRecord, TreeRoot
from pluginry.model.names import Name, PluginId
from pluginry.model.published import CachePolicy, Phase
from pluginry.model.status import Status
from pluginry.model.versions import Version, VersionRange
from pluginry.publisher.index import (
    BuiltIndex,
    IndexInput,
    advisories_body,
    build_index,
    build_records,
)
from small_marketplace import START, SmallMarketplace

if TYPE_CHECKING:
    from pluginry.model.published import PublishedObject

DEMO, TOOL = PluginId.parse("acme/demo"), PluginId.parse("zenith/tool")
NOW = START + timedelta(days=30)


def a_market() -> SmallMarketplace:
    market = SmallMarketplace()
    market.release("acme/demo", "1.0.0", permissions=[("network", "a.example:443"), ("mail.headers", "inbound")])
    market.release("acme/demo", "2.0.0-beta.1", channel="beta", platforms=("linux-x86_64", "macos-aarch64"))
    market.release("zenith/tool", "0.1.0", dependencies={"acme/demo": ">=1"}, is_signed=False)
    return market


def built_from(
    given: IndexInput, previous: TreeRoot | None = None, *, now: datetime = NOW, commit: str = ""
) -> BuiltIndex:
    digest = Digest.of(documents.encode(previous)) if previous else None
    return build_index(given, previous=previous, previous_digest=digest, epoch=1, now=now, commit=commit)


def objects_by_key(market: SmallMarketplace, given: IndexInput) -> dict[str, PublishedObject]:
    objects = list(index_objects(given, built_from(given), market.read))
    assert len({published.key for published in objects}) == len(objects)
    return {published.key: published for published in objects}


def body_of(published: PublishedObject) -> bytes:
    assert isinstance(published.body, bytes)
    return published.body


def plain(objects: dict[str, PublishedObject], key: str) -> Any:
    return json.loads(body_of(objects[key]))


def test_a_record_is_the_fold_of_its_ledger() -> None:
    market = a_market()
    found = build_records(market.given())[DEMO]
    newest, oldest = found.releases
    assert (found.id, found.seq, found.status) == (DEMO, market.ledgers[DEMO].seq, Status.ACTIVE)
    assert [newest.version, oldest.version] == [Version("2.0.0-beta.1"), Version("1.0.0")]
    assert newest.channel is Channel.BETA
    assert [artifact.platform for artifact in newest.artifacts] == ["linux-x86_64", "macos-aarch64"]
    assert oldest.permissions == ("mail.headers:inbound", "network:a.example:443")
    assert oldest.hosts == {Name("mail"): VersionRange(">=0.4")}
    assert len(oldest.attestations) == 1
    assert oldest.yanked is None


def test_what_was_found_out_later_is_in_the_record() -> None:
    market = a_market()
    market.amend("acme/demo", "1.0.0", yanked="broken", hosts={"mail": "<0.5"})
    oldest = build_records(market.given())[DEMO].releases[-1]
    assert oldest.yanked == "broken"
    assert oldest.hosts == {Name("mail"): VersionRange("<0.5")}
    market.amend("acme/demo", "1.0.0")
    restored = build_records(market.given())[DEMO].releases[-1]
    assert (restored.yanked, restored.hosts) == (None, {Name("mail"): VersionRange(">=0.4")})


def test_a_release_that_is_left_out_is_not_in_the_record() -> None:
    records = build_records(a_market().given(left_out=[(DEMO, "1.0.0")]))
    assert [release.version for release in records[DEMO].releases] == [Version("2.0.0-beta.1")]


def test_a_plugin_of_which_nothing_is_left_is_not_in_the_index() -> None:
    given = a_market().given(left_out=[(DEMO, "1.0.0"), (DEMO, "2.0.0-beta.1")])
    assert list(build_records(given)) == [TOOL]
    assert built_from(given).root.plugins == 1


def test_a_removed_plugin_stays_as_a_record_without_releases_and_needs_no_manifests() -> None:
    market = a_market()
    market.describe("acme/demo", status=Status.REMOVED, replaced_by=TOOL)
    market.manifests = {d: m for d, m in market.manifests.items() if m.id != DEMO}
    found = build_records(market.given())[DEMO]
    assert (found.status, found.replaced_by, found.releases) == (Status.REMOVED, TOOL, ())
    summary = built_from(market.given()).summaries[DEMO]
    assert (summary.status, dict(summary.channels), summary.updated) == (Status.REMOVED, {}, None)


def test_bundles_that_are_nowhere_are_not_promised() -> None:
    market = a_market()
    withheld = frozenset(fact.sha256 for fact in market.ledgers[DEMO].attestations_of(Version("1.0.0")))
    records = build_records(replace(market.given(), withheld=withheld))
    assert [bool(release.attestations) for release in records[DEMO].releases] == [True, False]


def test_the_catalogue_offers_the_newest_release_of_each_channel_that_is_not_withdrawn() -> None:
    market = a_market()
    market.release("acme/demo", "1.1.0")
    market.release("acme/demo", "1.2.0")
    market.amend("acme/demo", "1.2.0", yanked="broken")
    summary = next(iter(built_from(market.given()).summaries.values()))
    assert summary.channels == {Channel.STABLE: Version("1.1.0"), Channel.BETA: Version("2.0.0-beta.1")}


def test_a_plugin_is_as_new_as_its_last_release_whatever_its_number() -> None:
    market = a_market()
    market.release("acme/demo", "1.0.1")
    ledger = market.ledgers[DEMO]
    assert next(iter(built_from(market.given()).summaries.values())).updated == ledger.releases[Version("1.0.1")].at


def test_advisories_are_named_where_they_belong_unless_they_are_withdrawn() -> None:
    advisories = (
        an_advisory("acme/demo", id="PLG-2026-0003"),
        an_advisory("zenith/tool", id="PLG-2026-0002", withdrawn=NOW),
        an_advisory("acme/demo", id="PLG-2026-0001"),
        an_advisory("nobody/nothing", id="PLG-2026-0004"),
    )
    market = a_market()
    given = market.given(advisories=advisories)
    demo, tool = built_from(given).summaries.values()
    assert demo.advisories == ("PLG-2026-0001", "PLG-2026-0003")
    assert tool.advisories == ()
    objects = objects_by_key(market, given)
    assert plain(objects, "v1/plugins/acme/demo.json")["advisories"] == ["PLG-2026-0001", "PLG-2026-0003"]
    assert plain(objects, "v1/plugins/zenith/tool.json")["advisories"] == []
    listed = documents.decode(AdvisoryList, body_of(objects[layout.ADVISORIES_KEY]), what="x").advisories
    assert [advisory.id for advisory in listed] == [f"PLG-2026-000{number}" for number in (1, 2, 3, 4)]


@settings(max_examples=5)
@given(st.randoms(use_true_random=False))
def test_the_same_claims_in_any_order_give_the_same_bytes(random: Any) -> None:
    market = a_market()
    given = market.given(advisories=(an_advisory(id="PLG-2026-0001"), an_advisory(id="PLG-2026-0002")))
    shuffled = IndexInput(
        registry=replace(
            given.registry,
            plugins=_shuffled(given.registry.plugins, random),
            hosts=_shuffled(given.registry.hosts, random),
            advisories=tuple(random.sample(given.registry.advisories, 2)),
        ),
        ledgers=_shuffled(given.ledgers, random),
        manifests=_shuffled(given.manifests, random),
    )
    assert built_from(shuffled) == built_from(given)
    assert objects_by_key(market, shuffled) == objects_by_key(market, given)


def _shuffled(mapping: Any, random: Any) -> Any:
    return dict(random.sample(list(mapping.items()), len(mapping)))


def test_nothing_new_keeps_serial_time_and_commit() -> None:
    given = a_market().given()
    first = built_from(given, commit="a" * 40).root
    assert (first.serial, first.generated, first.commit, first.previous) == (1, NOW, "a" * 40, None)
    stored = documents.decode(TreeRoot, documents.encode(first), what="root")
    again = built_from(given, stored, now=NOW + timedelta(days=1), commit="b" * 40)
    assert again.root == first
    assert documents.encode(again.root) == documents.encode(first)


def test_something_new_raises_the_serial_and_names_the_root_before() -> None:
    market = a_market()
    first = built_from(market.given()).root
    market.release("acme/demo", "3.0.0")
    later = NOW + timedelta(days=1)
    second = built_from(market.given(), first, now=later, commit="b" * 40).root
    assert (second.serial, second.generated, second.commit) == (2, later, "b" * 40)
    assert second.previous == Digest.of(documents.encode(first))
    assert second.releases == first.releases + 1


@pytest.mark.parametrize("change", ["listing", "yank", "soak"])
def test_every_change_that_clients_can_see_raises_the_serial(change: str) -> None:
    market = a_market()
    first = built_from(market.given()).root
    if change == "listing":
        market.describe("acme/demo", summary="Other words")
    elif change == "soak":
        market.soak_hours[Channel.STABLE] = 24
    else:
        market.amend("acme/demo", "1.0.0", yanked="broken")
    second = build_index(
        market.given(), previous=first, previous_digest=Digest.of(b""), epoch=1, now=NOW, commit=""
    ).root
    assert (second.serial, second.epoch) == (2, 1)


def test_a_new_epoch_counts_from_one_however_far_the_old_one_went() -> None:
    market = a_market()
    first = replace(built_from(market.given()).root, serial=2**53 - 1)
    second = build_index(
        market.given(), previous=first, previous_digest=Digest.of(b"old"), epoch=2, now=NOW, commit=""
    ).root
    assert (second.serial, second.epoch, second.previous) == (1, 2, Digest.of(b"old"))


def test_every_record_can_be_reached_from_the_root() -> None:
    market = a_market()
    given = market.given()
    built = built_from(given)
    objects = objects_by_key(market, given)

    def read(ref: BlobRef) -> bytes:
        return body_of(objects[layout.node_key(ref.sha256)])

    found = tree.every_record(built.root, read)
    assert set(found) == {DEMO, TOOL}
    for plugin, ref in found.items():
        known = documents.decode(PluginRecord, tree.checked(read(ref), ref), what="record")
        assert known == built.records[plugin]
        for release in known.releases:
            for needed in (release.manifest, release.facts):
                assert tree.checked(read(needed), needed) == market.read(needed)
    assert read(built.root.catalogue) == built.catalogue
    catalogue = documents.decode(Catalogue, built.catalogue, what="c")
    assert catalogue.plugins == tuple(built.summaries.values())


def test_records_and_nodes_come_before_pages_and_never_change() -> None:
    market = a_market()
    for key, published in objects_by_key(market, market.given()).items():
        is_node = key.startswith("v1/t/")
        assert published.phase is (Phase.NODE if is_node else Phase.PAGE)
        assert published.cache is (CachePolicy.IMMUTABLE if is_node else CachePolicy.SHORT)
        assert published.media_type == "application/json"
        if is_node:
            assert key == layout.node_key(Digest.of(body_of(published)))


@pytest.mark.parametrize(
    ("key", "schema"),
    [
        (layout.CATALOGUE_KEY, "index"),
        (layout.ADVISORIES_KEY, "advisories"),
        (layout.STATS_KEY, "stats"),
        ("v1/plugins/acme/demo.json", "plugin"),
        ("v1/plugins/zenith/tool.json", "plugin"),
    ],
)
def test_what_is_published_keeps_to_its_schema(key: str, schema: str) -> None:
    market = a_market()
    market.amend("acme/demo", "1.0.0", yanked="broken", hosts={"mail": "<1"})
    directive = Directive(action=Action.WARN, reason="vulnerability")
    given = market.given(advisories=(an_advisory(database_specific=directive),))
    value = plain(objects_by_key(market, given), key)
    assert list(check_against_schema(ParsedDocument(file=key, value=value), schema)) == []


@pytest.mark.parametrize("schema", ["tree-root", "plugin-record"])
def test_what_verifying_clients_read_keeps_to_its_schema(schema: str) -> None:
    built = built_from(a_market().given(), commit="a" * 40)
    model = built.root if schema == "tree-root" else built.records[DEMO]
    value = documents.to_plain(model)
    assert list(check_against_schema(ParsedDocument(file=schema, value=value), schema)) == []


def test_there_is_one_list_of_advisories_for_everybody() -> None:
    market = a_market()
    given = market.given(advisories=(an_advisory(),))
    assert body_of(objects_by_key(market, given)[layout.ADVISORIES_KEY]) == advisories_body(given.registry)


def test_an_empty_marketplace_is_a_marketplace() -> None:
    market = SmallMarketplace()
    built = built_from(market.given())
    assert (built.root.plugins, built.root.releases, built.root.serial) == (0, 0, 1)
    assert layout.CATALOGUE_KEY in objects_by_key(market, market.given())
