"""Updates by delta: fewer bytes, the same package; whatever is wrong with a delta, the whole package is fetched."""

from __future__ import annotations

import random
import shutil
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import zstandard

from pluginry.encoding.delta import make_delta
from pluginry.errors import TamperedError
from pluginry.model import layout
from pluginry.model.digest import Digest
from pluginry.model.ledger import DeltaFact
from pluginry.model.versions import Version
from simulated_client import DEMO, a_client, install, versions_in
from simulator import Simulator

if TYPE_CHECKING:
    from pluginry.model.index import PluginRecord

DATA = random.Random(2).randbytes(200_000)  # noqa: S311 - the same bytes each time
ONE, TWO = ({"data.bin": DATA, "run.sh": b"#!/bin/sh\n"}, {"data.bin": DATA[:90_000] + b"new" + DATA[90_000:]})


class Scene:
    """A client that has 1.0.0, and a market that published 1.1.0 with a delta; `body` takes the place of the delta."""

    def __init__(self, tmp_path: Path, body: bytes | None = None, **lie: object) -> None:
        self.market = Simulator()
        self.market.release("acme/demo", "1.0.0", files=ONE)
        self.market.publish()
        self.client = a_client(tmp_path / "home", self.market)
        install(self.client, "acme/demo")
        self.market.release("acme/demo", "1.1.0", files=TWO)
        self.market.now += timedelta(hours=1)
        self.market.publish()
        base, package = (self.market.objects[self.market.package_key("acme/demo", v)] for v in ("1.0.0", "1.1.0"))
        delta = make_delta(base, package) if body is None else body
        fact = DeltaFact(artifact=Digest.of(package), base=Digest.of(base), sha256=Digest.of(delta), size=len(delta))
        self.key = layout.delta_key(DEMO, Version("1.1.0"), fact.sha256)
        self.market.objects[self.key] = delta
        self.whole = self.market.package_key("acme/demo", "1.1.0")
        self.size = len(package)
        self.publish(replace(fact, **lie))  # type: ignore[arg-type]  # fields of a fact

    def publish(self, fact: DeltaFact) -> None:
        """Let the market name a delta."""

        def with_delta(record: PluginRecord) -> PluginRecord:
            newest, *older = record.releases
            return replace(record, releases=(replace(newest, deltas=(fact,)), *older))

        self.market.publish(change_record={"acme/demo": with_delta})

    def update(self) -> list[str]:
        """Update and return which of delta and package were fetched."""
        self.client.refresh()
        self.market.store.requests.clear()
        self.client.apply(self.client.plan_update())
        assert versions_in(self.client) == {"acme/demo": "1.1.0"}
        return [key for key in self.market.store.requests if key in (self.key, self.whole)]

    @property
    def saved(self) -> int:
        """How many bytes the client says it saved."""
        return sum(source.saved_bytes for source in self.client.sources())


def test_an_update_fetches_the_delta_instead_of_the_package(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    assert scene.update() == [scene.key]
    assert scene.saved > scene.size * 0.95
    assert (tmp_path / "home/plugins/acme/demo").is_dir()


def test_without_the_kept_package_it_is_made_of_the_installed_files(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    shutil.rmtree(tmp_path / "home/sources/m0/cache")
    assert scene.update() == [scene.key]


def test_files_that_were_changed_make_no_base(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    shutil.rmtree(tmp_path / "home/sources/m0/cache")
    (changed,) = (tmp_path / "home/plugins/acme/demo").glob("*/data.bin")
    changed.chmod(0o644)
    changed.write_bytes(DATA[::-1])
    assert scene.update() == [scene.whole]
    assert scene.saved == 0


def test_without_the_extra_nothing_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scene = Scene(tmp_path)
    monkeypatch.setitem(sys.modules, "zstandard", None)
    assert scene.update() == [scene.whole]


@pytest.mark.parametrize(
    "body",
    [b"", b"no delta", zstandard.compress(bytes(64 << 20)), zstandard.compress(b"short"), make_delta(DATA, DATA)],
    ids=["nothing", "no delta", "bomb", "too short", "another base"],
)
def test_a_signed_delta_that_is_none_costs_the_package(tmp_path: Path, body: bytes) -> None:
    scene = Scene(tmp_path, body)
    assert scene.update() == [scene.key, scene.whole]
    assert scene.saved == 0


@pytest.mark.parametrize("stored", [b"", b"damaged on the way", None])
def test_a_damaged_or_withheld_delta_costs_the_package(tmp_path: Path, stored: bytes | None) -> None:
    scene = Scene(tmp_path)
    if stored is None:
        del scene.market.objects[scene.key]
    else:
        scene.market.objects[scene.key] = stored
    assert scene.update() == [scene.key, scene.whole]


@pytest.mark.parametrize("lie", [{"base": Digest.of(b"x")}, {"artifact": Digest.of(b"x")}, {"size": 1 << 40}])
def test_a_delta_that_leads_from_or_to_something_else_is_not_fetched(tmp_path: Path, lie: dict[str, object]) -> None:
    scene = Scene(tmp_path, **lie)
    assert scene.update() == [scene.whole]


def test_what_is_wrong_with_the_package_itself_is_still_refused(tmp_path: Path) -> None:
    scene = Scene(tmp_path)
    scene.market.objects[scene.key] = b"damaged"
    scene.market.objects[scene.whole] = b"x" * scene.size
    scene.client.refresh()
    plan = scene.client.plan_update()
    with pytest.raises(TamperedError):
        scene.client.apply(plan)
    assert versions_in(scene.client) == {"acme/demo": "1.0.0"}


def test_when_it_breaks_off_in_the_middle_the_next_one_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scene = Scene(tmp_path)
    scene.client.refresh()
    plan = scene.client.plan_update()

    def killed(*_arguments: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", killed)
        with pytest.raises(KeyboardInterrupt):
            scene.client.apply(plan)
    scene.client = a_client(tmp_path / "home", scene.market)
    assert versions_in(scene.client) == {"acme/demo": "1.0.0"}
    assert scene.update() == [scene.key]
