"""Does at the forge what was decided about a pull request: a comment, labels, asking for reviews, merging.

In: a pull request as the forge has it now, the decision on it, what people said below it. Out: an `Outcome`. Done twice
nothing is doubled. It merges only the very commit that was judged, into the very commit it was judged against, and
believes no decision but one made in the same run: it reads none from files that another job wrote.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from pluginry.contribution.commands import Verb, holds_of
from pluginry.contribution.queue import HELD
from pluginry.contribution.report import MARKER, as_markdown, quoted_text
from pluginry.errors import AuthError, PolicyError, PublishConflictError
from pluginry.model.decision import Waiting
from pluginry.model.finding import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pluginry.contribution.commands import Command
    from pluginry.contribution.judge import Judgement
    from pluginry.contribution.situation import Situation
    from pluginry.model.decision import Decision
    from pluginry.model.listing import Account
    from pluginry.model.proposal import Comment, PullRequest
    from pluginry.model.rule import Rule
    from pluginry.ports import ReviewForge

KINDS: Final = ("verdict: ", "tier: ", "waiting: ", "reason: ", "hold: ")
"""How labels begin that are the robot's own; it touches no others."""
REPLY_MARKER: Final = "<!-- pluginry:not-allowed -->"
_REPLY: Final = (
    f"{REPLY_MARKER}\nThank you. A command below this pull request was not followed: approvals and holds count from"
    " owners of the plugins that it changes and from reviewers of the registry, for `/pluginry recheck` also from its"
    " author. Nobody approves changes of his own.\n"
)
_ASKED_AT_ONCE: Final = 3


class Done(StrEnum):
    """What became of a pull request."""

    MERGED = "merged"
    WAITING = "waiting"
    HELD = "held"
    KNOWN = "judged before"
    MOVED = "moved meanwhile, to be judged again"
    NOT_MERGED = "not merged"
    NOT_JUDGED = "not judged"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of pull request ``number``, and ``why`` in words where that needs any."""

    number: int
    done: Done
    waiting_for: Waiting | None = None
    why: str = ""


def key_of(request: PullRequest, base: str, approvals: Iterable[int], commands: Iterable[Command]) -> str:
    """Return what a judgement depends on, so that nothing is judged twice: commits, approvals and commands."""
    said = sorted(f"{one.comment} {one.author.id} {one.verb} {one.commit}" for one in commands)
    parts = [base, request.head, str(request.author.id), str(request.is_draft), *map(str, sorted(approvals)), *said]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def is_known(key: str, comments: Iterable[Comment], *, robot: int) -> bool:
    """Return whether the robot's own comment says that `key` was judged; everybody else's says nothing."""
    own = [comment.text for comment in comments if comment.author.id == robot and comment.text.startswith(MARKER)]
    return any(text.endswith(_signed(key)) for text in own)


def apply(
    forge: ReviewForge,
    request: PullRequest,
    decision: Decision,
    judgement: Judgement,
    commands: Iterable[Command],
    *,
    rules: Mapping[str, Rule],
    key: str,
) -> Outcome:
    """Say and do what `decision` means for `request`, and return what became of it.

    Raises:
        PublishConflictError: the decision is on other commits than `request` and the branch end in.
        AuthError: the token may not do this.
        TransportError: the forge does not answer, or asks to wait.

    """
    if decision.head != request.head or decision.base != forge.tip():
        raise PublishConflictError("the decision is on other commits", where=f"#{request.number}")
    commands = tuple(commands)
    situation = judgement.situation
    reviewers, owners = _numbers(situation.reviewers), _owners(situation)
    holding = holds_of(commands, allowed=reviewers | owners, reviewers=reviewers)
    is_held = bool(holding) or request.is_draft
    merges = decision.merges and decision.verdict is Verdict.PASS and not is_held
    text = as_markdown(decision, rules, differences=judgement.differences)
    notes = "\n".join(_notes(decision, situation, holding))
    # What is still to be merged is not signed as known: when merging fails, the next run tries again.
    forge.comment(request.number, f"{text}{notes}{'' if merges else _signed(key)}", marker=MARKER)
    forge.set_labels(request.number, (*decision.labels, *([HELD] if is_held else [])), kinds=KINDS)
    if decision.verdict is not Verdict.REFUSED and _oversteps(commands, reviewers | owners, request.author.id):
        forge.comment(request.number, _REPLY, marker=REPLY_MARKER)
    _ask(forge, request, decision, situation)
    if not merges:
        done = Done.HELD if is_held else Done.WAITING
        return Outcome(number=request.number, done=done, waiting_for=decision.waiting_for)
    try:
        forge.merge(request.number, head=decision.head)
    except PublishConflictError:
        return Outcome(number=request.number, done=Done.MOVED)
    except PolicyError as error:
        return Outcome(number=request.number, done=Done.NOT_MERGED, why=error.why or error.what)
    return Outcome(number=request.number, done=Done.MERGED)


def _ask(forge: ReviewForge, request: PullRequest, decision: Decision, situation: Situation) -> None:
    """Ask those for a review whose turn it is and who were not asked yet; the comment names them in any case."""
    people = _turn(decision, situation)
    if not people or request.asked & _numbers(people):
        return
    try:
        forge.ask_for_review(request.number, people)
    except (PolicyError, AuthError):
        return  # forges ask only those who may write; owners of plugins often may not


def _turn(decision: Decision, situation: Situation) -> tuple[Account, ...]:
    """Return a few of those whose turn it is, never the author."""
    owners = tuple(owner for plugin in situation.plugins for owner in plugin.owners)
    groups = {Waiting.OWNERS: owners, Waiting.REVIEWERS: situation.reviewers}
    author = situation.people.author.id if situation.people.author else None
    others = {one.id: one for one in groups.get(decision.waiting_for, ()) if one.id != author}
    return tuple(others[number] for number in sorted(others))[:_ASKED_AT_ONCE]


def _notes(decision: Decision, situation: Situation, holding: frozenset[int]) -> Iterable[str]:
    """Yield what stands below the report: how to approve, who is asked, who holds it."""
    if decision.waiting_for in (Waiting.OWNERS, Waiting.REVIEWERS):
        names = ", ".join(quoted_text(account.login) for account in _turn(decision, situation))
        asked = f"Asked: {names}. " if names else ""
        yield f"\n{asked}To approve this very commit, with nothing else in the comment:\n"
        yield f"```\n/pluginry approve {decision.head}\n```"
    if decision.waiting_for is Waiting.AUTHOR:
        yield "\nIf what is wrong lies elsewhere and was corrected there, write `/pluginry recheck`."
    if holding:
        yield f"\nIt is held by {len(holding)} of those who may; they, or a reviewer, write `/pluginry unhold`."
    hours = situation.policy.soak_hours.get(situation.policy.default_channel)
    if decision.verdict is Verdict.PASS and hours:
        yield f"\nOnce published, clients wait {hours} hours before they update to it by themselves."


def _oversteps(commands: Iterable[Command], allowed: frozenset[int], author: int) -> bool:
    """Return whether somebody gave a command that is not theirs to give."""
    return any(
        one.author.id not in allowed and not (one.verb is Verb.RECHECK and one.author.id == author) for one in commands
    )


def _owners(situation: Situation) -> frozenset[int]:
    return _numbers(owner for plugin in situation.plugins for owner in plugin.owners)


def _numbers(accounts: Iterable[Account]) -> frozenset[int]:
    return frozenset(account.id for account in accounts)


def _signed(key: str) -> str:
    return f"\n<!-- pluginry:judged {key} -->"
