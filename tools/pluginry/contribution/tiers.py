"""From findings to a decision: which tier decides, whether it has, and whose turn it is.

In: findings about a change, the people, the base's policy. Out: a `Decision`. Tier 0 merges by itself, tier 1 needs an
owner who is not the author, tier 2 a reviewer of the registry; what blocks, nobody can approve.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pluginry.contribution.rules import entries, ownership, packages, published
from pluginry.model.decision import Decision, Reason, Waiting
from pluginry.model.finding import Severity, Verdict
from pluginry.publisher.rules import releases

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pluginry.contribution.situation import Situation
    from pluginry.model.finding import Finding

OWNERS_TIER: Final = 1
REVIEWERS_TIER: Final = 2
OWNERS_DECIDE: Final = frozenset(
    rule.id
    for rule in (
        ownership.STRANGER,
        entries.TERMS,
        entries.HOSTS,
        entries.ADDRESSES,
        published.AMENDED,
        published.NOT_NEWER,
        published.NEEDS_MORE,
        published.RUNS_ELSEWHERE,
        published.SOURCE_KIND,
        packages.PROGRAM,
        packages.LICENCE,
    )
)
"""Rules about which an owner of the plugin, other than the author, can decide as well as a reviewer."""
AUTHORS_DECIDE: Final = frozenset({releases.NEWEST_YANKED.id})
"""Taking back a release keeps users from harm: an owner who does it waits for nobody."""
_MAX_REASONS: Final = 200
_MAX_LABELS: Final = 20
_MAX_LABEL_CHARACTERS: Final = 50


def decide(findings: Sequence[Finding], situation: Situation, *, command: str) -> Decision:
    """Return what `findings` about a change come to; `command` is what reproduces them."""
    tier = max((_tier(finding) or 0 for finding in findings), default=0)
    waiting = _waiting(findings, situation, tier)
    verdict = {Waiting.AUTHOR: Verdict.REFUSED, Waiting.NOBODY: Verdict.PASS}.get(waiting, Verdict.NEEDS_REVIEW)
    policy = situation.policy.auto_merge
    reasons = _reasons(findings)
    return Decision(
        verdict=verdict,
        tier=tier,
        merges=verdict is Verdict.PASS and policy.enabled and tier in policy.tiers,
        waiting_for=waiting,
        base=situation.change.base,
        head=situation.change.head,
        command=command,
        plugins=situation.change.plugins[:_MAX_REASONS],
        reasons=reasons,
        labels=_labels(verdict, tier, waiting, reasons),
    )


def _tier(finding: Finding) -> int | None:
    """Return who can decide about a finding; None when nobody can."""
    if finding.severity is Severity.NOTE or finding.rule in AUTHORS_DECIDE:
        return 0
    if finding.severity is Severity.BLOCKS:
        return None
    return OWNERS_TIER if finding.rule in OWNERS_DECIDE else REVIEWERS_TIER


def _waiting(findings: Iterable[Finding], situation: Situation, tier: int) -> Waiting:
    """Return whose turn it is."""
    if any(finding.severity is Severity.BLOCKS for finding in findings):
        return Waiting.AUTHOR
    policy, people = situation.policy.review, situation.people
    if tier == 0 or people.approved_by(situation.reviewers) >= policy.reviewers_needed:
        return Waiting.NOBODY
    if tier == REVIEWERS_TIER:
        return Waiting.REVIEWERS
    if all(people.approved_by(plugin.owners) >= policy.owners_needed for plugin in situation.plugins):
        return Waiting.NOBODY
    enough = [{owner.id for owner in plugin.owners} - _author(situation) for plugin in situation.plugins]
    return Waiting.OWNERS if all(len(owners) >= policy.owners_needed for owners in enough) else Waiting.REVIEWERS


def _author(situation: Situation) -> set[int]:
    return {situation.people.author.id} if situation.people.author else set()


def _reasons(findings: Iterable[Finding]) -> tuple[Reason, ...]:
    """Return findings as reasons, the gravest first."""
    order = (Severity.BLOCKS, Severity.NEEDS_REVIEW, Severity.NOTE)
    gravest_first = sorted(findings, key=lambda finding: order.index(finding.severity))
    return tuple(
        Reason(
            rule=finding.rule,
            severity=finding.severity,
            message=finding.message,
            file=finding.where.file,
            line=finding.where.line,
            tier=_tier(finding),
            hint=finding.hint,
        )
        for finding in gravest_first[:_MAX_REASONS]
    )


def _labels(verdict: Verdict, tier: int, waiting: Waiting, reasons: Iterable[Reason]) -> tuple[str, ...]:
    grave = dict.fromkeys(f"reason: {reason.rule}" for reason in reasons if reason.severity is not Severity.NOTE)
    named = [label for label in grave if len(label) <= _MAX_LABEL_CHARACTERS]
    return (f"verdict: {verdict}", f"tier: {tier}", f"waiting: {waiting}", *named[:_MAX_LABELS])
