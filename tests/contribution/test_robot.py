"""The robot, as its workflow calls it, against a forge on loopback: what it says, merges, and does not fall for."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from builders import SPAM, a_listing
from forge_with_registry import RegistryAtForge
from github_server import ANNAS_TOKEN, ROBOT
from pluginry.cli.check import RULES
from pluginry.contribution.allowance import Allowance
from pluginry.contribution.report import MARKER
from pluginry.contribution.robot import REPLY_MARKER, Done, apply
from pluginry.contribution.sweep import sweep
from pluginry.contribution.tiers import decide
from pluginry.errors import PublishConflictError, TransportError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pluginry.contribution.judge import Judgement
    from pluginry.contribution.people import People
    from pluginry.model.decision import Decision
    from pluginry.model.proposal import PullRequest

TEXTS = {f"{SPAM}/listing.yaml": a_listing(summary="Other words.")}
MORE_TEXTS = {f"{SPAM}/listing.yaml": a_listing(summary="Yet other words.")}
ROSAS, MALLORYS, ZOES = "token-rosa", "token-mallory", "token-zoe"


@pytest.fixture
def market(tmp_path: Path) -> Iterator[RegistryAtForge]:
    with RegistryAtForge.open(tmp_path) as market:
        yield market


def approve(market: RegistryAtForge, number: int, token: str, head: str, *, edited: bool = False) -> None:
    market.server.say(number, f"/pluginry approve {head}", token, edited=edited)


def test_what_an_owner_changes_merges_by_itself_and_is_published(market: RegistryAtForge) -> None:
    head = market.git.branch(TEXTS)
    number = market.propose(head, ANNAS_TOKEN)
    assert market.sweep("--start", "publish.yml") == {number: "merged"}
    assert market.server.git("market/registry", "diff", "main", head) == ""
    assert market.server.started == [("publish.yml", "main")]
    assert "verdict: pass" in market.labels(number)
    assert market.sweep("--start", "publish.yml") == {}
    assert len(market.server.started) == 1


def test_running_again_doubles_nothing_and_judges_nothing(market: RegistryAtForge) -> None:
    number = market.propose(market.git.branch(TEXTS), MALLORYS)
    market.server.pulls[0]["labels"] = [{"id": 1, "name": "mine"}, {"id": 2, "name": "reason: old"}]
    assert market.sweep() == {number: "waiting"}
    assert {"mine", "tier: 1", "waiting: owners", "reason: ownership.stranger"} <= market.labels(number)
    assert "reason: old" not in market.labels(number)
    before = len(market.server.requests)
    assert market.sweep() == {number: "judged before"}
    assert {method for method, *_ in market.server.requests[before:]} == {"GET"}
    assert len(market.said(number)) == 1


def test_the_comment_says_how_to_approve_and_that_works_for_an_owner(market: RegistryAtForge) -> None:
    head = market.git.branch(TEXTS)
    number = market.propose(head, MALLORYS)
    market.sweep()
    assert f"/pluginry approve {head}" in market.said(number)[0]
    approve(market, number, ANNAS_TOKEN, head)
    assert market.sweep() == {number: "waiting"}  # the policy merges tier 0 by itself, and no other
    assert {"verdict: pass", "waiting: nobody"} <= market.labels(number)
    assert len(market.said(number)) == 1


def test_an_approval_before_a_push_counts_for_nothing_afterwards(market: RegistryAtForge) -> None:
    head = market.git.branch(TEXTS)
    number = market.propose(head, MALLORYS)
    approve(market, number, ANNAS_TOKEN, head)
    market.sweep()
    assert "verdict: pass" in market.labels(number)
    market.push(market.git.branch(MORE_TEXTS), MALLORYS)
    market.sweep()
    assert {"verdict: needs_review", "waiting: owners"} <= market.labels(number)


NEARLY = (
    "/pluginry approve",
    "/pluginry approve {short}",
    "Yes!\n/pluginry approve {head}",
    "> /pluginry approve {head}",
    "/PLUGINRY approve {head}",
    "/pluginry approve {head}; merge",
)


def test_what_is_nearly_a_command_is_none(market: RegistryAtForge) -> None:
    head = market.git.branch(TEXTS)
    number = market.propose(head, MALLORYS)
    for text in NEARLY:
        market.server.say(number, text.format(head=head, short=head[:12]), ANNAS_TOKEN)
    market.sweep()
    assert "waiting: owners" in market.labels(number)


def test_edited_comments_lookalike_logins_and_authors_approve_nothing(market: RegistryAtForge) -> None:
    head = market.git.branch(TEXTS)
    number = market.propose(head, MALLORYS)
    approve(market, number, ANNAS_TOKEN, head, edited=True)
    approve(market, number, MALLORYS, head)
    market.server.say(number, f"/pluginry approve {head}", "token-nobody")
    market.server.comments[-1]["user"] = {"login": "anna", "id": 102}
    market.sweep()
    assert "waiting: owners" in market.labels(number)


def test_who_may_not_command_is_told_once(market: RegistryAtForge) -> None:
    head = market.git.branch(TEXTS)
    number = market.propose(head, MALLORYS)
    for _ in range(3):
        approve(market, number, ZOES, head)
        market.sweep()
    assert [text.startswith(REPLY_MARKER) for text in market.said(number)] == [False, True]


def test_a_hold_keeps_it_until_the_same_person_or_a_reviewer_lets_go(market: RegistryAtForge) -> None:
    head = market.git.branch(TEXTS)
    number = market.propose(head, ANNAS_TOKEN)
    market.server.say(number, "/pluginry hold", ROSAS)
    assert market.sweep() == {number: "held"}
    assert "hold: yes" in market.labels(number)
    market.server.say(number, "/pluginry unhold", ANNAS_TOKEN)
    assert market.sweep() == {number: "held"}
    market.server.say(number, "/pluginry unhold", ROSAS)
    assert market.sweep() == {number: "merged"}


def test_strangers_hold_nothing(market: RegistryAtForge) -> None:
    number = market.propose(market.git.branch(TEXTS), ANNAS_TOKEN)
    market.server.say(number, "/pluginry hold", MALLORYS)
    assert market.sweep() == {number: "merged"}


def test_recheck_has_it_judged_again(market: RegistryAtForge) -> None:
    number = market.propose(market.git.branch(TEXTS), MALLORYS)
    assert [market.sweep()[number], market.sweep()[number]] == ["waiting", "judged before"]
    market.server.say(number, "/pluginry recheck", MALLORYS)
    assert market.sweep() == {number: "waiting"}
    assert not [text for text in market.said(number) if text.startswith(REPLY_MARKER)]


def test_a_comment_with_the_robots_marker_is_not_the_robots(market: RegistryAtForge) -> None:
    number = market.propose(market.git.branch(TEXTS), MALLORYS)
    market.sweep()
    own = market.said(number)[0]
    other = market.propose(market.git.branch(MORE_TEXTS), MALLORYS, branch="other")
    market.server.say(other, own, MALLORYS)
    market.server.say(other, f"{MARKER} all is well", "github-actions")
    market.server.comments[-1]["user"] = {"login": "github-actions", "id": 7}
    assert market.sweep()[other] == "waiting"
    assert market.said(other, by="mallory") == [own]
    assert len(market.said(other)) == 1


def test_the_robot_obeys_no_comment_of_its_own_account(market: RegistryAtForge) -> None:
    number = market.propose(market.git.branch(TEXTS), ANNAS_TOKEN)
    market.server.say(number, "/pluginry hold", ROBOT[0])
    assert market.sweep() == {number: "merged"}


def test_labels_that_somebody_sets_merge_nothing(market: RegistryAtForge) -> None:
    number = market.propose(market.git.branch(TEXTS), MALLORYS)
    market.server.pulls[0]["labels"] = [{"id": 1, "name": "verdict: pass"}, {"id": 2, "name": "waiting: nobody"}]
    market.sweep()
    assert "verdict: pass" not in market.labels(number)
    assert market.server.pulls[0]["state"] == "open"


def test_what_is_judged_on_an_older_branch_is_judged_again(market: RegistryAtForge) -> None:
    first = market.propose(market.git.branch(TEXTS), ANNAS_TOKEN)
    waiting = market.propose(market.git.branch(MORE_TEXTS), MALLORYS)
    assert market.sweep() == {first: "merged", waiting: "waiting"}
    assert market.main in market.said(waiting)[0]


def test_what_is_judged_before_another_is_merged_is_judged_again(market: RegistryAtForge) -> None:
    waiting = market.propose(market.git.branch(MORE_TEXTS), MALLORYS)
    market.sweep()
    market.propose(market.git.branch(TEXTS), ANNAS_TOKEN)
    market.sweep()
    assert market.sweep() == {waiting: "waiting"}


def test_a_draft_is_judged_and_not_merged(market: RegistryAtForge) -> None:
    number = market.propose(market.git.branch(TEXTS), ANNAS_TOKEN)
    market.server.pulls[0]["draft"] = True
    assert market.sweep() == {number: "held"}


def test_an_owner_whose_turn_it_is_is_asked_once(market: RegistryAtForge) -> None:
    market.server.collaborators.add("anna")
    number = market.propose(market.git.branch(TEXTS), MALLORYS)
    market.sweep()
    market.server.say(number, "/pluginry recheck", MALLORYS)
    market.sweep()
    asked = [path for _, path, _ in market.server.requests if path.endswith("/requested_reviewers")]
    assert len(asked) == 1
    assert market.server.pulls[0]["requested_reviewers"] == [{"login": "anna", "id": 101}]


def test_who_cannot_be_asked_is_named_in_the_comment(market: RegistryAtForge) -> None:
    number = market.propose(market.git.branch(TEXTS), MALLORYS)
    assert market.sweep() == {number: "waiting"}
    assert "Asked: <code>anna</code>" in market.said(number)[0]


def test_names_of_files_mention_nobody_and_are_no_markup(market: RegistryAtForge) -> None:
    evil = f"{SPAM}/source/1.2.0/@rosa <img src=x> [a](x.example) {REPLY_MARKER}"
    number = market.propose(market.git.branch({evil: "x"}), MALLORYS)
    market.sweep()
    assert len(market.said(number)) == 1
    text = market.said(number)[0]
    assert "@rosa" not in text
    assert "<img" not in text
    assert REPLY_MARKER not in text
    assert all(len(label) <= 50 for label in market.labels(number))


def test_trouble_of_the_forge_for_a_moment_is_waited_out(market: RegistryAtForge) -> None:
    number = market.propose(market.git.branch(TEXTS), ANNAS_TOKEN)
    market.server.trouble.append((429, b"{}", {"Retry-After": "0"}))
    assert market.sweep() == {number: "merged"}


def test_a_forge_that_asks_to_wait_for_long_ends_the_run_with_3(market: RegistryAtForge) -> None:
    market.propose(market.git.branch(TEXTS), ANNAS_TOKEN)
    market.server.trouble.append((429, json.dumps({"message": "slow down"}).encode(), {"Retry-After": "600"}))
    market.run("ci", "sweep", "--clone", str(market.clone), "--offline", expect=3)
    assert market.server.pulls[0]["state"] == "open"


def test_what_took_too_much_is_not_begun_with_again_until_it_changes_or_somebody_says_so(
    market: RegistryAtForge,
) -> None:
    number = market.propose(
        market.git.branch({f"{SPAM}/releases/1.2.0.yaml": market.git.release("1.2.0")}), ANNAS_TOKEN
    )
    judged: list[int] = []

    def bench(request: PullRequest, base: str, people: People) -> tuple[Decision, Judgement]:
        judged.append(request.number)
        market.git.merge(base)
        judgement = market.git.judgement(request.head, author=people.author, allowance=Allowance(max_requests=0))
        return decide(judgement.findings, judgement.situation, command="pluginry ci check"), judgement

    def swept() -> dict[int, Done]:
        return {one.number: one.done for one in sweep(market.server.reviews_of("ghs_x"), bench, rules=RULES)}

    assert swept() == {number: Done.WAITING}
    assert "reason: packages.too-much" in market.labels(number)
    later = market.git.branch(MORE_TEXTS)
    market.server.git("market/registry", "fetch", "--quiet", str(market.git.folder), f"+{later}:refs/heads/main")
    assert swept() == {number: Done.KNOWN}
    market.server.say(number, "/pluginry recheck", ANNAS_TOKEN)
    assert swept() == {number: Done.WAITING}
    assert judged == [number, number]


@pytest.mark.parametrize(
    ("trouble", "begins", "ends"),
    [
        (TransportError("nobody answers"), "nobody answers", "nobody answers"),
        (RecursionError("too deep\nfor us"), "RecursionError while judging (test_robot.py:", ": too deep for us"),
    ],
    ids=["nobody answers", "a mistake of ours"],
)
def test_one_that_cannot_be_judged_keeps_no_other_waiting(
    market: RegistryAtForge, trouble: Exception, begins: str, ends: str
) -> None:
    broken = market.propose(market.git.branch(MORE_TEXTS), ANNAS_TOKEN)
    other = market.propose(market.git.branch(TEXTS), ANNAS_TOKEN, branch="other")

    def bench(request: PullRequest, base: str, people: People) -> tuple[Decision, Judgement]:
        assert (base, people.author) == (market.main, request.author)
        raise trouble if request.number == broken else PublishConflictError("it was changed meanwhile")

    found = {one.number: one for one in sweep(market.server.reviews_of("ghs_x"), bench, rules={})}
    assert (found[broken].done, found[other].done) == (Done.NOT_JUDGED, Done.MOVED)
    assert found[broken].why.startswith(begins)
    assert found[broken].why.endswith(ends)


def test_a_decision_on_other_commits_does_nothing_at_all(market: RegistryAtForge) -> None:
    head = market.git.branch(TEXTS)
    market.propose(head, ANNAS_TOKEN)
    forge = market.server.reviews_of("ghs_x")
    (request,) = forge.open_requests()
    judgement = market.git.judgement(head)
    right = market.git.judged(head)
    for wrong in (replace(right, head=market.main), replace(right, base=head)):
        before = len(market.server.requests)
        with pytest.raises(PublishConflictError):
            apply(forge, request, wrong, judgement, (), rules={}, key="k")
        assert {method for method, *_ in market.server.requests[before:]} <= {"GET"}


def test_a_push_between_judging_and_merging_is_not_merged(market: RegistryAtForge) -> None:
    head = market.git.branch(TEXTS)
    market.propose(head, ANNAS_TOKEN)
    forge = market.server.reviews_of("ghs_x")
    (request,) = forge.open_requests()
    market.push(market.git.branch(MORE_TEXTS), ANNAS_TOKEN)
    outcome = apply(forge, request, market.git.judged(head), market.git.judgement(head), (), rules={}, key="k")
    assert outcome.done is Done.MOVED
    assert market.server.pulls[0]["state"] == "open"
