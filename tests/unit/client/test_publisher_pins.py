"""Publishers are pinned: whoever takes a plugin over is not trusted because the old publisher was."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from developers import ANN, BOB, EVE
from pluginry.client.marketplace import Marketplace
from pluginry.client.publisher_pins import publisher_change
from pluginry.client.source import Source
from pluginry.errors import PolicyError
from pluginry.model.index import PluginRecord
from pluginry.model.ledger import Transferred
from pluginry.model.listing import Transfer
from pluginry.model.names import PluginId
from pluginry.model.status import Status
from simulated_client import Network, a_client, install, versions_in, want
from simulator import START, Simulator

if TYPE_CHECKING:
    from pathlib import Path

    from pluginry.model.publisher import Publisher

DEMO = PluginId.parse("acme/demo")


def a_market() -> Simulator:
    market = Simulator()
    market.release("acme/demo", "1.0.0")
    market.describe("acme/demo", publisher=ANN)
    market.release("acme/other", "1.0.0")
    market.publish()
    return market


def hand_over(market: Simulator, publisher: Publisher | None, transfer: Transfer | None = None) -> None:
    """Publish 2.0.0 under another publisher."""
    market.release("acme/demo", "2.0.0")
    market.release("acme/other", "2.0.0")
    market.describe("acme/demo", publisher=publisher, transfer=transfer)
    market.publish()


def update(client: Marketplace, *plugins: PluginId, accepted: tuple[PluginId, ...] = ()) -> dict[str, str]:
    client.refresh()
    client.apply(client.plan_update(plugins, accepted_publishers=accepted), accepted_publishers=accepted)
    return versions_in(client)


def pins(client: Marketplace) -> dict[PluginId, Publisher]:
    state = client.source_of(DEMO).state()
    assert state is not None
    return dict(state.publishers)


def test_the_publisher_is_remembered_at_the_first_installation_and_only_then(tmp_path: Path) -> None:
    client = a_client(tmp_path, a_market())
    client.record(DEMO)
    assert pins(client) == {}
    install(client, "acme/demo", "acme/other")
    assert pins(client) == {DEMO: ANN}


def test_the_same_publisher_updates_without_a_question(tmp_path: Path) -> None:
    market = a_market()
    install(client := a_client(tmp_path, market), "acme/demo", "acme/other")
    hand_over(market, ANN)
    assert update(client) == {"acme/demo": "2.0.0", "acme/other": "2.0.0"}


@pytest.mark.parametrize(
    "publisher", [EVE, None, replace(ANN, repository_id="2"), replace(ANN, refs=("refs/heads/*",))]
)
def test_another_publisher_waits_while_the_old_version_runs_and_others_are_updated(
    tmp_path: Path, publisher: Publisher | None
) -> None:
    market = a_market()
    install(client := a_client(tmp_path, market), "acme/demo", "acme/other", enable=True)
    hand_over(market, publisher)
    client.refresh()
    plan = client.plan_update(accepted_publishers=[DEMO])
    assert plan.waiting == (DEMO,)
    assert [(change.before, change.after) for change in plan.waiting_publishers] == [(ANN, publisher)]
    assert update(client) == {"acme/demo": "1.0.0", "acme/other": "2.0.0"}
    assert client.home.installed()[DEMO].enabled
    assert pins(client) == {DEMO: ANN}


def test_who_asks_for_that_plugin_is_refused_whatever_he_agrees_to(tmp_path: Path) -> None:
    market = a_market()
    install(client := a_client(tmp_path, market), "acme/demo")
    hand_over(market, EVE)
    with pytest.raises(PolicyError, match="another publisher") as caught:
        update(client, DEMO, accepted=(DEMO,))
    assert "no transfer was announced" in caught.value.why
    plan = client.plan_install([want("acme/demo")])
    with pytest.raises(PolicyError, match="another publisher"):
        client.apply(plan, accepted_publishers=[DEMO])
    assert versions_in(client) == {"acme/demo": "1.0.0"}


def test_removing_the_plugin_does_not_make_the_stranger_a_friend(tmp_path: Path) -> None:
    market = a_market()
    install(client := a_client(tmp_path, market), "acme/demo")
    client.apply(client.plan_remove([DEMO]))
    hand_over(market, EVE)
    client.refresh()
    with pytest.raises(PolicyError, match="another publisher"):
        install(client, "acme/demo")


def test_a_new_epoch_keeps_the_pins(tmp_path: Path) -> None:
    market = a_market()
    install(client := a_client(tmp_path, market), "acme/demo")
    market.policy = replace(market.policy, epoch=2)
    hand_over(market, EVE)
    client.refresh()
    assert pins(client) == {DEMO: ANN}
    with pytest.raises(PolicyError):
        update(client, DEMO)


def test_an_announced_transfer_still_needs_the_user(tmp_path: Path) -> None:
    market = a_market()
    install(client := a_client(tmp_path, market), "acme/demo", "acme/other")
    hand_over(market, BOB, Transfer(previous=ANN, reason="Ann retires"))
    assert update(client) == {"acme/demo": "1.0.0", "acme/other": "2.0.0"}
    with pytest.raises(PolicyError, match="another publisher") as caught:
        update(client, DEMO)
    assert "Ann retires" in caught.value.why
    assert "--accept-publisher acme/demo" in caught.value.hint
    assert update(client, DEMO, accepted=(DEMO,)) == {"acme/demo": "2.0.0", "acme/other": "2.0.0"}
    assert pins(client) == {DEMO: BOB}


def test_an_announcement_about_somebody_else_announces_nothing(tmp_path: Path) -> None:
    market = a_market()
    install(client := a_client(tmp_path, market), "acme/demo")
    hand_over(market, EVE, Transfer(previous=BOB, reason="Bob gave it to me"))
    record = client.record(DEMO)
    assert record is not None
    assert record.transfers == ()
    with pytest.raises(PolicyError):
        update(client, DEMO, accepted=(DEMO,))


def test_several_transfers_are_followed_in_their_order() -> None:
    def handed(previous: Publisher, publisher: Publisher) -> Transferred:
        return Transferred(at=START, previous=previous, publisher=publisher, reason="r")

    def is_announced(holder: Publisher, *transfers: Transferred) -> bool:
        record = PluginRecord(id=DEMO, seq=1, status=Status.ACTIVE, releases=(), publisher=holder, transfers=transfers)
        change = publisher_change(record, ANN)
        assert change is not None
        return bool(change.transfers)

    assert is_announced(EVE, handed(ANN, BOB), handed(BOB, EVE))
    assert not is_announced(EVE, handed(BOB, EVE), handed(ANN, BOB))
    assert not is_announced(EVE, handed(ANN, BOB))
    assert not is_announced(EVE)


def test_ids_that_become_known_are_no_change() -> None:
    without_ids = replace(ANN, repository_id="", owner_id="")
    assert ANN.is_same_as(without_ids)
    assert not without_ids.is_same_as(ANN)
    assert not EVE.is_same_as(without_ids)


def test_putting_damaged_files_back_asks_nothing_and_pins_nothing(tmp_path: Path) -> None:
    market = a_market()
    install(client := a_client(tmp_path, market), "acme/demo")
    market.describe("acme/demo", publisher=EVE)
    market.publish()
    client.refresh()
    (installed,) = client.home.installed().values()
    folder = client.home.folder_of(installed.id, installed.version, installed.sha256)
    next(path for path in folder.rglob("*") if path.is_file()).write_bytes(b"damaged")
    install(client, "acme/demo")
    assert client.verify() == {DEMO: ()}
    assert pins(client) == {DEMO: ANN}


def test_a_dependency_of_another_publisher_holds_back_what_needs_its_new_version(tmp_path: Path) -> None:
    market = a_market()
    market.release("acme/user", "1.0.0", dependencies={"acme/demo": "*"})
    market.publish()
    install(client := a_client(tmp_path, market), "acme/user")
    market.release("acme/user", "2.0.0", dependencies={"acme/demo": ">=2"})
    hand_over(market, EVE)
    assert update(client) == {"acme/demo": "1.0.0", "acme/user": "1.0.0"}


def test_whoever_was_killed_before_the_publisher_was_pinned_knows_it_from_the_receipt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    market = a_market()
    client = a_client(tmp_path, market)
    with monkeypatch.context() as killed:
        killed.setattr(Source, "pin", die)
        with pytest.raises(KeyboardInterrupt):
            install(client, "acme/demo")
    assert (versions_in(client), pins(client)) == ({"acme/demo": "1.0.0"}, {})
    hand_over(market, EVE)
    assert update(a_client(tmp_path, market)) == {"acme/demo": "1.0.0"}


def die(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


def with_another(client: Marketplace, market: Simulator) -> Marketplace:
    """Return the client with one more source (``s1``, ``s2`` ...), which serves ``acme/*``."""
    known = client.connector.markets if isinstance(client.connector, Network) else ()
    client = Marketplace(home=client.home, connector=Network(markets=(*known, market)), now=lambda: market.now)
    client.add_source(f"s{len(known)}", market.location, fingerprint=market.fingerprint, namespaces=("acme/*",))
    return client


class TestAnotherMarketplace:
    """A source with a longer pattern serves what is installed from somewhere else."""

    @pytest.fixture(params=[ANN, EVE])
    def other(self, request: pytest.FixtureRequest) -> Simulator:
        other = Simulator(location="https://other.test")
        for version in ("1.0.0", "2.0.0"):
            other.release("acme/demo", version, files={"demo.txt": b"evil\n"})
            other.describe("acme/demo", publisher=request.param)
            other.publish()
        return other

    @pytest.fixture
    def client(self, tmp_path: Path, other: Simulator) -> Marketplace:
        market = a_market()
        client = a_client(tmp_path, market)
        install(client, "acme/demo")
        return with_another(client, other)

    def test_its_releases_wait_although_it_pinned_nothing(self, client: Marketplace) -> None:
        plan = client.plan_update()
        assert (plan.waiting, plan.changes) == ((DEMO,), ())
        assert [change.moved for change in plan.waiting_publishers] == [("m0", "s1")]
        with pytest.raises(PolicyError, match="another marketplace") as caught:
            client.apply(client.plan_install([want("acme/demo")]))
        assert "--accept-publisher acme/demo" in caught.value.hint

    def test_whoever_agrees_gets_them_and_is_asked_once(self, client: Marketplace, other: Simulator) -> None:
        assert update(client) == {"acme/demo": "1.0.0"}
        assert update(client, accepted=(DEMO,)) == {"acme/demo": "2.0.0"}
        other.release("acme/demo", "3.0.0")
        other.publish()
        assert update(client) == {"acme/demo": "3.0.0"}

    def test_damaged_files_are_not_put_back_from_it_without_a_question(
        self, client: Marketplace, other: Simulator
    ) -> None:
        update(client, accepted=(DEMO,))
        (installed,) = client.home.installed().values()
        folder = client.home.folder_of(installed.id, installed.version, installed.sha256)
        (folder / "demo.txt").write_bytes(b"damaged")
        client.remove_source("s1")
        third = Simulator(location="https://third.test", now=other.now)
        for version in ("1.0.0", "2.0.0"):
            third.release("acme/demo", version, files={"demo.txt": b"evil\n"})
            third.publish()
        plan = with_another(client, third).plan_install([want("acme/demo", "==2.0.0")])
        assert [change.moved for change in plan.publishers] == [("s1", "s2")]


def test_the_same_marketplace_under_another_name_is_no_other_one_and_keeps_the_publisher(tmp_path: Path) -> None:
    market = a_market()
    install(client := a_client(tmp_path, market), "acme/demo", "acme/other")
    client.remove_source("m0")
    client.add_source("renamed", market.location, fingerprint=market.fingerprint)
    hand_over(market, EVE)
    assert update(client) == {"acme/demo": "1.0.0", "acme/other": "2.0.0"}
    hand_over(market, ANN)
    assert update(client) == {"acme/demo": "2.0.0", "acme/other": "2.0.0"}
