"""A long list of revocations comes in parts: one more entry costs a client one part, and no part can be left out."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from pluginry.encoding import revocation_file
from pluginry.encoding.revocation_file import published_parts
from pluginry.errors import RevokedError, TamperedError
from pluginry.model import layout
from pluginry.model.advisory import Action
from simulated_client import DEMO, OTHER, a_client, install
from victims import publish_targets

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from pluginry.client.marketplace import Marketplace
    from simulator import Simulator

PART = layout.revocations_part(1)
ENTRIES = 3


@pytest.fixture
def long(market: Simulator, client: Marketplace, monkeypatch: pytest.MonkeyPatch) -> Marketplace:
    """Return a client that has heard of as many revocations as make a part, of which only the first hits anything."""
    monkeypatch.setattr(revocation_file, "PART_ENTRIES", ENTRIES)  # clients take parts of any length
    install(client, "acme/demo", "acme/other")
    market.advise("PLG-0", "acme/demo", action=Action.DISABLE)
    for number in range(1, ENTRIES):
        market.advise(f"PLG-{number}", "crowd/plugin")
    market.publish()
    client.refresh()
    return client


def fetched(market: Simulator, client: Marketplace) -> list[tuple[str, int]]:
    """Refresh, and return which parts of the list were fetched for it, by name, and how large they were."""
    market.store.requests.clear()
    client.refresh()
    asked = [key for key in market.store.requests if "revocations" in key]
    return [(key.partition("revocations")[2], len(market.objects[key])) for key in asked]


def one_more(market: Simulator) -> None:
    market.advise("PLG-1000", "acme/other", action=Action.DISABLE)
    market.publish()


def may_run(client: Marketplace, plugin: object) -> bool:
    installed = next(one for one in client.home.installed().values() if one.id == plugin)
    try:
        client.require_usable(installed)
    except RevokedError:
        return False
    return True


def test_one_more_entry_costs_one_entry(market: Simulator, long: Marketplace) -> None:
    one_more(market)
    first = fetched(market, long)
    assert [name for name, _ in first] == [".jsonl", ".1.jsonl"]
    market.advise("PLG-1001", "crowd/plugin")
    market.publish()
    ((name, size),) = fetched(market, long)
    assert name == ".jsonl"
    assert size < 1_000


def test_the_first_and_the_last_entry_count_alike(market: Simulator, long: Marketplace, tmp_path: Path) -> None:
    one_more(market)
    long.refresh()
    again = a_client(long.home.root, market)
    for client in (long, again):
        assert not may_run(client, DEMO)
        assert not may_run(client, OTHER)
    newcomer = a_client(tmp_path / "newcomer", market)
    assert len(newcomer.sources()[0].index().revocations) == ENTRIES + 1


def test_nothing_is_fetched_when_nothing_was_revoked(market: Simulator, long: Marketplace) -> None:
    one_more(market)
    long.refresh()
    market.release("acme/other", "1.1.0")
    market.publish()
    assert fetched(market, long) == []


def without_the_first_part(parts: dict[str, bytes]) -> dict[str, bytes]:
    return {path: body for path, body in parts.items() if path != PART}


def without_the_rest(parts: dict[str, bytes]) -> dict[str, bytes]:
    return {PART: parts[PART]}


def with_another_first_part(parts: dict[str, bytes]) -> dict[str, bytes]:
    return {**parts, PART: parts[PART].replace(b'"disable"', b'"restore"', 1)}


def with_parts_exchanged(parts: dict[str, bytes]) -> dict[str, bytes]:
    return {PART: parts[layout.REVOCATIONS_TARGET], layout.REVOCATIONS_TARGET: parts[PART]}


@pytest.mark.parametrize(
    "attack", [without_the_first_part, without_the_rest, with_another_first_part, with_parts_exchanged]
)
def test_a_part_that_is_left_out_or_is_another_one_is_noticed_by_who_knew_it(
    market: Simulator, long: Marketplace, attack: Callable[[dict[str, bytes]], dict[str, bytes]]
) -> None:
    one_more(market)
    long.refresh()
    publish_targets(market, attack(published_parts(market.revocations)))
    with pytest.raises(TamperedError, match="not a continuation"):
        long.refresh()
    assert not may_run(a_client(long.home.root, market), DEMO)


def test_a_newcomer_notices_that_the_first_part_is_left_out(
    market: Simulator, long: Marketplace, tmp_path: Path
) -> None:
    one_more(market)
    publish_targets(market, without_the_first_part(published_parts(market.revocations)))
    with pytest.raises(TamperedError, match="cannot be read"):
        a_client(tmp_path / "newcomer", market)
    assert not may_run(long, DEMO)


def test_a_new_epoch_leaves_no_part_of_the_old_list_behind(market: Simulator, long: Marketplace) -> None:
    one_more(market)
    long.refresh()
    folder = long.sources()[0].folder / "targets"
    assert (folder / PART).is_file()
    market.policy = replace(market.policy, epoch=2)
    market.revocations, market.advisories = b"", []
    market.publish()
    long.refresh()
    assert not (folder / PART).exists()
    assert may_run(long, DEMO)
