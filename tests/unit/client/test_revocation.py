"""What was revoked is not installed, not enabled and not run, offline too, and nobody can make a client forget it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from pluginry.errors import DocumentError, ResolutionError, RevokedError, TamperedError
from pluginry.model import layout
from pluginry.model.advisory import (
    Action,
    Advisory,
    Affected,
    AffectedPackage,
    AffectedRange,
    Directive,
    RangeEvent,
    RevokedSigner,
)
from pluginry.model.names import PluginId
from pluginry.model.publisher import Publisher
from simulated_client import a_client, install
from simulator import START, Simulator

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from pluginry.client.marketplace import Marketplace
    from pluginry.model.digest import Digest

DEMO, OTHER = PluginId.parse("acme/demo"), PluginId.parse("acme/other")
FORGE = "https://forge.example"
ANN = Publisher(issuer=FORGE, repository="ann/demo", workflow="w.yml", refs=(), repository_id="22", owner_id="11")


@pytest.fixture
def market() -> Simulator:
    market = Simulator()
    market.release("acme/base", "1.0.0")
    market.release("acme/demo", "1.0.0", dependencies={"acme/base": "*"})
    market.release("acme/other", "1.0.0")
    market.publish()
    return market


@pytest.fixture
def client(market: Simulator, tmp_path: Path) -> Marketplace:
    return a_client(tmp_path / "home", market)


def publish(market: Simulator, client: Marketplace) -> None:
    market.publish()
    client.refresh()


def advise(market: Simulator, name: str = "PLG-2026-0007", **directive: object) -> Advisory:
    """Add an advisory that names no versions, only what `directive` says."""
    affected = Affected(package=AffectedPackage(ecosystem="Pluginry", name=DEMO))
    advisory = Advisory(
        schema_version="1.7.0",
        id=name,
        modified=market.now,
        published=market.now,
        summary="Something is wrong",
        affected=(affected,),
        database_specific=Directive(**{"action": Action.DISABLE, **directive}),  # type: ignore[arg-type]  # any field
    )
    market.advisories.append(advisory)
    return advisory


def enabled(client: Marketplace) -> set[str]:
    return {str(name) for name, one in client.home.installed().items() if one.enabled}


def package_of(client: Marketplace, plugin: PluginId) -> Digest:
    return client.home.installed()[plugin].sha256


def published_by(publisher: Publisher, at: datetime) -> object:
    """Return a change of a record: who published it, and when."""
    return lambda record: replace(
        record, publisher=publisher, releases=tuple(replace(one, published_at=at) for one in record.releases)
    )


class TestDisabling:
    def test_a_refresh_disables_what_must_not_run_and_what_needs_it_as_one_generation(
        self, market: Simulator, client: Marketplace
    ) -> None:
        install(client, "acme/demo", "acme/other", enable=True)
        before = client.installed()
        market.advise("PLG-2026-0001", "acme/base", action=Action.DISABLE)
        publish(market, client)
        after = client.installed()
        assert before is not None
        assert after is not None
        assert (after.number, after.cause) == (before.number + 1, "PLG-2026-0001 disables acme/base")
        assert enabled(client) == {"acme/other"}
        client.refresh()
        assert client.installed() == after

    def test_it_does_so_also_when_another_source_cannot_be_reached(self, market: Simulator, tmp_path: Path) -> None:
        down = Simulator(location="https://down.test")
        down.publish()
        client = a_client(tmp_path / "two", market)
        client.connector.markets += (down,)  # type: ignore[attr-defined]  # the Network of these tests
        client.add_source("m1", down.location, fingerprint=down.fingerprint, namespaces=("down/*",))
        install(client, "acme/other", enable=True)
        market.advise("PLG-2026-0001", "acme/other", action=Action.DISABLE)
        market.publish()
        down.store.is_down = True
        with pytest.raises(Exception, match="does not answer"):
            client.refresh()
        assert enabled(client) == set()

    @pytest.mark.parametrize(("fixed", "is_hit"), [("1.0.0", False), ("1.0.1", True)])
    def test_only_versions_in_the_range_are_hit(
        self, market: Simulator, client: Marketplace, fixed: str, is_hit: bool
    ) -> None:
        install(client, "acme/other", enable=True)
        market.advise("PLG-2026-0001", "acme/other", action=Action.DISABLE, fixed=fixed)
        publish(market, client)
        assert (enabled(client) == set()) is is_hit

    def test_another_plugin_of_a_similar_name_is_not_hit(self, market: Simulator, client: Marketplace) -> None:
        install(client, "acme/demo", enable=True)
        market.advise("PLG-2026-0001", "acme/demo-2", action=Action.DISABLE)
        publish(market, client)
        assert enabled(client) == {"acme/base", "acme/demo"}

    def test_a_package_is_hit_by_its_digest(self, market: Simulator, client: Marketplace) -> None:
        install(client, "acme/demo", "acme/other", enable=True)
        advise(market, digests=(package_of(client, OTHER),))
        publish(market, client)
        assert enabled(client) == {"acme/base", "acme/demo"}

    @pytest.mark.parametrize("action", [Action.WARN, Action.BLOCK_INSTALL])
    def test_milder_words_disable_nothing(self, market: Simulator, client: Marketplace, action: Action) -> None:
        install(client, "acme/other", enable=True)
        market.advise("PLG-2026-0001", "acme/other", action=action)
        publish(market, client)
        assert enabled(client) == {"acme/other"}
        client.require_usable(client.home.installed()[OTHER])

    def test_it_cannot_be_enabled_or_run_without_a_network_either(self, market: Simulator, client: Marketplace) -> None:
        install(client, "acme/other", enable=True)
        market.advise("PLG-2026-0001", "acme/other", action=Action.DISABLE)
        publish(market, client)
        market.store.is_down = True
        again = a_client(client.home.root, market)
        with pytest.raises(RevokedError, match="PLG-2026-0001"):
            again.set_enabled(OTHER, enabled=True)
        with pytest.raises(RevokedError, match="must not run"):
            again.require_usable(again.home.installed()[OTHER])

    def test_a_withdrawn_one_lets_it_be_enabled_again(self, market: Simulator, client: Marketplace) -> None:
        install(client, "acme/other", enable=True)
        market.advise("PLG-2026-0001", "acme/other", action=Action.DISABLE)
        publish(market, client)
        market.advisories[0] = replace(market.advisories[0], withdrawn=market.now)
        publish(market, client)
        assert enabled(client) == set()
        client.set_enabled(OTHER, enabled=True)
        assert enabled(client) == {"acme/other"}

    def test_a_source_cannot_revoke_what_another_one_serves(self, market: Simulator, tmp_path: Path) -> None:
        rival = Simulator(location="https://rival.test")
        rival.advise("PLG-2026-0001", "acme/other", action=Action.DISABLE)
        rival.publish()
        client = a_client(tmp_path / "two", market)
        client.connector.markets += (rival,)  # type: ignore[attr-defined]  # the Network of these tests
        client.add_source("m1", rival.location, fingerprint=rival.fingerprint, namespaces=("rival/*",))
        install(client, "acme/other", enable=True)
        client.refresh()
        assert enabled(client) == {"acme/other"}


class TestSigners:
    @pytest.mark.parametrize(
        ("signer", "is_hit"),
        [
            (RevokedSigner(issuer=FORGE, owner_id="11"), True),
            (RevokedSigner(issuer=FORGE, repository_id="22"), True),
            (RevokedSigner(issuer=FORGE, owner_id="11", repository_id="22"), True),
            (RevokedSigner(issuer=FORGE, owner_id="11", repository_id="23"), False),
            (RevokedSigner(issuer=FORGE, owner_id="12"), False),
            (RevokedSigner(issuer="https://other-forge.example", owner_id="11"), False),
            (RevokedSigner(issuer=FORGE, owner_id="11", after=START), True),
            (RevokedSigner(issuer=FORGE, owner_id="11", before=START), True),
            (RevokedSigner(issuer=FORGE, owner_id="11", after=START + timedelta(seconds=1)), False),
            (RevokedSigner(issuer=FORGE, owner_id="11", before=START - timedelta(seconds=1)), False),
        ],
    )
    def test_releases_of_a_publisher_in_a_time_are_hit(
        self, market: Simulator, client: Marketplace, signer: RevokedSigner, is_hit: bool
    ) -> None:
        change = {"acme/other": published_by(ANN, START)}
        market.publish(change_record=change, change_root=lambda root: replace(root, serial=2))  # type: ignore[arg-type]  # it is a change
        client.refresh()
        install(client, "acme/other", enable=True)
        advise(market, signers=(signer,))
        market.publish(change_record=change, change_root=lambda root: replace(root, serial=3))  # type: ignore[arg-type]  # it is a change
        client.refresh()
        assert (enabled(client) == set()) is is_hit
        client.apply(client.plan_remove([OTHER]))
        if is_hit:
            with pytest.raises(ResolutionError, match="is blocked by PLG-2026-0007"):
                install(client, "acme/other")
        else:
            install(client, "acme/other")

    def test_a_plugin_of_which_no_publisher_is_known_is_never_hit(self, market: Simulator, client: Marketplace) -> None:
        install(client, "acme/other", enable=True)
        advise(market, signers=(RevokedSigner(issuer=FORGE, owner_id="11"),))
        publish(market, client)
        assert enabled(client) == {"acme/other"}

    def test_a_signer_without_an_id_would_be_everybody(self) -> None:
        with pytest.raises(DocumentError, match="everybody"):
            RevokedSigner(issuer=FORGE)


class TestNeverForgotten:
    @pytest.fixture
    def revoked(self, market: Simulator, client: Marketplace) -> Marketplace:
        install(client, "acme/other")
        market.advise("PLG-2026-0001", "acme/other", action=Action.DISABLE)
        market.advise("PLG-2026-0002", "acme/other")
        publish(market, client)
        return client

    def refused(self, market: Simulator, client: Marketplace) -> None:
        market.publish()
        for one in (client, a_client(client.home.root, market)):
            with pytest.raises(TamperedError, match="not a continuation"):
                one.refresh()
            with pytest.raises(RevokedError):
                one.set_enabled(OTHER, enabled=True)

    def test_a_list_that_is_gone_is_refused(self, market: Simulator, revoked: Marketplace) -> None:
        market.revocations, market.advisories = b"", []
        self.refused(market, revoked)

    def test_a_shorter_list_is_refused(self, market: Simulator, revoked: Marketplace) -> None:
        market.revocations, market.advisories = market.revocations.splitlines(keepends=True)[0], []
        self.refused(market, revoked)

    def test_a_longer_list_with_another_past_is_refused(self, market: Simulator, revoked: Marketplace) -> None:
        market.revocations = market.revocations.replace(b'"disable"', b'"warn"')
        market.advise("PLG-2026-0003", "acme/other")
        self.refused(market, revoked)

    def test_an_advisory_that_only_vanishes_stays_in_force(self, market: Simulator, revoked: Marketplace) -> None:
        market.advisories = []
        publish(market, revoked)
        with pytest.raises(RevokedError, match="PLG-2026-0001"):
            revoked.set_enabled(OTHER, enabled=True)

    def test_a_list_that_grows_is_fine_and_its_last_word_counts(self, market: Simulator, revoked: Marketplace) -> None:
        market.advisories[0] = replace(market.advisories[0], database_specific=Directive(action=Action.WARN))
        publish(market, revoked)
        assert market.revocations.count(b"\n") == 3
        revoked.set_enabled(OTHER, enabled=True)

    def test_a_new_epoch_begins_a_new_list(self, market: Simulator, revoked: Marketplace) -> None:
        market.policy = replace(market.policy, epoch=2)
        market.revocations, market.advisories = b"", []
        publish(market, revoked)
        (source,) = revoked.sources()
        state = source.state()
        assert state is not None
        assert (state.epoch, state.revocations) == (2, None)
        assert not (source.folder / "targets" / layout.REVOCATIONS_TARGET).exists()
        revoked.set_enabled(OTHER, enabled=True)

    @pytest.mark.parametrize(
        "line",
        [
            b"{}\n",
            b"not json\n",
            b'{"action":"disable","advisory":"A","at":"2026-01-01T00:00:00Z","n":2}\n',
            b'{"action":"disable","advisory":"A","at":"2026-01-01T00:00:00Z","n":1,"n":1}\n',
            b'{"action":"disable","advisory":"A","at":"2026-01-01T00:00:00Z","n":1}',
            b'{"action":"destroy","advisory":"A","at":"2026-01-01T00:00:00Z","n":1}\n',
            b'{"action":"disable","advisory":"\\u001b[2J","at":"2026-01-01T00:00:00Z","n":1}\n',
        ],
    )
    def test_a_list_that_is_none_is_refused(self, market: Simulator, client: Marketplace, line: bytes) -> None:
        targets = {
            path: market.repository.current_target(path, market.store) or b""
            for path in (
                layout.INDEX_ROOT_TARGET,
                layout.INDEX_ADVISORIES_TARGET,
                layout.POLICY_TARGET,
                layout.TRUSTED_ROOT_TARGET,
            )
        }
        signed = market.repository.sign(
            {**targets, layout.REVOCATIONS_TARGET: line}, store=market.store, now=market.now
        )
        market.objects.update({one.key: one.body for one in signed.objects if isinstance(one.body, bytes)})
        with pytest.raises(TamperedError, match="list of revocations cannot be read"):
            client.refresh()


def test_a_range_that_is_not_in_order_of_writing_hits_the_same_versions(market: Simulator, client: Marketplace) -> None:
    install(client, "acme/other", enable=True)
    events = (RangeEvent(last_affected="1.0.0"), RangeEvent(introduced="0"))
    advisory = advise(market)
    affected = Affected(
        package=AffectedPackage(ecosystem="Pluginry", name=OTHER),
        ranges=(AffectedRange(type="SEMVER", events=events),),
    )
    market.advisories[0] = replace(advisory, affected=(affected,))
    publish(market, client)
    assert enabled(client) == set()
