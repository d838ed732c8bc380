"""From findings to a decision: the gravest decides, approvals count by tier, and policy says what merges by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from builders import SPAM, a_config, a_listing
from pluginry.cli.check import RULES
from pluginry.contribution.tiers import AUTHORS_DECIDE, OWNERS_DECIDE, decide
from pluginry.model.decision import Waiting
from pluginry.model.finding import Finding, Location, Severity, Verdict
from pluginry.model.listing import Account
from pull_requests import ANNA, REVIEW, ROSA, RUTH, Forge

if TYPE_CHECKING:
    from pathlib import Path

    from pluginry.contribution.judge import Judgement

BEN = Account(login="ben", id=102)
TEXT = {f"{SPAM}/README.md": "# Better\n"}
NOTE, LOOK, STOP = Severity.NOTE, Severity.NEEDS_REVIEW, Severity.BLOCKS


def a_finding(severity: Severity, rule: str = "entries.title") -> Finding:
    return Finding(rule=rule, severity=severity, where=Location(file="registry/x.yaml"), message="Something")


@pytest.fixture
def forge(tmp_path: Path) -> Forge:
    owners = [{"login": "anna", "id": 101}, {"login": "ben", "id": 102}]
    return Forge.with_registry(tmp_path, {f"{SPAM}/listing.yaml": a_listing(owners=owners)})


def judgement(forge: Forge, **options: Any) -> Judgement:
    return forge.judgement(forge.branch(TEXT), **options)


@pytest.mark.parametrize(
    ("findings", "verdict", "tier", "waiting"),
    [
        ([], Verdict.PASS, 0, Waiting.NOBODY),
        ([a_finding(NOTE)], Verdict.PASS, 0, Waiting.NOBODY),
        ([a_finding(LOOK, "entries.terms")], Verdict.NEEDS_REVIEW, 1, Waiting.OWNERS),
        ([a_finding(LOOK)], Verdict.NEEDS_REVIEW, 2, Waiting.REVIEWERS),
        ([a_finding(LOOK, "entries.terms"), a_finding(LOOK)], Verdict.NEEDS_REVIEW, 2, Waiting.REVIEWERS),
        ([a_finding(LOOK), a_finding(STOP)], Verdict.REFUSED, 2, Waiting.AUTHOR),
    ],
)
def test_the_gravest_finding_decides(
    forge: Forge, findings: list[Finding], verdict: Verdict, tier: int, waiting: Waiting
) -> None:
    decision = decide(findings, judgement(forge).situation, command="")
    assert (decision.verdict, decision.tier, decision.waiting_for) == (verdict, tier, waiting)
    assert decision.merges is (verdict is Verdict.PASS)


@pytest.mark.parametrize(
    ("rule", "approved_by", "verdict"),
    [
        ("entries.terms", [BEN], Verdict.PASS),
        ("entries.terms", [ROSA], Verdict.PASS),
        ("entries.terms", [ANNA], Verdict.NEEDS_REVIEW),
        ("entries.title", [BEN], Verdict.NEEDS_REVIEW),
        ("entries.title", [ROSA], Verdict.PASS),
    ],
)
def test_who_can_decide(forge: Forge, rule: str, approved_by: list[Account], verdict: Verdict) -> None:
    situation = judgement(forge, approved_by=approved_by).situation
    assert decide([a_finding(LOOK, rule)], situation, command="").verdict is verdict


def test_nobody_can_approve_what_blocks(forge: Forge) -> None:
    situation = judgement(forge, approved_by=[BEN, ROSA, RUTH]).situation
    assert decide([a_finding(STOP)], situation, command="").verdict is Verdict.REFUSED


def test_policy_says_how_many_reviewers_it_takes(tmp_path: Path) -> None:
    forge = Forge.with_registry(tmp_path, {"registry.yaml": a_config(review={**REVIEW, "reviewers_needed": 2})})
    one, two = (judgement(forge, approved_by=people).situation for people in ([ROSA], [ROSA, RUTH]))
    assert decide([a_finding(LOOK)], one, command="").verdict is Verdict.NEEDS_REVIEW
    assert decide([a_finding(LOOK)], two, command="").verdict is Verdict.PASS


@pytest.mark.parametrize("policy", [{"enabled": False, "tiers": [0]}, {"enabled": True, "tiers": [1]}, {}])
def test_nothing_merges_by_itself_unless_policy_says_so(tmp_path: Path, policy: dict[str, Any]) -> None:
    forge = Forge.with_registry(tmp_path, {"registry.yaml": a_config(review=REVIEW, auto_merge=policy)})
    decision = decide([], judgement(forge).situation, command="")
    assert (decision.verdict, decision.merges) == (Verdict.PASS, False)


def test_reasons_and_labels_are_bounded_and_the_gravest_come_first(forge: Forge) -> None:
    findings = [a_finding(NOTE), *(a_finding(LOOK, f"family.rule-{number}") for number in range(999)), a_finding(STOP)]
    decision = decide(findings, judgement(forge).situation, command="")
    assert decision.reasons[0].severity is STOP
    assert decision.reasons[0].tier is None
    assert len(decision.reasons) == 200
    assert len(decision.labels) == 23
    assert all(len(label) <= 50 for label in decision.labels)


def test_the_rules_that_tiers_name_exist() -> None:
    assert {*OWNERS_DECIDE, *AUTHORS_DECIDE} <= RULES.keys()
