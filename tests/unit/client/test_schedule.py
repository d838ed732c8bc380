"""What a scheduler may update by itself, and when."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from pluginry.client.schedule import Due, is_in_window
from pluginry.errors import DocumentError
from pluginry.model.advisory import Action
from pluginry.model.channel import Channel
from pluginry.model.names import PluginId
from pluginry.model.receipt import ClientPolicy, UpdateMode
from simulated_client import a_client, install, versions_in, want
from simulator import Simulator

if TYPE_CHECKING:
    from pathlib import Path

    from pluginry.client.marketplace import Marketplace

DEMO, CLOCK = PluginId.parse("acme/demo"), PluginId.parse("acme/clock")
CLOSED = tuple(f"{day} 00:00-00:00" for day in ("Mon-Sun",))


@pytest.fixture
def market() -> Simulator:
    market = Simulator()
    market.release("acme/demo", "1.0.0")
    market.release("acme/clock", "1.0.0")
    market.publish()
    return market


@pytest.fixture
def client(tmp_path: Path, market: Simulator) -> Marketplace:
    client = a_client(tmp_path, market)
    install(client, "acme/demo", "acme/clock")
    market.release("acme/demo", "1.1.0", permissions=[("network", "a.test")])
    market.release("acme/clock", "1.1.0")
    market.publish()
    client.refresh()
    return client


def due(client: Marketplace, policy: ClientPolicy) -> Due:
    client.home.write_settings(policy)
    return client.plan_scheduled_update()[1]


def soaking(market: Simulator, client: Marketplace, *, hours: int, channel: Channel = Channel.STABLE) -> None:
    """Let the marketplace want that releases are out for so long."""
    market.soak_hours[channel] = hours
    market.publish()
    client.refresh()


class TestDue:
    @pytest.mark.parametrize(
        ("mode", "moving", "told"),
        [
            (UpdateMode.MANUAL, set(), set()),
            (UpdateMode.NOTIFY, set(), {DEMO, CLOCK}),
            (UpdateMode.SECURITY_ONLY, set(), {DEMO, CLOCK}),
            (UpdateMode.AUTOMATIC, {DEMO, CLOCK}, set()),
        ],
    )
    def test_each_mode(self, client: Marketplace, mode: UpdateMode, moving: set[PluginId], told: set[PluginId]) -> None:
        assert due(client, ClientPolicy(updates=mode)) == Due(may_move=frozenset(moving), told=frozenset(told))

    def test_single_plugins_may_differ(self, client: Marketplace) -> None:
        policy = ClientPolicy(updates=UpdateMode.AUTOMATIC, update_overrides={DEMO: UpdateMode.MANUAL})
        assert due(client, policy) == Due(may_move=frozenset({CLOCK}))

    def test_a_fix_of_a_known_fault_moves_by_itself(self, client: Marketplace, market: Simulator) -> None:
        market.advise("PLG-1", "acme/clock", action=Action.WARN, fixed="1.1.0")
        market.publish()
        client.refresh()
        found = due(client, ClientPolicy(updates=UpdateMode.SECURITY_ONLY))
        assert found == Due(may_move=frozenset({CLOCK}), told=frozenset({DEMO}))

    def test_outside_the_window_everything_is_only_told(self, client: Marketplace) -> None:
        policy = ClientPolicy(updates=UpdateMode.AUTOMATIC, update_window=CLOSED)
        assert due(client, policy) == Due(told=frozenset({DEMO, CLOCK}))

    def test_what_is_held_stays(self, client: Marketplace) -> None:
        install(client, want("acme/clock", "==1.0.0"))
        assert due(client, ClientPolicy(updates=UpdateMode.AUTOMATIC)) == Due(may_move=frozenset({DEMO}))

    def test_nobody_agrees_to_permissions_in_his_sleep(self, client: Marketplace) -> None:
        client.home.write_settings(ClientPolicy(updates=UpdateMode.AUTOMATIC))
        plan, _ = client.plan_scheduled_update()
        assert plan is not None
        client.apply(plan)
        assert versions_in(client) == {"acme/clock": "1.1.0", "acme/demo": "1.0.0"}
        assert plan.waiting == (DEMO,)

    def test_what_a_policy_refuses_does_not_stop_the_others(self, client: Marketplace) -> None:
        client.home.write_settings(ClientPolicy(updates=UpdateMode.AUTOMATIC, deny_permissions=("network",)))
        plan, _ = client.plan_scheduled_update()
        assert plan is not None
        assert [str(change.plugin) for change in plan.changes] == ["acme/clock"]

    def test_releases_soak_before_they_come_by_themselves(self, client: Marketplace, market: Simulator) -> None:
        soaking(market, client, hours=24)
        policy = ClientPolicy(updates=UpdateMode.AUTOMATIC)
        assert due(client, policy) == Due(told=frozenset({DEMO, CLOCK}))
        assert client.plan_update([CLOCK]).changes, "who asks for it need not wait"
        market.now += timedelta(hours=23)
        market.release("acme/clock", "1.2.0")
        market.now += timedelta(hours=1)
        market.publish()
        client.refresh()
        plan, found = client.plan_scheduled_update()
        assert found == Due(may_move=frozenset({DEMO, CLOCK}))
        assert plan is not None
        client.apply(plan)
        assert versions_in(client)["acme/clock"] == "1.1.0", "the newest that soaked, so that many releases stop nobody"

    def test_a_fix_of_a_known_fault_does_not_soak(self, client: Marketplace, market: Simulator) -> None:
        market.now += timedelta(hours=48)
        market.release("acme/clock", "1.2.0")
        market.advise("PLG-1", "acme/clock", action=Action.WARN, fixed="1.2.0")
        soaking(market, client, hours=24)
        plan, found = client.plan_scheduled_update()
        assert found == Due(told=frozenset({DEMO, CLOCK})), "in mode notify nothing moves"
        assert plan is None
        found = due(client, ClientPolicy(updates=UpdateMode.SECURITY_ONLY))
        assert found == Due(may_move=frozenset({CLOCK}), told=frozenset({DEMO}))

    def test_each_channel_has_its_hours(self, client: Marketplace, market: Simulator) -> None:
        soaking(market, client, hours=24, channel=Channel.BETA)
        found = due(client, ClientPolicy(updates=UpdateMode.AUTOMATIC))
        assert found == Due(may_move=frozenset({DEMO, CLOCK}))

    def test_a_window_that_is_none_is_an_error(self, client: Marketplace) -> None:
        with pytest.raises(DocumentError):
            due(client, replace(ClientPolicy(), update_window=("at night",)))


MONDAY = datetime(2026, 3, 2, 2, 30).astimezone()


@pytest.mark.parametrize(
    ("window", "is_open"),
    [
        ("Mon 02:00-03:00", True),
        ("Mon 02:30-02:31", True),
        ("Mon 02:31-03:00", False),
        ("Mon 02:00-02:30", False),
        ("Tue 02:00-03:00", False),
        ("Sat-Mon 02:00-03:00", True),
        ("Tue-Sun 02:00-03:00", False),
        ("Sun 22:00-04:00", True),
        ("Mon 22:00-04:00", False),
        ("Sun 22:00-02:00", False),
        ("Mon 02:00-01:00", True),
    ],
)
def test_windows(window: str, *, is_open: bool) -> None:
    assert is_in_window((window,), MONDAY) is is_open


@pytest.mark.parametrize(
    "window", ["", "Mon", "Mon 2:00-3:00", "Mon 25:00-26:00", "Foo 02:00-03:00", "Mon 02:00-03:00 "]
)
def test_what_is_no_window(window: str) -> None:
    with pytest.raises(DocumentError):
        is_in_window((window,), MONDAY)


def test_without_windows_it_is_always_time() -> None:
    assert is_in_window((), MONDAY)
