"""One marketplace as the client sees it: what is refreshed, what is remembered, and what is refused on the way."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from notary import accepted, lab
from pluginry.client.source_memory import STATE_FILE
from pluginry.encoding import documents
from pluginry.errors import (
    NotFoundError,
    PluginryError,
    PolicyError,
    StaleError,
    TamperedError,
    TransportError,
)
from pluginry.model import layout
from pluginry.model.attestation import SignerIdentity
from pluginry.model.digest import Digest
from pluginry.model.index import TrustPolicy
from pluginry.model.names import PluginId
from simulated_client import a_client, install, versions_in, want
from simulator import Simulator

if TYPE_CHECKING:
    from pathlib import Path

    from pluginry.client.marketplace import Marketplace
    from pluginry.model.index import PluginRecord, TreeRoot

DEMO, OTHER = PluginId.parse("acme/demo"), PluginId.parse("acme/other")


def a_market() -> Simulator:
    market = Simulator()
    market.release("acme/demo", "1.0.0")
    market.release("acme/other", "1.0.0")
    market.publish()
    return market


def what_is_trusted(client: Marketplace) -> tuple[int, bytes]:
    (source,) = client.sources()
    return source.index().root.serial, (source.folder / STATE_FILE).read_bytes()


def refused(market: Simulator, client: Marketplace, error: type[PluginryError], words: str) -> None:
    """Check that a refresh fails so, and that what was trusted before stays in force, also for the next process."""
    before = what_is_trusted(client)
    with pytest.raises(error, match=words):
        client.refresh()
    assert what_is_trusted(client) == before
    assert what_is_trusted(a_client(client.home.root, market)) == before


class TestRefresh:
    def test_it_gives_what_was_published_last(self, tmp_path: Path) -> None:
        market = a_market()
        client = a_client(tmp_path, market)
        market.release("acme/demo", "1.1.0")
        root = market.publish()
        index = client.refresh()["m0"]
        assert (index.root, index.as_of) == (root, market.now)
        record = client.record(DEMO)
        assert record is not None
        assert [str(release.version) for release in record.releases] == ["1.1.0", "1.0.0"]

    def test_what_was_refreshed_needs_no_network_afterwards(self, tmp_path: Path) -> None:
        market = a_market()
        client = a_client(tmp_path, market)
        client.search()
        install(client, "acme/demo")
        market.store.is_down = True
        again = a_client(tmp_path, market)
        assert [str(found.id) for found in again.search()] == ["acme/demo", "acme/other"]
        assert again.record(DEMO) == client.record(DEMO)
        install(again, "acme/demo")

    def test_a_marketplace_that_is_down_is_no_breach_of_trust(self, tmp_path: Path) -> None:
        market = a_market()
        client = a_client(tmp_path, market)
        market.store.is_down = True
        refused(market, client, TransportError, "does not answer")

    def test_nothing_is_known_before_the_first_refresh(self, tmp_path: Path) -> None:
        market = a_market()
        client = a_client(tmp_path, market)
        (client.sources()[0].folder / STATE_FILE).unlink()
        with pytest.raises(NotFoundError, match="nothing is known"):
            a_client(tmp_path, market).search()

    def test_an_unchanged_marketplace_costs_two_requests(self, tmp_path: Path) -> None:
        market = a_market()
        client = a_client(tmp_path, market)
        market.store.requests.clear()
        client.refresh()
        assert [key for key in market.store.requests if "metadata" in key] == [
            "v1/metadata/2.root.json",
            layout.TIMESTAMP_KEY,
        ]


class TestGoingBack:
    def test_an_earlier_serial_is_refused(self, tmp_path: Path) -> None:
        market = a_market()
        client = a_client(tmp_path, market)
        market.release("acme/demo", "1.1.0")
        market.publish()
        client.refresh()
        market.publish(change_root=lambda root: replace(root, serial=1))
        refused(market, client, TamperedError, "went back")

    def test_old_files_put_back_are_refused(self, tmp_path: Path) -> None:
        market = a_market()
        old = dict(market.objects)
        client = a_client(tmp_path, market)
        market.release("acme/demo", "1.1.0")
        market.publish()
        client.refresh()
        market.objects.update(old)
        refused(market, client, TamperedError, "older than what was seen")

    def test_two_indexes_of_the_same_serial_are_refused(self, tmp_path: Path) -> None:
        market = a_market()
        client = a_client(tmp_path, market)
        market.release("acme/demo", "1.1.0")
        market.publish(change_root=lambda root: replace(root, serial=root.serial - 1))
        refused(market, client, TamperedError, "same serial")

    def test_an_earlier_epoch_is_refused(self, tmp_path: Path) -> None:
        market = a_market()
        market.policy = replace(market.policy, epoch=2)
        market.publish()
        client = a_client(tmp_path, market)
        market.policy = replace(market.policy, epoch=1)
        market.publish(change_root=lambda root: replace(root, serial=99))
        refused(market, client, TamperedError, "earlier epoch")

    def test_a_new_epoch_may_begin_its_numbers_again(self, tmp_path: Path) -> None:
        market = a_market()
        client = a_client(tmp_path, market)
        assert client.record(DEMO) is not None
        market.policy = replace(market.policy, epoch=2)
        lower = {"acme/demo": lambda record: replace(record, seq=0)}
        market.publish(change_root=lambda root: replace(root, serial=0), change_record=lower)
        assert client.refresh()["m0"].root.serial == 0
        record = client.record(DEMO)
        assert record is not None
        assert record.seq == 0

    def test_policy_and_index_of_different_epochs_are_refused(self, tmp_path: Path) -> None:
        market = a_market()
        client = a_client(tmp_path, market)
        market.policy = replace(market.policy, epoch=2)
        market.publish(change_root=lambda root: replace(root, epoch=1))
        refused(market, client, TamperedError, "different epochs")

    def test_an_older_record_of_a_plugin_is_refused(self, tmp_path: Path) -> None:
        market = a_market()
        client = a_client(tmp_path, market)
        old = client.record(DEMO)
        assert old is not None
        market.release("acme/demo", "1.1.0")
        market.publish()
        client.refresh()
        assert client.record(DEMO) != old
        market.publish(change_record={"acme/demo": lambda _: old}, change_root=_with_next_serial)
        client.refresh()
        with pytest.raises(TamperedError, match="an old record of acme/demo"):
            client.record(DEMO)
        with pytest.raises(TamperedError, match="an old record of acme/demo"):
            a_client(tmp_path, market).record(DEMO)

    def test_metadata_that_nobody_renewed_is_stale(self, tmp_path: Path) -> None:
        market = a_market()
        client = a_client(tmp_path, market)
        market.now += timedelta(days=8)
        refused(market, client, StaleError, "expired")

    def test_a_clock_that_was_set_back_is_noticed(self, tmp_path: Path) -> None:
        market = a_market()
        client = a_client(tmp_path, market)
        market.now -= timedelta(hours=25)
        refused(market, client, PolicyError, "clock went back")

    def test_a_clock_that_is_a_little_off_is_fine(self, tmp_path: Path) -> None:
        market = a_market()
        client = a_client(tmp_path, market)
        market.now -= timedelta(hours=23)
        client.refresh()
        market.now -= timedelta(hours=23)
        with pytest.raises(PolicyError, match="clock went back"):
            client.refresh()

    def test_a_forgotten_state_is_rebuilt(self, tmp_path: Path) -> None:
        market = a_market()
        client = a_client(tmp_path, market)
        (client.sources()[0].folder / STATE_FILE).unlink()
        again = a_client(tmp_path, market)
        again.refresh()
        assert again.record(DEMO) is not None

    def test_a_process_that_only_reads_does_not_undo_what_another_one_remembers(self, tmp_path: Path) -> None:
        market = a_market()
        reader, refresher = a_client(tmp_path, market), a_client(tmp_path, market)
        reader.sources()[0].index()
        market.release("acme/other", "1.1.0")
        market.publish()
        refresher.refresh()
        serial = what_is_trusted(refresher)[0]
        assert reader.record(DEMO) is not None
        assert what_is_trusted(a_client(tmp_path, market))[0] == serial
        state = refresher.sources()[0].state()
        assert state is not None
        assert (state.serial, set(state.plugins)) == (serial, {DEMO})


class TestLies:
    """What a marketplace says with valid signatures, and is refused all the same."""

    def test_the_record_of_another_plugin(self, tmp_path: Path) -> None:
        market = a_market()
        market.publish(change_root=lambda root: replace(root, shard={**root.shard, DEMO: root.shard[OTHER]}))
        client = a_client(tmp_path, market)
        with pytest.raises(TamperedError, match="acme/other instead of acme/demo"):
            client.record(DEMO)

    def test_the_manifest_of_another_plugin(self, tmp_path: Path) -> None:
        market = a_market()
        (theirs,) = _record(market, OTHER).releases
        market.publish(change_record={"acme/demo": lambda record: _changed(record, manifest=theirs.manifest)})
        client = a_client(tmp_path, market)
        with pytest.raises(TamperedError, match="acme/other"):
            client.plan_install([want("acme/demo")])

    def test_a_manifest_with_less_permissions_than_the_package(self, tmp_path: Path) -> None:
        market = Simulator()
        manifest = market.release("acme/demo", permissions=[("network", "any")])
        market.publish()
        harmless = market.keep_node(documents.encode(replace(manifest, permissions=())))
        market.publish(change_record={"acme/demo": lambda record: _changed(record, manifest=harmless)})
        client = a_client(tmp_path, market)
        with pytest.raises(TamperedError):
            install(client, "acme/demo")
        assert versions_in(client) == {}

    def test_a_record_that_is_nonsense(self, tmp_path: Path) -> None:
        market = a_market()
        ref = market.keep_node(b'{"format":1}')
        market.publish(change_root=lambda root: replace(root, shard={DEMO: (ref.sha256, ref.size)}))
        client = a_client(tmp_path, market)
        with pytest.raises(TamperedError, match="cannot be read"):
            client.record(DEMO)

    def test_a_policy_without_signers_refuses_every_package(self, tmp_path: Path) -> None:
        market = a_market()
        market.policy = replace(market.policy, registry_identities=())
        market.publish()
        with pytest.raises(PolicyError, match="no signer"):
            install(a_client(tmp_path, market), "acme/demo")


class TestPolicy:
    def test_a_marketplace_for_newer_clients_says_so(self, tmp_path: Path) -> None:
        market = a_market()
        client = a_client(tmp_path, market)
        market.policy = replace(market.policy, min_client="99.0.0")
        market.publish()
        refused(market, client, PolicyError, "needs pluginry 99.0.0")

    def test_an_index_for_newer_clients_says_so(self, tmp_path: Path) -> None:
        market = a_market()
        client = a_client(tmp_path, market)
        market.publish(change_root=lambda root: replace(root, min_client="99.0.0", serial=root.serial + 1))
        refused(market, client, PolicyError, "needs pluginry 99.0.0")

    def test_an_index_of_a_later_format_is_not_guessed_at(self, tmp_path: Path) -> None:
        market = a_market()
        client = a_client(tmp_path, market)
        market.publish(change_root=lambda root: replace(root, format=2, serial=root.serial + 1))
        refused(market, client, PolicyError, "update pluginry|does not know")

    def test_a_version_that_is_none_is_refused_as_tampering(self, tmp_path: Path) -> None:
        market = a_market()
        client = a_client(tmp_path, market)
        market.policy = replace(market.policy, min_client="the newest")
        market.publish()
        refused(market, client, TamperedError, "cannot exist")

    def test_signatures_count_only_by_the_signers_that_the_policy_names(self, tmp_path: Path) -> None:
        market = a_market()
        elsewhere = SignerIdentity(issuer="https://lab.pluginry.invalid", san="https://elsewhere.example/publish")
        market.policy = replace(market.policy, registry_identities=(accepted(elsewhere),))
        market.publish()
        with pytest.raises(TamperedError, match="does not verify"):
            install(a_client(tmp_path, market), "acme/demo")

    def test_the_policy_is_the_one_that_was_published(self, tmp_path: Path) -> None:
        market = a_market()
        index = a_client(tmp_path, market).sources()[0].index()
        assert isinstance(index.policy, TrustPolicy)
        assert index.policy == market.policy
        assert index.trusted_root == lab().trusted_root


class TestObjects:
    def test_a_node_that_was_changed_is_refused(self, tmp_path: Path) -> None:
        market = a_market()
        client = a_client(tmp_path, market)
        key = _record_key(market, DEMO)
        market.objects[key] = market.objects[key].replace(b"1.0.0", b"1.0.1")
        with pytest.raises(TamperedError, match="not the one that the index names"):
            client.record(DEMO)

    def test_a_node_that_grew_is_refused_as_tampering(self, tmp_path: Path) -> None:
        market = a_market()
        client = a_client(tmp_path, market)
        market.objects[_record_key(market, DEMO)] += b" " * 1000
        with pytest.raises(TamperedError, match="larger"):
            client.record(DEMO)

    def test_a_damaged_cache_costs_a_request_and_nothing_else(self, tmp_path: Path) -> None:
        market = a_market()
        client = a_client(tmp_path, market)
        record = client.record(DEMO)
        digest = Digest(_record_key(market, DEMO).rpartition("/")[2].removesuffix(".json"))
        client.sources()[0].cache.path_of(digest).write_bytes(b"garbage")
        assert a_client(tmp_path, market).record(DEMO) == record

    def test_an_unknown_plugin_is_proved_to_be_unknown(self, tmp_path: Path) -> None:
        client = a_client(tmp_path, a_market())
        assert client.record(PluginId.parse("acme/nothing")) is None


def _with_next_serial(root: TreeRoot) -> TreeRoot:
    return replace(root, serial=root.serial + 1)


def _record_key(market: Simulator, plugin: PluginId) -> str:
    return layout.node_key(_root(market).shard[plugin][0])


def _root(market: Simulator) -> TreeRoot:
    return market.publish()


def _record(market: Simulator, plugin: PluginId) -> PluginRecord:
    from pluginry.model.index import PluginRecord as Kind

    return documents.decode(Kind, market.objects[_record_key(market, plugin)], what="record")


def _changed(record: PluginRecord, **release: object) -> PluginRecord:
    """Return a record whose newest release says something else."""
    newest, *others = record.releases
    return replace(record, releases=(replace(newest, **release), *others))  # type: ignore[arg-type]  # any field
