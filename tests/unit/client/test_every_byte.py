"""Whatever byte of a published marketplace is changed or withheld: clients refuse, or what they trust is the same."""

from __future__ import annotations

import random
from itertools import count
from typing import TYPE_CHECKING

import pytest

from pluginry.errors import PluginryError
from simulated_client import a_client, want
from simulator import Simulator

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_CLASSES = (b"0123456789", b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", b'{}[]":,', bytes(32))


@pytest.fixture(scope="module")
def market() -> Simulator:
    market = Simulator()
    market.release("acme/base", files={"base.txt": b"base\n"})
    market.release(
        "acme/demo",
        files={"demo.txt": b"demo\n", "bin/tool": bytes(range(256))},
        dependencies={"acme/base": ">=1"},
        permissions=[("mail.headers", "inbound")],
    )
    market.advise("PLG-2026-0001", "acme/base")
    market.publish()
    return market


def what_is_trusted(market: Simulator, home: Path) -> object:
    """Use the marketplace as a new client does, and return everything that came of it; None when it was refused."""
    try:
        client = a_client(home, market)
        found = client.search()
        plan = client.plan_install([want("acme/demo")])
        generation = client.apply(plan, accepted=["mail.headers:inbound"])
    except PluginryError:
        return None
    files = {
        path.relative_to(home).as_posix(): path.read_bytes()
        for path in sorted((home / "plugins").rglob("*"))
        if path.is_file()
    }
    return found, plan.consent, plan.warnings, generation, files


def changes_of(body: bytes, seed: str) -> Iterator[tuple[int, bytes]]:
    """Yield offsets and changed bodies: one byte of every class that occurs, and the first and the last byte."""
    chance = random.Random(seed)  # noqa: S311 - which bytes a test looks at is no secret
    offsets = {0, len(body) - 1}
    for members in _CLASSES:
        found = [offset for offset, byte in enumerate(body) if byte in members]
        offsets |= {chance.choice(found)} if found else set()
    for offset in sorted(offsets):
        changed = bytearray(body)
        changed[offset] ^= 1 << chance.randrange(8)
        yield offset, bytes(changed)


def test_untouched_it_is_accepted(market: Simulator, tmp_path: Path) -> None:
    assert what_is_trusted(market, tmp_path / "home") is not None


def test_a_changed_byte_is_refused_or_changes_nothing(market: Simulator, tmp_path: Path) -> None:
    expected = what_is_trusted(market, tmp_path / "untouched")
    homes = (tmp_path / str(number) for number in count())
    refused = 0
    for key, body in sorted(market.objects.items()):
        for offset, changed in changes_of(body, key):
            market.objects[key] = changed
            found = what_is_trusted(market, next(homes))
            refused += found is None
            assert found in (None, expected), f"byte {offset} of {key}"
        market.objects[key] = body
    assert refused > len(market.objects)


def test_a_withheld_object_is_refused_or_changes_nothing(market: Simulator, tmp_path: Path) -> None:
    expected = what_is_trusted(market, tmp_path / "untouched")
    needed = set()
    for number, (key, body) in enumerate(sorted(market.objects.items())):
        del market.objects[key]
        found = what_is_trusted(market, tmp_path / str(number))
        market.objects[key] = body
        assert found in (None, expected), key
        needed |= {key.split("/")[1]} if found is None else set()
    assert needed == {"metadata", "targets", "t", "a", "packages"}
