"""Provenance: what a developer's own build answers for, where it must, and what happens when it is there no more."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from developers import ANN, BOB, build_of
from pluginry.errors import PolicyError, TamperedError
from pluginry.model.attestation import Demand
from pluginry.model.digest import Digest
from pluginry.model.index import TrustPolicy
from pluginry.model.listing import Transfer
from pluginry.model.names import PluginId
from pluginry.model.receipt import ClientPolicy
from simulated_client import a_client, install, versions_in, want
from simulator import Simulator

if TYPE_CHECKING:
    from pathlib import Path

    from pluginry.client.marketplace import Marketplace
    from pluginry.model.receipt import Receipt

DEMO, OTHER = PluginId.parse("acme/demo"), PluginId.parse("acme/other")
REQUIRED = ClientPolicy(provenance=Demand.REQUIRED)


def a_market(version: str = "1.0.0", build: dict[str, str] | None = None, **subject: Any) -> Simulator:
    """Return a marketplace with a release of Ann's, for which a build answers."""
    market = Simulator()
    market.release("acme/demo", version)
    market.prove("acme/demo", version, build_of(ANN, version) if build is None else build, **subject)
    market.release("acme/other", "1.0.0")
    market.describe("acme/demo", publisher=ANN)
    market.publish()
    return market


def update_to(market: Simulator, version: str, **release: Any) -> None:
    market.release("acme/demo", version, **release)
    market.release("acme/other", version)
    market.now += timedelta(hours=1)
    market.publish()


def a_strict_client(home: Path, market: Simulator) -> Marketplace:
    client = a_client(home, market)
    client.home.write_settings(REQUIRED)
    return client


def receipt(client: Marketplace) -> Receipt:
    return client.home.receipt(client.home.installed()[DEMO])


def refused(client: Marketplace, reason: str) -> None:
    with pytest.raises(PolicyError, match="not provably built by its developer") as caught:
        install(client, "acme/demo")
    assert caught.value.exit_status == 6
    assert reason in caught.value.why
    assert versions_in(client) == {}
    assert not [*client.home.root.glob("plugins/*/*/*")]


class TestWhereItIsOptional:
    def test_what_proves_the_build_is_written_down(self, tmp_path: Path) -> None:
        install(client := a_client(tmp_path, a_market()), "acme/demo", "acme/other")
        built = receipt(client).provenance
        assert built is not None
        assert built.workflow == f"https://github.com/ann/demo/{ANN.workflow}@refs/tags/v1.0.0"
        assert built.run == "https://github.com/ann/demo/actions/runs/77/attempts/1"
        other = client.home.receipt(client.home.installed()[OTHER])
        assert other.provenance is None

    @pytest.mark.parametrize("build", [build_of(BOB), build_of(ANN, ref="refs/heads/main"), build_of(ANN, "1.0.1")])
    def test_what_proves_nothing_does_not_count_and_hinders_nobody(self, tmp_path: Path, build: dict[str, str]) -> None:
        install(client := a_client(tmp_path, a_market(build=build)), "acme/demo")
        assert receipt(client).provenance is None

    def test_without_a_verifier_it_does_not_count(self, tmp_path: Path) -> None:
        market = a_market()
        market.policy = replace(market.policy, publish_attestation="optional")
        market.publish()
        install(client := a_client(tmp_path, market, can_verify=False), "acme/demo")
        assert receipt(client).provenance is None

    def test_a_bundle_that_the_index_names_must_be_there_and_be_that_one(self, tmp_path: Path) -> None:
        market = a_market()
        (fact,) = (one for one in market._ledgers[DEMO].attestations_of(version(market)) if "slsa" in one.type)
        key = f"v1/a/{fact.sha256.hex[:2]}/{fact.sha256.hex}.sigstore.json"
        body = market.objects.pop(key)
        with pytest.raises(TamperedError, match="withheld"):
            install(a_client(tmp_path / "one", market), "acme/demo")
        market.objects[key] = body[:-1] + b" "
        with pytest.raises(TamperedError, match="not the one that the index names"):
            install(a_client(tmp_path / "two", market), "acme/demo")


def version(market: Simulator) -> Any:
    return next(iter(market._ledgers[DEMO].releases))


class TestWhereItIsRequired:
    def test_what_has_it_is_installed(self, tmp_path: Path) -> None:
        client = a_strict_client(tmp_path, a_market())
        install(client, "acme/demo")
        assert receipt(client).provenance is not None

    def test_what_has_none_is_refused_before_anything_is_fetched(self, tmp_path: Path) -> None:
        market = a_market()
        client = a_strict_client(tmp_path, market)
        with pytest.raises(PolicyError, match=r"acme/other 1\.0\.0 is not provably built") as caught:
            client.plan_install([want("acme/other")])
        assert "policy.toml says provenance = required; the marketplace names none" in caught.value.why
        assert market.package_key("acme/other", "1.0.0") not in market.store.requests

    def test_a_marketplace_can_require_it_of_all_its_clients(self, tmp_path: Path) -> None:
        market = a_market()
        market.policy = replace(market.policy, provenance=Demand.REQUIRED)
        market.publish()
        client = a_client(tmp_path, market)
        install(client, "acme/demo")
        with pytest.raises(PolicyError) as caught:
            install(client, "acme/other")
        assert "policy of its marketplace" in caught.value.why
        assert TrustPolicy.__dataclass_fields__["provenance"].default is Demand.OPTIONAL

    def test_also_what_it_brings_along_must_have_it(self, tmp_path: Path) -> None:
        market = a_market()
        market.release("acme/user", "1.0.0", dependencies={"acme/other": "*"})
        market.prove("acme/user", "1.0.0", build_of(ANN))
        market.describe("acme/user", publisher=ANN)
        market.publish()
        with pytest.raises(PolicyError, match=r"acme/other 1\.0\.0"):
            install(a_strict_client(tmp_path, market), "acme/user")

    @pytest.mark.parametrize(
        ("build", "reason"),
        [
            (build_of(BOB), "the repository is"),
            (build_of(ANN, repository_id="7"), "the repository id is 7"),
            (build_of(ANN, workflow=".github/workflows/other.yml"), "the workflow is"),
            (build_of(ANN, ref="refs/heads/main"), "the ref is refs/heads/main"),
            (build_of(ANN, "1.0.1"), "of another version"),
        ],
    )
    def test_a_build_that_is_not_the_publishers_for_this_version_does_not_count(
        self, tmp_path: Path, build: dict[str, str], reason: str
    ) -> None:
        refused(a_strict_client(tmp_path, a_market(build=build)), reason)

    def test_a_build_of_the_file_that_the_package_was_made_of_does_not_count(self, tmp_path: Path) -> None:
        """The registry wraps foreign archives: what it makes of them is its own work, and nobody else's word."""
        market = a_market(name="demo-1.0.0.whl", digest={"sha256": Digest.of(b"a wheel").hex})
        refused(a_strict_client(tmp_path, market), "about other files")

    def test_what_the_build_calls_the_file_does_not_matter(self, tmp_path: Path) -> None:
        install(client := a_strict_client(tmp_path, a_market(name="plugin.zip")), "acme/demo")
        assert versions_in(client) == {"acme/demo": "1.0.0"}

    def test_without_a_publisher_there_is_nobody_to_hold_it_to(self, tmp_path: Path) -> None:
        market = a_market()
        market.describe("acme/demo", publisher=None)
        market.publish()
        refused(a_strict_client(tmp_path, market), "no publisher")

    def test_without_a_verifier_nothing_is_proved(self, tmp_path: Path) -> None:
        market = a_market()
        market.policy = replace(market.policy, publish_attestation="optional")
        market.publish()
        client = a_client(tmp_path, market, can_verify=False)
        client.home.write_settings(REQUIRED)
        refused(client, "cannot be checked here")

    def test_an_update_of_everything_passes_over_what_has_none(self, tmp_path: Path) -> None:
        market = a_market()
        install(client := a_client(tmp_path, market), "acme/demo", "acme/other")
        client.home.write_settings(REQUIRED)
        update_to(market, "1.1.0", built_by=build_of(ANN, "1.1.0"))
        client.refresh()
        plan = client.plan_update()
        assert plan.waiting == (OTHER,)
        assert [refusal.plugin for refusal in plan.refused] == [OTHER]
        client.apply(plan)
        assert versions_in(client) == {"acme/demo": "1.1.0", "acme/other": "1.0.0"}
        with pytest.raises(PolicyError, match="not provably built"):
            client.plan_update([OTHER], accepted_unproven=[OTHER])

    def test_what_was_installed_before_it_was_required_is_proved_when_it_is_installed_again(
        self, tmp_path: Path
    ) -> None:
        market = a_market()
        market.policy = replace(market.policy, publish_attestation="optional")
        market.publish()
        install(blind := a_client(tmp_path, market, can_verify=False), "acme/demo")
        assert receipt(blind).provenance is None
        blind.apply(blind.plan_remove([DEMO]))
        client = a_strict_client(tmp_path, market)
        install(client, "acme/demo")
        assert receipt(client).provenance is not None


class TestThatItIsNotLostUnasked:
    @pytest.fixture
    def market(self) -> Simulator:
        return a_market()

    @pytest.fixture
    def client(self, market: Simulator, tmp_path: Path) -> Marketplace:
        install(client := a_client(tmp_path, market), "acme/demo", "acme/other")
        return client

    def test_an_update_with_provenance_goes_on_without_a_question(self, market: Simulator, client: Marketplace) -> None:
        update_to(market, "1.1.0", built_by=build_of(ANN, "1.1.0"))
        client.refresh()
        client.apply(client.plan_update())
        assert versions_in(client) == {"acme/demo": "1.1.0", "acme/other": "1.1.0"}

    def test_one_without_waits_while_the_others_go_on(self, market: Simulator, client: Marketplace) -> None:
        update_to(market, "1.1.0")
        client.refresh()
        plan = client.plan_update()
        assert plan.waiting == (DEMO,)
        assert [(loss.plugin, str(loss.version)) for loss in plan.waiting_unproven] == [(DEMO, "1.1.0")]
        client.apply(plan)
        assert versions_in(client) == {"acme/demo": "1.0.0", "acme/other": "1.1.0"}

    def test_who_asks_for_it_by_name_is_told_what_is_lost(self, market: Simulator, client: Marketplace) -> None:
        update_to(market, "1.1.0")
        client.refresh()
        with pytest.raises(PolicyError, match="without the provenance that it had") as caught:
            client.plan_update([DEMO])
        assert "what was installed is provably built by its developer, and 1.1.0 is not" in caught.value.why
        assert "--accept-no-provenance acme/demo" in caught.value.hint

    def test_installing_it_anew_is_the_same_step_back(self, market: Simulator, client: Marketplace) -> None:
        client.apply(client.plan_remove([DEMO]))
        update_to(market, "1.1.0")
        client.refresh()
        plan = client.plan_install([want("acme/demo")])
        assert [loss.plugin for loss in plan.unproven] == [DEMO]
        with pytest.raises(PolicyError, match="without the provenance that it had"):
            client.apply(plan)

    def test_who_agrees_gets_it_and_is_not_asked_again(self, market: Simulator, client: Marketplace) -> None:
        update_to(market, "1.1.0")
        client.refresh()
        client.apply(client.plan_update([DEMO], accepted_unproven=[DEMO]), accepted_unproven=[DEMO])
        assert versions_in(client)["acme/demo"] == "1.1.0"
        update_to(market, "1.2.0")
        client.refresh()
        client.apply(client.plan_update())
        assert versions_in(client)["acme/demo"] == "1.2.0"
        update_to(market, "1.3.0", built_by=build_of(ANN, "1.3.0"))
        client.refresh()
        client.apply(client.plan_update())
        update_to(market, "1.4.0")
        client.refresh()
        assert client.plan_update().waiting == (DEMO,)

    def test_a_provenance_that_is_named_and_proves_nothing_is_the_same_loss(
        self, market: Simulator, client: Marketplace
    ) -> None:
        update_to(market, "1.1.0", built_by=build_of(BOB, "1.1.0"))
        client.refresh()
        plan = client.plan_update([DEMO])
        with pytest.raises(PolicyError, match="without the provenance that it had") as caught:
            client.apply(plan)
        assert "the repository is" in caught.value.why
        assert versions_in(client)["acme/demo"] == "1.0.0"
        client.apply(plan, accepted_unproven=[DEMO])
        assert versions_in(client)["acme/demo"] == "1.1.0"

    def test_a_new_epoch_does_not_forget_it(self, market: Simulator, client: Marketplace) -> None:
        market.policy = replace(market.policy, epoch=2)
        update_to(market, "1.1.0")
        client.refresh()
        assert client.plan_update().waiting_unproven

    def test_putting_damaged_files_back_asks_nothing(self, client: Marketplace) -> None:
        installed = client.home.installed()[DEMO]
        folder = client.home.folder_of(DEMO, installed.version, installed.sha256)
        (folder / "plugin.json").write_bytes(b"damaged")
        install(client, "acme/demo")
        assert client.verify()[DEMO] == ()
        assert receipt(client).provenance is not None


class TestAfterAHandOver:
    def handed_over(self, market: Simulator) -> None:
        market.now += timedelta(hours=1)
        market.describe("acme/demo", publisher=BOB, transfer=Transfer(previous=ANN, reason="Ann retires"))
        market.publish()

    def test_what_the_publisher_before_built_until_then_still_counts(self, tmp_path: Path) -> None:
        market = a_market()
        self.handed_over(market)
        install(a_strict_client(tmp_path, market), "acme/demo")

    def test_what_he_builds_afterwards_does_not(self, tmp_path: Path) -> None:
        market = a_market()
        self.handed_over(market)
        update_to(market, "1.1.0", built_by=build_of(ANN, "1.1.0"))
        refused(a_strict_client(tmp_path, market), "the repository is")

    def test_what_the_new_one_builds_counts(self, tmp_path: Path) -> None:
        market = a_market()
        self.handed_over(market)
        update_to(market, "1.1.0", built_by=build_of(BOB, "1.1.0"))
        client = a_strict_client(tmp_path, market)
        install(client, "acme/demo")
        assert versions_in(client) == {"acme/demo": "1.1.0"}
