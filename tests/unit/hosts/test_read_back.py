"""A publication is read back as everybody reads it: edges that lag are given time, what is wrong is found at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO

import pytest

from pluginry.errors import (
    ObjectMissingError,
    RolledBackError,
    TamperedError,
    TransportError,
    UsageError,
)
from pluginry.hosts.read_back import DELAYS_S, Published, ReadBack
from pluginry.model.layout import TIMESTAMP_KEY
from pluginry.model.names import PluginId
from pluginry.model.versions import Version
from simulator import Simulator

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pluginry.hosts.read_back import Verdict
    from pluginry.ports import Progress

NEW = (PluginId.parse("acme/demo"), Version("2.0.0"))
ALL_DELAYS_S = sum(DELAYS_S)


@dataclass(slots=True)
class Edge:
    """The published place of a marketplace: keeps old `copies` and damages some, until enough time has passed."""

    market: Simulator
    copies: dict[str, bytes | None] = field(default_factory=dict)
    is_down: bool = False
    recovers_after_s: float = float("inf")
    waited_s: float = 0.0
    asked: list[str] = field(default_factory=list)

    @property
    def location(self) -> str:
        return self.market.location

    def fetch(self, key: str, *, max_bytes: int) -> bytes:
        self.asked.append(key)
        is_well = self.waited_s >= self.recovers_after_s
        if self.is_down and not is_well:
            raise TransportError("the edge does not answer", where=key)
        if key in self.copies and not is_well:
            body = self.copies[key]
            if body is None:
                raise ObjectMissingError("there is no such object", where=key)
            return body
        return self.market.store.fetch(key, max_bytes=max_bytes)

    def download(self, key: str, into: BinaryIO, *, max_bytes: int, progress: Progress | None = None) -> None:
        into.write(self.fetch(key, max_bytes=max_bytes))
        if progress:
            progress(1)

    def sleep(self, seconds: float) -> None:
        self.waited_s += seconds


@dataclass(slots=True)
class Scene:
    """A marketplace that was published once, and is published again by `publish`, seen through `edge`."""

    market: Simulator
    edge: Edge
    reader: ReadBack

    @classmethod
    def at(cls, folder: Path) -> Scene:
        market = Simulator()
        market.release("acme/demo", "1.0.0")
        market.release("acme/other", "1.0.0")
        market.publish()
        edge = Edge(market)
        reader = ReadBack(
            place=edge, fingerprint=market.fingerprint, folder=folder, now=lambda: market.now, sleep=edge.sleep
        )
        return cls(market, edge, reader)

    def publish(self, break_it: Callable[[Scene], None] = lambda _scene: None) -> Verdict:
        """Publish a new release, let something go wrong, and read it back."""
        self.reader.remember(is_published=True)
        before = dict(self.market.objects)
        self.market.release("acme/demo", "2.0.0", files={"notes.txt": b"new"})
        self.market.publish()
        self.old = before
        break_it(self)
        return self.reader.look(Published(root=self.market.objects[TIMESTAMP_KEY], releases=(NEW,)))

    old: dict[str, bytes] = field(default_factory=dict)

    @property
    def package(self) -> str:
        return self.market.package_key("acme/demo", "2.0.0")


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene.at(tmp_path)


def test_a_good_publication_is_installed_by_who_knew_the_state_before_and_who_knew_nothing(scene: Scene) -> None:
    verdict = scene.publish()
    assert (verdict.looks, verdict.installed, verdict.trouble) == (1, "acme/demo 2.0.0", None)
    assert scene.reader.knows_before
    assert scene.edge.asked.count(scene.package) == 2
    assert scene.edge.waited_s == 0


def test_when_nothing_is_new_any_release_is_installed(scene: Scene) -> None:
    scene.reader.remember(is_published=True)
    verdict = scene.reader.look(Published(root=scene.market.objects[TIMESTAMP_KEY]))
    assert verdict.trouble is None
    assert verdict.installed in {"acme/demo 1.0.0", "acme/other 1.0.0"}


def test_the_smallest_of_many_new_releases_is_installed(scene: Scene) -> None:
    scene.market.release("acme/large", "1.0.0", files={"much": bytes(50_000)})
    scene.market.release("acme/small", "1.0.0", files={"little": b"x"})
    scene.market.publish()
    new = tuple((PluginId.parse(name), Version("1.0.0")) for name in ("acme/large", "acme/small", "acme/not-built"))
    verdict = scene.reader.look(Published(root=scene.market.objects[TIMESTAMP_KEY], releases=new))
    assert verdict.installed == "acme/small 1.0.0"


def test_the_first_publication_has_only_a_client_that_knows_nothing(tmp_path: Path) -> None:
    market = Simulator()
    edge = Edge(market)
    reader = ReadBack(
        place=edge, fingerprint=market.fingerprint, folder=tmp_path, now=lambda: market.now, sleep=edge.sleep
    )
    reader.remember(is_published=False)
    market.publish()
    verdict = reader.look(Published(root=market.objects[TIMESTAMP_KEY]))
    assert (verdict.trouble, verdict.installed, reader.knows_before) == (None, "", False)


def test_an_edge_that_lags_is_given_time(scene: Scene) -> None:
    def lag(scene: Scene) -> None:
        scene.edge.copies = {TIMESTAMP_KEY: scene.old[TIMESTAMP_KEY]}
        scene.edge.recovers_after_s = 40

    verdict = scene.publish(lag)
    assert (verdict.trouble, verdict.installed) == (None, "acme/demo 2.0.0")
    assert 40 <= scene.edge.waited_s < ALL_DELAYS_S
    assert verdict.looks > 1


def test_an_edge_that_remembers_that_something_was_not_there_is_given_time(scene: Scene) -> None:
    def lag(scene: Scene) -> None:
        scene.edge.copies = {scene.package: None}
        scene.edge.recovers_after_s = 20

    assert scene.publish(lag).trouble is None


def test_an_edge_that_shows_the_old_state_for_ever_says_nothing_against_the_publication(scene: Scene) -> None:
    def lag(scene: Scene) -> None:
        scene.edge.copies = dict(scene.old)

    verdict = scene.publish(lag)
    assert isinstance(verdict.trouble, TransportError)
    assert "an earlier state" in str(verdict.trouble)
    assert not verdict.is_bad
    assert scene.edge.waited_s == ALL_DELAYS_S


def test_a_place_that_cannot_be_reached_says_nothing_against_the_publication(scene: Scene) -> None:
    def cut(scene: Scene) -> None:
        scene.edge.is_down = True

    verdict = scene.publish(cut)
    assert isinstance(verdict.trouble, TransportError)
    assert (verdict.is_bad, scene.edge.waited_s) == (False, ALL_DELAYS_S)


def _is_of(scene: Scene, part: str) -> str:
    """Return the key of a new object: the package, an attestation, a node of the tree, the root of the index."""
    return next(key for key in scene.market.objects if key.startswith(f"v1/{part}/") and key not in scene.old)


@pytest.mark.parametrize("part", ["packages", "a", "t", "targets/index", "metadata"])
def test_an_object_that_is_missing_for_good_makes_the_publication_bad(scene: Scene, part: str) -> None:
    def lose(scene: Scene) -> None:
        if part == "t":
            scene.edge.copies = {key: None for key in scene.market.objects if key.startswith("v1/t/")}
        else:
            scene.edge.copies = {_is_of(scene, part): None}

    verdict = scene.publish(lose)
    assert verdict.is_bad
    assert verdict.looks == len(DELAYS_S) + 1
    assert verdict.trouble is not None
    assert verdict.trouble.exit_status in (3, 5)


@pytest.mark.parametrize("part", ["packages", "a", "targets/index", "metadata"])
def test_a_wrong_byte_makes_the_publication_bad_at_once(scene: Scene, part: str) -> None:
    def damage(scene: Scene) -> None:
        key = _is_of(scene, part)
        body = bytearray(scene.market.objects[key])
        body[len(body) // 2] ^= 1
        scene.edge.copies = {key: bytes(body)}

    verdict = scene.publish(damage)
    assert verdict.is_bad
    assert isinstance(verdict.trouble, TamperedError)
    assert (verdict.looks, scene.edge.waited_s) == (1, 0)


@pytest.mark.parametrize("garbage", [b"<!doctype html>", b"{}", b"x" * 20_000])
def test_a_root_that_is_none_makes_the_publication_bad(scene: Scene, garbage: bytes) -> None:
    def damage(scene: Scene) -> None:
        scene.edge.copies = {TIMESTAMP_KEY: garbage}

    verdict = scene.publish(damage)
    assert verdict.is_bad
    assert verdict.trouble is not None


def test_a_publication_that_only_new_clients_accept_is_bad(scene: Scene) -> None:
    def count_backwards(scene: Scene) -> None:
        """Put the marketplace back to its beginning, as somebody would who lost what was published."""
        again = Simulator(owner=scene.market.owner)
        again.repository, again.now = scene.market.repository, scene.market.now
        again.release("acme/demo", "2.0.0", files={"notes.txt": b"new"})
        again.publish()
        scene.market.store.objects.clear()
        scene.market.store.objects.update(again.objects)

    verdict = scene.publish(count_backwards)
    assert verdict.trouble is not None
    assert verdict.is_bad


def test_a_newer_publication_of_somebody_else_is_as_good(scene: Scene) -> None:
    scene.reader.remember(is_published=True)
    ours = Published(root=scene.market.objects[TIMESTAMP_KEY])
    scene.market.release("acme/third", "1.0.0")
    scene.market.publish()
    assert scene.reader.look(ours).trouble is None


def test_an_address_that_shows_nothing_or_something_else_is_noticed_before_anything_is_published(
    scene: Scene, tmp_path: Path
) -> None:
    for key in [key for key in scene.market.objects if "root" in key]:
        scene.edge.copies[key] = None
    with pytest.raises(UsageError, match="does not show what is published"):
        scene.reader.remember(is_published=True)
    scene.reader.remember(is_published=False)
    assert not scene.reader.knows_before
    other = Scene.at(tmp_path / "other")
    scene.reader.place = other.edge
    with pytest.raises(TamperedError, match="another marketplace"):
        scene.reader.remember(is_published=True)


def test_a_state_before_that_nobody_accepts_does_not_hold_up_the_publication_that_mends_it(scene: Scene) -> None:
    scene.edge.copies = {TIMESTAMP_KEY: b"{}"}
    scene.reader.remember(is_published=True)
    assert not scene.reader.knows_before
    scene.edge.copies = {}
    scene.edge.is_down = True
    scene.reader.remember(is_published=True)
    assert not scene.reader.knows_before


def test_an_older_state_is_told_from_a_wrong_one(scene: Scene) -> None:
    """The client that knew the state before refuses an older one as such."""
    first = dict(scene.market.objects)
    scene.market.release("acme/demo", "1.5.0")
    scene.market.publish()

    def go_back(scene: Scene) -> None:
        scene.edge.copies = first

    verdict = scene.publish(go_back)
    assert isinstance(verdict.trouble, RolledBackError | TransportError)
    assert not verdict.is_bad
