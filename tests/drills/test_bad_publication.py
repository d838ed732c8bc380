"""Drill: a publication turns out to be bad after some clients saw it. It is taken back, mended, and all come along."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from pluginry.cli.after_publication import aftercare
from pluginry.encoding import documents
from pluginry.encoding.content_store import ContentStore
from pluginry.errors import RolledBackError
from pluginry.model.digest import Digest
from pluginry.model.index import TreeRoot
from pluginry.model.layout import INDEX_ROOT_TARGET, METADATA_PREFIX, TIMESTAMP_KEY
from pluginry.publisher.outcome import Outcome, PublishReport, SigningRun
from pluginry.publisher.publish import publish
from pluginry.publisher.workspace import Workspace
from simulated_client import a_client, install, versions_in
from simulator import Simulator
from trustees import Trustees

if TYPE_CHECKING:
    from pathlib import Path

    from pluginry.cli.aftermath import Aftermath
    from pluginry.client.marketplace import Marketplace


def serial_of(client: Marketplace) -> int:
    return client.sources()[0].index().root.serial


@dataclass(slots=True)
class Operator:
    """Publishes `market` with everything that `pluginry publish` does afterwards."""

    market: Simulator
    folder: Path

    @property
    def workspace(self) -> Workspace:
        return Workspace(
            registry=self.folder / "registry",
            index=self.folder / "index",
            objects=ContentStore(self.folder / "objects"),
            inventories=self.folder / "inventories",
        )

    def publish(self, *, lose: str = "", damage: str = "", seen_by: Marketplace | None = None) -> Aftermath:
        """Publish, let the store lose or damage what begins with a key, let somebody see it, and read it back."""
        store = self.market.store
        before = dict(store.objects)
        with aftercare(
            store,
            self.workspace,
            self.market.repository,
            read_back=None,
            no_read_back=False,
            cloudfront=None,
            now=lambda: self.market.now,
            sleep=lambda _seconds: None,
        ) as look_after:
            root = self.market.publish()
            broken = next((key for key in store.objects if (lose or damage) and key.startswith(lose or damage)), "")
            good = store.objects.get(broken)
            if seen_by is not None:
                seen_by.refresh()
            if lose:
                del store.objects[broken]
            elif damage:
                store.objects[broken] = bytes([store.objects[broken][0] ^ 1]) + store.objects[broken][1:]
            aftermath = look_after(self._outcome(root, before))
        if good is not None:
            store.objects[broken] = good  # the store is mended
        return aftermath

    def _outcome(self, root: TreeRoot, before: dict[str, bytes]) -> Outcome:
        now = self.market.store.objects
        report = PublishReport(
            created=sorted(now.keys() - before.keys()),
            replaced=sorted(key for key in now.keys() & before.keys() if now[key] != before[key]),
            marks={TIMESTAMP_KEY: Digest.of(now[TIMESTAMP_KEY]).hex},
            root_before=before.get(TIMESTAMP_KEY),
        )
        return Outcome(
            built=(),
            signing=SigningRun(),
            quarantined=(),
            serial=root.serial,
            plugins=root.plugins,
            releases=root.releases,
            report=report,
        )


@pytest.fixture(params=["simple", "hardened"])
def operator(request: pytest.FixtureRequest, tmp_path: Path) -> Operator:
    market = Simulator()
    Trustees(market, tmp_path / "trust", profile=request.param)
    market.release("acme/demo", "1.0.0")
    found = Operator(market, tmp_path)
    assert found.publish().exit_status == 0
    return found


def version_of(market: Simulator, name: str = "timestamp") -> int:
    body: dict[str, Any] = json.loads(market.objects[f"{METADATA_PREFIX}{name}.json"])
    return int(body["signed"]["version"])


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        ({"damage": "v1/packages/acme/demo/2.0.0"}, 5),
        ({"lose": "v1/packages/acme/demo/2.0.0"}, 3),
    ],
)
def test_everybody_gets_onto_the_next_good_publication(
    operator: Operator, tmp_path: Path, fault: dict[str, str], status: int
) -> None:
    market = operator.market
    calm, quick = a_client(tmp_path / "calm", market), a_client(tmp_path / "quick", market)
    install(calm, "acme/demo")
    good_serial, good_version = serial_of(calm), version_of(market)

    market.release("acme/demo", "2.0.0")
    aftermath = operator.publish(**fault, seen_by=quick)
    assert aftermath.exit_status == status
    assert aftermath.data["read_back"]["taken_back"]
    assert version_of(market) == good_version + 2

    # Whoever did not see it goes on with the state before, which is fresh; new clients too.
    calm.refresh()
    assert serial_of(calm) == good_serial
    newcomer = a_client(tmp_path / "newcomer", market)
    install(newcomer, "acme/demo")
    assert versions_in(newcomer) == {"acme/demo": "1.0.0"}

    # Whoever saw it keeps what he has: nothing older is accepted, and nothing is lost.
    assert serial_of(quick) == good_serial + 1
    with pytest.raises(RolledBackError):
        quick.refresh()
    assert serial_of(quick) == good_serial + 1

    # The next publication is above both.
    assert operator.publish().exit_status == 0
    for client in (calm, quick, newcomer):
        client.refresh()
        install(client, "acme/demo")
        assert versions_in(client) == {"acme/demo": "2.0.0"}
    assert serial_of(quick) == serial_of(calm) == good_serial + 1, "the same index as the one that was taken back"


def test_what_is_mended_with_other_content_is_newer_than_what_was_taken_back(
    operator: Operator, tmp_path: Path
) -> None:
    market = operator.market
    quick = a_client(tmp_path / "quick", market)
    before = serial_of(quick)
    market.release("acme/demo", "2.0.0")
    assert operator.publish(damage="v1/packages/acme/demo/2.0.0", seen_by=quick).exit_status == 5
    withdrawn = market.repository.newest_target(INDEX_ROOT_TARGET, market.store)
    assert withdrawn is not None
    assert documents.decode(TreeRoot, withdrawn, what="root").serial == before + 1

    market.release("acme/demo", "2.0.1")
    assert operator.publish().exit_status == 0
    quick.refresh()
    assert serial_of(quick) == before + 2
    assert quick.sources()[0].index().root.previous == Digest.of(withdrawn)


def test_a_publication_may_fail_again_and_again(operator: Operator, tmp_path: Path) -> None:
    market = operator.market
    watchers = [a_client(tmp_path / f"watcher{number}", market) for number in range(3)]
    for number, watcher in enumerate(watchers, start=2):
        version = f"{number}.0.0"
        market.release("acme/demo", version)
        assert operator.publish(damage=f"v1/packages/acme/demo/{version}", seen_by=watcher).exit_status == 5
        refreshed_meanwhile(market)
    assert operator.publish().exit_status == 0
    for watcher in watchers:
        watcher.refresh()
        install(watcher, "acme/demo")
        assert versions_in(watcher) == {"acme/demo": "4.0.0"}


def refreshed_meanwhile(market: Simulator) -> None:
    """Let the schedule sign a new timestamp over what is current."""
    found = market.store.find(TIMESTAMP_KEY)
    timestamp = market.repository.refresh(market.store, now=market.now)
    publish([timestamp], market.store, timestamp_tag=found.tag if found else None)


def test_without_a_state_before_a_bad_publication_stays_and_the_job_is_red(tmp_path: Path) -> None:
    market = Simulator()
    market.release("acme/demo", "1.0.0")
    aftermath = Operator(market, tmp_path).publish(damage="v1/packages/")
    assert aftermath.exit_status == 5
    assert not aftermath.data["read_back"]["taken_back"]
    assert "it stays" in aftermath.lines[-1]


def test_what_somebody_else_published_meanwhile_is_not_taken_back(operator: Operator) -> None:
    market = operator.market
    market.release("acme/demo", "2.0.0")
    store = market.store
    with aftercare(
        store,
        operator.workspace,
        market.repository,
        read_back=None,
        no_read_back=False,
        cloudfront=None,
        now=lambda: market.now,
        sleep=lambda _seconds: None,
    ) as look_after:
        before = dict(store.objects)
        outcome = operator._outcome(market.publish(), before)
        refreshed_meanwhile(market)
        for key in [key for key in store.objects if key.startswith("v1/packages/acme/demo/2.0.0")]:
            store.objects[key] = b"bad"
        current = store.objects[TIMESTAMP_KEY]
        aftermath = look_after(outcome)
    assert aftermath.exit_status == 5
    assert not aftermath.data["read_back"]["taken_back"]
    assert store.objects[TIMESTAMP_KEY] == current
