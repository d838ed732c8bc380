"""What a host hears of a change, and what it may forbid."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pluginry.client.lifecycle import Event, Hooks, Transition, transitions
from pluginry.client.plugin_home import PluginHome
from pluginry.errors import PolicyError, VetoError
from pluginry.model.digest import Digest
from pluginry.model.names import PluginId
from pluginry.model.receipt import InstalledPlugin
from pluginry.model.versions import Version
from simulated_client import a_client, install, versions_in, want
from simulator import START, Simulator

if TYPE_CHECKING:
    from pathlib import Path

    from pluginry.client.marketplace import Marketplace

DEMO = PluginId.parse("acme/demo")


def an_installed(plugin: str, version: str = "1.0.0", *, enabled: bool = False) -> InstalledPlugin:
    return InstalledPlugin(
        id=PluginId.parse(plugin), version=Version(version), sha256=Digest.of(version.encode()), enabled=enabled
    )


def a_client_with(home: Path, hooks: Hooks) -> Marketplace:
    market = Simulator()
    market.release("acme/cache", "1.0.0")
    market.release("acme/demo", "1.0.0", dependencies={"acme/cache": ">=1"})
    market.release("acme/demo", "1.1.0", dependencies={"acme/cache": ">=1"})
    market.publish()
    client = a_client(home, market)
    client.home = PluginHome(home, hooks=hooks)
    return client


def said(changes: list[Transition]) -> list[str]:
    return [str(change) for change in changes]


class TestTransitions:
    def test_what_goes_makes_room_for_what_comes(self) -> None:
        before = [an_installed("a/gone", enabled=True), an_installed("b/old"), an_installed("c/on", enabled=True)]
        after = [
            an_installed("b/old", "2.0.0", enabled=True),
            an_installed("c/on"),
            an_installed("d/new", enabled=True),
        ]
        found = transitions({one.id: one for one in before}, {one.id: one for one in after})
        assert said(list(found)) == [
            "disable a/gone 1.0.0",
            "disable c/on 1.0.0 to 1.0.0",
            "remove a/gone 1.0.0",
            "update b/old 1.0.0 to 2.0.0",
            "install d/new 1.0.0",
            "enable b/old 1.0.0 to 2.0.0",
            "enable d/new 1.0.0",
        ]

    @given(st.data())
    def test_following_them_leads_from_one_set_to_the_other(self, data: st.DataObject) -> None:
        plugins = st.dictionaries(
            st.sampled_from(["a/a", "a/b", "b/a"]), st.tuples(st.sampled_from(["1.0.0", "2.0.0"]), st.booleans())
        )
        before, after = (
            {one.id: one for one in (an_installed(name, version, enabled=on) for name, (version, on) in drawn.items())}
            for drawn in (data.draw(plugins), data.draw(plugins))
        )
        state = {plugin: (one.version, one.enabled) for plugin, one in before.items()}
        for change in transitions(before, after):
            if change.event is Event.REMOVE:
                del state[change.plugin]
            elif change.after is None or change.event is Event.DISABLE:
                state[change.plugin] = (state[change.plugin][0], False)
            elif change.event is Event.INSTALL:
                assert change.plugin not in state
                state[change.plugin] = (change.after.version, False)
            elif change.event is Event.UPDATE:
                state[change.plugin] = (change.after.version, state[change.plugin][1])
            else:
                state[change.plugin] = (state[change.plugin][0], True)
        assert state == {plugin: (one.version, one.enabled) for plugin, one in after.items()}


class TestHooks:
    def test_a_host_hears_of_every_step_before_and_after(self, tmp_path: Path) -> None:
        asked: list[Transition] = []
        told: list[Transition] = []
        client = a_client_with(tmp_path, Hooks(before=(asked.append,), after=(told.append,)))
        install(client, want("acme/demo", "==1.0.0"), enable=True)
        first = ["install acme/cache 1.0.0", "install acme/demo 1.0.0", "enable acme/cache 1.0.0"]
        assert said(asked) == said(told) == [*first, "enable acme/demo 1.0.0"]
        del asked[:], told[:]
        install(client, want("acme/demo", "==1.1.0"))
        client.rollback(DEMO)
        client.set_enabled(DEMO, enabled=False)
        client.apply(client.plan_remove([DEMO]))
        assert (
            said(asked)
            == said(told)
            == [
                "update acme/demo 1.0.0 to 1.1.0",
                "update acme/demo 1.1.0 to 1.0.0",
                "disable acme/demo 1.0.0 to 1.0.0",
                "disable acme/cache 1.0.0",
                "remove acme/cache 1.0.0",
                "remove acme/demo 1.0.0",
            ]
        )

    @pytest.mark.parametrize("event", list(Event))
    def test_a_veto_leaves_everything_as_it_was(self, tmp_path: Path, event: Event) -> None:
        is_open = [True]

        def guard(change: Transition) -> None:
            if change.event is event and not is_open[0]:
                raise RuntimeError("not during working hours")

        client = a_client_with(tmp_path, Hooks(before=(guard,)))
        if event is not Event.INSTALL:
            install(client, want("acme/demo", "==1.0.0"), enable=event is not Event.ENABLE)
        before, is_open[0] = client.installed(), False
        with pytest.raises(VetoError, match="not during working hours") as refusal:
            _cause(client, event)
        assert isinstance(refusal.value, PolicyError)
        assert client.installed() == before
        is_open[0] = True
        _cause(client, event)
        assert client.installed() != before

    def test_one_that_fails_afterwards_does_not_keep_the_others_from_hearing(self, tmp_path: Path) -> None:
        told: list[Transition] = []

        def fails(change: Transition) -> None:
            raise RuntimeError(str(change))

        client = a_client_with(tmp_path, Hooks(after=(fails, told.append)))
        with pytest.raises(RuntimeError, match="install acme/cache"):
            install(client, "acme/demo")
        assert said(told) == ["install acme/cache 1.0.0", "install acme/demo 1.1.0"]
        assert versions_in(client) == {"acme/cache": "1.0.0", "acme/demo": "1.1.0"}

    def test_nothing_is_asked_when_nothing_changes(self, tmp_path: Path) -> None:
        asked: list[Transition] = []
        home = PluginHome(tmp_path, hooks=Hooks(before=(asked.append,)))
        home.commit((an_installed("a/a"),), cause="one", now=START)
        home.commit((an_installed("a/a"),), cause="two", now=START)
        assert len(asked) == 1


def _cause(client: Marketplace, event: Event) -> None:
    match event:
        case Event.INSTALL:
            install(client, "acme/demo")
        case Event.UPDATE:
            install(client, want("acme/demo", "==1.1.0"))
        case Event.ENABLE | Event.DISABLE:
            client.set_enabled(DEMO, enabled=event is Event.ENABLE)
        case Event.REMOVE:
            client.apply(client.plan_remove([DEMO]))
