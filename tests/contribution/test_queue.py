"""The queue: fair to authors with few pull requests, and honest about whose turn it is."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from builders import SPAM, a_listing
from forge_with_registry import RegistryAtForge
from pluginry.contribution.queue import in_turns, queue_of
from pluginry.encoding import documents, strict_yaml
from pluginry.encoding.schema import check_against_schema
from pluginry.model.listing import Account
from pluginry.model.proposal import PullRequest, Stage
from pluginry.model.queue import Queue, WaitingFor

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 5, 1, tzinfo=UTC)


def a_request(number: int, author: int, *labels: str) -> PullRequest:
    return PullRequest(
        number=number,
        url=f"https://forge.example/{number}",
        stage=Stage.OPEN,
        author=Account(login=f"a{author}", id=author),
        head="ab" * 20,
        labels=labels,
        opened_at=NOW - timedelta(days=100 - number),
    )


def test_fifty_of_one_author_keep_nobody_waiting() -> None:
    many = [a_request(number, 1) for number in range(1, 51)]
    found = in_turns([*many, a_request(60, 2), a_request(61, 3)])
    assert [request.number for request in found[:4]] == [1, 60, 61, 2]


@given(st.lists(st.integers(1, 4), max_size=20))
def test_nobody_comes_twice_before_another_came_once_and_nobody_is_lost(authors: list[int]) -> None:
    requests = [a_request(number, author) for number, author in enumerate(authors, 1)]
    found = in_turns(reversed(requests))
    assert sorted(one.number for one in found) == [one.number for one in requests]
    first_round = [one.author.id for one in found[: len(set(authors))]]
    assert sorted(first_round) == sorted(set(authors))


def test_whose_turn_it_is_say_labels_and_unknown_ones_mean_the_robot() -> None:
    judged = a_request(1, 1, "waiting: reviewers", "reason: names.reserved", "hold: yes", "other")
    strange = a_request(2, 2, "waiting: <b>")
    first, second = queue_of([judged, strange], now=NOW).requests
    assert (first.waiting_for, first.is_held, first.reasons) == (WaitingFor.REVIEWERS, True, ("names.reserved",))
    assert (second.waiting_for, second.is_held) == (WaitingFor.ROBOT, False)
    assert queue_of([replace(strange, is_draft=True)], now=NOW).requests[0].is_held


def test_the_command_lists_what_is_open_and_writes_what_the_schema_describes(tmp_path: Path) -> None:
    with RegistryAtForge.open(tmp_path) as market:
        texts = {f"{SPAM}/listing.yaml": a_listing(summary="Other words.")}
        market.propose(market.git.branch(texts), "token-mallory")
        path = tmp_path / "queue.json"
        before = market.run("queue", "--output", str(path))
        assert before == json.loads(path.read_bytes())
        written = strict_yaml.parse(path.read_bytes(), file="queue.json")
        assert [str(finding) for finding in check_against_schema(written, "queue")] == []
        assert documents.decode(Queue, path.read_bytes(), what="it").requests[0].waiting_for is WaitingFor.ROBOT
        market.sweep()
        (after,) = market.run("queue")["requests"]
        assert (after["waiting_for"], after["author"]["id"]) == ("owners", 666)
        assert "ownership.stranger" in after["reasons"]
